/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CONF_EDIT_H
#define SG_CLI_CONF_EDIT_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/** A setting of a dotenv file that is to get another value. Borrowed. */
struct conf_edit {
	const char *name;
	const char *from;
	const char *to;
};

/**
 * Give settings of a dotenv file new values, all of them in one rename: who
 * reads the file meanwhile sees all the old values or all the new ones.
 *
 * Every other byte stays, and so do mode, owner and group; a link is followed.
 * A value keeps its quotes where it can. Where a name stands twice, the last
 * one, which counts, is changed. A setting that has its new value already is
 * left; when all have, the file is not touched.
 *
 * @return SG_OK; SG_E_CONFIG when a setting has neither value or is not in the
 *         file, or the file is malformed or not to be trusted; SG_E_IO, and
 *         then nothing has changed; SG_E_USAGE for a value that no dotenv file
 *         can hold; SG_E_NOMEM.
 */
enum sg_rc conf_edit(const char *path, const struct conf_edit *edits,
    size_t count, struct sg_err *err) SG_WARN_UNUSED;

/** Could conf_edit() change this file, as far as modes, owners and mounts tell?
 */
enum sg_rc conf_edit_check(const char *path, struct sg_err *err) SG_WARN_UNUSED;

/** Add a value in quotes that a dotenv file and a shell read alike. */
void conf_edit_add_quoted(struct sg_buf *out, const char *value);

#ifdef __cplusplus
}
#endif

#endif
