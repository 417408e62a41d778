/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/download.h"

#include "base/outfile.h"
#include "cli/app.h"
#include "cli/cloud/answer.h"

static enum sg_rc
begin(void *ctx, int64_t total, struct sg_err *err)
{
	struct download *download = ctx;

	download->total = total;
	download->done = 0;
	return sg_outfile_restart(download->file, err);
}

static enum sg_rc
take(void *ctx, const void *data, size_t len, struct sg_err *err)
{
	struct download *download = ctx;

	download->done += (int64_t)len;
	progress_tell(&download->progress, download->done, download->total);
	return sg_outfile_write(download->file, data, len, err);
}

enum sg_rc
download_open(struct app *app, struct download *download,
    const struct sg_http_sink **out_sink, struct sg_err *err)
{
	enum sg_rc rc;

	download->app = app;
	if (app_output(app) == NULL)
		return SG_OK;
	progress_start(&download->progress, app);
	rc = sg_outfile_open(app_output(app), 0600, &download->file, err);
	if (rc != SG_OK)
		return rc;
	download->sink = (struct sg_http_sink){begin, take, download};
	*out_sink = &download->sink;
	return SG_OK;
}

enum sg_rc
download_give(struct download *download, const struct sg_http_reply *reply,
    struct sg_err *err)
{
	enum sg_rc rc;

	if (download->file == NULL)
		return answer_give(download->app, reply, err);
	progress_end(&download->progress);
	rc = sg_outfile_commit(download->file, err);
	if (rc != SG_OK)
		return rc;
	return answer_give_saved(
	    download->app, reply->status, download->done, err);
}

void
download_close(struct download *download)
{
	progress_end(&download->progress);
	sg_outfile_free(&download->file);
}
