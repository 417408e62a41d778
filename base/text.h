/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_TEXT_H
#define SG_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

#define SG_SHA256_SIZE 32

/** A list of strings that it owns. Valid when zeroed. */
struct sg_list {
	char **items;
	size_t count;
};

/** Append a copy of @p text. SG_OK or SG_E_NOMEM. */
enum sg_rc sg_list_add(
    struct sg_list *list, const char *text, struct sg_err *err) SG_WARN_UNUSED;

/** Append each word of @p text; words are split at blanks and commas. */
enum sg_rc sg_list_add_words(
    struct sg_list *list, const char *text, struct sg_err *err) SG_WARN_UNUSED;

bool sg_list_has(const struct sg_list *list, const char *text);

/** By their bytes. */
void sg_list_sort(struct sg_list *list);

/** Release what the list owns; it can be used again. */
void sg_list_clear(struct sg_list *list);

/** free() as a cleanup handler for plain strings: use SG_AUTO_STR. */
void sg_str_free(char **text);
#define SG_AUTO_STR __attribute__((cleanup(sg_str_free))) char *

/**
 * Copy a string; what is NULL leaves @p out_copy as it is.
 *
 * @param out_copy  Free with sg_str_free().
 * @return SG_OK or SG_E_NOMEM.
 */
enum sg_rc sg_str_copy(const char *text, char **out_copy, struct sg_err *err)
    SG_WARN_UNUSED;

/** Is this a UUID in its 36-character form, upper or lower case? */
bool sg_text_is_uuid(const char *text);

bool sg_text_starts(const char *text, const char *prefix);

bool sg_text_ends(const char *text, const char *suffix);

/** Append lower-case hex. */
void sg_hex_encode(struct sg_buf *buf, const void *data, size_t len);

/**
 * Append the bytes of a hex text; colons between bytes are skipped.
 *
 * @return SG_OK or SG_E_USAGE.
 */
enum sg_rc sg_hex_decode(
    struct sg_buf *buf, const char *text, struct sg_err *err) SG_WARN_UNUSED;

/** The SHA-256 digest of @p len bytes. FIPS 180-4. */
void sg_sha256(const void *data, size_t len, uint8_t out[SG_SHA256_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
