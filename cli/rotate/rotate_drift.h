/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_DRIFT_H
#define SG_CLI_ROTATE_ROTATE_DRIFT_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rotate;

/**
 * Is the old configuration still what it was when the new one was made like
 * it, so that nothing is lost with it? To be asked before it is disabled or
 * deleted.
 *
 * Its name and whether it is enabled do not count; nor does a change of its
 * claim, resources or scopes that the new one has got too.
 *
 * @return SG_OK, also when it is gone; SG_E_POLICY, with what differs and what
 *         to do, when it carries another key or issuer, or was changed
 *         otherwise; what the calls returned.
 */
enum sg_rc rotate_drift_check(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
