/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_TENANT_H
#define SG_TESTS_FAKE_TENANT_H

/* Commands that speak to a scripted Cloud Manager, with a PAT. */
#include "fake_app.h"

#define TCM	"https://tcm.test"
#define TENANTS TCM "/api/v1/tenants/" TENANT

#define SIGN_IN \
	{ \
		.method = "POST", .url = TCM "/api/v1/pat/login", \
		.status = 200, \
		.reply = \
		    "{\"sessionToken\":\"t0ken\",\"tenantId\":\"" TENANT "\"}" \
	}
#define CALL(what, where, sent) \
	.method = what, .url = where, .body = sent, \
	.header = "x-tableau-session-token", .auth = "t0ken"
/* A session that is not kept is given back. */
#define SIGN_OUT \
	{ \
		CALL("DELETE", TCM "/api/v2/sessions", NO_BODY), .status = 204 \
	}

static inline void
set_tcm(void)
{
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
}

#endif
