/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_PREFLIGHT_CONFIG_H
#define SG_CLI_UAT_PREFLIGHT_CONFIG_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct preflight_facts;

/**
 * The configuration of a preflight, from --config-file or from the service,
 * and all that were seen beside it. The key and its JWT are known already.
 *
 * It is read with the PAT where there is one, and else, or where that fails,
 * with a JWT: the very JWT that is checked may be broken. The session is
 * neither taken from the cache nor kept there.
 *
 * @return SG_OK, also when it cannot be had, which facts->config_err tells;
 *         else as preflight_facts_gather().
 */
enum sg_rc preflight_config_learn(struct app *app,
    struct preflight_facts *facts, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
