/* SPDX-License-Identifier: Apache-2.0 */
#include "base/b64url.h"

#include <stdint.h>

#include "base/buf.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
sg_b64url_encode(struct sg_buf *buf, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint32_t bits = 0;
	unsigned int held = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		held += 8;
		while (held >= 6) {
			held -= 6;
			sg_buf_add_byte(
			    buf, (uint8_t)alphabet[bits >> held & 0x3f]);
		}
	}
	if (held > 0)
		sg_buf_add_byte(
		    buf, (uint8_t)alphabet[bits << (6 - held) & 0x3f]);
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

enum sg_rc
sg_b64url_decode(
    struct sg_buf *buf, const char *text, size_t len, struct sg_err *err)
{
	uint32_t bits = 0;
	unsigned int held = 0;
	size_t i;

	if (len % 4 == 1)
		return sg_fail(
		    err, SG_E_INVALID, "base64url text has a wrong length");
	for (i = 0; i < len; i++) {
		int value = value_of(text[i]);

		if (value < 0)
			return sg_fail(err, SG_E_INVALID,
			    "base64url text has a wrong character");
		bits = bits << 6 | (uint32_t)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			sg_buf_add_byte(buf, (uint8_t)(bits >> held & 0xff));
		}
	}
	if ((bits & ((1U << held) - 1)) != 0)
		return sg_fail(
		    err, SG_E_INVALID, "base64url text has left-over bits");
	return SG_OK;
}
