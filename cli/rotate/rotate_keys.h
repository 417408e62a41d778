/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_KEYS_H
#define SG_CLI_ROTATE_ROTATE_KEYS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rotate;

/* The keys of a rotation in their token. */

/** Generate the new key, or find the one that was; record what it is, and what
 * is named after it. */
enum sg_rc rotate_keys_make(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

/** Delete the new key, or the old one, if it is there. The old one stays when
 * a configuration carries it that is known, or that the service lists, enabled
 * or not. */
enum sg_rc rotate_keys_drop(
    struct rotate *rotate, bool new_key, struct sg_err *err) SG_WARN_UNUSED;

/** Is the new key, or the old one, in the token? */
enum sg_rc rotate_keys_look(struct rotate *rotate, bool new_key,
    bool *out_there, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
