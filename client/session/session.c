/* SPDX-License-Identifier: Apache-2.0 */
#include "client/session/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "base/secret.h"

static const char *const services[] = {
    [SG_SERVICE_TCM] = "tcm",
    [SG_SERVICE_TABLEAU] = "tableau",
};

static const char *const kinds[] = {
    [SG_SESSION_JWT] = "jwt",
    [SG_SESSION_PAT] = "pat",
};

const char *
sg_service_name(enum sg_service service)
{
	return services[service];
}

const char *
sg_session_kind_name(enum sg_session_kind kind)
{
	return kinds[kind];
}

const char *
sg_session_end_text(bool is_out)
{
	return is_out ? "signed out again"
		      : "the session was dropped and ends by itself";
}

/* The place of a word in a table; false when it is in none. */
static bool
find_word(const char *const *words, size_t count, const char *word, size_t *out)
{
	size_t i;

	for (i = 0; word != NULL && i < count; i++) {
		if (strcmp(words[i], word) != 0)
			continue;
		*out = i;
		return true;
	}
	return false;
}

bool
sg_service_parse(const char *name, enum sg_service *out_service)
{
	size_t i;

	if (!find_word(services, SG_COUNT(services), name, &i))
		return false;
	*out_service = (enum sg_service)i;
	return true;
}

bool
sg_session_kind_parse(const char *name, enum sg_session_kind *out_kind)
{
	size_t i;

	if (!find_word(kinds, SG_COUNT(kinds), name, &i))
		return false;
	*out_kind = (enum sg_session_kind)i;
	return true;
}

/* RFC 9110 §5.5: visible ASCII; the services' tokens have no more. */
static bool
fits_header(const char *text)
{
	if (text == NULL || *text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if (*text <= 0x20 || *text >= 0x7f)
			return false;
	return true;
}

enum sg_rc
sg_session_new(enum sg_service service, enum sg_session_kind kind,
    const char *token_text, int64_t now_s, struct sg_session **out_session,
    struct sg_err *err)
{
	SG_AUTO(sg_session) session = NULL;
	enum sg_rc rc;

	if (!fits_header(token_text))
		return sg_fail(err, SG_E_REFUSED,
		    "the service's answer holds no usable session token");
	session = calloc(1, sizeof(*session));
	if (session == NULL)
		return sg_fail_nomem(err);
	session->service = service;
	session->kind = kind;
	session->made_s = now_s;
	session->used_s = now_s;
	rc =
	    sg_secret_new(token_text, strlen(token_text), &session->token, err);
	if (rc != SG_OK)
		return rc;
	*out_session = session;
	session = NULL; /* now the caller's */
	return SG_OK;
}

void
sg_session_free(struct sg_session **session)
{
	struct sg_session *s;

	if (session == NULL || *session == NULL)
		return;
	s = *session;
	free(s->base_url);
	free(s->tenant_id);
	free(s->user_id);
	free(s->site_id);
	free(s->site_content_url);
	free(s->api_version);
	sg_secret_free(&s->token);
	free(s);
	*session = NULL;
}

const char *
sg_session_header(const struct sg_session *session)
{
	return session->service == SG_SERVICE_TCM ? "x-tableau-session-token"
						  : "X-Tableau-Auth";
}

int64_t
sg_session_ends(const struct sg_session *session)
{
	bool is_tcm = session->service == SG_SERVICE_TCM;
	int64_t ends_s = session->expires_s;

	if (ends_s == 0)
		ends_s = session->made_s +
			 (is_tcm ? SG_SESSION_TCM_S : SG_SESSION_TABLEAU_S);
	if (is_tcm && session->used_s + SG_SESSION_IDLE_S < ends_s)
		ends_s = session->used_s + SG_SESSION_IDLE_S;
	return ends_s;
}

bool
sg_session_is_valid(const struct sg_session *session, int64_t now_s)
{
	return session->made_s <= now_s && now_s < sg_session_ends(session);
}

bool
sg_session_is_same(const struct sg_session *a, const struct sg_session *b)
{
	return sg_secret_len(a->token) == sg_secret_len(b->token) &&
	       memcmp(sg_secret_reveal(a->token), sg_secret_reveal(b->token),
		   sg_secret_len(a->token)) == 0;
}

void
sg_session_write(
    struct sg_jsonw *w, const char *name, const struct sg_session *session)
{
	sg_jsonw_object(w, name);
	sg_jsonw_str(w, "service", services[session->service]);
	sg_jsonw_str(w, "kind", kinds[session->kind]);
	sg_jsonw_str(w, "baseUrl", session->base_url);
	sg_jsonw_str(w, "tenantId", session->tenant_id);
	sg_jsonw_str(w, "userId", session->user_id);
	sg_jsonw_str(w, "siteId", session->site_id);
	sg_jsonw_str(w, "siteContentUrl", session->site_content_url);
	sg_jsonw_str(w, "apiVersion", session->api_version);
	sg_jsonw_int(w, "made", session->made_s);
	sg_jsonw_int(w, "used", session->used_s);
	sg_jsonw_int(w, "expires", session->expires_s);
	sg_jsonw_str(w, "token", sg_secret_reveal(session->token));
	sg_jsonw_object_end(w);
}

static enum sg_rc
read_text(const struct sg_json *json, const char *name, char **out_text,
    struct sg_err *err)
{
	const char *text = sg_json_get_text(json, name);

	if (text == NULL)
		return SG_OK;
	*out_text = strdup(text);
	return *out_text != NULL ? SG_OK : sg_fail_nomem(err);
}

static enum sg_rc
read_texts(
    const struct sg_json *json, struct sg_session *session, struct sg_err *err)
{
	const struct {
		const char *name;
		char **out;
	} members[] = {
	    {"baseUrl", &session->base_url},
	    {"tenantId", &session->tenant_id},
	    {"userId", &session->user_id},
	    {"siteId", &session->site_id},
	    {"siteContentUrl", &session->site_content_url},
	    {"apiVersion", &session->api_version},
	};
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; i < SG_COUNT(members) && rc == SG_OK; i++)
		rc = read_text(json, members[i].name, members[i].out, err);
	return rc;
}

/* Times far outside of any use would overflow the sums made of them. */
static bool
read_time(const struct sg_json *json, const char *name, int64_t *out_s)
{
	return sg_json_int(sg_json_get(json, name), out_s) && *out_s >= 0 &&
	       *out_s < INT64_MAX / 2;
}

enum sg_rc
sg_session_read(const struct sg_json *json, struct sg_session **out_session,
    struct sg_err *err)
{
	SG_AUTO(sg_session) session = NULL;
	const char *token = sg_json_get_text(json, "token");
	enum sg_service service;
	enum sg_session_kind kind;
	enum sg_rc rc;

	if (!sg_service_parse(sg_json_get_text(json, "service"), &service) ||
	    !sg_session_kind_parse(sg_json_get_text(json, "kind"), &kind) ||
	    !fits_header(token))
		return sg_fail(err, SG_E_INVALID, "this is no kept session");
	rc = sg_session_new(service, kind, token, 0, &session, err);
	if (rc == SG_OK)
		rc = read_texts(json, session, err);
	if (rc != SG_OK)
		return rc;
	if (!read_time(json, "made", &session->made_s) ||
	    !read_time(json, "used", &session->used_s) ||
	    !read_time(json, "expires", &session->expires_s) ||
	    session->base_url == NULL ||
	    (service == SG_SERVICE_TABLEAU && session->api_version == NULL))
		return sg_fail(err, SG_E_INVALID, "this is no kept session");
	*out_session = session;
	session = NULL; /* now the caller's */
	return SG_OK;
}
