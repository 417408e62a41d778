/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/key/key_show.h"
#include "cli/key/keys.h"
#include "cli/terminal.h"
#include "cli/uat/known.h"
#include "pkcs11/key.h"
#include "pkcs11/keydel.h"
#include "pkcs11/uri.h"

#define NAMES_MAX 1024

/* Of the key to be deleted, beyond the time that its token tells of it. */
struct doomed {
	struct app *app;
	char *uri;
	char thumbprint[SG_THUMBPRINT_SIZE];
	bool is_no_rsa; /* which no UAT configuration carries: RS256 alone */
	bool public_is_told;
};

static enum sg_rc
look_at(void *ctx, const struct sg_key_info *key, struct sg_err *err)
{
	struct doomed *doomed = ctx;
	enum sg_rc rc;

	rc = key_show_thumbprint(key, doomed->thumbprint, err);
	if (rc != SG_OK)
		return rc;
	doomed->is_no_rsa = strcmp(key->type, "EC") == 0;
	doomed->public_is_told = key->rsa.n_len > 0 && !key->rsa_is_unproven;
	return sg_str_copy(key->uri, &doomed->uri, err);
}

static enum sg_rc
tell_carriers(const struct sg_json *configs, struct sg_err *err)
{
	SG_AUTO(sg_buf) names = sg_buf_new(NAMES_MAX);
	const char *name;
	size_t i;

	for (i = 0; i < sg_json_count(configs); i++) {
		name = sg_json_get_text(sg_json_at(configs, i), "name");
		sg_buf_addf(names, "%s\"%.100s\"", i > 0 ? ", " : "",
		    name != NULL ? name : "?");
	}
	return sg_fail(err, SG_E_POLICY,
	    "the key is that of the UAT configuration %s, whose JWTs would "
	    "stop working; change it first with signet uat update, or say "
	    "--force",
	    sg_buf_str(names));
}

/* A public key that an object beside the private one tells of may be another:
 * then no configuration may be known at all. */
static enum sg_rc
check_unused(struct app *app, const struct doomed *doomed, struct sg_err *err)
{
	SG_AUTO(sg_json) configs = NULL;
	enum sg_rc rc;

	if (app_given(app, OPT_FORCE) || doomed->is_no_rsa)
		return SG_OK;
	if (doomed->thumbprint[0] != '\0') {
		rc = known_carriers(app, doomed->thumbprint, &configs, err);
		if (rc != SG_OK || configs != NULL)
			return rc != SG_OK ? rc : tell_carriers(configs, err);
	}
	if (doomed->public_is_told)
		return SG_OK;
	rc = known_carriers(app, NULL, &configs, err);
	if (rc != SG_OK || configs == NULL)
		return rc;
	return sg_fail(err, SG_E_POLICY,
	    "the key does not tell its public half, so it may be that of a "
	    "known UAT configuration; say --force to delete it all the same");
}

static enum sg_rc
confirm(struct app *app, const struct doomed *doomed, struct sg_err *err)
{
	SG_AUTO_STR question = NULL;

	if (app_given(app, OPT_YES))
		return SG_OK;
	if (asprintf(&question, "Delete the key %s? It cannot be brought back.",
		doomed->uri) < 0)
		return sg_fail_nomem(err);
	return terminal_confirm(question, err);
}

/* Answering takes its time, and somebody may have put another key there. */
static enum sg_rc
check_same(struct app *app, const struct doomed *shown, struct sg_err *err)
{
	struct doomed now = {.app = app};
	bool is_same;
	enum sg_rc rc;

	if (app_given(app, OPT_YES))
		return SG_OK;
	rc = keys_describe(app, true, look_at, &now, err);
	if (rc != SG_OK)
		return rc;
	is_same = strcmp(now.uri, shown->uri) == 0 &&
		  strcmp(now.thumbprint, shown->thumbprint) == 0;
	sg_str_free(&now.uri);
	if (is_same)
		return SG_OK;
	return sg_fail(err, SG_E_NOT_FOUND,
	    "another key is in its place now, and was not deleted: %s",
	    shown->uri);
}

static enum sg_rc
delete_key(struct app *app, struct doomed *doomed, struct sg_err *err)
{
	SG_AUTO(sg_uri) uri = NULL;
	bool public_stays = false;
	enum sg_rc rc;

	rc = keys_describe(app, true, look_at, doomed, err);
	if (rc == SG_OK)
		rc = check_unused(app, doomed, err);
	if (rc == SG_OK)
		rc = confirm(app, doomed, err);
	if (rc == SG_OK)
		rc = check_same(app, doomed, err);
	if (rc == SG_OK)
		rc = sg_uri_parse(doomed->uri, &uri, err);
	if (rc == SG_OK)
		rc = sg_key_delete(app->token, uri, &public_stays, err);
	if (rc != SG_OK)
		return rc;
	if (public_stays)
		app_hint(app,
		    "a public key that may belong to it stays, as that cannot "
		    "be told; delete it with the token's own tool");
	if (!app_json(app)) {
		app_field(app, "deleted", doomed->uri);
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_str(&app->json, "deleted", doomed->uri);
	sg_jsonw_str(&app->json, "thumbprint",
	    doomed->thumbprint[0] != '\0' ? doomed->thumbprint : NULL);
	return app_json_end(app, err);
}

enum sg_rc
cmd_key_delete(struct app *app, struct sg_err *err)
{
	struct doomed doomed = {.app = app};
	enum sg_rc rc;

	rc = delete_key(app, &doomed, err);
	sg_str_free(&doomed.uri);
	return rc;
}
