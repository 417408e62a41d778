/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_KEYDEL_H
#define SG_PKCS11_KEYDEL_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_token;
struct sg_uri;

/**
 * Delete a private key, and then each public key object that belongs to it:
 * of its id and modulus.
 *
 * Where the token fails, it is looked again: the answer alone may have been
 * lost.
 *
 * @param token             Logged in, opened writable.
 * @param uri               As sg_key_find().
 * @param out_public_stays  A public key that may be its own was left, as that
 *                          cannot be told: key or object has no modulus or id.
 * @return SG_OK when the private key is gone, and each public key that is
 *         known to be its own; SG_E_NOT_FOUND; SG_E_AMBIGUOUS; SG_E_TOKEN
 *         when an object could not be deleted: the text says which. The
 *         public key stays when the private one may.
 * PKCS#11 v2.40 §5.7, C_DestroyObject.
 */
enum sg_rc sg_key_delete(struct sg_token *token, const struct sg_uri *uri,
    bool *out_public_stays, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
