/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_TERMINAL_H
#define SG_CLI_TERMINAL_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_secret;

/**
 * Ask for a secret on the controlling terminal, without echo.
 *
 * The terminal is put back as it was also when a signal ends the question.
 *
 * @return SG_OK; SG_E_PIN_MISSING without a terminal or without an answer.
 */
enum sg_rc terminal_ask_secret(const char *what, struct sg_secret **out_secret,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Ask a question that wants a "yes" on the controlling terminal.
 *
 * @return SG_OK after "yes"; SG_E_USAGE without a terminal, naming --yes;
 *         SG_E_POLICY after anything else.
 */
enum sg_rc terminal_confirm(const char *question, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
