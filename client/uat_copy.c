/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat_copy.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/api.h"
#include "client/http.h"
#include "signer/rsa.h"

#define COPY "make the second UAT configuration"

static enum sg_rc
pem_thumbprint(
    const char *pem, char out_text[SG_THUMBPRINT_SIZE], struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = NULL;

	out_text[0] = '\0';
	if (pem == NULL ||
	    sg_rsa_from_pem(pem, strlen(pem), &rsa, NULL) != SG_OK)
		return SG_OK;
	return sg_jwk_thumbprint(rsa, out_text, err);
}

enum sg_rc
sg_uat_config_thumbprint(const struct sg_uat_config *config,
    char out_text[SG_THUMBPRINT_SIZE], struct sg_err *err)
{
	return pem_thumbprint(config->public_key_active, out_text, err);
}

/* The one of this name that shows this key; else whether another has it. */
static enum sg_rc
pick(const struct sg_uat_configs *configs, const char *name,
    const char *thumbprint, const struct sg_uat_config **out_config,
    bool *out_taken, struct sg_err *err)
{
	char shown[SG_THUMBPRINT_SIZE];
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < configs->count; i++) {
		const struct sg_uat_config *config = configs->items[i];

		if (config->name == NULL || strcmp(config->name, name) != 0)
			continue;
		rc = sg_uat_config_thumbprint(config, shown, err);
		if (strcmp(shown, thumbprint) == 0)
			*out_config = config;
		else
			*out_taken = true;
	}
	return rc;
}

static enum sg_rc
look(const struct sg_uat *uat, const char *name, const char *thumbprint,
    struct sg_uat_config **out_config, bool *out_taken, struct sg_err *err)
{
	SG_AUTO(sg_uat_configs) configs = NULL;
	const struct sg_uat_config *config = NULL;
	enum sg_rc rc;

	rc = sg_uat_list(uat, &configs, err);
	if (rc == SG_OK)
		rc = pick(configs, name, thumbprint, &config, out_taken, err);
	if (rc != SG_OK || config == NULL)
		return rc;
	return sg_uat_get(uat,
	    config->config_id != NULL ? config->config_id : name, out_config,
	    err);
}

enum sg_rc
sg_uat_find_copy(const struct sg_uat *uat, const char *name,
    const char *thumbprint, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	bool taken = false;

	return look(uat, name, thumbprint, out_config, &taken, err);
}

static enum sg_rc
post_copy(const struct sg_uat *uat, const char *id,
    const struct sg_uat_change *change, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) model = NULL;
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_json) current = NULL;
	SG_AUTO(sg_buf) body = NULL;
	struct sg_api_request request = {
	    .method = "POST",
	    .path = uat->configs_url != NULL ? uat->configs_url
					     : "/uat-configurations",
	};
	enum sg_rc rc;

	rc = sg_uat_get(uat, id, &model, err);
	if (rc == SG_OK)
		rc = sg_json_parse(
		    model->raw, strlen(model->raw), &current, err);
	if (rc == SG_OK)
		rc = sg_uat_change_body(change, current, &body, err);
	if (rc != SG_OK)
		return rc;
	request.body = body->data;
	request.body_len = body->len;
	return sg_api_call(uat->api, &request, COPY, &reply, err);
}

/* Whatever became of the request, what is there then counts: its answer may be
 * lost, have no body, or say that an earlier one was carried out. */
enum sg_rc
sg_uat_copy(const struct sg_uat *uat, const char *id,
    const struct sg_uat_change *change, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	char thumbprint[SG_THUMBPRINT_SIZE];
	struct sg_err fault = {0};
	struct sg_err lost = {0};
	bool taken = false;
	enum sg_rc sent;
	enum sg_rc rc;

	rc = pem_thumbprint(change->public_key_pem, thumbprint, err);
	if (rc == SG_OK)
		rc = look(uat, change->name, thumbprint, &config, &taken, err);
	if (rc != SG_OK)
		return rc;
	if (config == NULL && taken)
		return sg_fail(err, SG_E_POLICY,
		    "there is a UAT configuration \"%s\" with another key; "
		    "delete it, or choose another name with --name",
		    change->name);
	if (config == NULL) {
		sent = post_copy(uat, id, change, &fault);
		rc = sg_uat_find_copy(
		    uat, change->name, thumbprint, &config, &lost);
		if (config == NULL && sent != SG_OK)
			return sg_fail_again(err, sent, &fault);
		if (rc != SG_OK)
			return sg_fail_again(err, rc, &lost);
	}
	if (config == NULL)
		return sg_fail(err, SG_E_REFUSED,
		    COPY ": the service took it, and does not list it");
	*out_config = config;
	config = NULL; /* now the caller's */
	return SG_OK;
}
