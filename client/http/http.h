/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_HTTP_HTTP_H
#define SG_CLIENT_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_secret;

/* Largest reply that is read when a request names no other bound. */
#define SG_HTTP_REPLY_MAX (16 * 1024 * 1024)

/* Most of an answer's header lines, those behind its body included. */
#define SG_HTTP_HEADERS_MAX	  (64 * 1024) /* bytes */
#define SG_HTTP_HEADERS_MAX_LINES 1000

/* Whole time of a call, its repeats included, when the options name none. */
#define SG_HTTP_TIMEOUT_MS 60000

/* Most tries of a request that may be repeated. */
#define SG_HTTP_TRIES 3

/* Longest Retry-After that is waited for. */
#define SG_HTTP_RETRY_AFTER_S 30

/** What is known of a request that got no answer: err->native. */
enum sg_http_fault {
	SG_HTTP_NOT_SENT = 1, /* no connection; a repeat may help */
	SG_HTTP_LOST = 2,     /* sent at least in part; may have been done */
	SG_HTTP_BROKEN = 3,   /* as LOST; a repeat fails alike: limits */
	SG_HTTP_BARRED = 4,   /* as NOT_SENT; and so does it: certificate */
};

/* A body that goes to a sink and comes slower than this, for as long as the
 * time limit says, is given up; so is one that takes longer than a day. */
#define SG_HTTP_SLOWEST_BYTES_S 1024
#define SG_HTTP_SINK_MS		(24 * 3600 * INT64_C(1000))

/**
 * Where the body of a success goes piece by piece, instead of into memory.
 *
 * Both return SG_OK, or a failure that ends the call with that error.
 */
struct sg_http_sink {
	/**
	 * A body begins; again for each repeat of the request, and then what
	 * was taken before is void.
	 *
	 * @param total  Its length in bytes; -1 when the server does not say.
	 */
	enum sg_rc (*begin)(void *ctx, int64_t total, struct sg_err *err);
	enum sg_rc (*take)(
	    void *ctx, const void *data, size_t len, struct sg_err *err);
	void *ctx;
};

/** One request. Everything is borrowed. Valid when method and URL are set. */
struct sg_http_request {
	const char *method;	  /* upper case */
	const char *url;	  /* https:// */
	const char *content_type; /* of the body; NULL sends none */
	const char *accept;	  /* NULL means application/json */
	const void *body;	  /* NULL sends none */
	size_t body_len;
	const char *if_match;	      /* the entity tag it is for; or NULL */
	const char *auth_header;      /* name of the header that carries auth */
	const struct sg_secret *auth; /* NULL sends none */
	size_t max_reply;	      /* bytes; 0 means SG_HTTP_REPLY_MAX */
	/**
	 * NULL: the body goes into the reply. With a sink that of a success
	 * (2xx) does not, has no bound, and the time limit is for a body that
	 * stalls and not for the whole call.
	 */
	const struct sg_http_sink *sink;
};

/** One answer, whatever its status. */
struct sg_http_reply {
	int status;
	char *content_type;    /* NULL when absent */
	char *location;	       /* NULL when absent */
	char *cache_control;   /* its fields joined; NULL when absent */
	char *etag;	       /* NULL when absent */
	int64_t age_s;	       /* time in a cache; 0 when absent */
	int64_t retry_after_s; /* 0 when absent */
	int64_t date_s;	       /* the server's clock; 0 when absent */
	int64_t sunk_bytes;    /* of the body, that went to the sink */
	struct sg_buf *body;   /* never NULL; empty when there is none */
};

/**
 * An empty answer with a body buffer, for who implements a transport.
 *
 * @param max_reply  Bound of the body in bytes; 0 means SG_HTTP_REPLY_MAX.
 * @return NULL when out of memory.
 */
struct sg_http_reply *sg_http_reply_new(size_t max_reply);

/** Wipe and release an answer. Takes NULL; leaves NULL. */
void sg_http_reply_free(struct sg_http_reply **reply);

/** A transport: functions, so that tests need no network. */
struct sg_http_ops {
	/**
	 * Send one request once and read its answer.
	 *
	 * @return SG_OK for any HTTP status; SG_E_NETWORK or SG_E_TIMEOUT
	 *         with an enum sg_http_fault in err->native; SG_E_CONFIG.
	 *         @p err is never NULL.
	 */
	enum sg_rc (*perform)(void *ctx, const struct sg_http_request *request,
	    int64_t timeout_ms, struct sg_http_reply **out_reply,
	    struct sg_err *err);
	void (*sleep_ms)(void *ctx, int64_t duration_ms);
	int64_t (*mono_ms)(void *ctx); /* as sg_clock_mono_ms() */
	void (*close)(void *ctx);      /* may be NULL */
};

/** Options of every transport. Valid when zeroed. */
struct sg_http_opts {
	int64_t timeout_ms; /* 0 means SG_HTTP_TIMEOUT_MS */
	/**
	 * Told one line per request: method, URL without query and userinfo,
	 * status or "no answer", time, bytes. May be NULL.
	 */
	void (*trace)(void *ctx, const char *line);
	void *trace_ctx;
};

/** Sends requests over one transport. Not for two threads at once. */
struct sg_http;

/**
 * Make a client of a transport. sg_transport_open() makes the real one.
 *
 * @param ops       Must outlive the client.
 * @param ctx       Handed to each function of @p ops; once this succeeds, the
 *                  client calls ops->close with it when freed.
 * @param opts      NULL means all defaults. Copied.
 * @param out_http  Free with sg_http_free().
 * @return SG_OK or SG_E_NOMEM.
 */
enum sg_rc sg_http_new(const struct sg_http_ops *ops, void *ctx,
    const struct sg_http_opts *opts, struct sg_http **out_http,
    struct sg_err *err) SG_WARN_UNUSED;

/** Close the transport and release. Takes NULL; leaves NULL. */
void sg_http_free(struct sg_http **http);

/**
 * Send a request and read the answer, repeating only where that is safe.
 *
 * GET and HEAD are tried up to SG_HTTP_TRIES times, on 429, 502, 503, 504 and
 * when the connection failed or was lost, with a random pause that honours
 * Retry-After up to SG_HTTP_RETRY_AFTER_S and never passes the deadline.
 * Nothing else is ever sent twice. Redirects are not followed.
 *
 * @param out_reply  Set on success only, whatever its HTTP status: see
 *                   reply.h. Free with sg_http_reply_free().
 * @return SG_OK; SG_E_CONFIG for a URL that is not https://; SG_E_USAGE for a
 *         malformed method; SG_E_NETWORK or SG_E_TIMEOUT when there was no
 *         answer, with an enum sg_http_fault in err->native; SG_E_NOMEM.
 *
 * Blocks up to the deadline of the options.
 */
enum sg_rc sg_http_send(struct sg_http *http,
    const struct sg_http_request *request, struct sg_http_reply **out_reply,
    struct sg_err *err) SG_WARN_UNUSED;

/** Wait, as long as the transport's own clock says. */
void sg_http_pause(struct sg_http *http, int64_t duration_ms);

/**
 * The time that the last answer told in its Date, carried on to now.
 *
 * @param out_s       Seconds since 1970, as the answering host counts them,
 *                    had its answer been here at once.
 * @param out_took_s  What the answer took, from the request on: by up to so
 *                    many seconds that host may be farther.
 * @return false when no answer told one yet.
 */
bool sg_http_server_time(
    const struct sg_http *http, int64_t *out_s, int64_t *out_took_s);

#ifdef __cplusplus
}
#endif

#endif
