/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_TENANT_OIDC_H
#define SG_CLIENT_TENANT_OIDC_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_api;
struct sg_buf;
struct sg_json;

/** A configuration with a provider that Tableau knows by a name. */
struct sg_oidc_spec {
	bool enabled;
	const char *provider;	       /* knownProviderAlias: Salesforce */
	const char *salesforce_domain; /* NULL writes none */
};

/** Write it as JSON. Free with sg_buf_free(). */
enum sg_rc sg_oidc_body(const struct sg_oidc_spec *spec,
    struct sg_buf **out_body, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Get how a tenant's or a site's users sign in with OpenID Connect:
 * GET /api/v1/resources/{resourceId}/oidcconfiguration, scope
 * tcm_oidc_configs:read. The verb is inferred from that of sg_oidc_set().
 *
 * @param resource_id  UUID of the tenant or site; NULL means the session's
 *                     tenant, as sg_tenant_id().
 * @param out_json     As sg_exchange(). Free with sg_json_free().
 */
enum sg_rc sg_oidc_get(struct sg_api *api, const char *resource_id,
    struct sg_json **out_json, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Create or replace it: PUT, scope tcm_oidc_configs:update.
 *
 * @param body  JSON, sent as it is.
 */
enum sg_rc sg_oidc_set(struct sg_api *api, const char *resource_id,
    const struct sg_buf *body, struct sg_json **out_json, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
