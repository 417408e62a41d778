/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_SESSION_API_H
#define SG_CLIENT_SESSION_API_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/session/session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_cache;
struct sg_clock;
struct sg_http;
struct sg_http_reply;
struct sg_http_sink;
struct sg_identity;

/* In the paths of every TCM method. */
#define SG_API_TCM_VERSION "v1"

/* A 401 on our own session, younger than this, is no sign of its end. */
#define SG_API_NEW_S 120

/**
 * The authenticated door to one service: signs in when it has to.
 *
 * Fill in the first part and zero the rest; release with sg_api_close(). Not
 * for two threads at once.
 */
struct sg_api {
	enum sg_service service;
	struct sg_http *http;	      /* borrowed */
	const struct sg_clock *clock; /* borrowed */
	struct sg_cache *cache;	      /* borrowed; NULL keeps no session */
	const struct sg_identity *identity; /* borrowed; NULL if no cache */
	/** Sign in: mint the JWT or read the PAT, and call tcm.h, tableau.h. */
	enum sg_rc (*login)(void *login_ctx, struct sg_session **out_session,
	    struct sg_err *err);
	void *login_ctx;

	/* The door's own: the session in use, and whether it was made here. */
	struct sg_session *session;
	bool session_made_here;

	/* Of the call that is made: the scope that it needs, if known, and
	 * whether the session is known not to have ended. */
	const char *scope;
	bool session_lives;
};

/** One call. All borrowed. Valid when method and path are set. */
struct sg_api_request {
	const char *method;
	const char *path; /* with its query: see sg_api_url() */
	const char
	    *content_type;    /* NULL: application/json if there is a body */
	const char *accept;   /* NULL: application/json */
	const char *if_match; /* an entity tag; NULL: whatever is there */
	const void *body;
	size_t body_len;
	size_t max_reply;		 /* bytes; 0 means SG_HTTP_REPLY_MAX */
	const struct sg_http_sink *sink; /* NULL: into the reply */
};

/**
 * The URL that a path names at a service.
 *
 * What does not begin with api/ is put behind /api/VERSION; slashes in front
 * do not count. A full URL is taken as it is if it has the service's origin.
 *
 * @param version  SG_API_TCM_VERSION, or of the Tableau REST API.
 * @param out_url  Free with sg_str_free().
 * @return SG_OK; SG_E_POLICY for a URL of another origin; SG_E_CONFIG for one
 *         that is no https URL; SG_E_USAGE for a malformed path.
 */
enum sg_rc sg_api_url(const char *base_url, const char *version,
    const char *path, char **out_url, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Have a session: from the cache if it may be used, else by signing in.
 *
 * One process signs in while others wait and then find its session. A session
 * that cannot be kept in the cache is signed out again and the call fails, so
 * that a full disk does not lead to a sign-in per command.
 *
 * @param out_session  May be NULL. Borrowed until the next call on @p api.
 * @return SG_OK; what api->login returns; SG_E_IO when the cache cannot be
 *         written; SG_E_TIMEOUT when another process signs in for too long.
 */
enum sg_rc sg_api_session(struct sg_api *api,
    const struct sg_session **out_session, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Sign in anew, whatever is in the cache, and keep the new session there.
 *
 * Of several processes that do so at once one signs in: who had to wait takes
 * the session that was made meanwhile. The old session is forgotten, not signed
 * out. Else as sg_api_session().
 */
enum sg_rc sg_api_login(struct sg_api *api,
    const struct sg_session **out_session, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Make a call that has to succeed (2xx).
 *
 * When a session that is not new gets a 401, it is dropped, and the call is
 * made once more with a new one: a 401 was not carried out, so any method may
 * be repeated. A 401 on a new session, or for a missing scope, is the end:
 * signing in again would not help. TCM has a code of its own for a missing
 * scope (401002); the REST API has not, and is asked for the session first.
 *
 * @param what       What we are doing, for the error.
 * @param out_reply  Set on success only. Free with sg_http_reply_free().
 * @return SG_OK; as sg_api_session() and sg_http_send(); SG_E_POLICY for a
 *         URL of another origin; SG_E_USAGE for a malformed path;
 *         SG_E_SESSION (401) and SG_E_REFUSED, with the HTTP status in
 *         err->native and the scope that is missing in its text.
 */
enum sg_rc sg_api_call(struct sg_api *api, const struct sg_api_request *request,
    const char *what, struct sg_http_reply **out_reply, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Sign a session out of its service, whichever that is.
 *
 * @param out_unsupported  May be NULL; as sg_tcm_logout().
 */
enum sg_rc sg_api_logout(struct sg_http *http, const struct sg_session *session,
    bool *out_unsupported, struct sg_err *err) SG_WARN_UNUSED;

/** Wipe and release the session that the door holds; not signed out. */
void sg_api_close(struct sg_api *api);

#ifdef __cplusplus
}
#endif

#endif
