/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/keys.h"
#include "cli/known.h"
#include "cli/stop_effect.h"
#include "cli/stopped.h"
#include "cli/uat_door.h"
#include "client/session.h"
#include "client/uat_match.h"
#include "signer/signer.h"

#define PATH_MAX_LEN 4096
#define TRIES	     3 /* where another changes it at the same time */

/* How the stop went so far. What fails is kept, and the rest is done. */
struct stop {
	struct app *app;
	struct uat_door *door;
	struct sg_list ids;    /* of what is to be disabled */
	struct sg_err failure; /* the first */
	bool still_signs_in;
	bool unconfirmed;
};

static void
note(struct stop *stop, const struct sg_err *fault)
{
	if (stop->failure.rc == SG_OK)
		stop->failure = *fault;
}

/* Known carriers of this tenant, if all have one key: ours, it must be. */
static enum sg_rc
collect_known(struct stop *stop, struct sg_err *err)
{
	SG_AUTO(sg_json) known = NULL;
	const char *tenant = NULL;
	const char *key = NULL;
	enum sg_rc rc;
	size_t i;

	rc = conf_get(stop->app->conf, CONF_TENANT_ID, &tenant, err);
	if (rc == SG_OK)
		rc = known_carriers(stop->app, NULL, &known, err);
	for (i = 0; rc == SG_OK && i < sg_json_count(known); i++) {
		const struct sg_json *entry = sg_json_at(known, i);
		const char *id = sg_json_get_text(entry, "configId");
		const char *of = sg_json_get_text(entry, "tenantId");
		const char *print = sg_json_get_text(entry, "thumbprint");

		if (id == NULL || of == NULL || print == NULL ||
		    (tenant != NULL && strcmp(tenant, of) != 0))
			continue;
		if (key != NULL && strcmp(key, print) != 0) {
			sg_list_clear(&stop->ids); /* none is guessed */
			return sg_fail(err, SG_E_USAGE,
			    "several keys are in use, and without the token "
			    "it is not known which is meant: name the "
			    "configurations, as in signet uat stop ID");
		}
		key = print;
		rc = sg_list_add(&stop->ids, id, err);
	}
	return rc;
}

/* A jwksUri shows no key: then whose JWTs it takes is told by the issuer. */
static bool
takes_our_jwts(const struct sg_uat_config *config, const struct sg_rsa *key,
    const char *issuer)
{
	if (config->jwks_uri != NULL)
		return issuer != NULL && config->issuer != NULL &&
		       strcmp(config->issuer, issuer) == 0;
	return sg_uat_match_key(config, key);
}

static enum sg_rc
collect_carriers(struct stop *stop, struct sg_err *err)
{
	const struct sg_rsa *key = sg_signer_public(stop->app->signer);
	SG_AUTO(sg_uat_configs) configs = NULL;
	const char *issuer = NULL;
	enum sg_rc rc;
	size_t i;

	rc = conf_get(stop->app->conf, CONF_ISSUER, &issuer, err);
	if (rc == SG_OK)
		rc = sg_uat_list(&stop->door->uat, &configs, err);
	if (rc != SG_OK)
		return rc;
	known_saw_all(stop->app, configs);
	for (i = 0; rc == SG_OK && i < configs->count; i++) {
		const struct sg_uat_config *config = configs->items[i];

		if (config->config_id != NULL &&
		    takes_our_jwts(config, key, issuer))
			rc = sg_list_add(&stop->ids, config->config_id, err);
	}
	return rc;
}

/* Those named; else all that carry the key, which the token shows. */
static enum sg_rc
collect(struct stop *stop, struct sg_err *err)
{
	struct app *app = stop->app;
	struct sg_err fault = {0};
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < app->args.operand_count; i++)
		rc = sg_list_add(&stop->ids, app->args.operands[i], err);
	if (rc != SG_OK || app->args.operand_count > 0)
		return rc;
	if (keys_open_signer(app, &fault) == SG_OK)
		return collect_carriers(stop, err);
	app_hint(app, "the token shows no key: %s", fault.text);
	app_hint(app, "what is disabled is what is known to carry it");
	return collect_known(stop, err);
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
disable_one(struct stop *stop, const char *named)
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
	if (rc == SG_OK)
		known_saw(stop->app, config);
	else
		note(stop, &fault);
	report_config(stop, named, config, &fault);
}

/* A door, mostly by the PAT: the token may be what is lost, and a session of
 * the configuration that is disabled may end with it. */
static enum sg_rc
open_door(struct app *app, struct uat_door *door, struct sg_err *err)
{
	bool has_pat =
	    conf_origin_of(app->conf, CONF_PAT_SECRET) != CONF_NOWHERE ||
	    conf_origin_of(app->conf, CONF_PAT_SECRET_FILE) != CONF_NOWHERE;

	if (has_pat && !app_given(app, OPT_JWT))
		app->args.given[OPT_PAT] = true;
	return uat_door_open_to_change(app, door, err);
}

static void
disable_all(struct stop *stop)
{
	struct app *app = stop->app;
	struct sg_err fault = {0};
	size_t i;

	if (app_json(app))
		sg_jsonw_array(&app->json, "configurations");
	if (open_door(app, stop->door, &fault) != SG_OK) {
		note(stop, &fault);
		for (i = 0; i < app->args.operand_count; i++)
			report_config(
			    stop, app->args.operands[i], NULL, &fault);
	} else if (collect(stop, &fault) != SG_OK) {
		note(stop, &fault);
	}
	for (i = 0; i < stop->ids.count; i++)
		disable_one(stop, stop->ids.items[i]);
	if (app_json(app))
		sg_jsonw_array_end(&app->json);
	else if (stop->ids.count == 0 && app->args.operand_count == 0)
		app_field(app, "disabled", "no configuration");
}

static void
report_sign_in(struct stop *stop, enum sg_service service, const char *result,
    const struct sg_err *fault)
{
	struct app *app = stop->app;
	const char *name = sg_service_name(service);

	if (!app_json(app)) {
		app_field(app, name, result);
		return;
	}
	sg_jsonw_object(&app->json, NULL);
	sg_jsonw_str(&app->json, "service", name);
	sg_jsonw_str(&app->json, "signIn", result);
	if (fault->rc != SG_OK)
		sg_jsonw_str(&app->json, "answer", fault->text);
	sg_jsonw_object_end(&app->json);
}

static void
confirm(struct stop *stop, enum sg_service service)
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
	report_sign_in(stop, service, words[effect], &answer);
}

static void
confirm_all(struct stop *stop)
{
	struct app *app = stop->app;
	bool has_site =
	    conf_origin_of(app->conf, CONF_POD_URL) != CONF_NOWHERE &&
	    conf_origin_of(app->conf, CONF_SITE_ID) != CONF_NOWHERE;

	if (app_json(app))
		sg_jsonw_array(&app->json, "confirmations");
	confirm(stop, SG_SERVICE_TCM);
	if (has_site)
		confirm(stop, SG_SERVICE_TABLEAU);
	if (app_json(app))
		sg_jsonw_array_end(&app->json);
}

static enum sg_rc
verdict(const struct stop *stop, struct sg_err *err)
{
	const struct sg_err *failure = &stop->failure;

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

static enum sg_rc
stop_all(struct app *app, struct stop *stop, struct sg_err *err)
{
	SG_AUTO(sg_buf) mark = sg_buf_new(PATH_MAX_LEN);
	enum sg_rc rc;

	/* First, so that nothing here signs whatever comes after it. */
	rc = stopped_set(app, mark, err);
	if (rc != SG_OK)
		return rc;
	app->is_stopping = true;
	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_str(&app->json, "stopped", sg_buf_str(mark));
	} else {
		app_field(app, "stopped", sg_buf_str(mark));
	}
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
	sg_list_clear(&stop.ids);
	return rc;
}
