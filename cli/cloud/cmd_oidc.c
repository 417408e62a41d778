/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/cloud/data.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "client/tenant/oidc.h"

/* The one resource of --resource; NULL, which is the tenant, without it. */
static enum sg_rc
read_resource(
    const struct app *app, const char **out_resource, struct sg_err *err)
{
	const struct sg_list *given = &app->args.lists[OPT_RESOURCE];

	if (given->count == 0)
		return SG_OK;
	if (given->count > 1)
		return sg_fail(err, SG_E_USAGE,
		    "an OIDC configuration is of one --resource");
	if (!sg_text_is_uuid(given->items[0]))
		return sg_fail(err, SG_E_USAGE,
		    "--resource \"%s\" is not a UUID; for a site's see: signet "
		    "site list",
		    given->items[0]);
	*out_resource = given->items[0];
	return SG_OK;
}

static enum sg_rc
open_resource(struct app *app, struct service *service,
    const char **out_resource, struct sg_err *err)
{
	enum sg_rc rc;

	rc = read_resource(app, out_resource, err);
	if (rc == SG_OK)
		rc = services_tcm(app, service, err);
	if (rc == SG_OK && *out_resource == NULL)
		*out_resource = service->identity.tenant_id;
	return rc;
}

enum sg_rc
cmd_oidc_get(struct app *app, struct sg_err *err)
{
	__attribute__((cleanup(services_end))) struct service service = {0};
	SG_AUTO(sg_json) oidc = NULL;
	const char *resource = NULL;
	enum sg_rc rc;

	rc = open_resource(app, &service, &resource, err);
	if (rc == SG_OK)
		rc = sg_oidc_get(&service.api, resource, &oidc, err);
	if (rc != SG_OK)
		return rc;
	return data_show(app, "oidc", oidc, err);
}

static enum sg_rc
body_of_options(
    const struct app *app, struct sg_buf **out_body, struct sg_err *err)
{
	const struct sg_oidc_spec spec = {
	    .enabled = !app_given(app, OPT_DISABLED),
	    .provider = app_value(app, OPT_PROVIDER),
	    .salesforce_domain = app_value(app, OPT_SALESFORCE_DOMAIN),
	};

	if (spec.provider == NULL)
		return sg_fail(err, SG_E_USAGE,
		    "name a --provider, such as Salesforce, or give the "
		    "configuration in the file of --data");
	return sg_oidc_body(&spec, out_body, err);
}

static enum sg_rc
read_body(struct app *app, struct sg_buf **out_body, struct sg_err *err)
{
	if (!app_given(app, OPT_DATA))
		return body_of_options(app, out_body, err);
	if (app_given(app, OPT_PROVIDER) || app_given(app, OPT_DISABLED) ||
	    app_given(app, OPT_SALESFORCE_DOMAIN))
		return sg_fail(err, SG_E_USAGE,
		    "--data is the whole configuration: it excludes "
		    "--provider, --salesforce-domain and --disabled");
	return data_read(app, out_body, err);
}

enum sg_rc
cmd_oidc_set(struct app *app, struct sg_err *err)
{
	__attribute__((cleanup(services_end))) struct service service = {0};
	SG_AUTO(sg_json) oidc = NULL;
	SG_AUTO(sg_buf) body = NULL;
	const char *resource = NULL;
	enum sg_rc rc;

	rc = read_body(app, &body, err);
	if (rc == SG_OK)
		rc = open_resource(app, &service, &resource, err);
	if (rc == SG_OK)
		rc = sg_oidc_set(&service.api, resource, body, &oidc, err);
	if (rc != SG_OK)
		return rc;
	return data_show(app, "oidc", oidc, err);
}
