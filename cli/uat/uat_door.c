/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/uat_door.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/folder.h"
#include "client/session/tcm.h"

#define PATH_MAX_LEN 4096
#define LOCK	     "uat.lock"

/* How long what cannot wait waits for another process all the same. */
#define URGENT_MS 2000

enum sg_rc
uat_door_open(struct app *app, struct uat_door *door, struct sg_err *err)
{
	enum sg_rc rc;

	rc = services_tcm(app, &door->service, err);
	if (rc != SG_OK)
		return rc;
	door->uat.api = &door->service.api;
	door->uat.configs_url = app->endpoints->uat_configs_url;
	return SG_OK;
}

/* The change is made all the same: the lock only keeps two of this host
 * apart. */
static void
tell_of_no_lock(struct app *app, const struct sg_err *why)
{
	app_hint(app,
	    "another signet that changes a configuration at the same time is "
	    "not kept out: %s",
	    why->text);
}

static void
set_lock(struct app *app, struct uat_door *door)
{
	struct sg_err err = {0};

	door->lock_path = sg_buf_new(PATH_MAX_LEN);
	if (folder_lock_path(app->conf, LOCK, door->lock_path, &err) == SG_OK)
		door->uat.lock_path = sg_buf_str(door->lock_path);
	else
		tell_of_no_lock(app, &err);
}

enum sg_rc
uat_door_open_to_change(
    struct app *app, struct uat_door *door, struct sg_err *err)
{
	enum sg_rc rc;

	rc = uat_door_open(app, door, err);
	if (rc != SG_OK)
		return rc;
	if (app_given(app, OPT_DRY_RUN))
		door->uat.preview = &door->preview;
	else
		set_lock(app, door);
	return SG_OK;
}

enum sg_rc
uat_door_open_at_once(
    struct app *app, struct uat_door *door, struct sg_err *err)
{
	struct sg_err unlocked = {0};
	enum sg_rc rc;

	rc = uat_door_open(app, door, err);
	if (rc == SG_OK && folder_lock(app->conf, LOCK, URGENT_MS, &door->lock,
			       &unlocked) != SG_OK)
		tell_of_no_lock(app, &unlocked);
	return rc;
}

static enum sg_rc
write_request(
    struct app *app, const struct sg_uat_preview *preview, struct sg_err *err)
{
	SG_AUTO(sg_json) body = NULL;
	enum sg_rc rc = SG_OK;

	if (preview->body != NULL)
		rc = sg_json_parse(
		    preview->body, strlen(preview->body), &body, err);
	if (rc != SG_OK)
		return rc;
	sg_jsonw_object(&app->json, "request");
	sg_jsonw_str(&app->json, "method", preview->method);
	sg_jsonw_str(&app->json, "url", preview->url);
	if (body != NULL)
		sg_jsonw_value(&app->json, "body", body);
	sg_jsonw_object_end(&app->json);
	return SG_OK;
}

enum sg_rc
uat_door_show_preview(
    struct app *app, const struct uat_door *door, struct sg_err *err)
{
	const struct sg_uat_preview *preview = &door->preview;
	enum sg_rc rc = SG_OK;

	app_hint(app, "this is a dry run: nothing was changed");
	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_bool(&app->json, "dryRun", true);
		if (preview->method != NULL)
			rc = write_request(app, preview, err);
		return rc == SG_OK ? app_json_end(app, err) : rc;
	}
	if (preview->method != NULL) {
		sg_buf_addf(app->out, "%s ", preview->method);
		app_text(app, preview->url);
		sg_buf_add_byte(app->out, '\n');
	}
	if (preview->body != NULL) {
		app_text(app, preview->body);
		sg_buf_add_byte(app->out, '\n');
	}
	return sg_buf_check(app->out, "the output", err);
}

void
uat_door_close(struct uat_door *door)
{
	services_end(&door->service);
	sg_uat_preview_clear(&door->preview);
	sg_buf_free(&door->lock_path);
	sg_lock_free(&door->lock);
}
