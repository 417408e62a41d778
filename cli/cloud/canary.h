/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_CANARY_H
#define SG_CLI_CLOUD_CANARY_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sign_in_site;

/*
 * A sign-in that shows whether a fresh JWT is taken, and leaves no session
 * behind: one is minted as the configuration and the command line say, sent,
 * and the session that it bought is signed out. The cache is not looked at.
 *
 * SG_OK means that the service took the JWT, also when the sign-out failed;
 * SG_E_SESSION that it refused it, SG_E_REFUSED that it or a proxy in between
 * did; anything else that this is not known.
 */

/** At Tableau Cloud Manager. */
enum sg_rc canary_tcm(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/**
 * At a Tableau site.
 *
 * @param site  NULL: the configured one.
 */
enum sg_rc canary_tableau(struct app *app, const struct sign_in_site *site,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
