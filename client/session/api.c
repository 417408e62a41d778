/* SPDX-License-Identifier: Apache-2.0 */
#include "client/session/api.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "client/http/http.h"
#include "client/http/url.h"
#include "client/reply/reply.h"
#include "client/session/cache.h"
#include "client/session/identity.h"
#include "client/session/method_scope.h"
#include "client/session/tableau.h"
#include "client/session/tcm.h"

static int64_t
now_s(const struct sg_api *api)
{
	return api->clock->now_s(api->clock->ctx);
}

/* Take a session over, in place of the one in use. */
static void
adopt(struct sg_api *api, struct sg_session **session, bool made_here)
{
	sg_session_free(&api->session);
	api->session = *session;
	api->session_made_here = made_here;
	*session = NULL; /* now the door's */
}

static enum sg_rc
keep(struct sg_api *api, const struct sg_session *session, struct sg_err *err)
{
	struct sg_err fault = {0};
	bool is_out;
	enum sg_rc rc;

	if (api->cache == NULL)
		return SG_OK;
	rc = sg_cache_store(api->cache, api->identity, session, &fault);
	if (rc == SG_OK)
		return SG_OK;
	is_out = sg_api_logout(api->http, session, NULL, NULL) == SG_OK;
	return sg_fail_native(err, rc, fault.native,
	    "%s; %s; mend that or use --no-cache", fault.text,
	    sg_session_end_text(is_out));
}

static enum sg_rc
login(struct sg_api *api, struct sg_err *err)
{
	SG_AUTO(sg_session) session = NULL;
	enum sg_rc rc;

	rc = api->login(api->login_ctx, &session, err);
	if (rc == SG_OK)
		rc = keep(api, session, err);
	if (rc != SG_OK)
		return rc;
	adopt(api, &session, true);
	return SG_OK;
}

/* A session from the cache, but not the one that is known to have ended. */
static enum sg_rc
find_cached(struct sg_api *api, const struct sg_session *ended,
    struct sg_session **out_session, struct sg_err *err)
{
	SG_AUTO(sg_session) session = NULL;
	enum sg_rc rc;

	rc = sg_cache_load(api->cache, api->identity, &session, err);
	if (rc != SG_OK)
		return rc;
	if (session != NULL && ended != NULL &&
	    sg_session_is_same(session, ended))
		return SG_OK;
	*out_session = session;
	session = NULL; /* now the caller's */
	return SG_OK;
}

/* Keep other processes out; a failure says how to do without a cache. */
static enum sg_rc
lock_cache(struct sg_api *api, struct sg_lock **out_lock, struct sg_err *err)
{
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = sg_cache_lock(api->cache, api->identity, out_lock, &fault);
	if (rc == SG_OK)
		return SG_OK;
	return sg_fail_native(err, rc, fault.native,
	    "%s; mend that or use --no-cache", fault.text);
}

/*
 * Of several processes one signs in; the others wait for it, look again, and
 * find its session.
 */
static enum sg_rc
obtain(struct sg_api *api, const struct sg_session *ended, struct sg_err *err)
{
	SG_AUTO(sg_session) session = NULL;
	SG_AUTO(sg_lock) lock = NULL;
	enum sg_rc rc;

	if (api->cache == NULL)
		return login(api, err);
	rc = find_cached(api, ended, &session, err);
	if (rc == SG_OK && session == NULL) {
		rc = lock_cache(api, &lock, err);
		if (rc == SG_OK)
			rc = find_cached(api, ended, &session, err);
	}
	if (rc != SG_OK)
		return rc;
	if (session == NULL)
		return login(api, err);
	adopt(api, &session, false);
	return SG_OK;
}

enum sg_rc
sg_api_session(struct sg_api *api, const struct sg_session **out_session,
    struct sg_err *err)
{
	enum sg_rc rc;

	if (api->session == NULL ||
	    !sg_session_is_valid(api->session, now_s(api))) {
		rc = obtain(api, api->session, err);
		if (rc != SG_OK)
			return rc;
	}
	if (out_session != NULL)
		*out_session = api->session;
	return SG_OK;
}

/* What another process put there while we waited for it is as new as ours. */
enum sg_rc
sg_api_login(struct sg_api *api, const struct sg_session **out_session,
    struct sg_err *err)
{
	SG_AUTO(sg_session) before = NULL;
	SG_AUTO(sg_session) session = NULL;
	SG_AUTO(sg_lock) lock = NULL;
	enum sg_rc rc = SG_OK;

	if (api->cache != NULL) {
		rc = find_cached(api, NULL, &before, err);
		if (rc == SG_OK)
			rc = lock_cache(api, &lock, err);
		if (rc == SG_OK)
			rc = find_cached(api, before, &session, err);
	}
	if (rc == SG_OK && session != NULL)
		adopt(api, &session, false);
	else if (rc == SG_OK)
		rc = login(api, err);
	if (rc != SG_OK)
		return rc;
	if (out_session != NULL)
		*out_session = api->session;
	return SG_OK;
}

static bool
is_full_url(const char *path)
{
	return strncasecmp(path, "https:", strlen("https:")) == 0 ||
	       strncasecmp(path, "http:", strlen("http:")) == 0;
}

/* A full URL from the caller must lead to where the session is at home. */
static enum sg_rc
check_full_url(const char *base_url, const char *url, struct sg_err *err)
{
	SG_AUTO_STR origin = NULL;
	enum sg_rc rc;

	rc = sg_url_check(url, "the URL to call", err);
	if (rc == SG_OK)
		rc = sg_url_origin(url, &origin, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_url_same_origin(url, base_url))
		return sg_fail(err, SG_E_POLICY,
		    "%s is not %s: the session token is sent nowhere else",
		    origin, base_url);
	return SG_OK;
}

enum sg_rc
sg_api_url(const char *base_url, const char *version, const char *path,
    char **out_url, struct sg_err *err)
{
	SG_AUTO_STR whole = NULL;
	enum sg_rc rc;

	if (is_full_url(path)) {
		rc = check_full_url(base_url, path, err);
		if (rc != SG_OK)
			return rc;
		*out_url = strdup(path);
		return *out_url != NULL ? SG_OK : sg_fail_nomem(err);
	}
	path += strspn(path, "/");
	if (sg_text_starts(path, "api/"))
		return sg_url_join(base_url, path, out_url, err);
	if (asprintf(&whole, "/api/%s/%s", version, path) < 0) {
		whole = NULL; /* undefined after a failure */
		return sg_fail_nomem(err);
	}
	return sg_url_join(base_url, whole, out_url, err);
}

static enum sg_rc
send_once(struct sg_api *api, const struct sg_api_request *request,
    struct sg_http_reply **out_reply, struct sg_err *err)
{
	const struct sg_session *session = api->session;
	SG_AUTO_STR url = NULL;
	struct sg_http_request http_request = {
	    .method = request->method,
	    .content_type = request->content_type,
	    .accept = request->accept,
	    .if_match = request->if_match,
	    .body = request->body,
	    .body_len = request->body_len,
	    .auth_header = sg_session_header(session),
	    .auth = session->token,
	    .max_reply = request->max_reply,
	    .sink = request->sink,
	};
	enum sg_rc rc;

	rc = sg_api_url(session->base_url,
	    session->service == SG_SERVICE_TCM ? SG_API_TCM_VERSION
					       : session->api_version,
	    request->path, &url, err);
	if (rc != SG_OK)
		return rc;
	http_request.url = url;
	if (request->body != NULL && request->content_type == NULL)
		http_request.content_type = "application/json";
	return sg_http_send(api->http, &http_request, out_reply, err);
}

static bool
session_is_new(const struct sg_api *api)
{
	return api->session_made_here && api->session != NULL &&
	       now_s(api) < api->session->made_s + SG_API_NEW_S;
}

/* Ask the REST API for the session itself, which needs no scope. */
static bool
answers_for_session(struct sg_api *api, const struct sg_api_request *refused)
{
	static const struct sg_api_request request = {
	    .method = "GET",
	    .path = "/sessions/current",
	};
	SG_AUTO(sg_http_reply) reply = NULL;

	if (sg_text_ends(refused->path, request.path))
		return false; /* it was asked just now */
	return send_once(api, &request, &reply, NULL) == SG_OK &&
	       sg_reply_is_success(reply);
}

/*
 * Is it sure that the session has not ended, so that its 401 means a missing
 * scope? TCM has a code of its own for that; the REST API gives 401002 for an
 * ended session as well.
 */
static bool
session_lives(struct sg_api *api, const struct sg_api_request *request,
    const struct sg_http_reply *reply)
{
	char code[SG_REPLY_CODE_SIZE];

	if (session_is_new(api))
		return true;
	sg_reply_error_code(reply, code);
	if (strcmp(code, "401002") != 0)
		return false;
	return api->service == SG_SERVICE_TCM ||
	       answers_for_session(api, request);
}

static void
note_use(struct sg_api *api)
{
	if (api->cache != NULL)
		sg_cache_touch(api->cache, api->identity, api->session);
	else
		api->session->used_s = now_s(api);
}

/* Hand back the answer, whatever its HTTP status. */
static enum sg_rc
send_renewing(struct sg_api *api, const struct sg_api_request *request,
    struct sg_http_reply **out_reply, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	enum sg_rc rc;

	api->scope =
	    sg_method_scope(api->service, request->method, request->path);
	api->session_lives = false;
	rc = sg_api_session(api, NULL, err);
	if (rc == SG_OK)
		rc = send_once(api, request, &reply, err);
	if (rc != SG_OK)
		return rc;
	if (reply->status == 401)
		api->session_lives = session_lives(api, request, reply);
	if (reply->status == 401 && !api->session_lives) {
		sg_http_reply_free(&reply);
		rc = obtain(api, api->session, err);
		if (rc == SG_OK)
			rc = send_once(api, request, &reply, err);
		if (rc == SG_OK)
			api->session_lives = session_is_new(api);
	}
	if (rc != SG_OK)
		return rc;
	if (reply->status != 401)
		note_use(api);
	*out_reply = reply;
	reply = NULL; /* now the caller's */
	return SG_OK;
}

/* The scope to name in an error: one that the JWT was not made with. */
static const char *
missing_scope(const struct sg_api *api, int status)
{
	const struct sg_list *scopes =
	    api->identity != NULL ? api->identity->scopes : NULL;

	if ((status != 401 && status != 403) || api->scope == NULL ||
	    api->session == NULL || api->session->kind != SG_SESSION_JWT)
		return NULL;
	return scopes == NULL || !sg_list_has(scopes, api->scope) ? api->scope
								  : NULL;
}

/* As sg_reply_refused(), with advice that knows whether the session had ended,
 * and which scope the method needs. */
static enum sg_rc
refused(const struct sg_api *api, const struct sg_http_reply *reply,
    const char *what, struct sg_err *err)
{
	bool of_jwt =
	    api->session != NULL && api->session->kind == SG_SESSION_JWT;
	const char *scope = missing_scope(api, reply->status);
	struct sg_err refusal = {0};
	enum sg_rc rc;

	rc = sg_reply_refused(reply, api->session->token,
	    api->session_lives && of_jwt ? SG_REPLY_OF_CALL_ALIVE
					 : SG_REPLY_OF_CALL,
	    0, what, &refusal);
	if (scope == NULL)
		return sg_fail_again(err, rc, &refusal);
	return sg_fail_native(err, rc, refusal.native,
	    "%s; the method needs the scope %s", refusal.text, scope);
}

enum sg_rc
sg_api_call(struct sg_api *api, const struct sg_api_request *request,
    const char *what, struct sg_http_reply **out_reply, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	enum sg_rc rc;

	rc = send_renewing(api, request, &reply, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "%s", what);
	if (!sg_reply_is_success(reply))
		return refused(api, reply, what, err);
	*out_reply = reply;
	reply = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_api_logout(struct sg_http *http, const struct sg_session *session,
    bool *out_unsupported, struct sg_err *err)
{
	enum sg_rc rc;

	if (session->service == SG_SERVICE_TCM)
		return sg_tcm_logout(http, session, out_unsupported, err);
	rc = sg_tableau_logout(http, session, err);
	if (rc == SG_OK && out_unsupported != NULL)
		*out_unsupported = false;
	return rc;
}

void
sg_api_close(struct sg_api *api)
{
	sg_session_free(&api->session);
	api->session_made_here = false;
}
