/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_JWKS_H
#define SG_SIGNER_JWKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "signer/jwk.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_rsa;

/* Longest text of a JWK Set, and most keys of one. */
#define SG_JWKS_TEXT_MAX (256 * 1024)
#define SG_JWKS_KEYS_MAX 256

/**
 * A set of public keys that verify RS256, to be published. RFC 7517 §5.
 *
 * Kept in the order of the bytes of the kids, so that the
 * same keys make the same text whatever order they came in. Not for two
 * threads at once.
 */
struct sg_jwks;

/** One key of a set. Borrowed from it, until the set is changed. */
struct sg_jwks_key {
	struct sg_rsa *rsa;
	char thumbprint[SG_THUMBPRINT_SIZE];
	char *kid;	     /* never NULL */
	int64_t retire_at_s; /* when it goes out of use; 0: not known */
};

/** An empty set. NULL when out of memory. Free with sg_jwks_free(). */
struct sg_jwks *sg_jwks_new(void);

void sg_jwks_free(struct sg_jwks **set);

/**
 * Put a key into the set.
 *
 * A key that is there already under this kid stays one; of two times the
 * earlier counts. One key may stand there under several kids, as it has to
 * while its kid is being changed; one kid never names two keys.
 *
 * @param rsa          Copied.
 * @param kid          NULL: the thumbprint, RFC 7638.
 * @param retire_at_s  0: not known.
 * @return SG_OK; SG_E_INVALID when the kid names another key, or the set is
 *         full; SG_E_NOMEM.
 */
enum sg_rc sg_jwks_add(struct sg_jwks *set, const struct sg_rsa *rsa,
    const char *kid, int64_t retire_at_s, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Put every key of a JWK Set that somebody else made into the set.
 *
 * Strict: JSON without a member twice; RSA public keys of at least 2048 bits
 * for RS256 and nothing else; no private member; "exp", if there, a time in
 * whole seconds. Other members are dropped, so that what is published is only
 * what was checked here.
 *
 * @return SG_OK; SG_E_INVALID, which says which key, and then the set may hold
 *         some of them; SG_E_NOMEM.
 */
enum sg_rc sg_jwks_merge(struct sg_jwks *set, const void *text, size_t len,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Say when a key goes out of use.
 *
 * @param name  Its kid, or its thumbprint.
 * @param at_s  Seconds since 1970; 0 forgets what was said before.
 * @return SG_OK; SG_E_USAGE when the set has no such key.
 */
enum sg_rc sg_jwks_retire(struct sg_jwks *set, const char *name, int64_t at_s,
    struct sg_err *err) SG_WARN_UNUSED;

/** When the first of the keys goes out of use; 0 when none is known to. */
int64_t sg_jwks_next_retirement(const struct sg_jwks *set);

/** Take the keys out whose time has come. */
void sg_jwks_drop_retired(struct sg_jwks *set, int64_t now_s);

size_t sg_jwks_count(const struct sg_jwks *set);

/** Key @p i, in the set's order; NULL when there is none. */
const struct sg_jwks_key *sg_jwks_at(const struct sg_jwks *set, size_t i);

/** Append the set as JSON on one line, with its end of line. */
enum sg_rc sg_jwks_write(const struct sg_jwks *set, struct sg_buf *out,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
