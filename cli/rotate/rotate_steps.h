/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_STEPS_H
#define SG_CLI_ROTATE_ROTATE_STEPS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/rotation/rotation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the steps of a rotation do, for sg_rotation_ops. Each finds out first
 * what is done already. The context is a struct rotate. */

enum sg_rc rotate_steps_take(void *ctx, struct sg_rotation *rotation,
    enum sg_rotation_step step, struct sg_err *err) SG_WARN_UNUSED;

enum sg_rc rotate_steps_old_is_lost(void *ctx,
    const struct sg_rotation *rotation, bool *out_lost, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
