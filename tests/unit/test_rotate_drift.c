/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_drift.h"

#include "fake_rotate.h"

#define NEW_ID	   "d06c826a-1111-4222-8333-555555555555"
#define NEW	   ALL "/" NEW_ID
#define THUMBPRINT "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8"
#define KEY	   "\"publicKeyActive\":\"" RSA_PEM("\\n") "\""

/* A configuration: its issuer, its key, and what is copied. */
#define CONFIG(issuer, key, claim, scopes) \
	"{\"name\":\"n\",\"issuer\":\"" issuer "\"," key \
	",\"usernameClaim\":\"" claim "\",\"resourceIds\":[\"" TENANT \
	"\"],\"scopes\":[" scopes "]}"
#define READ  "\"tableau:content:read\""
#define WRITE "\"tableau:content:write\""
#define SHOW(url, config) \
	{ \
		CALL("GET", url, NO_BODY), .status = 200, .reply = config \
	}
#define OLD_AS_IT_WAS CONFIG(ISSUER, KEY, "email", READ "," WRITE)

static enum sg_rc
check(
    struct bench *b, const char *copied, const struct step *steps, size_t count)
{
	struct rotate rotate;
	struct sg_err err;
	enum sg_rc rc;

	play(b, steps, count);
	open_rotate(b, &rotate, SETTINGS);
	set_text(&rotate.rotation->old_thumbprint, THUMBPRINT);
	set_text(&rotate.rotation->new_config_id, NEW_ID);
	set_text(&rotate.rotation->copied, copied);
	rc = rotate_drift_check(&rotate, &b->err);
	assert_played(b);
	err = b->err;
	close_rotate(b, &rotate);
	b->err = err;
	return rc;
}

#define COPIED CONFIG(NEW_ISSUER, "\"x\":0", "email", WRITE "," READ)
#define CHECK(b, ...) \
	check(b, COPIED, \
	    (const struct step[]){SIGN_IN, __VA_ARGS__, SIGN_OUT}, \
	    SG_COUNT(((const struct step[]){SIGN_IN, __VA_ARGS__, SIGN_OUT})))

static void
what_is_as_it_was_may_go(void **state)
{
	static const struct step gone = {
	    CALL("GET", ONE, NO_BODY), .status = 404};
	struct bench *b = *state;

	assert_ok(b, CHECK(b, SHOW(ONE, OLD_AS_IT_WAS), SHOW(NEW, COPIED)));
	assert_ok(b, CHECK(b, gone));
	/* a service that shows no key */
	assert_ok(b,
	    CHECK(b,
		SHOW(ONE, CONFIG(ISSUER, "\"x\":0", "email", READ "," WRITE)),
		SHOW(NEW, COPIED)));
}

static void
what_is_somebody_elses_stays(void **state)
{
	struct bench *b = *state;

	assert_refused(b,
	    CHECK(b, SHOW(ONE, CONFIG("https://x", KEY, "email", READ))),
	    SG_E_POLICY, "another issuer");
	assert_refused(b,
	    CHECK(b, SHOW(ONE, CONFIG(ISSUER, "\"publicKeyActive\":\"?\"",
				   "email", READ))),
	    SG_E_POLICY, "another key");
	assert_refused(b,
	    CHECK(b, SHOW(ONE, CONFIG(ISSUER, "\"jwksUri\":\"https://j\"",
				   "email", READ))),
	    SG_E_POLICY, "another key");
}

static void
a_change_that_would_be_lost_is_named(void **state)
{
	struct bench *b = *state;

	assert_refused(b,
	    CHECK(b, SHOW(ONE, CONFIG(ISSUER, KEY, "sub", READ)),
		SHOW(NEW, COPIED)),
	    SG_E_POLICY, "(username claim, scopes)");
	assert_has(b->err.text, NEW_ID);
	/* the new one has the same now */
	assert_ok(b, CHECK(b, SHOW(ONE, CONFIG(ISSUER, KEY, "sub", READ)),
			 SHOW(NEW, CONFIG(NEW_ISSUER, KEY, "sub", READ))));
	/* the new one alone was changed: that is not lost */
	assert_ok(b, CHECK(b, SHOW(ONE, OLD_AS_IT_WAS),
			 SHOW(NEW, CONFIG(NEW_ISSUER, KEY, "sub", READ))));
}

/* Of an older signet, or of another hand. */
static void
a_journal_may_not_say_what_was_copied(void **state)
{
	static const struct step steps[] = {SIGN_IN,
	    SHOW(ONE, CONFIG(ISSUER, KEY, "sub", READ)), SHOW(NEW, COPIED),
	    SIGN_OUT};
	struct bench *b = *state;

	assert_ok(b, check(b, NULL, steps, SG_COUNT(steps)));
	assert_refused(
	    b, check(b, "?", steps, SG_COUNT(steps)), SG_E_INVALID, "journal");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_as_it_was_may_go),
	    TEST(what_is_somebody_elses_stays),
	    TEST(a_change_that_would_be_lost_is_named),
	    TEST(a_journal_may_not_say_what_was_copied),
	};

	return cmocka_run_group_tests_name("rotate_drift", tests, NULL, NULL);
}
