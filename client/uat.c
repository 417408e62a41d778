/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "client/api.h"
#include "client/http.h"
#include "client/reply.h"
#include "client/url.h"

#define CREATE		"create the UAT configuration"
#define LIST		"list the UAT configurations"
#define GET		"get the UAT configuration"
#define UPDATE		"update the UAT configuration"
#define DELETE		"delete the UAT configuration"
#define CONFIG_PATH_MAX 8192

static const char *
configs_path(const struct sg_uat *uat)
{
	return uat->configs_url != NULL ? uat->configs_url
					: "/uat-configurations";
}

/* An id of dots or of nothing would make another path of it. */
static enum sg_rc
path_of(const struct sg_uat *uat, const char *id, struct sg_buf **out_path,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(CONFIG_PATH_MAX);
	const char *all = configs_path(uat);
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

enum sg_rc
sg_uat_list(const struct sg_uat *uat, struct sg_uat_configs **out_configs,
    struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_json) json = NULL;
	const struct sg_api_request request = {
	    .method = "GET",
	    .path = configs_path(uat),
	};
	enum sg_rc rc;

	rc = sg_api_call(uat->api, &request, LIST, &reply, err);
	if (rc == SG_OK)
		rc = sg_reply_json(reply, LIST, &json, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_uat_configs_read(json, out_configs, err);
	return sg_context(err, rc, LIST);
}

/* The handle of what the caller named. */
static enum sg_rc
resolve(const struct sg_uat *uat, const char *id_or_name, char **out_id,
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

static enum sg_rc
fetch(const struct sg_uat *uat, const char *id, struct sg_json **out_json,
    struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_buf) path = NULL;
	struct sg_api_request request = {.method = "GET"};
	enum sg_rc rc;

	rc = path_of(uat, id, &path, err);
	if (rc != SG_OK)
		return rc;
	request.path = sg_buf_str(path);
	rc = sg_api_call(uat->api, &request, GET, &reply, err);
	if (rc != SG_OK)
		return rc;
	return sg_reply_json(reply, GET, out_json, err);
}

/* The answer; or, when it has no body, what we sent. */
static enum sg_rc
read_config(const struct sg_http_reply *reply, const struct sg_buf *sent,
    const char *id, struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	SG_AUTO(sg_uat_config) config = NULL;
	enum sg_rc rc;

	if (reply->body->len > 0)
		rc = sg_reply_json(reply, "read the answer", &json, err);
	else
		rc = sg_json_parse(sent->data, sent->len, &json, err);
	if (rc == SG_OK)
		rc = sg_uat_config_read(json, &config, err);
	if (rc != SG_OK)
		return rc;
	if (config->config_id == NULL && id != NULL) {
		config->config_id = strdup(id);
		if (config->config_id == NULL)
			return sg_fail_nomem(err);
	}
	*out_config = config;
	config = NULL; /* now the caller's */
	return SG_OK;
}

/* Can it be that the service did what it did not tell us of? */
static bool
may_have_been_done(enum sg_rc rc, long native)
{
	if (rc == SG_E_NETWORK || rc == SG_E_TIMEOUT)
		return native != SG_HTTP_NOT_SENT;
	/* A gateway's word is not the service's. */
	return rc == SG_E_REFUSED && (native == 502 || native == 504);
}

static enum sg_rc
post_config(const struct sg_uat *uat, const struct sg_buf *body,
    struct sg_uat_config **out_config, bool *out_doubt, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	const struct sg_api_request request = {
	    .method = "POST",
	    .path = configs_path(uat),
	    .body = body->data,
	    .body_len = body->len,
	};
	enum sg_rc rc;

	rc = sg_api_call(uat->api, &request, CREATE, &reply, err);
	if (rc != SG_OK) {
		*out_doubt = may_have_been_done(rc, err->native);
		return rc;
	}
	*out_doubt = true; /* it is there; only its description is not */
	rc = read_config(reply, body, NULL, out_config, err);
	return sg_context(err, rc, CREATE);
}

enum sg_rc
sg_uat_create(const struct sg_uat *uat, const struct sg_uat_spec *spec,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_buf) body = NULL;
	struct sg_err fault = {0};
	bool in_doubt = false;
	enum sg_rc rc;

	rc = sg_uat_spec_body(spec, &body, err);
	if (rc == SG_OK) /* first, so that its failure leaves no doubt */
		rc = sg_api_session(uat->api, NULL, err);
	if (rc != SG_OK)
		return rc;
	rc = post_config(uat, body, out_config, &in_doubt, &fault);
	if (rc == SG_OK)
		return SG_OK;
	return sg_fail_native(err, rc, fault.native, "%s%s", fault.text,
	    in_doubt ? "; it may exist all the same: run signet uat list "
		       "before you try again"
		     : "");
}

enum sg_rc
sg_uat_get(const struct sg_uat *uat, const char *id_or_name,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	SG_AUTO_STR id = NULL;
	enum sg_rc rc;

	rc = resolve(uat, id_or_name, &id, err);
	if (rc == SG_OK)
		rc = fetch(uat, id, &json, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_uat_config_read(json, out_config, err);
	return sg_context(err, rc, GET);
}

static enum sg_rc
put_config(const struct sg_uat *uat, const char *id, const struct sg_buf *body,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_buf) path = NULL;
	struct sg_api_request request = {
	    .method = "PUT",
	    .body = body->data,
	    .body_len = body->len,
	};
	enum sg_rc rc;

	rc = path_of(uat, id, &path, err);
	if (rc != SG_OK)
		return rc;
	request.path = sg_buf_str(path);
	rc = sg_api_call(uat->api, &request, UPDATE, &reply, err);
	if (rc != SG_OK)
		return rc;
	rc = read_config(reply, body, id, out_config, err);
	return sg_context(err, rc, UPDATE);
}

enum sg_rc
sg_uat_update(const struct sg_uat *uat, const char *id_or_name,
    const struct sg_uat_change *change, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	SG_AUTO(sg_json) current = NULL;
	SG_AUTO(sg_buf) body = NULL;
	SG_AUTO_STR id = NULL;
	enum sg_rc rc;

	rc = resolve(uat, id_or_name, &id, err);
	if (rc == SG_OK)
		rc = fetch(uat, id, &current, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_json_is_object(current))
		return sg_fail(err, SG_E_REFUSED,
		    GET ": the service's answer is no UAT configuration");
	rc = sg_uat_change_body(change, current, &body, err);
	if (rc != SG_OK)
		return rc;
	return put_config(uat, id, body, out_config, err);
}

enum sg_rc
sg_uat_delete(
    const struct sg_uat *uat, const char *id_or_name, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_buf) path = NULL;
	SG_AUTO_STR id = NULL;
	struct sg_api_request request = {.method = "DELETE"};
	enum sg_rc rc;

	rc = resolve(uat, id_or_name, &id, err);
	if (rc == SG_OK)
		rc = path_of(uat, id, &path, err);
	if (rc != SG_OK)
		return rc;
	request.path = sg_buf_str(path);
	return sg_api_call(uat->api, &request, DELETE, &reply, err);
}
