/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/preflight_facts.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/secret.h"
#include "cli/app.h"
#include "cli/cloud/canary.h"
#include "cli/cloud/services.h"
#include "cli/cloud/sign_in.h"
#include "cli/key/allow.h"
#include "cli/key/keys.h"
#include "cli/mint.h"
#include "cli/uat/preflight_config.h"
#include "client/http/http.h"
#include "client/session/tableau.h"
#include "client/uat/uat_config.h"
#include "signer/jwt.h"
#include "signer/signer.h"

void
preflight_facts_clear(struct preflight_facts *facts)
{
	sg_list_clear(&facts->scopes);
	sg_uat_configs_free(&facts->configs);
	sg_uat_config_free(&facts->config);
	sg_json_free(&facts->claims);
	sg_str_free(&facts->answering_tenant);
	sg_str_free(&facts->site_id);
	sg_str_free(&facts->version);
	sg_jwks_report_clear(&facts->jwks);
}

static void
learn_setting(struct app *app, struct preflight_facts *out, enum conf name,
    struct sg_preflight_text *text)
{
	struct sg_err *problem = &out->settings[name];

	if (conf_get(app->conf, name, &text->value, problem) != SG_OK)
		text->problem = problem->text;
}

static void
learn_settings(struct app *app, struct preflight_facts *out)
{
	struct sg_preflight *facts = &out->facts;
	struct sg_err *problem = &out->settings[CONF_JWT_LIFETIME];
	int64_t ignored_s = 0;

	learn_setting(app, out, CONF_ISSUER, &facts->issuer);
	learn_setting(app, out, CONF_TENANT_ID, &facts->tenant_id);
	learn_setting(app, out, CONF_USERNAME_CLAIM, &facts->username_claim);
	learn_setting(app, out, CONF_USERNAME, &facts->username);
	learn_setting(app, out, CONF_JWT_LIFETIME, &facts->lifetime);
	learn_setting(app, out, CONF_SITE_ID, &facts->site);
	/* With --site the configured LUID is another site's. */
	if (!app_given(app, OPT_SITE))
		learn_setting(app, out, CONF_SITE_LUID, &facts->site_id);
	if (facts->lifetime.problem == NULL &&
	    mint_lifetime(app, &ignored_s, problem) != SG_OK)
		facts->lifetime.problem = problem->text;
}

/* Each once, and as it was given: a malformed one is a fact. */
static enum sg_rc
learn_scopes(struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	const struct sg_list *given = &app->args.lists[OPT_SCOPE];
	struct sg_preflight_text setting = {0};
	struct sg_list words = {0};
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < given->count; i++)
		rc = sg_list_add_words(&words, given->items[i], err);
	if (given->count == 0)
		learn_setting(app, out, CONF_SCOPES, &setting);
	if (rc == SG_OK && setting.value != NULL)
		rc = sg_list_add_words(&words, setting.value, err);
	for (i = 0; rc == SG_OK && i < words.count; i++)
		if (!sg_list_has(&out->scopes, words.items[i]))
			rc = sg_list_add(&out->scopes, words.items[i], err);
	sg_list_clear(&words);
	out->facts.scope_setting.problem = setting.problem;
	out->facts.scopes = &out->scopes;
	return rc;
}

static enum sg_rc
open_key(struct app *app, struct sg_preflight *facts, struct sg_err *err)
{
	enum sg_rc rc;

	rc = allow_read(app, &facts->allowed, err);
	if (rc == SG_OK)
		rc = keys_open_signer(app, err);
	if (rc != SG_OK)
		return rc;
	facts->key_info = sg_signer_key(app->signer);
	facts->key = sg_signer_public(app->signer);
	return mint_kid(
	    app, sg_signer_thumbprint(app->signer), &facts->kid, err);
}

/* Where there is no key, no PIN is asked for once more. */
static enum sg_rc
learn_key(struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	struct sg_preflight *facts = &out->facts;
	SG_AUTO(sg_secret) jwt = NULL;
	enum sg_rc rc;

	facts->key_err = &out->key_err;
	facts->jwt_err = &out->jwt_err;
	rc = open_key(app, facts, &out->key_err);
	if (rc != SG_OK) {
		(void)sg_fail_again(&out->jwt_err, rc, &out->key_err);
		return rc == SG_E_NOMEM ? sg_fail_nomem(err) : SG_OK;
	}
	rc = mint_backdate(app, &facts->backdate_s, &out->jwt_err);
	if (rc == SG_OK)
		rc = mint_jwt(app, &jwt, &out->jwt_err);
	if (rc == SG_OK)
		facts->jwt_len = sg_secret_len(jwt);
	if (rc == SG_OK)
		rc = sg_jwt_claims_of(jwt, &out->claims, &out->jwt_err);
	facts->claims = out->claims;
	return rc == SG_E_NOMEM ? sg_fail_nomem(err) : SG_OK;
}

/* The answer's Date; of several, the one that is farthest from our clock. What
 * an answer took is no lead of ours: it may have been dated when it began. */
static void
note_time(struct app *app, struct sg_preflight *facts)
{
	int64_t now_s = app->clock->now_s(app->clock->ctx);
	int64_t server_s = 0;
	int64_t took_s = 0;
	int64_t ahead_s;

	if (app->http == NULL ||
	    !sg_http_server_time(app->http, &server_s, &took_s))
		return;
	ahead_s = now_s - server_s;
	if (ahead_s > 0)
		ahead_s = ahead_s > took_s ? ahead_s - took_s : 0;
	if (facts->server_time_known && llabs(ahead_s) < llabs(facts->ahead_s))
		return;
	facts->server_time_known = true;
	facts->ahead_s = ahead_s;
}

/* Last, since it is another host that answers, or a cache, with a Date of its
 * own. Without a kid there is nothing to look for in the set. */
static enum sg_rc
learn_jwks(struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	struct sg_preflight *facts = &out->facts;
	struct sg_points *points = &out->jwks.points;
	struct sg_jwks_want want = {.kid = facts->kid};
	struct sg_err failure = {0};
	enum sg_rc rc;

	if (facts->config == NULL || facts->config->jwks_uri == NULL ||
	    facts->kid == NULL)
		return SG_OK;
	want.thumbprint = sg_signer_thumbprint(app->signer);
	rc = services_http(app, &failure);
	if (rc == SG_OK)
		rc = sg_jwks_check(app->http, facts->config->jwks_uri, &want, 1,
		    app->clock->now_s(app->clock->ctx), &out->jwks, &failure);
	if (rc == SG_E_NOMEM)
		return sg_fail_nomem(err);
	if (rc != SG_OK)
		sg_points_add(
		    points, "answer", SG_RESULT_FAIL, "%s", failure.text);
	facts->jwks = points;
	return SG_OK;
}

static enum sg_rc
ask_version(struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	struct sg_tableau tableau = {.clock = app->clock};
	enum sg_rc rc;

	rc = conf_need(app->conf, CONF_POD_URL, &tableau.pod_url, err);
	if (rc == SG_OK)
		rc = services_http(app, err);
	if (rc != SG_OK)
		return rc;
	tableau.http = app->http;
	return sg_tableau_version(&tableau, &out->version, err);
}

static void
learn_version(struct app *app, struct preflight_facts *out)
{
	enum sg_rc ignored;

	ignored = ask_version(app, out, &out->version_err);
	(void)ignored; /* it stands in version_err */
	out->facts.version_err = &out->version_err;
	out->facts.version = out->version;
	note_time(app, &out->facts);
}

/* Without a JWT there is nothing to sign in with. */
static enum sg_rc
try_sign_in(struct app *app, const struct preflight_facts *out,
    enum sg_rc (*canary)(struct app *app, struct sg_err *err),
    struct sg_err *err)
{
	if (out->jwt_err.rc != SG_OK)
		return sg_fail(err, out->jwt_err.rc,
		    "not tried: there is no JWT to sign in with");
	return canary(app, err);
}

static enum sg_rc
canary_site(struct app *app, struct sg_err *err)
{
	return canary_tableau(app, NULL, err);
}

static void
learn_sign_ins(struct app *app, struct preflight_facts *out)
{
	struct sg_preflight *facts = &out->facts;
	enum sg_rc ignored;

	if (sg_preflight_means_tcm(facts)) {
		ignored = try_sign_in(app, out, canary_tcm, &out->tcm_err);
		facts->tcm_err = &out->tcm_err;
		note_time(app, facts);
	}
	if (sg_preflight_means_site(facts)) {
		ignored = try_sign_in(app, out, canary_site, &out->site_err);
		facts->site_err = &out->site_err;
		note_time(app, facts);
	}
	(void)ignored; /* it stands in the outcomes */
}

enum sg_rc
preflight_facts_gather(
    struct app *app, struct preflight_facts *out, struct sg_err *err)
{
	bool online = app_given(app, OPT_ONLINE);
	enum sg_session_kind kind;
	enum sg_rc rc;

	rc = sign_in_kind(
	    app, SG_SESSION_PAT, &kind, err); /* before anything is asked */
	if (rc != SG_OK)
		return rc;
	learn_settings(app, out);
	rc = learn_scopes(app, out, err);
	if (rc == SG_OK)
		rc = learn_key(app, out, err);
	if (rc == SG_OK)
		rc = preflight_config_learn(app, out, err);
	if (rc != SG_OK)
		return rc;
	note_time(app, &out->facts);
	if (app_given(app, OPT_CONFIG_FILE) && !online)
		return SG_OK;
	if (sg_preflight_means_site(&out->facts))
		learn_version(app, out);
	if (online)
		learn_sign_ins(app, out);
	return learn_jwks(app, out, err);
}
