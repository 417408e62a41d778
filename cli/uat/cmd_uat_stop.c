/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/uat/stop_disable.h"
#include "cli/uat/stop_effect.h"
#include "cli/uat/stopped.h"
#include "client/session/session.h"
#include "signer/signer.h"

#define PATH_MAX_LEN 4096

/* How the stop went so far. What fails is kept, and the rest is done. */
struct stop {
	struct app *app;
	struct sg_err unmarked; /* why signing here goes on */
	struct stop_disabled disabled;
	struct sg_err unconfirmed; /* the first that shows nothing */
	bool still_signs_in;
	bool is_shown; /* by a refusal that comes from what was disabled */
};

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
	if (effect == STOP_EFFECT_SHOWN && issuer != NULL &&
	    stop->app->signer != NULL &&
	    stop_disabled_takes(&stop->disabled, issuer,
		sg_signer_thumbprint(stop->app->signer)))
		stop->is_shown = true;
	if (effect == STOP_EFFECT_UNKNOWN && stop->unconfirmed.rc == SG_OK)
		stop->unconfirmed = answer;
	report_sign_in(stop, service, issuer, words[effect], &answer);
}

/* With a JWT as the settings make it, and as each that was disabled asks for
 * it. */
static void
confirm_all(struct stop *stop)
{
	const struct stop_jwts *jwts = &stop->disabled.refuse;
	struct app *app = stop->app;
	bool has_site =
	    conf_origin_of(app->conf, CONF_POD_URL) != CONF_NOWHERE &&
	    conf_origin_of(app->conf, CONF_SITE_ID) != CONF_NOWHERE;
	const char *issuer = NULL;
	size_t i = 0;

	if (app_json(app))
		sg_jsonw_array(&app->json, "confirmations");
	do {
		if (i < jwts->count) {
			issuer = jwts->items[i].issuer;
			conf_override(app->conf, CONF_ISSUER, issuer);
			conf_override(app->conf, CONF_USERNAME_CLAIM,
			    jwts->items[i].claim);
		}
		confirm(stop, SG_SERVICE_TCM, issuer);
		if (has_site)
			confirm(stop, SG_SERVICE_TABLEAU, issuer);
	} while (++i < jwts->count);
	if (app_json(app))
		sg_jsonw_array_end(&app->json);
}

/* A JWT may have been refused before the stop, too. */
static void
check_shown(struct stop *stop)
{
	if (stop->is_shown || stop->still_signs_in ||
	    stop->unconfirmed.rc != SG_OK || stop->disabled.failure.rc != SG_OK)
		return;
	(void)sg_fail(&stop->unconfirmed, SG_E_REFUSED,
	    "none that was disabled takes the JWTs of this key, as their "
	    "issuer or their key shows, so a refusal is none of the stop; "
	    "find what takes them with signet uat stop, without a name");
}

static enum sg_rc
verdict(const struct stop *stop, struct sg_err *err)
{
	bool is_unconfirmed = stop->unconfirmed.rc != SG_OK;
	const struct sg_err *failure = stop->disabled.failure.rc != SG_OK
					   ? &stop->disabled.failure
					   : &stop->unconfirmed;

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
	    is_unconfirmed ? "that no JWT signs in is not confirmed"
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
	stop_disable(app, stop->unmarked.rc != SG_OK, &stop->disabled);
	confirm_all(stop);
	check_shown(stop);
	app_hint(app,
	    "sessions that are open are not ended by this; those kept here: "
	    "signet logout");
	app->out_stands = true;
	if (app_json(app)) {
		sg_jsonw_bool(&app->json, "confirmed",
		    !stop->still_signs_in && stop->unconfirmed.rc == SG_OK);
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
	struct stop stop = {.app = app};
	enum sg_rc rc;

	if (app_given(app, OPT_LIFT))
		return lift(app, err);
	rc = stop_all(app, &stop, err);
	conf_override(app->conf, CONF_ISSUER, NULL);
	conf_override(app->conf, CONF_USERNAME_CLAIM, NULL);
	stop_disabled_clear(&stop.disabled);
	return rc;
}
