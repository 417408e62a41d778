/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_STOPPED_H
#define SG_CLI_UAT_STOPPED_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_buf;

/* The stop mark of this user: see signer/stop_mark.h. */

/**
 * May this run sign? Every command that does asks first.
 *
 * @return SG_OK, also where there is no place for a mark, and for uat stop,
 *         which signs in to stop the others; SG_E_POLICY.
 */
enum sg_rc stopped_check(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** Stop signing. @p path becomes that of the mark. */
enum sg_rc stopped_set(struct app *app, struct sg_buf *path, struct sg_err *err)
    SG_WARN_UNUSED;

/** Let signing go on. */
enum sg_rc stopped_lift(struct app *app, bool *out_was, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
