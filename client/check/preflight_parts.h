/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_CHECK_PREFLIGHT_PARTS_H
#define SG_CLIENT_CHECK_PREFLIGHT_PARTS_H

#include "client/check/preflight.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The parts of preflight.h that have a file of their own. */

/** The handle of a configuration in a command: its id, else its name. */
const char *sg_preflight_handle(const struct sg_uat_config *config);

/** A point that needs the configuration, where there is none. */
void sg_preflight_no_config(struct sg_points *points, const char *name);

/** What the JWT says beside its scopes: user, lifetime, issuer, tenant, and the
 * claim that names the user. */
void sg_preflight_claims_judge(
    const struct sg_preflight *facts, struct sg_points *points);

/** The scopes: grammar, names, within the configuration, wildcards. */
void sg_preflight_scopes_judge(
    const struct sg_preflight *facts, struct sg_points *points);

/** The key of the configuration: which kind, the same key, kid and key set. */
void sg_preflight_keys_judge(
    const struct sg_preflight *facts, struct sg_points *points);

/** The ids of tenant and site among the configuration's resources. */
void sg_preflight_resources_judge(
    const struct sg_preflight *facts, struct sg_points *points);

#ifdef __cplusplus
}
#endif

#endif
