/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_SEARCH_H
#define SG_PKCS11_SEARCH_H

#include "pkcs11/p11.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_object;

/**
 * Find private keys by template.
 *
 * @param uri  Object part picks; may be NULL.
 */
enum sg_rc sg_search_all(const struct sg_token_p11 *p11,
    const struct sg_uri *uri, CK_OBJECT_HANDLE *out_handles, CK_ULONG max,
    CK_ULONG *out_count, struct sg_err *err) SG_WARN_UNUSED;

/** Find the one private key, else SG_E_NOT_FOUND or SG_E_AMBIGUOUS. */
enum sg_rc sg_search_one(const struct sg_token_p11 *p11,
    const struct sg_uri *uri, struct sg_object **out_object, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Find an object again by id and label, and check that it is the same key with
 * the same attributes; its handle may be another.
 *
 * @return SG_OK; SG_E_NOT_FOUND when another key, or none, is in its place;
 *         SG_E_POLICY when its attributes have changed; SG_E_TOKEN.
 */
enum sg_rc sg_search_again(const struct sg_token_p11 *p11,
    struct sg_object *object, struct sg_err *err) SG_WARN_UNUSED;

/** sg_search_one() with a session of its own, and what was lost had again. */
enum sg_rc sg_search_token(struct sg_token *token, const struct sg_uri *uri,
    struct sg_object **out_object, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
