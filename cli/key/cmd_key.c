/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/key/key_show.h"
#include "cli/key/keys.h"
#include "cli/mint.h"
#include "pkcs11/key.h"
#include "pkcs11/keygen.h"
#include "signer/jwk.h"
#include "signer/rsa.h"
#include "signer/signer.h"

static enum sg_rc
parse_id(struct app *app, struct sg_buf *id, struct sg_err *err)
{
	enum sg_rc rc;

	if (!app_given(app, OPT_ID))
		return SG_OK;
	rc = sg_hex_decode(id, app_value(app, OPT_ID), err);
	if (rc == SG_OK)
		rc = sg_buf_check(id, "the id", err);
	if (rc == SG_OK && id->len == 0)
		rc = sg_fail(err, SG_E_USAGE, "it is empty");
	return sg_context(err, rc, "read --id");
}

static enum sg_rc
parse_bits(struct app *app, unsigned int *out_bits, struct sg_err *err)
{
	const char *text = app_value(app, OPT_BITS);

	if (text == NULL || strcmp(text, "2048") == 0)
		*out_bits = 2048;
	else if (strcmp(text, "3072") == 0)
		*out_bits = 3072;
	else if (strcmp(text, "4096") == 0)
		*out_bits = 4096;
	else
		return sg_fail(err, SG_E_USAGE,
		    "--bits is 2048, 3072 or 4096, not \"%s\"", text);
	return SG_OK;
}

static enum sg_rc
generate(struct app *app, char **out_uri, struct sg_err *err)
{
	SG_AUTO(sg_buf) id = sg_buf_new(256);
	struct sg_keygen_opts opts = {
	    .label = app_value(app, OPT_LABEL),
	    .clock = app->clock,
	};
	enum sg_rc rc;

	if (opts.label == NULL)
		return sg_fail(err, SG_E_USAGE, "the new key needs a --label");
	rc = parse_bits(app, &opts.bits, err);
	if (rc == SG_OK)
		rc = parse_id(app, id, err);
	if (rc == SG_OK)
		rc = keys_open_token(app, true, err);
	if (rc != SG_OK)
		return rc;
	if (app_given(app, OPT_ID)) {
		opts.id = id->data;
		opts.id_len = id->len;
	}
	return keys_generate(app, &opts, out_uri, err);
}

enum sg_rc
cmd_key_generate(struct app *app, struct sg_err *err)
{
	SG_AUTO_STR uri = NULL;
	enum sg_rc rc;

	rc = generate(app, &uri, err);
	if (rc == SG_OK)
		rc = keys_name(app, uri, err);
	if (rc == SG_OK)
		rc = keys_open_signer(app, err);
	if (rc != SG_OK && uri != NULL)
		return sg_context(
		    err, rc, "the key was made, but cannot be used: %s", uri);
	if (rc != SG_OK)
		return rc;
	if (app_json(app)) {
		app_json_begin(app);
		rc = key_show_members(app, sg_key_info(app->key),
		    sg_signer_thumbprint(app->signer), err);
		return rc == SG_OK ? app_json_end(app, err) : rc;
	}
	app_field(app, "uri", uri);
	app_field(app, "thumbprint", sg_signer_thumbprint(app->signer));
	return sg_buf_check(app->out, "the output", err);
}

static enum sg_rc
list_key(void *ctx, const struct sg_key_info *key, struct sg_err *err)
{
	struct app *app = ctx;
	enum sg_rc rc;

	if (!app_json(app)) {
		sg_buf_addf(app->out, "%s\n", key->uri);
		return SG_OK;
	}
	sg_jsonw_object(&app->json, NULL);
	rc = key_show_members(app, key, NULL, err);
	sg_jsonw_object_end(&app->json);
	return rc;
}

enum sg_rc
cmd_key_list(struct app *app, struct sg_err *err)
{
	enum sg_rc rc;

	rc = keys_open_token(app, false, err);
	if (rc != SG_OK)
		return rc;
	app_list_begin(app, "keys");
	rc = sg_key_list(app->token,
	    app_given(app, OPT_KEY) ? app->key_uri : NULL, list_key, app, err);
	if (rc != SG_OK)
		return rc;
	return app_list_end(app, "the token holds no private key", err);
}

static enum sg_rc
show_key(void *ctx, const struct sg_key_info *key, struct sg_err *err)
{
	struct app *app = ctx;
	char thumbprint[SG_THUMBPRINT_SIZE];
	enum sg_rc rc;

	rc = key_show_thumbprint(key, thumbprint, err);
	if (rc != SG_OK)
		return rc;
	if (!app_json(app))
		return key_show_lines(app, key, thumbprint, err);
	app_json_begin(app);
	rc = key_show_members(app, key, thumbprint, err);
	return rc == SG_OK ? app_json_end(app, err) : rc;
}

/* Shown as the token tells of it: nothing is signed, so that a key that may
 * not sign can be looked at. */
enum sg_rc
cmd_key_show(struct app *app, struct sg_err *err)
{
	return keys_describe(app, false, show_key, app, err);
}

static enum sg_rc
export_jwk(struct app *app, bool as_set, struct sg_buf *out, struct sg_err *err)
{
	struct sg_jsonw w = {.out = out};
	const char *kid = NULL;
	enum sg_rc rc;

	rc = mint_kid(app, sg_signer_thumbprint(app->signer), &kid, err);
	if (rc != SG_OK)
		return rc;
	if (as_set) {
		sg_jsonw_object(&w, NULL);
		sg_jsonw_array(&w, "keys");
	}
	rc = sg_jwk_write(&w, NULL, sg_signer_public(app->signer), kid, 0, err);
	if (rc != SG_OK)
		return rc;
	if (as_set) {
		sg_jsonw_array_end(&w);
		sg_jsonw_object_end(&w);
	}
	sg_buf_add_byte(out, '\n');
	return sg_jsonw_check(&w, "the key", err);
}

static enum sg_rc
export_as(
    struct app *app, const char *format, struct sg_buf *out, struct sg_err *err)
{
	const struct sg_rsa *rsa = sg_signer_public(app->signer);

	if (strcmp(format, "pem") == 0)
		return sg_rsa_to_pem(rsa, out, err);
	if (strcmp(format, "der") == 0)
		return sg_rsa_to_der(rsa, out, err);
	return export_jwk(app, strcmp(format, "jwks") == 0, out, err);
}

static enum sg_rc
export_format(struct app *app, const char **out_format, struct sg_err *err)
{
	static const char *const formats[] = {"pem", "der", "jwk", "jwks"};
	const char *format = app_value(app, OPT_FORMAT);
	size_t i;

	if (format == NULL)
		format = "pem";
	for (i = 0; i < SG_COUNT(formats); i++)
		if (strcmp(format, formats[i]) == 0)
			break;
	if (i == SG_COUNT(formats))
		return sg_fail(err, SG_E_USAGE,
		    "--format is pem, der, jwk or jwks, not \"%s\"", format);
	if (app_json(app) && strcmp(format, "der") == 0 &&
	    app_output(app) == NULL)
		return sg_fail(err, SG_E_USAGE,
		    "--json cannot carry DER; name a file with --output");
	*out_format = format;
	return SG_OK;
}

/* The text formats become a member. */
static enum sg_rc
export_json(struct app *app, const char *format, const struct sg_buf *key,
    struct sg_err *err)
{
	app_json_begin(app);
	sg_jsonw_str(&app->json, "uri", sg_key_info(app->key)->uri);
	sg_jsonw_str(
	    &app->json, "thumbprint", sg_signer_thumbprint(app->signer));
	sg_jsonw_str(&app->json, "format", format);
	if (app_output(app) != NULL)
		sg_jsonw_str(&app->json, "output", app_output(app));
	else
		sg_jsonw_str(&app->json, "key", sg_buf_str(key));
	return app_json_end(app, err);
}

enum sg_rc
cmd_key_export(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) key = sg_buf_new(64 * 1024);
	const char *format = NULL;
	enum sg_rc rc;

	rc = export_format(app, &format, err);
	if (rc == SG_OK)
		rc = keys_open_named(app, err);
	if (rc == SG_OK)
		rc = export_as(app, format, key, err);
	if (rc == SG_OK && app_output(app) != NULL)
		rc = sg_file_replace(
		    app_output(app), key->data, key->len, 0644, err);
	if (rc != SG_OK)
		return rc;
	if (app_json(app))
		return export_json(app, format, key, err);
	if (app_output(app) == NULL)
		sg_buf_add(app->out, key->data, key->len);
	return sg_buf_check(app->out, "the output", err);
}
