/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat/uat_spec.h"

#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "client/http/url.h"

#define BODY "the UAT configuration"

static bool
is_empty(const char *text)
{
	return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* Given, but of nothing. */
static enum sg_rc
check_text(const char *text, const char *name, struct sg_err *err)
{
	if (text != NULL && is_empty(text))
		return sg_fail(
		    err, SG_E_USAGE, BODY ": its %s must not be empty", name);
	return SG_OK;
}

static enum sg_rc
check_key(const char *pem, struct sg_err *err)
{
	if (pem == NULL)
		return SG_OK;
	if (strstr(pem, "PRIVATE KEY") != NULL)
		return sg_fail(err, SG_E_POLICY,
		    BODY ": this is a private key, and was not sent; give "
			 "the public key");
	pem += strspn(pem, " \t\r\n");
	if (!sg_text_starts(pem, "-----BEGIN PUBLIC KEY-----"))
		return sg_fail(err, SG_E_USAGE,
		    BODY ": its key must be PEM that begins with "
			 "-----BEGIN PUBLIC KEY-----");
	return SG_OK;
}

static enum sg_rc
check_ids(const struct sg_list *ids, struct sg_err *err)
{
	size_t i;

	if (ids == NULL)
		return SG_OK;
	if (ids->count == 0)
		return sg_fail(
		    err, SG_E_USAGE, BODY " needs the id of a tenant or site");
	for (i = 0; i < ids->count; i++)
		if (!sg_text_is_uuid(ids->items[i]))
			return sg_fail(err, SG_E_USAGE,
			    BODY ": the resource id \"%s\" is not a UUID; "
				 "give the tenant's id or a site's LUID",
			    ids->items[i]);
	return SG_OK;
}

static enum sg_rc
check_scopes(const struct sg_list *scopes, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; scopes != NULL && i < scopes->count && rc == SG_OK; i++)
		rc = check_text(scopes->items[i], "scope", err);
	return rc;
}

/* What is given must be good; what is NULL is not looked at. */
static enum sg_rc
check_change(const struct sg_uat_change *change, struct sg_err *err)
{
	enum sg_rc rc;

	rc = check_text(change->name, "name", err);
	if (rc == SG_OK)
		rc = check_text(change->issuer, "issuer", err);
	if (rc == SG_OK)
		rc = check_text(change->username_claim, "username claim", err);
	if (rc == SG_OK)
		rc = check_key(change->public_key_pem, err);
	if (rc == SG_OK && change->jwks_uri != NULL)
		rc = sg_url_check(change->jwks_uri, "the jwksUri", err);
	if (rc == SG_OK)
		rc = check_ids(change->resource_ids, err);
	if (rc == SG_OK)
		rc = check_scopes(change->scopes, err);
	if (rc != SG_OK)
		return rc;
	if (change->public_key_pem != NULL && change->jwks_uri != NULL)
		return sg_fail(err, SG_E_USAGE,
		    BODY " takes a public key or a jwksUri, not both");
	return SG_OK;
}

static enum sg_rc
check_complete(const struct sg_uat_spec *spec, struct sg_err *err)
{
	static const char missing[] = BODY " needs %s";

	if (spec->name == NULL)
		return sg_fail(err, SG_E_USAGE, missing, "a name");
	if (spec->issuer == NULL)
		return sg_fail(err, SG_E_USAGE, missing, "an issuer");
	if (spec->username_claim == NULL)
		return sg_fail(err, SG_E_USAGE, missing, "a username claim");
	if (spec->resource_ids == NULL)
		return sg_fail(
		    err, SG_E_USAGE, missing, "the id of a tenant or site");
	if (spec->public_key_pem == NULL && spec->jwks_uri == NULL)
		return sg_fail(
		    err, SG_E_USAGE, missing, "a public key or a jwksUri");
	return SG_OK;
}

static void
write_list(struct sg_jsonw *w, const char *name, const struct sg_list *list)
{
	sg_jsonw_strs(w, name, list->items, list->count);
}

static enum sg_rc
finish(struct sg_jsonw *w, struct sg_buf **buf, struct sg_buf **out_body,
    struct sg_err *err)
{
	enum sg_rc rc;

	sg_jsonw_object_end(w);
	rc = sg_jsonw_check(w, BODY, err);
	if (rc != SG_OK)
		return rc;
	*out_body = *buf;
	*buf = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_uat_spec_body(const struct sg_uat_spec *spec, struct sg_buf **out_body,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) body = sg_buf_new(SG_UAT_SPEC_MAX);
	struct sg_jsonw w = {.out = body};
	const struct sg_uat_change all = {
	    .name = spec->name,
	    .issuer = spec->issuer,
	    .public_key_pem = spec->public_key_pem,
	    .jwks_uri = spec->jwks_uri,
	    .username_claim = spec->username_claim,
	    .resource_ids = spec->resource_ids,
	    .scopes = spec->scopes,
	};
	enum sg_rc rc;

	rc = check_complete(spec, err);
	if (rc == SG_OK)
		rc = check_change(&all, err);
	if (rc != SG_OK)
		return rc;
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "name", spec->name);
	sg_jsonw_str(&w, "issuer", spec->issuer);
	if (spec->public_key_pem != NULL)
		sg_jsonw_str(&w, "publicKey", spec->public_key_pem);
	else
		sg_jsonw_str(&w, "jwksUri", spec->jwks_uri);
	sg_jsonw_str(&w, "usernameClaim", spec->username_claim);
	write_list(&w, "resourceIds", spec->resource_ids);
	if (spec->scopes != NULL && spec->scopes->count > 0)
		write_list(&w, "scopes", spec->scopes);
	sg_jsonw_bool(&w, "enabled", spec->enabled);
	return finish(&w, &body, out_body, err);
}

/* The change if there is one, else what the service has, if anything. */
static void
merge_text(struct sg_jsonw *w, const char *name, const char *changed,
    const struct sg_json *current)
{
	const struct sg_json *value = sg_json_get(current, name);

	if (changed != NULL)
		sg_jsonw_str(w, name, changed);
	else if (value != NULL)
		sg_jsonw_value(w, name, value);
}

static void
merge_list(struct sg_jsonw *w, const char *name, const struct sg_list *changed,
    const struct sg_json *current)
{
	const struct sg_json *value = sg_json_get(current, name);

	if (changed != NULL)
		write_list(w, name, changed);
	else if (value != NULL)
		sg_jsonw_value(w, name, value);
}

static void
merge_enabled(
    struct sg_jsonw *w, const bool *changed, const struct sg_json *current)
{
	const struct sg_json *value = sg_json_get(current, "enabled");

	if (changed != NULL)
		sg_jsonw_bool(w, "enabled", *changed);
	else if (value != NULL)
		sg_jsonw_value(w, "enabled", value);
}

/* publicKey comes back null: the key in force is publicKeyActive. */
static enum sg_rc
merge_key(struct sg_jsonw *w, const struct sg_uat_change *change,
    const struct sg_json *current, struct sg_err *err)
{
	const char *pem = change->public_key_pem;
	const char *uri = change->jwks_uri;

	if (pem == NULL && uri == NULL)
		uri = sg_json_get_text(current, "jwksUri");
	if (pem == NULL && is_empty(uri))
		pem = sg_json_get_text(current, "publicKeyActive");
	if (is_empty(pem) && is_empty(uri))
		pem = sg_json_get_text(current, "publicKey");
	if (is_empty(pem) && is_empty(uri))
		return sg_fail(err, SG_E_USAGE,
		    "the service shows neither the key nor the jwksUri of "
		    "this UAT configuration, and an update must send one: "
		    "name it with --token-key, --public-key or "
		    "--jwks-uri");
	if (!is_empty(pem))
		sg_jsonw_str(w, "publicKey", pem);
	else
		sg_jsonw_str(w, "jwksUri", uri);
	return SG_OK;
}

/* What the service has and we do not know must not be lost by the PUT. */
static void
copy_unknown(struct sg_jsonw *w, const struct sg_json *current)
{
	static const char known_names[][16] = {"name", "issuer", "publicKey",
	    "jwksUri", "usernameClaim", "resourceIds", "scopes", "enabled",
	    "id", "configId", "tenantId", "publicKeyActive"};
	const struct sg_json *value = NULL;
	const char *name;
	bool is_known;
	size_t i;

	for (name = sg_json_next(current, NULL, &value); name != NULL;
	     name = sg_json_next(current, name, &value)) {
		is_known = false;
		for (i = 0; i < SG_COUNT(known_names); i++)
			if (strcmp(known_names[i], name) == 0)
				is_known = true;
		if (!is_known)
			sg_jsonw_value(w, name, value);
	}
}

enum sg_rc
sg_uat_change_body(const struct sg_uat_change *change,
    const struct sg_json *current, struct sg_buf **out_body, struct sg_err *err)
{
	SG_AUTO(sg_buf) body = sg_buf_new(SG_UAT_SPEC_MAX);
	struct sg_jsonw w = {.out = body};
	enum sg_rc rc;

	rc = check_change(change, err);
	if (rc != SG_OK)
		return rc;
	sg_jsonw_object(&w, NULL);
	merge_text(&w, "name", change->name, current);
	merge_text(&w, "issuer", change->issuer, current);
	rc = merge_key(&w, change, current, err);
	if (rc != SG_OK)
		return rc;
	merge_text(&w, "usernameClaim", change->username_claim, current);
	merge_list(&w, "resourceIds", change->resource_ids, current);
	merge_list(&w, "scopes", change->scopes, current);
	merge_enabled(&w, change->enabled, current);
	copy_unknown(&w, current);
	return finish(&w, &body, out_body, err);
}
