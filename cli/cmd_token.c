/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/key/keys.h"
#include "pkcs11/token.h"

static const char *
rs256_text(const struct sg_token_info *token)
{
	if (token->signs_rs256)
		return "in the token (CKM_SHA256_RSA_PKCS)";
	if (token->signs_digest)
		return "hashed here, signed in the token (CKM_RSA_PKCS)";
	return "no";
}

static const char *
pin_text(const struct sg_token_info *token)
{
	if (!token->login_required)
		return "not needed";
	if (!token->pin_set)
		return "not set";
	if (token->pin_locked)
		return "locked";
	if (token->pin_final_try)
		return "one try left";
	if (token->pin_count_low)
		return "few tries left";
	return token->protected_path ? "entered at the token" : "set";
}

static void
print_json(struct app *app, const struct sg_token_info *token)
{
	struct sg_jsonw *w = &app->json;

	sg_jsonw_object(w, NULL);
	sg_jsonw_str(w, "uri", token->uri);
	sg_jsonw_str(w, "label", token->label);
	sg_jsonw_str(w, "serial", token->serial);
	sg_jsonw_str(w, "model", token->model);
	sg_jsonw_str(w, "manufacturer", token->manufacturer);
	sg_jsonw_str(w, "firmware", token->firmware);
	sg_jsonw_str(w, "module", token->module);
	sg_jsonw_bool(w, "initialized", token->initialized);
	sg_jsonw_bool(w, "writeProtected", token->write_protected);
	sg_jsonw_bool(w, "signsRs256", token->signs_rs256);
	sg_jsonw_bool(w, "signsDigest", token->signs_digest);
	sg_jsonw_bool(w, "generatesRsa", token->generates_rsa);
	sg_jsonw_str(w, "pin", pin_text(token));
	sg_jsonw_object_end(w);
}

static enum sg_rc
print_token(void *ctx, const struct sg_token_info *token, struct sg_err *err)
{
	struct app *app = ctx;

	(void)err;
	if (app_json(app)) {
		print_json(app, token);
		return SG_OK;
	}
	if (!token->initialized)
		return SG_OK; /* a free slot; --json shows it */
	app_text(app, token->uri);
	sg_buf_add_byte(app->out, '\n');
	app_field(app, "  module", token->module);
	app_field(app, "  model", token->model);
	app_field(app, "  firmware", token->firmware);
	app_field(app, "  RS256", rs256_text(token));
	app_field(app, "  PIN", pin_text(token));
	return SG_OK;
}

enum sg_rc
cmd_token_list(struct app *app, struct sg_err *err)
{
	struct sg_token_opts opts;
	enum sg_rc rc;

	rc = keys_token_opts(app, false, &opts, err);
	if (rc != SG_OK)
		return rc;
	opts.uri = app_given(app, OPT_KEY) ? opts.uri : NULL;
	app_list_begin(app, "tokens");
	rc = sg_token_list(&opts, print_token, app, err);
	if (rc != SG_OK)
		return rc;
	return app_list_end(app, "no module shows a token", err);
}
