/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_KEY_CLIENT_KEY_H
#define SG_CLI_KEY_CLIENT_KEY_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;

/** Is SIGNET_CLIENT_KEY the URI of a token's key? */
enum sg_rc client_key_is_in_token(
    struct app *app, bool *out_is, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Open the token's key of SIGNET_CLIENT_KEY, for app->tls_key; once a run.
 *
 * A token that is SIGNET_KEY's too is opened, and its PIN asked for, once.
 */
enum sg_rc client_key_open(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** After services_close() and before keys_close(). */
void client_key_close(struct app *app);

#ifdef __cplusplus
}
#endif

#endif
