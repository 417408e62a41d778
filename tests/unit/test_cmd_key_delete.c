/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#define AT "--module-path", MODULE

static void
key_has_to_be_named(void **state)
{
	struct bench *b = *state;

	(void)setenv("SIGNET_KEY", "pkcs11:object=a", 1);
	assert_refused(b, RUN(b, "key", "delete", AT, "--yes"), SG_E_USAGE,
	    "usage: signet key delete URI");
	assert_refused(
	    b, RUN(b, "key", "delete", AT, "--yes", "a"), SG_E_USAGE, "");
}

static void
named_key_is_looked_for_in_the_token(void **state)
{
	struct bench *b = *state;

	assert_refused(b,
	    RUN(b, "key", "delete", AT, "--yes", "--force", "--json",
		"pkcs11:object=a"),
	    TOKEN_WAS_OPENED, MODULE);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(key_has_to_be_named),
	    TEST(named_key_is_looked_for_in_the_token),
	};

	return cmocka_run_group_tests_name("cmd_key_delete", tests, NULL, NULL);
}
