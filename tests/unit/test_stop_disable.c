/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

#include "cli/uat/stop_disable.h"

#define ID2   "d06c826a-1111-4222-8333-000000000002"
#define TWO   ALL "/" ID2
#define OTHER "https://other.example.com"
#define GET(what, answer, text) \
	{ \
		CALL("GET", what, NO_BODY), .status = answer, .reply = text \
	}
#define PUT(what, answer, text) \
	{ \
		CALL("PUT", what, NULL), .status = answer, .reply = text \
	}

static const char shown[] =
    "{\"configId\":\"" ID "\",\"jwksUri\":\"https://k\","
    "\"name\":\"n\",\"issuer\":\"" OTHER "\","
    "\"usernameClaim\":\"sub\",\"enabled\":true}";
static const char shown_off[] =
    "{\"configId\":\"" ID "\",\"jwksUri\":\"https://k\","
    "\"name\":\"n\",\"issuer\":\"" OTHER "\","
    "\"usernameClaim\":\"sub\",\"enabled\":false}";

static void
open_stop(struct bench *b, const char *first, const char *second)
{
	set_tcm();
	set_claims();
	(void)setenv("SIGNET_STATE_DIR", b->dir, 1);
	assert_ok(b, OPEN(b, "uat", "stop", "--no-cache", first, second));
}

static void
assert_refused_from_now(const struct stop_disabled *got, size_t i,
    const char *issuer, const char *claim)
{
	assert_true(i < got->refuse.count);
	assert_string_equal(got->refuse.items[i].issuer, issuer);
	assert_string_equal(got->refuse.items[i].claim, claim);
}

/* ... and whose JWTs it took is known. */
static void
the_named_one_is_disabled(void **state)
{
	const struct step steps[] = {SIGN_IN, GET(ONE, 200, shown),
	    GET(ONE, 200, shown), PUT(ONE, 200, shown_off), SIGN_OUT};
	struct stop_disabled got = {0};
	struct bench *b = *state;

	PLAY(b, steps);
	open_stop(b, ID, "--quiet");
	stop_disable(&b->app, false, &got);
	assert_played(b);
	assert_int_equal(got.failure.rc, SG_OK);
	assert_int_equal(got.count, 1);
	assert_int_equal(got.refuse.count, 2);
	assert_refused_from_now(&got, 0, ISSUER, "email");
	assert_refused_from_now(&got, 1, OTHER, "sub");
	assert_string_equal(product(b), "disabled     " ID "\n");
	assert_int_equal(got.taken.count, 1);
	assert_string_equal(got.taken.items[0].issuer, OTHER);
	assert_string_equal(got.taken.items[0].claim, "sub");
	assert_string_equal(got.taken.items[0].thumbprint, "");
	stop_disabled_clear(&got);
	assert_int_equal(got.refuse.count, 0);
	assert_int_equal(got.taken.count, 0);
}

#define ALIKE(id, enabled) \
	"{\"configId\":\"" id "\",\"name\":\"n\"," \
	"\"jwksUri\":\"https://k\",\"issuer\":\"" ISSUER "\"," \
	"\"enabled\":" enabled "}"

/* Those of the settings and of two that are disabled; a claim that is not shown
 * is the one that the service falls back on. */
static void
jwts_that_are_alike_are_kept_once(void **state)
{
	const struct step steps[] = {SIGN_IN, GET(ONE, 200, ALIKE(ID, "true")),
	    GET(ONE, 200, ALIKE(ID, "true")), PUT(ONE, 200, ALIKE(ID, "false")),
	    GET(TWO, 200, ALIKE(ID2, "true")),
	    GET(TWO, 200, ALIKE(ID2, "true")),
	    PUT(TWO, 200, ALIKE(ID2, "false")), SIGN_OUT};
	struct stop_disabled got = {0};
	struct bench *b = *state;

	PLAY(b, steps);
	open_stop(b, ID, ID2);
	stop_disable(&b->app, false, &got);
	assert_played(b);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.refuse.count, 1);
	assert_refused_from_now(&got, 0, ISSUER, "email");
	assert_int_equal(got.taken.count, 1);
	stop_disabled_clear(&got);
}

/* A change that comes in between is no reason to give up; a fourth is. */
static void
it_is_tried_again_where_another_changes_it(void **state)
{
	static const char changed[] = "{\"jwksUri\":\"https://l\"}";
	const struct step once[] = {SIGN_IN, GET(ONE, 200, shown),
	    GET(ONE, 200, changed), GET(ONE, 200, shown), GET(ONE, 200, shown),
	    PUT(ONE, 200, shown_off), SIGN_OUT};
	const struct step always[] = {SIGN_IN, GET(ONE, 200, shown),
	    GET(ONE, 200, changed), GET(ONE, 200, shown),
	    GET(ONE, 200, changed), GET(ONE, 200, shown),
	    GET(ONE, 200, changed), SIGN_OUT};
	struct stop_disabled got = {0};
	struct bench *b = *state;

	PLAY(b, once);
	open_stop(b, ID, "--quiet");
	stop_disable(&b->app, false, &got);
	assert_played(b);
	assert_int_equal(got.failure.rc, SG_OK);
	assert_int_equal(got.count, 1);
	stop_disabled_clear(&got);
	bench_close(b);
	got = (struct stop_disabled){0};
	PLAY(b, always);
	open_stop(b, ID, "--quiet");
	stop_disable(&b->app, false, &got);
	assert_played(b);
	assert_int_equal(got.failure.native, 412);
	assert_int_equal(got.count, 0);
	stop_disabled_clear(&got);
}

static void
each_that_fails_is_told_and_the_rest_is_done(void **state)
{
	const struct step steps[] = {SIGN_IN, GET(TWO, 404, NULL),
	    GET(ONE, 200, shown), GET(ONE, 200, shown),
	    PUT(ONE, 200, shown_off), SIGN_OUT};
	struct stop_disabled got = {0};
	struct bench *b = *state;

	PLAY(b, steps);
	open_stop(b, ID2, ID);
	stop_disable(&b->app, false, &got);
	assert_played(b);
	assert_int_equal(got.failure.rc, SG_E_REFUSED);
	assert_int_equal(got.failure.native, 404);
	assert_int_equal(got.count, 1);
	assert_string_equal(
	    product(b), "not disabled " ID2 "\ndisabled     " ID "\n");
	stop_disabled_clear(&got);
}

/* Nothing is asked for by --pat and --jwt, so nothing is disabled. */
static void
without_a_session_each_is_told(void **state)
{
	struct stop_disabled got = {0};
	struct bench *b = *state;

	PLAY_NOTHING(b);
	set_tcm();
	set_claims();
	(void)setenv("SIGNET_STATE_DIR", b->dir, 1);
	assert_ok(b, OPEN(b, "uat", "stop", "--pat", "--jwt", "n", "m"));
	stop_disable(&b->app, false, &got);
	assert_int_equal(got.failure.rc, SG_E_USAGE);
	assert_int_equal(got.count, 0);
	assert_string_equal(product(b), "not disabled n\nnot disabled m\n");
	stop_disabled_clear(&got);
}

/* Without a name it is what takes the key; the token is not there, and what is
 * not listed any more, but known, may be gone. */
static void
what_takes_the_key_is_disabled(void **state)
{
	const struct step steps[] = {
	    SIGN_IN, GET(ALL, 200, "[]"), GET(ONE, 404, NULL), SIGN_OUT};
	struct stop_disabled got = {0};
	struct bench *b = *state;

	put("known-uat.json", 0600,
	    "{\"version\":1,\"configurations\":[{\"tenantId\":\"" TENANT
	    "\",\"configId\":\"" ID "\",\"issuer\":\"" ISSUER
	    "\",\"thumbprint\":\"t\"}]}");
	PLAY(b, steps);
	open_stop(b, "--pat", "--quiet");
	stop_disable(&b->app, false, &got);
	assert_played(b);
	assert_int_equal(got.count, 0);
	assert_int_equal(got.failure.rc, SG_E_REFUSED);
	assert_has(got.failure.text, "none was disabled");
	assert_string_equal(product(b), "disabled     no configuration\n");
	stop_disabled_clear(&got);
}

static void
a_jwt_is_taken_by_issuer_and_key_as_shown(void **state)
{
	struct stop_jwt items[] = {
	    {"https://a", "email", "K1"}, {"https://b", "email", ""}};
	struct stop_disabled d = {0};

	(void)state;
	assert_false(stop_disabled_takes(&d, "https://a", "K1"));
	d.taken = (struct stop_jwts){items, SG_COUNT(items)};
	assert_true(stop_disabled_takes(&d, "https://a", "K1"));
	assert_false(stop_disabled_takes(&d, "https://a", "K2"));
	assert_true(stop_disabled_takes(&d, "https://b", "K2"));
	assert_false(stop_disabled_takes(&d, "https://c", "K1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_named_one_is_disabled),
	    TEST(jwts_that_are_alike_are_kept_once),
	    TEST(it_is_tried_again_where_another_changes_it),
	    TEST(each_that_fails_is_told_and_the_rest_is_done),
	    TEST(without_a_session_each_is_told),
	    TEST(what_takes_the_key_is_disabled),
	    cmocka_unit_test(a_jwt_is_taken_by_issuer_and_key_as_shown),
	};

	return cmocka_run_group_tests_name("stop_disable", tests, NULL, NULL);
}
