/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate_settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/conf_edit.h"
#include "cli/keys.h"
#include "cli/rotate.h"
#include "client/rotation.h"
#include "signer/signer.h"

#define EDITS_MAX 3
#define TEXT_MAX  8192

/* --issuer is that of the new configuration here, and not what JWTs say. */
enum sg_rc
rotate_settings_read(struct rotate *rotate, struct sg_err *err)
{
	struct conf_set *conf = rotate->app->conf;
	enum sg_rc rc;

	conf_override(conf, CONF_ISSUER, NULL);
	rotate->key_origin = conf_origin_of(conf, CONF_KEY);
	rotate->issuer_origin = conf_origin_of(conf, CONF_ISSUER);
	rotate->kid_origin = conf_origin_of(conf, CONF_KID);
	rc = conf_need(conf, CONF_KEY, &rotate->key, err);
	if (rc == SG_OK)
		rc = conf_need(conf, CONF_ISSUER, &rotate->issuer, err);
	if (rc == SG_OK)
		rc = conf_get(conf, CONF_KID, &rotate->kid, err);
	if (rotate->kid != NULL && strcmp(rotate->kid, "thumbprint") == 0)
		rotate->kid = NULL;
	return rc;
}

static bool
is_in_file(enum conf_origin origin)
{
	return origin == CONF_FILE || origin == CONF_LOCAL_FILE;
}

/* Is all that is switched in the file, and the file ours to change? */
static bool
can_switch(const struct rotate *rotate, const char *path)
{
	const struct sg_rotation *r = rotate->rotation;
	struct sg_err why = {0};

	if (path == NULL || !is_in_file(rotate->key_origin) ||
	    (r->issuer_setting != NULL && !is_in_file(rotate->issuer_origin)) ||
	    (r->kid_setting != NULL && !is_in_file(rotate->kid_origin)))
		return false;
	if (conf_edit_check(path, &why) == SG_OK)
		return true;
	app_trace(rotate->app, "the settings cannot be changed: %s", why.text);
	return false;
}

enum sg_rc
rotate_settings_plan(
    struct rotate *rotate, bool issuer_changes, struct sg_err *err)
{
	const struct conf_set *conf = rotate->app->conf;
	struct sg_rotation *r = rotate->rotation;
	enum sg_rc rc;

	rc = sg_str_copy(
	    conf_written_name(conf, CONF_KEY), &r->key_setting, err);
	if (rc == SG_OK && issuer_changes)
		rc = sg_str_copy(conf_written_name(conf, CONF_ISSUER),
		    &r->issuer_setting, err);
	if (rc == SG_OK && rotate->kid != NULL &&
	    strcmp(rotate->kid, r->old_thumbprint) == 0)
		rc = sg_str_copy(
		    conf_written_name(conf, CONF_KID), &r->kid_setting, err);
	if (rc != SG_OK || !can_switch(rotate, conf_path(conf)))
		return rc;
	r->settings_file = realpath(conf_path(conf), NULL);
	return r->settings_file != NULL ? SG_OK : sg_fail_nomem(err);
}

enum sg_rc
rotate_settings_check(const struct rotate *rotate, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	const char *path = conf_path(rotate->app->conf);
	SG_AUTO_STR real = path != NULL ? realpath(path, NULL) : NULL;

	if (r->settings_file == NULL)
		return SG_OK;
	if (real == NULL || strcmp(real, r->settings_file) != 0)
		return sg_fail(err, SG_E_CONFIG,
		    "the rotation began with the settings of %s; name that "
		    "file with --config",
		    r->settings_file);
	if (can_switch(rotate, path))
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "the rotation switches %s in %s, but the command line or the "
	    "environment decides it now, or the file cannot be written; go on "
	    "without them",
	    r->key_setting, r->settings_file);
}

enum sg_rc
rotate_settings_use(struct rotate *rotate, bool new_key, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	struct conf_set *conf = rotate->app->conf;

	conf_override(
	    conf, CONF_ISSUER, new_key ? r->new_issuer : r->old_issuer);
	if (r->kid_setting != NULL)
		conf_override(conf, CONF_KID,
		    new_key ? r->new_thumbprint : r->old_thumbprint);
	return keys_change(
	    rotate->app, new_key ? r->new_setting : r->old_setting, err);
}

/* What is to change, from the one key to the other. */
static size_t
list_edits(const struct sg_rotation *r, bool to_new, struct conf_edit *edits)
{
	const struct conf_edit all[EDITS_MAX] = {
	    {r->key_setting, r->old_setting, r->new_setting},
	    {r->issuer_setting, r->old_issuer, r->new_issuer},
	    {r->kid_setting, r->old_thumbprint, r->new_thumbprint},
	};
	size_t count = 0;
	size_t i;

	for (i = 0; i < EDITS_MAX; i++) {
		if (all[i].name == NULL)
			continue;
		edits[count].name = all[i].name;
		edits[count].from = to_new ? all[i].from : all[i].to;
		edits[count++].to = to_new ? all[i].to : all[i].from;
	}
	return count;
}

/* A key can be named in more than one way: the key itself tells. */
static enum sg_rc
selects_key(struct rotate *rotate, const char *setting, const char *thumbprint,
    bool *out_selects, struct sg_err *err)
{
	enum sg_rc rc;

	*out_selects = strcmp(rotate->key, setting) == 0;
	if (*out_selects)
		return SG_OK;
	rc = keys_change(rotate->app, rotate->key, err);
	if (rc == SG_OK)
		rc = keys_open_signer(rotate->app, err);
	if (rc == SG_OK)
		*out_selects = strcmp(sg_signer_thumbprint(rotate->app->signer),
				   thumbprint) == 0;
	return rc;
}

static bool
selects_rest(const struct rotate *rotate, bool new_key)
{
	const struct sg_rotation *r = rotate->rotation;
	const char *issuer = new_key ? r->new_issuer : r->old_issuer;
	const char *kid = new_key ? r->new_thumbprint : r->old_thumbprint;

	return strcmp(rotate->issuer, issuer) == 0 &&
	       (r->kid_setting == NULL || rotate->kid == NULL ||
		   strcmp(rotate->kid, kid) == 0);
}

static enum sg_rc
ask_to_switch(const struct conf_edit *edits, size_t count, bool to_new,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) what = sg_buf_new(TEXT_MAX);
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < count; i++)
		sg_buf_addf(what, "%s%s='%s'", i > 0 ? " " : "", edits[i].name,
		    edits[i].to);
	rc = sg_buf_check(what, "the settings", err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_CONFIG,
	    "the settings are not in a file that signet can change; %s set "
	    "%s everywhere, all at once, and then run: signet uat rotate %s",
	    to_new ? "both keys sign in now:" : "to go back,", sg_buf_str(what),
	    to_new ? "--resume" : "--rollback");
}

static enum sg_rc
switch_by_hand(struct rotate *rotate, bool to_new,
    const struct conf_edit *edits, size_t count, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	bool selects = false;
	enum sg_rc rc;

	/* On the way back nothing may have been made yet. */
	if (r->new_setting == NULL)
		return SG_OK;
	rc = selects_key(rotate, to_new ? r->new_setting : r->old_setting,
	    to_new ? r->new_thumbprint : r->old_thumbprint, &selects, err);
	if (rc != SG_OK)
		return rc;
	if (selects && selects_rest(rotate, to_new))
		return rotate_settings_use(rotate, to_new, err);
	return ask_to_switch(edits, count, to_new, err);
}

enum sg_rc
rotate_settings_switch(struct rotate *rotate, bool to_new, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	struct conf_edit edits[EDITS_MAX];
	size_t count = list_edits(r, to_new, edits);
	enum sg_rc rc;

	if (r->settings_file == NULL)
		return switch_by_hand(rotate, to_new, edits, count, err);
	if (r->new_setting == NULL)
		return SG_OK;
	rc = conf_edit(r->settings_file, edits, count, err);
	return rc == SG_OK ? rotate_settings_use(rotate, to_new, err) : rc;
}
