/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_JWKS_H
#define SG_CLI_ROTATE_ROTATE_JWKS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rotate;

/** Which of the two keys are to be in the published set. */
struct rotate_set {
	bool old_key;
	bool new_key;
};

/** Is there a set that could be changed? Asked before anything is made. */
enum sg_rc rotate_jwks_look(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Write the key set as it is to be published: what is published now, with and
 * without the two keys as told, to the file that was named for it. What stands
 * in that file already stays there, and counts before what is published. The
 * keys of others stay as they are, of whatever kind.
 *
 * Where none was, the set becomes the product, unless that is what is
 * published already.
 *
 * @return SG_OK; SG_E_CONFIG when somebody has to publish the product first;
 *         what fetching and writing returned.
 */
enum sg_rc rotate_jwks_publish(struct rotate *rotate, struct rotate_set wanted,
    struct sg_err *err) SG_WARN_UNUSED;

/** Look at what is published until it is as told: at most so long as the
 * rotation allows for, then SG_E_TIMEOUT. */
enum sg_rc rotate_jwks_check(struct rotate *rotate, struct rotate_set wanted,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
