/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_ANSWER_H
#define SG_CLI_CLOUD_ANSWER_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_http_reply;

/**
 * Give an answer as the product: byte for byte, and a line end behind it where
 * a terminal shows it; with --json as status and body, which is JSON, text, or
 * else base64url.
 */
enum sg_rc answer_give(struct app *app, const struct sg_http_reply *reply,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Give what is to be said of an answer that went to the file of --output: with
 * --json its status and size, else nothing.
 */
enum sg_rc answer_give_saved(struct app *app, int status, int64_t bytes,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
