/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "pkcs11/p11.h"

/* RFC 7518 §3.3. */
#define LEAST_BITS 2048

#define ANSWER_MAX 4096

static const struct {
	const char *name;
	const char *text;
	bool is_fixed; /* nothing can allow it to be broken */
} rules[SG_RULE_COUNT] = {
    [SG_RULE_TOKEN] = {"token", "the key lives in the token", false},
    [SG_RULE_PRIVATE] = {"private", "only who is logged in may use it", false},
    [SG_RULE_SENSITIVE] = {"sensitive", "it is never shown in the clear",
	false},
    [SG_RULE_EXTRACTABLE] = {"extractable",
	"it does not leave the token, not even wrapped", false},
    [SG_RULE_LOCAL] = {"local", "it was made in the token", false},
    [SG_RULE_SIGN_ONLY] = {"sign-only", "it signs and does nothing else",
	false},
    [SG_RULE_BITS] = {"bits", "RSA of 2048 bits or more", true},
    [SG_RULE_MODIFIABLE] = {"modifiable", "nobody can change all this", false},
    [SG_RULE_MECHANISMS] = {"mechanisms",
	"if its mechanisms are limited, then to RSA PKCS #1 v1.5 signatures",
	false},
};

#define FACT(rule, fact, must_be, stated, optional) \
	{ \
		rule, SG_POLICY_READS_FACT, fact, must_be, stated, optional \
	}

/* PKCS#11 v2.40 §4.9 says what each attribute means. */
const struct sg_policy_row sg_policy_rows[] = {
    FACT(SG_RULE_TOKEN, SG_KEY_TOKEN, SG_FACT_YES, true, false),
    FACT(SG_RULE_PRIVATE, SG_KEY_PRIVATE, SG_FACT_YES, true, false),
    FACT(SG_RULE_SENSITIVE, SG_KEY_SENSITIVE, SG_FACT_YES, true, false),
    FACT(SG_RULE_SENSITIVE, SG_KEY_ALWAYS_SENSITIVE, SG_FACT_YES, false, true),
    FACT(SG_RULE_EXTRACTABLE, SG_KEY_EXTRACTABLE, SG_FACT_NO, true, false),
    FACT(SG_RULE_EXTRACTABLE, SG_KEY_NEVER_EXTRACTABLE, SG_FACT_YES, false,
	true),
    FACT(SG_RULE_LOCAL, SG_KEY_LOCAL, SG_FACT_YES, false, true),
    FACT(SG_RULE_SIGN_ONLY, SG_KEY_SIGN, SG_FACT_YES, true, false),
    FACT(SG_RULE_SIGN_ONLY, SG_KEY_DECRYPT, SG_FACT_NO, true, false),
    FACT(SG_RULE_SIGN_ONLY, SG_KEY_UNWRAP, SG_FACT_NO, true, false),
    FACT(SG_RULE_SIGN_ONLY, SG_KEY_SIGN_RECOVER, SG_FACT_NO, true, true),
    FACT(SG_RULE_SIGN_ONLY, SG_KEY_DERIVE, SG_FACT_NO, true, true),
    {.rule = SG_RULE_BITS, .reads = SG_POLICY_READS_BITS},
    FACT(SG_RULE_MODIFIABLE, SG_KEY_MODIFIABLE, SG_FACT_NO, true, true),
    {.rule = SG_RULE_MECHANISMS,
	.reads = SG_POLICY_READS_MECHANISMS,
	.optional = true},
};

const size_t sg_policy_row_count = SG_COUNT(sg_policy_rows);

#define MECHANISM(name, may_be) \
	{ \
		name, #name, may_be \
	}

/*
 * The mechanisms that a key's list may hold: RSASSA-PKCS1-v1_5, raw or with a
 * hash of the SHA-2 family. Not SHA-1, which no new signature may use (NIST SP
 * 800-131A Rev. 2 §9), nor MD5; not PSS, so that the key serves one scheme
 * (RFC 8017 §8); not OAEP and X.509, which are no signatures, and whose raw
 * power makes any.
 */
static const struct {
	unsigned long type;
	const char *name;
	bool may_be;
} mechanisms[] = {
    MECHANISM(CKM_RSA_PKCS, true),
    MECHANISM(CKM_SHA224_RSA_PKCS, true),
    MECHANISM(CKM_SHA256_RSA_PKCS, true),
    MECHANISM(CKM_SHA384_RSA_PKCS, true),
    MECHANISM(CKM_SHA512_RSA_PKCS, true),
    MECHANISM(CKM_SHA1_RSA_PKCS, false),
    MECHANISM(CKM_MD5_RSA_PKCS, false),
    MECHANISM(CKM_RSA_X_509, false),
    MECHANISM(CKM_RSA_9796, false),
    MECHANISM(CKM_RSA_PKCS_OAEP, false),
    MECHANISM(CKM_RSA_PKCS_PSS, false),
    MECHANISM(CKM_SHA1_RSA_PKCS_PSS, false),
    MECHANISM(CKM_SHA224_RSA_PKCS_PSS, false),
    MECHANISM(CKM_SHA256_RSA_PKCS_PSS, false),
    MECHANISM(CKM_SHA384_RSA_PKCS_PSS, false),
    MECHANISM(CKM_SHA512_RSA_PKCS_PSS, false),
    MECHANISM(CKM_RSA_PKCS_KEY_PAIR_GEN, false),
};

static enum sg_verdict
judge_fact(const struct sg_policy_row *row, const struct sg_key_info *key)
{
	enum sg_fact got = key->facts[row->fact];

	if (got == row->must_be)
		return SG_VERDICT_PASS;
	return got == SG_FACT_UNKNOWN && row->optional ? SG_VERDICT_UNKNOWN
						       : SG_VERDICT_FAIL;
}

static bool
mechanism_may_be(unsigned long type)
{
	size_t i;

	for (i = 0; i < SG_COUNT(mechanisms); i++)
		if (mechanisms[i].type == type)
			return mechanisms[i].may_be;
	return false;
}

/* An empty list limits nothing, like none. */
static enum sg_verdict
judge_mechanisms(const struct sg_key_info *key)
{
	size_t i;

	if (key->mechanisms_unreadable)
		return SG_VERDICT_FAIL;
	for (i = 0; i < key->mechanism_count; i++)
		if (!mechanism_may_be(key->mechanisms[i]))
			return SG_VERDICT_FAIL;
	return key->mechanism_count > 0 ? SG_VERDICT_PASS : SG_VERDICT_UNKNOWN;
}

enum sg_verdict
sg_policy_verdict(
    const struct sg_policy_row *row, const struct sg_key_info *key)
{
	if (row->reads == SG_POLICY_READS_MECHANISMS)
		return judge_mechanisms(key);
	if (row->reads == SG_POLICY_READS_FACT)
		return judge_fact(row, key);
	return strcmp(key->type, "RSA") == 0 && key->bits >= LEAST_BITS
		   ? SG_VERDICT_PASS
		   : SG_VERDICT_FAIL;
}

unsigned int
sg_policy_broken(const struct sg_key_info *key)
{
	unsigned int broken = 0;
	size_t i;

	for (i = 0; i < sg_policy_row_count; i++)
		if (sg_policy_verdict(&sg_policy_rows[i], key) ==
		    SG_VERDICT_FAIL)
			broken |= SG_RULE_BIT(sg_policy_rows[i].rule);
	return broken;
}

const char *
sg_policy_rule_name(enum sg_rule rule)
{
	return rules[rule].name;
}

const char *
sg_policy_rule_text(enum sg_rule rule)
{
	return rules[rule].text;
}

const char *
sg_policy_attribute(const struct sg_policy_row *row)
{
	static const char *const names[] = {
	    [SG_POLICY_READS_BITS] = "CKA_MODULUS",
	    [SG_POLICY_READS_MECHANISMS] = "CKA_ALLOWED_MECHANISMS",
	};

	return row->reads == SG_POLICY_READS_FACT ? sg_key_fact_name(row->fact)
						  : names[row->reads];
}

const char *
sg_policy_wanted(const struct sg_policy_row *row)
{
	if (row->reads == SG_POLICY_READS_BITS)
		return "RSA 2048 or more";
	if (row->reads == SG_POLICY_READS_MECHANISMS)
		return "RSA PKCS #1 v1.5 signatures";
	return row->must_be == SG_FACT_YES ? "true" : "false";
}

const char *
sg_policy_verdict_text(enum sg_verdict verdict)
{
	static const char *const texts[] = {
	    [SG_VERDICT_PASS] = "pass",
	    [SG_VERDICT_UNKNOWN] = "unknown",
	    [SG_VERDICT_FAIL] = "FAIL",
	};

	return texts[verdict];
}

const char *
sg_policy_mechanism_name(unsigned long mechanism)
{
	size_t i;

	for (i = 0; i < SG_COUNT(mechanisms); i++)
		if (mechanisms[i].type == mechanism)
			return mechanisms[i].name;
	return NULL;
}

void
sg_policy_add_mechanism(struct sg_buf *out, unsigned long mechanism)
{
	const char *name = sg_policy_mechanism_name(mechanism);

	if (name != NULL)
		sg_buf_add_str(out, name);
	else
		sg_buf_addf(out, "0x%08lx", mechanism);
}

bool
sg_policy_known_mechanism(size_t i, unsigned long *out_mechanism)
{
	if (i >= SG_COUNT(mechanisms))
		return false;
	*out_mechanism = mechanisms[i].type;
	return true;
}

bool
sg_policy_read_mechanism(const char *text, unsigned long *out_mechanism)
{
	const char *digits;
	size_t i;

	for (i = 0; i < SG_COUNT(mechanisms); i++) {
		if (strcmp(mechanisms[i].name, text) != 0)
			continue;
		*out_mechanism = mechanisms[i].type;
		return true;
	}
	if (!sg_text_starts(text, "0x"))
		return false;
	digits = text + 2;
	/* strtoul() alone would take blanks, a sign and another "0x". */
	if (digits[0] == '\0' || strlen(digits) > 2 * sizeof(*out_mechanism) ||
	    digits[strspn(digits, "0123456789abcdefABCDEF")] != '\0')
		return false;
	*out_mechanism = strtoul(digits, NULL, 16);
	return true;
}

static void
add_mechanisms(struct sg_buf *out, const struct sg_key_info *key)
{
	size_t i;

	if (key->mechanisms_unreadable)
		sg_buf_add_str(out, "unreadable");
	else if (!key->mechanisms_told)
		sg_buf_add_str(out, "unknown");
	else if (key->mechanism_count == 0)
		sg_buf_add_str(out, "none listed");
	for (i = 0; i < key->mechanism_count; i++) {
		if (i > 0)
			sg_buf_add_byte(out, ' ');
		sg_policy_add_mechanism(out, key->mechanisms[i]);
	}
}

void
sg_policy_add_answer(struct sg_buf *out, const struct sg_policy_row *row,
    const struct sg_key_info *key)
{
	static const char *const facts[] = {
	    [SG_FACT_UNKNOWN] = "unknown",
	    [SG_FACT_NO] = "false",
	    [SG_FACT_YES] = "true",
	};

	if (row->reads == SG_POLICY_READS_FACT)
		sg_buf_add_str(out, facts[key->facts[row->fact]]);
	else if (row->reads == SG_POLICY_READS_MECHANISMS)
		add_mechanisms(out, key);
	else if (key->bits == 0)
		sg_buf_addf(out, "%s of unknown size", key->type);
	else
		sg_buf_addf(out, "%s %u", key->type, key->bits);
}

/* "extractable (CKA_EXTRACTABLE is true), sign-only (…)". */
static void
add_failures(struct sg_buf *out, const struct sg_key_info *key, unsigned int of)
{
	size_t i;

	for (i = 0; i < sg_policy_row_count; i++) {
		const struct sg_policy_row *row = &sg_policy_rows[i];

		if ((of & SG_RULE_BIT(row->rule)) == 0 ||
		    sg_policy_verdict(row, key) != SG_VERDICT_FAIL)
			continue;
		sg_buf_addf(out, "%s%s (%s is ", out->len > 0 ? ", " : "",
		    rules[row->rule].name, sg_policy_attribute(row));
		sg_policy_add_answer(out, row, key);
		sg_buf_add_byte(out, ')');
	}
}

static void
add_options(struct sg_buf *out, unsigned int of)
{
	size_t i;

	for (i = 0; i < SG_RULE_COUNT; i++)
		if ((of & SG_RULE_BIT(i)) != 0)
			sg_buf_addf(out, " --allow %s", rules[i].name);
}

enum sg_rc
sg_policy_check(
    const struct sg_key_info *key, unsigned int allowed, struct sg_err *err)
{
	unsigned int broken = sg_policy_broken(key) & ~allowed;
	SG_AUTO(sg_buf) failures = NULL;
	SG_AUTO(sg_buf) options = NULL;

	if (broken == 0)
		return SG_OK;
	failures = sg_buf_new(ANSWER_MAX);
	options = sg_buf_new(ANSWER_MAX);
	if (failures == NULL || options == NULL)
		return sg_fail_nomem(err);
	add_failures(failures, key, broken);
	add_options(options, broken);
	if ((broken & SG_RULE_BIT(SG_RULE_BITS)) != 0)
		return sg_fail(err, SG_E_POLICY,
		    "the key does not sign, as it breaks the policy: %.900s; "
		    "see: signet key audit",
		    sg_buf_str(failures));
	return sg_fail(err, SG_E_POLICY,
	    "the key does not sign, as it breaks the policy: %.900s; see: "
	    "signet key audit; to sign all the same:%s",
	    sg_buf_str(failures), sg_buf_str(options));
}

enum sg_rc
sg_policy_allow(const char *name, unsigned int *allowed, struct sg_err *err)
{
	SG_AUTO(sg_buf) names = sg_buf_new(ANSWER_MAX);
	size_t i;

	for (i = 0; i < SG_RULE_COUNT; i++) {
		if (strcmp(rules[i].name, name) == 0)
			break;
		if (!rules[i].is_fixed)
			sg_buf_addf(
			    names, "%s%s", i > 0 ? ", " : "", rules[i].name);
	}
	if (i == SG_RULE_COUNT)
		return sg_fail(err, SG_E_USAGE,
		    "no rule is called \"%s\"; the rules are %s", name,
		    sg_buf_str(names));
	if (rules[i].is_fixed)
		return sg_fail(err, SG_E_USAGE,
		    "the rule \"%s\" cannot be allowed to be broken: RS256 "
		    "itself demands %s",
		    name, rules[i].text);
	*allowed |= SG_RULE_BIT(i);
	return SG_OK;
}
