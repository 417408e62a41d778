/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/canary.h"

#include <stddef.h>

#include "cli/app.h"
#include "cli/cloud/services.h"
#include "cli/cloud/sign_in.h"
#include "client/session/session.h"

enum sg_rc
canary_tcm(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_session) session = NULL;
	enum sg_rc rc;

	rc = services_tcm_http(app, err);
	if (rc == SG_OK)
		rc = sign_in_tcm(app, SG_SESSION_JWT, &session, err);
	if (rc != SG_OK)
		return rc;
	sign_in_end(app, &session);
	return SG_OK;
}

enum sg_rc
canary_tableau(
    struct app *app, const struct sign_in_site *site, struct sg_err *err)
{
	SG_AUTO(sg_session) session = NULL;
	struct sign_in_site configured = {0};
	enum sg_rc rc = SG_OK;

	if (site == NULL) {
		rc = sign_in_find_site(app, &configured, err);
		site = &configured;
	}
	if (rc == SG_OK)
		rc = services_http(app, err);
	if (rc == SG_OK)
		rc = sign_in_tableau(app, site, &session, err);
	if (rc != SG_OK)
		return rc;
	sign_in_end(app, &session);
	return SG_OK;
}
