/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_PAGES_QUERY_H
#define SG_CLIENT_PAGES_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/*
 * The parameters in the query of a path, RFC 3986 §3.4, as name=value joined
 * by "&". Names are compared as they stand: ours need no percent-encoding.
 */

/** Has the path's query this parameter? */
bool sg_query_has(const char *path, const char *name);

/** A parameter that is a whole number below 10^9; else @p other. */
int64_t sg_query_number(const char *path, const char *name, int64_t other);

/** Append a parameter to a path, its value percent-encoded. */
void sg_query_add(struct sg_buf *path, const char *name, const char *value);
void sg_query_add_number(struct sg_buf *path, const char *name, int64_t number);

/** Append a path without these parameters of its query. */
void sg_query_add_path_without(struct sg_buf *out, const char *path,
    const char *const *names, size_t count);

#ifdef __cplusplus
}
#endif

#endif
