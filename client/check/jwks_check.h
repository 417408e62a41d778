/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_CHECK_JWKS_CHECK_H
#define SG_CLIENT_CHECK_JWKS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/check/points.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_http;
struct sg_http_reply;

/* Caches that may keep a set longer than this make a rotation slow. */
#define SG_JWKS_MAX_AGE_S 3600

/* What Nimbus JOSE+JWT, the library of many services in Java, reads at most
 * unless it is told otherwise. */
#define SG_JWKS_COMMON_MAX (50 * 1024)

/* Who verifies a JWT keeps a caller waiting meanwhile, and gives up soon. */
#define SG_JWKS_SLOW_MS 5000

/** A key that is to be in the published set. Borrowed. */
struct sg_jwks_want {
	const char *thumbprint; /* RFC 7638 */
	const char *kid;	/* that JWTs name; NULL: they name none */
};

/** What a look at a published set brought. Zero it; clear it. */
struct sg_jwks_report {
	struct sg_points points;
	enum sg_rc answer;   /* SG_OK, or why there was none */
	int64_t max_age_s;   /* caches may keep it so long; -1: not told */
	struct sg_buf *text; /* the set as it came; NULL when there is none */
};

/**
 * Fetch what is published at a URL: one GET over TLS, without any secret, of
 * at most SG_JWKS_TEXT_MAX bytes. No redirect is followed.
 *
 * @return As sg_http_send(); any HTTP status is an answer.
 */
enum sg_rc sg_jwks_fetch(struct sg_http *http, const char *url,
    struct sg_http_reply **out_reply, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Look at a published JWK Set as a service does that verifies JWTs by it.
 *
 * The points, in this order; where one keeps others from being looked at,
 * those are unknown:
 *
 * - answer: there is one, over TLS that can be trusted; unknown when slow
 * - status: 200, and no redirect
 * - type: application/jwk-set+json or application/json. RFC 7517 §8.5
 * - cache: how long caches may keep it. RFC 9111 §5.2
 * - size: unknown when it is more than usual readers take
 * - form: a JWK Set with at least one key. RFC 7517 §5
 * - public: no private member
 * - keys: each can be used for RS256
 * - kids: each key has one, no two the same
 * - key: it holds the wanted key, for signatures with RS256, not retired
 * - kid: under the kid that JWTs name
 *
 * The last two once for each wanted key; unknown where none is wanted.
 *
 * @param wants   May be NULL with a @p count of 0.
 * @param now_s   Our clock.
 * @param report  Zeroed by the caller. Clear it with sg_jwks_report_clear(),
 *                also after a failure.
 * @return SG_OK whatever was found, be it no answer; SG_E_CONFIG for a URL
 *         that is not https://; SG_E_NOMEM.
 *
 * Blocks up to the deadline of @p http.
 */
enum sg_rc sg_jwks_check(struct sg_http *http, const char *url,
    const struct sg_jwks_want *wants, size_t count, int64_t now_s,
    struct sg_jwks_report *report, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Is a key in a published set, under whatever kid and whatever it is said to
 * be for?
 *
 * @param thumbprint  RFC 7638.
 * @return SG_OK; SG_E_NETWORK, with the HTTP status in native, when what is
 *         there is no JWK Set; the errors of sg_jwks_fetch().
 */
enum sg_rc sg_jwks_holds(struct sg_http *http, const char *url,
    const char *thumbprint, bool *out_holds, struct sg_err *err) SG_WARN_UNUSED;

/** Release what the report owns; it can be used again. */
void sg_jwks_report_clear(struct sg_jwks_report *report);

#ifdef __cplusplus
}
#endif

#endif
