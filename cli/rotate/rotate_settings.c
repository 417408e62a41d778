/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/conf_edit.h"
#include "cli/key/keys.h"
#include "cli/mint.h"
#include "cli/rotate/rotate.h"
#include "client/rotation/rotation.h"
#include "signer/signer.h"

#define EDITS_MAX 3
#define TEXT_MAX  8192

/* --issuer is that of the new configuration here, and not what JWTs say. */
enum sg_rc
rotate_settings_read(struct rotate *rotate, struct sg_err *err)
{
	struct conf_set *conf = rotate->app->conf;
	enum sg_rc rc;

	rc = mint_issuer(rotate->app, &rotate->issuer, err);
	conf_override(conf, CONF_ISSUER, NULL);
	rotate->key_origin = conf_origin_of(conf, CONF_KEY);
	rotate->issuer_origin = conf_origin_of(conf, CONF_ISSUER);
	rotate->kid_origin = conf_origin_of(conf, CONF_KID);
	if (rc == SG_OK)
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

/* Does the file decide all that is switched? */
static bool
file_decides(const struct rotate *rotate)
{
	const struct sg_rotation *r = rotate->rotation;

	return is_in_file(rotate->key_origin) &&
	       (r->issuer_setting == NULL ||
		   is_in_file(rotate->issuer_origin)) &&
	       (r->kid_setting == NULL || is_in_file(rotate->kid_origin));
}

/* ... and is the file ours to change? */
static bool
can_switch(const struct rotate *rotate, const char *path)
{
	struct sg_err why = {0};

	if (path == NULL || !file_decides(rotate))
		return false;
	if (conf_edit_check(path, &why) == SG_OK)
		return true;
	app_hint(rotate->app,
	    "the settings are to be switched by hand, since signet cannot do "
	    "it: %s",
	    why.text);
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
rotate_settings_check(struct rotate *rotate, struct sg_err *err)
{
	struct sg_rotation *r = rotate->rotation;
	const char *path = conf_path(rotate->app->conf);
	SG_AUTO_STR real = path != NULL ? realpath(path, NULL) : NULL;

	if (r->settings_file == NULL)
		return SG_OK;
	if (real == NULL || strcmp(real, r->settings_file) != 0)
		return sg_fail(err, SG_E_CONFIG,
		    "the rotation began with the settings of %s; name that "
		    "file with --config",
		    r->settings_file);
	if (!file_decides(rotate))
		return sg_fail(err, SG_E_CONFIG,
		    "the rotation switches %s in %s, but the command line or "
		    "the environment decides it now; go on without them",
		    r->key_setting, r->settings_file);
	if (!can_switch(rotate, path))
		sg_str_free(&r->settings_file);
	return SG_OK;
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

/* The values that decide which key signs, as they stand somewhere. Borrowed. */
struct selection {
	const char *key;
	const char *issuer;
	const char *kid; /* NULL: the thumbprint */
};

static struct selection
selection_of(const struct rotate *rotate)
{
	return (struct selection){rotate->key, rotate->issuer, rotate->kid};
}

/* A key can be named in more than one way: the key itself tells. */
static enum sg_rc
selects_key(struct rotate *rotate, const char *setting, bool new_key,
    bool *out_selects, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	const char *thumbprint =
	    new_key ? r->new_thumbprint : r->old_thumbprint;
	struct sg_err fault = {0};
	enum sg_rc rc;

	*out_selects =
	    strcmp(setting, new_key ? r->new_setting : r->old_setting) == 0;
	if (*out_selects ||
	    strcmp(setting, new_key ? r->old_setting : r->new_setting) == 0)
		return SG_OK;
	rc = keys_change(rotate->app, setting, &fault);
	if (rc == SG_OK)
		rc = keys_open_signer(rotate->app, &fault);
	if (rc == SG_OK)
		*out_selects = strcmp(sg_signer_thumbprint(rotate->app->signer),
				   thumbprint) == 0;
	return rc == SG_E_NOT_FOUND ? SG_OK : sg_fail_again(err, rc, &fault);
}

static bool
selects_rest(
    const struct rotate *rotate, const struct selection *is, bool new_key)
{
	const struct sg_rotation *r = rotate->rotation;
	const char *issuer = new_key ? r->new_issuer : r->old_issuer;
	const char *kid = new_key ? r->new_thumbprint : r->old_thumbprint;

	return is->issuer != NULL && strcmp(is->issuer, issuer) == 0 &&
	       (r->kid_setting == NULL || is->kid == NULL ||
		   strcmp(is->kid, kid) == 0);
}

static enum sg_rc
selects(struct rotate *rotate, const struct selection *is, bool new_key,
    bool *out_selects, struct sg_err *err)
{
	bool key = false;
	enum sg_rc rc;

	*out_selects = false;
	if (is->key == NULL || !selects_rest(rotate, is, new_key))
		return SG_OK;
	rc = selects_key(rotate, is->key, new_key, &key, err);
	*out_selects = key;
	return rc;
}

/* What is to be set, in words that a shell reads. */
static enum sg_rc
say_settings(const struct conf_edit *edits, size_t count, struct sg_buf *what,
    struct sg_err *err)
{
	size_t i;

	for (i = 0; i < count; i++) {
		sg_buf_addf(what, "%s%s=", i > 0 ? " " : "", edits[i].name);
		conf_edit_add_quoted(what, edits[i].to);
	}
	return sg_buf_check(what, "the settings", err);
}

static enum sg_rc
ask_to_switch(const struct conf_edit *edits, size_t count, bool to_new,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) what = sg_buf_new(TEXT_MAX);
	enum sg_rc rc;

	rc = say_settings(edits, count, what, err);
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
	const struct selection is = selection_of(rotate);
	bool done = false;
	enum sg_rc rc;

	/* On the way back nothing may have been made yet. */
	if (rotate->rotation->new_setting == NULL)
		return SG_OK;
	rc = selects(rotate, &is, to_new, &done, err);
	if (rc != SG_OK)
		return rc;
	if (done)
		return rotate_settings_use(rotate, to_new, err);
	return ask_to_switch(edits, count, to_new, err);
}

enum sg_rc
rotate_settings_switch(struct rotate *rotate, bool to_new, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	struct conf_edit edits[EDITS_MAX];
	size_t count = list_edits(r, to_new, edits);
	struct sg_err fault = {0};
	enum sg_rc rc;

	if (r->settings_file == NULL)
		return switch_by_hand(rotate, to_new, edits, count, err);
	if (r->new_setting == NULL)
		return SG_OK;
	rc = conf_edit(r->settings_file, edits, count, &fault);
	if (rc == SG_OK)
		return rotate_settings_use(rotate, to_new, err);
	if (rc != SG_E_IO)
		return sg_fail_again(err, rc, &fault);
	/* What could not be foreseen, such as a file system gone read-only. */
	app_hint(rotate->app, "%s", fault.text);
	return switch_by_hand(rotate, to_new, edits, count, err);
}

/* What another signet would read now; the command line stays what it is. */
static enum sg_rc
read_again(const struct rotate *rotate, const struct conf_set *conf,
    struct selection *is, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	*is = selection_of(rotate);
	if (rotate->key_origin != CONF_COMMAND_LINE)
		rc = conf_get(conf, CONF_KEY, &is->key, err);
	if (rc == SG_OK)
		rc = conf_get(conf, CONF_ISSUER, &is->issuer, err);
	if (rc == SG_OK && rotate->kid_origin != CONF_COMMAND_LINE)
		rc = conf_get(conf, CONF_KID, &is->kid, err);
	if (is->kid != NULL && strcmp(is->kid, "thumbprint") == 0)
		is->kid = NULL;
	return rc;
}

static enum sg_rc
say_changed(const struct rotate *rotate, const struct conf_set *conf,
    bool new_key, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	const char *path = conf_path(conf);
	struct conf_edit edits[EDITS_MAX];
	size_t count = list_edits(r, new_key, edits);
	SG_AUTO(sg_buf) what = sg_buf_new(TEXT_MAX);
	enum sg_rc rc;

	rc = say_settings(edits, count, what, err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_CONFIG,
	    "the settings do not select the %s key (any more), so the other "
	    "stays as it is; set in %s: %s, and then run: signet uat rotate "
	    "%s",
	    new_key ? "new" : "old", path != NULL ? path : "the environment",
	    sg_buf_str(what),
	    new_key ? "--resume; or go back with --rollback" : "--rollback");
}

enum sg_rc
rotate_settings_confirm(struct rotate *rotate, bool new_key, struct sg_err *err)
{
	const char *path = conf_path(rotate->app->conf);
	SG_AUTO(conf_set) conf = NULL;
	struct selection is;
	bool still = false;
	enum sg_rc rc;

	/* Nothing was made that the settings could select. */
	if (rotate->rotation->new_setting == NULL)
		return SG_OK;
	rc = conf_load(path, &conf, err);
	if (rc == SG_OK)
		rc = read_again(rotate, conf, &is, err);
	if (rc == SG_OK)
		rc = selects(rotate, &is, new_key, &still, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "see which key the settings select");
	return still ? SG_OK : say_changed(rotate, conf, new_key, err);
}
