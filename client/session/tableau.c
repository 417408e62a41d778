/* SPDX-License-Identifier: Apache-2.0 */
#include "client/session/tableau.h"

#include <stdbool.h>
#include <stdio.h>
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
#include "client/reply/words.h"
#include "client/reply/xml.h"
#include "client/session/session.h"

#define ASK_VERSION "ask the pod for its version"
#define SIGN_IN	    "sign in to the Tableau site"
#define SIGN_OUT    "sign out of the Tableau site"
#define BODY_MAX    (2 * SG_SECRET_MAX)
#define ANSWER_MAX  (256 * 1024)
#define VERSION_MAX 16

/* Any version of the API answers this one; an old one is on every pod. */
#define SERVERINFO "/api/3.4/serverinfo"

/* Read "3.27"; false for anything else, since it becomes part of URLs. */
static bool
parse_version(
    const char *text, unsigned long *out_major, unsigned long *out_minor)
{
	size_t major_len = strspn(text, "0123456789");
	size_t minor_len;

	if (major_len == 0 || major_len > 4 || text[major_len] != '.')
		return false;
	minor_len = strspn(text + major_len + 1, "0123456789");
	if (minor_len == 0 || minor_len > 4 ||
	    text[major_len + 1 + minor_len] != '\0')
		return false;
	*out_major = strtoul(text, NULL, 10);
	*out_minor = strtoul(text + major_len + 1, NULL, 10);
	return true;
}

static enum sg_rc
check_version(const char *version, int status, struct sg_err *err)
{
	unsigned long major = 0;
	unsigned long minor = 0;

	if (version == NULL || !parse_version(version, &major, &minor))
		return sg_fail_native(err, SG_E_REFUSED, status,
		    ASK_VERSION ": the answer holds no version of the REST "
				"API; check TABLEAU_CLOUD_POD_URL");
	if (major > SG_TABLEAU_MAJOR_MIN ||
	    (major == SG_TABLEAU_MAJOR_MIN && minor >= SG_TABLEAU_MINOR_MIN))
		return SG_OK;
	return sg_fail_native(err, SG_E_REFUSED, status,
	    ASK_VERSION ": it speaks version %s of the REST API, and Unified "
			"Access Tokens need %d.%d or later; they work on "
			"Tableau Cloud only",
	    version, SG_TABLEAU_MAJOR_MIN, SG_TABLEAU_MINOR_MIN);
}

/* A string, or a number as a string; NULL when neither or no memory. */
static char *
text_of(const struct sg_json *json, const char *name)
{
	const struct sg_json *member = sg_json_get(json, name);
	const char *text = sg_json_text(member);
	char *number = NULL;
	int64_t value;

	if (text != NULL)
		return strdup(text);
	if (!sg_json_int(member, &value) ||
	    asprintf(&number, "%lld", (long long)value) < 0)
		return NULL;
	return number;
}

static bool
is_xml(const struct sg_http_reply *reply)
{
	const char *body = sg_buf_str(reply->body);

	return body[strspn(body, " \t\r\n\xef\xbb\xbf")] == '<';
}

static enum sg_rc
read_version(
    const struct sg_http_reply *reply, char **out_version, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	SG_AUTO_STR version = NULL;
	const struct sg_json *info;
	enum sg_rc rc;

	if (is_xml(reply)) {
		version =
		    sg_xml_text(sg_buf_str(reply->body), "restApiVersion");
	} else {
		rc = sg_reply_json(reply, ASK_VERSION, &json, err);
		if (rc != SG_OK)
			return rc;
		info = sg_json_get(json, "serverInfo");
		version = text_of(info, "restApiVersion");
	}
	rc = check_version(version, reply->status, err);
	if (rc != SG_OK)
		return rc;
	*out_version = version;
	version = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_tableau_version(
    const struct sg_tableau *tableau, char **out_version, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO_STR url = NULL;
	struct sg_http_request request = {
	    .method = "GET",
	    .max_reply = ANSWER_MAX,
	};
	enum sg_rc rc;

	rc = sg_url_check(tableau->pod_url, "TABLEAU_CLOUD_POD_URL", err);
	if (rc == SG_OK)
		rc = sg_url_join(tableau->pod_url, SERVERINFO, &url, err);
	if (rc != SG_OK)
		return rc;
	request.url = url;
	rc = sg_http_send(tableau->http, &request, &reply, err);
	if (rc != SG_OK)
		return sg_context(err, rc, ASK_VERSION);
	if (!sg_reply_is_success(reply))
		return sg_reply_refused(
		    reply, NULL, SG_REPLY_OF_VERSION, 0, ASK_VERSION, err);
	return read_version(reply, out_version, err);
}

static enum sg_rc
login_body(const struct sg_tableau *tableau, const struct sg_secret *jwt,
    struct sg_buf **out_body, struct sg_err *err)
{
	SG_AUTO(sg_buf) body = sg_buf_new(BODY_MAX);
	struct sg_jsonw w = {.out = body};
	enum sg_rc rc;

	sg_jsonw_object(&w, NULL);
	sg_jsonw_object(&w, "credentials");
	sg_jsonw_str(&w, "jwt", sg_secret_reveal(jwt));
	sg_jsonw_bool(&w, "isUat", true);
	sg_jsonw_object(&w, "site");
	sg_jsonw_str(&w, "contentUrl", tableau->site);
	sg_jsonw_object_end(&w);
	sg_jsonw_object_end(&w);
	sg_jsonw_object_end(&w);
	rc = sg_jsonw_check(&w, "the sign-in", err);
	if (rc != SG_OK)
		return rc;
	*out_body = body;
	body = NULL; /* now the caller's */
	return SG_OK;
}

/* Not 303, which asks for a GET; 304 is no redirect. RFC 9110 §15.4. */
static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 307 || status == 308;
}

/*
 * POST the sign-in; where a redirect may be followed, POST it there as well.
 * *url is the URL that answered in the end.
 */
static enum sg_rc
post_login(const struct sg_tableau *tableau, const struct sg_buf *body,
    char **url, struct sg_http_reply **out_reply, struct sg_err *err)
{
	struct sg_http_request request = {
	    .method = "POST",
	    .content_type = "application/json",
	    .body = body->data,
	    .body_len = body->len,
	    .max_reply = ANSWER_MAX,
	};
	unsigned int hops;
	enum sg_rc rc;

	for (hops = 0;; hops++) {
		SG_AUTO(sg_http_reply) reply = NULL;
		char *next = NULL;

		request.url = *url;
		rc = sg_http_send(tableau->http, &request, &reply, err);
		if (rc != SG_OK)
			return sg_context(err, rc, SIGN_IN);
		if (!is_redirect(reply->status) ||
		    hops >= SG_TABLEAU_HOPS_MAX) {
			*out_reply = reply;
			reply = NULL; /* now the caller's */
			return SG_OK;
		}
		rc = sg_url_redirect(
		    tableau->pod_url, *url, reply->location, &next, err);
		if (rc != SG_OK)
			return sg_context(err, rc, SIGN_IN);
		sg_str_free(url);
		*url = next;
	}
}

static enum sg_rc
need_memory(bool had, struct sg_err *err)
{
	return had ? SG_OK : sg_fail_nomem(err);
}

static enum sg_rc
read_json_session(const struct sg_http_reply *reply, int64_t now_s,
    struct sg_session **out_session, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	const struct sg_json *credentials;
	const struct sg_json *site;
	enum sg_rc rc;

	rc = sg_reply_json(reply, SIGN_IN, &json, err);
	if (rc != SG_OK)
		return rc;
	credentials = sg_json_get(json, "credentials");
	site = sg_json_get(credentials, "site");
	rc = sg_session_new(SG_SERVICE_TABLEAU, SG_SESSION_JWT,
	    sg_json_get_text(credentials, "token"), now_s, out_session, err);
	if (rc != SG_OK)
		return sg_context(err, rc, SIGN_IN);
	(*out_session)->site_id = text_of(site, "id");
	(*out_session)->site_content_url = text_of(site, "contentUrl");
	(*out_session)->user_id =
	    text_of(sg_json_get(credentials, "user"), "id");
	return SG_OK;
}

static void
wipe_str(char **text)
{
	if (*text != NULL)
		explicit_bzero(*text, strlen(*text));
	sg_str_free(text);
}

static enum sg_rc
read_xml_session(const struct sg_http_reply *reply, int64_t now_s,
    struct sg_session **out_session, struct sg_err *err)
{
	const char *body = sg_buf_str(reply->body);
	char *token = sg_xml_attribute(body, "credentials", "token");
	enum sg_rc rc;

	rc = sg_session_new(
	    SG_SERVICE_TABLEAU, SG_SESSION_JWT, token, now_s, out_session, err);
	wipe_str(&token);
	if (rc != SG_OK)
		return sg_context(err, rc, SIGN_IN);
	(*out_session)->site_id = sg_xml_attribute(body, "site", "id");
	(*out_session)->site_content_url =
	    sg_xml_attribute(body, "site", "contentUrl");
	(*out_session)->user_id = sg_xml_attribute(body, "user", "id");
	return SG_OK;
}

/* The user's right to the site was confirmed, but it is another site. */
static enum sg_rc
check_site(const struct sg_tableau *tableau, const struct sg_session *session,
    struct sg_err *err)
{
	bool is_out;

	if (tableau->site_id == NULL || session->site_id == NULL ||
	    strcasecmp(tableau->site_id, session->site_id) == 0)
		return SG_OK;
	is_out = sg_tableau_logout(tableau->http, session, NULL) == SG_OK;
	return sg_fail(err, SG_E_POLICY,
	    SIGN_IN ": the site %s answered, but TABLEAU_CLOUD_SITE_LUID is "
		    "%s; %s",
	    session->site_id, tableau->site_id, sg_session_end_text(is_out));
}

static enum sg_rc
read_session(const struct sg_tableau *tableau, const char *version,
    const char *url, const struct sg_http_reply *reply,
    struct sg_session **out_session, struct sg_err *err)
{
	SG_AUTO(sg_session) session = NULL;
	int64_t now_s = tableau->clock->now_s(tableau->clock->ctx);
	enum sg_rc rc;

	if (is_xml(reply) && !sg_words_is_html(reply))
		rc = read_xml_session(reply, now_s, &session, err);
	else
		rc = read_json_session(reply, now_s, &session, err);
	if (rc != SG_OK)
		return rc;
	if (sg_url_same_origin(url, tableau->pod_url))
		rc = sg_url_api_base(tableau->pod_url, &session->base_url, err);
	else /* it moved, and only its host is sure */
		rc = sg_url_origin(url, &session->base_url, err);
	if (rc != SG_OK)
		return rc;
	session->api_version = strdup(version);
	if (session->site_content_url == NULL)
		session->site_content_url = strdup(tableau->site);
	rc = need_memory(
	    session->api_version != NULL && session->site_content_url != NULL,
	    err);
	if (rc == SG_OK)
		rc = check_site(tableau, session, err);
	if (rc != SG_OK)
		return rc;
	*out_session = session;
	session = NULL; /* now the caller's */
	return SG_OK;
}

/* Where to sign in; *version is what was given or, failing that, asked for. */
static enum sg_rc
prepare(const struct sg_tableau *tableau, const char **version,
    char **asked_version, char **out_url, struct sg_err *err)
{
	char path[VERSION_MAX + sizeof("/api//auth/signin")];
	enum sg_rc rc;

	rc = sg_url_check(tableau->pod_url, "TABLEAU_CLOUD_POD_URL", err);
	if (rc != SG_OK)
		return rc;
	if (*version == NULL) {
		rc = sg_tableau_version(tableau, asked_version, err);
		*version = *asked_version;
	} else {
		rc = check_version(*version, 0, err);
	}
	if (rc != SG_OK)
		return rc;
	(void)snprintf(path, sizeof(path), "/api/%s/auth/signin", *version);
	return sg_url_join(tableau->pod_url, path, out_url, err);
}

enum sg_rc
sg_tableau_login(const struct sg_tableau *tableau, const char *version,
    const struct sg_secret *jwt, struct sg_session **out_session,
    struct sg_err *err)
{
	SG_AUTO_STR asked_version = NULL;
	SG_AUTO_STR url = NULL;
	SG_AUTO(sg_buf) body = NULL;
	SG_AUTO(sg_http_reply) reply = NULL;
	enum sg_rc rc;

	rc = prepare(tableau, &version, &asked_version, &url, err);
	if (rc == SG_OK)
		rc = login_body(tableau, jwt, &body, err);
	if (rc == SG_OK)
		rc = post_login(tableau, body, &url, &reply, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_reply_is_success(reply))
		return sg_reply_refused(reply, jwt, SG_REPLY_OF_TABLEAU_LOGIN,
		    tableau->clock->now_s(tableau->clock->ctx), SIGN_IN, err);
	return read_session(tableau, version, url, reply, out_session, err);
}

enum sg_rc
sg_tableau_logout(
    struct sg_http *http, const struct sg_session *session, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO_STR url = NULL;
	char path[VERSION_MAX + sizeof("/api//auth/signout")];
	struct sg_http_request request = {
	    .method = "POST",
	    .auth_header = sg_session_header(session),
	    .auth = session->token,
	    .max_reply = ANSWER_MAX,
	};
	enum sg_rc rc;

	(void)snprintf(path, sizeof(path), "/api/%.*s/auth/signout",
	    VERSION_MAX, session->api_version);
	rc = sg_url_join(session->base_url, path, &url, err);
	if (rc != SG_OK)
		return rc;
	request.url = url;
	rc = sg_http_send(http, &request, &reply, err);
	if (rc != SG_OK)
		return sg_context(err, rc, SIGN_OUT);
	if (!sg_reply_is_success(reply) && reply->status != 401)
		return sg_reply_refused(
		    reply, session->token, SG_REPLY_OF_CALL, 0, SIGN_OUT, err);
	return SG_OK;
}
