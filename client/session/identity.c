/* SPDX-License-Identifier: Apache-2.0 */
#include "client/session/identity.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"

#define TEXT_MAX (256 * 1024)

static enum sg_rc
sorted_copy(const struct sg_list *list, struct sg_list *out, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; list != NULL && i < list->count && rc == SG_OK; i++)
		if (!sg_list_has(out, list->items[i]))
			rc = sg_list_add(out, list->items[i], err);
	sg_list_sort(out);
	return rc;
}

enum sg_rc
sg_identity_name(const struct sg_identity *id,
    char out_name[SG_IDENTITY_NAME_SIZE], struct sg_err *err)
{
	SG_AUTO(sg_buf) text = sg_buf_new(TEXT_MAX);
	SG_AUTO(sg_buf) hex = sg_buf_new(SG_IDENTITY_NAME_SIZE);
	uint8_t digest[SG_SHA256_SIZE];
	struct sg_list scopes = {0};
	enum sg_rc rc;
	size_t i;

	sg_buf_add_counted(text, sg_service_name(id->service));
	sg_buf_add_counted(text, sg_session_kind_name(id->kind));
	sg_buf_add_counted(text, id->base_url);
	sg_buf_add_counted(text, id->tenant_id);
	sg_buf_add_counted(text, id->site);
	sg_buf_add_counted(text, id->user);
	sg_buf_add_counted(text, id->key_uri);
	sg_buf_add_counted(text, id->claims);
	rc = sorted_copy(id->scopes, &scopes, err);
	for (i = 0; i < scopes.count; i++)
		sg_buf_add_counted(text, scopes.items[i]);
	sg_list_clear(&scopes);
	if (rc == SG_OK)
		rc = sg_buf_check(text, "what names a session", err);
	if (rc != SG_OK)
		return rc;
	sg_sha256(text->data, text->len, digest);
	sg_hex_encode(hex, digest, sizeof(digest));
	rc = sg_buf_check(hex, "a file name", err);
	if (rc == SG_OK)
		(void)snprintf(
		    out_name, SG_IDENTITY_NAME_SIZE, "%s", sg_buf_str(hex));
	return rc;
}

bool
sg_identity_is_name(const char *text)
{
	return strlen(text) == SG_IDENTITY_NAME_SIZE - 1 &&
	       strspn(text, "0123456789abcdef") == SG_IDENTITY_NAME_SIZE - 1;
}

void
sg_identity_write(
    struct sg_jsonw *w, const char *name, const struct sg_identity *id)
{
	static char *const none[1] = {NULL};
	bool has_scopes = id->scopes != NULL && id->scopes->count > 0;

	sg_jsonw_object(w, name);
	sg_jsonw_str(w, "service", sg_service_name(id->service));
	sg_jsonw_str(w, "kind", sg_session_kind_name(id->kind));
	sg_jsonw_str(w, "baseUrl", id->base_url);
	sg_jsonw_str(w, "tenantId", id->tenant_id);
	sg_jsonw_str(w, "site", id->site);
	sg_jsonw_str(w, "user", id->user);
	sg_jsonw_str(w, "keyUri", id->key_uri);
	sg_jsonw_str(w, "claims", id->claims);
	sg_jsonw_strs(w, "scopes", has_scopes ? id->scopes->items : none,
	    has_scopes ? id->scopes->count : 0);
	sg_jsonw_object_end(w);
}

enum sg_rc
sg_identity_read(const struct sg_json *json, struct sg_identity *id,
    struct sg_list *out_scopes, struct sg_err *err)
{
	const struct sg_json *scopes = sg_json_get(json, "scopes");
	const char *scope;
	enum sg_rc rc = SG_OK;
	size_t i;

	if (!sg_service_parse(
		sg_json_get_text(json, "service"), &id->service) ||
	    !sg_session_kind_parse(sg_json_get_text(json, "kind"), &id->kind))
		return sg_fail(err, SG_E_INVALID, "this names no session");
	id->base_url = sg_json_get_text(json, "baseUrl");
	id->tenant_id = sg_json_get_text(json, "tenantId");
	id->site = sg_json_get_text(json, "site");
	id->user = sg_json_get_text(json, "user");
	id->key_uri = sg_json_get_text(json, "keyUri");
	id->claims = sg_json_get_text(json, "claims");
	id->scopes = out_scopes;
	for (i = 0; i < sg_json_count(scopes) && rc == SG_OK; i++) {
		scope = sg_json_text(sg_json_at(scopes, i));
		rc = scope != NULL
			 ? sg_list_add(out_scopes, scope, err)
			 : sg_fail(err, SG_E_INVALID, "this names no session");
	}
	return rc;
}
