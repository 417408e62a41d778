/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/sign_in.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/conf_trust.h"
#include "cli/mint.h"
#include "cli/secret_source.h"
#include "client/session/api.h"
#include "client/session/tableau.h"
#include "client/session/tcm.h"

#define PAT_MAX 4096

/* The PAT itself, or the file that holds it: the more explicit place wins. */
static enum sg_rc
read_pat(struct app *app, struct sg_secret **out_pat, struct sg_err *err)
{
	enum conf_origin in_place = conf_origin_of(app->conf, CONF_PAT_SECRET);
	enum conf_origin in_file =
	    conf_origin_of(app->conf, CONF_PAT_SECRET_FILE);
	SG_AUTO_STR source = NULL;
	const char *value = NULL;
	int64_t limit_ms = 0;
	enum sg_rc rc;

	if (in_place == CONF_NOWHERE && in_file == CONF_NOWHERE)
		return sg_fail(err, SG_E_CONFIG,
		    "no personal access token: set "
		    "CLOUD_MANAGER_PAT_SECRET_FILE to a file (mode 0600) that "
		    "holds its secret");
	if (in_place != CONF_NOWHERE &&
	    (in_file == CONF_NOWHERE || in_place <= in_file)) {
		rc = conf_need(app->conf, CONF_PAT_SECRET, &value, err);
		if (rc == SG_OK)
			rc = conf_trust_service(app->conf, in_place, err);
		if (rc != SG_OK)
			return rc;
		return sg_secret_new(value, strlen(value), out_pat, err);
	}
	rc = conf_need(app->conf, CONF_PAT_SECRET_FILE, &value, err);
	if (rc == SG_OK)
		rc = conf_trust_service(app->conf, in_file, err);
	if (rc == SG_OK)
		rc = conf_trust_secret_file(in_file, value, err);
	if (rc == SG_OK)
		rc = app_timeout(app, &limit_ms, err);
	if (rc != SG_OK)
		return rc;
	if (asprintf(&source, "file:%s", value) < 0)
		return sg_fail_nomem(err);
	rc = secret_source_read(
	    source, "personal access token", limit_ms, out_pat, err);
	if (rc != SG_E_PIN_MISSING)
		return rc;
	return sg_recast(err, SG_E_CONFIG);
}

static bool
has_pat(const struct app *app)
{
	return conf_origin_of(app->conf, CONF_PAT_SECRET) != CONF_NOWHERE ||
	       conf_origin_of(app->conf, CONF_PAT_SECRET_FILE) != CONF_NOWHERE;
}

static bool
has_key(const struct app *app)
{
	return conf_origin_of(app->conf, CONF_KEY) != CONF_NOWHERE;
}

enum sg_rc
sign_in_kind(const struct app *app, enum sg_session_kind rather,
    enum sg_session_kind *out_kind, struct sg_err *err)
{
	bool wants_pat = app_given(app, OPT_PAT);
	bool wants_jwt = app_given(app, OPT_JWT);

	if (wants_pat && wants_jwt)
		return sg_fail(
		    err, SG_E_USAGE, "--pat and --jwt exclude each other");
	if (wants_pat || wants_jwt)
		*out_kind = wants_pat ? SG_SESSION_PAT : SG_SESSION_JWT;
	else if (rather == SG_SESSION_PAT)
		*out_kind = has_pat(app) ? SG_SESSION_PAT : SG_SESSION_JWT;
	else
		*out_kind = has_key(app) ? SG_SESSION_JWT : SG_SESSION_PAT;
	return SG_OK;
}

void
sign_in_end(struct app *app, struct sg_session **session)
{
	struct sg_err err = {0};

	if (*session == NULL)
		return;
	if (sg_api_logout(app->http, *session, NULL, &err) != SG_OK)
		app_hint(app, "%s; the session ends by itself", err.text);
	sg_session_free(session);
}

static void
announce(const struct app *app)
{
	if (app->before_sign_in != NULL)
		app->before_sign_in();
}

static enum sg_rc
send_credential(struct app *app, const struct sg_tcm *tcm,
    enum sg_session_kind kind, struct sg_session **out_session,
    struct sg_err *err)
{
	SG_AUTO(sg_secret) credential = NULL;
	enum sg_rc rc;

	if (kind == SG_SESSION_PAT) {
		rc = read_pat(app, &credential, err);
		if (rc != SG_OK)
			return rc;
		announce(app);
		return sg_tcm_login_pat(tcm, credential, out_session, err);
	}
	rc = mint_jwt(app, &credential, err);
	if (rc != SG_OK)
		return rc;
	announce(app);
	return sg_tcm_login_jwt(tcm, credential, out_session, err);
}

enum sg_rc
sign_in_any_tenant(struct app *app, enum sg_session_kind kind,
    struct sg_session **out_session, struct sg_err *err)
{
	const struct sg_tcm tcm = {
	    .http = app->http,
	    .clock = app->clock,
	    .endpoints = app->endpoints,
	};

	return send_credential(app, &tcm, kind, out_session, err);
}

enum sg_rc
sign_in_tcm(struct app *app, enum sg_session_kind kind,
    struct sg_session **out_session, struct sg_err *err)
{
	struct sg_tcm tcm = {
	    .http = app->http,
	    .clock = app->clock,
	    .endpoints = app->endpoints,
	};
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_TENANT_ID, &tcm.tenant_id, err);
	if (rc != SG_OK)
		return rc;
	return send_credential(app, &tcm, kind, out_session, err);
}

enum sg_rc
sign_in_find_site(
    struct app *app, struct sign_in_site *out_site, struct sg_err *err)
{
	struct sign_in_site site = {0};
	enum sg_rc rc;

	rc = conf_need(app->conf, CONF_POD_URL, &site.pod_url, err);
	if (rc == SG_OK)
		rc = conf_need(app->conf, CONF_SITE_ID, &site.content_url, err);
	/* With --site the configured LUID is another site's. */
	if (rc == SG_OK && !app_given(app, OPT_SITE))
		rc = conf_get(app->conf, CONF_SITE_LUID, &site.id, err);
	if (rc != SG_OK)
		return rc;
	*out_site = site;
	return SG_OK;
}

enum sg_rc
sign_in_tableau(struct app *app, const struct sign_in_site *site,
    struct sg_session **out_session, struct sg_err *err)
{
	SG_AUTO(sg_secret) jwt = NULL;
	SG_AUTO_STR version = NULL;
	const struct sg_tableau tableau = {
	    .http = app->http,
	    .clock = app->clock,
	    .pod_url = site->pod_url,
	    .site = site->content_url,
	    .site_id = site->id,
	};
	enum sg_rc rc;

	rc = sg_tableau_version(&tableau, &version, err);
	if (rc == SG_OK)
		rc = mint_jwt(app, &jwt, err);
	if (rc != SG_OK)
		return rc;
	announce(app);
	return sg_tableau_login(&tableau, version, jwt, out_session, err);
}
