/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "cli/app.h"
#include "cli/cloud/data.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "client/tenant/tenant.h"

enum sg_rc
cmd_tenant_get(struct app *app, struct sg_err *err)
{
	__attribute__((cleanup(services_end))) struct service service = {0};
	SG_AUTO(sg_json) tenant = NULL;
	enum sg_rc rc;

	rc = services_tcm(app, &service, err);
	if (rc == SG_OK)
		rc = sg_tenant_get(
		    &service.api, service.identity.tenant_id, &tenant, err);
	if (rc != SG_OK)
		return rc;
	return data_show(app, "tenant", tenant, err);
}
