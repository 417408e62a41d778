/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/key/keys.h"

static enum sg_rc
token_opts(struct bench *b, struct sg_token_opts *out_opts)
{
	return keys_token_opts(&b->app, false, out_opts, &b->err);
}

static void
without_settings_any_token_will_do(void **state)
{
	struct bench *b = *state;
	struct sg_token_opts opts;

	assert_ok(b, OPEN(b, "token", "list"));
	assert_ok(b, token_opts(b, &opts));
	assert_null(opts.module_path);
	assert_null(opts.module_args);
	assert_null(opts.uri);
	assert_false(opts.writable);
	assert_ok(b, keys_token_opts(&b->app, true, &opts, &b->err));
	assert_true(opts.writable);
}

static void
settings_say_where_the_token_is(void **state)
{
	struct bench *b = *state;
	struct sg_token_opts opts;

	(void)setenv("SIGNET_MODULE", "/m.so", 1);
	(void)setenv("SIGNET_MODULE_ARGS", "configdir='x'", 1);
	(void)setenv("SIGNET_KEY", "pkcs11:token=a", 1);
	(void)setenv("SIGNET_BACKEND", "native", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_ok(b, token_opts(b, &opts));
	assert_string_equal(opts.module_path, "/m.so");
	assert_string_equal(opts.module_args, "configdir='x'");
	assert_non_null(opts.uri);
}

static void
backend_that_does_not_exist_is_refused(void **state)
{
	struct bench *b = *state;
	struct sg_token_opts opts;

	(void)setenv("SIGNET_BACKEND", "nss", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, token_opts(b, &opts), SG_E_CONFIG,
	    "SIGNET_BACKEND: \"nss\" is no backend");
}

static void
malformed_uri_is_the_fault_of_where_it_stands(void **state)
{
	struct bench *b = *state;
	struct sg_token_opts opts;

	(void)setenv("SIGNET_KEY", "pkcs11:nonsense=1", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(
	    b, token_opts(b, &opts), SG_E_CONFIG, "read SIGNET_KEY: ");
	(void)unsetenv("SIGNET_KEY");
	assert_ok(b, OPEN(b, "token", "list", "--key", "pkcs11:nonsense=1"));
	assert_refused(b, token_opts(b, &opts), SG_E_USAGE, "nonsense");
	assert_refused(b, OPEN(b, "token", "list", "--key", ""), SG_E_USAGE,
	    "--key has an empty value");
}

static void
pin_in_a_uri_is_refused_and_not_repeated(void **state)
{
	static const char uri[] = "pkcs11:token=a?pin-value=s3cret";
	struct bench *b = *state;
	struct sg_token_opts opts;

	(void)setenv("SIGNET_KEY", uri, 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, token_opts(b, &opts), SG_E_CONFIG, "pin-value");
	assert_has_not(b->err.text, "s3cret");
	(void)unsetenv("SIGNET_KEY");
	assert_ok(b, OPEN(b, "token", "list", "--key", uri));
	assert_refused(b, token_opts(b, &opts), SG_E_USAGE, "pin-value");
	assert_has_not(b->err.text, "s3cret");
}

static void
most_explicit_module_wins(void **state)
{
	static const char given[] = "pkcs11:token=a?module-path=/given.so";
	struct bench *b = *state;
	struct sg_token_opts opts;

	(void)setenv("SIGNET_MODULE", "/setting.so", 1);
	(void)setenv(
	    "SIGNET_KEY", "pkcs11:token=a?module-path=/configured.so", 1);
	assert_ok(b, OPEN(b, "token", "list", "--key", given, "--module-path",
			 "/option.so"));
	assert_ok(b, token_opts(b, &opts));
	assert_string_equal(opts.module_path, "/given.so");
	assert_ok(b, OPEN(b, "token", "list", "--module-path", "/option.so"));
	assert_ok(b, token_opts(b, &opts));
	assert_string_equal(opts.module_path, "/option.so");
	assert_ok(b, OPEN(b, "token", "list"));
	assert_ok(b, token_opts(b, &opts));
	assert_string_equal(opts.module_path, "/configured.so");
	(void)setenv("SIGNET_KEY", "pkcs11:token=a", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_ok(b, token_opts(b, &opts));
	assert_string_equal(opts.module_path, "/setting.so");
}

static void
uri_that_signet_printed_gets_the_configured_module(void **state)
{
	struct bench *b = *state;
	struct sg_token_opts opts;

	(void)setenv(
	    "SIGNET_KEY", "pkcs11:token=a?module-path=/configured.so", 1);
	assert_ok(
	    b, OPEN(b, "key", "show", "--key", "pkcs11:token=b;object=c"));
	assert_ok(b, token_opts(b, &opts));
	assert_string_equal(opts.module_path, "/configured.so");
	assert_ok(b, OPEN(b, "key", "show"));
	assert_ok(b, keys_name(&b->app, "pkcs11:token=b;object=c", &b->err));
	assert_ok(b, token_opts(b, &opts));
	assert_string_equal(opts.module_path, "/configured.so");
}

static void
key_that_is_named_replaces_the_configured_one(void **state)
{
	struct bench *b = *state;
	const char *value = NULL;

	(void)setenv("SIGNET_KEY", "pkcs11:token=a", 1);
	assert_ok(b, OPEN(b, "key", "show"));
	assert_ok(b, keys_name(&b->app, "pkcs11:token=b", &b->err));
	assert_int_equal(conf_get(b->app.conf, CONF_KEY, &value, NULL), SG_OK);
	assert_string_equal(value, "pkcs11:token=b");
	assert_refused(
	    b, keys_name(&b->app, "nonsense", &b->err), SG_E_USAGE, "");
}

static void
local_file_names_no_module_of_its_own(void **state)
{
	struct bench *b = *state;
	struct sg_token_opts opts;
	char text[256];

	put("evil.so", 0755, "");
	put(".env", 0600, "SIGNET_MODULE=./evil.so\n");
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, token_opts(b, &opts), SG_E_CONFIG, "evil.so");
	(void)snprintf(text, sizeof(text),
	    "SIGNET_KEY=pkcs11:token=a?module-path=%s/evil.so\n", b->dir);
	put(".env", 0600, text);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, token_opts(b, &opts), SG_E_CONFIG, "evil.so");
	/* Neither beneath a key that the command line names. */
	assert_ok(b, OPEN(b, "token", "list", "--key", "pkcs11:token=b"));
	assert_refused(b, token_opts(b, &opts), SG_E_CONFIG, "evil.so");
}

static void
module_option_is_what_is_loaded_whatever_the_local_uri_says(void **state)
{
	struct bench *b = *state;
	char text[256];

	put("evil.so", 0755, "");
	(void)snprintf(text, sizeof(text),
	    "SIGNET_KEY=pkcs11:token=a?module-path=%s/evil.so\n", b->dir);
	put(".env", 0600, text);
	assert_ok(b, OPEN(b, "key", "list", "--module-path", MODULE));
	assert_refused(b, keys_open_token(&b->app, false, &b->err),
	    TOKEN_WAS_OPENED, MODULE);
	assert_has_not(b->err.text, "evil.so");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(without_settings_any_token_will_do),
	    TEST(settings_say_where_the_token_is),
	    TEST(backend_that_does_not_exist_is_refused),
	    TEST(malformed_uri_is_the_fault_of_where_it_stands),
	    TEST(pin_in_a_uri_is_refused_and_not_repeated),
	    TEST(most_explicit_module_wins),
	    TEST(uri_that_signet_printed_gets_the_configured_module),
	    TEST(key_that_is_named_replaces_the_configured_one),
	    TEST(local_file_names_no_module_of_its_own),
	    TEST(module_option_is_what_is_loaded_whatever_the_local_uri_says),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
