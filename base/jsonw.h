/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_JSONW_H
#define SG_BASE_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_json;

/**
 * Writes one JSON text into a buffer, compact and in the order of the calls.
 *
 * Start with {.out = buffer}. A failure is remembered and told by
 * sg_jsonw_check(). The name is NULL for the root and in arrays.
 */
struct sg_jsonw {
	struct sg_buf *out; /* borrowed */
	bool comma_due;
	bool not_utf8;
};

void sg_jsonw_object(struct sg_jsonw *w, const char *name);
void sg_jsonw_object_end(struct sg_jsonw *w);
void sg_jsonw_array(struct sg_jsonw *w, const char *name);
void sg_jsonw_array_end(struct sg_jsonw *w);

/** A string; null when @p text is NULL. */
void sg_jsonw_str(struct sg_jsonw *w, const char *name, const char *text);
void sg_jsonw_int(struct sg_jsonw *w, const char *name, int64_t value);
void sg_jsonw_bool(struct sg_jsonw *w, const char *name, bool value);

/** A value that was read. A real number may get other digits, the fewest that
 * are the same number. */
void sg_jsonw_value(
    struct sg_jsonw *w, const char *name, const struct sg_json *value);

/** An array of strings. */
void sg_jsonw_strs(
    struct sg_jsonw *w, const char *name, char *const *items, size_t count);

/**
 * Did everything so far go well?
 *
 * @param what  Named in the error.
 * @return SG_OK, SG_E_NOMEM, or SG_E_USAGE for text that is no UTF-8 or too
 *         long for the buffer.
 */
enum sg_rc sg_jsonw_check(const struct sg_jsonw *w, const char *what,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
