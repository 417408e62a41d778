/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_PROGRESS_H
#define SG_CLI_CLOUD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct app;

/* A job that is done sooner shows no progress. */
#define PROGRESS_FIRST_MS 1000

/**
 * How far a long job is, on a line of stderr that is written over; nothing
 * where stderr is no terminal or --quiet is given. Zero it, then start.
 */
struct progress {
	bool is_on;
	bool is_shown;
	int64_t next_ms; /* of the monotonic clock */
};

void progress_start(struct progress *progress, const struct app *app);

/** @param total  Bytes; -1 when it is not known. */
void progress_tell(struct progress *progress, int64_t done, int64_t total);

/** Take the line away. */
void progress_end(struct progress *progress);

#ifdef __cplusplus
}
#endif

#endif
