/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_KEY_KEY_SET_H
#define SG_CLI_KEY_KEY_SET_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_jwks;

/**
 * Put together what a command is to publish: the sets of --merge; the public
 * keys that the operands name, else that of SIGNET_KEY, each under its kid,
 * the setting's or the thumbprint; less those that --retire or their own "exp"
 * puts out of use. Leaves the last token open.
 *
 * No token is opened when no key is named or configured and there is a set to
 * merge.
 *
 * @return SG_OK; SG_E_USAGE or SG_E_CONFIG when one kid is set for several
 *         keys; SG_E_USAGE for a malformed --retire; SG_E_INVALID when no key
 *         is left; what opening the keys, sg_jwks_merge() or sg_jwks_add()
 *         returns.
 */
enum sg_rc key_set_collect(
    struct app *app, struct sg_jwks *set, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Take the keys out whose time is over, and tell of each.
 *
 * @return SG_OK; SG_E_INVALID when no key is left.
 */
enum sg_rc key_set_drop_retired(
    struct app *app, struct sg_jwks *set, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
