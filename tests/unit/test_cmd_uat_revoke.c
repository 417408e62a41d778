/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

#define URL TCM "/api/v1/uat-revocations"

/* {"alg":"none"} and {"jti":"j7","exp":…,"https://tableau.com/tenantId":…} are
 * put together by hand: nothing here verifies. */
#define HEAD "eyJhbGciOiJub25lIn0."
#define PAYLOAD \
	"eyJqdGkiOiJqNyIsImV4cCI6MTc4MTUzMTAwMH0" /* exp: 1781531000 \
						   */

static void
revocation_is_sent_and_told(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("POST", URL, "{\"jti\":\"j7\"}"), .status = 204},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, UAT(b, "revoke", "--jti=j7"));
	assert_played(b);
	assert_string_equal(product(b), "revoked      j7\n");
	assert_has(heard(b), "the service answered 204");
}

static void
jti_and_expiry_are_taken_from_a_jwt(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("POST", URL, "{\"jti\":\"j7\"}"), .status = 200},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	put("jwt", 0600, HEAD PAYLOAD ".AA");
	PLAY(b, steps);
	assert_ok(b, UAT(b, "revoke", "jwt", "--json"));
	assert_played(b);
	assert_string_equal(product(b),
	    "{\"version\":1,\"jti\":\"j7\",\"status\":200,\"expires\":"
	    "\"2026-06-15T13:43:20Z\"}\n");
	assert_has(heard(b), "has expired");
}

static void
form_is_the_settings(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	    {CALL("PUT", TCM "/api/v2/r/" ID, "{\"t\":\"" TENANT "\"}"),
		.status = 200},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	(void)setenv("SIGNET_REVOKE_METHOD", "PUT", 1);
	(void)setenv("SIGNET_REVOKE_PATH", "api/v2/r/{configId}", 1);
	(void)setenv("SIGNET_REVOKE_BODY", "{\"t\":\"{tenantId}\"}", 1);
	PLAY(b, steps);
	assert_ok(b, UAT(b, "revoke", "--jti=j", "--configuration", ID));
	assert_played(b);
}

static void
one_thing_is_to_be_named(void **state)
{
	struct bench *b = *state;

	set_tcm();
	put("jwt", 0600, HEAD "e30.AA");
	PLAY_NOTHING(b);
	assert_refused(b, UAT(b, "revoke"), SG_E_USAGE, "--jti");
	assert_refused(
	    b, UAT(b, "revoke", "jwt", "--jti=j"), SG_E_USAGE, "--jti");
	assert_refused(b, UAT(b, "revoke", "jwt"), SG_E_USAGE, "has no jti");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(revocation_is_sent_and_told),
	    TEST(jti_and_expiry_are_taken_from_a_jwt),
	    TEST(form_is_the_settings),
	    TEST(one_thing_is_to_be_named),
	};

	return cmocka_run_group_tests_name("cmd_uat_revoke", tests, NULL, NULL);
}
