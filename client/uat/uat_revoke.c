/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat/uat_revoke.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "base/utf8.h"
#include "client/http/http.h"
#include "client/http/url.h"
#include "client/reply/reply.h"
#include "client/session/api.h"
#include "client/uat/uat_internal.h"

#define REVOKE	     "revoke the JWT"
#define PATH_MAX_LEN 8192
#define BODY_MAX     (64 * 1024)
#define VALUE_MAX    (16 * 1024)

/* A name in braces, and what it stands for. */
struct value {
	const char *name;
	const char *text; /* NULL: not known */
};

static void
add_segment(struct sg_buf *out, const char *text)
{
	sg_url_add_segment(out, text);
}

/* What stands in a JSON string: the string that the writer makes, without its
 * quotes. */
static void
add_escaped(struct sg_buf *out, const char *text)
{
	SG_AUTO(sg_buf) string = sg_buf_new(VALUE_MAX);
	struct sg_jsonw w = {.out = string};

	sg_jsonw_str(&w, NULL, text);
	if (sg_jsonw_check(&w, "a value", NULL) == SG_OK)
		sg_buf_add(out, string->data + 1, string->len - 2);
}

/* The value whose name in braces a text begins with. */
static const struct value *
value_at(const char *text, const struct value *values, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		size_t len = strlen(values[i].name);

		if (strncmp(text + 1, values[i].name, len) == 0 &&
		    text[len + 1] == '}')
			return &values[i];
	}
	return NULL;
}

static enum sg_rc
fill(struct sg_buf *out, const char *form, const struct value *values,
    size_t count, void (*add)(struct sg_buf *out, const char *text),
    struct sg_err *err)
{
	while (*form != '\0') {
		const struct value *value =
		    *form == '{' ? value_at(form, values, count) : NULL;

		if (value == NULL) {
			sg_buf_add_byte(out, (uint8_t)*form++);
			continue;
		}
		if (value->text == NULL)
			return sg_fail(err, SG_E_USAGE,
			    REVOKE ": the form of the request asks for its "
				   "%s, which is not known",
			    value->name);
		add(out, value->text);
		form += strlen(value->name) + 2;
	}
	return SG_OK;
}

static enum sg_rc
fill_path(struct sg_buf *path, const char *form, const struct value *values,
    size_t count, struct sg_err *err)
{
	enum sg_rc rc;

	rc = fill(path, form, values, count, add_segment, err);
	if (rc == SG_OK)
		rc = sg_buf_check(path, "a path", err);
	if (rc == SG_OK && strpbrk(sg_buf_str(path), "{}") != NULL)
		rc = sg_fail(err, SG_E_CONFIG,
		    REVOKE ": in the path \"%s\" only {jti}, {tenantId}, "
			   "{configId} and {exp} are filled in; see "
			   "SIGNET_REVOKE_PATH",
		    form);
	return rc;
}

static enum sg_rc
fill_body(struct sg_buf *body, const char *form, const struct value *values,
    size_t count, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = fill(body, form, values, count, add_escaped, err);
	if (rc == SG_OK)
		rc = sg_buf_check(body, "a request", err);
	if (rc != SG_OK)
		return rc;
	rc = sg_json_parse(body->data, body->len, &json, &fault);
	if (rc == SG_E_INVALID)
		return sg_fail(err, SG_E_CONFIG,
		    REVOKE ": the body is %s; see SIGNET_REVOKE_BODY",
		    fault.text);
	return sg_fail_again(err, rc, &fault);
}

static const char *
advice_for(enum sg_rc rc, long native)
{
	if (sg_reply_in_doubt(rc, native))
		return "; whether it was revoked is not known: run it again";
	if (rc != SG_E_REFUSED)
		return "";
	switch (native) {
	case 404:
	case 405:
	case 501:
		return "; where JWTs are revoked is not established: set "
		       "SIGNET_REVOKE_PATH as the service's reference has it. "
		       "What surely works: signet uat disable, signet uat "
		       "stop";
	case 400:
	case 415:
	case 422:
		return "; what a revocation holds is not established: set "
		       "SIGNET_REVOKE_BODY as the service's reference has it. "
		       "What surely works: signet uat disable, signet uat "
		       "stop";
	default:
		return "";
	}
}

static enum sg_rc
send(const struct sg_uat *uat, const struct sg_api_request *request,
    int *out_status, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = sg_uat_send(uat, request, REVOKE, &reply, &fault);
	if (rc != SG_OK)
		return sg_fail_native(err, rc, fault.native, "%s%s", fault.text,
		    advice_for(rc, fault.native));
	if (reply != NULL)
		*out_status = reply->status;
	return SG_OK;
}

enum sg_rc
sg_uat_revoke(const struct sg_uat *uat,
    const struct sg_uat_revocation *revocation, int *out_status,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_MAX_LEN);
	SG_AUTO(sg_buf) body = sg_buf_new(BODY_MAX);
	const struct sg_uat_revocation *r = revocation;
	const char *form = r->body != NULL ? r->body : SG_UAT_REVOKE_BODY;
	char exp[32];
	const struct value values[] = {
	    {"jti", r->jti},
	    {"tenantId", r->tenant_id},
	    {"configId", r->config_id},
	    {"exp", r->exp_s != 0 ? exp : NULL},
	};
	struct sg_api_request request = {
	    .method = r->method != NULL ? r->method : SG_UAT_REVOKE_METHOD,
	};
	enum sg_rc rc;

	if (r->jti == NULL || *r->jti == '\0')
		return sg_fail(
		    err, SG_E_USAGE, REVOKE ": its jti is not known");
	if (!sg_utf8_is_valid(r->jti, strlen(r->jti)))
		return sg_fail(err, SG_E_USAGE, REVOKE ": its jti is no UTF-8");
	(void)snprintf(exp, sizeof(exp), "%" PRId64, r->exp_s);
	rc = fill_path(path, r->path != NULL ? r->path : SG_UAT_REVOKE_PATH,
	    values, SG_COUNT(values), err);
	if (rc == SG_OK && strcmp(form, SG_UAT_REVOKE_NO_BODY) != 0) {
		rc = fill_body(body, form, values, SG_COUNT(values), err);
		request.body = body->data;
		request.body_len = body->len;
	}
	if (rc == SG_OK && uat->preview == NULL)
		rc = sg_api_session(uat->api, NULL, err);
	if (rc != SG_OK)
		return rc;
	request.path = sg_buf_str(path);
	return send(uat, &request, out_status, err);
}
