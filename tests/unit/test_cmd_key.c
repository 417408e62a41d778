/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#define AT "--module-path", MODULE

static void
good_lines_get_as_far_as_the_token(void **state)
{
	struct bench *b = *state;

	assert_refused(b, RUN(b, "key", "generate", AT, "--label", "a"),
	    TOKEN_WAS_OPENED, MODULE);
	assert_refused(b,
	    RUN(b, "key", "generate", AT, "--label", "a", "--bits", "4096",
		"--id", "0a:FF"),
	    TOKEN_WAS_OPENED, MODULE);
	assert_refused(b, RUN(b, "key", "list", AT), TOKEN_WAS_OPENED, MODULE);
	assert_refused(b, RUN(b, "key", "show", AT, "pkcs11:object=a"),
	    TOKEN_WAS_OPENED, MODULE);
	assert_refused(b, RUN(b, "key", "export", AT, "--format", "jwks"),
	    TOKEN_WAS_OPENED, MODULE);
	assert_refused(b,
	    RUN(b, "key", "export", AT, "--format", "der", "--json", "-o", "x"),
	    TOKEN_WAS_OPENED, MODULE);
}

static void
new_key_needs_a_label(void **state)
{
	struct bench *b = *state;

	assert_refused(b, RUN(b, "key", "generate", AT), SG_E_USAGE, "--label");
}

static void
size_of_the_key_is_one_of_three(void **state)
{
	static const char *const sizes[] = {"1024", "2047", "8192", "0",
	    "-2048", "2048 ", " 2048", "02048", "2048bits", "x"};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(sizes); i++)
		assert_refused(b,
		    RUN(b, "key", "generate", AT, "--label", "a", "--bits",
			sizes[i]),
		    SG_E_USAGE, "--bits is 2048, 3072 or 4096");
	assert_refused(b,
	    RUN(b, "key", "generate", AT, "--label", "a", "--bits", ""),
	    SG_E_USAGE, "--bits has an empty value");
}

static void
id_is_hex_and_not_empty(void **state)
{
	static const char *const ids[] = {"0", "0g", "abc", "zz", "0x01"};
	struct bench *b = *state;
	char longer[1025];
	size_t i;

	for (i = 0; i < SG_COUNT(ids); i++)
		assert_refused(b,
		    RUN(b, "key", "generate", AT, "--label", "a", "--id",
			ids[i]),
		    SG_E_USAGE, "read --id: ");
	assert_refused(b,
	    RUN(b, "key", "generate", AT, "--label", "a", "--id", ""),
	    SG_E_USAGE, "--id has an empty value");
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_refused(b,
	    RUN(b, "key", "generate", AT, "--label", "a", "--id", longer),
	    SG_E_USAGE, "read --id: ");
}

static void
format_is_one_of_four(void **state)
{
	static const char *const formats[] = {"PEM", "p12", "jw", "pem "};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(formats); i++)
		assert_refused(b,
		    RUN(b, "key", "export", AT, "--format", formats[i]),
		    SG_E_USAGE, "--format is pem, der, jwk or jwks");
	assert_refused(b, RUN(b, "key", "export", AT, "--format", ""),
	    SG_E_USAGE, "--format has an empty value");
}

static void
der_does_not_fit_into_json(void **state)
{
	struct bench *b = *state;

	assert_refused(b,
	    RUN(b, "key", "export", AT, "--format", "der", "--json"),
	    SG_E_USAGE, "cannot carry DER");
	/* These are names of stdout. */
	assert_refused(b,
	    RUN(b, "key", "export", AT, "--format", "der", "--json", "-o", "-"),
	    SG_E_USAGE, "cannot carry DER");
	assert_refused(b,
	    RUN(b, "key", "export", AT, "--format", "der", "--json", "-o",
		"/dev/stdout"),
	    SG_E_USAGE, "cannot carry DER");
}

static void
malformed_uri_is_refused_before_the_token_is_opened(void **state)
{
	static const char *const verbs[] = {"show", "export"};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(verbs); i++) {
		assert_refused(
		    b, RUN(b, "key", verbs[i], AT, "dev-key"), SG_E_USAGE, "");
		assert_refused(b,
		    RUN(b, "key", verbs[i], AT,
			"pkcs11:object=a?pin-value=s3cret"),
		    SG_E_USAGE, "pin-value");
		assert_has_not(b->err.text, "s3cret");
	}
}

static void
export_that_fails_leaves_the_file_alone(void **state)
{
	struct bench *b = *state;

	put("key.pem", 0600, "old");
	assert_refused(b, RUN(b, "key", "export", AT, "-o", "key.pem"),
	    TOKEN_WAS_OPENED, MODULE);
	assert_string_equal(text_of("key.pem"), "old");
	assert_string_equal(product(b), "");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(good_lines_get_as_far_as_the_token),
	    TEST(new_key_needs_a_label),
	    TEST(size_of_the_key_is_one_of_three),
	    TEST(id_is_hex_and_not_empty),
	    TEST(format_is_one_of_four),
	    TEST(der_does_not_fit_into_json),
	    TEST(malformed_uri_is_refused_before_the_token_is_opened),
	    TEST(export_that_fails_leaves_the_file_alone),
	};

	return cmocka_run_group_tests_name("cmd_key", tests, NULL, NULL);
}
