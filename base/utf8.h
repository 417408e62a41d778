/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_UTF8_H
#define SG_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Valid UTF-8 without overlong forms and surrogates. RFC 3629. */
bool sg_utf8_is_valid(const void *data, size_t len);

/**
 * Does the text begin with a character that a terminal may obey? Those are the
 * control characters, C1 ones too, and the ones that turn the order around.
 *
 * @param out_code  Its code point, at most U+FFFF.
 * @return Its length in bytes; 0 when it is none.
 */
size_t sg_utf8_control(const char *text, unsigned int *out_code);

/**
 * Make a text fit for a terminal and a log: what
 * sg_utf8_control() tells, and bytes that are no UTF-8, become '?'.
 */
void sg_utf8_make_safe(char *text);

#ifdef __cplusplus
}
#endif

#endif
