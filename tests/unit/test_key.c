/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "pkcs11/key.h"
#include "pkcs11/policy.h"

/* A kind of key that counts what is asked of it. */
struct counted {
	unsigned int signed_count;
	unsigned int released;
	size_t len;
	enum sg_rc rc;
	struct sg_key_info info;
};

static enum sg_rc
counted_sign(void *impl, const uint8_t *msg, size_t len,
    struct sg_buf **out_sig, struct sg_err *err)
{
	struct counted *counted = impl;

	(void)msg;
	counted->signed_count++;
	counted->len = len;
	if (counted->rc != SG_OK)
		return sg_fail(err, counted->rc, "refused");
	*out_sig = sg_buf_new(3);
	sg_buf_add_str(*out_sig, "sig");
	return SG_OK;
}

static const struct sg_key_info *
counted_info(void *impl)
{
	return &((struct counted *)impl)->info;
}

static void
counted_release(void *impl)
{
	((struct counted *)impl)->released++;
}

/* A key that keeps to the policy. */
static struct counted
good_key(void)
{
	static const enum sg_key_fact facts[] = {
	    SG_KEY_TOKEN, SG_KEY_PRIVATE, SG_KEY_SENSITIVE, SG_KEY_SIGN};
	struct counted counted = {
	    .info = {.label = "uat", .type = "RSA", .bits = 2048}};
	size_t i;

	for (i = 0; i < SG_KEY_FACT_COUNT; i++)
		counted.info.facts[i] = SG_FACT_NO;
	for (i = 0; i < SG_COUNT(facts); i++)
		counted.info.facts[facts[i]] = SG_FACT_YES;
	counted.info.facts[SG_KEY_ALWAYS_SENSITIVE] = SG_FACT_YES;
	counted.info.facts[SG_KEY_NEVER_EXTRACTABLE] = SG_FACT_YES;
	counted.info.facts[SG_KEY_LOCAL] = SG_FACT_YES;
	return counted;
}

static const struct sg_key_ops ops = {
    .sign = counted_sign,
    .info = counted_info,
    .release = counted_release,
};

static void
a_key_does_its_work_through_its_kind(void **state)
{
	struct counted counted = good_key();
	SG_AUTO(sg_buf) sig = NULL;
	struct sg_key *key = NULL;

	(void)state;
	assert_int_equal(sg_key_new(&ops, &counted, &key, NULL), SG_OK);
	assert_ptr_equal(sg_key_info(key), &counted.info);
	assert_int_equal(
	    sg_key_sign(key, (const uint8_t *)"m", 1, &sig, NULL), SG_OK);
	assert_string_equal(sg_buf_str(sig), "sig");
	assert_int_equal(counted.signed_count, 1);
	assert_int_equal(counted.released, 0);
	sg_key_free(&key);
	assert_null(key);
	assert_int_equal(counted.released, 1);
	sg_key_free(&key);
	sg_key_free(NULL);
	assert_int_equal(counted.released, 1);
}

static void
the_longest_message_is_signed_and_the_next_is_not(void **state)
{
	static const uint8_t msg[SG_MSG_MAX + 1];
	struct counted counted = good_key();
	SG_AUTO(sg_buf) sig = NULL;
	SG_AUTO(sg_key) key = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_key_new(&ops, &counted, &key, NULL), SG_OK);
	assert_int_equal(
	    sg_key_sign(key, msg, SG_MSG_MAX + 1, &sig, &err), SG_E_USAGE);
	assert_null(sig);
	assert_int_equal(err.rc, SG_E_USAGE);
	assert_int_equal(counted.signed_count, 0);
	assert_int_equal(sg_key_sign(key, msg, SG_MSG_MAX, &sig, NULL), SG_OK);
	assert_int_equal(counted.len, SG_MSG_MAX);
}

static void
what_the_kind_returns_is_returned(void **state)
{
	struct counted counted = good_key();
	SG_AUTO(sg_buf) sig = NULL;
	SG_AUTO(sg_key) key = NULL;
	struct sg_err err = {0};

	(void)state;
	counted.rc = SG_E_PIN_MISSING;
	assert_int_equal(sg_key_new(&ops, &counted, &key, NULL), SG_OK);
	assert_int_equal(sg_key_sign(key, (const uint8_t *)"m", 1, &sig, &err),
	    SG_E_PIN_MISSING);
	assert_null(sig);
	assert_string_equal(err.text, "refused");
}

static void
a_key_that_breaks_a_rule_is_not_asked_to_sign(void **state)
{
	struct counted counted = good_key();
	SG_AUTO(sg_buf) sig = NULL;
	SG_AUTO(sg_key) key = NULL;
	struct sg_err err = {0};

	(void)state;
	counted.info.facts[SG_KEY_EXTRACTABLE] = SG_FACT_YES;
	assert_int_equal(sg_key_new(&ops, &counted, &key, NULL), SG_OK);
	assert_int_equal(
	    sg_key_sign(key, (const uint8_t *)"m", 1, &sig, &err), SG_E_POLICY);
	assert_non_null(strstr(err.text, "extractable"));
	assert_non_null(strstr(err.text, "CKA_EXTRACTABLE is true"));
	assert_non_null(strstr(err.text, "--allow extractable"));
	assert_non_null(strstr(err.text, "signet key audit"));
	assert_null(sig);
	assert_int_equal(counted.signed_count, 0);
}

static void
only_the_rule_that_is_allowed_may_be_broken(void **state)
{
	struct counted counted = good_key();
	SG_AUTO(sg_buf) sig = NULL;
	SG_AUTO(sg_key) key = NULL;
	struct sg_err err = {0};

	(void)state;
	counted.info.facts[SG_KEY_EXTRACTABLE] = SG_FACT_YES;
	counted.info.facts[SG_KEY_DECRYPT] = SG_FACT_YES;
	assert_int_equal(sg_key_new(&ops, &counted, &key, NULL), SG_OK);
	sg_key_allow(key, SG_RULE_BIT(SG_RULE_EXTRACTABLE));
	assert_int_equal(
	    sg_key_sign(key, (const uint8_t *)"m", 1, &sig, &err), SG_E_POLICY);
	assert_null(strstr(err.text, "extractable"));
	assert_non_null(strstr(err.text, "CKA_DECRYPT is true"));
	assert_int_equal(counted.signed_count, 0);
	sg_key_allow(key, SG_RULE_BIT(SG_RULE_SIGN_ONLY));
	assert_int_equal(
	    sg_key_sign(key, (const uint8_t *)"m", 1, &sig, NULL), SG_OK);
	assert_int_equal(counted.signed_count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_does_its_work_through_its_kind),
	    cmocka_unit_test(the_longest_message_is_signed_and_the_next_is_not),
	    cmocka_unit_test(what_the_kind_returns_is_returned),
	    cmocka_unit_test(a_key_that_breaks_a_rule_is_not_asked_to_sign),
	    cmocka_unit_test(only_the_rule_that_is_allowed_may_be_broken),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
