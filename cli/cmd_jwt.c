/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "cli/app.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "cli/jwt_input.h"
#include "cli/key/keys.h"
#include "cli/mint.h"
#include "client/check/jwks_check.h"
#include "client/http/http.h"
#include "client/http/url.h"
#include "client/reply/reply.h"
#include "signer/claims.h"
#include "signer/jwk.h"
#include "signer/jwks.h"
#include "signer/jws.h"
#include "signer/jwt.h"
#include "signer/rsa.h"
#include "signer/signer.h"

#define KEY_FILE_MAX SG_JWKS_TEXT_MAX

/* How far the clock of a JWT's maker may be from ours. */
#define LEEWAY_S 60

enum sg_rc
cmd_jwt_sign(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_secret) jwt = NULL;
	SG_AUTO(sg_jwt) read = NULL;
	enum sg_rc rc;

	rc = mint_jwt(app, &jwt, err);
	if (rc != SG_OK)
		return rc;
	if (!app_json(app)) {
		sg_buf_addf(app->out, "%s\n", sg_secret_reveal(jwt));
		return sg_buf_check(app->out, "the output", err);
	}
	rc =
	    sg_jwt_parse(sg_secret_reveal(jwt), sg_secret_len(jwt), &read, err);
	if (rc != SG_OK)
		return rc;
	app_json_begin(app);
	sg_jsonw_str(&app->json, "jwt", sg_secret_reveal(jwt));
	sg_jsonw_value(&app->json, "header", sg_jwt_header(read));
	sg_jsonw_value(&app->json, "claims", sg_jwt_claims(read));
	return app_json_end(app, err);
}

/* The operand's; stdin's without one. */
static enum sg_rc
read_jwt(struct app *app, struct sg_jwt **out_jwt, struct sg_err *err)
{
	return jwt_input_read(
	    app->args.operand_count > 0 ? app->args.operands[0] : "-", out_jwt,
	    err);
}

static void
print_times(struct app *app, const struct sg_json *claims)
{
	static const char *const names[] = {"iat", "nbf", "exp"};
	char when[SG_TIME_SIZE];
	int64_t time_s;
	size_t i;

	for (i = 0; i < SG_COUNT(names); i++) {
		if (!sg_json_int(sg_json_get(claims, names[i]), &time_s))
			continue;
		sg_time_format(time_s, when);
		app_field(app, names[i], when);
	}
}

/* Through app_field(): a JWT can come from anybody. */
static enum sg_rc
print_json(struct app *app, const char *name, const struct sg_json *json,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) text = sg_buf_new(SG_JWS_MAX * 8);
	struct sg_jsonw w = {.out = text};
	enum sg_rc rc;

	sg_jsonw_value(&w, NULL, json);
	rc = sg_jsonw_check(&w, "the JWT", err);
	if (rc == SG_OK)
		app_field(app, name, sg_buf_str(text));
	return rc;
}

enum sg_rc
cmd_jwt_inspect(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_jwt) jwt = NULL;
	enum sg_rc rc;

	rc = read_jwt(app, &jwt, err);
	if (rc != SG_OK)
		return rc;
	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_bool(&app->json, "verified", false);
		sg_jsonw_value(&app->json, "header", sg_jwt_header(jwt));
		sg_jsonw_value(&app->json, "claims", sg_jwt_claims(jwt));
		return app_json_end(app, err);
	}
	rc = print_json(app, "header", sg_jwt_header(jwt), err);
	if (rc == SG_OK)
		rc = print_json(app, "claims", sg_jwt_claims(jwt), err);
	if (rc != SG_OK)
		return rc;
	print_times(app, sg_jwt_claims(jwt));
	app_field(app, "signature", "not verified; see: signet jwt verify");
	return sg_buf_check(app->out, "the output", err);
}

/* A PEM public key, a JWK or a JWK Set. */
static enum sg_rc
parse_key(const struct sg_buf *text, const char *kid, struct sg_rsa **out_rsa,
    struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	struct sg_err no_json = {0};

	if (sg_json_parse(text->data, text->len, &json, &no_json) != SG_OK)
		return sg_rsa_from_pem(
		    sg_buf_str(text), text->len, out_rsa, err);
	if (sg_json_get(json, "keys") != NULL)
		return sg_jwk_pick(json, kid, out_rsa, err);
	return sg_jwk_read(json, out_rsa, err);
}

static enum sg_rc
fetch(struct app *app, const char *url, struct sg_buf **out_text,
    struct sg_err *err)
{
	struct sg_http_reply *reply = NULL;
	enum sg_rc rc;

	rc = services_http(app, err);
	if (rc == SG_OK)
		rc = sg_jwks_fetch(app->http, url, &reply, err);
	if (rc != SG_OK)
		return rc;
	if (sg_reply_is_success(reply)) {
		*out_text = reply->body;
		reply->body = NULL; /* now the caller's */
	} else {
		rc = sg_reply_refused(
		    reply, NULL, SG_REPLY_OF_CALL, 0, "fetch the JWK Set", err);
	}
	sg_http_reply_free(&reply);
	return rc;
}

static enum sg_rc
load_key(struct app *app, const char *kid, struct sg_rsa **out_rsa,
    struct sg_err *err)
{
	const char *path = app_value(app, OPT_JWKS);
	SG_AUTO(sg_buf) shown = sg_buf_new(SG_ERR_TEXT_MAX);
	SG_AUTO(sg_buf) text = NULL;
	enum sg_rc rc;

	if (path == NULL)
		path = app_value(app, OPT_KEY);
	if (strstr(path, "://") != NULL) {
		sg_url_add_shown(shown, path); /* its query may be a secret */
		rc = fetch(app, path, &text, err);
	} else {
		sg_buf_add_str(shown, path);
		rc = app_read_input(path, "the key", KEY_FILE_MAX, &text, err);
	}
	if (rc == SG_OK)
		rc = parse_key(text, kid, out_rsa, err);
	return sg_context(err, rc, "take the key of %s", sg_buf_str(shown));
}

static bool
key_is_elsewhere(const struct app *app)
{
	const char *key = app_value(app, OPT_KEY);

	return app_given(app, OPT_JWKS) ||
	       (key != NULL && strncasecmp(key, "pkcs11:", 7) != 0);
}

static enum sg_rc
verify(struct app *app, const struct sg_jwt *jwt, struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = NULL;
	struct sg_jwt_expect expect = {
	    .now_s = app->clock->now_s(app->clock->ctx),
	    .leeway_s = LEEWAY_S,
	};
	enum sg_rc rc;

	rc = mint_issuer(app, &expect.issuer, err);
	if (rc == SG_OK)
		rc =
		    conf_get(app->conf, CONF_TENANT_ID, &expect.tenant_id, err);
	if (rc != SG_OK)
		return rc;
	if (key_is_elsewhere(app)) {
		rc = load_key(app, sg_jwt_kid(jwt), &rsa, err);
		if (rc != SG_OK)
			return rc;
		return sg_jwt_verify(jwt, rsa, &expect, err);
	}
	rc = keys_open_signer(app, err);
	if (rc != SG_OK)
		return rc;
	return sg_jwt_verify(jwt, sg_signer_public(app->signer), &expect, err);
}

enum sg_rc
cmd_jwt_verify(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_jwt) jwt = NULL;
	enum sg_rc rc;

	if (app_given(app, OPT_JWKS) && app_given(app, OPT_KEY))
		return sg_fail(
		    err, SG_E_USAGE, "--jwks and --key exclude each other");
	rc = read_jwt(app, &jwt, err);
	if (rc == SG_OK)
		rc = verify(app, jwt, err);
	if (rc != SG_OK)
		return rc;
	if (!app_json(app)) {
		sg_buf_add_str(app->out, "valid\n");
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_bool(&app->json, "verified", true);
	sg_jsonw_value(&app->json, "header", sg_jwt_header(jwt));
	sg_jsonw_value(&app->json, "claims", sg_jwt_claims(jwt));
	return app_json_end(app, err);
}
