/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_JWT_INPUT_H
#define SG_CLI_JWT_INPUT_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_jwt;

/**
 * Read a JWT from a file or, for "-", from stdin. One that is given itself is
 * refused: on a command line any process could read it.
 *
 * @param out_jwt  Free with sg_jwt_free(). Not verified.
 * @return SG_OK; SG_E_USAGE, SG_E_IO; SG_E_INVALID for what is no JWT.
 */
enum sg_rc jwt_input_read(const char *path, struct sg_jwt **out_jwt,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
