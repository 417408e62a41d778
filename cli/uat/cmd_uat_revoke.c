/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/jwt_input.h"
#include "cli/uat/uat_door.h"
#include "client/session/api.h"
#include "client/session/tcm.h"
#include "client/uat/uat_revoke.h"
#include "signer/claims.h"
#include "signer/jwt.h"

/* What is to be revoked, and what it borrows from. */
struct revoking {
	struct sg_uat_revocation revocation;
	struct sg_jwt *jwt;	      /* NULL with --jti */
	struct sg_uat_config *config; /* NULL where no form asks for it */
	char *url;		      /* the path, behind the service's base */
};

static void
clear(struct revoking *r)
{
	sg_jwt_free(&r->jwt);
	sg_uat_config_free(&r->config);
	sg_str_free(&r->url);
}

#define AUTO_REVOKING __attribute__((cleanup(clear))) struct revoking

/* Of another tenant, nothing that we do here can revoke it. */
static enum sg_rc
check_tenant(const struct revoking *r, struct sg_err *err)
{
	const char *tenant =
	    sg_json_get_text(sg_jwt_claims(r->jwt), SG_CLAIM_TENANT);
	const char *ours = r->revocation.tenant_id;

	if (tenant == NULL || ours == NULL || strcasecmp(tenant, ours) == 0)
		return SG_OK;
	return sg_fail(err, SG_E_USAGE,
	    "the JWT is of the tenant %s, but CLOUD_MANAGER_TENANT_ID is %s",
	    tenant, ours);
}

static enum sg_rc
read_jwt(struct app *app, struct revoking *r, struct sg_err *err)
{
	const struct sg_json *claims;
	enum sg_rc rc;

	rc = jwt_input_read(app->args.operands[0], &r->jwt, err);
	if (rc == SG_E_INVALID)
		rc = sg_recast(err, SG_E_USAGE);
	if (rc != SG_OK)
		return rc;
	claims = sg_jwt_claims(r->jwt);
	r->revocation.jti = sg_json_get_text(claims, "jti");
	if (r->revocation.jti == NULL)
		return sg_fail(err, SG_E_USAGE, "the JWT has no jti");
	if (!sg_json_int(sg_json_get(claims, "exp"), &r->revocation.exp_s))
		r->revocation.exp_s = 0;
	if (r->revocation.exp_s != 0 &&
	    r->revocation.exp_s <= app->clock->now_s(app->clock->ctx))
		app_hint(app, "the JWT has expired, and signs in no more");
	return check_tenant(r, err);
}

static enum sg_rc
read_what(struct app *app, struct revoking *r, struct sg_err *err)
{
	bool has_jwt = app->args.operand_count > 0;
	enum sg_rc rc;

	if (has_jwt == app_given(app, OPT_JTI))
		return sg_fail(err, SG_E_USAGE,
		    "name what to revoke: --jti JTI, or the file that holds "
		    "the JWT");
	rc = conf_get(app->conf, CONF_TENANT_ID, &r->revocation.tenant_id, err);
	if (rc != SG_OK)
		return rc;
	r->revocation.jti = app_value(app, OPT_JTI);
	return has_jwt ? read_jwt(app, r, err) : SG_OK;
}

/* The whole URL, so that it can be shown. */
static enum sg_rc
find_url(
    struct app *app, struct revoking *r, const char *path, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_api_url(
	    app->endpoints->base_url, SG_API_TCM_VERSION, path, &r->url, err);
	if (rc == SG_OK)
		r->revocation.path = r->url;
	return sg_context(err, rc, "%s", conf_name(CONF_REVOKE_PATH));
}

static enum sg_rc
read_form(struct app *app, struct revoking *r, struct sg_err *err)
{
	const char *path = NULL;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_REVOKE_PATH, &path, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_REVOKE_METHOD, &r->revocation.method, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_REVOKE_BODY, &r->revocation.body, err);
	if (rc == SG_OK)
		rc = find_url(
		    app, r, path != NULL ? path : SG_UAT_REVOKE_PATH, err);
	return rc;
}

static enum sg_rc
find_configuration(struct app *app, const struct uat_door *door,
    struct revoking *r, struct sg_err *err)
{
	const char *named = app_value(app, OPT_CONFIGURATION);
	enum sg_rc rc;

	if (named == NULL)
		return SG_OK;
	rc = sg_uat_get(&door->uat, named, &r->config, err);
	if (rc == SG_OK)
		r->revocation.config_id = r->config->config_id;
	return rc;
}

static enum sg_rc
show(struct app *app, const struct revoking *r, int status, struct sg_err *err)
{
	char expires[SG_TIME_SIZE] = "";

	app_hint(app,
	    "the service answered %d; that a session ends which the JWT has "
	    "bought already is not established",
	    status);
	if (r->revocation.exp_s != 0)
		sg_time_format(r->revocation.exp_s, expires);
	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_str(&app->json, "jti", r->revocation.jti);
		sg_jsonw_int(&app->json, "status", status);
		if (*expires != '\0')
			sg_jsonw_str(&app->json, "expires", expires);
		return app_json_end(app, err);
	}
	app_field(app, "revoked", r->revocation.jti);
	app_field(app, "expires", *expires != '\0' ? expires : NULL);
	return sg_buf_check(app->out, "the output", err);
}

enum sg_rc
cmd_uat_revoke(struct app *app, struct sg_err *err)
{
	AUTO_UAT_DOOR door = {0};
	AUTO_REVOKING r = {0};
	int status = 0;
	enum sg_rc rc;

	rc = read_what(app, &r, err);
	if (rc == SG_OK)
		rc = uat_door_open_to_change(app, &door, err);
	if (rc == SG_OK)
		rc = read_form(app, &r, err);
	if (rc == SG_OK)
		rc = find_configuration(app, &door, &r, err);
	if (rc == SG_OK)
		rc = sg_uat_revoke(&door.uat, &r.revocation, &status, err);
	if (rc != SG_OK)
		return rc;
	if (door.uat.preview != NULL)
		return uat_door_show_preview(app, &door, err);
	return show(app, &r, status, err);
}
