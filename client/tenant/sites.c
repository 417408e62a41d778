/* SPDX-License-Identifier: Apache-2.0 */
#include "client/tenant/sites.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/pages/paging.h"
#include "client/tenant/tenant.h"

#define LIST	  "list the sites"
#define SHOWN_MAX 512

static void
read_site(const struct sg_json *json, struct sg_site *site)
{
	site->uuid = sg_json_get_text(json, "siteUUID");
	site->name = sg_json_get_text(json, "name");
	site->content_url = sg_json_get_text(json, "contentUrl");
	site->pod = sg_json_get_text(sg_json_get(json, "instance"), "id");
	site->json = json;
}

static enum sg_rc
read_sites(struct sg_sites *sites, struct sg_err *err)
{
	const struct sg_paging *paging = sites->paging;
	size_t i;

	sites->items = calloc(paging->count + 1, sizeof(*sites->items));
	if (sites->items == NULL)
		return sg_fail_nomem(err);
	for (i = 0; i < paging->count; i++) {
		if (!sg_json_is_object(paging->items[i]))
			return sg_fail(err, SG_E_REFUSED,
			    LIST ": the service's answer holds what is no "
				 "site");
		read_site(paging->items[i], &sites->items[i]);
	}
	sites->count = paging->count;
	return SG_OK;
}

enum sg_rc
sg_sites_list(struct sg_api *api, const char *tenant_id,
    struct sg_sites **out_sites, struct sg_err *err)
{
	SG_AUTO(sg_sites) sites = calloc(1, sizeof(*sites));
	SG_AUTO(sg_buf) path = NULL;
	struct sg_paging_request request = {
	    .api = api,
	    .member = "sites",
	    .what = LIST,
	    .size = SG_PAGING_SIZE,
	};
	enum sg_rc rc;

	if (sites == NULL)
		return sg_fail_nomem(err);
	rc = sg_tenant_path(api, tenant_id, "/sites", &path, err);
	if (rc != SG_OK)
		return sg_context(err, rc, LIST);
	request.path = sg_buf_str(path);
	rc = sg_paging_read(&request, &sites->paging, err);
	if (rc == SG_OK)
		rc = read_sites(sites, err);
	if (rc != SG_OK)
		return rc;
	*out_sites = sites;
	sites = NULL; /* now the caller's */
	return SG_OK;
}

/* How well a site fits what was asked for; the highest wins. */
static int
fit_of(const struct sg_site *site, const char *wanted)
{
	if (site->uuid != NULL && strcasecmp(site->uuid, wanted) == 0)
		return 3;
	if (site->content_url == NULL)
		return 0;
	if (strcmp(site->content_url, wanted) == 0)
		return 2;
	return strcasecmp(site->content_url, wanted) == 0 ? 1 : 0;
}

static enum sg_rc
fail_absent(
    const struct sg_sites *sites, const char *wanted, struct sg_err *err)
{
	SG_AUTO(sg_buf) shown = sg_buf_new(SHOWN_MAX);
	size_t i;

	for (i = 0; i < sites->count; i++)
		if (sites->items[i].content_url != NULL)
			sg_buf_addf(shown, "%s%s", i > 0 ? ", " : "",
			    sites->items[i].content_url);
	return sg_fail_native(err, SG_E_REFUSED, 404,
	    "the tenant has no site \"%s\"; its %zu sites are named: %s",
	    wanted, sites->count, sg_buf_str(shown));
}

enum sg_rc
sg_sites_find(const struct sg_sites *sites, const char *uuid_or_content_url,
    const struct sg_site **out_site, struct sg_err *err)
{
	const struct sg_site *best = NULL;
	bool is_single = false;
	int best_fit = 0;
	size_t i;

	for (i = 0; i < sites->count; i++) {
		int fit = fit_of(&sites->items[i], uuid_or_content_url);

		if (fit == 0 || fit < best_fit)
			continue;
		is_single = fit > best_fit;
		best_fit = fit;
		best = &sites->items[i];
	}
	if (best == NULL)
		return fail_absent(sites, uuid_or_content_url, err);
	if (!is_single)
		return sg_fail(err, SG_E_USAGE,
		    "several sites are named \"%s\"; give the UUID of one: "
		    "signet site list",
		    uuid_or_content_url);
	*out_site = best;
	return SG_OK;
}

void
sg_sites_free(struct sg_sites **sites)
{
	if (sites == NULL || *sites == NULL)
		return;
	sg_paging_free(&(*sites)->paging);
	free((*sites)->items);
	free(*sites);
	*sites = NULL;
}
