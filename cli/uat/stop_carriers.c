/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/stop_carriers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "cli/app.h"
#include "cli/key/keys.h"
#include "cli/rotate/rotate_journal.h"
#include "cli/uat/known.h"
#include "client/check/jwks_check.h"
#include "client/uat/uat.h"
#include "client/uat/uat_copy.h"
#include "signer/signer.h"

static enum sg_rc
add(struct stop_carriers *c, const char *id, struct sg_err *err)
{
	if (id == NULL || sg_list_has(&c->ids, id))
		return SG_OK;
	return sg_list_add(&c->ids, id, err);
}

/* None is guessed: of two, the other may be somebody else's. */
static enum sg_rc
take_key(struct stop_carriers *c, const char *thumbprint, struct sg_err *err)
{
	if (c->thumbprint[0] != '\0' && strcmp(c->thumbprint, thumbprint) != 0)
		return sg_fail(err, SG_E_USAGE,
		    "several keys are in use, and without the token it is not "
		    "known which is meant: name the configurations, as in "
		    "signet uat stop ID");
	(void)snprintf(c->thumbprint, sizeof(c->thumbprint), "%s", thumbprint);
	return SG_OK;
}

static bool
is_issuer(const struct stop_carriers *c, const char *issuer)
{
	return c->issuer != NULL && issuer != NULL &&
	       strcmp(issuer, c->issuer) == 0;
}

/* The thumbprint of a known configuration of this tenant, or of any when it is
 * NULL; else NULL. */
static const char *
key_in(const struct sg_json *entry, const char *tenant)
{
	const char *of = sg_json_get_text(entry, "tenantId");

	if (of == NULL || (tenant != NULL && strcasecmp(tenant, of) != 0))
		return NULL;
	return sg_json_get_text(entry, "thumbprint");
}

static enum sg_rc
key_of_known(struct stop_carriers *c, const struct sg_json *known,
    const char *tenant, bool any_issuer, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < sg_json_count(known); i++) {
		const struct sg_json *entry = sg_json_at(known, i);
		const char *print = key_in(entry, tenant);

		if (print != NULL &&
		    (any_issuer ||
			is_issuer(c, sg_json_get_text(entry, "issuer"))))
			rc = take_key(c, print, err);
	}
	return rc;
}

static enum sg_rc
key_of_listed(struct stop_carriers *c, struct sg_err *err)
{
	char print[SG_THUMBPRINT_SIZE];
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && c->configs != NULL && i < c->configs->count;
	     i++) {
		if (!is_issuer(c, c->configs->items[i]->issuer))
			continue;
		rc = sg_uat_config_thumbprint(c->configs->items[i], print, err);
		if (rc == SG_OK && print[0] != '\0')
			rc = take_key(c, print, err);
	}
	return rc;
}

static enum sg_rc
find_key(struct stop_carriers *c, const struct sg_json *known,
    const char *tenant, struct sg_err *err)
{
	struct app *app = c->app;
	struct sg_err fault = {0};
	enum sg_rc rc;

	if (keys_open_signer(app, &fault) == SG_OK)
		return take_key(c, sg_signer_thumbprint(app->signer), err);
	app_hint(app, "the token shows no key: %s", fault.text);
	app_hint(app,
	    "what is disabled is what carries the key of the issuer in the "
	    "settings, or else the key that is known here");
	rc = key_of_listed(c, err);
	if (rc == SG_OK)
		rc = key_of_known(c, known, tenant, false, err);
	if (rc == SG_OK && c->thumbprint[0] == '\0')
		rc = key_of_known(c, known, tenant, true, err);
	return rc;
}

static enum sg_rc
add_known(struct stop_carriers *c, const struct sg_json *known,
    const char *tenant, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < sg_json_count(known); i++) {
		const struct sg_json *entry = sg_json_at(known, i);
		const char *print = key_in(entry, tenant);

		if (print != NULL && strcmp(print, c->thumbprint) == 0)
			rc = add(c, sg_json_get_text(entry, "configId"), err);
	}
	return rc;
}

/* A jwksUri shows no key: then whose JWTs it takes is told by the issuer, as
 * long as nobody has looked there. */
static enum sg_rc
takes_our_jwts(const struct stop_carriers *c,
    const struct sg_uat_config *config, bool *out_takes, struct sg_err *err)
{
	char print[SG_THUMBPRINT_SIZE];
	enum sg_rc rc;

	rc = sg_uat_config_thumbprint(config, print, err);
	if (rc != SG_OK)
		return rc;
	*out_takes = print[0] != '\0' && strcmp(print, c->thumbprint) == 0;
	if (config->jwks_uri != NULL || config->public_key_active == NULL)
		*out_takes |= is_issuer(c, config->issuer);
	return SG_OK;
}

static enum sg_rc
add_shown(struct stop_carriers *c, struct sg_err *err)
{
	bool takes = false;
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && c->configs != NULL && i < c->configs->count;
	     i++) {
		const struct sg_uat_config *config = c->configs->items[i];

		rc = takes_our_jwts(c, config, &takes, err);
		if (rc == SG_OK && takes)
			rc = add(c, config->config_id, err);
	}
	return rc;
}

/* The keys of a rotation are in one token. */
static enum sg_rc
add_rotation(struct stop_carriers *c, struct sg_err *err)
{
	struct sg_list open = {0};
	bool is_ours = false;
	enum sg_rc rc;
	size_t i;

	rc = rotate_journal_open_configs(c->app, &open, err);
	for (i = 0; rc == SG_OK && i < open.count; i++)
		is_ours |= sg_list_has(&c->ids, open.items[i]);
	for (i = 0; rc == SG_OK && is_ours && i < open.count; i++)
		rc = add(c, open.items[i], err);
	sg_list_clear(&open);
	return rc;
}

static enum sg_rc
find_all(
    struct stop_carriers *c, const struct sg_json *known, struct sg_err *err)
{
	const char *tenant = NULL;
	enum sg_rc rc;

	rc = conf_get(c->app->conf, CONF_TENANT_ID, &tenant, err);
	if (rc == SG_OK)
		rc = conf_get(c->app->conf, CONF_ISSUER, &c->issuer, err);
	if (rc == SG_OK)
		rc = find_key(c, known, tenant, err);
	if (rc == SG_OK)
		rc = add_shown(c, err);
	return rc == SG_OK ? add_known(c, known, tenant, err) : rc;
}

static void
keep_first(struct sg_err *first, const struct sg_err *fault)
{
	if (first->rc == SG_OK)
		*first = *fault;
}

/* What fails is told; what was found without it is there. */
enum sg_rc
stop_carriers_find(struct stop_carriers *carriers, struct sg_err *err)
{
	struct app *app = carriers->app;
	SG_AUTO(sg_json) known = NULL;
	struct sg_err first = {0};
	struct sg_err fault = {0};

	if (sg_uat_list(carriers->uat, &carriers->configs, &fault) != SG_OK)
		keep_first(&first, &fault);
	else
		known_saw_all(app, carriers->configs);
	sg_err_clear(&fault);
	if (known_carriers(app, NULL, &known, &fault) != SG_OK)
		app_hint(app, "what is known is not counted: %s", fault.text);
	sg_err_clear(&fault);
	if (find_all(carriers, known, &fault) != SG_OK)
		keep_first(&first, &fault);
	sg_err_clear(&fault);
	if (add_rotation(carriers, &fault) != SG_OK)
		keep_first(&first, &fault);
	return sg_fail_again(err, first.rc, &first);
}

static enum sg_rc
look_into(struct stop_carriers *c, const struct sg_uat_config *config,
    struct sg_err *err)
{
	bool holds = false;
	enum sg_rc rc;

	rc = sg_jwks_holds(
	    c->app->http, config->jwks_uri, c->thumbprint, &holds, err);
	if (rc == SG_OK && holds)
		rc = add(c, config->config_id, err);
	return sg_context(
	    err, rc, "find out whether %s takes the key", config->config_id);
}

enum sg_rc
stop_carriers_look(struct stop_carriers *carriers, struct sg_err *err)
{
	const struct sg_uat_configs *configs = carriers->configs;
	struct sg_err first = {0};
	size_t i;

	if (configs == NULL || carriers->thumbprint[0] == '\0')
		return SG_OK;
	for (i = 0; i < configs->count; i++) {
		const struct sg_uat_config *config = configs->items[i];
		struct sg_err fault = {0};

		if (config->jwks_uri == NULL || !config->enabled ||
		    config->config_id == NULL ||
		    sg_list_has(&carriers->ids, config->config_id))
			continue;
		if (look_into(carriers, config, &fault) != SG_OK)
			keep_first(&first, &fault);
	}
	return sg_fail_again(err, first.rc, &first);
}

bool
stop_carriers_listed(
    const struct stop_carriers *carriers, const char *config_id)
{
	const struct sg_uat_configs *configs = carriers->configs;
	size_t i;

	for (i = 0; configs != NULL && i < configs->count; i++)
		if (configs->items[i]->config_id != NULL &&
		    strcmp(configs->items[i]->config_id, config_id) == 0)
			return true;
	return false;
}

void
stop_carriers_clear(struct stop_carriers *carriers)
{
	sg_list_clear(&carriers->ids);
	sg_uat_configs_free(&carriers->configs);
}
