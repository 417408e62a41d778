/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/mint.h"
#include "cli/uat/uat_door.h"
#include "cli/uat/uat_input.h"
#include "cli/uat/uat_show.h"

static enum sg_rc
fill_spec(struct app *app, struct sg_uat_spec *spec, struct sg_err *err)
{
	enum sg_rc rc;

	spec->name = app_value(app, OPT_NAME);
	spec->jwks_uri = app_value(app, OPT_JWKS_URI);
	spec->enabled = !app_given(app, OPT_DISABLED);
	if (spec->name == NULL)
		return sg_fail(
		    err, SG_E_USAGE, "the configuration needs a --name");
	if (spec->jwks_uri != NULL && app_given(app, OPT_PUBLIC_KEY))
		return sg_fail(err, SG_E_USAGE,
		    "--jwks-uri and --public-key exclude each other");
	rc = conf_need(app->conf, CONF_ISSUER, &spec->issuer, err);
	if (rc == SG_OK)
		rc = mint_issuer(app, &spec->issuer, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_USERNAME_CLAIM, &spec->username_claim, err);
	if (rc == SG_OK)
		rc = mint_scopes(app, err);
	if (rc != SG_OK)
		return rc;
	if (spec->username_claim == NULL)
		spec->username_claim = "email";
	spec->scopes = &app->scopes;
	if (app->scopes.count == 0)
		app_hint(app,
		    "the configuration gets no scopes, so its JWTs may ask "
		    "for any");
	return SG_OK;
}

static enum sg_rc
have(struct app *app, const struct uat_door *door,
    const struct sg_uat_spec *spec, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	bool made = true;
	enum sg_rc rc;

	if (app_given(app, OPT_IF_ABSENT))
		rc = sg_uat_ensure(&door->uat, spec, &made, &config, err);
	else
		rc = sg_uat_create(&door->uat, spec, &config, err);
	if (rc != SG_OK)
		return rc;
	if (!made)
		app_hint(app, "it is there already; nothing was made");
	if (config == NULL)
		return uat_door_show_preview(app, door, err);
	return uat_show_made(app, config, made, err);
}

static enum sg_rc
create(struct app *app, struct sg_list *resources, struct sg_err *err)
{
	SG_AUTO(sg_buf) pem = NULL;
	AUTO_UAT_DOOR door = {0};
	struct sg_uat_spec spec = {.resource_ids = resources};
	enum sg_rc rc;

	rc = fill_spec(app, &spec, err);
	if (rc == SG_OK)
		rc = uat_input_resources(app, resources, err);
	if (rc == SG_OK)
		rc = uat_door_open_to_change(app, &door, err);
	if (rc == SG_OK && spec.jwks_uri == NULL)
		rc = uat_input_pem(app, &pem, err);
	if (rc != SG_OK)
		return rc;
	spec.public_key_pem = spec.jwks_uri == NULL ? sg_buf_str(pem) : NULL;
	return have(app, &door, &spec, err);
}

enum sg_rc
cmd_uat_create(struct app *app, struct sg_err *err)
{
	struct sg_list resources = {0};
	enum sg_rc rc;

	rc = create(app, &resources, err);
	sg_list_clear(&resources);
	return rc;
}
