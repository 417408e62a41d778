/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_STOP_MARK_H
#define SG_SIGNER_STOP_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The file in the state folder that stops signing: that it is there counts,
 * not what it says. */
#define SG_STOP_MARK_NAME "stopped.json"

/**
 * Stop signing: put the mark, whole or not at all. An older one stays.
 *
 * @param dir    The state folder; made with mode 0700 if it is not there.
 * @param now_s  Told by sg_stop_mark_check().
 * @return SG_OK; SG_E_IO; SG_E_CONFIG when the folder is open to others.
 */
enum sg_rc sg_stop_mark_set(const char *dir, int64_t now_s, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * May be signed? Asked before each signature, by whoever signs.
 *
 * @return SG_OK; SG_E_POLICY, which says since when not and how to lift it,
 *         also when it cannot be found out.
 */
enum sg_rc sg_stop_mark_check(const char *dir, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Take the mark away.
 *
 * @param out_was  Whether there was one.
 * @return SG_OK, also without one; SG_E_IO.
 */
enum sg_rc sg_stop_mark_lift(const char *dir, bool *out_was, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
