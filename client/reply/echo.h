/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_REPLY_ECHO_H
#define SG_CLIENT_REPLY_ECHO_H

#include <stddef.h>

#include "base/attr.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_secret;

/* A stretch of a secret that is as long is struck out; so is a shorter secret
 * that is whole. */
#define SG_ECHO_MIN 12

/**
 * Append a service's text, with "(hidden)" in place of each part of it that
 * also stands in the secret that the service was sent: the whole, one of its
 * parts, or as much as an escape left together.
 *
 * @param sent  Borrowed; NULL strikes nothing out.
 */
void sg_echo_strike(struct sg_buf *out, const char *text, size_t len,
    const struct sg_secret *sent);

#ifdef __cplusplus
}
#endif

#endif
