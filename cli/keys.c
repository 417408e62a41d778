/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/secret.h"
#include "cli/app.h"
#include "cli/secret_source.h"
#include "pkcs11/key.h"
#include "pkcs11/uri.h"
#include "signer/claims.h"
#include "signer/scope.h"
#include "signer/signer.h"

/* Scopes that are told to be undocumented. */
#define HINTS_MAX	5

#define CLAIMS_FILE_MAX (64 * 1024)

void
keys_close(struct app *app)
{
	sg_signer_free(&app->signer);
	sg_key_free(&app->key);
	sg_token_free(&app->token);
	sg_uri_free(&app->key_uri);
	sg_uri_free(&app->configured_uri);
	sg_list_clear(&app->scopes);
}

static enum sg_rc
check_backend(struct app *app, struct sg_err *err)
{
	const char *backend = NULL;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_BACKEND, &backend, err);
	if (rc != SG_OK || backend == NULL || strcmp(backend, "native") == 0)
		return rc;
	return sg_fail(err, SG_E_CONFIG,
	    "SIGNET_BACKEND \"%s\" is not built into this signet; use native",
	    backend);
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
keys_token_opts(struct app *app, bool writable, struct sg_token_opts *out_opts,
    struct sg_err *err)
{
	struct sg_token_opts opts = {.writable = writable};
	enum conf_origin origin = CONF_NOWHERE;
	enum sg_rc rc;

	rc = check_backend(app, err);
	if (rc == SG_OK)
		rc = load_uris(app, err);
	if (rc == SG_OK)
		rc = find_explicit(app, CONF_MODULE, sg_uri_module_path,
		    &opts.module_path, &origin, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_MODULE_ARGS, &opts.module_args, err);
	if (rc == SG_OK && opts.module_path != NULL)
		rc =
		    conf_check_module(app->conf, origin, opts.module_path, err);
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
	if (source != NULL && origin == CONF_LOCAL_FILE &&
	    secret_source_runs_command(source))
		return sg_fail(err, SG_E_CONFIG,
		    "./.env may not name a command to run as PIN source; set "
		    "SIGNET_PIN_SOURCE in the environment or in a file named "
		    "with --config");
	*out_source = source;
	return SG_OK;
}

static enum sg_rc
get_pin(void *ctx, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err)
{
	struct app *app = ctx;
	const char *source = NULL;
	char what[64];
	enum sg_rc rc;

	rc = pin_source(app, &source, err);
	if (rc != SG_OK)
		return rc;
	(void)snprintf(what, sizeof(what), "PIN of token \"%s\"", token->label);
	if (token->pin_count_low)
		app_hint(app,
		    "a wrong PIN was given to token \"%s\" before; few tries "
		    "are left",
		    token->label);
	return secret_source_read(source, what, out_pin, err);
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
keys_open_signer(struct app *app, struct sg_err *err)
{
	enum sg_rc rc;

	if (app->signer != NULL)
		return SG_OK;
	rc = keys_open_token(app, false, err);
	if (rc == SG_OK)
		rc = sg_key_find(app->token, app->key_uri, &app->key, err);
	if (rc != SG_OK)
		return rc;
	app_trace(app, "key: %s", sg_key_info(app->key)->uri);
	rc = sg_signer_new(app->key, app->clock, &app->signer, err);
	if (rc != SG_OK)
		sg_key_free(&app->key);
	return rc;
}

enum sg_rc
keys_kid(struct app *app, const char *thumbprint, const char **out_kid,
    struct sg_err *err)
{
	const char *kid = NULL;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_KID, &kid, err);
	if (rc != SG_OK)
		return rc;
	if (kid == NULL || strcmp(kid, "thumbprint") == 0)
		kid = thumbprint;
	*out_kid = strcmp(kid, "none") == 0 ? NULL : kid;
	return SG_OK;
}

/* Each scope once, and each well-formed. */
static enum sg_rc
add_scopes(struct app *app, const char *text, struct sg_err *err)
{
	struct sg_list words = {0};
	enum sg_rc rc;
	size_t i;

	rc = sg_list_add_words(&words, text, err);
	for (i = 0; rc == SG_OK && i < words.count; i++) {
		rc = sg_scope_check(words.items[i], err);
		if (rc == SG_OK && !sg_list_has(&app->scopes, words.items[i]))
			rc = sg_list_add(&app->scopes, words.items[i], err);
	}
	sg_list_clear(&words);
	return rc;
}

enum sg_rc
keys_scopes(struct app *app, struct sg_err *err)
{
	const struct sg_list *given = &app->args.lists[OPT_SCOPE];
	const char *text = NULL;
	enum sg_rc rc = SG_OK;
	size_t i;

	if (app->scopes.count > 0)
		return SG_OK;
	for (i = 0; rc == SG_OK && i < given->count; i++)
		rc = add_scopes(app, given->items[i], err);
	if (rc != SG_OK || given->count > 0)
		return rc;
	rc = conf_get(app->conf, CONF_SCOPES, &text, err);
	if (rc != SG_OK || text == NULL)
		return rc;
	return conf_blame(
	    app->conf, CONF_SCOPES, "--scope", add_scopes(app, text, err), err);
}

static void
hint_at_scopes(const struct app *app)
{
	const char *nearest;
	size_t hints = 0;
	size_t i;

	for (i = 0; i < app->scopes.count && hints < HINTS_MAX; i++) {
		const char *scope = app->scopes.items[i];

		if (sg_scope_is_known(scope))
			continue;
		nearest = sg_scope_nearest(scope);
		app_hint(app, "the scope \"%s\" is not documented%s%s%s", scope,
		    nearest != NULL ? "; did you mean " : "",
		    nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
		hints++;
	}
}

/* Claims beyond the UAT's own: --claims FILE first, then each --claim. */
struct extras {
	struct sg_json *file;
	struct sg_list names; /* of --claim, cut off their texts */
	struct sg_extra_claim *items;
	size_t count;
};

static void
extras_clear(struct extras *extras)
{
	sg_json_free(&extras->file);
	sg_list_clear(&extras->names);
	free(extras->items);
}

static enum sg_rc
read_claims_file(struct app *app, struct extras *extras, struct sg_err *err)
{
	const char *path = app_value(app, OPT_CLAIMS);
	SG_AUTO(sg_buf) text = NULL;
	enum sg_rc rc;

	if (path == NULL)
		return SG_OK;
	rc = app_read_input(path, "--claims", CLAIMS_FILE_MAX, &text, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_json_parse(text->data, text->len, &extras->file, err);
	if (rc == SG_OK && !sg_json_is_object(extras->file))
		rc = sg_fail(err, SG_E_INVALID, "not a JSON object");
	if (rc == SG_OK)
		return SG_OK;
	if (rc == SG_E_INVALID)
		rc = sg_recast(err, SG_E_USAGE);
	return sg_context(err, rc, "read the claims of %s",
	    strcmp(path, "-") == 0 ? "stdin" : path);
}

static enum sg_rc
take_claim_option(struct extras *extras, const char *text, struct sg_err *err)
{
	struct sg_extra_claim *item = &extras->items[extras->count];
	const char *equals = strchr(text, '=');
	enum sg_rc rc;
	char *name;

	if (equals == NULL)
		return sg_fail(err, SG_E_USAGE,
		    "--claim \"%s\" must have the form NAME=TEXT", text);
	rc = sg_list_add(&extras->names, text, err);
	if (rc != SG_OK)
		return rc;
	name = extras->names.items[extras->names.count - 1];
	name[equals - text] = '\0';
	item->name = name;
	item->text = equals + 1;
	extras->count++;
	return SG_OK;
}

static enum sg_rc
collect_extras(struct app *app, struct extras *extras, struct sg_err *err)
{
	const struct sg_list *given = &app->args.lists[OPT_CLAIM];
	const struct sg_json *value;
	const char *name = NULL;
	enum sg_rc rc;
	size_t i;

	rc = read_claims_file(app, extras, err);
	if (rc != SG_OK)
		return rc;
	extras->items = calloc(sg_json_count(extras->file) + given->count + 1,
	    sizeof(*extras->items));
	if (extras->items == NULL)
		return sg_fail_nomem(err);
	while (extras->file != NULL &&
	       (name = sg_json_next(extras->file, name, &value)) != NULL) {
		extras->items[extras->count].name = name;
		extras->items[extras->count++].json = value;
	}
	for (i = 0; i < given->count; i++) {
		rc = take_claim_option(extras, given->items[i], err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

static enum sg_rc
fill_claims(struct app *app, struct sg_claims *claims, struct sg_err *err)
{
	const char *lifetime = NULL;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_ISSUER, &claims->issuer, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_TENANT_ID, &claims->tenant_id, err);
	if (rc == SG_OK)
		rc = conf_get(app->conf, CONF_USERNAME, &claims->username, err);
	if (rc == SG_OK)
		rc = conf_get(app->conf, CONF_USERNAME_CLAIM,
		    &claims->username_claim, err);
	if (rc == SG_OK)
		rc = conf_get(app->conf, CONF_JWT_LIFETIME, &lifetime, err);
	if (rc == SG_OK)
		rc = keys_scopes(app, err);
	if (rc != SG_OK)
		return rc;
	claims->scopes = &app->scopes;
	if (lifetime == NULL)
		return SG_OK;
	rc = sg_duration_parse(lifetime, &claims->lifetime_s, err);
	if (rc == SG_OK && (claims->lifetime_s < SG_LIFETIME_MIN_S ||
			       claims->lifetime_s > SG_LIFETIME_MAX_S))
		rc = sg_fail(err, SG_E_USAGE,
		    "the lifetime of a JWT is %d s to %d minutes",
		    SG_LIFETIME_MIN_S, SG_LIFETIME_MAX_S / 60);
	return conf_blame(app->conf, CONF_JWT_LIFETIME, "--lifetime", rc, err);
}

/* Everything is checked before the token is opened and a PIN is spent. */
static enum sg_rc
mint(struct app *app, struct extras *extras, struct sg_secret **out_jwt,
    struct sg_err *err)
{
	struct sg_claims claims = {0};
	const char *kid = NULL;
	enum sg_rc rc;

	rc = collect_extras(app, extras, err);
	if (rc == SG_OK)
		rc = fill_claims(app, &claims, err);
	if (rc != SG_OK)
		return rc;
	claims.extra = extras->items;
	claims.extra_count = extras->count;
	rc = sg_claims_check(&claims, err);
	if (rc == SG_OK)
		rc = conf_get(app->conf, CONF_KID, &kid, err);
	if (rc != SG_OK)
		return rc;
	rc = keys_open_signer(app, err);
	if (rc == SG_OK)
		rc = sg_signer_mint(app->signer, &claims, kid, out_jwt, err);
	if (rc == SG_OK)
		hint_at_scopes(app);
	return rc;
}

enum sg_rc
keys_mint(struct app *app, struct sg_secret **out_jwt, struct sg_err *err)
{
	struct extras extras = {0};
	enum sg_rc rc;

	rc = mint(app, &extras, out_jwt, err);
	extras_clear(&extras);
	return rc;
}
