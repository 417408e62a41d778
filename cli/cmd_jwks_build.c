/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/folder.h"
#include "cli/key_set.h"
#include "signer/jwks.h"

#define LOCK_MS 30000

static const char *
file_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "stdin" : path;
}

/* Who builds on what is published must see what the one before has written. */
static enum sg_rc
keep_others_out(struct app *app, struct sg_lock **out_lock, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(4096);
	enum sg_rc rc;

	if (!app_given(app, OPT_MERGE) || app_output(app) == NULL)
		return SG_OK;
	rc = folder_path(app->conf, FOLDER_STATE, path, err);
	if (rc == SG_OK)
		rc = sg_file_make_dir(sg_buf_str(path), err);
	sg_buf_add_str(path, "/jwks.lock");
	if (rc == SG_OK)
		rc = sg_buf_check(path, "a path", err);
	if (rc == SG_OK)
		rc = sg_lock_take(sg_buf_str(path), LOCK_MS, out_lock, err);
	return rc;
}

static enum sg_rc
merge_files(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	const struct sg_list *files = &app->args.lists[OPT_MERGE];
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < files->count; i++) {
		SG_AUTO(sg_buf) text = NULL;

		rc = app_read_input(
		    files->items[i], "--merge", SG_JWKS_TEXT_MAX, &text, err);
		if (rc == SG_OK)
			rc = sg_jwks_merge(set, text->data, text->len, err);
		if (rc != SG_OK)
			return sg_context(
			    err, rc, "merge %s", file_name(files->items[i]));
	}
	return SG_OK;
}

/* An RFC 3339 time, +DURATION from now, or never. */
static enum sg_rc
parse_time(
    struct app *app, const char *text, int64_t *out_s, struct sg_err *err)
{
	int64_t time_s = 0;
	enum sg_rc rc;

	if (strcmp(text, "never") == 0) {
		*out_s = 0;
		return SG_OK;
	}
	if (text[0] == '+') {
		rc = sg_duration_parse(text + 1, &time_s, err);
		time_s += app->clock->now_s(app->clock->ctx);
	} else {
		rc = sg_time_parse(text, &time_s, err);
	}
	if (rc == SG_OK && time_s <= 0)
		rc = sg_fail(err, SG_E_USAGE, "the time is before 1970");
	if (rc == SG_OK)
		*out_s = time_s;
	return rc == SG_E_INVALID ? sg_recast(err, SG_E_USAGE) : rc;
}

/* The last '=' parts them: a kid may hold one, a time does not. */
static enum sg_rc
retire(
    struct app *app, struct sg_jwks *set, const char *text, struct sg_err *err)
{
	SG_AUTO(sg_buf) name = sg_buf_new(4096);
	const char *equals = strrchr(text, '=');
	int64_t at_s = 0;
	enum sg_rc rc;

	if (equals == NULL || equals == text)
		return sg_fail(err, SG_E_USAGE,
		    "\"%s\" must have the form KEY=TIME", text);
	sg_buf_add(name, text, (size_t)(equals - text));
	rc = sg_buf_check(name, "a kid", err);
	if (rc == SG_OK)
		rc = parse_time(app, equals + 1, &at_s, err);
	if (rc != SG_OK)
		return rc;
	return sg_jwks_retire(set, sg_buf_str(name), at_s, err);
}

static enum sg_rc
retire_keys(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	const struct sg_list *given = &app->args.lists[OPT_RETIRE];
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < given->count; i++)
		rc = retire(app, set, given->items[i], err);
	return rc == SG_OK ? rc : sg_context(err, rc, "read --retire");
}

static enum sg_rc
drop_retired(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	int64_t now_s = app->clock->now_s(app->clock->ctx);
	size_t i;

	for (i = 0; i < sg_jwks_count(set); i++) {
		const struct sg_jwks_key *key = sg_jwks_at(set, i);

		if (key->retire_at_s != 0 && key->retire_at_s <= now_s)
			app_hint(
			    app, "left out, its time is over: %s", key->kid);
	}
	sg_jwks_drop_retired(set, now_s);
	if (sg_jwks_count(set) > 0)
		return SG_OK;
	return sg_fail(err, SG_E_INVALID,
	    "no key is left to publish, and with an empty set nobody signs "
	    "in; name a key, or --retire KEY=never");
}

static void
show_key(struct app *app, const struct sg_jwks_key *key)
{
	char when[SG_TIME_SIZE];

	if (key->retire_at_s != 0)
		sg_time_format(key->retire_at_s, when);
	sg_jsonw_object(&app->json, NULL);
	sg_jsonw_str(&app->json, "kid", key->kid);
	sg_jsonw_str(&app->json, "thumbprint", key->thumbprint);
	sg_jsonw_str(
	    &app->json, "retireAt", key->retire_at_s != 0 ? when : NULL);
	sg_jsonw_object_end(&app->json);
}

static enum sg_rc
show_json(struct app *app, const struct sg_jwks *set, const struct sg_buf *text,
    struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;
	size_t i;

	rc = sg_json_parse(text->data, text->len, &json, err);
	if (rc != SG_OK)
		return rc;
	app_json_begin(app);
	if (app_output(app) != NULL)
		sg_jsonw_str(&app->json, "output", app_output(app));
	else
		sg_jsonw_value(&app->json, "jwks", json);
	sg_jsonw_array(&app->json, "keys");
	for (i = 0; i < sg_jwks_count(set); i++)
		show_key(app, sg_jwks_at(set, i));
	sg_jsonw_array_end(&app->json);
	return app_json_end(app, err);
}

static enum sg_rc
collect(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	enum sg_rc rc;

	rc = merge_files(app, set, err); /* before a PIN is spent */
	if (rc == SG_OK &&
	    (key_set_is_named(app) || !app_given(app, OPT_MERGE)))
		rc = key_set_add(app, set, err);
	if (rc == SG_OK)
		rc = retire_keys(app, set, err);
	return rc == SG_OK ? drop_retired(app, set, err) : rc;
}

enum sg_rc
cmd_jwks_build(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = sg_buf_new(SG_JWKS_TEXT_MAX);
	SG_AUTO(sg_jwks) set = sg_jwks_new();
	SG_AUTO(sg_lock) lock = NULL;
	enum sg_rc rc;

	if (set == NULL)
		return sg_fail_nomem(err);
	rc = keep_others_out(app, &lock, err);
	if (rc == SG_OK)
		rc = collect(app, set, err);
	if (rc == SG_OK)
		rc = sg_jwks_write(set, text, err);
	if (rc == SG_OK && app_output(app) != NULL)
		rc = sg_file_replace(
		    app_output(app), text->data, text->len, 0644, err);
	if (rc != SG_OK)
		return rc;
	if (app_json(app))
		return show_json(app, set, text, err);
	if (app_output(app) == NULL)
		sg_buf_add(app->out, text->data, text->len);
	return sg_buf_check(app->out, "the output", err);
}
