/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_RSA_H
#define SG_SIGNER_RSA_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/* The least modulus that is accepted for RS256, in bits: RFC 7518 §3.3. */
#define SG_RSA_MIN_BITS 2048

/** An RSA public key that verifies RS256. Immutable; any thread. */
struct sg_rsa;

/**
 * Make a public key of its numbers: unsigned, big-endian.
 *
 * @return SG_OK; SG_E_INVALID for numbers that are no RSA key, an even or too
 *         small exponent, or a modulus shorter than SG_RSA_MIN_BITS.
 */
enum sg_rc sg_rsa_new(const uint8_t *n, size_t n_len, const uint8_t *e,
    size_t e_len, struct sg_rsa **out_rsa, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Read a PEM SubjectPublicKeyInfo ("BEGIN PUBLIC KEY").
 *
 * @return SG_OK or SG_E_INVALID, with the same limits as sg_rsa_new().
 */
enum sg_rc sg_rsa_from_pem(const char *pem, size_t len, struct sg_rsa **out_rsa,
    struct sg_err *err) SG_WARN_UNUSED;

/** Append the PEM SubjectPublicKeyInfo. RFC 7468 §13. */
enum sg_rc sg_rsa_to_pem(const struct sg_rsa *rsa, struct sg_buf *buf,
    struct sg_err *err) SG_WARN_UNUSED;

/** Append the DER SubjectPublicKeyInfo. RFC 5280 §4.1.2.7. */
enum sg_rc sg_rsa_to_der(const struct sg_rsa *rsa, struct sg_buf *buf,
    struct sg_err *err) SG_WARN_UNUSED;

/** Append modulus or exponent: big-endian, no leading zeros. */
enum sg_rc sg_rsa_modulus(const struct sg_rsa *rsa, struct sg_buf *buf,
    struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc sg_rsa_exponent(const struct sg_rsa *rsa, struct sg_buf *buf,
    struct sg_err *err) SG_WARN_UNUSED;

/** Bytes in the modulus, which is the length of a signature. */
size_t sg_rsa_size(const struct sg_rsa *rsa);

/** Bits of the modulus. */
unsigned int sg_rsa_bits(const struct sg_rsa *rsa);

/**
 * Verify RSASSA-PKCS1-v1_5 with SHA-256, and nothing else. RFC 8017 §8.2.2.
 *
 * @return SG_OK; SG_E_INVALID when the signature is not the key's.
 */
enum sg_rc sg_rsa_verify(const struct sg_rsa *rsa, const uint8_t *msg,
    size_t len, const uint8_t *sig, size_t sig_len, struct sg_err *err)
    SG_WARN_UNUSED;

void sg_rsa_free(struct sg_rsa **rsa);

#ifdef __cplusplus
}
#endif

#endif
