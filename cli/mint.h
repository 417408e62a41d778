/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_MINT_H
#define SG_CLI_MINT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_secret;

/** The kid of the configuration, for headers and JWKs; NULL for none. */
enum sg_rc mint_kid(struct app *app, const char *thumbprint,
    const char **out_kid, struct sg_err *err) SG_WARN_UNUSED;

/**
 * The issuer of --issuer, else of the configuration; NULL for none.
 *
 * @return SG_OK; as conf_get(); for one with a control character, such as a
 *         line end, SG_E_USAGE when it is that of --issuer, else SG_E_CONFIG.
 */
enum sg_rc mint_issuer(struct app *app, const char **out_issuer,
    struct sg_err *err) SG_WARN_UNUSED;

/** The scopes of --scope, else of the configuration; may be none. */
enum sg_rc mint_scopes(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** The life of a JWT in seconds, as configured; 0 when it is not. */
enum sg_rc mint_lifetime(struct app *app, int64_t *out_s, struct sg_err *err)
    SG_WARN_UNUSED;

/** How long before it is made a JWT says it was, in seconds. */
enum sg_rc mint_backdate(struct app *app, int64_t *out_s, struct sg_err *err)
    SG_WARN_UNUSED;

/** Sign a JWT of the configured claims and those of --claim and --claims. */
enum sg_rc mint_jwt(struct app *app, struct sg_secret **out_jwt,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
