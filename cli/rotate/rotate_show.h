/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_SHOW_H
#define SG_CLI_ROTATE_ROTATE_SHOW_H

#include "base/attr.h"
#include "base/err.h"
#include "client/rotation/rotation.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rotate;

/** Say on stderr which step is being taken. */
void rotate_show_step(const struct rotate *rotate,
    const struct sg_rotation *rotation, enum sg_rotation_step step);

/** Give the steps that are to be taken as the product. */
enum sg_rc rotate_show_plan(const struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

/** Give the key that signs after all of them as the product. */
enum sg_rc rotate_show_end(const struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
