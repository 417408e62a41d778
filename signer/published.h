/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_PUBLISHED_H
#define SG_SIGNER_PUBLISHED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_rsa;

/**
 * A JWK Set that several hosts publish in, to be changed by one of them: the
 * keys of the others stay as they are, of whatever kind, with every member.
 * For a set of keys that are all to be checked there is struct sg_jwks.
 *
 * Kept in the order of the kids. Not for two threads at once.
 */
struct sg_published;

/** An empty set. NULL when out of memory. Free with sg_published_free(). */
struct sg_published *sg_published_new(void);

void sg_published_free(struct sg_published **set);

/**
 * Put every key of a text into the set.
 *
 * A key that an earlier text had under the same kid stays as it was there.
 *
 * @return SG_OK; SG_E_INVALID when it is no JWK Set, holds a private key, or
 *         has another key of the same kind under a kid of an earlier text, and
 *         then the set may hold some of its keys; SG_E_NOMEM.
 */
enum sg_rc sg_published_merge(struct sg_published *set, const void *text,
    size_t len, struct sg_err *err) SG_WARN_UNUSED;

/** Is this key in it, for RS256, under its thumbprint as kid? */
bool sg_published_has(const struct sg_published *set, const char *thumbprint);

/**
 * Put a key into the set, under its thumbprint, unless it is there.
 *
 * @return SG_OK; SG_E_INVALID when another key has that kid, or the set is
 *         full; SG_E_NOMEM.
 */
enum sg_rc sg_published_add(struct sg_published *set, const struct sg_rsa *rsa,
    struct sg_err *err) SG_WARN_UNUSED;

/** Take a key out, under whatever kids. */
void sg_published_remove(struct sg_published *set, const char *thumbprint);

/** Append the set as JSON on one line, with its end of line. */
enum sg_rc sg_published_write(const struct sg_published *set,
    struct sg_buf *out, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
