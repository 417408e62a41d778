/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat/uat.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "client/http/http.h"
#include "client/http/url.h"
#include "client/pages/paging.h"
#include "client/reply/reply.h"
#include "client/session/api.h"
#include "client/uat/uat_internal.h"

#define LIST		"list the UAT configurations"
#define GET		"get the UAT configuration"
#define DELETE		"delete the UAT configuration"
#define CONFIG_PATH_MAX 8192
#define PAUSE_MS	1000

void
sg_uat_preview_clear(struct sg_uat_preview *preview)
{
	sg_str_free(&preview->method);
	sg_str_free(&preview->url);
	sg_str_free(&preview->body);
}

const char *
sg_uat_all(const struct sg_uat *uat)
{
	return uat->configs_url != NULL ? uat->configs_url
					: "/uat-configurations";
}

/* An id of dots or of nothing would make another path of it. */
enum sg_rc
sg_uat_path(const struct sg_uat *uat, const char *id, struct sg_buf **out_path,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(CONFIG_PATH_MAX);
	const char *all = sg_uat_all(uat);
	size_t len = strlen(all);
	enum sg_rc rc;

	if (id[strspn(id, ".")] == '\0')
		return sg_fail(err, SG_E_REFUSED,
		    "\"%s\" cannot be the id of a UAT configuration", id);
	while (len > 0 && all[len - 1] == '/')
		len--;
	sg_buf_add(path, all, len);
	sg_buf_add_byte(path, '/');
	sg_url_add_segment(path, id);
	rc = sg_buf_check(path, "a path", err);
	if (rc != SG_OK)
		return rc;
	*out_path = path;
	path = NULL; /* now the caller's */
	return SG_OK;
}

/* No page size is asked for: nobody is known to send the list a parameter. */
enum sg_rc
sg_uat_list(const struct sg_uat *uat, struct sg_uat_configs **out_configs,
    struct sg_err *err)
{
	SG_AUTO(sg_paging) paging = NULL;
	const struct sg_paging_request request = {
	    .api = uat->api,
	    .path = sg_uat_all(uat),
	    .member = SG_UAT_CONFIGS_MEMBER,
	    .what = LIST,
	};
	enum sg_rc rc;

	rc = sg_paging_read(&request, &paging, err);
	if (rc != SG_OK)
		return rc;
	rc =
	    sg_uat_configs_from(paging->items, paging->count, out_configs, err);
	return sg_context(err, rc, LIST);
}

enum sg_rc
sg_uat_resolve(const struct sg_uat *uat, const char *id_or_name, char **out_id,
    struct sg_err *err)
{
	SG_AUTO(sg_uat_configs) configs = NULL;
	const struct sg_uat_config *config = NULL;
	const char *id = id_or_name;
	enum sg_rc rc;

	if (!sg_text_is_uuid(id_or_name)) {
		rc = sg_uat_list(uat, &configs, err);
		if (rc == SG_OK)
			rc = sg_uat_configs_find(
			    configs, id_or_name, &config, err);
		if (rc != SG_OK)
			return rc;
		id = config->config_id;
	}
	if (id == NULL)
		return sg_fail(err, SG_E_REFUSED,
		    "the service shows no configId for \"%s\"", id_or_name);
	*out_id = strdup(id);
	return *out_id != NULL ? SG_OK : sg_fail_nomem(err);
}

enum sg_rc
sg_uat_fetch(const struct sg_uat *uat, const char *id,
    struct sg_json **out_json, char **out_etag, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_buf) path = NULL;
	struct sg_api_request request = {.method = "GET"};
	enum sg_rc rc;

	rc = sg_uat_path(uat, id, &path, err);
	if (rc != SG_OK)
		return rc;
	request.path = sg_buf_str(path);
	rc = sg_api_call(uat->api, &request, GET, &reply, err);
	if (rc != SG_OK)
		return rc;
	/* A weak one never matches: RFC 9110 §13.1.1. */
	if (out_etag != NULL && reply->etag != NULL &&
	    !sg_text_starts(reply->etag, "W/"))
		rc = sg_str_copy(reply->etag, out_etag, err);
	if (rc != SG_OK)
		return rc;
	return sg_reply_json(reply, GET, out_json, err);
}

void
sg_uat_pause(const struct sg_uat *uat, unsigned int look)
{
	if (look > 0)
		sg_http_pause(uat->api->http, (int64_t)look * PAUSE_MS);
}

enum sg_rc
sg_uat_lock(
    const struct sg_uat *uat, struct sg_lock **out_lock, struct sg_err *err)
{
	enum sg_rc rc;

	if (uat->lock_path == NULL || uat->preview != NULL)
		return SG_OK;
	rc = sg_lock_take(uat->lock_path, SG_UAT_LOCK_MS, out_lock, err);
	return sg_context(
	    err, rc, "wait for our turn to change a UAT configuration");
}

static enum sg_rc
show_request(struct sg_uat_preview *preview,
    const struct sg_api_request *request, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_str_copy(request->method, &preview->method, err);
	if (rc == SG_OK)
		rc = sg_str_copy(request->path, &preview->url, err);
	if (rc != SG_OK || request->body == NULL)
		return rc;
	preview->body = strndup(request->body, request->body_len);
	return preview->body != NULL ? SG_OK : sg_fail_nomem(err);
}

enum sg_rc
sg_uat_send(const struct sg_uat *uat, const struct sg_api_request *request,
    const char *what, struct sg_http_reply **out_reply, struct sg_err *err)
{
	if (uat->preview != NULL)
		return show_request(uat->preview, request, err);
	return sg_api_call(uat->api, request, what, out_reply, err);
}

enum sg_rc
sg_uat_get(const struct sg_uat *uat, const char *id_or_name,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	SG_AUTO_STR id = NULL;
	enum sg_rc rc;

	rc = sg_uat_resolve(uat, id_or_name, &id, err);
	if (rc == SG_OK)
		rc = sg_uat_fetch(uat, id, &json, NULL, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_uat_config_read(json, out_config, err);
	return sg_context(err, rc, GET);
}

/* The answer to a DELETE was lost: is it still there? */
static enum sg_rc
look_for_deleted(const struct sg_uat *uat, const char *id,
    const struct sg_err *lost, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = sg_uat_fetch(uat, id, &json, NULL, &fault);
	if (rc == SG_E_REFUSED && fault.native == 404)
		return SG_OK;
	if (rc == SG_OK)
		return sg_fail_native(err, lost->rc, lost->native,
		    "%s; it was looked for and is still there: try again",
		    lost->text);
	return sg_fail_native(err, lost->rc, lost->native,
	    "%s; it may be gone all the same: run signet uat list", lost->text);
}

static enum sg_rc
delete_by_id(const struct sg_uat *uat, const char *id, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_json) json = NULL;
	SG_AUTO(sg_buf) path = NULL;
	struct sg_api_request request = {.method = "DELETE"};
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = sg_uat_path(uat, id, &path, err);
	if (rc == SG_OK && uat->preview == NULL)
		rc = sg_api_session(uat->api, NULL, err);
	if (rc != SG_OK)
		return rc;
	request.path = sg_buf_str(path);
	rc = sg_uat_send(uat, &request, DELETE, &reply, &fault);
	if (rc == SG_OK && reply != NULL && reply->body->len > 0)
		rc = sg_reply_json(reply, DELETE, &json, &fault);
	if (sg_reply_in_doubt(rc, fault.native))
		return look_for_deleted(uat, id, &fault, err);
	if (rc == SG_E_REFUSED && fault.native == 404)
		return sg_fail_native(err, rc, fault.native,
		    "%s; it is not there, or no longer: see signet uat list",
		    fault.text);
	return sg_fail_again(err, rc, &fault);
}

enum sg_rc
sg_uat_delete(
    const struct sg_uat *uat, const char *id_or_name, struct sg_err *err)
{
	SG_AUTO(sg_lock) lock = NULL;
	SG_AUTO_STR id = NULL;
	enum sg_rc rc;

	rc = sg_uat_lock(uat, &lock, err);
	if (rc == SG_OK)
		rc = sg_uat_resolve(uat, id_or_name, &id, err);
	if (rc != SG_OK)
		return rc;
	return delete_by_id(uat, id, err);
}
