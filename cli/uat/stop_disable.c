/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/stop_disable.h"

#include <stdlib.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cloud/sign_in.h"
#include "cli/rotate/rotate_journal.h"
#include "cli/uat/known.h"
#include "cli/uat/stop_carriers.h"
#include "cli/uat/uat_door.h"
#include "client/uat/uat_copy.h"

#define TRIES	      3 /* where another changes it at the same time */
#define NOT_FOUND     404
#define DEFAULT_CLAIM "email"

struct disabling {
	struct app *app;
	struct uat_door door;
	bool keep_nothing;
	struct stop_disabled *result;
};

/* What fails is kept, and the rest is done. */
static void
note(struct disabling *d, const struct sg_err *fault)
{
	if (d->result->failure.rc == SG_OK)
		d->result->failure = *fault;
}

static void
report_config(struct disabling *d, const char *named,
    const struct sg_uat_config *config, const struct sg_err *fault)
{
	struct app *app = d->app;
	const char *id = config != NULL ? config->config_id : NULL;

	if (!app_json(app)) {
		app_field(app, config != NULL ? "disabled" : "not disabled",
		    id != NULL ? id : named);
		return;
	}
	sg_jsonw_object(&app->json, NULL);
	sg_jsonw_str(&app->json, "configId", id != NULL ? id : named);
	if (config != NULL)
		sg_jsonw_str(&app->json, "name", config->name);
	sg_jsonw_bool(&app->json, "disabled", config != NULL);
	if (config == NULL)
		sg_jsonw_str(&app->json, "error", fault->text);
	sg_jsonw_object_end(&app->json);
}

static void
clear_jwt(struct stop_jwt *jwt)
{
	free(jwt->issuer);
	free(jwt->claim);
	free(jwt->thumbprint);
}

static void
clear_jwts(struct stop_jwts *jwts)
{
	while (jwts->count > 0)
		clear_jwt(&jwts->items[--jwts->count]);
	free(jwts->items);
	jwts->items = NULL;
}

static bool
is_kept(const struct stop_jwts *jwts, const char *issuer, const char *claim,
    const char *thumbprint)
{
	size_t i;

	for (i = 0; i < jwts->count; i++)
		if (strcmp(jwts->items[i].issuer, issuer) == 0 &&
		    strcmp(jwts->items[i].claim, claim) == 0 &&
		    strcmp(jwts->items[i].thumbprint, thumbprint) == 0)
			return true;
	return false;
}

static void
keep(struct disabling *d, struct stop_jwts *jwts, const char *issuer,
    const char *claim, const char *thumbprint)
{
	struct stop_jwt jwt = {0};
	struct stop_jwt *items;
	struct sg_err fault = {0};

	if (claim == NULL)
		claim = DEFAULT_CLAIM;
	if (issuer == NULL || is_kept(jwts, issuer, claim, thumbprint))
		return;
	jwt = (struct stop_jwt){
	    strdup(issuer), strdup(claim), strdup(thumbprint)};
	items = reallocarray(jwts->items, jwts->count + 1, sizeof(*items));
	if (items != NULL)
		jwts->items = items;
	if (items != NULL && jwt.issuer != NULL && jwt.claim != NULL &&
	    jwt.thumbprint != NULL) {
		items[jwts->count++] = jwt;
		return;
	}
	clear_jwt(&jwt);
	(void)sg_fail_nomem(&fault);
	note(d, &fault);
}

/* The JWTs that were signed here until now. */
static void
keep_settings(struct disabling *d)
{
	const struct conf_set *conf = d->app->conf;
	const char *issuer = NULL;
	const char *claim = NULL;

	if (conf_get(conf, CONF_ISSUER, &issuer, NULL) == SG_OK &&
	    conf_get(conf, CONF_USERNAME_CLAIM, &claim, NULL) == SG_OK)
		keep(d, &d->result->refuse, issuer, claim, "");
}

/* A key that cannot be read is none that is shown. */
static void
keep_taken(struct disabling *d, const struct sg_uat_config *config)
{
	char print[SG_THUMBPRINT_SIZE] = "";

	if (sg_uat_config_thumbprint(config, print, NULL) != SG_OK)
		print[0] = '\0';
	keep(d, &d->result->refuse, config->issuer, config->username_claim, "");
	keep(d, &d->result->taken, config->issuer, config->username_claim,
	    print);
}

/* @p may_be_gone: it was not listed, but known from before. */
static void
disable_one(struct disabling *d, const char *named, bool may_be_gone)
{
	static const bool off = false;
	const struct sg_uat_change change = {.enabled = &off};
	SG_AUTO(sg_uat_config) config = NULL;
	struct sg_err fault = {0};
	enum sg_rc rc;
	int tries = 0;

	do {
		sg_err_clear(&fault);
		rc = sg_uat_update(
		    &d->door.uat, named, &change, &config, &fault);
	} while (rc == SG_E_REFUSED && fault.native == 412 && ++tries < TRIES);
	if (may_be_gone && rc == SG_E_REFUSED && fault.native == NOT_FOUND) {
		app_hint(d->app, "%s is not there any more", named);
		return;
	}
	if (rc == SG_OK) {
		d->result->count++;
		known_saw(d->app, config);
		keep_taken(d, config);
	} else {
		note(d, &fault);
	}
	report_config(d, named, config, &fault);
}

/* A door, mostly by the PAT: the token may be what is lost, and a session of
 * the configuration that is disabled may end with it. Nothing is kept of it
 * where it can be had again: a full disk is no reason to fail. */
static enum sg_rc
open_door(struct disabling *d, struct sg_err *err)
{
	struct app *app = d->app;
	enum sg_session_kind kind = SG_SESSION_PAT;
	enum sg_rc rc;

	rc = sign_in_kind(app, SG_SESSION_PAT, &kind, err);
	if (rc != SG_OK)
		return rc;
	app->args.given[OPT_PAT] = kind == SG_SESSION_PAT;
	if (kind == SG_SESSION_PAT || d->keep_nothing)
		app->args.given[OPT_NO_CACHE] = true;
	return uat_door_open_at_once(app, &d->door, err);
}

static void
disable_named(struct disabling *d, const struct sg_err *closed)
{
	const struct args *args = &d->app->args;
	size_t i;

	for (i = 0; i < args->operand_count; i++) {
		if (closed->rc == SG_OK)
			disable_one(d, args->operands[i], false);
		else
			report_config(d, args->operands[i], NULL, closed);
	}
}

static void
disable_from(struct disabling *d, const struct stop_carriers *c, size_t first)
{
	size_t i;

	for (i = first; i < c->ids.count; i++)
		disable_one(d, c->ids.items[i],
		    !stop_carriers_listed(c, c->ids.items[i]));
}

/* First what shows the key, since looking into key sets takes its time. */
static void
disable_carriers(struct disabling *d)
{
	struct stop_carriers carriers = {.app = d->app, .uat = &d->door.uat};
	struct sg_err fault = {0};
	size_t count;

	if (stop_carriers_find(&carriers, &fault) != SG_OK)
		note(d, &fault);
	count = carriers.ids.count;
	disable_from(d, &carriers, 0);
	sg_err_clear(&fault);
	if (stop_carriers_look(&carriers, &fault) != SG_OK)
		note(d, &fault);
	disable_from(d, &carriers, count);
	stop_carriers_clear(&carriers);
	sg_err_clear(&fault);
	if (d->result->count > 0)
		return;
	(void)sg_fail_native(&fault, SG_E_REFUSED, NOT_FOUND,
	    "no UAT configuration was found that takes this key, so none was "
	    "disabled; see signet uat list --pat, and name them: signet uat "
	    "stop ID");
	note(d, &fault);
}

/* Its key stays stopped, but it is not at its end. */
static void
tell_of_rotation(struct app *app)
{
	struct sg_list open = {0};

	if (rotate_journal_open_configs(app, &open, NULL) == SG_OK &&
	    open.count > 0)
		app_hint(app,
		    "a rotation is not finished, with the configurations %s%s%s"
		    "%s; as long as signing is stopped, signet uat rotate goes "
		    "neither on nor back",
		    open.items[0], open.count > 1 ? " and " : "",
		    open.count > 1 ? open.items[1] : "",
		    open.count > 2 ? " and more" : "");
	sg_list_clear(&open);
}

/* Configurations as an array of the product, or a line each. */
static void
disable_all(struct disabling *d)
{
	struct app *app = d->app;
	struct sg_err closed = {0};

	if (app_json(app))
		sg_jsonw_array(&app->json, "configurations");
	if (open_door(d, &closed) != SG_OK)
		note(d, &closed);
	if (app->args.operand_count > 0)
		disable_named(d, &closed);
	else if (closed.rc == SG_OK)
		disable_carriers(d);
	if (app_json(app))
		sg_jsonw_array_end(&app->json);
	else if (d->result->count == 0 && app->args.operand_count == 0)
		app_field(app, "disabled", "no configuration");
}

void
stop_disable(struct app *app, bool keep_nothing, struct stop_disabled *out)
{
	struct disabling disabling = {
	    .app = app, .keep_nothing = keep_nothing, .result = out};

	keep_settings(&disabling);
	disable_all(&disabling);
	tell_of_rotation(app);
	uat_door_close(&disabling.door);
}

bool
stop_disabled_takes(const struct stop_disabled *disabled, const char *issuer,
    const char *thumbprint)
{
	size_t i;

	for (i = 0; i < disabled->taken.count; i++) {
		const struct stop_jwt *jwt = &disabled->taken.items[i];

		if (strcmp(jwt->issuer, issuer) == 0 &&
		    (jwt->thumbprint[0] == '\0' ||
			strcmp(jwt->thumbprint, thumbprint) == 0))
			return true;
	}
	return false;
}

void
stop_disabled_clear(struct stop_disabled *disabled)
{
	clear_jwts(&disabled->taken);
	clear_jwts(&disabled->refuse);
}
