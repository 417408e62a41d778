/* SPDX-License-Identifier: Apache-2.0 */
#include "client/rotation/rotation_names.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Characters of an id, and of a thumbprint, that tell keys apart. */
#define ID_MARK		8
#define THUMBPRINT_MARK 12

/* The length of a name without the mark of the old key. */
static size_t
bare_len(const char *name, const char *between, const char *mark, size_t len)
{
	size_t tail = strlen(between) + len;
	size_t all = strlen(name);

	if (strlen(mark) < len || all <= tail ||
	    strncmp(name + all - len, mark, len) != 0 ||
	    strncmp(name + all - tail, between, strlen(between)) != 0)
		return all;
	return all - tail;
}

static enum sg_rc
remark(const char *name, const char *between, const char *old_mark,
    const char *new_mark, int len, char **out_name, struct sg_err *err)
{
	size_t bare = bare_len(name, between, old_mark, (size_t)len);

	if (asprintf(out_name, "%.*s%s%.*s", (int)bare, name, between, len,
		new_mark) < 0) {
		*out_name = NULL;
		return sg_fail_nomem(err);
	}
	return SG_OK;
}

enum sg_rc
sg_rotation_label(const char *old_label, const char *old_id, const char *new_id,
    char **out_label, struct sg_err *err)
{
	return remark(old_label, "-", old_id, new_id, ID_MARK, out_label, err);
}

enum sg_rc
sg_rotation_name(const char *old_name, const char *old_thumbprint,
    const char *new_thumbprint, char **out_name, struct sg_err *err)
{
	return remark(old_name, "-", old_thumbprint, new_thumbprint,
	    THUMBPRINT_MARK, out_name, err);
}

/* Behind a slash that the issuer ends with there is no second one. */
enum sg_rc
sg_rotation_issuer(const char *old_issuer, const char *old_thumbprint,
    const char *new_thumbprint, char **out_issuer, struct sg_err *err)
{
	const char *between =
	    strstr(old_issuer, "://") != NULL ? "/key-" : ":key-";
	const char *mark =
	    sg_text_ends(old_issuer, "/") ? between + 1 : between;

	return remark(old_issuer, mark, old_thumbprint, new_thumbprint,
	    THUMBPRINT_MARK, out_issuer, err);
}
