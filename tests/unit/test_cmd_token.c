/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

static void
absent_module_is_named(void **state)
{
	struct bench *b = *state;

	assert_refused(b, RUN(b, "token", "list", "--module-path", MODULE),
	    SG_E_MODULE, MODULE);
	assert_refused(b,
	    RUN(b, "token", "list", "--json", "--module-path", MODULE),
	    SG_E_MODULE, MODULE);
}

static void
backend_that_does_not_exist_is_refused(void **state)
{
	struct bench *b = *state;

	(void)setenv("SIGNET_BACKEND", "nss", 1);
	assert_refused(b, RUN(b, "token", "list", "--module-path", MODULE),
	    SG_E_CONFIG, "\"nss\" is no backend");
}

static void
malformed_uri_is_refused_before_a_module_is_loaded(void **state)
{
	struct bench *b = *state;

	assert_refused(b,
	    RUN(b, "token", "list", "--module-path", MODULE, "--key", "dev"),
	    SG_E_USAGE, "");
	assert_refused(b,
	    RUN(b, "token", "list", "--module-path", MODULE, "--key",
		"pkcs11:token=a?pin-value=s3cret"),
	    SG_E_USAGE, "pin-value");
	assert_has_not(b->err.text, "s3cret");
}

static void
local_files_module_is_not_loaded(void **state)
{
	struct bench *b = *state;

	put("evil.so", 0755, "");
	put(".env", 0600, "SIGNET_MODULE=./evil.so\n");
	assert_refused(
	    b, RUN(b, "token", "list"), SG_E_CONFIG, "SIGNET_MODULES_ALLOW");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(absent_module_is_named),
	    TEST(backend_that_does_not_exist_is_refused),
	    TEST(malformed_uri_is_refused_before_a_module_is_loaded),
	    TEST(local_files_module_is_not_loaded),
	};

	return cmocka_run_group_tests_name("cmd_token", tests, NULL, NULL);
}
