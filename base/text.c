/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <ctype.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static enum sg_rc
add_bytes(
    struct sg_list *list, const char *text, size_t len, struct sg_err *err)
{
	char **grown;
	char *copy;

	grown =
	    reallocarray(list->items, list->count + 1, sizeof(list->items[0]));
	if (grown == NULL)
		return sg_fail_nomem(err);
	list->items = grown;
	copy = strndup(text, len);
	if (copy == NULL)
		return sg_fail_nomem(err);
	list->items[list->count++] = copy;
	return SG_OK;
}

enum sg_rc
sg_list_add(struct sg_list *list, const char *text, struct sg_err *err)
{
	return add_bytes(list, text, strlen(text), err);
}

enum sg_rc
sg_list_add_words(struct sg_list *list, const char *text, struct sg_err *err)
{
	static const char gaps[] = " \t\r\n,";
	enum sg_rc rc;
	size_t len;

	for (;;) {
		text += strspn(text, gaps);
		len = strcspn(text, gaps);
		if (len == 0)
			return SG_OK;
		rc = add_bytes(list, text, len, err);
		if (rc != SG_OK)
			return rc;
		text += len;
	}
}

bool
sg_list_has(const struct sg_list *list, const char *text)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static int
by_text(const void *a, const void *b)
{
	const char *const *text_a = a;
	const char *const *text_b = b;

	return strcmp(*text_a, *text_b);
}

void
sg_list_sort(struct sg_list *list)
{
	if (list->count > 1)
		qsort(
		    list->items, list->count, sizeof(list->items[0]), by_text);
}

void
sg_list_clear(struct sg_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	list->items = NULL;
	list->count = 0;
}

void
sg_str_free(char **text)
{
	free(*text);
	*text = NULL;
}

enum sg_rc
sg_str_copy(const char *text, char **out_copy, struct sg_err *err)
{
	char *copy;

	if (text == NULL)
		return SG_OK;
	copy = strdup(text);
	if (copy == NULL)
		return sg_fail_nomem(err);
	*out_copy = copy;
	return SG_OK;
}

bool
sg_text_is_uuid(const char *text)
{
	size_t i;

	for (i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash && text[i] != '-')
			return false;
		if (!dash && isxdigit((unsigned char)text[i]) == 0)
			return false;
	}
	return text[36] == '\0';
}

bool
sg_text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
sg_text_ends(const char *text, const char *suffix)
{
	size_t len = strlen(text);
	size_t suffix_len = strlen(suffix);

	return len >= suffix_len &&
	       strcmp(text + len - suffix_len, suffix) == 0;
}

void
sg_hex_encode(struct sg_buf *buf, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;
	size_t i;

	for (i = 0; i < len; i++) {
		sg_buf_add_byte(buf, (uint8_t)digits[bytes[i] >> 4]);
		sg_buf_add_byte(buf, (uint8_t)digits[bytes[i] & 0x0f]);
	}
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum sg_rc
sg_hex_decode(struct sg_buf *buf, const char *text, struct sg_err *err)
{
	while (*text != '\0') {
		int high = hex_value(text[0]);
		int low = high < 0 ? -1 : hex_value(text[1]);

		if (low < 0)
			return sg_fail(err, SG_E_USAGE,
			    "not hex: write two digits a byte, as in 01ab");
		sg_buf_add_byte(buf, (uint8_t)(high << 4 | low));
		text += 2;
		if (text[0] == ':' && text[1] != '\0')
			text++;
	}
	return SG_OK;
}

void
sg_sha256(const void *data, size_t len, uint8_t out[SG_SHA256_SIZE])
{
	(void)SHA256(data, len, out);
}
