/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mint.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/app.h"
#include "cli/key/keys.h"
#include "cli/uat/stopped.h"
#include "signer/claims.h"
#include "signer/scope.h"
#include "signer/signer.h"

/* Scopes that are told to be undocumented. */
#define HINTS_MAX	5

#define CLAIMS_FILE_MAX (64 * 1024)

enum sg_rc
mint_kid(struct app *app, const char *thumbprint, const char **out_kid,
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
mint_scopes(struct app *app, struct sg_err *err)
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

/* Once a run, however many JWTs it takes. */
static void
hint_at_scopes(struct app *app)
{
	const char *nearest;
	size_t hints = 0;
	size_t i;

	if (app->scopes_hinted)
		return;
	app->scopes_hinted = true;
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

static bool
has_control(const char *text)
{
	unsigned int code = 0;

	for (; *text != '\0'; text++)
		if (sg_utf8_control(text, &code) > 0)
			return true;
	return false;
}

enum sg_rc
mint_issuer(struct app *app, const char **out_issuer, struct sg_err *err)
{
	bool given = app_given(app, OPT_ISSUER);
	const char *issuer = NULL;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_ISSUER, &issuer, err);
	if (rc != SG_OK)
		return rc;
	if (issuer != NULL && has_control(issuer))
		return sg_fail(err, given ? SG_E_USAGE : SG_E_CONFIG,
		    "%s must be one line without control characters, and is "
		    "\"%s\"",
		    given ? "--issuer"
			  : conf_written_name(app->conf, CONF_ISSUER),
		    issuer);
	*out_issuer = issuer;
	return SG_OK;
}

enum sg_rc
mint_lifetime(struct app *app, int64_t *out_s, struct sg_err *err)
{
	const char *text = NULL;
	int64_t lifetime_s = 0;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_JWT_LIFETIME, &text, err);
	if (rc != SG_OK)
		return rc;
	if (text != NULL)
		rc = sg_duration_parse(text, &lifetime_s, err);
	if (rc == SG_OK && text != NULL &&
	    (lifetime_s < SG_LIFETIME_MIN_S || lifetime_s > SG_LIFETIME_MAX_S))
		rc = sg_fail(err, SG_E_USAGE,
		    "the lifetime of a JWT is %d s to %d minutes",
		    SG_LIFETIME_MIN_S, SG_LIFETIME_MAX_S / 60);
	if (rc != SG_OK)
		return conf_blame(
		    app->conf, CONF_JWT_LIFETIME, "--lifetime", rc, err);
	*out_s = lifetime_s;
	return SG_OK;
}

enum sg_rc
mint_backdate(struct app *app, int64_t *out_s, struct sg_err *err)
{
	const char *text = NULL;
	int64_t backdate_s = 0;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_JWT_BACKDATE, &text, err);
	if (rc != SG_OK || text == NULL)
		return rc;
	rc = sg_duration_parse(text, &backdate_s, err);
	if (rc == SG_OK && backdate_s > SG_BACKDATE_MAX_S)
		rc = sg_fail(err, SG_E_USAGE,
		    "a JWT is dated back by 0 s to %d s", SG_BACKDATE_MAX_S);
	if (rc != SG_OK)
		return conf_blame(
		    app->conf, CONF_JWT_BACKDATE, "--backdate", rc, err);
	*out_s = backdate_s;
	return SG_OK;
}

static enum sg_rc
fill_claims(struct app *app, struct sg_claims *claims, struct sg_err *err)
{
	enum sg_rc rc;

	rc = mint_issuer(app, &claims->issuer, err);
	if (rc == SG_OK)
		rc = conf_get(
		    app->conf, CONF_TENANT_ID, &claims->tenant_id, err);
	if (rc == SG_OK)
		rc = conf_get(app->conf, CONF_USERNAME, &claims->username, err);
	if (rc == SG_OK)
		rc = conf_get(app->conf, CONF_USERNAME_CLAIM,
		    &claims->username_claim, err);
	if (rc == SG_OK)
		rc = mint_lifetime(app, &claims->lifetime_s, err);
	if (rc == SG_OK)
		rc = mint_backdate(app, &claims->backdate_s, err);
	if (rc == SG_OK)
		rc = mint_scopes(app, err);
	claims->scopes = &app->scopes;
	return rc;
}

/* Everything is checked before the token is opened and a PIN is spent. */
static enum sg_rc
mint_with(struct app *app, struct extras *extras, struct sg_secret **out_jwt,
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
	rc = stopped_check(app, err);
	if (rc == SG_OK)
		rc = keys_open_signer(app, err);
	if (rc == SG_OK) /* once more: a PIN may have been waited for */
		rc = stopped_check(app, err);
	if (rc == SG_OK)
		rc = sg_signer_mint(app->signer, &claims, kid, out_jwt, err);
	if (rc == SG_OK)
		hint_at_scopes(app);
	return rc;
}

enum sg_rc
mint_jwt(struct app *app, struct sg_secret **out_jwt, struct sg_err *err)
{
	struct extras extras = {0};
	enum sg_rc rc;

	rc = mint_with(app, &extras, out_jwt, err);
	extras_clear(&extras);
	return rc;
}
