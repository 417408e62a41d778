/* SPDX-License-Identifier: Apache-2.0 */
#include "client/session/tcm.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/secret.h"
#include "base/text.h"
#include "client/http/http.h"
#include "client/http/url.h"
#include "client/reply/reply.h"
#include "client/session/session.h"

#define SIGN_IN	   "sign in to Tableau Cloud Manager"
#define SIGN_OUT   "sign out of Tableau Cloud Manager"
#define CONFIGS	   "/api/v1/uat-configurations"
#define BODY_MAX   (2 * SG_SECRET_MAX)
#define ANSWER_MAX (256 * 1024)

static enum sg_rc
check_urls(const struct sg_tcm_urls *urls, struct sg_err *err)
{
	const struct {
		const char *name;
		const char *url;
	} all[] = {
	    {"CLOUD_MANAGER_URL", urls->url},
	    {"CLOUD_MANAGER_PAT_LOGIN_URL", urls->pat_login_url},
	    {"CLOUD_MANAGER_JWT_LOGIN_URL", urls->jwt_login_url},
	    {"CLOUD_MANAGER_UAT_CONFIGS_URL", urls->uat_configs_url},
	};
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; i < SG_COUNT(all) && rc == SG_OK; i++)
		if (all[i].url != NULL)
			rc = sg_url_check(all[i].url, all[i].name, err);
	return rc;
}

/* The base of a full URL: what is in front of /api/, else its origin. */
static enum sg_rc
base_of(const char *url, char **out_base, struct sg_err *err)
{
	SG_AUTO_STR base = NULL;
	const char *cut;
	enum sg_rc rc;

	rc = sg_url_api_base(url, &base, err);
	if (rc != SG_OK)
		return rc;
	cut = url + strlen(base);
	if (!sg_text_starts(cut + strspn(cut, "/"), "api"))
		return sg_url_origin(url, out_base, err);
	*out_base = base;
	base = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
choose_base(const struct sg_tcm_urls *urls, char **out_base, struct sg_err *err)
{
	if (urls->uat_configs_url != NULL)
		return base_of(urls->uat_configs_url, out_base, err);
	if (urls->url != NULL)
		return sg_url_api_base(urls->url, out_base, err);
	if (urls->jwt_login_url != NULL)
		return base_of(urls->jwt_login_url, out_base, err);
	return sg_url_api_base(SG_TCM_URL, out_base, err);
}

/* The URL that was given, or else the path behind a base. */
static enum sg_rc
choose_url(const char *given, const char *base, const char *path,
    char **out_url, struct sg_err *err)
{
	if (given == NULL)
		return sg_url_join(base, path, out_url, err);
	*out_url = strdup(given);
	return *out_url != NULL ? SG_OK : sg_fail_nomem(err);
}

enum sg_rc
sg_tcm_endpoints_new(const struct sg_tcm_urls *urls,
    struct sg_tcm_endpoints **out_endpoints, struct sg_err *err)
{
	SG_AUTO(sg_tcm_endpoints) all = calloc(1, sizeof(*all));
	SG_AUTO_STR login_base = NULL;
	const char *base;
	enum sg_rc rc;

	if (all == NULL)
		return sg_fail_nomem(err);
	rc = check_urls(urls, err);
	if (rc == SG_OK)
		rc = choose_base(urls, &all->base_url, err);
	if (rc == SG_OK && urls->url != NULL)
		rc = sg_url_api_base(urls->url, &login_base, err);
	if (rc != SG_OK)
		return rc;
	base = login_base != NULL ? login_base : all->base_url;
	rc = choose_url(urls->pat_login_url, base, "/api/v1/pat/login",
	    &all->pat_login_url, err);
	if (rc == SG_OK)
		rc = choose_url(urls->jwt_login_url, base, "/api/v1/jwt/login",
		    &all->jwt_login_url, err);
	if (rc == SG_OK)
		rc = choose_url(urls->uat_configs_url, all->base_url, CONFIGS,
		    &all->uat_configs_url, err);
	if (rc != SG_OK)
		return rc;
	*out_endpoints = all;
	all = NULL; /* now the caller's */
	return SG_OK;
}

void
sg_tcm_endpoints_free(struct sg_tcm_endpoints **endpoints)
{
	if (endpoints == NULL || *endpoints == NULL)
		return;
	free((*endpoints)->base_url);
	free((*endpoints)->pat_login_url);
	free((*endpoints)->jwt_login_url);
	free((*endpoints)->uat_configs_url);
	free(*endpoints);
	*endpoints = NULL;
}

/*
 * When the session ends by our own clock. The sample in the documentation is
 * no time at all, so that what cannot be read means the documented 4 hours.
 */
static int64_t
read_expiry(const struct sg_json *json, const struct sg_http_reply *reply,
    int64_t now_s)
{
	const char *text = sg_json_get_text(json, "sessionExpiration");
	int64_t expires_s = 0;

	if (text == NULL || sg_time_parse(text, &expires_s, NULL) != SG_OK)
		return now_s + SG_SESSION_TCM_S;
	if (reply->date_s != 0)
		expires_s += now_s - reply->date_s;
	return expires_s > now_s ? expires_s : now_s + SG_SESSION_TCM_S;
}

static enum sg_rc
read_session(const struct sg_tcm *tcm, const struct sg_http_reply *reply,
    enum sg_session_kind kind, struct sg_session **out_session,
    struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	SG_AUTO(sg_session) session = NULL;
	int64_t now_s = tcm->clock->now_s(tcm->clock->ctx);
	enum sg_rc rc;

	rc = sg_reply_json(reply, SIGN_IN, &json, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_session_new(SG_SERVICE_TCM, kind,
	    sg_json_get_text(json, "sessionToken"), now_s, &session, err);
	if (rc != SG_OK)
		return sg_context(err, rc, SIGN_IN);
	session->expires_s = read_expiry(json, reply, now_s);
	rc = sg_str_copy(tcm->endpoints->base_url, &session->base_url, err);
	if (rc == SG_OK)
		rc = sg_str_copy(sg_json_get_text(json, "tenantId"),
		    &session->tenant_id, err);
	if (rc == SG_OK)
		rc = sg_str_copy(
		    sg_json_get_text(json, "userId"), &session->user_id, err);
	if (rc != SG_OK)
		return rc;
	*out_session = session;
	session = NULL; /* now the caller's */
	return SG_OK;
}

/* The credentials work, but for another tenant than was meant. */
static enum sg_rc
check_tenant(const struct sg_tcm *tcm, const struct sg_session *session,
    struct sg_err *err)
{
	bool is_out;

	if (tcm->tenant_id == NULL || session->tenant_id == NULL ||
	    strcasecmp(tcm->tenant_id, session->tenant_id) == 0)
		return SG_OK;
	is_out = sg_tcm_logout(tcm->http, session, NULL, NULL) == SG_OK;
	return sg_fail(err, SG_E_POLICY,
	    SIGN_IN ": the tenant %s answered, but CLOUD_MANAGER_TENANT_ID is "
		    "%s; %s",
	    session->tenant_id, tcm->tenant_id, sg_session_end_text(is_out));
}

static enum sg_rc
login_body(const struct sg_secret *secret, struct sg_buf **out_body,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) body = sg_buf_new(BODY_MAX);
	struct sg_jsonw w = {.out = body};
	enum sg_rc rc;

	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "token", sg_secret_reveal(secret));
	sg_jsonw_object_end(&w);
	rc = sg_jsonw_check(&w, "the secret to sign in with", err);
	if (rc != SG_OK)
		return rc;
	*out_body = body;
	body = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
login(const struct sg_tcm *tcm, const char *url, enum sg_session_kind kind,
    const struct sg_secret *secret, struct sg_session **out_session,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) body = NULL;
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_session) session = NULL;
	struct sg_http_request request = {
	    .method = "POST",
	    .url = url,
	    .content_type = "application/json",
	    .max_reply = ANSWER_MAX,
	};
	enum sg_rc rc;

	rc = login_body(secret, &body, err);
	if (rc != SG_OK)
		return rc;
	request.body = body->data;
	request.body_len = body->len;
	rc = sg_http_send(tcm->http, &request, &reply, err);
	if (rc != SG_OK)
		return sg_context(err, rc, SIGN_IN);
	if (!sg_reply_is_success(reply))
		return sg_reply_refused(reply, secret,
		    kind == SG_SESSION_PAT ? SG_REPLY_OF_PAT_LOGIN
					   : SG_REPLY_OF_TCM_LOGIN,
		    tcm->clock->now_s(tcm->clock->ctx), SIGN_IN, err);
	rc = read_session(tcm, reply, kind, &session, err);
	if (rc == SG_OK)
		rc = check_tenant(tcm, session, err);
	if (rc != SG_OK)
		return rc;
	*out_session = session;
	session = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_tcm_login_pat(const struct sg_tcm *tcm, const struct sg_secret *pat,
    struct sg_session **out_session, struct sg_err *err)
{
	return login(tcm, tcm->endpoints->pat_login_url, SG_SESSION_PAT, pat,
	    out_session, err);
}

enum sg_rc
sg_tcm_login_jwt(const struct sg_tcm *tcm, const struct sg_secret *jwt,
    struct sg_session **out_session, struct sg_err *err)
{
	return login(tcm, tcm->endpoints->jwt_login_url, SG_SESSION_JWT, jwt,
	    out_session, err);
}

enum sg_rc
sg_tcm_logout(struct sg_http *http, const struct sg_session *session,
    bool *out_unsupported, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO_STR url = NULL;
	struct sg_http_request request = {
	    .method = "DELETE",
	    .auth_header = sg_session_header(session),
	    .auth = session->token,
	    .max_reply = ANSWER_MAX,
	};
	bool is_absent;
	enum sg_rc rc;

	rc = sg_url_join(session->base_url, "/api/v2/sessions", &url, err);
	if (rc != SG_OK)
		return rc;
	request.url = url;
	rc = sg_http_send(http, &request, &reply, err);
	if (rc != SG_OK)
		return sg_context(err, rc, SIGN_OUT);
	is_absent = reply->status == 404 || reply->status == 405 ||
		    reply->status == 501;
	if (!sg_reply_is_success(reply) && !is_absent && reply->status != 401)
		return sg_reply_refused(
		    reply, session->token, SG_REPLY_OF_CALL, 0, SIGN_OUT, err);
	if (out_unsupported != NULL)
		*out_unsupported = is_absent;
	return SG_OK;
}
