/* SPDX-License-Identifier: Apache-2.0 */
#include "client/tenant/oidc.h"

#include "base/buf.h"
#include "base/jsonw.h"
#include "client/http/url.h"
#include "client/session/api.h"
#include "client/tenant/exchange.h"
#include "client/tenant/tenant.h"

#define GET	     "get the OIDC configuration"
#define SET	     "set the OIDC configuration"
#define BODY_MAX     8192
#define PATH_MAX_LEN 4096

enum sg_rc
sg_oidc_body(const struct sg_oidc_spec *spec, struct sg_buf **out_body,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) body = sg_buf_new(BODY_MAX);
	struct sg_jsonw w = {.out = body};
	enum sg_rc rc;

	sg_jsonw_object(&w, NULL);
	sg_jsonw_bool(&w, "enabled", spec->enabled);
	sg_jsonw_str(&w, "knownProviderAlias", spec->provider);
	if (spec->salesforce_domain != NULL)
		sg_jsonw_str(&w, "salesforceDomain", spec->salesforce_domain);
	sg_jsonw_object_end(&w);
	rc = sg_jsonw_check(&w, "the OIDC configuration", err);
	if (rc != SG_OK)
		return rc;
	*out_body = body;
	body = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
exchange(struct sg_api *api, const char *resource_id,
    struct sg_api_request *request, const char *what, struct sg_json **out_json,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_MAX_LEN);
	enum sg_rc rc;

	rc = sg_tenant_id(api, resource_id, &resource_id, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "%s", what);
	sg_buf_add_str(path, "/resources/");
	sg_url_add_segment(path, resource_id);
	sg_buf_add_str(path, "/oidcconfiguration");
	rc = sg_buf_check(path, "a path", err);
	if (rc != SG_OK)
		return rc;
	request->path = sg_buf_str(path);
	return sg_exchange(api, request, what, out_json, err);
}

enum sg_rc
sg_oidc_get(struct sg_api *api, const char *resource_id,
    struct sg_json **out_json, struct sg_err *err)
{
	struct sg_api_request request = {.method = "GET"};

	return exchange(api, resource_id, &request, GET, out_json, err);
}

enum sg_rc
sg_oidc_set(struct sg_api *api, const char *resource_id,
    const struct sg_buf *body, struct sg_json **out_json, struct sg_err *err)
{
	struct sg_api_request request = {
	    .method = "PUT",
	    .body = body->data,
	    .body_len = body->len,
	};

	return exchange(api, resource_id, &request, SET, out_json, err);
}
