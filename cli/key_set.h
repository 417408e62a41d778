/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_KEY_SET_H
#define SG_CLI_KEY_SET_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_jwks;

/** Does the command name keys in tokens, as operands or by SIGNET_KEY? */
bool key_set_is_named(const struct app *app);

/**
 * Add the public keys that the command's operands name, else that of
 * SIGNET_KEY, each under its kid: the setting's, or the thumbprint. Leaves the
 * last token open.
 *
 * @return SG_OK; SG_E_USAGE or SG_E_CONFIG when one kid is set for several
 *         keys; what opening the keys or sg_jwks_add() returns.
 */
enum sg_rc key_set_add(struct app *app, struct sg_jwks *set, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
