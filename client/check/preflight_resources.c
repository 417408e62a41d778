/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight_parts.h"

#include <strings.h>

#include "base/text.h"
#include "client/uat/uat_config.h"

/* An empty id was seen to be rejected as 'null'; a placeholder is no id. */
static void
judge_ids(const struct sg_uat_config *config, struct sg_points *points)
{
	const struct sg_list *ids = &config->resource_ids;
	const char *bad = NULL;
	size_t i;

	for (i = 0; bad == NULL && i < ids->count; i++)
		if (!sg_text_is_uuid(ids->items[i]))
			bad = ids->items[i];
	if (ids->count == 0)
		sg_points_add(points, "resources", SG_RESULT_FAIL,
		    "the configuration is for no tenant and no site");
	else if (bad != NULL)
		sg_points_add(points, "resources", SG_RESULT_FAIL,
		    "\"%s\" is not the id of a tenant or site", bad);
	else
		sg_points_add(points, "resources", SG_RESULT_PASS,
		    "the configuration is for %zu", ids->count);
	if (ids->count == 0 || bad != NULL)
		sg_points_fix(points,
		    "name all that it is for: signet uat update %s --resource "
		    "UUID ...",
		    sg_preflight_handle(config));
}

static bool
lists(const struct sg_uat_config *config, const char *id)
{
	size_t i;

	for (i = 0; i < config->resource_ids.count; i++)
		if (strcasecmp(config->resource_ids.items[i], id) == 0)
			return true;
	return false;
}

static void
judge_listed(const struct sg_preflight *facts, const char *name,
    const char *what, const char *id, struct sg_points *points)
{
	const struct sg_uat_config *config = facts->config;

	if (lists(config, id)) {
		sg_points_add(points, name, SG_RESULT_PASS,
		    "the %s is listed: %s", what, id);
		return;
	}
	sg_points_add(points, name, SG_RESULT_FAIL,
	    "the configuration does not list the %s %s", what, id);
	sg_points_fix(points,
	    "list it beside the others: signet uat update %s --resource %s ...",
	    sg_preflight_handle(config), id);
}

/* The tenant's id does not stand for its sites, nor they for it. */
static void
judge_site(const struct sg_preflight *facts, struct sg_points *points)
{
	if (facts->site_id.problem != NULL) {
		sg_points_add(points, "resource-site", SG_RESULT_FAIL, "%s",
		    facts->site_id.problem);
		sg_points_fix(points,
		    "see what there is: signet site list; then set "
		    "TABLEAU_CLOUD_SITE_ID and TABLEAU_CLOUD_SITE_LUID");
	} else if (facts->site_id.value == NULL) {
		sg_points_add(points, "resource-site", SG_RESULT_UNKNOWN,
		    "the LUID of the site is not known here");
		sg_points_fix(points,
		    "let it be looked up, with --pat or the scope "
		    "tableau:tcm_sites:read; or set TABLEAU_CLOUD_SITE_ID and "
		    "TABLEAU_CLOUD_SITE_LUID, and leave --site out");
	} else if (!sg_text_is_uuid(facts->site_id.value)) {
		sg_points_add(points, "resource-site", SG_RESULT_FAIL,
		    "TABLEAU_CLOUD_SITE_LUID \"%s\" is not a UUID",
		    facts->site_id.value);
		sg_points_fix(
		    points, "set it to the siteUUID that Cloud Manager shows");
	} else if (facts->config != NULL) {
		judge_listed(facts, "resource-site", "site",
		    facts->site_id.value, points);
	}
}

/* The tenant as the service names it; where it does not, as it is set here. */
static const char *
true_tenant(const struct sg_preflight *facts)
{
	if (facts->config != NULL && facts->config->tenant_id != NULL)
		return facts->config->tenant_id;
	if (facts->answering_tenant != NULL)
		return facts->answering_tenant;
	return facts->tenant_id.value;
}

void
sg_preflight_resources_judge(
    const struct sg_preflight *facts, struct sg_points *points)
{
	const char *tenant = true_tenant(facts);

	if (facts->config != NULL)
		judge_ids(facts->config, points);
	if (facts->config == NULL)
		sg_preflight_no_config(points, "resources");
	else if (sg_preflight_means_tcm(facts) && tenant != NULL &&
		 sg_text_is_uuid(tenant))
		judge_listed(
		    facts, "resource-tenant", "tenant", tenant, points);
	if (sg_preflight_means_site(facts))
		judge_site(facts, points);
}
