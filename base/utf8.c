/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Bytes in the sequence that starts with lead; 0 when none may. */
static size_t
sequence_len(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/* The second byte's range excludes overlong forms, surrogates, > U+10FFFF. */
static bool
second_byte_fits(uint8_t lead, uint8_t second)
{
	if (lead == 0xe0)
		return second >= 0xa0;
	if (lead == 0xed)
		return second <= 0x9f;
	if (lead == 0xf0)
		return second >= 0x90;
	return lead != 0xf4 || second <= 0x8f;
}

/* Bytes of the character that the bytes begin with; 0 when there is none. */
static size_t
character_len(const uint8_t *bytes, size_t len)
{
	size_t count = sequence_len(bytes[0]);
	size_t k;

	if (count == 0 || count > len)
		return 0;
	for (k = 1; k < count; k++)
		if ((bytes[k] & 0xc0) != 0x80)
			return 0;
	if (count > 1 && !second_byte_fits(bytes[0], bytes[1]))
		return 0;
	return count;
}

bool
sg_utf8_is_valid(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t count;

	for (; len > 0; len -= count) {
		count = character_len(bytes, len);
		if (count == 0)
			return false;
		bytes += count;
	}
	return true;
}

/* Some terminals obey U+0080 to U+009F as well, and U+202A to U+202E and
 * U+2066 to U+2069 turn the order of what follows around. */
static bool
is_control(const uint8_t *c, size_t len)
{
	if (len == 1)
		return c[0] < 0x20 || c[0] == 0x7f;
	if (len == 2)
		return c[0] == 0xc2 && c[1] < 0xa0;
	return len == 3 && c[0] == 0xe2 &&
	       ((c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) ||
		   (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

size_t
sg_utf8_control(const char *text, unsigned int *out_code)
{
	const uint8_t *c = (const uint8_t *)text;
	size_t len = *text != '\0' ? character_len(c, strnlen(text, 4)) : 0;

	if (len == 0 || !is_control(c, len))
		return 0;
	if (len == 1)
		*out_code = c[0];
	else if (len == 2)
		*out_code = (c[0] & 0x1fU) << 6 | (c[1] & 0x3fU);
	else
		*out_code =
		    (c[0] & 0x0fU) << 12 | (c[1] & 0x3fU) << 6 | (c[2] & 0x3fU);
	return len;
}

void
sg_utf8_make_safe(char *text)
{
	uint8_t *bytes = (uint8_t *)text;
	size_t left = strlen(text);
	size_t count;

	for (; left > 0; left -= count) {
		count = character_len(bytes, left);
		if (count == 0 || is_control(bytes, count)) {
			count = count > 0 ? count : 1;
			memset(bytes, '?', count);
		}
		bytes += count;
	}
}
