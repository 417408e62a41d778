/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/stopped.h"

#include "base/buf.h"
#include "cli/app.h"
#include "cli/folder.h"
#include "signer/stop_mark.h"

#define PATH_MAX_LEN 4096

enum sg_rc
stopped_check(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) dir = sg_buf_new(PATH_MAX_LEN);

	if (app->is_stopping ||
	    folder_path(app->conf, FOLDER_STATE, dir, NULL) != SG_OK)
		return SG_OK;
	return sg_stop_mark_check(sg_buf_str(dir), err);
}

enum sg_rc
stopped_set(struct app *app, struct sg_buf *path, struct sg_err *err)
{
	SG_AUTO(sg_buf) dir = sg_buf_new(PATH_MAX_LEN);
	enum sg_rc rc;

	rc = folder_path(app->conf, FOLDER_STATE, dir, err);
	if (rc == SG_OK)
		rc = folder_file(
		    app->conf, FOLDER_STATE, SG_STOP_MARK_NAME, path, err);
	if (rc == SG_OK)
		rc = sg_stop_mark_set(
		    sg_buf_str(dir), app->clock->now_s(app->clock->ctx), err);
	return sg_context(err, rc, "stop signing here");
}

enum sg_rc
stopped_lift(struct app *app, bool *out_was, struct sg_err *err)
{
	SG_AUTO(sg_buf) dir = sg_buf_new(PATH_MAX_LEN);
	enum sg_rc rc;

	rc = folder_path(app->conf, FOLDER_STATE, dir, err);
	if (rc != SG_OK)
		return rc;
	return sg_stop_mark_lift(sg_buf_str(dir), out_was, err);
}
