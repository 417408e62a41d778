/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/keys.h"
#include "cli/known.h"
#include "cli/mint.h"
#include "cli/services.h"
#include "cli/terminal.h"
#include "cli/uat_show.h"
#include "client/tcm.h"
#include "client/uat.h"
#include "signer/rsa.h"
#include "signer/signer.h"

#define PEM_MAX (64 * 1024)

/* A door to Cloud Manager and the configurations behind it. */
struct uat_door {
	struct service service;
	struct sg_uat uat;
};

static enum sg_rc
open_door(struct app *app, struct uat_door *door, struct sg_err *err)
{
	enum sg_rc rc;

	rc = services_tcm(app, &door->service, err);
	if (rc != SG_OK)
		return rc;
	door->uat.api = &door->service.api;
	door->uat.configs_url = app->endpoints->uat_configs_url;
	return SG_OK;
}

static void
close_door(struct uat_door *door)
{
	services_end(&door->service);
}

#define AUTO_DOOR __attribute__((cleanup(close_door))) struct uat_door

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

/* The token's public key as PEM, or the one of a file. */
static enum sg_rc
load_pem(struct app *app, struct sg_buf **out_pem, struct sg_err *err)
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

/* Without --resource: the configured tenant and site, where they are set. */
static enum sg_rc
load_resources(struct app *app, struct sg_list *resources, struct sg_err *err)
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
create(struct app *app, struct sg_list *resources, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	SG_AUTO(sg_buf) pem = NULL;
	AUTO_DOOR door = {0};
	struct sg_uat_spec spec = {.resource_ids = resources};
	enum sg_rc rc;

	rc = fill_spec(app, &spec, err);
	if (rc == SG_OK)
		rc = load_resources(app, resources, err);
	if (rc == SG_OK)
		rc = open_door(app, &door, err);
	if (rc == SG_OK && spec.jwks_uri == NULL)
		rc = load_pem(app, &pem, err);
	if (rc != SG_OK)
		return rc;
	spec.public_key_pem = spec.jwks_uri == NULL ? sg_buf_str(pem) : NULL;
	rc = sg_uat_create(&door.uat, &spec, &config, err);
	if (rc != SG_OK)
		return rc;
	return uat_show(app, config, err);
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

enum sg_rc
cmd_uat_list(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_uat_configs) configs = NULL;
	AUTO_DOOR door = {0};
	enum sg_rc rc;

	rc = open_door(app, &door, err);
	if (rc == SG_OK)
		rc = sg_uat_list(&door.uat, &configs, err);
	if (rc != SG_OK)
		return rc;
	return uat_show_all(app, configs, err);
}

enum sg_rc
cmd_uat_get(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	AUTO_DOOR door = {0};
	enum sg_rc rc;

	rc = open_door(app, &door, err);
	if (rc == SG_OK)
		rc = sg_uat_get(&door.uat, app->args.operands[0], &config, err);
	if (rc != SG_OK)
		return rc;
	return uat_show(app, config, err);
}

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
	return uat_show(app, config, err);
}

static enum sg_rc
switch_to(struct app *app, bool enabled, struct sg_err *err)
{
	const struct sg_uat_change change = {.enabled = &enabled};
	AUTO_DOOR door = {0};
	enum sg_rc rc;

	rc = open_door(app, &door, err);
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
	change->issuer = app_value(app, OPT_ISSUER);
	change->username_claim = app_value(app, OPT_USERNAME_CLAIM);
	change->jwks_uri = app_value(app, OPT_JWKS_URI);
	if (app_given(app, OPT_RESOURCE)) {
		rc = load_resources(app, resources, err);
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
	AUTO_DOOR door = {0};
	struct sg_uat_change change = {0};
	enum sg_rc rc;

	rc = check_change(app, err);
	if (rc == SG_OK)
		rc = fill_change(app, resources, &change, err);
	if (rc == SG_OK)
		rc = open_door(app, &door, err);
	if (rc == SG_OK &&
	    (app_given(app, OPT_PUBLIC_KEY) || app_given(app, OPT_TOKEN_KEY))) {
		rc = load_pem(app, &pem, err);
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

static enum sg_rc
confirm_delete(struct app *app, const char *name, struct sg_err *err)
{
	SG_AUTO_STR question = NULL;

	if (app_given(app, OPT_YES))
		return SG_OK;
	if (asprintf(&question,
		"Delete the configuration \"%s\"? Its JWTs stop working.",
		name) < 0)
		return sg_fail_nomem(err);
	return terminal_confirm(question, err);
}

enum sg_rc
cmd_uat_delete(struct app *app, struct sg_err *err)
{
	const char *name = app->args.operands[0];
	AUTO_DOOR door = {0};
	enum sg_rc rc;

	rc = open_door(app, &door, err);
	if (rc == SG_OK)
		rc = confirm_delete(app, name, err);
	if (rc == SG_OK)
		rc = sg_uat_delete(&door.uat, name, err);
	if (rc != SG_OK)
		return rc;
	known_deleted(app, name);
	if (!app_json(app)) {
		app_field(app, "deleted", name);
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_str(&app->json, "deleted", name);
	return app_json_end(app, err);
}
