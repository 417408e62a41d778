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
struct sg_rotation;
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

/**
 * Drop those where the service itself refuses the old key as it is, and say
 * so; one must stay.
 *
 * @return SG_OK; SG_E_SESSION when it is refused everywhere; SG_E_REFUSED and
 *         the errors of a network when somewhere it is neither taken nor
 *         refused, though asked for as long as rotate_settle_s() says.
 */
enum sg_rc rotate_targets_settle(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Sign in at each of them with the new key, or the old one.
 *
 * @param within_s  The service's own refusal is taken for an answer after so
 *                  many seconds. Any other, such as a 503, is asked again as
 *                  long as rotate_settle_s() says in any case.
 * @return SG_OK; SG_E_SESSION where the service refuses the key; SG_E_REFUSED
 *         and the errors of a network where that is not known.
 */
enum sg_rc rotate_targets_try(struct rotate *rotate, bool new_key,
    int64_t within_s, struct sg_err *err) SG_WARN_UNUSED;

/** How long a sign-in that should work may take to do so, in seconds: what
 * --publish-timeout says, and half a minute at most. */
int64_t rotate_settle_s(const struct sg_rotation *r);

/** Sleep between two looks at what takes its time elsewhere: a quarter of a
 * second after the first (0), longer after each, four seconds at most. */
void rotate_pause(unsigned int look);

#ifdef __cplusplus
}
#endif

#endif
