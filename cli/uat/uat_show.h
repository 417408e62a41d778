/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_UAT_SHOW_H
#define SG_CLI_UAT_UAT_SHOW_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_uat_config;
struct sg_uat_configs;

/* The configurations that the service showed, as the product; which keys they
 * carry is remembered: see known.h. */

enum sg_rc uat_show(struct app *app, const struct sg_uat_config *config,
    struct sg_err *err) SG_WARN_UNUSED;

/** The same of one that was to be made: whether it was. */
enum sg_rc uat_show_made(struct app *app, const struct sg_uat_config *config,
    bool made, struct sg_err *err) SG_WARN_UNUSED;

enum sg_rc uat_show_all(struct app *app, const struct sg_uat_configs *configs,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
