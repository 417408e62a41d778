/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#define AT "--module-path", MODULE

static void
good_lines_get_as_far_as_the_token(void **state)
{
	struct bench *b = *state;

	assert_refused(b,
	    RUN(b, "key", "csr", AT, "--subject", "CN=a", "--dns", "a.example",
		"--dns", "b.example", "-o", "x"),
	    TOKEN_WAS_OPENED, MODULE);
	assert_refused(b,
	    RUN(b, "key", "cert", AT, "--subject", "CN=a", "--days", "3650",
		"pkcs11:object=a", "--json"),
	    TOKEN_WAS_OPENED, MODULE);
}

static void
names_are_checked_before_the_token_is_opened(void **state)
{
	struct bench *b = *state;

	assert_refused(
	    b, RUN(b, "key", "csr", AT), SG_E_USAGE, "needs a --subject");
	assert_refused(b, RUN(b, "key", "csr", AT, "--subject", "a"),
	    SG_E_USAGE, "--subject has the form");
	assert_refused(b,
	    RUN(b, "key", "cert", AT, "--subject", "CN=a", "--dns", "a b"),
	    SG_E_USAGE, "--dns \"a b\"");
}

static void
days_are_a_number_in_range(void **state)
{
	static const char *const days[] = {"0", "-1", "3651", "1d", "x", " 1",
	    "+1", "01", "1.5", "99999999999999999999"};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(days); i++)
		assert_refused(b,
		    RUN(b, "key", "cert", AT, "--subject", "CN=a", "--days",
			days[i]),
		    SG_E_USAGE, "--days is 1 to 3650");
	assert_refused(b,
	    RUN(b, "key", "csr", AT, "--subject", "CN=a", "--days", "1"),
	    SG_E_USAGE, "there is no option --days here");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(good_lines_get_as_far_as_the_token),
	    TEST(names_are_checked_before_the_token_is_opened),
	    TEST(days_are_a_number_in_range),
	};

	return cmocka_run_group_tests_name("cmd_key_cert", tests, NULL, NULL);
}
