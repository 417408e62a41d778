/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/download.h"

#include "base/outfile.h"
#include "cli/app.h"

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
download_open(
    const struct app *app, struct download *download, struct sg_err *err)
{
	download->sink = (struct sg_http_sink){begin, take, download};
	progress_start(&download->progress, app);
	return sg_outfile_open(app_output(app), 0600, &download->file, err);
}

enum sg_rc
download_commit(struct download *download, struct sg_err *err)
{
	progress_end(&download->progress);
	return sg_outfile_commit(download->file, err);
}

void
download_close(struct download *download)
{
	progress_end(&download->progress);
	sg_outfile_free(&download->file);
}
