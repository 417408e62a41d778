/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_FILE_H
#define SG_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/** How far a file must be trusted before it is read. */
enum sg_file_trust {
	SG_FILE_ANY,	/* whoever wrote it */
	SG_FILE_SECRET, /* owner this user or root; others may not read it */
	SG_FILE_CONFIG, /* owner this user or root; others may not write it */
};

/**
 * Read a whole file, or a FIFO until its end, after checking who may touch it.
 *
 * The check is made on the open file, so that nobody can swap it.
 *
 * @param max              Most bytes; a longer file is SG_E_USAGE.
 * @param out_others_read  May be NULL; set to whether group or others can
 *                         read the file.
 * @return SG_OK; SG_E_IO with errno in native; SG_E_CONFIG when the file is
 *         not to be trusted, with the command that mends it.
 */
enum sg_rc sg_file_read(const char *path, enum sg_file_trust trust, size_t max,
    bool *out_others_read, struct sg_buf **out_buf, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Open a file for reading, after the checks of sg_file_read().
 *
 * Waits for nobody: what is a FIFO is for sg_file_read_fd().
 *
 * @param out_fd  Set on success only; the caller closes it.
 */
enum sg_rc sg_file_open(const char *path, enum sg_file_trust trust, int *out_fd,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Read a descriptor to its end. Stays open.
 *
 * @param name      For the error.
 * @param limit_ms  Longest time for all of it; 0: any.
 * @return SG_OK; SG_E_USAGE for more than @p max bytes; SG_E_IO; SG_E_TIMEOUT.
 */
enum sg_rc sg_file_read_fd(int fd, const char *name, size_t max,
    int64_t limit_ms, struct sg_buf **out_buf, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Put a whole new file in place of @p path, or leave what was there.
 *
 * Written beside it, flushed, renamed; a symbolic link is followed; what is no
 * regular file (a terminal, a FIFO) is written to directly.
 *
 * @param mode  What the file then has, whatever it had; no umask applies.
 * @return SG_OK or SG_E_IO, and then nothing has changed.
 */
enum sg_rc sg_file_replace(const char *path, const void *data, size_t len,
    mode_t mode, struct sg_err *err) SG_WARN_UNUSED;

/**
 * The same for a file that signet keeps for itself, mode 0600: a link that has
 * its name is replaced, and where it leads is left alone.
 */
enum sg_rc sg_file_keep(const char *path, const void *data, size_t len,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Put new bytes in place of those of a regular file that is there, or leave
 * them: sg_file_replace() that keeps mode, owner and group.
 *
 * @return SG_OK; SG_E_IO, also when the owner cannot be kept, and then nothing
 *         has changed.
 */
enum sg_rc sg_file_rewrite(const char *path, const void *data, size_t len,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Could sg_file_replace() write there, as far as modes and folders tell?
 *
 * For callers that are about to do what cannot be done twice.
 *
 * @return SG_OK or SG_E_IO.
 */
enum sg_rc sg_file_check_replace(const char *path, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Make a folder and its parents, mode 0700; it may be there already.
 *
 * @return SG_OK; SG_E_IO; SG_E_CONFIG when others can reach what is there.
 */
enum sg_rc sg_file_make_dir(const char *path, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * The checks of sg_file_make_dir() alone.
 *
 * @return SG_OK; SG_E_IO when it is no folder; SG_E_CONFIG when others can
 *         reach it.
 */
enum sg_rc sg_file_check_dir(const char *path, struct sg_err *err)
    SG_WARN_UNUSED;

/** A lock between processes, held until freed or the process ends. */
struct sg_lock;

/**
 * Take the lock of a file, made if absent; wait for another holder.
 *
 * @return SG_OK, SG_E_IO, or SG_E_TIMEOUT after @p timeout_ms.
 */
enum sg_rc sg_lock_take(const char *path, int64_t timeout_ms,
    struct sg_lock **out_lock, struct sg_err *err) SG_WARN_UNUSED;

void sg_lock_free(struct sg_lock **lock);

#ifdef __cplusplus
}
#endif

#endif
