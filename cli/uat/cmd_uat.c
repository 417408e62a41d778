/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/uat/known.h"
#include "cli/uat/uat_door.h"
#include "cli/uat/uat_show.h"

enum sg_rc
cmd_uat_list(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_uat_configs) configs = NULL;
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = uat_door_open(app, &door, err);
	if (rc == SG_OK)
		rc = sg_uat_list(&door.uat, &configs, err);
	if (rc != SG_OK)
		return rc;
	return uat_show_all(app, configs, err);
}

enum sg_rc
cmd_uat_get(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = uat_door_open(app, &door, err);
	if (rc == SG_OK)
		rc = sg_uat_get(&door.uat, app->args.operands[0], &config, err);
	if (rc != SG_OK)
		return rc;
	return uat_show(app, config, err);
}

static enum sg_rc
confirm_delete(struct app *app, const char *name, struct sg_err *err)
{
	SG_AUTO_STR question = NULL;

	if (app_given(app, OPT_YES) || app_given(app, OPT_DRY_RUN))
		return SG_OK;
	if (asprintf(&question,
		"Delete the configuration \"%s\"? Its JWTs stop working.",
		name) < 0)
		return sg_fail_nomem(err);
	return terminal_confirm(question, err);
}

enum sg_rc
cmd_uat_delete(struct app *app, struct sg_err *err)
{
	const char *name = app->args.operands[0];
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = uat_door_open_to_change(app, &door, err);
	if (rc == SG_OK)
		rc = confirm_delete(app, name, err);
	if (rc == SG_OK)
		rc = sg_uat_delete(&door.uat, name, err);
	if (rc != SG_OK)
		return rc;
	if (app_given(app, OPT_DRY_RUN))
		return uat_door_show_preview(app, &door, err);
	known_deleted(app, name);
	if (!app_json(app)) {
		app_field(app, "deleted", name);
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_str(&app->json, "deleted", name);
	return app_json_end(app, err);
}
