/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_JSON_H
#define SG_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A JSON value that was read: never changed, and read by any thread.
 *
 * Only the root that sg_json_parse() gave is freed; what the getters return
 * is borrowed from it. To write JSON, see jsonw.h.
 */
struct sg_json;

/**
 * Make every JSON value wipe its memory when it is freed, for the whole
 * process. Call once, before the first value and before threads.
 */
void sg_json_wipe_on_free(void);

/**
 * Read one JSON text, strictly: RFC 8259, UTF-8 only, no member twice in an
 * object (RFC 7519 §4), nothing behind the value.
 *
 * @return SG_OK, SG_E_NOMEM or SG_E_INVALID, which says the line.
 */
enum sg_rc sg_json_parse(const void *text, size_t len,
    struct sg_json **out_json, struct sg_err *err) SG_WARN_UNUSED;

void sg_json_free(struct sg_json **json);

bool sg_json_is_object(const struct sg_json *json);
bool sg_json_is_array(const struct sg_json *json);
bool sg_json_is_null(const struct sg_json *json);

/** Are both the same value, whatever the order of members? */
bool sg_json_equal(const struct sg_json *a, const struct sg_json *b);

/** A member of an object; NULL when absent or @p json is no object. */
const struct sg_json *sg_json_get(const struct sg_json *json, const char *name);

/** The text of a string; NULL when @p json is NULL or no string. */
const char *sg_json_text(const struct sg_json *json);

/** The text of a string member; NULL when absent or no string. */
const char *sg_json_get_text(const struct sg_json *json, const char *name);

/** A whole number; false when @p json is NULL or no whole number. */
bool sg_json_int(const struct sg_json *json, int64_t *out);

/** A boolean; false when @p json is NULL or no boolean. */
bool sg_json_bool(const struct sg_json *json, bool *out);

/** Elements of an array, members of an object, else 0. */
size_t sg_json_count(const struct sg_json *json);

/** Element @p i of an array; NULL when there is none. */
const struct sg_json *sg_json_at(const struct sg_json *json, size_t i);

/**
 * Walk an object's members in their order.
 *
 * @param name  NULL for the first, else what the last call returned.
 * @return The next member's name, and its value; NULL at the end.
 */
const char *sg_json_next(const struct sg_json *json, const char *name,
    const struct sg_json **out_value);

#ifdef __cplusplus
}
#endif

#endif
