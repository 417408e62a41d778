/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_JWT_H
#define SG_SIGNER_JWT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_json;
struct sg_jws;
struct sg_rsa;
struct sg_secret;

/* The most bytes of a compact JWT that Tableau accepts (measured, 2026-09). */
#define SG_JWT_MAX 8192

/** A JWT that was read and not yet verified. */
struct sg_jwt;

/** What a JWT must say. NULL and 0: not checked, but exp always is. */
struct sg_jwt_expect {
	const char *issuer;
	const char *tenant_id;
	int64_t now_s;
	int64_t leeway_s; /* how far clocks may be apart */
};

/**
 * Read a compact JWT: a JWS whose payload is one JSON object, each member
 * once. Nothing in it is to be believed before sg_jwt_verify().
 *
 * @return SG_OK or SG_E_INVALID. RFC 7519 §7.2.
 */
enum sg_rc sg_jwt_parse(const char *text, size_t len, struct sg_jwt **out_jwt,
    struct sg_err *err) SG_WARN_UNUSED;

/** The JWT's header and claims. Borrowed. */
const struct sg_json *sg_jwt_header(const struct sg_jwt *jwt);
const struct sg_json *sg_jwt_claims(const struct sg_jwt *jwt);

/** The header's kid; NULL when it has none. Borrowed. */
const char *sg_jwt_kid(const struct sg_jwt *jwt);

/**
 * Verify header, signature and claims, in this order.
 *
 * The algorithm is RS256 because we say so: the header is only compared with
 * it. A crit header, a typ other than JWT, and a missing exp are refused.
 *
 * @return SG_OK; SG_E_INVALID with the first thing that is wrong.
 * RFC 8725 §3, RFC 7515 §4.1.11, RFC 7519 §4.1.
 */
enum sg_rc sg_jwt_verify(const struct sg_jwt *jwt, const struct sg_rsa *rsa,
    const struct sg_jwt_expect *expect, struct sg_err *err) SG_WARN_UNUSED;

/**
 * What a JWT that was just signed here says, without a copy of its signature.
 *
 * @param out_claims  Free with sg_json_free().
 * @return SG_OK; SG_E_INVALID for what is no JWT.
 */
enum sg_rc sg_jwt_claims_of(const struct sg_secret *jwt,
    struct sg_json **out_claims, struct sg_err *err) SG_WARN_UNUSED;

void sg_jwt_free(struct sg_jwt **jwt);

#ifdef __cplusplus
}
#endif

#endif
