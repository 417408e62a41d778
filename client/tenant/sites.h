/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_TENANT_SITES_H
#define SG_CLIENT_TENANT_SITES_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_api;
struct sg_json;
struct sg_paging;

/** A site as Cloud Manager shows it. Borrowed from the list; NULL: not told. */
struct sg_site {
	const char *uuid; /* siteUUID: the REST API's site id, the site LUID */
	const char *name;
	const char *content_url; /* its name in URLs; what a sign-in names */
	const char *pod;	 /* instance.id: of the pod, not of the site */
	const struct sg_json *json; /* as it came */
};

/** The sites of a tenant, in the service's order. */
struct sg_sites {
	struct sg_site *items;
	size_t count;
	struct sg_paging *paging; /* owns what the sites borrow */
};

/**
 * List a tenant's sites: GET /api/v1/tenants/{tenantId}/sites, scope
 * tcm_sites:read, to its end as sg_paging_read() does.
 *
 * @param tenant_id  NULL means the session's, as sg_tenant_id().
 * @param out_sites  Free with sg_sites_free().
 * @return SG_OK; as sg_paging_read() and sg_tenant_id().
 */
enum sg_rc sg_sites_list(struct sg_api *api, const char *tenant_id,
    struct sg_sites **out_sites, struct sg_err *err) SG_WARN_UNUSED;

/**
 * The one site with this UUID or content URL; else the one whose content URL
 * differs in upper and lower case alone.
 *
 * @param out_site  Borrowed from @p sites.
 * @return SG_OK; SG_E_REFUSED with 404 in err->native when there is none, with
 *         the names of some that there are; SG_E_USAGE when it is several's.
 */
enum sg_rc sg_sites_find(const struct sg_sites *sites,
    const char *uuid_or_content_url, const struct sg_site **out_site,
    struct sg_err *err) SG_WARN_UNUSED;

/** Takes NULL; leaves NULL. */
void sg_sites_free(struct sg_sites **sites);

#ifdef __cplusplus
}
#endif

#endif
