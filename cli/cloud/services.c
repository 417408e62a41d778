/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/services.h"

#include "base/buf.h"
#include "base/file.h"
#include "cli/app.h"
#include "cli/cloud/sign_in.h"
#include "cli/folder.h"
#include "cli/key/client_key.h"
#include "cli/key/keys.h"
#include "cli/mint.h"
#include "cli/watch.h"
#include "client/http/transport.h"
#include "client/session/tcm.h"

void
services_close(struct app *app)
{
	sg_cache_free(&app->cache);
	sg_tcm_endpoints_free(&app->endpoints);
	sg_http_free(&app->http);
}

/* A session that is not kept would live on at the service for hours. */
void
services_end(struct service *service)
{
	if (service->api.cache == NULL && service->app != NULL)
		sign_in_end(service->app, &service->api.session);
	sg_api_close(&service->api);
}

static void
trace_request(void *ctx, const char *line)
{
	app_trace(ctx, "%s", line);
}

/* Certificate and key of the client: files, or a key in a token. */
static enum sg_rc
fill_client(struct app *app, struct sg_transport_opts *opts, struct sg_err *err)
{
	bool in_token = false;
	enum sg_rc rc;

	rc = client_key_is_in_token(app, &in_token, err);
	if (rc == SG_OK && in_token) {
		rc = client_key_open(app, err);
		opts->tls_key = app->tls_key;
		if (app->watch != NULL)
			opts->tls_hooks = watch_hooks(app->watch);
		return rc;
	}
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_CLIENT_CERT, &opts->client_cert, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_CLIENT_KEY, &opts->client_key, err);
	return rc;
}

static enum sg_rc
fill_transport(
    struct app *app, struct sg_transport_opts *opts, struct sg_err *err)
{
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_CA_FILE, &opts->ca_file, err);
	if (rc == SG_OK)
		rc = app_timeout(app, &opts->http.timeout_ms, err);
	return rc;
}

static enum sg_rc
open_http(struct app *app, bool shows_client, struct sg_err *err)
{
	struct sg_transport_opts opts = {
	    .http = {.trace = trace_request, .trace_ctx = app},
	    .user_agent = "signet/" SG_VERSION,
	};
	enum sg_rc rc;

	if (app->http != NULL)
		return SG_OK;
	rc = fill_transport(app, &opts, err);
	if (rc == SG_OK && shows_client)
		rc = fill_client(app, &opts, err);
	if (rc != SG_OK)
		return rc;
	return sg_transport_open(&opts, &app->http, err);
}

enum sg_rc
services_http(struct app *app, struct sg_err *err)
{
	return open_http(app, true, err);
}

enum sg_rc
services_bare_http(struct app *app, struct sg_err *err)
{
	return open_http(app, false, err);
}

enum sg_rc
services_cache(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) dir = sg_buf_new(4096);
	enum sg_rc rc;

	if (app->cache != NULL || app_given(app, OPT_NO_CACHE))
		return SG_OK;
	rc = folder_path(app->conf, FOLDER_CACHE, dir, err);
	if (rc != SG_OK)
		return rc;
	return sg_cache_open(sg_buf_str(dir), app->clock, &app->cache, err);
}

/* Worked out once a run. */
static enum sg_rc
find_endpoints(struct app *app, struct sg_err *err)
{
	struct sg_tcm_urls urls = {0};
	enum sg_rc rc;

	if (app->endpoints != NULL)
		return SG_OK;
	rc = conf_get(app->conf, CONF_TCM_URL, &urls.url, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_PAT_LOGIN_URL, &urls.pat_login_url, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_JWT_LOGIN_URL, &urls.jwt_login_url, err);
	if (rc == SG_OK)
		rc = conf_get(app->conf, CONF_UAT_CONFIGS_URL,
		    &urls.uat_configs_url, err);
	if (rc != SG_OK)
		return rc;
	return sg_tcm_endpoints_new(&urls, &app->endpoints, err);
}

enum sg_rc
services_tcm_http(struct app *app, struct sg_err *err)
{
	enum sg_rc rc;

	rc = find_endpoints(app, err);
	return rc == SG_OK ? services_http(app, err) : rc;
}

static enum sg_rc
login_tcm(void *ctx, struct sg_session **out_session, struct sg_err *err)
{
	const struct service *service = ctx;

	return sign_in_tcm(
	    service->app, service->identity.kind, out_session, err);
}

static enum sg_rc
login_tableau(void *ctx, struct sg_session **out_session, struct sg_err *err)
{
	const struct service *service = ctx;
	struct sign_in_site site = {0};
	enum sg_rc rc;

	rc = sign_in_find_site(service->app, &site, err);
	if (rc != SG_OK)
		return rc;
	return sign_in_tableau(service->app, &site, out_session, err);
}

static void
fill_api(struct service *service, enum sg_service which)
{
	struct app *app = service->app;

	service->identity.service = which;
	service->api.service = which;
	service->api.http = app->http;
	service->api.clock = app->clock;
	service->api.cache = app->cache;
	service->api.identity = &service->identity;
	service->api.login =
	    which == SG_SERVICE_TCM ? login_tcm : login_tableau;
	service->api.login_ctx = service;
}

/* What a JWT session is made with; a PAT's has no key and no scopes. */
static enum sg_rc
identify_jwt(struct service *service, struct sg_err *err)
{
	struct app *app = service->app;
	struct sg_identity *identity = &service->identity;
	enum sg_rc rc;

	identity->kind = SG_SESSION_JWT;
	rc = conf_get(app->conf, CONF_USERNAME, &identity->user, err);
	if (rc == SG_OK)
		rc = conf_get(app->conf, CONF_KEY, &identity->key_uri, err);
	if (rc == SG_OK)
		rc = mint_scopes(app, err);
	if (rc == SG_OK)
		rc = fingerprint_claims(app, service->claims, err);
	if (rc != SG_OK)
		return rc;
	identity->claims = service->claims;
	identity->scopes = &app->scopes;
	return SG_OK;
}

static enum sg_rc
identify_pat(struct service *service, struct sg_err *err)
{
	struct sg_identity *identity = &service->identity;
	enum sg_rc rc;

	identity->kind = SG_SESSION_PAT;
	identity->key_uri = NULL;
	identity->scopes = NULL;
	identity->user = NULL;
	rc = fingerprint_pat(service->app, service->claims, err);
	if (rc != SG_OK)
		return rc;
	identity->claims = service->claims;
	return conf_get(
	    service->app->conf, CONF_PAT_NAME, &identity->user, err);
}

static enum sg_rc
is_cached(struct service *service, bool *out_cached, struct sg_err *err)
{
	SG_AUTO(sg_session) session = NULL;
	enum sg_rc rc;

	*out_cached = false;
	if (service->app->cache == NULL)
		return SG_OK;
	rc = sg_cache_load(
	    service->app->cache, &service->identity, &session, err);
	*out_cached = rc == SG_OK && session != NULL;
	return rc;
}

static enum sg_rc
choose_kind(
    struct service *service, enum sg_session_kind otherwise, struct sg_err *err)
{
	bool cached = false;
	enum sg_rc rc;

	rc = identify_jwt(service, err);
	if (rc == SG_OK)
		rc = is_cached(service, &cached, err);
	if (rc != SG_OK || cached)
		return rc;
	rc = identify_pat(service, err);
	if (rc == SG_OK)
		rc = is_cached(service, &cached, err);
	if (rc != SG_OK || cached || otherwise == SG_SESSION_PAT)
		return rc;
	return identify_jwt(service, err);
}

static enum sg_rc
identify_tcm(struct service *service, struct sg_err *err)
{
	struct app *app = service->app;
	enum sg_session_kind kind = SG_SESSION_JWT;
	const char *tenant = NULL;
	enum sg_rc rc;

	rc = sign_in_kind(app, SG_SESSION_JWT, &kind, err);
	if (rc == SG_OK)
		rc = conf_get(app->conf, CONF_TENANT_ID, &tenant, err);
	if (rc != SG_OK)
		return rc;
	if (tenant != NULL && !sg_text_is_uuid(tenant))
		return sg_fail(err, SG_E_CONFIG,
		    "CLOUD_MANAGER_TENANT_ID \"%s\" is not a UUID", tenant);
	service->identity.tenant_id = tenant;
	service->identity.base_url = app->endpoints->base_url;
	if (app_given(app, OPT_PAT))
		return identify_pat(service, err);
	if (app_given(app, OPT_JWT))
		return identify_jwt(service, err);
	return choose_kind(service, kind, err);
}

enum sg_rc
services_tcm(struct app *app, struct service *service, struct sg_err *err)
{
	enum sg_rc rc;

	service->app = app;
	rc = services_tcm_http(app, err);
	if (rc == SG_OK)
		rc = services_cache(app, err);
	if (rc == SG_OK)
		rc = identify_tcm(service, err);
	if (rc != SG_OK)
		return rc;
	fill_api(service, SG_SERVICE_TCM);
	return SG_OK;
}

enum sg_rc
services_tableau(struct app *app, struct service *service, struct sg_err *err)
{
	struct sg_identity *identity = &service->identity;
	struct sign_in_site site = {0};
	enum sg_rc rc;

	service->app = app;
	rc = sign_in_find_site(app, &site, err);
	identity->base_url = site.pod_url;
	identity->site = site.content_url;
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_TENANT_ID, &identity->tenant_id, err);
	if (rc == SG_OK)
		rc = identify_jwt(service, err);
	if (rc == SG_OK)
		rc = services_http(app, err);
	if (rc == SG_OK)
		rc = services_cache(app, err);
	if (rc != SG_OK)
		return rc;
	fill_api(service, SG_SERVICE_TABLEAU);
	return SG_OK;
}
