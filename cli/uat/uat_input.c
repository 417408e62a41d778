/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/uat_input.h"

#include <string.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/key/keys.h"
#include "signer/rsa.h"
#include "signer/signer.h"

#define PEM_MAX (64 * 1024)

/* What stands in the file is not sent, but the key that was read from it. */
static enum sg_rc
load_pem_file(const char *path, struct sg_buf *pem, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;
	SG_AUTO(sg_rsa) rsa = NULL;
	enum sg_rc rc;

	rc = app_read_input(path, "--public-key", PEM_MAX, &text, err);
	if (rc != SG_OK)
		return rc;
	if (strstr(sg_buf_str(text), "PRIVATE KEY-----") != NULL)
		return sg_fail(err, SG_E_POLICY,
		    "%s holds a private key, which is not sent; export its "
		    "public key and name that",
		    path);
	rc = sg_rsa_from_pem(sg_buf_str(text), text->len, &rsa, err);
	if (rc == SG_E_INVALID)
		rc = sg_recast(err, SG_E_USAGE);
	if (rc == SG_OK)
		rc = sg_rsa_to_pem(rsa, pem, err);
	return sg_context(err, rc, "take the key of --public-key");
}

enum sg_rc
uat_input_pem(struct app *app, struct sg_buf **out_pem, struct sg_err *err)
{
	const char *path = app_value(app, OPT_PUBLIC_KEY);
	SG_AUTO(sg_buf) pem = sg_buf_new(PEM_MAX);
	enum sg_rc rc;

	if (path != NULL) {
		rc = load_pem_file(path, pem, err);
	} else {
		rc = keys_open_signer(app, err);
		if (rc == SG_OK)
			rc = sg_rsa_to_pem(
			    sg_signer_public(app->signer), pem, err);
	}
	if (rc != SG_OK)
		return rc;
	*out_pem = pem;
	pem = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
uat_input_resources(
    struct app *app, struct sg_list *resources, struct sg_err *err)
{
	static const enum conf from[] = {CONF_TENANT_ID, CONF_SITE_LUID};
	const struct sg_list *given = &app->args.lists[OPT_RESOURCE];
	const char *value = NULL;
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < given->count; i++)
		rc = sg_list_add_words(resources, given->items[i], err);
	if (given->count > 0)
		return rc;
	for (i = 0; i < SG_COUNT(from); i++) {
		rc = conf_get(app->conf, from[i], &value, err);
		if (rc == SG_OK && value != NULL)
			rc = sg_list_add(resources, value, err);
		if (rc != SG_OK)
			return rc;
	}
	if (resources->count == 0)
		return sg_fail(err, SG_E_USAGE,
		    "no resource; name tenant and sites with --resource, or "
		    "set CLOUD_MANAGER_TENANT_ID and TABLEAU_CLOUD_SITE_LUID");
	return SG_OK;
}
