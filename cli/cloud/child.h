/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_CHILD_H
#define SG_CLI_CLOUD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What shells say of a command that they could not run. POSIX, XCU 2.8.2. */
#define CHILD_NOT_FOUND	     127
#define CHILD_NOT_EXECUTABLE 126

/**
 * From now on INT, TERM, HUP, QUIT, USR1 and USR2 do not end this process:
 * they are kept, so that what was begun can be undone, or given to the child;
 * as is WINCH. What is ignored stays so. Ctrl-Z stops both, as any job. Once
 * more changes nothing.
 */
void child_guard(void);

/** Was one of them kept, and given to no child? */
bool child_guard_caught(void);

/** Let them do again what they did before; one that was kept strikes now.
 * Nothing without child_guard(). */
void child_unguard(void);

/**
 * Run a program, and wait for its end; between child_guard() and
 * child_unguard(), once at a time.
 *
 * It is found by PATH, has our streams and our process group, and gets each
 * guarded signal that is sent to this process alone. One that the terminal
 * sends reaches both by itself.
 *
 * @param argv        Ends with NULL.
 * @param env         As argv.
 * @param mask        Its umask.
 * @param out_status  Of its exit; 128 and the signal's number when one ended
 *                    it; CHILD_NOT_FOUND or CHILD_NOT_EXECUTABLE, with an
 *                    error, when it could not be run. Set in each case.
 * @return SG_OK; SG_E_USAGE when it could not be run.
 */
enum sg_rc child_run(char *const *argv, char *const *env, mode_t mask,
    int *out_status, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
