/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "client/tenant/sites.h"

static void
print_site(struct app *app, const struct sg_site *site)
{
	app_text(app, site->uuid != NULL ? site->uuid : "-");
	sg_buf_add_str(app->out, "  ");
	app_text(app, site->content_url != NULL ? site->content_url : "-");
	sg_buf_add_str(app->out, "  ");
	app_text(app, site->pod != NULL ? site->pod : "-");
	sg_buf_add_str(app->out, "  ");
	app_text(app, site->name != NULL ? site->name : "-");
	sg_buf_add_byte(app->out, '\n');
}

enum sg_rc
cmd_site_list(struct app *app, struct sg_err *err)
{
	__attribute__((cleanup(services_end))) struct service service = {0};
	SG_AUTO(sg_sites) sites = NULL;
	enum sg_rc rc;
	size_t i;

	rc = services_tcm(app, &service, err);
	if (rc == SG_OK)
		rc = sg_sites_list(
		    &service.api, service.identity.tenant_id, &sites, err);
	if (rc != SG_OK)
		return rc;
	app_list_begin(app, "sites");
	for (i = 0; i < sites->count; i++)
		if (app_json(app))
			sg_jsonw_value(&app->json, NULL, sites->items[i].json);
		else
			print_site(app, &sites->items[i]);
	return app_list_end(app, "the tenant has no site", err);
}
