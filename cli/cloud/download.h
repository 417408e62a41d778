/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_DOWNLOAD_H
#define SG_CLI_CLOUD_DOWNLOAD_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "cli/cloud/progress.h"
#include "client/http/http.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_outfile;

/** An answer on its way to the file of --output. Zero it; download_close()
 * it. Not to be moved while it is open. */
struct download {
	struct sg_http_sink sink; /* for the request */
	struct sg_outfile *file;
	struct progress progress;
	int64_t total; /* bytes; -1 when it is not known */
	int64_t done;
};

/**
 * Begin to write; before the request, since what is done cannot be asked for
 * again. The file will be private.
 */
enum sg_rc download_open(const struct app *app, struct download *download,
    struct sg_err *err) SG_WARN_UNUSED;

/** Put the whole file in place. */
enum sg_rc download_commit(struct download *download, struct sg_err *err)
    SG_WARN_UNUSED;

/** Without a commit nothing has changed. */
void download_close(struct download *download);

#ifdef __cplusplus
}
#endif

#endif
