/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"

#include "fake_cloud.h"

/* A configuration with RFC 7515's key, which the fake signs with. */
static void
save_config(const char *enabled)
{
	struct sg_rsa *rsa = fake_rsa(RFC7515_N, RFC7515_E);
	SG_AUTO(sg_buf) pem = sg_buf_new(4096);
	SG_AUTO(sg_buf) text = sg_buf_new(8192);
	struct sg_jsonw w = {.out = text};

	assert_int_equal(sg_rsa_to_pem(rsa, pem, NULL), SG_OK);
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "configId", CONFIG_ID);
	sg_jsonw_str(&w, "tenantId", TENANT);
	sg_jsonw_str(&w, "issuer", ISSUER);
	sg_jsonw_str(&w, "publicKeyActive", sg_buf_str(pem));
	sg_jsonw_str(&w, "usernameClaim", "email");
	sg_jsonw_bool(&w, "enabled", strcmp(enabled, "true") == 0);
	sg_jsonw_array(&w, "resourceIds");
	sg_jsonw_str(&w, NULL, TENANT);
	sg_jsonw_array_end(&w);
	sg_jsonw_object_end(&w);
	put("saved.json", 0600, sg_buf_str(text));
	sg_rsa_free(&rsa);
}

static enum sg_rc
check(struct bench *b, struct fake_key *key, const char *option)
{
	open_check(b, key,
	    LINE("uat", "check", "--config-file", "saved.json", option));
	return cmd_uat_check(&b->app, &b->err);
}

static void
a_fault_is_told_and_the_points_stand(void **state)
{
	struct bench *b = *state;
	struct fake_key key;

	save_config("false");
	PLAY_NOTHING(b);
	assert_refused(b, check(b, &key, "--quiet"), SG_E_POLICY,
	    "the check fails: enabled");
	assert_true(b->app.out_stands);
	assert_has(product(b), "FAIL     enabled");
	assert_has(product(b), "signet uat enable " CONFIG_ID);
	bench_close(b);
}

static void
what_is_unknown_is_no_pass(void **state)
{
	struct bench *b = *state;
	struct fake_key key;

	save_config("true");
	PLAY_NOTHING(b);
	assert_refused(b, check(b, &key, "--json"), SG_E_INVALID,
	    "could not be learnt: clock");
	assert_has(product(b),
	    "{\"version\":1,\"configId\":\"" CONFIG_ID
	    "\",\"result\":\"unknown\",\"points\":[{\"name\":\"key\"");
	bench_close(b);
}

static void
all_that_passes_is_a_success(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN("jwt", 200, TENANT), SIGN_OUT};
	struct bench *b = *state;
	struct fake_key key;

	save_config("true");
	PLAY(b, steps);
	assert_ok(b, check(b, &key, "--online"));
	assert_played(b);
	assert_has(product(b), "pass     sign-in-tcm");
	bench_close(b);
}

#define BENCH(test) \
	cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BENCH(a_fault_is_told_and_the_points_stand),
	    BENCH(what_is_unknown_is_no_pass),
	    BENCH(all_that_passes_is_a_success),
	};

	return cmocka_run_group_tests_name("cmd_uat_check", tests, NULL, NULL);
}
