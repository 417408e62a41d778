/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#define AT "--module-path", MODULE

static void
doctor_is_told_what_to_look_at(void **state)
{
	struct bench *b = *state;

	assert_refused(b, RUN(b, "doctor", AT), SG_E_USAGE, "doctor --module");
	assert_refused(
	    b, RUN(b, "doctor", AT, "--module"), TOKEN_WAS_OPENED, MODULE);
	assert_refused(b, RUN(b, "doctor", AT, "--module", "--json"),
	    TOKEN_WAS_OPENED, MODULE);
}

static void
rule_that_does_not_exist_is_refused_first(void **state)
{
	struct bench *b = *state;

	assert_refused(b, RUN(b, "doctor", AT, "--module", "--allow", "all"),
	    SG_E_USAGE, "no rule is called \"all\"");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(doctor_is_told_what_to_look_at),
	    TEST(rule_that_does_not_exist_is_refused_first),
	};

	return cmocka_run_group_tests_name("cmd_doctor", tests, NULL, NULL);
}
