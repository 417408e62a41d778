/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_ROTATION_ROTATION_NAMES_H
#define SG_CLIENT_ROTATION_ROTATION_NAMES_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What the things of a new key are called: the old name with a mark of the new
 * key behind it, in the place of the old key's mark where there is one. All
 * results are to be freed with sg_str_free().
 */

/** The label of a key: "uat" becomes "uat-1f2e3d4c", of its id in hex. */
enum sg_rc sg_rotation_label(const char *old_label, const char *old_id,
    const char *new_id, char **out_label, struct sg_err *err) SG_WARN_UNUSED;

/** The name of a configuration, with the start of the thumbprint. */
enum sg_rc sg_rotation_name(const char *old_name, const char *old_thumbprint,
    const char *new_thumbprint, char **out_name, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * The issuer of a configuration, since each is to have a URI of its own:
 * "https://a.example/b" becomes "https://a.example/b/key-NzbLsXh8uDCc".
 */
enum sg_rc sg_rotation_issuer(const char *old_issuer,
    const char *old_thumbprint, const char *new_thumbprint, char **out_issuer,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
