/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_B64URL_H
#define SG_BASE_B64URL_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/** Append base64url without padding. RFC 4648 §5, RFC 7515 §2. */
void sg_b64url_encode(struct sg_buf *buf, const void *data, size_t len);

/**
 * Append the bytes of a base64url text, strictly.
 *
 * Refuses padding, white space, the characters of plain base64, a length that
 * no byte string encodes to, and left-over bits that are not zero, so that
 * one byte string has one text. RFC 4648 §3.3, §3.5 and §5.
 *
 * @return SG_OK or SG_E_INVALID. Check @p buf for memory afterwards.
 */
enum sg_rc sg_b64url_decode(struct sg_buf *buf, const char *text, size_t len,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
