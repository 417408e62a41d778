/* SPDX-License-Identifier: Apache-2.0 */
#include "client/tenant/exchange.h"

#include "base/buf.h"
#include "base/json.h"
#include "client/http/http.h"
#include "client/reply/reply.h"
#include "client/session/api.h"

enum sg_rc
sg_exchange(struct sg_api *api, const struct sg_api_request *request,
    const char *what, struct sg_json **out_json, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	rc = sg_api_call(api, request, what, &reply, err);
	if (rc == SG_OK && reply->body->len > 0)
		rc = sg_reply_json(reply, what, &json, err);
	if (rc != SG_OK)
		return rc;
	if (json != NULL && !sg_json_is_object(json))
		return sg_fail_native(err, SG_E_REFUSED, reply->status,
		    "%s: the service's answer is no JSON object", what);
	*out_json = json;
	json = NULL; /* now the caller's */
	return SG_OK;
}
