/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_RUN_COMMAND_H
#define SG_CLI_RUN_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/**
 * Run a command without a shell and read what it prints.
 *
 * The text is split at blanks; '…' and "…" keep blanks, a backslash takes the
 * next character as it is; nothing is expanded. The command's stdin is empty,
 * its stderr is ours. One whose output is not taken is ended, by SIGTERM or,
 * when it goes on for 2 s, by SIGKILL; not what it started itself.
 *
 * @param max       Most bytes of output.
 * @param limit_ms  Longest time until it has ended; 0: any.
 * @return SG_OK; SG_E_CONFIG for a text that cannot be split; SG_E_TIMEOUT;
 *         SG_E_PIN_MISSING when the command cannot be run or fails.
 */
enum sg_rc run_command(const char *text, size_t max, int64_t limit_ms,
    struct sg_buf **out_output, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
