/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_begin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/app.h"
#include "cli/key/keys.h"
#include "cli/mint.h"
#include "cli/rotate/rotate.h"
#include "cli/rotate/rotate_jwks.h"
#include "cli/rotate/rotate_settings.h"
#include "cli/rotate/rotate_targets.h"
#include "cli/uat/known.h"
#include "cli/uat/uat_door.h"
#include "client/rotation/rotation.h"
#include "client/rotation/rotation_names.h"
#include "client/uat/uat_copy.h"
#include "client/uat/uat_match.h"
#include "pkcs11/key.h"
#include "pkcs11/uri.h"
#include "signer/claims.h"
#include "signer/signer.h"

/* How long a published set may take to be known everywhere. */
#define PUBLISH_S (15 * 60)

/* What a JWT that was signed at the last moment has beyond its lifetime. */
#define GRACE_S 2

static enum sg_rc
take_duration(
    const struct app *app, enum opt opt, int64_t *out_s, struct sg_err *err)
{
	enum sg_rc rc;

	if (!app_given(app, opt))
		return SG_OK;
	rc = sg_duration_parse(app_value(app, opt), out_s, err);
	return sg_context(err, rc, "read --%s", opt_rows[opt].name);
}

/* Where it was run from counts no more when it is found again. */
static enum sg_rc
take_output(struct rotate *rotate, struct sg_err *err)
{
	const char *given = app_value(rotate->app, OPT_JWKS_OUTPUT);
	struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_buf) path = NULL;
	SG_AUTO_STR here = NULL;
	enum sg_rc rc;

	if (given == NULL)
		return SG_OK;
	if (r->mode != SG_ROTATION_BY_JWKS)
		return sg_fail(err, SG_E_USAGE,
		    "--jwks-output is for a configuration with a jwksUri, and "
		    "this one has a public key");
	rc = sg_file_check_replace(given, err);
	if (rc != SG_OK)
		return rc;
	here = realpath(".", NULL);
	if (here == NULL)
		return sg_fail_errno(err, SG_E_IO, "find this folder");
	path = sg_buf_new(8192);
	sg_buf_addf(path, "%s%s%s", given[0] == '/' ? "" : here,
	    given[0] == '/' ? "" : "/", given);
	rc = sg_buf_check(path, "the path of --jwks-output", err);
	if (rc != SG_OK)
		return rc;
	sg_str_free(&r->jwks_output);
	return sg_str_copy(sg_buf_str(path), &r->jwks_output, err);
}

enum sg_rc
rotate_take_options(struct rotate *rotate, struct sg_err *err)
{
	struct sg_rotation *r = rotate->rotation;
	const struct app *app = rotate->app;
	enum sg_rc rc;

	rc = take_output(rotate, err);
	if (rc == SG_OK)
		rc = take_duration(app, OPT_WAIT, &r->wait_s, err);
	if (rc == SG_OK)
		rc =
		    take_duration(app, OPT_PUBLISH_TIMEOUT, &r->publish_s, err);
	r->drop_old |= app_given(app, OPT_DELETE_OLD_KEY);
	r->keep_new |= app_given(app, OPT_KEEP_NEW_KEY);
	return rc;
}

/* The new key must not make the words that select the old one ambiguous. */
static enum sg_rc
check_key_setting(struct rotate *rotate, struct sg_err *err)
{
	const char *uri = sg_key_info(rotate->app->key)->uri;
	SG_AUTO(sg_uri) configured = NULL;
	SG_AUTO_STR better = NULL;
	enum sg_rc rc;

	rc = sg_uri_parse(rotate->key, &configured, err);
	if (rc != SG_OK || sg_uri_names_key(configured))
		return rc;
	rc = sg_uri_rename(rotate->key, uri, &better, err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_POLICY,
	    "SIGNET_KEY names a token and no key, and would be ambiguous with "
	    "a second key in it; set it to %s first",
	    better);
}

static enum sg_rc
record_old_key(struct rotate *rotate, struct sg_err *err)
{
	struct sg_rotation *r = rotate->rotation;
	const struct app *app = rotate->app;
	enum sg_rc rc;

	rc = sg_str_copy(rotate->key, &r->old_setting, err);
	if (rc == SG_OK)
		rc = sg_str_copy(rotate->issuer, &r->old_issuer, err);
	if (rc == SG_OK)
		rc = sg_str_copy(sg_key_info(app->key)->uri, &r->old_uri, err);
	if (rc == SG_OK)
		rc = sg_str_copy(
		    sg_signer_thumbprint(app->signer), &r->old_thumbprint, err);
	return rc;
}

/* What it is held to is checked when it is had. */
static enum sg_rc
choose_config(const struct rotate *rotate, const struct sg_uat *uat,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	const struct sg_rsa *rsa = sg_signer_public(rotate->app->signer);
	SG_AUTO(sg_uat_configs) configs = NULL;
	const struct sg_uat_config *chosen = NULL;
	enum sg_rc rc;

	rc = sg_uat_list(uat, &configs, err);
	if (rc == SG_OK)
		rc = sg_uat_match_choose(
		    configs, rotate->issuer, rsa, &chosen, err);
	if (rc != SG_OK)
		return rc;
	return sg_uat_get(uat,
	    chosen->config_id != NULL ? chosen->config_id : chosen->name,
	    out_config, err);
}

static enum sg_rc
check_by_key(struct rotate *rotate, const struct sg_uat_config *config,
    struct sg_err *err)
{
	char shown[SG_THUMBPRINT_SIZE];
	enum sg_rc rc;

	rc = sg_uat_config_thumbprint(config, shown, err);
	if (rc != SG_OK)
		return rc;
	if (strcmp(shown, rotate->rotation->old_thumbprint) == 0)
		return SG_OK;
	return sg_fail(err, SG_E_POLICY,
	    "the configuration \"%s\" does not carry the key in use, %s",
	    config->name, rotate->rotation->old_uri);
}

/* Both keys are published under their thumbprints. */
static enum sg_rc
check_by_jwks(struct rotate *rotate, struct sg_err *err)
{
	static const enum opt others[] = {OPT_ISSUER, OPT_NAME};
	size_t i;

	for (i = 0; i < SG_COUNT(others); i++)
		if (app_given(rotate->app, others[i]))
			return sg_fail(err, SG_E_USAGE,
			    "--%s names a second configuration, and one with a "
			    "jwksUri needs none",
			    opt_rows[others[i]].name);
	if (rotate->kid == NULL ||
	    strcmp(rotate->kid, rotate->rotation->old_thumbprint) == 0)
		return SG_OK;
	return sg_fail(err, SG_E_POLICY,
	    "SIGNET_KID is \"%s\", which cannot tell the two keys apart; "
	    "publish the key under its thumbprint too, then set "
	    "SIGNET_KID=thumbprint",
	    rotate->kid);
}

static enum sg_rc
check_config(struct rotate *rotate, const struct sg_uat_config *config,
    struct sg_err *err)
{
	struct sg_rotation *r = rotate->rotation;

	if (config->config_id == NULL)
		return sg_fail(err, SG_E_REFUSED,
		    "the service shows no configId for \"%s\"", config->name);
	if (!config->enabled)
		return sg_fail(err, SG_E_POLICY,
		    "the configuration \"%s\" is disabled, so its key cannot "
		    "sign in; enable it first",
		    config->name);
	if (config->issuer == NULL ||
	    strcmp(config->issuer, rotate->issuer) != 0)
		return sg_fail(err, SG_E_POLICY,
		    "the configuration \"%s\" has the issuer %s, and the "
		    "settings have %s",
		    config->name,
		    config->issuer != NULL ? config->issuer : "of nobody",
		    rotate->issuer);
	r->mode =
	    config->jwks_uri != NULL ? SG_ROTATION_BY_JWKS : SG_ROTATION_BY_KEY;
	return r->mode == SG_ROTATION_BY_JWKS
		   ? check_by_jwks(rotate, err)
		   : check_by_key(rotate, config, err);
}

static enum sg_rc
record_config(struct rotate *rotate, const struct sg_uat_config *config,
    struct sg_err *err)
{
	struct sg_rotation *r = rotate->rotation;
	enum sg_rc rc;

	rc = sg_str_copy(config->config_id, &r->config_id, err);
	if (rc == SG_OK)
		rc = sg_str_copy(config->name, &r->config_name, err);
	if (rc == SG_OK)
		rc = sg_str_copy(config->jwks_uri, &r->jwks_uri, err);
	return rc;
}

/* Told now, and not when the new key is there already. */
static enum sg_rc
check_name(
    const struct rotate *rotate, const struct sg_uat *uat, struct sg_err *err)
{
	const char *name = app_value(rotate->app, OPT_NAME);
	SG_AUTO(sg_uat_configs) configs = NULL;
	enum sg_rc rc;
	size_t i;

	if (name == NULL)
		return SG_OK;
	rc = sg_uat_list(uat, &configs, err);
	for (i = 0; rc == SG_OK && i < configs->count; i++)
		if (configs->items[i]->name != NULL &&
		    strcmp(configs->items[i]->name, name) == 0)
			return sg_fail(err, SG_E_POLICY,
			    "there is a UAT configuration \"%s\"; choose "
			    "another name with --name",
			    name);
	return rc;
}

static enum sg_rc
take_config(struct rotate *rotate, const char *named, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = uat_door_open(rotate->app, &door, err);
	if (rc == SG_OK)
		rc = named != NULL
			 ? sg_uat_get(&door.uat, named, &config, err)
			 : choose_config(rotate, &door.uat, &config, err);
	if (rc == SG_OK)
		rc = check_config(rotate, config, err);
	if (rc == SG_OK)
		rc = check_name(rotate, &door.uat, err);
	if (rc == SG_OK)
		rc = record_config(rotate, config, err);
	if (rc != SG_OK)
		return rc;
	known_saw(rotate->app, config);
	return rotate_targets_find(rotate, config, &door.service.api, err);
}

static enum sg_rc
choose_id(struct rotate *rotate, struct sg_err *err)
{
	const struct sg_clock *clock = rotate->app->clock;
	SG_AUTO(sg_buf) hex = sg_buf_new(64);
	uint8_t id[SG_ROTATION_ID_SIZE];
	enum sg_rc rc;

	rc = clock->random(clock->ctx, id, sizeof(id), err);
	if (rc != SG_OK)
		return rc;
	sg_hex_encode(hex, id, sizeof(id));
	rc = sg_buf_check(hex, "an id", err);
	if (rc != SG_OK)
		return rc;
	return sg_str_copy(sg_buf_str(hex), &rotate->rotation->new_id, err);
}

static enum sg_rc
choose_label(struct rotate *rotate, struct sg_err *err)
{
	const struct sg_key_info *old = sg_key_info(rotate->app->key);
	struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_buf) id = sg_buf_new(1024);
	enum sg_rc rc;

	if (app_given(rotate->app, OPT_LABEL))
		return sg_str_copy(
		    app_value(rotate->app, OPT_LABEL), &r->new_label, err);
	sg_hex_encode(id, old->id, old->id_len);
	rc = sg_buf_check(id, "an id", err);
	if (rc != SG_OK)
		return rc;
	return sg_rotation_label(
	    old->label != NULL && old->label[0] != '\0' ? old->label : "uat",
	    sg_buf_str(id), r->new_id, &r->new_label, err);
}

enum sg_rc
rotate_choose_again(struct rotate *rotate, struct sg_err *err)
{
	struct sg_rotation *r = rotate->rotation;
	SG_AUTO_STR old_id = r->new_id;
	SG_AUTO_STR old_label = r->new_label;
	enum sg_rc rc;

	r->new_id = NULL;
	r->new_label = NULL;
	rc = choose_id(rotate, err);
	if (rc != SG_OK)
		return rc;
	return sg_rotation_label(
	    old_label, old_id, r->new_id, &r->new_label, err);
}

static enum sg_rc
choose_bits(struct rotate *rotate, struct sg_err *err)
{
	static const int known[] = {2048, 3072, 4096};
	const char *text = app_value(rotate->app, OPT_BITS);
	char number[16];
	size_t i;

	for (i = 0; i < SG_COUNT(known); i++) {
		(void)snprintf(number, sizeof(number), "%d", known[i]);
		if (text != NULL ? strcmp(text, number) == 0
				 : (int)sg_key_info(rotate->app->key)->bits <=
				       known[i]) {
			rotate->rotation->bits = known[i];
			return SG_OK;
		}
	}
	return sg_fail(err, SG_E_USAGE,
	    "--bits is 2048, 3072 or 4096; the key in use has %u",
	    sg_key_info(rotate->app->key)->bits);
}

/* What the new things are called, as far as it can be known without them. */
static enum sg_rc
choose_names(struct rotate *rotate, struct sg_err *err)
{
	struct sg_rotation *r = rotate->rotation;
	const struct app *app = rotate->app;
	enum sg_rc rc;

	rc = choose_id(rotate, err);
	if (rc == SG_OK)
		rc = choose_label(rotate, err);
	if (rc == SG_OK)
		rc = choose_bits(rotate, err);
	if (rc == SG_OK)
		rc = sg_str_copy(app_value(app, OPT_NAME), &r->new_name, err);
	if (rc == SG_OK)
		rc = sg_str_copy(
		    app_value(app, OPT_ISSUER), &r->new_issuer, err);
	if (rc == SG_OK && r->mode == SG_ROTATION_BY_JWKS)
		rc = sg_str_copy(r->old_issuer, &r->new_issuer, err);
	return rc;
}

static enum sg_rc
choose_times(struct rotate *rotate, struct sg_err *err)
{
	struct sg_rotation *r = rotate->rotation;
	const struct sg_clock *clock = rotate->app->clock;
	int64_t lifetime_s = 0;
	enum sg_rc rc;

	r->begun_s = clock->now_s(clock->ctx);
	r->publish_s = PUBLISH_S;
	rc = mint_lifetime(rotate->app, &lifetime_s, err);
	if (lifetime_s == 0)
		lifetime_s = SG_LIFETIME_DEFAULT_S;
	r->wait_s = lifetime_s +
		    (lifetime_s / 10 > GRACE_S ? lifetime_s / 10 : GRACE_S);
	return rc == SG_OK ? rotate_take_options(rotate, err) : rc;
}

enum sg_rc
rotate_begin(struct rotate *rotate, const char *named, struct sg_err *err)
{
	struct sg_rotation *r = sg_rotation_new();
	bool issuer_changes;
	enum sg_rc rc;

	if (r == NULL)
		return sg_fail_nomem(err);
	rotate->rotation = r;
	rc = keys_open_token(
	    rotate->app, !app_given(rotate->app, OPT_PLAN), err);
	if (rc == SG_OK)
		rc = keys_open_signer(rotate->app, err);
	if (rc == SG_OK)
		rc = check_key_setting(rotate, err);
	if (rc == SG_OK)
		rc = record_old_key(rotate, err);
	if (rc == SG_OK)
		rc = take_config(rotate, named, err);
	if (rc == SG_OK)
		rc = choose_names(rotate, err);
	if (rc == SG_OK)
		rc = choose_times(rotate, err);
	if (rc == SG_OK && r->mode == SG_ROTATION_BY_JWKS)
		rc = rotate_jwks_look(rotate, err);
	if (rc != SG_OK)
		return rc;
	issuer_changes =
	    r->new_issuer == NULL || strcmp(r->new_issuer, r->old_issuer) != 0;
	return rotate_settings_plan(rotate, issuer_changes, err);
}
