/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tenant.h"

#define PLACE(b, ...) RUN(b, "exec", "--tcm", __VA_ARGS__)

static void
a_child_gets_the_token_and_not_our_secrets(void **state)
{
	static const struct step steps[] = {SIGN_IN, SIGN_OUT};
	struct bench *b = *state;

	set_tcm();
	(void)setenv("MY_PIN", "1234", 1);
	(void)setenv("SIGNET_PIN_SOURCE", "env:MY_PIN", 1);
	PLAY(b, steps);
	assert_ok(b, PLACE(b, "--", "sh", "-c",
			 "test \"$TABLEAU_SESSION_TOKEN\" = t0ken && "
			 "test \"$CLOUD_MANAGER_URL\" = " TCM " && "
			 "test \"$CLOUD_MANAGER_TENANT_ID\" = " TENANT " && "
			 "test -z \"$CLOUD_MANAGER_PAT_SECRET\" && "
			 "test -z \"$MY_PIN\" && exit 42"));
	assert_played(b);
	assert_true(b->app.has_exit_status);
	assert_int_equal(b->app.exit_status, 42);
	assert_string_equal(product(b), "");
	(void)unsetenv("MY_PIN");
}

static void
it_is_signed_out_also_when_the_command_is_not_there(void **state)
{
	static const struct step steps[] = {SIGN_IN, SIGN_OUT};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_refused(
	    b, PLACE(b, "--", "/nowhere/at-all"), SG_E_USAGE, "/nowhere");
	assert_played(b);
	assert_int_equal(b->app.exit_status, 127);
}

static void
a_sign_out_that_fails_is_told_and_changes_nothing(void **state)
{
	static const struct step steps[] = {SIGN_IN,
	    {CALL("DELETE", TCM "/api/v2/sessions", NO_BODY), .status = 500}};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, PLACE(b, "sh", "-c", "exit 3"));
	assert_int_equal(b->app.exit_status, 3);
	assert_has(heard(b), "ends by itself");
	assert_has_not(heard(b), "t0ken");
}

static void
a_failed_sign_in_runs_nothing(void **state)
{
	static const struct step steps[] = {
	    {.method = "POST", .url = TCM "/api/v1/pat/login", .status = 401},
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_int_equal(PLACE(b, "touch", "ran"), SG_E_SESSION);
	assert_played(b);
	assert_false(b->app.has_exit_status);
	assert_int_equal(access("ran", F_OK), -1);
}

static void
a_bad_command_line_signs_nobody_in(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_refused(b, RUN(b, "exec", "true"), SG_E_USAGE, "--tcm");
	assert_refused(b, RUN(b, "exec", "--tcm"), SG_E_USAGE,
	    "usage: signet exec [options] -- COMMAND");
	assert_refused(
	    b, PLACE(b, "--pat", "--jwt", "true"), SG_E_USAGE, "exclude");
	assert_refused(b, PLACE(b, "--json", "true"), SG_E_USAGE, "--json");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_child_gets_the_token_and_not_our_secrets),
	    TEST(it_is_signed_out_also_when_the_command_is_not_there),
	    TEST(a_sign_out_that_fails_is_told_and_changes_nothing),
	    TEST(a_failed_sign_in_runs_nothing),
	    TEST(a_bad_command_line_signs_nobody_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
