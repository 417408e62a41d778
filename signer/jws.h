/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_JWS_H
#define SG_SIGNER_JWS_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_json;

/* Longest compact JWS that is read. */
#define SG_JWS_MAX (64 * 1024)

/** A compact JWS, taken apart and not yet verified. Valid when zeroed. */
struct sg_jws {
	struct sg_json *header;
	struct sg_buf *payload;
	struct sg_buf *signature;
	struct sg_buf *signing_input; /* the first two parts and their dot */
};

/** Length of a compact JWS of parts of these lengths. RFC 7515 §3.1. */
size_t sg_jws_compact_len(
    size_t header_len, size_t payload_len, size_t signature_len);

/** Append BASE64URL(header) '.' BASE64URL(payload). RFC 7515 §5.1 step 5. */
void sg_jws_signing_input(struct sg_buf *out, const char *header,
    size_t header_len, const void *payload, size_t payload_len);

/**
 * Take a compact JWS apart, strictly: three parts, base64url without padding,
 * a header that is a JSON object without duplicate members. RFC 7515 §5.2.
 *
 * @return SG_OK or SG_E_INVALID.
 */
enum sg_rc sg_jws_parse(const char *text, size_t len, struct sg_jws **out_jws,
    struct sg_err *err) SG_WARN_UNUSED;

void sg_jws_free(struct sg_jws **jws);

#ifdef __cplusplus
}
#endif

#endif
