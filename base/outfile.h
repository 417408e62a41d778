/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_OUTFILE_H
#define SG_BASE_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A file that is written piece by piece and appears whole or not at all.
 *
 * Until sg_outfile_commit() it has no name where the file system can do that,
 * so that nothing is left over even after SIGKILL; else a name of its own
 * beside the file, which sg_outfile_free() removes. A symbolic link is
 * followed; what is no regular file (a terminal, a FIFO) is written to
 * directly; a FIFO must find its reader within two seconds. Not for two threads
 * at once.
 */
struct sg_outfile;

/**
 * Begin to write.
 *
 * @param mode      What the file then has, whatever it had; no umask applies.
 * @param out_file  Free with sg_outfile_free(): without a commit, nothing has
 *                  changed.
 * @return SG_OK; SG_E_IO for a folder, a link to nothing, or a place that
 *         cannot be written to.
 */
enum sg_rc sg_outfile_open(const char *path, mode_t mode,
    struct sg_outfile **out_file, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Begin to write a file that signet keeps for itself, mode 0600: a link that
 * has its name is replaced, and where it leads is left alone.
 *
 * @return As sg_outfile_open().
 */
enum sg_rc sg_outfile_open_own(const char *path, struct sg_outfile **out_file,
    struct sg_err *err) SG_WARN_UNUSED;

/** Append. SG_OK or SG_E_IO with errno in native. */
enum sg_rc sg_outfile_write(struct sg_outfile *file, const void *data,
    size_t len, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Take back what was written, to begin anew.
 *
 * @return SG_OK; SG_E_IO when it went to what takes nothing back.
 */
enum sg_rc sg_outfile_restart(struct sg_outfile *file, struct sg_err *err)
    SG_WARN_UNUSED;

/** Let the file belong to another than this user. SG_OK or SG_E_IO. */
enum sg_rc sg_outfile_give(struct sg_outfile *file, uid_t user, gid_t group,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Flush it and put it in the place of @c path, in one step.
 *
 * @return SG_OK or SG_E_IO, and then the old file is there as it was.
 */
enum sg_rc sg_outfile_commit(struct sg_outfile *file, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Remove a file so that it stays removed after a power cut.
 *
 * @param out_was  Was there one? May be NULL.
 * @return SG_OK, also when there was none; SG_E_IO.
 */
enum sg_rc sg_outfile_remove(
    const char *path, bool *out_was, struct sg_err *err) SG_WARN_UNUSED;

/** Takes NULL; leaves NULL. */
void sg_outfile_free(struct sg_outfile **file);

/**
 * Remove what writers that were killed left in a folder: temporary files of
 * this user (.NAME.signet-tmp- and 16 digits) that nobody wrote to for five
 * minutes.
 *
 * For whoever owns the folder, the cache or the state; in a folder of the
 * user's nothing is ours to remove. What fails is let go.
 */
void sg_outfile_sweep(const char *dir);

#ifdef __cplusplus
}
#endif

#endif
