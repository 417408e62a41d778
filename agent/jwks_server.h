/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_AGENT_JWKS_SERVER_H
#define SG_AGENT_JWKS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the set is served. RFC 8615 for the folder. */
#define SG_JWKS_SERVER_PATH "/.well-known/jwks.json"

/* How long caches may keep the set. */
#define SG_JWKS_SERVER_MAX_AGE_S 300

/* Most connections at a time, longest life of one, and what it may send. */
#define SG_JWKS_SERVER_CONNECTIONS 64
#define SG_JWKS_SERVER_LIFE_MS	   5000
#define SG_JWKS_SERVER_MEMORY	   (16 * 1024)

struct sg_clock;

/** Serves one JWK Set over plain HTTP, and nothing else. */
struct sg_jwks_server;

/**
 * Listen, and be ready to serve a set.
 *
 * GET and HEAD of SG_JWKS_SERVER_PATH get the set, or 304 where If-None-Match
 * names its ETag (RFC 9110 §13.1.2); another method 405, another path 404. One
 * answer per connection. Plain HTTP, for a desk or behind a server that speaks
 * TLS.
 *
 * @param where       As for sg_listen_tcp().
 * @param text        The set. Copied.
 * @param out_server  Free with sg_jwks_server_free().
 * @return SG_OK; what sg_listen_tcp() returns; SG_E_INTERNAL without
 *         libmicrohttpd; SG_E_NOMEM.
 */
enum sg_rc sg_jwks_server_open(const char *where, const char *text, size_t len,
    struct sg_jwks_server **out_server, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Serve another set from now on, at the same URL. Not while it runs.
 *
 * @param text  The set. Copied.
 * @return SG_OK; SG_E_NOMEM, and then the set before it is served still.
 */
enum sg_rc sg_jwks_server_set(struct sg_jwks_server *server, const char *text,
    size_t len, struct sg_err *err) SG_WARN_UNUSED;

/** The URL of the set, with the real port. Borrowed. */
const char *sg_jwks_server_url(const struct sg_jwks_server *server);

/** When sg_jwks_server_run() returns. */
struct sg_jwks_server_end {
	int stop_fd; /* when it can be read or its other end is closed */
	const struct sg_clock *clock;
	int64_t at_s; /* when it is this late by that clock; 0: never */
};

/**
 * Serve until one of the two happens, of the time within a second.
 *
 * @param end          Borrowed; nothing is read from its descriptor.
 * @param out_stopped  True for the descriptor, false for the time; then it can
 *                     be run again.
 * @return SG_OK; SG_E_IO when waiting failed.
 * Blocks. One thread.
 */
enum sg_rc sg_jwks_server_run(struct sg_jwks_server *server,
    const struct sg_jwks_server_end *end, bool *out_stopped, struct sg_err *err)
    SG_WARN_UNUSED;

/** Drop every connection and stop listening. Takes NULL; leaves NULL. */
void sg_jwks_server_free(struct sg_jwks_server **server);

#ifdef __cplusplus
}
#endif

#endif
