/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#define AT "--module-path", MODULE

static void
key_is_looked_for_in_the_token(void **state)
{
	struct bench *b = *state;

	assert_refused(b, RUN(b, "key", "audit", AT), TOKEN_WAS_OPENED, MODULE);
	assert_refused(b,
	    RUN(b, "key", "audit", AT, "pkcs11:object=a", "--json"),
	    TOKEN_WAS_OPENED, MODULE);
	assert_false(b->app.out_stands);
}

static void
malformed_uri_is_refused_before_the_token_is_opened(void **state)
{
	struct bench *b = *state;

	assert_refused(b, RUN(b, "key", "audit", AT, "a"), SG_E_USAGE, "");
	assert_refused(b, RUN(b, "key", "audit", AT, "pkcs11:", "pkcs11:"),
	    SG_E_USAGE, "usage: signet key audit");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(key_is_looked_for_in_the_token),
	    TEST(malformed_uri_is_refused_before_the_token_is_opened),
	};

	return cmocka_run_group_tests_name("cmd_key_audit", tests, NULL, NULL);
}
