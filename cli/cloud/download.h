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

/** An answer on its way to the file of --output, or else to the product. Zero
 * it; download_close() it. Not to be moved while it is open. */
struct download {
	struct app *app;
	struct sg_http_sink sink;
	struct sg_outfile *file; /* NULL without --output */
	struct progress progress;
	int64_t total; /* bytes; -1 when it is not known */
	int64_t done;
};

/**
 * Begin to write the file, if there is to be one; before the request, since
 * what is done cannot be asked for again. The file will be private.
 *
 * @param out_sink  For the request; NULL without --output.
 */
enum sg_rc download_open(struct app *app, struct download *download,
    const struct sg_http_sink **out_sink, struct sg_err *err) SG_WARN_UNUSED;

/** Put the whole file in place and tell of it, or give the answer as the
 * product; see answer.h. */
enum sg_rc download_give(struct download *download,
    const struct sg_http_reply *reply, struct sg_err *err) SG_WARN_UNUSED;

/** A file that was not given whole is as it was. */
void download_close(struct download *download);

#ifdef __cplusplus
}
#endif

#endif
