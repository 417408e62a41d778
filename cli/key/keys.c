/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/app.h"
#include "cli/conf_trust.h"
#include "cli/folder.h"
#include "cli/key/allow.h"
#include "cli/secret_source.h"
#include "cli/watch.h"
#include "pkcs11/key.h"
#include "pkcs11/keygen.h"
#include "pkcs11/uri.h"
#include "signer/signer.h"

/* Longer than a slow token takes for a key of 4096 bits. */
#define KEYGEN_LOCK_MS 120000

void
keys_close(struct app *app)
{
	sg_signer_free(&app->signer);
	sg_key_free(&app->key);
	sg_token_free(&app->token);
	watch_free(&app->watch);
	sg_buf_free(&app->ledger_dir);
	sg_uri_free(&app->key_uri);
	sg_uri_free(&app->configured_uri);
}

enum sg_rc
keys_backend(struct app *app, enum sg_backend *out_backend, struct sg_err *err)
{
	const char *name = NULL;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_BACKEND, &name, err);
	if (rc != SG_OK || name == NULL)
		return rc;
	rc = sg_backend_parse(name, out_backend, err);
	return rc == SG_OK ? rc : sg_context(err, rc, "read SIGNET_BACKEND");
}

/* What a setting says is wrong with it is a fault of the configuration. */
static enum sg_rc
parse_configured(const char *text, struct sg_uri **out_uri, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_uri_parse(text, out_uri, err);
	if (rc != SG_E_USAGE)
		return rc;
	return sg_context(err, sg_recast(err, SG_E_CONFIG), "read SIGNET_KEY");
}

/* The key that is meant, and the one of the configuration beneath it: a URI
 * that signet prints has no module path and no PIN source, so these come from
 * the configured one. */
static enum sg_rc
load_uris(struct app *app, struct sg_err *err)
{
	const char *beneath = NULL;
	const char *text = NULL;
	enum sg_rc rc;

	if (app->key_uri != NULL)
		return SG_OK;
	rc = conf_get(app->conf, CONF_KEY, &text, err);
	if (rc == SG_OK)
		rc = conf_get_beneath(app->conf, CONF_KEY, &beneath,
		    &app->configured_origin, err);
	if (rc == SG_OK && beneath != NULL && app->configured_uri == NULL)
		rc = parse_configured(beneath, &app->configured_uri, err);
	if (rc != SG_OK || text == NULL)
		return rc;
	return conf_origin_of(app->conf, CONF_KEY) == CONF_COMMAND_LINE
		   ? sg_uri_parse(text, &app->key_uri, err)
		   : parse_configured(text, &app->key_uri, err);
}

enum sg_rc
keys_name(struct app *app, const char *uri, struct sg_err *err)
{
	conf_override(app->conf, CONF_KEY, uri);
	sg_uri_free(&app->key_uri);
	return load_uris(app, err);
}

enum sg_rc
keys_change(struct app *app, const char *uri, struct sg_err *err)
{
	sg_signer_free(&app->signer);
	sg_key_free(&app->key);
	return keys_name(app, uri, err);
}

/*
 * Module path and PIN source stand in four places, the most explicit first:
 * the URI of the command line, the option, SIGNET_KEY, the setting.
 */
static enum sg_rc
find_explicit(struct app *app, enum conf name,
    const char *(*attribute)(const struct sg_uri *uri), const char **out_value,
    enum conf_origin *out_origin, struct sg_err *err)
{
	bool by_uri = conf_origin_of(app->conf, CONF_KEY) == CONF_COMMAND_LINE;
	bool by_option = conf_origin_of(app->conf, name) == CONF_COMMAND_LINE;

	*out_value = by_uri ? attribute(app->key_uri) : NULL;
	*out_origin = CONF_COMMAND_LINE;
	if (*out_value != NULL)
		return SG_OK;
	if (!by_option && app->configured_uri != NULL) {
		*out_value = attribute(app->configured_uri);
		*out_origin = app->configured_origin;
	}
	if (*out_value != NULL)
		return SG_OK;
	*out_origin = conf_origin_of(app->conf, name);
	return conf_get(app->conf, name, out_value, err);
}

enum sg_rc
keys_ledger(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = NULL;
	enum sg_rc rc;

	if (app->ledger_dir != NULL)
		return SG_OK;
	path = sg_buf_new(4096);
	rc = folder_path(app->conf, FOLDER_STATE, path, err);
	if (rc != SG_OK)
		return rc;
	app->ledger_dir = path;
	path = NULL; /* now the app's */
	return SG_OK;
}

/* Without a place for it all goes on that sends no PIN: keys_ledger() is
 * asked for again before one is read. */
static enum sg_rc
try_ledger(struct app *app, struct sg_token_opts *opts, struct sg_err *err)
{
	struct sg_err missing = {0};
	enum sg_rc rc;

	rc = keys_ledger(app, &missing);
	if (rc != SG_OK && rc != SG_E_CONFIG)
		return sg_fail(err, rc, "%s", missing.text);
	if (rc == SG_OK)
		opts->ledger_dir = sg_buf_str(app->ledger_dir);
	opts->retry_pin = app_given(app, OPT_RETRY_PIN);
	return SG_OK;
}

/* From here on a module may be loaded, and may hang. */
static enum sg_rc
start_watch(struct app *app, struct sg_token_opts *opts, struct sg_err *err)
{
	const struct watch_opts watch = {
	    .limit_ms = opts->timeout_ms,
	    .trace_path = app_value(app, OPT_TRACE),
	};
	enum sg_rc rc = SG_OK;

	if (app->watch == NULL)
		rc = watch_start(&watch, &app->watch, err);
	if (rc == SG_OK)
		opts->hooks = watch_hooks(app->watch);
	return rc;
}

enum sg_rc
keys_token_opts(struct app *app, bool writable, struct sg_token_opts *out_opts,
    struct sg_err *err)
{
	struct sg_token_opts opts = {.writable = writable};
	enum sg_backend backend = SG_BACKEND_NATIVE;
	enum conf_origin origin = CONF_NOWHERE;
	enum sg_rc rc;

	rc = keys_backend(app, &backend, err); /* told before a PIN is sent */
	if (rc == SG_OK)
		rc = load_uris(app, err);
	if (rc == SG_OK)
		rc = app_timeout(app, &opts.timeout_ms, err);
	if (rc == SG_OK)
		rc = try_ledger(app, &opts, err);
	if (rc == SG_OK)
		rc = find_explicit(app, CONF_MODULE, sg_uri_module_path,
		    &opts.module_path, &origin, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_MODULE_ARGS, &opts.module_args, err);
	if (rc == SG_OK && opts.module_path != NULL)
		rc = conf_trust_module(origin, opts.module_path, err);
	if (rc == SG_OK)
		rc = start_watch(app, &opts, err);
	if (rc != SG_OK)
		return rc;
	opts.uri = app->key_uri;
	*out_opts = opts;
	return SG_OK;
}

static enum sg_rc
pin_source(struct app *app, const char **out_source, struct sg_err *err)
{
	enum conf_origin origin = CONF_NOWHERE;
	const char *source = NULL;
	enum sg_rc rc;

	rc = find_explicit(
	    app, CONF_PIN_SOURCE, sg_uri_pin_source, &source, &origin, err);
	if (rc != SG_OK)
		return rc;
	rc = conf_trust_pin_source(origin, CONF_PIN_SOURCE, source, err);
	if (rc != SG_OK)
		return rc;
	*out_source = source;
	return SG_OK;
}

enum sg_rc
keys_pin(struct app *app, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err)
{
	const char *source = NULL;
	int64_t limit_ms = 0;
	char what[64];
	enum sg_rc rc;

	rc = keys_ledger(app, err);
	if (rc == SG_OK)
		rc = pin_source(app, &source, err);
	if (rc == SG_OK)
		rc = app_timeout(app, &limit_ms, err);
	if (rc != SG_OK)
		return rc;
	(void)snprintf(what, sizeof(what), "PIN of token \"%s\"", token->label);
	if (token->pin_count_low)
		app_hint(app,
		    "a wrong PIN was given to token \"%s\" before; few tries "
		    "are left",
		    token->label);
	return secret_source_read(source, what, limit_ms, out_pin, err);
}

static enum sg_rc
get_pin(void *ctx, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err)
{
	return keys_pin(ctx, token, out_pin, err);
}

enum sg_rc
keys_open_token(struct app *app, bool writable, struct sg_err *err)
{
	const struct sg_pin_source pin = {.get = get_pin, .ctx = app};
	struct sg_token_opts opts;
	enum sg_rc rc;

	if (app->token != NULL)
		return SG_OK;
	rc = keys_token_opts(app, writable, &opts, err);
	if (rc == SG_OK)
		rc = sg_token_open(&opts, &app->token, err);
	if (rc != SG_OK)
		return rc;
	app_trace(app, "token: %s", sg_token_info(app->token)->uri);
	rc = sg_token_login(app->token, &pin, err);
	if (rc != SG_OK)
		sg_token_free(&app->token);
	return rc;
}

enum sg_rc
keys_generate(struct app *app, const struct sg_keygen_opts *opts,
    char **out_uri, struct sg_err *err)
{
	SG_AUTO(sg_lock) lock = NULL;
	enum sg_rc rc;

	rc = folder_lock(app->conf, "keygen.lock", KEYGEN_LOCK_MS, &lock, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "wait for our turn to make a key");
	return sg_key_generate(app->token, opts, out_uri, err);
}

enum sg_rc
keys_open_signer(struct app *app, struct sg_err *err)
{
	unsigned int allowed = 0;
	enum sg_backend backend = SG_BACKEND_NATIVE;
	enum sg_rc rc;

	if (app->signer != NULL)
		return SG_OK;
	rc = allow_read(app, &allowed, err);
	if (rc == SG_OK)
		rc = keys_open_token(app, false, err);
	if (rc == SG_OK)
		rc = keys_backend(app, &backend, err);
	if (rc == SG_OK)
		rc = sg_openssl_key_find(
		    app->token, app->key_uri, backend, &app->key, err);
	if (rc != SG_OK)
		return rc;
	allow_apply(app, app->key, allowed);
	app_trace(app, "key: %s", sg_key_info(app->key)->uri);
	rc = sg_signer_new(app->key, app->clock, &app->signer, err);
	if (rc != SG_OK)
		sg_key_free(&app->key);
	return rc;
}

/* Nothing is logged in to find out. */
static enum sg_rc
close_other_token(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_token) token = NULL;
	const struct sg_token_info *open = sg_token_info(app->token);
	struct sg_token_opts opts;
	bool is_same;
	enum sg_rc rc;

	rc = keys_token_opts(app, false, &opts, err);
	if (rc == SG_OK)
		rc = sg_token_open(&opts, &token, err);
	if (rc != SG_OK)
		return rc;
	is_same = strcmp(sg_token_info(token)->uri, open->uri) == 0 &&
		  strcmp(sg_token_info(token)->module, open->module) == 0;
	sg_token_free(&token);
	if (!is_same)
		sg_token_free(&app->token);
	return SG_OK;
}

enum sg_rc
keys_open_another(struct app *app, const char *uri, struct sg_err *err)
{
	enum sg_rc rc;

	sg_signer_free(&app->signer);
	sg_key_free(&app->key);
	rc = keys_name(app, uri, err);
	if (rc == SG_OK && app->token != NULL)
		rc = close_other_token(app, err);
	return rc == SG_OK ? keys_open_signer(app, err) : rc;
}

enum sg_rc
keys_open_named(struct app *app, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	if (app->args.operand_count > 0)
		rc = keys_name(app, app->args.operands[0], err);
	return rc == SG_OK ? keys_open_signer(app, err) : rc;
}

enum sg_rc
keys_describe(struct app *app, bool writable,
    enum sg_rc (*each)(
	void *ctx, const struct sg_key_info *key, struct sg_err *err),
    void *ctx, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	if (app->args.operand_count > 0)
		rc = keys_name(app, app->args.operands[0], err);
	if (rc == SG_OK)
		rc = keys_open_token(app, writable, err);
	if (rc != SG_OK)
		return rc;
	return sg_key_describe(app->token, app->key_uri, each, ctx, err);
}
