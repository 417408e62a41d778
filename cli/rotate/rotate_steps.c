/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_steps.h"

#include <string.h>

#include "base/text.h"
#include "cli/app.h"
#include "cli/rotate/rotate.h"
#include "cli/rotate/rotate_drift.h"
#include "cli/rotate/rotate_jwks.h"
#include "cli/rotate/rotate_keys.h"
#include "cli/rotate/rotate_settings.h"
#include "cli/rotate/rotate_show.h"
#include "cli/rotate/rotate_targets.h"
#include "cli/uat/known.h"
#include "cli/uat/stopped.h"
#include "cli/uat/uat_door.h"
#include "client/uat/uat_copy.h"

#define NOT_FOUND 404

static const struct rotate_set both = {true, true};
static const struct rotate_set old_alone = {true, false};
static const struct rotate_set new_alone = {false, true};

static enum sg_rc
configure(struct rotate *rotate, struct sg_err *err)
{
	struct sg_rotation *r = rotate->rotation;
	const struct sg_uat_change change = {
	    .name = r->new_name,
	    .issuer = r->new_issuer,
	    .public_key_pem = r->new_pem,
	};
	SG_AUTO(sg_uat_config) config = NULL;
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = uat_door_open_to_change(rotate->app, &door, err);
	if (rc == SG_OK)
		rc =
		    sg_uat_copy(&door.uat, r->config_id, &change, &config, err);
	if (rc != SG_OK)
		return rc;
	known_saw(rotate->app, config);
	sg_str_free(&r->new_config_id);
	sg_str_free(&r->copied);
	rc = sg_str_copy(config->config_id, &r->new_config_id, err);
	return rc == SG_OK ? sg_str_copy(config->raw, &r->copied, err) : rc;
}

/* Enabling what is gone is a failure; disabling it is done. */
static enum sg_rc
set_enabled(struct rotate *rotate, bool enabled, struct sg_err *err)
{
	const struct sg_uat_change change = {.enabled = &enabled};
	const struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_uat_config) config = NULL;
	struct sg_err fault = {0};
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = uat_door_open_to_change(rotate->app, &door, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_uat_update(&door.uat, r->config_id, &change, &config, &fault);
	if (rc == SG_E_REFUSED && fault.native == NOT_FOUND && !enabled)
		return SG_OK;
	if (rc == SG_OK)
		known_saw(rotate->app, config);
	return sg_fail_again(err, rc, &fault);
}

static enum sg_rc
delete_config(struct rotate *rotate, const char *id, struct sg_err *err)
{
	struct sg_err fault = {0};
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = uat_door_open_to_change(rotate->app, &door, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_uat_delete(&door.uat, id, &fault);
	if (rc == SG_E_REFUSED && fault.native == NOT_FOUND)
		rc = SG_OK;
	if (rc == SG_OK)
		known_deleted(rotate->app, id);
	return sg_fail_again(err, rc, &fault);
}

/* By name and key where the answer to its creation was lost; NULL when there
 * is none. */
static enum sg_rc
find_new(struct rotate *rotate, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	struct sg_err fault = {0};
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	if (r->new_name == NULL || r->new_thumbprint == NULL)
		return SG_OK;
	rc = uat_door_open(rotate->app, &door, err);
	if (rc != SG_OK)
		return rc;
	if (r->new_config_id == NULL)
		return sg_uat_find_copy(&door.uat, r->new_name,
		    r->new_thumbprint, r->published, out_config, err);
	rc = sg_uat_get(&door.uat, r->new_config_id, out_config, &fault);
	if (rc == SG_E_REFUSED && fault.native == NOT_FOUND)
		return SG_OK;
	return sg_fail_again(err, rc, &fault);
}

static enum sg_rc
unconfigure(struct rotate *rotate, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	enum sg_rc rc;

	if (rotate->rotation->new_config_id != NULL)
		return delete_config(
		    rotate, rotate->rotation->new_config_id, err);
	rc = find_new(rotate, &config, err);
	if (rc != SG_OK || config == NULL)
		return rc;
	return delete_config(rotate, config->config_id, err);
}

/* A new configuration is one that nobody has to publish. */
static int64_t
settle_s(const struct sg_rotation *r)
{
	return r->mode == SG_ROTATION_BY_KEY ? rotate_settle_s(r)
					     : r->publish_s;
}

/* Refused by the service itself, or not in the token any more. */
static bool
is_useless(enum sg_rc rc)
{
	return rc == SG_E_SESSION || rc == SG_E_NOT_FOUND;
}

/* Where only the new key signs in there is nothing to keep alive; the old one
 * may have been retired from another host. */
static enum sg_rc
try_both(struct rotate *rotate, struct sg_err *err)
{
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = rotate_targets_try(rotate, true, settle_s(rotate->rotation), err);
	if (rc != SG_OK)
		return rc;
	rc = rotate_targets_try(rotate, false, 0, &fault);
	if (!is_useless(rc))
		return sg_fail_again(err, rc, &fault);
	app_hint(rotate->app,
	    "the old key is refused already, so this goes on with the new one "
	    "alone: %s",
	    fault.text);
	return SG_OK;
}

/* Is there something that the new key could sign in with? */
static enum sg_rc
new_may_work(struct rotate *rotate, bool *out_may, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	enum sg_rc rc;

	if (rotate->rotation->mode == SG_ROTATION_BY_JWKS) {
		*out_may = rotate->rotation->published;
		return SG_OK;
	}
	rc = find_new(rotate, &config, err);
	*out_may = config != NULL;
	return rc;
}

static enum sg_rc
try_old(struct rotate *rotate, struct sg_err *err)
{
	struct sg_err fault = {0};
	bool may_work = true;
	enum sg_rc tried;
	enum sg_rc rc;

	tried = rotate_targets_try(
	    rotate, false, settle_s(rotate->rotation), &fault);
	if (!is_useless(tried))
		return sg_fail_again(err, tried, &fault);
	rc = new_may_work(rotate, &may_work, err);
	if (rc != SG_OK || !may_work)
		return rc;
	(void)sg_fail_again(err, tried, &fault);
	return sg_context(err, tried,
	    "the old key does not sign in, so nothing of the new one is taken "
	    "away; if it is lost, finish with --resume");
}

static enum sg_rc
publish(struct rotate *rotate, struct sg_err *err)
{
	return rotate_jwks_publish(rotate, both, err);
}

static enum sg_rc
check(struct rotate *rotate, struct sg_err *err)
{
	return rotate_jwks_check(rotate, both, err);
}

/* The new key is tried once more before the old one can be no help. */
static enum sg_rc
try_new(struct rotate *rotate, struct sg_err *err)
{
	return rotate_targets_try(
	    rotate, true, rotate_settle_s(rotate->rotation), err);
}

static enum sg_rc
republish(struct rotate *rotate, struct rotate_set wanted, struct sg_err *err)
{
	enum sg_rc rc;

	rc = rotate_jwks_publish(rotate, wanted, err);
	return rc == SG_OK ? rotate_jwks_check(rotate, wanted, err) : rc;
}

static enum sg_rc
retire(struct rotate *rotate, struct sg_err *err)
{
	enum sg_rc rc;

	rc = try_new(rotate, err);
	return rc == SG_OK ? republish(rotate, new_alone, err) : rc;
}

/* Where nothing was published there is nothing to take back. */
static enum sg_rc
unpublish(struct rotate *rotate, struct sg_err *err)
{
	return rotate->rotation->published ? republish(rotate, old_alone, err)
					   : SG_OK;
}

static enum sg_rc
switch_on(struct rotate *rotate, struct sg_err *err)
{
	return rotate_settings_switch(rotate, true, err);
}

static enum sg_rc
switch_back(struct rotate *rotate, struct sg_err *err)
{
	return rotate_settings_switch(rotate, false, err);
}

static enum sg_rc
enable(struct rotate *rotate, struct sg_err *err)
{
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = set_enabled(rotate, true, &fault);
	(void)sg_fail_again(err, rc, &fault);
	if (rc == SG_E_REFUSED && fault.native == NOT_FOUND)
		return sg_context(err, rc,
		    "the old configuration is gone; finish with --resume");
	return rc;
}

/* May the old configuration go? */
static enum sg_rc
end_check(struct rotate *rotate, struct sg_err *err)
{
	enum sg_rc rc;

	rc = try_new(rotate, err);
	return rc == SG_OK ? rotate_drift_check(rotate, err) : rc;
}

static enum sg_rc
disable(struct rotate *rotate, struct sg_err *err)
{
	enum sg_rc rc;

	rc = end_check(rotate, err);
	return rc == SG_OK ? set_enabled(rotate, false, err) : rc;
}

static enum sg_rc
delete_old(struct rotate *rotate, struct sg_err *err)
{
	const char *id = rotate->rotation->config_id;
	enum sg_rc rc;

	rc = end_check(rotate, err);
	return rc == SG_OK ? delete_config(rotate, id, err) : rc;
}

static enum sg_rc
drop_old(struct rotate *rotate, struct sg_err *err)
{
	return rotate_keys_drop(rotate, false, err);
}

static enum sg_rc
drop_new(struct rotate *rotate, struct sg_err *err)
{
	return rotate_keys_drop(rotate, true, err);
}

/* After some steps a key signs in no more, or is gone. */
enum ends {
	NOTHING,
	OLD_KEY,
	NEW_KEY,
};

/* What each step does, which key signs for it where Cloud Manager is asked
 * with a JWT, and what it is the end of. */
static const struct {
	enum sg_rc (*take)(struct rotate *rotate, struct sg_err *err);
	bool with_new_key;
	enum ends ends;
} steps[] = {
    [SG_ROTATION_GENERATE] = {rotate_keys_make, false, NOTHING},
    [SG_ROTATION_CONFIGURE] = {configure, false, NOTHING},
    [SG_ROTATION_PUBLISH] = {publish, false, NOTHING},
    [SG_ROTATION_CHECK] = {check, false, NOTHING},
    [SG_ROTATION_TRY] = {try_both, false, NOTHING},
    [SG_ROTATION_SWITCH] = {switch_on, false, NOTHING},
    [SG_ROTATION_DISABLE] = {disable, true, OLD_KEY},
    [SG_ROTATION_DELETE] = {delete_old, true, OLD_KEY},
    [SG_ROTATION_RETIRE] = {retire, true, OLD_KEY},
    [SG_ROTATION_DROP_OLD] = {drop_old, true, OLD_KEY},
    [SG_ROTATION_ENABLE] = {enable, true, NOTHING},
    [SG_ROTATION_TRY_OLD] = {try_old, false, NOTHING},
    [SG_ROTATION_SWITCH_BACK] = {switch_back, false, NOTHING},
    [SG_ROTATION_UNCONFIGURE] = {unconfigure, false, NEW_KEY},
    [SG_ROTATION_UNPUBLISH] = {unpublish, false, NEW_KEY},
    [SG_ROTATION_DROP_NEW] = {drop_new, false, NEW_KEY},
};

/* Also a step that signs nothing undoes what uat stop has done. */
enum sg_rc
rotate_steps_take(void *ctx, struct sg_rotation *rotation,
    enum sg_rotation_step step, struct sg_err *err)
{
	struct rotate *rotate = ctx;
	enum sg_rc rc;

	rc = stopped_check(rotate->app, err);
	if (rc != SG_OK)
		return rc;
	rotate_show_step(rotate, rotation, step);
	if (steps[step].ends != NOTHING)
		rc = rotate_settings_confirm(
		    rotate, steps[step].ends == OLD_KEY, err);
	if (rc == SG_OK)
		rc = rotate_settings_use(rotate, steps[step].with_new_key, err);
	if (rc == SG_OK)
		rc = steps[step].take(rotate, err);
	return rc;
}

/* Gone, or with another key in it. */
static enum sg_rc
look_at_config(struct rotate *rotate, bool with_new_key, bool *out_lost,
    struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_uat_config) config = NULL;
	char shown[SG_THUMBPRINT_SIZE];
	struct sg_err fault = {0};
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = rotate_settings_use(rotate, with_new_key, err);
	if (rc == SG_OK)
		rc = uat_door_open(rotate->app, &door, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_uat_get(&door.uat, r->config_id, &config, &fault);
	*out_lost = rc == SG_E_REFUSED && fault.native == NOT_FOUND;
	if (rc != SG_OK)
		return *out_lost ? SG_OK : sg_fail_again(err, rc, &fault);
	rc = sg_uat_config_thumbprint(config, shown, err);
	*out_lost = shown[0] != '\0' && strcmp(shown, r->old_thumbprint) != 0;
	return rc;
}

/* With --jwt one of the two keys has to sign for the question. */
static enum sg_rc
config_is_lost(struct rotate *rotate, bool *out_lost, struct sg_err *err)
{
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = look_at_config(rotate, true, out_lost, &fault);
	if (is_useless(rc) || rc == SG_E_REFUSED)
		return look_at_config(rotate, false, out_lost, err);
	return sg_fail_again(err, rc, &fault);
}

enum sg_rc
rotate_steps_old_is_lost(void *ctx, const struct sg_rotation *rotation,
    bool *out_lost, struct sg_err *err)
{
	struct rotate *rotate = ctx;
	bool is_there = true;
	enum sg_rc rc = SG_OK;

	*out_lost = false;
	if (rotation->mode == SG_ROTATION_BY_KEY)
		rc = config_is_lost(rotate, out_lost, err);
	if (rc != SG_OK || *out_lost)
		return rc;
	rc = rotate_keys_look(rotate, false, &is_there, err);
	*out_lost = !is_there;
	return rc;
}
