/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/preflight_config.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/cloud/services.h"
#include "cli/cloud/sign_in.h"
#include "cli/uat/known.h"
#include "cli/uat/preflight_facts.h"
#include "client/session/tcm.h"
#include "client/tenant/sites.h"
#include "client/uat/uat.h"
#include "client/uat/uat_match.h"

#define CONFIG_FILE_MAX (4 * 1024 * 1024)
#define NOT_FOUND	404

/* A file of uat get or uat list, or the service's own JSON. */
static enum sg_rc
read_saved(
    const struct sg_json *json, struct preflight_facts *out, struct sg_err *err)
{
	const struct sg_json *one = sg_json_get(json, "configuration");

	if (one == NULL && sg_json_get(json, "issuer") != NULL)
		one = json;
	if (one != NULL)
		return sg_uat_config_read(one, &out->config, err);
	return sg_uat_configs_read(json, &out->configs, err);
}

static enum sg_rc
load_saved(struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	rc = app_read_input(app_value(app, OPT_CONFIG_FILE), "--config-file",
	    CONFIG_FILE_MAX, &text, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_json_parse(text->data, text->len, &json, err);
	if (rc == SG_OK)
		rc = read_saved(json, out, err);
	if (rc == SG_E_INVALID || rc == SG_E_REFUSED)
		rc = sg_recast(err, SG_E_USAGE);
	return sg_context(err, rc, "read the configuration of --config-file");
}

/* A door to Cloud Manager without a cache, for one way of signing in. */
struct look {
	struct app *app;
	enum sg_session_kind kind;
};

static enum sg_rc
sign_in(void *ctx, struct sg_session **out_session, struct sg_err *err)
{
	const struct look *look = ctx;

	return sign_in_any_tenant(look->app, look->kind, out_session, err);
}

static void
end_look(struct sg_api *api)
{
	const struct look *look = api->login_ctx;

	sign_in_end(look->app, &api->session);
	sg_api_close(api);
}

/* Of those that were had, the one that is meant. */
static enum sg_rc
pick_config(struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	struct sg_preflight *facts = &out->facts;

	facts->configs = out->configs;
	if (app->args.operand_count > 0)
		return sg_uat_configs_find(
		    out->configs, app->args.operands[0], &facts->config, err);
	return sg_uat_match_choose(
	    out->configs, facts->issuer.value, facts->key, &facts->config, err);
}

/* What the list leaves out, be it a configuration or its key, may be told
 * where it is asked for by its id. */
static enum sg_rc
fetch_one(const struct sg_uat *uat, const char *id, struct preflight_facts *out,
    struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_uat_get(uat, id, &out->config, err);
	if (rc == SG_OK)
		out->facts.config = out->config;
	return rc;
}

static bool
is_thin(const struct sg_uat_config *config)
{
	return config->config_id != NULL && config->public_key_active == NULL &&
	       config->jwks_uri == NULL;
}

static enum sg_rc
fetch_config(struct app *app, const struct sg_uat *uat,
    struct preflight_facts *out, struct sg_err *err)
{
	struct sg_err failure = {0};
	enum sg_rc rc;

	rc = sg_uat_list(uat, &out->configs, err);
	if (rc != SG_OK)
		return rc;
	known_saw_all(app, out->configs);
	rc = pick_config(app, out, &failure);
	if (rc == SG_OK && is_thin(out->facts.config))
		return fetch_one(uat, out->facts.config->config_id, out, err);
	if (rc == SG_E_REFUSED && app->args.operand_count > 0 &&
	    sg_text_is_uuid(app->args.operands[0]))
		return fetch_one(uat, app->args.operands[0], out, err);
	return sg_fail_again(err, rc, &failure);
}

/* Whose content URL is it, letter by letter? A site is also found by its id,
 * and by a content URL in other letters. */
static enum sg_rc
find_site(struct sg_api *api, const char *wanted, struct sg_sites **out_sites,
    const struct sg_site **out_site, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_sites_list(api, NULL, out_sites, err);
	if (rc == SG_OK)
		rc = sg_sites_find(*out_sites, wanted, out_site, err);
	if (rc != SG_OK)
		return rc;
	if ((*out_site)->content_url == NULL ||
	    strcmp((*out_site)->content_url, wanted) == 0)
		return SG_OK;
	return sg_fail_native(err, SG_E_REFUSED, NOT_FOUND,
	    "a site is named by its content URL, and that of %s is \"%s\"",
	    wanted, (*out_site)->content_url);
}

/* The id of the site that is meant, where no setting tells it. */
static enum sg_rc
learn_site(struct app *app, struct sg_api *api, struct preflight_facts *out,
    struct sg_err *err)
{
	struct sg_preflight *facts = &out->facts;
	struct sg_err *problem = &out->settings[CONF_SITE_LUID];
	SG_AUTO(sg_sites) sites = NULL;
	const struct sg_site *site = NULL;
	enum sg_rc rc;

	if (facts->site.value == NULL || facts->site_id.value != NULL ||
	    facts->site_id.problem != NULL)
		return SG_OK;
	rc = find_site(api, facts->site.value, &sites, &site, problem);
	if (rc == SG_E_NOMEM)
		return sg_fail_nomem(err);
	if (rc == SG_E_REFUSED && problem->native == NOT_FOUND)
		facts->site_id.problem = problem->text;
	if (rc != SG_OK) {
		app_trace(app, "%s", problem->text);
		return SG_OK;
	}
	rc = sg_str_copy(site->uuid, &out->site_id, err);
	facts->site_id.value = out->site_id;
	return rc;
}

static enum sg_rc
look_with(struct app *app, enum sg_session_kind kind,
    struct preflight_facts *out, struct sg_err *err)
{
	struct look look = {.app = app, .kind = kind};
	__attribute__((cleanup(end_look))) struct sg_api api = {
	    .service = SG_SERVICE_TCM,
	    .http = app->http,
	    .clock = app->clock,
	    .login = sign_in,
	    .login_ctx = &look,
	};
	const struct sg_uat uat = {
	    .api = &api,
	    .configs_url = app->endpoints->uat_configs_url,
	};
	const struct sg_session *session = NULL;
	enum sg_rc rc;

	rc = sg_api_session(&api, &session, err);
	if (rc != SG_OK)
		return rc;
	sg_str_free(&out->answering_tenant);
	rc = sg_str_copy(session->tenant_id, &out->answering_tenant, err);
	if (rc != SG_OK)
		return rc;
	out->facts.answering_tenant = out->answering_tenant;
	rc = fetch_config(app, &uat, out, err);
	return rc == SG_OK ? learn_site(app, &api, out, err) : rc;
}

static enum sg_rc
look_with_both(struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	struct sg_err with_pat = {0};
	struct sg_err with_jwt = {0};
	enum sg_rc rc;

	rc = look_with(app, SG_SESSION_PAT, out, &with_pat);
	if (rc == SG_OK || out->configs != NULL || out->jwt_err.rc != SG_OK)
		return sg_fail_again(err, rc, &with_pat);
	app_trace(app, "with the PAT: %s; trying a JWT", with_pat.text);
	if (look_with(app, SG_SESSION_JWT, out, &with_jwt) == SG_OK)
		return SG_OK;
	return sg_fail_native(err, rc, with_pat.native,
	    "with the PAT: %s; with a JWT: %s", with_pat.text, with_jwt.text);
}

static enum sg_rc
look(struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	enum sg_session_kind kind = SG_SESSION_PAT;
	enum sg_rc rc;

	rc = sign_in_kind(app, SG_SESSION_PAT, &kind, err);
	if (rc == SG_OK)
		rc = services_tcm_http(app, err);
	if (rc != SG_OK)
		return rc;
	if (kind == SG_SESSION_JWT && out->jwt_err.rc != SG_OK)
		return sg_fail(err, SG_E_CONFIG,
		    "there is no personal access token and no JWT to read it "
		    "with");
	if (kind == SG_SESSION_PAT && !app_given(app, OPT_PAT))
		return look_with_both(app, out, err);
	return look_with(app, kind, out, err);
}

enum sg_rc
preflight_config_learn(
    struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	enum sg_rc rc;

	out->facts.config_err = &out->config_err;
	if (app_given(app, OPT_CONFIG_FILE)) {
		rc = load_saved(app, out, err);
		if (rc != SG_OK)
			return rc;
		if (out->configs != NULL)
			rc = pick_config(app, out, &out->config_err);
		else
			out->facts.config = out->config;
	} else {
		rc = look(app, out, &out->config_err);
	}
	return rc == SG_E_NOMEM || rc == SG_E_USAGE
		   ? sg_fail_again(err, rc, &out->config_err)
		   : SG_OK;
}
