/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_BEGIN_H
#define SG_CLI_ROTATE_ROTATE_BEGIN_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rotate;

/**
 * Decide all that can be decided before anything is made, and find what makes
 * a rotation unsafe. Reads the token and the configuration; changes nothing.
 *
 * @param named  The configuration by id or name; NULL: the one that carries the
 *               key in use.
 * @return SG_OK, with rotate->rotation at its first step; SG_E_POLICY,
 *         SG_E_CONFIG or SG_E_USAGE with what to do first; what the calls
 *         returned.
 */
enum sg_rc rotate_begin(struct rotate *rotate, const char *named,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Give the new key another id, and a label to go with it: where a generation
 * that was cut off has left something with the first.
 */
enum sg_rc rotate_choose_again(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

/** Take what the command line says of a rotation, new or found: the options
 * that may be given at any time. */
enum sg_rc rotate_take_options(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
