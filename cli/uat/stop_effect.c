/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/stop_effect.h"

#include <stddef.h>
#include <stdint.h>

#include "cli/app.h"
#include "cli/cloud/canary.h"
#include "client/http/http.h"

#define SIGN_INS 3
#define PAUSE_MS 1000

enum stop_effect
stop_effect(struct app *app, enum sg_service service, struct sg_err *answer)
{
	enum sg_rc rc = SG_OK;
	int tries;

	for (tries = 0; rc == SG_OK && tries < SIGN_INS; tries++) {
		if (tries > 0)
			sg_http_pause(app->http, (int64_t)tries * PAUSE_MS);
		rc = service == SG_SERVICE_TCM
			 ? canary_tcm(app, answer)
			 : canary_tableau(app, NULL, answer);
	}
	if (rc == SG_OK)
		return STOP_EFFECT_NONE;
	if (rc == SG_E_SESSION)
		return STOP_EFFECT_SHOWN;
	if (rc == SG_E_REFUSED) /* 429, 500, the word of a proxy and the like */
		(void)sg_recast(answer, SG_E_NETWORK);
	return STOP_EFFECT_UNKNOWN;
}
