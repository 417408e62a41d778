/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_DOTENV_H
#define SG_CLI_DOTENV_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/** One NAME=value of a dotenv file; both point into the file's bytes. */
struct dotenv_entry {
	const char *name;
	const char *value;
	int line;
	size_t at;  /* where in the file the value stands, quotes included, */
	size_t len; /* and how long that is */
};

/** A dotenv file. The bytes, which may hold secrets, are wiped on release. */
struct dotenv {
	struct sg_buf *bytes;
	struct dotenv_entry *entries;
	size_t count;
};

/**
 * Read a dotenv text: NAME = value, spaces around '=', '…' and "…" quotes,
 * "export " in front, '#' comments, quoted values over several lines.
 *
 * In double quotes \n, \t, \\, \" and \$ mean what they do in a shell. Nothing
 * is expanded. When a name stands twice, the last one counts, as in a shell.
 *
 * @param bytes  Taken over, and changed in place.
 * @param name   Of the file, for errors.
 * @return SG_OK, SG_E_NOMEM, or SG_E_CONFIG with the line.
 */
enum sg_rc dotenv_parse(struct sg_buf **bytes, const char *name,
    struct dotenv **out_dotenv, struct sg_err *err) SG_WARN_UNUSED;

/** The value of a name, or NULL. Borrowed. */
const char *dotenv_get(const struct dotenv *dotenv, const char *name);

void dotenv_free(struct dotenv **dotenv);

#ifdef __cplusplus
}
#endif

#endif
