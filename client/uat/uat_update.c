/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "client/http/http.h"
#include "client/reply/reply.h"
#include "client/session/api.h"
#include "client/uat/uat.h"
#include "client/uat/uat_diff.h"
#include "client/uat/uat_internal.h"

#define UPDATE "update the UAT configuration"

/* One update: what it is based on, and what is sent. */
struct update {
	const struct sg_uat *uat;
	const char *id;
	struct sg_json *before;
	struct sg_json *sent; /* the body, read back */
	struct sg_buf *body;
	char *etag; /* NULL when the service gives none */
};

static void
clear(struct update *u)
{
	sg_json_free(&u->before);
	sg_json_free(&u->sent);
	sg_buf_free(&u->body);
	sg_str_free(&u->etag);
}

#define AUTO_UPDATE __attribute__((cleanup(clear))) struct update

static enum sg_rc
fail_changed(const struct update *u, struct sg_err *err)
{
	return sg_fail_native(err, SG_E_REFUSED, 412,
	    UPDATE ": %s was changed by someone else meanwhile, so nothing "
		   "was sent; look at it and try again: signet uat get %s",
	    u->id, u->id);
}

/* The whole configuration with the change in it. */
static enum sg_rc
merge(struct update *u, const struct sg_uat_change *change, struct sg_err *err)
{
	enum sg_rc rc;

	if (!sg_json_is_object(u->before))
		return sg_fail(err, SG_E_REFUSED,
		    UPDATE ": the service's answer is no UAT configuration");
	sg_buf_free(&u->body);
	sg_json_free(&u->sent);
	rc = sg_uat_change_body(change, u->before, &u->body, err);
	if (rc != SG_OK)
		return rc;
	return sg_json_parse(u->body->data, u->body->len, &u->sent, err);
}

/* The service has no condition for a PUT that we know of: look once more. What
 * we do not judge goes back as it is now. */
static enum sg_rc
look_again(struct update *u, struct sg_err *err)
{
	SG_AUTO(sg_json) now = NULL;
	SG_AUTO_STR etag = NULL;
	enum sg_rc rc;

	rc = sg_uat_fetch(u->uat, u->id, &now, &etag, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_uat_diff_unchanged(u->before, now))
		return fail_changed(u, err);
	sg_json_free(&u->before);
	u->before = now;
	now = NULL; /* now the update's */
	if (etag != NULL) {
		sg_str_free(&u->etag);
		u->etag = etag;
		etag = NULL;
	}
	return SG_OK;
}

static enum sg_rc
prepare(
    struct update *u, const struct sg_uat_change *change, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_uat_fetch(u->uat, u->id, &u->before, &u->etag, err);
	if (rc == SG_OK)
		rc = merge(u, change, err);
	if (rc != SG_OK || u->uat->preview != NULL)
		return rc;
	rc = look_again(u, err);
	return rc == SG_OK ? merge(u, change, err) : rc;
}

/* What the service shows; with our id, should it show none. */
static enum sg_rc
give(const struct update *u, const struct sg_json *json,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	enum sg_rc rc;

	rc = sg_uat_config_read(json, &config, err);
	if (rc == SG_OK && config->config_id == NULL)
		rc = sg_str_copy(u->id, &config->config_id, err);
	if (rc != SG_OK)
		return sg_context(err, rc, UPDATE);
	*out_config = config;
	config = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
check_arrived(const struct update *u, const struct sg_json *shown,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	const char *part = NULL;

	if (!sg_uat_diff_arrived(u->sent, shown, &part))
		return sg_fail(err, SG_E_REFUSED,
		    UPDATE ": the service took it, but shows another %s: a "
			   "change of someone else may have come in between; "
			   "look at it: signet uat get %s",
		    part, u->id);
	return give(u, shown, out_config, err);
}

/* It is taken; the answer does not show what is there now. */
static enum sg_rc
read_back(const struct update *u, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	SG_AUTO(sg_json) shown = NULL;

	if (sg_uat_fetch(u->uat, u->id, &shown, NULL, NULL) != SG_OK ||
	    !sg_json_is_object(shown))
		return give(u, u->sent, out_config, err);
	return check_arrived(u, shown, out_config, err);
}

/* The answer was lost: is the change there? */
static enum sg_rc
look_for_change(const struct update *u, const struct sg_err *lost,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_json) shown = NULL;
	const char *part = NULL;

	if (sg_uat_fetch(u->uat, u->id, &shown, NULL, NULL) != SG_OK ||
	    !sg_json_is_object(shown))
		return sg_fail_native(err, lost->rc, lost->native,
		    "%s; it may have been changed all the same: run signet "
		    "uat get %s",
		    lost->text, u->id);
	if (sg_uat_diff_arrived(u->sent, shown, &part))
		return give(u, shown, out_config, err);
	return sg_fail_native(err, lost->rc, lost->native,
	    sg_uat_diff_unchanged(u->before, shown)
		? "%s; it was looked at and has not changed; before you try "
		  "again: signet uat get %s"
		: "%s; it has changed, but not into what was sent: see signet "
		  "uat get %s",
	    lost->text, u->id);
}

static enum sg_rc
take_answer(const struct update *u, const struct sg_http_reply *reply,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_json) shown = NULL;
	struct sg_err fault = {0};

	if (reply->body->len == 0)
		return read_back(u, out_config, err);
	/* A page of some proxy is a success of nobody's. */
	if (sg_reply_json(reply, UPDATE, &shown, &fault) != SG_OK)
		return look_for_change(u, &fault, out_config, err);
	if (sg_json_get(shown, "configId") == NULL)
		return read_back(u, out_config, err);
	return check_arrived(u, shown, out_config, err);
}

static enum sg_rc
put(struct update *u, struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_buf) path = NULL;
	struct sg_api_request request = {
	    .method = "PUT",
	    .if_match = u->etag,
	    .body = u->body->data,
	    .body_len = u->body->len,
	};
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = sg_uat_path(u->uat, u->id, &path, err);
	if (rc != SG_OK)
		return rc;
	request.path = sg_buf_str(path);
	rc = sg_uat_send(u->uat, &request, UPDATE, &reply, &fault);
	if (rc == SG_OK && reply == NULL)
		return SG_OK; /* a preview */
	if (rc == SG_OK)
		return take_answer(u, reply, out_config, err);
	if (sg_reply_in_doubt(rc, fault.native))
		return look_for_change(u, &fault, out_config, err);
	if (rc == SG_E_REFUSED && fault.native == 412)
		return fail_changed(u, err);
	return sg_fail_again(err, rc, &fault);
}

enum sg_rc
sg_uat_update(const struct sg_uat *uat, const char *id_or_name,
    const struct sg_uat_change *change, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	AUTO_UPDATE u = {.uat = uat};
	SG_AUTO(sg_lock) lock = NULL;
	SG_AUTO_STR id = NULL;
	enum sg_rc rc;

	rc = sg_uat_lock(uat, &lock, err);
	if (rc == SG_OK)
		rc = sg_uat_resolve(uat, id_or_name, &id, err);
	if (rc != SG_OK)
		return rc;
	u.id = id;
	rc = prepare(&u, change, err);
	if (rc != SG_OK)
		return rc;
	return put(&u, out_config, err);
}
