/* SPDX-License-Identifier: Apache-2.0 */
#include "client/tenant/users.h"

#include "base/buf.h"
#include "base/jsonw.h"
#include "client/pages/paging.h"
#include "client/reply/reply.h"
#include "client/session/api.h"
#include "client/tenant/exchange.h"
#include "client/tenant/tenant.h"

#define LIST	 "list the users"
#define ADD	 "add the user"
#define BODY_MAX 8192

enum sg_rc
sg_users_list(struct sg_api *api, const char *tenant_id,
    struct sg_paging **out_users, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = NULL;
	struct sg_paging_request request = {
	    .api = api,
	    .member = "users",
	    .what = LIST,
	    .size = SG_PAGING_SIZE,
	};
	enum sg_rc rc;

	rc = sg_tenant_path(api, tenant_id, "/users", &path, err);
	if (rc != SG_OK)
		return sg_context(err, rc, LIST);
	request.path = sg_buf_str(path);
	return sg_paging_read(&request, out_users, err);
}

enum sg_rc
sg_users_body(const struct sg_user_link *link, struct sg_buf **out_body,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) body = sg_buf_new(BODY_MAX);
	struct sg_jsonw w = {.out = body};
	enum sg_rc rc;

	sg_jsonw_object(&w, NULL);
	sg_jsonw_array(&w, "linkRoles");
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "linkID", link->id);
	sg_jsonw_str(&w, "linkRole", link->role);
	sg_jsonw_str(&w, "idp", link->idp);
	sg_jsonw_object_end(&w);
	sg_jsonw_array_end(&w);
	sg_jsonw_object_end(&w);
	rc = sg_jsonw_check(&w, "what is told of the user", err);
	if (rc != SG_OK)
		return rc;
	*out_body = body;
	body = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_users_add(struct sg_api *api, const char *tenant_id,
    const struct sg_buf *body, struct sg_json **out_user, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = NULL;
	struct sg_err fault = {0};
	struct sg_api_request request = {
	    .method = "POST",
	    .body = body->data,
	    .body_len = body->len,
	};
	enum sg_rc rc;

	rc = sg_tenant_path(api, tenant_id, "/users", &path, err);
	if (rc == SG_OK) /* first, so that its failure leaves no doubt */
		rc = sg_api_session(api, NULL, err);
	if (rc != SG_OK)
		return sg_context(err, rc, ADD);
	request.path = sg_buf_str(path);
	rc = sg_exchange(api, &request, ADD, out_user, &fault);
	if (rc == SG_OK)
		return SG_OK;
	return sg_fail_native(err, rc, fault.native, "%s%s", fault.text,
	    sg_reply_in_doubt(rc, fault.native)
		? "; the user may be there all the same: run signet user list "
		  "before you try again"
		: "");
}
