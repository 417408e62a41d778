/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_UAT_COPY_H
#define SG_CLIENT_UAT_UAT_COPY_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/uat/uat.h"
#include "signer/jwk.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Make a configuration that is like another but for what a change names, or
 * find the one that an earlier call made, whose answer may have been lost.
 *
 * Members that we do not know are copied. It is known by its name and key,
 * sent once and, when the answer is lost, looked for: see sg_uat_create().
 *
 * @param change      Names a new name and a new public key at least.
 * @param out_config  Free with sg_uat_config_free().
 * @return SG_OK; SG_E_POLICY when another configuration has the name; the
 *         errors of sg_uat_list(), sg_uat_get(), sg_uat_change_body() and
 *         sg_uat_create().
 */
enum sg_rc sg_uat_copy(const struct sg_uat *uat, const char *id,
    const struct sg_uat_change *change, struct sg_uat_config **out_config,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * The configuration with this name and key.
 *
 * @param may_be_late  It was asked for, and no answer came: the request may be
 *                     on its way, so it is looked for a few times.
 * @param out_config   NULL when there is none. Free with sg_uat_config_free().
 * @return SG_OK; the errors of sg_uat_list() and sg_uat_get().
 */
enum sg_rc sg_uat_find_copy(const struct sg_uat *uat, const char *name,
    const char *thumbprint, bool may_be_late, struct sg_uat_config **out_config,
    struct sg_err *err) SG_WARN_UNUSED;

/** The thumbprint of the key in force; "" when none is shown that RS256 could
 * use. */
enum sg_rc sg_uat_config_thumbprint(const struct sg_uat_config *config,
    char out_text[SG_THUMBPRINT_SIZE], struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
