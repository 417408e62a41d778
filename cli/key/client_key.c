/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key/client_key.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/app.h"
#include "cli/conf_trust.h"
#include "cli/key/allow.h"
#include "cli/key/keys.h"
#include "cli/secret_source.h"
#include "pkcs11/key.h"
#include "pkcs11/tls.h"
#include "pkcs11/token.h"
#include "pkcs11/uri.h"

void
client_key_close(struct app *app)
{
	sg_tls_key_free(&app->tls_key);
	sg_token_free(&app->client_token);
	sg_uri_free(&app->client_uri);
}

enum sg_rc
client_key_is_in_token(struct app *app, bool *out_is, struct sg_err *err)
{
	const char *text = NULL;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_CLIENT_KEY, &text, err);
	if (rc != SG_OK)
		return rc;
	*out_is = text != NULL && sg_text_starts(text, "pkcs11:");
	return SG_OK;
}

static enum sg_rc
load_uri(struct app *app, struct sg_err *err)
{
	const char *text = NULL;
	enum sg_rc rc;

	rc = conf_need(app->conf, CONF_CLIENT_KEY, &text, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_uri_parse(text, &app->client_uri, err);
	if (rc == SG_E_USAGE)
		rc = sg_recast(err, SG_E_CONFIG);
	if (rc != SG_OK)
		return sg_context(err, rc, "read SIGNET_CLIENT_KEY");
	return SG_OK;
}

/* The URI's own module, else that of SIGNET_KEY. */
static enum sg_rc
fill_opts(struct app *app, struct sg_token_opts *opts, struct sg_err *err)
{
	const char *path = sg_uri_module_path(app->client_uri);
	enum sg_rc rc;

	rc = keys_token_opts(app, false, opts, err);
	if (rc != SG_OK)
		return rc;
	opts->uri = app->client_uri;
	if (path == NULL)
		return SG_OK;
	opts->module_path = path;
	return conf_trust_module(
	    conf_origin_of(app->conf, CONF_CLIENT_KEY), path, err);
}

/* Another token has another PIN: SIGNET_PIN_SOURCE would cost it a try. */
static enum sg_rc
get_pin(void *ctx, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err)
{
	struct app *app = ctx;
	const char *source = sg_uri_pin_source(app->client_uri);
	int64_t limit_ms = 0;
	char what[64];
	enum sg_rc rc;

	rc = conf_trust_pin_source(conf_origin_of(app->conf, CONF_CLIENT_KEY),
	    CONF_CLIENT_KEY, source, err);
	if (rc != SG_OK)
		return rc;
	if (source == NULL &&
	    conf_origin_of(app->conf, CONF_KEY) == CONF_NOWHERE)
		return keys_pin(app, token, out_pin, err);
	rc = keys_ledger(app, err);
	if (rc == SG_OK)
		rc = app_timeout(app, &limit_ms, err);
	if (rc != SG_OK)
		return rc;
	(void)snprintf(what, sizeof(what), "PIN of token \"%s\"", token->label);
	return secret_source_read(source, what, limit_ms, out_pin, err);
}

static bool
is_same(const struct sg_token *one, const struct sg_token *other)
{
	const struct sg_token_info *a = sg_token_info(one);
	const struct sg_token_info *b = sg_token_info(other);

	return strcmp(a->uri, b->uri) == 0 && strcmp(a->module, b->module) == 0;
}

/* Is the client's token also that of SIGNET_KEY? Nothing is logged in, and a
 * token that is not there is no fault as long as nobody signs with it. */
static bool
is_of_signer(struct app *app)
{
	SG_AUTO(sg_token) other = NULL;
	struct sg_token_opts opts;

	if (app->token != NULL)
		return is_same(app->client_token, app->token);
	if (conf_origin_of(app->conf, CONF_KEY) == CONF_NOWHERE ||
	    keys_token_opts(app, false, &opts, NULL) != SG_OK ||
	    sg_token_open(&opts, &other, NULL) != SG_OK)
		return false;
	return is_same(app->client_token, other);
}

static enum sg_rc
open_token(struct app *app, struct sg_token **out_token, struct sg_err *err)
{
	const struct sg_pin_source pin = {.get = get_pin, .ctx = app};
	struct sg_token_opts opts;
	enum sg_rc rc;

	rc = fill_opts(app, &opts, err);
	if (rc == SG_OK)
		rc = sg_token_open(&opts, &app->client_token, err);
	if (rc != SG_OK)
		return rc;
	if (is_of_signer(app)) {
		sg_token_free(&app->client_token);
		rc = keys_open_token(app, false, err);
		*out_token = app->token;
		return rc;
	}
	*out_token = app->client_token;
	return sg_token_login(app->client_token, &pin, err);
}

enum sg_rc
client_key_open(struct app *app, struct sg_err *err)
{
	enum sg_backend backend = SG_BACKEND_NATIVE;
	struct sg_token *token = NULL;
	const char *cert = NULL;
	unsigned int allowed = 0;
	enum sg_rc rc;

	if (app->tls_key != NULL)
		return SG_OK;
	rc = load_uri(app, err);
	if (rc == SG_OK)
		rc = conf_need(app->conf, CONF_CLIENT_CERT, &cert, err);
	if (rc == SG_OK)
		rc = keys_backend(app, &backend, err);
	if (rc == SG_OK)
		rc = allow_read(app, &allowed, err);
	if (rc != SG_OK)
		return rc;
	rc = open_token(app, &token, err);
	if (rc == SG_OK)
		rc = sg_tls_key_open(token, app->client_uri, backend, cert,
		    allowed, &app->tls_key, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "open SIGNET_CLIENT_KEY");
	allow_tell(app, sg_tls_key_info(app->tls_key), allowed);
	app_trace(app, "client key: %s", sg_tls_key_info(app->tls_key)->uri);
	return SG_OK;
}
