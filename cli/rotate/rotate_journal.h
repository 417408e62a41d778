/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_JOURNAL_H
#define SG_CLI_ROTATE_ROTATE_JOURNAL_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct rotate;
struct sg_list;
struct sg_rotation;

/* The record of a rotation on disk: one file per configuration, mode 0600, in
 * SIGNET_STATE_DIR. It is there from before the first step until the end. */

/** Keep other rotations of this user out, until rotate_clear(). */
enum sg_rc rotate_journal_lock(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Find the rotation that is not finished.
 *
 * @param named  Its configuration by id or name; NULL: the only one there is.
 * @return SG_OK, and rotate->rotation stays NULL when there is none;
 *         SG_E_USAGE when there are several, naming them; SG_E_CONFIG when a
 *         record cannot be read.
 */
enum sg_rc rotate_journal_find(struct rotate *rotate, const char *named,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * The configurations of every rotation that is not finished: the old one, and
 * the new one once it is known to be made.
 *
 * @param out_ids  Their ids; empty when there is no such rotation. Release it
 *                 with sg_list_clear().
 * @return SG_OK; SG_E_CONFIG when a record cannot be read.
 */
enum sg_rc rotate_journal_open_configs(struct app *app, struct sg_list *out_ids,
    struct sg_err *err) SG_WARN_UNUSED;

/** Keep the record: it is on disk when this returns. */
enum sg_rc rotate_journal_save(struct rotate *rotate,
    const struct sg_rotation *rotation, struct sg_err *err) SG_WARN_UNUSED;

/** The rotation is over. */
enum sg_rc rotate_journal_remove(struct rotate *rotate, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
