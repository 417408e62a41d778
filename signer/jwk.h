/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_JWK_H
#define SG_SIGNER_JWK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_json;
struct sg_jsonw;
struct sg_rsa;

/* Length of an RFC 7638 thumbprint as base64url text with its NUL. */
#define SG_THUMBPRINT_SIZE 44

/** The SHA-256 thumbprint of a public key. RFC 7638 §3. */
enum sg_rc sg_jwk_thumbprint(const struct sg_rsa *rsa,
    char out_text[SG_THUMBPRINT_SIZE], struct sg_err *err) SG_WARN_UNUSED;

/**
 * Write a public key as a JWK for signatures with RS256. RFC 7517 §4.
 *
 * @param name         Member name, or NULL (see jsonw.h).
 * @param kid          NULL for none.
 * @param retire_at_s  Written as "exp", a NumericDate; 0 for none.
 */
enum sg_rc sg_jwk_write(struct sg_jsonw *w, const char *name,
    const struct sg_rsa *rsa, const char *kid, int64_t retire_at_s,
    struct sg_err *err) SG_WARN_UNUSED;

/** Does the JWK hold a number or a secret that nobody else may see? */
bool sg_jwk_is_private(const struct sg_json *jwk);

/**
 * Is it, by what it says of itself, a public RSA key for signatures with
 * RS256? RFC 7517 §4.2 and §4.4.
 *
 * @return SG_OK or SG_E_INVALID.
 */
enum sg_rc sg_jwk_check_use(const struct sg_json *jwk, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * What is wrong with a key in a way that many readers overlook, in words; NULL
 * when nothing is: numbers that are padded or have a zero octet in front (RFC
 * 7518 §2 wants neither), and key_ops without "verify" (RFC 7517 §4.3).
 */
const char *sg_jwk_flaw(const struct sg_json *jwk);

/**
 * Read the RSA key of a JWK, whatever it says that the key is for, and though
 * its numbers are padded.
 *
 * @return SG_OK; SG_E_INVALID where there is none that RS256 could use.
 */
enum sg_rc sg_jwk_read_numbers(const struct sg_json *jwk,
    struct sg_rsa **out_rsa, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Read a public RSA key from a JWK.
 *
 * A key that says it is for encryption or another algorithm, and one that
 * holds private numbers, is refused, and so are padded numbers. RFC 7517
 * §4.2-4.4, RFC 7518 §2, RFC 8725 §3.1.
 *
 * @return SG_OK or SG_E_INVALID.
 */
enum sg_rc sg_jwk_read(const struct sg_json *jwk, struct sg_rsa **out_rsa,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Pick the key of a JWK Set that a JWT asks for.
 *
 * @param kid  The JWT's kid; NULL when it has none, and then the set must hold
 *             exactly one key.
 * @return SG_OK; SG_E_INVALID when no key or several fit.
 */
enum sg_rc sg_jwk_pick(const struct sg_json *jwks, const char *kid,
    struct sg_rsa **out_rsa, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
