/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_KEYGEN_H
#define SG_PKCS11_KEYGEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_token;

struct sg_keygen_opts {
	const char *label; /* UTF-8, not empty */
	const uint8_t *id; /* NULL: 16 random bytes */
	size_t id_len;
	unsigned int bits;	      /* 2048, 3072 or 4096 */
	const struct sg_clock *clock; /* for the random id */
};

/**
 * Generate a key pair that signs and does nothing else, in the token.
 *
 * Every attribute is stated: sensitive, never extractable, sign-only. Where a
 * token does not know an optional one (CKA_MODIFIABLE, CKA_ALLOWED_MECHANISMS
 * and the like) it is asked again without. What the token really stored is
 * read back; a key that breaks what was asked is destroyed again.
 *
 * @param token    Logged in, opened writable.
 * @param out_uri  URI of the new private key. Free with free().
 * @return SG_OK; SG_E_USAGE; SG_E_AMBIGUOUS when a private key with the label
 *         or id, or a public one with the id, is there already; SG_E_MECHANISM;
 * SG_E_POLICY when the token stored something else; SG_E_TOKEN. When a pair
 * that must go cannot be destroyed, the text says so. PKCS#11 v2.40 §5.13,
 * C_GenerateKeyPair.
 */
enum sg_rc sg_key_generate(struct sg_token *token,
    const struct sg_keygen_opts *opts, char **out_uri, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
