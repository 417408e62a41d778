/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key/allow.h"

#include "fake_app.h"
#include "fake_key.h"

#include "pkcs11/policy.h"

#define TWO (SG_RULE_BIT(SG_RULE_LOCAL) | SG_RULE_BIT(SG_RULE_SIGN_ONLY))

static void
nothing_is_allowed_unless_it_is_said(void **state)
{
	struct bench *b = *state;
	unsigned int rules = 99;

	assert_ok(b, OPEN(b, "key", "list"));
	assert_ok(b, allow_read(&b->app, &rules, &b->err));
	assert_int_equal(rules, 0);
}

static void
options_add_up_and_replace_the_setting(void **state)
{
	struct bench *b = *state;
	unsigned int rules = 0;

	(void)setenv("SIGNET_ALLOW", "extractable, local sign-only", 1);
	assert_ok(b, OPEN(b, "key", "list"));
	assert_ok(b, allow_read(&b->app, &rules, &b->err));
	assert_int_equal(rules, TWO | SG_RULE_BIT(SG_RULE_EXTRACTABLE));
	assert_ok(b,
	    OPEN(b, "key", "list", "--allow", "local", "--allow", "sign-only"));
	assert_ok(b, allow_read(&b->app, &rules, &b->err));
	assert_int_equal(rules, TWO);
}

static void
what_is_no_rule_is_refused_where_it_stands(void **state)
{
	struct bench *b = *state;
	unsigned int rules = 7;

	/* Also where no key is to sign. */
	assert_refused(b, OPEN(b, "key", "audit", "--allow", "everything"),
	    SG_E_USAGE, "no rule is called \"everything\"");
	assert_refused(b, OPEN(b, "token", "list", "--allow", "bits"),
	    SG_E_USAGE, "cannot be allowed");
	(void)setenv("SIGNET_ALLOW", "bits", 1);
	assert_ok(b, OPEN(b, "key", "list"));
	assert_refused(b, allow_read(&b->app, &rules, &b->err), SG_E_CONFIG,
	    "SIGNET_ALLOW");
	assert_int_equal(rules, 7);
}

static void
file_of_a_checkout_loosens_nothing(void **state)
{
	struct bench *b = *state;
	unsigned int rules = 0;

	put(".env", 0600, "SIGNET_ALLOW=extractable\n");
	assert_ok(b, OPEN(b, "key", "list"));
	assert_refused(b, allow_read(&b->app, &rules, &b->err), SG_E_CONFIG,
	    "./.env may not loosen");
	assert_ok(b, OPEN(b, "--config", ".env", "key", "list"));
	assert_ok(b, allow_read(&b->app, &rules, &b->err));
	assert_int_equal(rules, SG_RULE_BIT(SG_RULE_EXTRACTABLE));
}

static void
key_is_allowed_and_the_user_told(void **state)
{
	struct bench *b = *state;
	struct fake_key fake;
	SG_AUTO(sg_key) made = fake_key_new(&fake);
	SG_AUTO(sg_key) key = NULL;
	SG_AUTO(sg_buf) sig = NULL;
	static const struct sg_key_ops ops = {
	    .sign = fake_key_sign,
	    .info = fake_key_info,
	    .release = fake_key_release,
	};

	assert_non_null(made);
	fake.info.facts[SG_KEY_LOCAL] = SG_FACT_NO;
	EVP_PKEY_up_ref(fake.pkey);
	assert_int_equal(sg_key_new(&ops, &fake, &key, NULL), SG_OK);
	assert_int_equal(
	    sg_key_sign(key, (const uint8_t *)"m", 1, &sig, NULL), SG_E_POLICY);
	assert_ok(b, OPEN(b, "key", "list"));
	allow_apply(&b->app, key, TWO);
	assert_ok(b, sg_key_sign(key, (const uint8_t *)"m", 1, &sig, &b->err));
	assert_has(heard(b), "breaks the rule \"local\"");
	assert_has_not(heard(b), "sign-only");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_is_allowed_unless_it_is_said),
	    TEST(options_add_up_and_replace_the_setting),
	    TEST(what_is_no_rule_is_refused_where_it_stands),
	    TEST(file_of_a_checkout_loosens_nothing),
	    TEST(key_is_allowed_and_the_user_told),
	};

	return cmocka_run_group_tests_name("allow", tests, NULL, NULL);
}
