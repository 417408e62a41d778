/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_UAT_MATCH_H
#define SG_CLIENT_UAT_UAT_MATCH_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/uat/uat_config.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_rsa;

/**
 * Does a configuration show this public key?
 *
 * The keys are compared, not their texts: another wrapping of the PEM, CRLF,
 * or no line ends at all make no difference.
 */
bool sg_uat_match_key(
    const struct sg_uat_config *config, const struct sg_rsa *rsa);

/**
 * The configuration that a JWT is for, when none is named.
 *
 * The enabled one with this issuer, else the enabled one with this key; then
 * the same among the disabled; then the only one there is. Where several have
 * the issuer, the one of them with the key.
 *
 * @param issuer      NULL when none is known.
 * @param rsa         NULL when none is known.
 * @param out_config  Borrowed from @p configs.
 * @return SG_OK; SG_E_REFUSED with 404 in err->native when none fits;
 *         SG_E_USAGE when several do, listing their ids and names.
 */
enum sg_rc sg_uat_match_choose(const struct sg_uat_configs *configs,
    const char *issuer, const struct sg_rsa *rsa,
    const struct sg_uat_config **out_config, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
