/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/policy.h"

#include <p11-kit/pkcs11.h>

#include "tests/unit/fake_key.h"

static struct sg_key_info
good_key(void)
{
	struct sg_key_info info = {0};

	fake_key_keeps_policy(&info);
	return info;
}

static const struct sg_policy_row *
row_of(enum sg_policy_reads reads, enum sg_key_fact fact)
{
	size_t i;

	for (i = 0; i < sg_policy_row_count; i++)
		if (sg_policy_rows[i].reads == reads &&
		    (reads != SG_POLICY_READS_FACT ||
			sg_policy_rows[i].fact == fact))
			return &sg_policy_rows[i];
	fail_msg("no row reads %d", (int)fact);
	return NULL;
}

static void
a_key_as_signet_makes_it_breaks_nothing(void **state)
{
	struct sg_key_info key = good_key();

	(void)state;
	assert_int_equal(sg_policy_broken(&key), 0);
	assert_int_equal(sg_policy_check(&key, 0, NULL), SG_OK);
}

/* What the policy is, written once more: a row that changes must change here
 * too. */
static void
each_attribute_breaks_its_own_rule(void **state)
{
	static const struct {
		enum sg_key_fact fact;
		enum sg_fact bad;
		enum sg_rule rule;
		bool may_be_unknown;
	} rows[] = {
	    {SG_KEY_TOKEN, SG_FACT_NO, SG_RULE_TOKEN, false},
	    {SG_KEY_PRIVATE, SG_FACT_NO, SG_RULE_PRIVATE, false},
	    {SG_KEY_SENSITIVE, SG_FACT_NO, SG_RULE_SENSITIVE, false},
	    {SG_KEY_ALWAYS_SENSITIVE, SG_FACT_NO, SG_RULE_SENSITIVE, true},
	    {SG_KEY_EXTRACTABLE, SG_FACT_YES, SG_RULE_EXTRACTABLE, false},
	    {SG_KEY_NEVER_EXTRACTABLE, SG_FACT_NO, SG_RULE_EXTRACTABLE, true},
	    {SG_KEY_LOCAL, SG_FACT_NO, SG_RULE_LOCAL, true},
	    {SG_KEY_SIGN, SG_FACT_NO, SG_RULE_SIGN_ONLY, false},
	    {SG_KEY_DECRYPT, SG_FACT_YES, SG_RULE_SIGN_ONLY, false},
	    {SG_KEY_UNWRAP, SG_FACT_YES, SG_RULE_SIGN_ONLY, false},
	    {SG_KEY_SIGN_RECOVER, SG_FACT_YES, SG_RULE_SIGN_ONLY, true},
	    {SG_KEY_DERIVE, SG_FACT_YES, SG_RULE_SIGN_ONLY, true},
	    {SG_KEY_MODIFIABLE, SG_FACT_YES, SG_RULE_MODIFIABLE, true},
	};
	size_t i;

	(void)state;
	assert_int_equal(sg_policy_row_count, SG_COUNT(rows) + 2);
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_key_info key = good_key();
		const struct sg_policy_row *row =
		    row_of(SG_POLICY_READS_FACT, rows[i].fact);

		key.facts[rows[i].fact] = rows[i].bad;
		assert_int_equal(
		    sg_policy_broken(&key), SG_RULE_BIT(rows[i].rule));
		key.facts[rows[i].fact] = SG_FACT_UNKNOWN;
		assert_int_equal(sg_policy_broken(&key),
		    rows[i].may_be_unknown ? 0 : SG_RULE_BIT(rows[i].rule));
		assert_int_equal(sg_policy_verdict(row, &key),
		    rows[i].may_be_unknown ? SG_VERDICT_UNKNOWN
					   : SG_VERDICT_FAIL);
	}
}

static void
what_the_policy_does_not_read_breaks_nothing(void **state)
{
	struct sg_key_info key = good_key();

	(void)state;
	key.facts[SG_KEY_ALWAYS_AUTHENTICATE] = SG_FACT_YES;
	assert_int_equal(sg_policy_broken(&key), 0);
}

static void
key_is_rsa_of_2048_bits_or_more(void **state)
{
	static const struct {
		const char *type;
		unsigned int bits;
		bool good;
	} rows[] = {{"RSA", 2048, true}, {"RSA", 4096, true},
	    {"RSA", 2047, false}, {"RSA", 1024, false}, {"RSA", 0, false},
	    {"EC", 2048, false}, {"other", 2048, false}};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_key_info key = good_key();

		key.type = rows[i].type;
		key.bits = rows[i].bits;
		assert_int_equal(sg_policy_broken(&key),
		    rows[i].good ? 0 : SG_RULE_BIT(SG_RULE_BITS));
	}
}

static void
only_v1_5_signatures_may_be_listed(void **state)
{
	static const unsigned long good[] = {CKM_RSA_PKCS, CKM_SHA224_RSA_PKCS,
	    CKM_SHA256_RSA_PKCS, CKM_SHA384_RSA_PKCS, CKM_SHA512_RSA_PKCS};
	static const unsigned long bad[] = {CKM_SHA1_RSA_PKCS, CKM_MD5_RSA_PKCS,
	    CKM_RSA_X_509, CKM_RSA_9796, CKM_RSA_PKCS_OAEP, CKM_RSA_PKCS_PSS,
	    CKM_SHA256_RSA_PKCS_PSS, CKM_AES_CBC, CKM_VENDOR_DEFINED,
	    0x1234567};
	const struct sg_policy_row *row =
	    row_of(SG_POLICY_READS_MECHANISMS, SG_KEY_FACT_COUNT);
	struct sg_key_info key = good_key();
	size_t i;

	(void)state;
	assert_int_equal(sg_policy_verdict(row, &key), SG_VERDICT_UNKNOWN);
	key.mechanisms_told = true; /* an empty list limits nothing */
	assert_int_equal(sg_policy_verdict(row, &key), SG_VERDICT_UNKNOWN);
	for (i = 0; i < SG_COUNT(good); i++)
		key.mechanisms[i] = good[i];
	key.mechanism_count = SG_COUNT(good);
	assert_int_equal(sg_policy_verdict(row, &key), SG_VERDICT_PASS);
	for (i = 0; i < SG_COUNT(bad); i++) {
		key.mechanisms[2] = bad[i];
		assert_int_equal(
		    sg_policy_broken(&key), SG_RULE_BIT(SG_RULE_MECHANISMS));
	}
}

static void
list_that_cannot_be_read_fails_and_says_so(void **state)
{
	SG_AUTO(sg_buf) answer = sg_buf_new(64);
	struct sg_key_info key = good_key();

	(void)state;
	key.mechanisms_unreadable = true;
	assert_int_equal(
	    sg_policy_broken(&key), SG_RULE_BIT(SG_RULE_MECHANISMS));
	sg_policy_add_answer(
	    answer, row_of(SG_POLICY_READS_MECHANISMS, SG_KEY_TOKEN), &key);
	assert_string_equal(sg_buf_str(answer), "unreadable");
}

static void
refusal_names_rules_answers_and_the_way_out(void **state)
{
	struct sg_key_info key = good_key();
	struct sg_err err = {0};

	(void)state;
	key.facts[SG_KEY_DECRYPT] = SG_FACT_YES;
	key.facts[SG_KEY_UNWRAP] = SG_FACT_UNKNOWN;
	key.facts[SG_KEY_LOCAL] = SG_FACT_NO;
	assert_int_equal(sg_policy_check(&key, 0, &err), SG_E_POLICY);
	assert_non_null(strstr(err.text, "sign-only (CKA_DECRYPT is true)"));
	assert_non_null(strstr(err.text, "sign-only (CKA_UNWRAP is unknown)"));
	assert_non_null(strstr(err.text, "local (CKA_LOCAL is false)"));
	assert_non_null(strstr(err.text, "signet key audit"));
	assert_non_null(strstr(err.text, "--allow local --allow sign-only"));
	assert_null(strstr(err.text, "extractable"));
}

static void
refusal_names_no_way_out_where_there_is_none(void **state)
{
	struct sg_key_info key = good_key();
	struct sg_err err = {0};

	(void)state;
	key.bits = 1024;
	assert_int_equal(sg_policy_check(&key, 0, &err), SG_E_POLICY);
	assert_non_null(strstr(err.text, "bits (CKA_MODULUS is RSA 1024)"));
	assert_null(strstr(err.text, "--allow"));
}

static void
rule_is_allowed_by_its_name_alone(void **state)
{
	static const char *const bad[] = {"", "Extractable", "extract",
	    "CKA_EXTRACTABLE", "all", "extractable ", "*"};
	unsigned int allowed = 0;
	struct sg_err err = {0};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(bad); i++)
		assert_int_equal(
		    sg_policy_allow(bad[i], &allowed, NULL), SG_E_USAGE);
	assert_int_equal(sg_policy_allow("all", &allowed, &err), SG_E_USAGE);
	assert_non_null(strstr(err.text, "extractable, local, sign-only"));
	assert_int_equal(allowed, 0);
	for (i = 0; i < SG_RULE_COUNT; i++) {
		unsigned int one = 0;
		enum sg_rc rc;

		rc = sg_policy_allow(
		    sg_policy_rule_name((enum sg_rule)i), &one, NULL);
		assert_int_equal(rc, i == SG_RULE_BITS ? SG_E_USAGE : SG_OK);
		assert_int_equal(one, i == SG_RULE_BITS ? 0 : SG_RULE_BIT(i));
	}
}

static void
mechanism_is_read_back_from_its_text(void **state)
{
	static const unsigned long types[] = {CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS,
	    CKM_RSA_X_509, CKM_AES_CBC, CKM_VENDOR_DEFINED | 5};
	static const char *const bad[] = {"", "0x", "CKM_NONE", "13", "0xzz",
	    "0x123456789012345678901", "0x-1", "0x+1", "0x 1", "0x0x1"};
	unsigned long got = 0;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(types); i++) {
		SG_AUTO(sg_buf) text = sg_buf_new(64);

		sg_policy_add_mechanism(text, types[i]);
		assert_true(sg_policy_read_mechanism(sg_buf_str(text), &got));
		assert_int_equal(got, types[i]);
	}
	for (i = 0; i < SG_COUNT(bad); i++)
		assert_false(sg_policy_read_mechanism(bad[i], &got));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_as_signet_makes_it_breaks_nothing),
	    cmocka_unit_test(each_attribute_breaks_its_own_rule),
	    cmocka_unit_test(what_the_policy_does_not_read_breaks_nothing),
	    cmocka_unit_test(key_is_rsa_of_2048_bits_or_more),
	    cmocka_unit_test(only_v1_5_signatures_may_be_listed),
	    cmocka_unit_test(list_that_cannot_be_read_fails_and_says_so),
	    cmocka_unit_test(refusal_names_rules_answers_and_the_way_out),
	    cmocka_unit_test(refusal_names_no_way_out_where_there_is_none),
	    cmocka_unit_test(rule_is_allowed_by_its_name_alone),
	    cmocka_unit_test(mechanism_is_read_back_from_its_text),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
