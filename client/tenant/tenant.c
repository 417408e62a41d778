/* SPDX-License-Identifier: Apache-2.0 */
#include "client/tenant/tenant.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/http/url.h"
#include "client/session/api.h"
#include "client/tenant/exchange.h"

#define GET	     "get the tenant"
#define PATH_MAX_LEN 4096

enum sg_rc
sg_tenant_id(struct sg_api *api, const char *tenant_id, const char **out_id,
    struct sg_err *err)
{
	const struct sg_session *session = NULL;
	enum sg_rc rc;

	if (tenant_id == NULL) {
		rc = sg_api_session(api, &session, err);
		if (rc != SG_OK)
			return rc;
		tenant_id = session->tenant_id;
	}
	/* Of dots or of nothing it would make another path. */
	if (tenant_id == NULL || tenant_id[strspn(tenant_id, ".")] == '\0')
		return sg_fail(err, SG_E_CONFIG,
		    "the tenant is not known; set CLOUD_MANAGER_TENANT_ID");
	*out_id = tenant_id;
	return SG_OK;
}

enum sg_rc
sg_tenant_path(struct sg_api *api, const char *tenant_id, const char *rest,
    struct sg_buf **out_path, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_MAX_LEN);
	const char *id = NULL;
	enum sg_rc rc;

	rc = sg_tenant_id(api, tenant_id, &id, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_add_str(path, "/tenants/");
	sg_url_add_segment(path, id);
	sg_buf_add_str(path, rest);
	rc = sg_buf_check(path, "a path", err);
	if (rc != SG_OK)
		return rc;
	*out_path = path;
	path = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_tenant_get(struct sg_api *api, const char *tenant_id,
    struct sg_json **out_tenant, struct sg_err *err)
{
	SG_AUTO(sg_json) tenant = NULL;
	SG_AUTO(sg_buf) path = NULL;
	struct sg_api_request request = {.method = "GET"};
	enum sg_rc rc;

	rc = sg_tenant_path(api, tenant_id, "", &path, err);
	if (rc != SG_OK)
		return sg_context(err, rc, GET);
	request.path = sg_buf_str(path);
	rc = sg_exchange(api, &request, GET, &tenant, err);
	if (rc != SG_OK)
		return rc;
	if (tenant == NULL)
		return sg_fail(
		    err, SG_E_REFUSED, GET ": the service's answer is empty");
	*out_tenant = tenant;
	tenant = NULL; /* now the caller's */
	return SG_OK;
}
