/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_POLICY_H
#define SG_PKCS11_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "pkcs11/key.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/** The rules that a key must keep to sign; see sg_policy_rule_name(). */
enum sg_rule {
	SG_RULE_TOKEN,
	SG_RULE_PRIVATE,
	SG_RULE_SENSITIVE,
	SG_RULE_EXTRACTABLE,
	SG_RULE_LOCAL,
	SG_RULE_SIGN_ONLY,
	SG_RULE_BITS,
	SG_RULE_MODIFIABLE,
	SG_RULE_MECHANISMS,
	SG_RULE_COUNT,
};

/** A rule in a set of rules. */
#define SG_RULE_BIT(rule) (1U << (rule))

/** What comes of one attribute. */
enum sg_verdict {
	SG_VERDICT_PASS = 0,
	SG_VERDICT_UNKNOWN, /* the token does not say, and need not */
	SG_VERDICT_FAIL,
};

/** What a row of the policy reads. */
enum sg_policy_reads {
	SG_POLICY_READS_FACT,
	SG_POLICY_READS_BITS,
	SG_POLICY_READS_MECHANISMS,
};

/** One attribute, and what its rule demands of it. */
struct sg_policy_row {
	enum sg_rule rule;
	enum sg_policy_reads reads;
	enum sg_key_fact fact; /* where a fact is read */
	enum sg_fact must_be;
	bool stated;   /* part of the template of a new key; else read alone */
	bool optional; /* a token may not know it, and not tell of it */
};

/** The policy: what makes a private key one that signs. Any thread. */
extern const struct sg_policy_row sg_policy_rows[];
extern const size_t sg_policy_row_count;

/** Judge one attribute by what the token answered. */
enum sg_verdict sg_policy_verdict(
    const struct sg_policy_row *row, const struct sg_key_info *key);

/** The set of the rules that a key breaks; 0 when it keeps them all. */
unsigned int sg_policy_broken(const struct sg_key_info *key);

/**
 * May this key sign?
 *
 * @param allowed  Rules that it may break.
 * @return SG_OK; SG_E_POLICY with each rule that it breaks and what the token
 *         answered.
 */
enum sg_rc sg_policy_check(const struct sg_key_info *key, unsigned int allowed,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Add a rule to those that a key may break.
 *
 * @param name  Of --allow.
 * @return SG_OK; SG_E_USAGE for a name that no rule has, and for "bits", which
 *         RS256 itself demands: RFC 7518 §3.3.
 */
enum sg_rc sg_policy_allow(
    const char *name, unsigned int *allowed, struct sg_err *err) SG_WARN_UNUSED;

/** The rule's name, as --allow takes it, and its sentence. */
const char *sg_policy_rule_name(enum sg_rule rule);
const char *sg_policy_rule_text(enum sg_rule rule);

/** The attribute that a row reads, such as "CKA_SENSITIVE". */
const char *sg_policy_attribute(const struct sg_policy_row *row);

/** What it must be, in words. */
const char *sg_policy_wanted(const struct sg_policy_row *row);

/** Append what the token answered; "unknown" when it did not. */
void sg_policy_add_answer(struct sg_buf *out, const struct sg_policy_row *row,
    const struct sg_key_info *key);

/** "pass", "unknown" or "FAIL". */
const char *sg_policy_verdict_text(enum sg_verdict verdict);

/** A mechanism's name; NULL when it has none here. */
const char *sg_policy_mechanism_name(unsigned long mechanism);

/** Append a mechanism's name; of one that has none here, its number. */
void sg_policy_add_mechanism(struct sg_buf *out, unsigned long mechanism);

/** Number @p i of the RSA mechanisms that have a name; false behind the last.
 */
bool sg_policy_known_mechanism(size_t i, unsigned long *out_mechanism);

/** The mechanism that such a text stands for; false when it is none. */
bool sg_policy_read_mechanism(const char *text, unsigned long *out_mechanism);

#ifdef __cplusplus
}
#endif

#endif
