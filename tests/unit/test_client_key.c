/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/key/client_key.h"

/* With a token behind it: tests/cli/test_cli_client_key.py. */

static enum sg_rc
open_key(struct bench *b)
{
	enum sg_rc rc = client_key_open(&b->app, &b->err);

	assert_null(b->app.tls_key);
	client_key_close(&b->app);
	return rc;
}

static void
only_a_uri_is_a_key_in_a_token(void **state)
{
	static const struct {
		const char *value;
		bool is;
	} cases[] = {
	    {"/etc/key.pem", false},
	    {"pkcs11", false},
	    {"pkcs11:", true},
	    {"pkcs11:token=a;object=b", true},
	};
	struct bench *b = *state;
	bool is = true;
	size_t i;

	(void)unsetenv("SIGNET_CLIENT_KEY");
	assert_ok(b, OPEN(b, "token", "list"));
	assert_ok(b, client_key_is_in_token(&b->app, &is, &b->err));
	assert_false(is);
	for (i = 0; i < SG_COUNT(cases); i++) {
		(void)setenv("SIGNET_CLIENT_KEY", cases[i].value, 1);
		assert_ok(b, OPEN(b, "token", "list"));
		assert_ok(b, client_key_is_in_token(&b->app, &is, &b->err));
		assert_int_equal(is, cases[i].is);
	}
}

static void
a_key_without_certificate_is_refused(void **state)
{
	struct bench *b = *state;

	(void)setenv("SIGNET_CLIENT_KEY", "pkcs11:token=a;object=b", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, open_key(b), SG_E_CONFIG, "SIGNET_CLIENT_CERT");
}

static void
a_malformed_uri_is_the_fault_of_the_setting(void **state)
{
	struct bench *b = *state;

	(void)setenv("SIGNET_CLIENT_KEY", "pkcs11:token=a?pin-value=s3cret", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, open_key(b), SG_E_CONFIG, "read SIGNET_CLIENT_KEY: ");
	assert_has_not(b->err.text, "s3cret");
}

static void
its_own_module_path_is_the_one_that_is_loaded(void **state)
{
	struct bench *b = *state;

	(void)setenv("SIGNET_MODULE", "/nowhere/other.so", 1);
	(void)setenv("SIGNET_CLIENT_CERT", "/nowhere/cert.pem", 1);
	(void)setenv("SIGNET_CLIENT_KEY",
	    "pkcs11:token=a?module-path=/nowhere/own.so", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, open_key(b), SG_E_MODULE, "/nowhere/own.so");
	(void)setenv("SIGNET_CLIENT_KEY", "pkcs11:token=a", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, open_key(b), SG_E_MODULE, "/nowhere/other.so");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(only_a_uri_is_a_key_in_a_token),
	    TEST(a_key_without_certificate_is_refused),
	    TEST(a_malformed_uri_is_the_fault_of_the_setting),
	    TEST(its_own_module_path_is_the_one_that_is_loaded),
	};

	return cmocka_run_group_tests_name("client_key", tests, NULL, NULL);
}
