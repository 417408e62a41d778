/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_TENANT_TENANT_H
#define SG_CLIENT_TENANT_TENANT_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_api;
struct sg_buf;
struct sg_json;

/**
 * The tenant that is meant: the one named, else the session's own.
 *
 * @param api        To Cloud Manager; signs in when no tenant is named.
 * @param tenant_id  UUID; NULL asks the session, which the service told.
 * @param out_id     Borrowed from @p tenant_id or the session.
 * @return SG_OK; as sg_api_session(); SG_E_CONFIG when neither is known.
 */
enum sg_rc sg_tenant_id(struct sg_api *api, const char *tenant_id,
    const char **out_id, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Make the path /tenants/ID, with @p rest behind it, of sg_tenant_id().
 *
 * @param rest      "" or such as "/sites".
 * @param out_path  Free with sg_buf_free().
 */
enum sg_rc sg_tenant_path(struct sg_api *api, const char *tenant_id,
    const char *rest, struct sg_buf **out_path, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Get the tenant: GET /api/v1/tenants/{tenantId}, scope tcm_tenants:read.
 *
 * The path is inferred from those of its sites and users.
 *
 * @param out_tenant  A JSON object. Free with sg_json_free().
 * @return SG_OK; as sg_tenant_id() and sg_api_call(); SG_E_REFUSED when the
 *         answer is no object.
 */
enum sg_rc sg_tenant_get(struct sg_api *api, const char *tenant_id,
    struct sg_json **out_tenant, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
