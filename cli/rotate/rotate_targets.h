/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_TARGETS_H
#define SG_CLI_ROTATE_ROTATE_TARGETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rotate;
struct sg_api;
struct sg_uat_config;

/* Where both keys have to sign in: "tcm", and "UUID=content URL" of a site. */

/**
 * Record a target for each resource of a configuration.
 *
 * The configured site and those of --canary-site are known; others are looked
 * up in the tenant's list of sites.
 *
 * @param api  To Cloud Manager.
 * @return SG_OK; SG_E_CONFIG for a site whose content URL is not known, naming
 *         the option that tells it.
 */
enum sg_rc rotate_targets_find(struct rotate *rotate,
    const struct sg_uat_config *config, struct sg_api *api, struct sg_err *err)
    SG_WARN_UNUSED;

/** Drop those where the old key is refused as it is, and say so; one must
 * stay. */
enum sg_rc rotate_targets_settle(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Sign in at each of them with the new key, or the old one.
 *
 * @param within_s  A refusal is taken for an answer after so many seconds.
 */
enum sg_rc rotate_targets_try(struct rotate *rotate, bool new_key,
    int64_t within_s, struct sg_err *err) SG_WARN_UNUSED;

/** Sleep between two looks at what takes its time elsewhere: a quarter of a
 * second after the first (0), longer after each, four seconds at most. */
void rotate_pause(unsigned int look);

#ifdef __cplusplus
}
#endif

#endif
