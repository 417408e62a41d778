/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/folder.h"
#include "cli/key/key_set.h"
#include "signer/jwks.h"

#define LOCK_MS 120000

/* Who builds on what is published must see what the one before has written. */
static enum sg_rc
keep_others_out(struct app *app, struct sg_lock **out_lock, struct sg_err *err)
{
	if (!app_given(app, OPT_MERGE) || app_output(app) == NULL)
		return SG_OK;
	return folder_lock(app->conf, "jwks.lock", LOCK_MS, out_lock, err);
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
		rc = key_set_collect(app, set, err);
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
