/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_SIGNER_H
#define SG_SIGNER_SIGNER_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_claims;
struct sg_key;
struct sg_key_info;
struct sg_rsa;
struct sg_secret;

/** Makes UAT JWTs with one key. */
struct sg_signer;

/**
 * Make a signer of a key.
 *
 * Where the public key was found beside the private one, the token signs a
 * fixed text first to prove that they belong together.
 *
 * @param key    Borrowed; must outlive the signer.
 * @param clock  Borrowed; gives iat, exp and jti.
 * @return SG_OK; SG_E_POLICY for a key of fewer than 2048 bits; SG_E_INVALID
 *         when the public key is not the key's, or is no RSA key; what the key
 *         returned.
 */
enum sg_rc sg_signer_new(struct sg_key *key, const struct sg_clock *clock,
    struct sg_signer **out_signer, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Build, sign and verify one JWT.
 *
 * The claims are checked and the length is known before the token is asked,
 * and the signature is verified with the public key before anyone sees it: a
 * faulty RSA-CRT signature gives the private key away.
 *
 * @param kid      "thumbprint" (RFC 7638), "none", or a text; NULL: thumbprint.
 * @param out_jwt  Compact form. Free with sg_secret_free().
 * @return SG_OK; what sg_claims_check() returns; SG_E_USAGE when the JWT would
 *         pass SG_JWT_MAX, with the number of scopes that fit; SG_E_TOKEN when
 *         the signature does not verify; what the key returned.
 * RFC 7515 §5.1, RFC 7519 §7.1, RFC 7518 §3.3.
 */
enum sg_rc sg_signer_mint(struct sg_signer *signer,
    const struct sg_claims *claims, const char *kid, struct sg_secret **out_jwt,
    struct sg_err *err) SG_WARN_UNUSED;

/** What its token tells of the key. Borrowed. */
const struct sg_key_info *sg_signer_key(const struct sg_signer *signer);

/** The public key, and its thumbprint. Borrowed from the signer. */
const struct sg_rsa *sg_signer_public(const struct sg_signer *signer);
const char *sg_signer_thumbprint(const struct sg_signer *signer);

void sg_signer_free(struct sg_signer **signer);

#ifdef __cplusplus
}
#endif

#endif
