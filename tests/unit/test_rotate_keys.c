/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_keys.h"

#include "fake_rotate.h"

/* What they do in a token is for tests/cli/test_cli_rotate.py; here there is
 * none, and nothing is taken for done. */
static void
nothing_is_done_without_a_token(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;
	bool there = true;

	open_rotate(b, &rotate, SETTINGS);
	assert_int_equal(rotate_keys_make(&rotate, NULL), TOKEN_WAS_OPENED);
	assert_int_equal(
	    rotate_keys_drop(&rotate, true, NULL), TOKEN_WAS_OPENED);
	assert_int_equal(
	    rotate_keys_look(&rotate, false, &there, NULL), TOKEN_WAS_OPENED);
	assert_string_equal(rotate.rotation->new_setting, NEW_URI);
	close_rotate(b, &rotate);
}

/* ... but where another configuration needs the old key, no token is asked. */
static void
a_key_that_is_carried_is_not_looked_for(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	assert_int_equal(mkdir(".local", 0700), 0);
	assert_int_equal(mkdir(".local/state", 0700), 0);
	assert_int_equal(mkdir(".local/state/signet", 0700), 0);
	put(".local/state/signet/known-uat.json", 0600,
	    "{\"version\":1,\"configurations\":[{\"tenantId\":\"\","
	    "\"configId\":\"other\",\"thumbprint\":\"old-thumbprint\"}]}");
	assert_ok(b, rotate_keys_drop(&rotate, false, &b->err));
	assert_has(heard(b), "stays in the token");
	close_rotate(b, &rotate);
}

static enum sg_rc
drop_old(struct bench *b)
{
	struct rotate rotate;
	struct sg_err err;
	enum sg_rc rc;

	open_rotate(b, &rotate, SETTINGS);
	set_text(&rotate.rotation->old_thumbprint,
	    "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8");
	rc = rotate_keys_drop(&rotate, false, &b->err);
	assert_played(b);
	err = b->err;
	close_rotate(b, &rotate);
	b->err = err;
	return rc;
}

/* What nobody has seen here before, the service lists, or shows alone. */
static void
a_key_that_the_service_lists_is_not_looked_for(void **state)
{
	static const struct step listed[] = {SIGN_IN,
	    {CALL("GET", ALL, NO_BODY), .status = 200,
		.reply =
		    "[{\"name\":\"m\",\"jwksUri\":\"https://j\","
		    "\"publicKeyActive\":\"" RSA_PEM(
			"\\n") "\"},"
			       "{\"name\":\"second\",\"enabled\":false,"
			       "\"publicKeyActive\":\"" RSA_PEM("\\n") "\"}]"},
	    SIGN_OUT};
	static const struct step shown[] = {SIGN_IN,
	    {CALL("GET", ALL, NO_BODY), .status = 200,
		.reply = "[{\"configId\":\"" ID "\"}]"},
	    {CALL("GET", ONE, NO_BODY), .status = 200,
		.reply = "{\"name\":\"third\",\"publicKeyActive\":\"" RSA_PEM(
		    "\\n") "\"}"},
	    SIGN_OUT};
	static const struct step others[] = {SIGN_IN,
	    {CALL("GET", ALL, NO_BODY), .status = 200, .reply = "[" SHOWN "]"},
	    SIGN_OUT};
	static const struct step refused[] = {
	    SIGN_IN, {CALL("GET", ALL, NO_BODY), .status = 403}, SIGN_OUT};
	struct bench *b = *state;

	PLAY(b, listed);
	assert_ok(b, drop_old(b));
	assert_has(heard(b), "carries it, second");
	PLAY(b, shown);
	assert_ok(b, drop_old(b));
	assert_has(heard(b), "carries it, " ID);
	PLAY(b, others);
	assert_int_equal(drop_old(b), TOKEN_WAS_OPENED);
	/* not known is not free */
	PLAY(b, refused);
	assert_int_equal(drop_old(b), SG_E_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_is_done_without_a_token),
	    TEST(a_key_that_is_carried_is_not_looked_for),
	    TEST(a_key_that_the_service_lists_is_not_looked_for),
	};

	return cmocka_run_group_tests_name("rotate_keys", tests, NULL, NULL);
}
