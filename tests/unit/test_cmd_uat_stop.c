/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

static void
set_all(const struct bench *b)
{
	set_tcm();
	set_claims();
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	(void)setenv("SIGNET_STATE_DIR", b->dir, 1);
}

#define STOP(b, ...) RUN(b, "uat", "stop", __VA_ARGS__, "--no-cache")

static const char shown[] =
    "{\"configId\":\"" ID "\",\"jwksUri\":\"https://k\","
    "\"name\":\"n\",\"enabled\":true}";
static const char shown_off[] =
    "{\"configId\":\"" ID "\",\"jwksUri\":\"https://k\",\"name\":\"n\","
    "\"enabled\":false}";

/* The token of these tests is not there, so nothing can be confirmed. */
static void
named_is_disabled_though_the_token_is_not_there(void **state)
{
	const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = shown},
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = shown},
	    {CALL("PUT", ONE, NULL), .status = 200, .reply = shown_off},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_all(b);
	PLAY(b, steps);
	assert_refused(b, STOP(b, ID), TOKEN_WAS_OPENED,
	    "signing is stopped here, but that no JWT signs in is not "
	    "confirmed: ");
	assert_played(b);
	assert_true(b->app.out_stands);
	assert_has(product(b), "stopped      ");
	assert_has(product(b), "disabled     " ID "\n");
	assert_has(product(b), "tcm          not confirmed: " ISSUER "\n");
	assert_int_equal(access("stopped.json", F_OK), 0);
	PLAY(b, steps);
	assert_refused(
	    b, STOP(b, ID, "--json"), TOKEN_WAS_OPENED, "is not confirmed");
	assert_played(b);
	assert_has(product(b), "\"configurations\":[{\"configId\":\"" ID
			       "\",\"name\":\"n\",\"disabled\":true}]");
	assert_has(product(b), "\"signIn\":\"not confirmed\"");
	assert_has(product(b), "\"confirmed\":false}\n");
}

static void
without_a_network_the_mark_is_put_all_the_same(void **state)
{
	static const struct step steps[] = {
	    {.method = "POST",
		.url = TCM "/api/v1/pat/login",
		.rc = SG_E_NETWORK,
		.fault = SG_HTTP_NOT_SENT},
	};
	struct bench *b = *state;

	set_all(b);
	PLAY(b, steps);
	assert_refused(
	    b, STOP(b, "n"), SG_E_NETWORK, "signing is stopped here");
	assert_has(product(b), "not disabled n\n");
	assert_refused(
	    b, RUN(b, "jwt", "sign"), SG_E_POLICY, "stopped here at");
}

/* The rest is all the more urgent. */
static void
without_a_mark_the_rest_is_done(void **state)
{
	const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = shown},
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = shown},
	    {CALL("PUT", ONE, NULL), .status = 200, .reply = shown_off},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_all(b);
	(void)setenv("SIGNET_STATE_DIR", "/proc/self/nothing", 1);
	PLAY(b, steps);
	assert_refused(b, STOP(b, ID), SG_E_IO, "SIGNING HERE GOES ON: ");
	assert_has(b->err.text, "; also: ");
	assert_played(b);
	assert_true(b->app.out_stands);
	assert_has(product(b), "stopped      NO: stop signing here: ");
	assert_has(product(b), "disabled     " ID "\n");
}

static void
lift_takes_the_mark_away(void **state)
{
	struct bench *b = *state;

	set_all(b);
	PLAY_NOTHING(b);
	assert_ok(b, STOP(b, "--lift"));
	assert_string_equal(product(b), "lifted       no\n");
	put("stopped.json", 0600, "{}");
	assert_refused(b, STOP(b, "--lift", "n"), SG_E_USAGE, "uat enable");
	assert_ok(b, STOP(b, "--lift", "--json"));
	assert_string_equal(product(b), "{\"version\":1,\"lifted\":true}\n");
	assert_int_equal(access("stopped.json", F_OK), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(named_is_disabled_though_the_token_is_not_there),
	    TEST(without_a_network_the_mark_is_put_all_the_same),
	    TEST(without_a_mark_the_rest_is_done),
	    TEST(lift_takes_the_mark_away),
	};

	return cmocka_run_group_tests_name("cmd_uat_stop", tests, NULL, NULL);
}
