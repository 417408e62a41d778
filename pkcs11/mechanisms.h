/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_MECHANISMS_H
#define SG_PKCS11_MECHANISMS_H

#include "pkcs11/p11.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_slot;

/**
 * The mechanisms that a token lists: C_GetMechanismList.
 *
 * @return NULL when it gives no list that can be true: that says nothing of
 *         what it can do. Free with free().
 */
CK_MECHANISM_TYPE *sg_mechanisms_list(
    const struct sg_module *module, CK_SLOT_ID slot, CK_ULONG *out_count);

/** Is it listed? Yes where there is no list, as nothing speaks against it. */
bool sg_mechanisms_may_have(
    const CK_MECHANISM_TYPE *list, CK_ULONG count, CK_MECHANISM_TYPE mechanism);

/** Fill in what the token can do: C_GetMechanismList and _Info. */
void sg_mechanisms_describe(
    const struct sg_slot *slot, struct sg_token_info *info);

/** Does the token offer the mechanism for these uses (CKF_SIGN, …)? */
bool sg_mechanisms_can(
    const struct sg_slot *slot, CK_MECHANISM_TYPE mechanism, CK_FLAGS what);

#define SG_DIGEST_INFO_SIZE 51

/** What CKM_RSA_PKCS signs for RS256: the SHA-256 digest of a message in the
 * DigestInfo of RFC 8017 §9.2. */
void sg_mechanisms_digest_info(
    const uint8_t *msg, size_t len, uint8_t out[SG_DIGEST_INFO_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
