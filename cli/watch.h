/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_WATCH_H
#define SG_CLI_WATCH_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_call_hooks;

/** How calls into PKCS#11 modules are watched. Valid when zeroed. */
struct watch_opts {
	int64_t limit_ms;	/* of one call; 0: the default */
	const char *trace_path; /* gets a line for each call; may be NULL */
};

/**
 * Watches the calls into PKCS#11 modules, from a thread of its own: one that
 * does not return in time ends the program with one line on stderr, since
 * nothing can call a thread back out of a module. SIGHUP, SIGINT, SIGQUIT and
 * SIGTERM wait for the end of a call, 2 s at most, as a module may be writing.
 */
struct watch;

/**
 * Begin to watch. Where no limit is given, a call has 30 s, and one that makes
 * a key or waits for a human being 5 min.
 *
 * @return SG_OK; SG_E_USAGE when the trace file cannot be written.
 */
enum sg_rc watch_start(const struct watch_opts *opts, struct watch **out_watch,
    struct sg_err *err) SG_WARN_UNUSED;

/** What a token is opened with. Borrowed. */
const struct sg_call_hooks *watch_hooks(const struct watch *watch);

/** The command is done: a module that does not let go ends the program with
 * this status, and soon. */
void watch_finish(struct watch *watch, int exit_status);

/** Stop watching. Takes NULL; leaves NULL. */
void watch_free(struct watch **watch);

#ifdef __cplusplus
}
#endif

#endif
