/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_FOLDER_H
#define SG_CLI_FOLDER_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct conf_set;
struct sg_buf;
struct sg_lock;

/** The folders that signet keeps things in. */
enum folder {
	FOLDER_CACHE, /* what can be had again: sessions */
	FOLDER_STATE, /* what cannot: refused PINs, known configurations */
};

/**
 * The path of a folder: the setting's, else the user's own by the XDG base
 * directory specification. Nothing is made.
 *
 * @return SG_OK; SG_E_CONFIG when neither the setting nor HOME says where.
 */
enum sg_rc folder_path(const struct conf_set *conf, enum folder folder,
    struct sg_buf *path, struct sg_err *err) SG_WARN_UNUSED;

/** The path of a file in a folder. As folder_path(). */
enum sg_rc folder_file(const struct conf_set *conf, enum folder folder,
    const char *name, struct sg_buf *path, struct sg_err *err) SG_WARN_UNUSED;

/**
 * The path of a lock in the folder of the state, which is made if it is not
 * there; what killed writers left in it goes.
 *
 * @return SG_OK; as folder_path() and sg_file_make_dir().
 */
enum sg_rc folder_lock_path(const struct conf_set *conf, const char *name,
    struct sg_buf *path, struct sg_err *err) SG_WARN_UNUSED;

/** Take a lock there. As folder_lock_path() and sg_lock_take(). */
enum sg_rc folder_lock(const struct conf_set *conf, const char *name,
    int64_t timeout_ms, struct sg_lock **out_lock, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
