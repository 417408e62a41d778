/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tenant.h"

static void
the_session_tells_which_tenant(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", TENANTS, NO_BODY), .status = 200,
		.reply = "{\"name\":\"t\"}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, RUN(b, "tenant", "get", "--no-cache"));
	assert_played(b);
	assert_string_equal(product(b), "name         t\n");
	PLAY(b, steps);
	assert_ok(b, RUN(b, "tenant", "get", "--no-cache", "--json"));
	assert_string_equal(
	    product(b), "{\"version\":1,\"tenant\":{\"name\":\"t\"}}\n");
}

static void
a_refusal_is_the_error(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", TENANTS, NO_BODY), .status = 403},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_refused(b, RUN(b, "tenant", "get", "--no-cache"), SG_E_REFUSED,
	    "get the tenant: ");
	assert_played(b);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_session_tells_which_tenant),
	    TEST(a_refusal_is_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
