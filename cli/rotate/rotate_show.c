/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_show.h"

#include "base/buf.h"
#include "base/clock.h"
#include "cli/app.h"
#include "cli/rotate/rotate.h"

#define TEXT_MAX 8192
#define TO_COME	 "(named after the new key)"

static const char *
or_to_come(const char *text)
{
	return text != NULL ? text : TO_COME;
}

static void
add_targets(struct sg_buf *out, const struct sg_rotation *r)
{
	size_t i;

	for (i = 0; i < r->targets.count; i++)
		sg_buf_addf(
		    out, "%s%s", i > 0 ? ", " : "", r->targets.items[i]);
}

static void
add_switch(struct sg_buf *out, const struct sg_rotation *r, bool to_new)
{
	const char *key = to_new ? r->new_setting : r->old_setting;
	const char *issuer = to_new ? r->new_issuer : r->old_issuer;

	if (r->settings_file == NULL)
		sg_buf_add_str(
		    out, "stop, for you to set what is not in a file: ");
	else
		sg_buf_addf(out, "set in %s, in one step: ", r->settings_file);
	sg_buf_addf(out, "%s=%s", r->key_setting, or_to_come(key));
	if (r->issuer_setting != NULL)
		sg_buf_addf(
		    out, " %s=%s", r->issuer_setting, or_to_come(issuer));
	if (r->kid_setting != NULL)
		sg_buf_addf(out, " %s=%s", r->kid_setting,
		    to_new ? or_to_come(r->new_thumbprint) : r->old_thumbprint);
}

static void
add_wait(struct sg_buf *out, const struct sg_rotation *r)
{
	char until[SG_TIME_SIZE];

	sg_buf_addf(out, "wait %lld s", (long long)r->wait_s);
	if (r->step == SG_ROTATION_WAIT && r->switched_s != 0) {
		sg_time_format(r->switched_s + r->wait_s, until);
		sg_buf_addf(out, ", until %s,", until);
	}
	sg_buf_add_str(out, " for the last JWT of the other key to end");
}

static void
add_set(struct sg_buf *out, const struct sg_rotation *r, const char *what)
{
	sg_buf_addf(out, "%s the key set of %s", what, r->jwks_uri);
	if (r->jwks_output != NULL)
		sg_buf_addf(out, " in %s", r->jwks_output);
	else
		sg_buf_add_str(
		    out, " on stdout, and stop until it is published");
}

/* What a step does, as an order: "delete …". */
static void
add_step(
    struct sg_buf *out, const struct sg_rotation *r, enum sg_rotation_step step)
{
	const char *name = or_to_come(r->config_name);

	if (step == SG_ROTATION_GENERATE)
		sg_buf_addf(out,
		    "generate a key of %lld bits in the token, label %s, id "
		    "%s",
		    (long long)r->bits, r->new_label, r->new_id);
	else if (step == SG_ROTATION_CONFIGURE)
		sg_buf_addf(out,
		    "make the configuration %s with issuer %s, else like %s",
		    or_to_come(r->new_name), or_to_come(r->new_issuer), name);
	else if (step == SG_ROTATION_PUBLISH)
		add_set(out, r, "write both keys into");
	else if (step == SG_ROTATION_CHECK)
		sg_buf_addf(out,
		    "look at %s until both keys are there, at most %lld s",
		    r->jwks_uri, (long long)r->publish_s);
	else if (step == SG_ROTATION_SWITCH)
		add_switch(out, r, true);
	else if (step == SG_ROTATION_WAIT)
		add_wait(out, r);
	else if (step == SG_ROTATION_DISABLE || step == SG_ROTATION_DELETE)
		sg_buf_addf(out, "%s the old configuration %s (%s)",
		    sg_rotation_step_name(step), name, r->config_id);
	else if (step == SG_ROTATION_RETIRE)
		add_set(out, r, "take the old key out of");
	else if (step == SG_ROTATION_DROP_OLD)
		sg_buf_addf(out, "delete the old key %s", r->old_uri);
	else if (step == SG_ROTATION_ENABLE)
		sg_buf_addf(out, "enable the old configuration %s (%s)", name,
		    r->config_id);
	else if (step == SG_ROTATION_SWITCH_BACK)
		add_switch(out, r, false);
	else if (step == SG_ROTATION_UNCONFIGURE)
		sg_buf_addf(out, "delete the new configuration %s",
		    or_to_come(r->new_name));
	else if (step == SG_ROTATION_UNPUBLISH)
		add_set(out, r, "take the new key out of");
	else if (step == SG_ROTATION_DROP_NEW)
		sg_buf_addf(out, "delete the new key, label %s, id %s",
		    r->new_label, r->new_id);
	else
		sg_buf_addf(out, "sign in with the %s at ",
		    step == SG_ROTATION_TRY ? "new key and the old one"
					    : "old key");
	if (step == SG_ROTATION_TRY || step == SG_ROTATION_TRY_OLD)
		add_targets(out, r);
}

void
rotate_show_step(const struct rotate *rotate,
    const struct sg_rotation *rotation, enum sg_rotation_step step)
{
	enum sg_rotation_step way[SG_ROTATION_STEPS_MAX];
	SG_AUTO(sg_buf) text = sg_buf_new(TEXT_MAX);
	size_t count = sg_rotation_way(rotation, way);
	size_t at = 0;

	while (at < count && way[at] != step)
		at++;
	add_step(text, rotation, step);
	app_hint(rotate->app, "step %zu of %zu: %s", at + 1, count,
	    sg_buf_str(text));
}

/* Where it stands: "done", "begun", "to do". */
static const char *
state_of(const struct sg_rotation *r, const enum sg_rotation_step *way,
    size_t count, size_t i)
{
	size_t at = 0;

	while (at < count && way[at] != r->step)
		at++;
	if (i < at)
		return "done";
	return i == at && r->in_step ? "begun" : "to do";
}

static void
show_plan_step(struct app *app, const char *name, const char *state,
    const struct sg_buf *does)
{
	if (app_json(app)) {
		sg_jsonw_object(&app->json, NULL);
		sg_jsonw_str(&app->json, "step", name);
		sg_jsonw_str(&app->json, "state", state);
		sg_jsonw_str(&app->json, "does", sg_buf_str(does));
		sg_jsonw_object_end(&app->json);
		return;
	}
	sg_buf_addf(app->out, "%-12s %-6s ", name, state);
	app_text(app, sg_buf_str(does));
	sg_buf_add_byte(app->out, '\n');
}

enum sg_rc
rotate_show_plan(const struct rotate *rotate, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	enum sg_rotation_step way[SG_ROTATION_STEPS_MAX];
	size_t count = sg_rotation_way(r, way);
	struct app *app = rotate->app;
	enum sg_rc rc = SG_OK;
	size_t i;

	if (app_json(app)) {
		app_json_begin(app);
		sg_rotation_write(&app->json, "rotation", r);
		sg_jsonw_array(&app->json, "plan");
	}
	for (i = 0; rc == SG_OK && i < count; i++) {
		SG_AUTO(sg_buf) does = sg_buf_new(TEXT_MAX);

		add_step(does, r, way[i]);
		rc = sg_buf_check(does, "a step", err);
		show_plan_step(app, sg_rotation_step_name(way[i]),
		    state_of(r, way, count, i), does);
	}
	return rc == SG_OK ? app_list_end(app, NULL, err) : rc;
}

static void
show_member(
    struct app *app, const char *field, const char *member, const char *value)
{
	if (app_json(app))
		sg_jsonw_str(&app->json, member, value);
	else
		app_field(app, field, value);
}

/* On the way back the key of before is the one that signs. */
enum sg_rc
rotate_show_end(const struct rotate *rotate, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	struct app *app = rotate->app;
	bool by_jwks = r->mode == SG_ROTATION_BY_JWKS;
	bool was_old = r->back || by_jwks;

	if (app_json(app))
		app_json_begin(app);
	if (app_json(app))
		sg_jsonw_str(&app->json, "way", r->back ? "back" : "forward");
	else
		app_field(app, "rotated", r->back ? "back" : "to the new key");
	show_member(
	    app, "key", "key", r->back ? r->old_setting : r->new_setting);
	show_member(
	    app, "kid", "kid", r->back ? r->old_thumbprint : r->new_thumbprint);
	show_member(
	    app, "issuer", "issuer", r->back ? r->old_issuer : r->new_issuer);
	show_member(
	    app, "name", "name", was_old ? r->config_name : r->new_name);
	show_member(
	    app, "id", "configId", was_old ? r->config_id : r->new_config_id);
	if (!r->back && !r->drop_old)
		show_member(app, "old key", "oldKey", r->old_uri);
	if (app_json(app))
		return app_json_end(app, err);
	return sg_buf_check(app->out, "the output", err);
}
