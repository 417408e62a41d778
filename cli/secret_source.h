/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_SECRET_SOURCE_H
#define SG_CLI_SECRET_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_secret;

/**
 * Read a secret from where a source says it is, once.
 *
 * prompt (the terminal, echo off), file:PATH (a file or FIFO that others
 * cannot reach), fd:N, env:NAME, cmd:COMMAND (run without a shell; its stdout
 * is the secret), cred:NAME (systemd's credential folder). A path alone is a
 * file. One newline at the end is not part of the secret. What has a second
 * line, a NUL byte or a byte order mark is none, and is refused.
 *
 * @param source  NULL means prompt.
 * @param what    What is asked for, e.g. "PIN of token \"dev\"".
 * @param limit_ms  Longest time until all of it is there; 0 is 5 minutes, as a
 *                  command may ask somebody. A terminal waits for ever.
 * @return SG_OK; SG_E_TIMEOUT, and the command was ended; SG_E_PIN_MISSING when
 * there is nothing to be had that could be a secret, no terminal among it;
 * SG_E_CONFIG for a malformed source, or a file that others can reach.
 */
enum sg_rc secret_source_read(const char *source, const char *what,
    int64_t limit_ms, struct sg_secret **out_secret, struct sg_err *err)
    SG_WARN_UNUSED;

/** Is this a source that runs a command? */
bool secret_source_runs_command(const char *source);

#ifdef __cplusplus
}
#endif

#endif
