/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/mint.h"
#include "cli/uat/uat_door.h"
#include "cli/uat/uat_input.h"
#include "cli/uat/uat_show.h"

static enum sg_rc
send_change(struct app *app, const struct uat_door *door,
    const struct sg_uat_change *change, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	enum sg_rc rc;

	rc = sg_uat_update(
	    &door->uat, app->args.operands[0], change, &config, err);
	if (rc != SG_OK)
		return rc;
	if (config == NULL)
		return uat_door_show_preview(app, door, err);
	return uat_show(app, config, err);
}

static enum sg_rc
switch_to(struct app *app, bool enabled, struct sg_err *err)
{
	const struct sg_uat_change change = {.enabled = &enabled};
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = uat_door_open_to_change(app, &door, err);
	if (rc != SG_OK)
		return rc;
	return send_change(app, &door, &change, err);
}

static bool
changes_nothing(const struct app *app)
{
	static const enum opt changing[] = {OPT_NAME, OPT_ISSUER,
	    OPT_USERNAME_CLAIM, OPT_RESOURCE, OPT_PUBLIC_KEY, OPT_TOKEN_KEY,
	    OPT_JWKS_URI, OPT_SCOPE};
	size_t i;

	for (i = 0; i < SG_COUNT(changing); i++)
		if (app_given(app, changing[i]))
			return false;
	return true;
}

static enum sg_rc
check_change(const struct app *app, struct sg_err *err)
{
	int keys = 0;

	if (changes_nothing(app))
		return sg_fail(err, SG_E_USAGE,
		    "nothing to change; name it, as in --name, --scope or "
		    "--token-key");
	keys += app_given(app, OPT_PUBLIC_KEY) ? 1 : 0;
	keys += app_given(app, OPT_TOKEN_KEY) ? 1 : 0;
	keys += app_given(app, OPT_JWKS_URI) ? 1 : 0;
	if (keys > 1)
		return sg_fail(err, SG_E_USAGE,
		    "--public-key, --token-key and --jwks-uri exclude each "
		    "other");
	return SG_OK;
}

static enum sg_rc
fill_change(struct app *app, struct sg_list *resources,
    struct sg_uat_change *change, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	change->name = app_value(app, OPT_NAME);
	change->username_claim = app_value(app, OPT_USERNAME_CLAIM);
	change->jwks_uri = app_value(app, OPT_JWKS_URI);
	if (app_given(app, OPT_ISSUER))
		rc = mint_issuer(app, &change->issuer, err);
	if (rc == SG_OK && app_given(app, OPT_RESOURCE)) {
		rc = uat_input_resources(app, resources, err);
		change->resource_ids = resources;
	}
	if (rc != SG_OK || !app_given(app, OPT_SCOPE))
		return rc;
	rc = mint_scopes(app, err);
	change->scopes = &app->scopes;
	return rc;
}

/* What the command line alone can get wrong is told before the token is
 * opened and a PIN spent. */
static enum sg_rc
update(struct app *app, struct sg_list *resources, struct sg_err *err)
{
	SG_AUTO(sg_buf) pem = NULL;
	AUTO_UAT_DOOR door = {0};
	struct sg_uat_change change = {0};
	enum sg_rc rc;

	rc = check_change(app, err);
	if (rc == SG_OK)
		rc = fill_change(app, resources, &change, err);
	if (rc == SG_OK)
		rc = uat_door_open_to_change(app, &door, err);
	if (rc == SG_OK &&
	    (app_given(app, OPT_PUBLIC_KEY) || app_given(app, OPT_TOKEN_KEY))) {
		rc = uat_input_pem(app, &pem, err);
		change.public_key_pem = sg_buf_str(pem);
	}
	if (rc != SG_OK)
		return rc;
	return send_change(app, &door, &change, err);
}

enum sg_rc
cmd_uat_update(struct app *app, struct sg_err *err)
{
	struct sg_list resources = {0};
	enum sg_rc rc;

	rc = update(app, &resources, err);
	sg_list_clear(&resources);
	return rc;
}

enum sg_rc
cmd_uat_enable(struct app *app, struct sg_err *err)
{
	return switch_to(app, true, err);
}

enum sg_rc
cmd_uat_disable(struct app *app, struct sg_err *err)
{
	return switch_to(app, false, err);
}
