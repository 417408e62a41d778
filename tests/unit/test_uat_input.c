/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

#include "cli/uat/uat_input.h"

static void
key_of_a_file_is_read_and_written_anew(void **state)
{
	SG_AUTO(sg_buf) pem = NULL;
	struct bench *b = *state;

	put("key.pem", 0644, "noise\n" RSA_PEM("\r\n") "noise\n");
	assert_ok(b, OPEN(b, "uat", "update", "n", "--public-key=key.pem"));
	assert_ok(b, uat_input_pem(&b->app, &pem, &b->err));
	assert_string_equal(sg_buf_str(pem), RSA_PEM("\n"));
}

static void
without_a_file_the_token_is_asked(void **state)
{
	SG_AUTO(sg_buf) pem = NULL;
	struct bench *b = *state;

	set_claims();
	assert_ok(b, OPEN(b, "uat", "update", "n", "--token-key"));
	assert_int_equal(
	    uat_input_pem(&b->app, &pem, &b->err), TOKEN_WAS_OPENED);
	assert_null(pem);
}

static void
private_key_is_not_taken(void **state)
{
	SG_AUTO(sg_buf) pem = NULL;
	struct bench *b = *state;

	put("k", 0600, RSA_PEM("\n") "-----BEGIN RSA PRIVATE KEY-----\nhush");
	assert_ok(b, OPEN(b, "uat", "update", "n", "--public-key=k"));
	assert_refused(b, uat_input_pem(&b->app, &pem, &b->err), SG_E_POLICY,
	    "holds a private key");
	assert_has_not(b->err.text, "hush");
}

static void
resources_are_those_given_else_those_configured(void **state)
{
	struct sg_list list = {0};
	struct bench *b = *state;

	set_claims();
	(void)setenv("TABLEAU_CLOUD_SITE_LUID", SITE, 1);
	assert_ok(b, OPEN(b, "uat", "create"));
	assert_ok(b, uat_input_resources(&b->app, &list, &b->err));
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0], TENANT);
	assert_string_equal(list.items[1], SITE);
	sg_list_clear(&list);
	assert_ok(
	    b, OPEN(b, "uat", "create", "--resource=a,b", "--resource=c"));
	assert_ok(b, uat_input_resources(&b->app, &list, &b->err));
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[2], "c");
	sg_list_clear(&list);
	unset_settings();
	assert_ok(b, OPEN(b, "uat", "create"));
	assert_refused(b, uat_input_resources(&b->app, &list, &b->err),
	    SG_E_USAGE, "--resource");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(key_of_a_file_is_read_and_written_anew),
	    TEST(without_a_file_the_token_is_asked),
	    TEST(private_key_is_not_taken),
	    TEST(resources_are_those_given_else_those_configured),
	};

	return cmocka_run_group_tests_name("uat_input", tests, NULL, NULL);
}
