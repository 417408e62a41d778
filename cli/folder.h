/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_FOLDER_H
#define SG_CLI_FOLDER_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct conf_set;
struct sg_buf;

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

#ifdef __cplusplus
}
#endif

#endif
