/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_SCOPE_H
#define SG_SIGNER_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Check a scope's grammar: tableau:<resource>:<action>, where only the action
 * may be '*'. Source: Tableau's access scopes, 2026-09.
 *
 * @return SG_OK, or SG_E_USAGE with the reason.
 */
enum sg_rc sg_scope_check(const char *scope, struct sg_err *err) SG_WARN_UNUSED;

/** Is the scope, or for a wildcard its resource, one that is documented? */
bool sg_scope_is_known(const char *scope);

/** The documented scope that is spelled most like it; NULL when none is. */
const char *sg_scope_nearest(const char *scope);

/** The documented scopes, sorted by service as Tableau lists them. */
extern const char *const sg_scope_known[];
extern const size_t sg_scope_known_count;

#ifdef __cplusplus
}
#endif

#endif
