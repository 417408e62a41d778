/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/cloud/sign_in.h"
#include "cli/cmd.h"
#include "cli/rotate/rotate_journal.h"
#include "cli/uat/known.h"
#include "cli/uat/stop_carriers.h"
#include "cli/uat/stop_effect.h"
#include "cli/uat/stopped.h"
#include "cli/uat/uat_door.h"
#include "client/session/session.h"

#define PATH_MAX_LEN  4096
#define TRIES	      3 /* where another changes it at the same time */
#define NOT_FOUND     404
#define DEFAULT_CLAIM "email"

/* How the stop went so far. What fails is kept, and the rest is done. */
struct stop {
	struct app *app;
	struct uat_door *door;
	size_t disabled;
	struct sg_list issuers; /* of the JWTs that must be refused, and */
	struct sg_list claims;	/* which claim of them names the user */
	struct sg_err unmarked; /* why signing here goes on */
	struct sg_err failure;	/* the first of the rest */
	bool still_signs_in;
	bool unconfirmed;
};

static void
note(struct stop *stop, const struct sg_err *fault)
{
	if (stop->failure.rc == SG_OK)
		stop->failure = *fault;
}

static void
report_config(struct stop *stop, const char *named,
    const struct sg_uat_config *config, const struct sg_err *fault)
{
	struct app *app = stop->app;
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
keep_issuer(struct stop *stop, const char *issuer, const char *claim)
{
	struct sg_err fault = {0};
	size_t i;

	if (issuer == NULL)
		return;
	if (claim == NULL)
		claim = DEFAULT_CLAIM;
	for (i = 0; i < stop->claims.count; i++)
		if (strcmp(stop->issuers.items[i], issuer) == 0 &&
		    strcmp(stop->claims.items[i], claim) == 0)
			return;
	if (sg_list_add(&stop->issuers, issuer, &fault) != SG_OK ||
	    sg_list_add(&stop->claims, claim, &fault) != SG_OK)
		note(stop, &fault);
}

/* The JWTs that were signed here until now. */
static void
keep_settings(struct stop *stop)
{
	const struct conf_set *conf = stop->app->conf;
	const char *issuer = NULL;
	const char *claim = NULL;

	if (conf_get(conf, CONF_ISSUER, &issuer, NULL) == SG_OK &&
	    conf_get(conf, CONF_USERNAME_CLAIM, &claim, NULL) == SG_OK)
		keep_issuer(stop, issuer, claim);
}

/* @p may_be_gone: it was not listed, but known from before. */
static void
disable_one(struct stop *stop, const char *named, bool may_be_gone)
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
		    &stop->door->uat, named, &change, &config, &fault);
	} while (rc == SG_E_REFUSED && fault.native == 412 && ++tries < TRIES);
	if (may_be_gone && rc == SG_E_REFUSED && fault.native == NOT_FOUND) {
		app_hint(stop->app, "%s is not there any more", named);
		return;
	}
	if (rc == SG_OK) {
		stop->disabled++;
		known_saw(stop->app, config);
		keep_issuer(stop, config->issuer, config->username_claim);
	} else {
		note(stop, &fault);
	}
	report_config(stop, named, config, &fault);
}

/* A door, mostly by the PAT: the token may be what is lost, and a session of
 * the configuration that is disabled may end with it. Nothing is kept of it
 * where it can be had again: a full disk is no reason to fail. */
static enum sg_rc
open_door(struct stop *stop, struct sg_err *err)
{
	struct app *app = stop->app;
	enum sg_session_kind kind = SG_SESSION_PAT;
	enum sg_rc rc;

	rc = sign_in_kind(app, SG_SESSION_PAT, &kind, err);
	if (rc != SG_OK)
		return rc;
	app->args.given[OPT_PAT] = kind == SG_SESSION_PAT;
	if (kind == SG_SESSION_PAT || stop->unmarked.rc != SG_OK)
		app->args.given[OPT_NO_CACHE] = true;
	return uat_door_open_to_change(app, stop->door, err);
}

static void
disable_named(struct stop *stop, const struct sg_err *closed)
{
	const struct args *args = &stop->app->args;
	size_t i;

	for (i = 0; i < args->operand_count; i++) {
		if (closed->rc == SG_OK)
			disable_one(stop, args->operands[i], false);
		else
			report_config(stop, args->operands[i], NULL, closed);
	}
}

static void
disable_from(struct stop *stop, const struct stop_carriers *c, size_t first)
{
	size_t i;

	for (i = first; i < c->ids.count; i++)
		disable_one(stop, c->ids.items[i],
		    !stop_carriers_listed(c, c->ids.items[i]));
}

/* First what shows the key, since looking into key sets takes its time. */
static void
disable_carriers(struct stop *stop)
{
	struct stop_carriers carriers = {
	    .app = stop->app, .uat = &stop->door->uat};
	struct sg_err fault = {0};
	size_t count;

	if (stop_carriers_find(&carriers, &fault) != SG_OK)
		note(stop, &fault);
	count = carriers.ids.count;
	disable_from(stop, &carriers, 0);
	sg_err_clear(&fault);
	if (stop_carriers_look(&carriers, &fault) != SG_OK)
		note(stop, &fault);
	disable_from(stop, &carriers, count);
	stop_carriers_clear(&carriers);
	sg_err_clear(&fault);
	if (stop->disabled > 0)
		return;
	(void)sg_fail_native(&fault, SG_E_REFUSED, NOT_FOUND,
	    "no UAT configuration was found that takes this key, so none was "
	    "disabled; see signet uat list --pat, and name them: signet uat "
	    "stop ID");
	note(stop, &fault);
}

/* Its key stays stopped, but it is not at its end. */
static void
tell_of_rotation(struct stop *stop)
{
	struct sg_list open = {0};

	if (rotate_journal_open_configs(stop->app, &open, NULL) == SG_OK &&
	    open.count > 0)
		app_hint(stop->app,
		    "a rotation is not finished, with the configurations %s%s%s"
		    "%s; as long as signing is stopped, signet uat rotate goes "
		    "neither on nor back",
		    open.items[0], open.count > 1 ? " and " : "",
		    open.count > 1 ? open.items[1] : "",
		    open.count > 2 ? " and more" : "");
	sg_list_clear(&open);
}

static void
disable_all(struct stop *stop)
{
	struct app *app = stop->app;
	struct sg_err closed = {0};

	if (app_json(app))
		sg_jsonw_array(&app->json, "configurations");
	if (open_door(stop, &closed) != SG_OK)
		note(stop, &closed);
	if (app->args.operand_count > 0)
		disable_named(stop, &closed);
	else if (closed.rc == SG_OK)
		disable_carriers(stop);
	if (app_json(app))
		sg_jsonw_array_end(&app->json);
	else if (stop->disabled == 0 && app->args.operand_count == 0)
		app_field(app, "disabled", "no configuration");
	tell_of_rotation(stop);
}

static void
report_sign_in(struct stop *stop, enum sg_service service, const char *issuer,
    const char *result, const struct sg_err *fault)
{
	struct app *app = stop->app;
	const char *name = sg_service_name(service);
	SG_AUTO(sg_buf) text = NULL;

	if (!app_json(app)) {
		text = sg_buf_new(PATH_MAX_LEN);
		sg_buf_addf(text, "%s%s%s", result, issuer != NULL ? ": " : "",
		    issuer != NULL ? issuer : "");
		app_field(app, name, sg_buf_str(text));
		return;
	}
	sg_jsonw_object(&app->json, NULL);
	sg_jsonw_str(&app->json, "service", name);
	sg_jsonw_str(&app->json, "issuer", issuer);
	sg_jsonw_str(&app->json, "signIn", result);
	if (fault->rc != SG_OK)
		sg_jsonw_str(&app->json, "answer", fault->text);
	sg_jsonw_object_end(&app->json);
}

static void
confirm(struct stop *stop, enum sg_service service, const char *issuer)
{
	static const char *const words[] = {
	    [STOP_EFFECT_SHOWN] = "refused, as it must be",
	    [STOP_EFFECT_NONE] = "STILL WORKS",
	    [STOP_EFFECT_UNKNOWN] = "not confirmed",
	};
	struct sg_err answer = {0};
	enum stop_effect effect = stop_effect(stop->app, service, &answer);

	if (effect == STOP_EFFECT_NONE)
		stop->still_signs_in = true;
	if (effect == STOP_EFFECT_UNKNOWN) {
		stop->unconfirmed = true;
		note(stop, &answer);
	}
	report_sign_in(stop, service, issuer, words[effect], &answer);
}

/* With a JWT as the settings make it, and as each that was disabled asks for
 * it. */
static void
confirm_all(struct stop *stop)
{
	struct app *app = stop->app;
	bool has_site =
	    conf_origin_of(app->conf, CONF_POD_URL) != CONF_NOWHERE &&
	    conf_origin_of(app->conf, CONF_SITE_ID) != CONF_NOWHERE;
	const char *issuer = NULL;
	size_t i = 0;

	if (app_json(app))
		sg_jsonw_array(&app->json, "confirmations");
	do {
		if (i < stop->claims.count) {
			issuer = stop->issuers.items[i];
			conf_override(app->conf, CONF_ISSUER, issuer);
			conf_override(app->conf, CONF_USERNAME_CLAIM,
			    stop->claims.items[i]);
		}
		confirm(stop, SG_SERVICE_TCM, issuer);
		if (has_site)
			confirm(stop, SG_SERVICE_TABLEAU, issuer);
	} while (++i < stop->claims.count);
	if (app_json(app))
		sg_jsonw_array_end(&app->json);
}

static enum sg_rc
verdict(const struct stop *stop, struct sg_err *err)
{
	const struct sg_err *failure = &stop->failure;

	if (stop->unmarked.rc != SG_OK)
		return sg_fail_native(err,
		    stop->still_signs_in ? SG_E_REFUSED : stop->unmarked.rc,
		    stop->unmarked.native, "SIGNING HERE GOES ON: %s%s%s%s",
		    stop->unmarked.text,
		    stop->still_signs_in
			? "; and A JWT OF THIS KEY STILL SIGNS IN"
			: "",
		    failure->rc != SG_OK ? "; also: " : "", failure->text);
	if (stop->still_signs_in)
		return sg_fail(err, SG_E_REFUSED,
		    "A JWT OF THIS KEY STILL SIGNS IN, though nothing here "
		    "signs one any more; see signet uat list%s%s",
		    failure->rc != SG_OK ? "; also: " : "", failure->text);
	if (failure->rc == SG_OK)
		return SG_OK;
	return sg_fail_native(err, failure->rc, failure->native,
	    "signing is stopped here, but %s: %s",
	    stop->unconfirmed ? "that no JWT signs in is not confirmed"
			      : "not everything was disabled",
	    failure->text);
}

static void
report_mark(struct stop *stop, const char *path)
{
	const struct sg_err *unmarked = &stop->unmarked;
	struct app *app = stop->app;
	SG_AUTO(sg_buf) no = NULL;

	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_str(
		    &app->json, "stopped", unmarked->rc == SG_OK ? path : NULL);
		if (unmarked->rc != SG_OK)
			sg_jsonw_str(&app->json, "error", unmarked->text);
		return;
	}
	no = sg_buf_new(PATH_MAX_LEN);
	sg_buf_addf(no, "NO: %s", unmarked->text);
	app_field(
	    app, "stopped", unmarked->rc == SG_OK ? path : sg_buf_str(no));
}

static enum sg_rc
stop_all(struct app *app, struct stop *stop, struct sg_err *err)
{
	SG_AUTO(sg_buf) mark = sg_buf_new(PATH_MAX_LEN);
	enum sg_rc rc;

	/* First, so that nothing here signs whatever comes after it. Where it
	 * cannot be, the rest is all the more urgent. */
	rc = stopped_set(app, mark, &stop->unmarked);
	app->is_stopping = true;
	report_mark(stop, sg_buf_str(mark));
	keep_settings(stop);
	disable_all(stop);
	confirm_all(stop);
	app_hint(app,
	    "sessions that are open are not ended by this; those kept here: "
	    "signet logout");
	app->out_stands = true;
	if (app_json(app)) {
		sg_jsonw_bool(&app->json, "confirmed",
		    !stop->still_signs_in && !stop->unconfirmed);
		rc = app_json_end(app, err);
	} else {
		rc = sg_buf_check(app->out, "the output", err);
	}
	return rc == SG_OK ? verdict(stop, err) : rc;
}

static enum sg_rc
lift(struct app *app, struct sg_err *err)
{
	bool was = false;
	enum sg_rc rc;

	if (app->args.operand_count > 0)
		return sg_fail(err, SG_E_USAGE,
		    "--lift lets signing here go on, and names no "
		    "configuration; see signet uat enable");
	rc = stopped_lift(app, &was, err);
	if (rc != SG_OK)
		return rc;
	app_hint(app, was ? "configurations stay as they are; see signet uat "
			    "enable"
			  : "signing was not stopped here");
	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_bool(&app->json, "lifted", was);
		return app_json_end(app, err);
	}
	app_field(app, "lifted", was ? "yes" : "no");
	return sg_buf_check(app->out, "the output", err);
}

enum sg_rc
cmd_uat_stop(struct app *app, struct sg_err *err)
{
	AUTO_UAT_DOOR door = {0};
	struct stop stop = {.app = app, .door = &door};
	enum sg_rc rc;

	if (app_given(app, OPT_LIFT))
		return lift(app, err);
	rc = stop_all(app, &stop, err);
	conf_override(app->conf, CONF_ISSUER, NULL);
	conf_override(app->conf, CONF_USERNAME_CLAIM, NULL);
	sg_list_clear(&stop.issuers);
	sg_list_clear(&stop.claims);
	return rc;
}
