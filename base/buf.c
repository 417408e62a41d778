/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 256

struct sg_buf *
sg_buf_new(size_t max)
{
	struct sg_buf *buf;

	buf = calloc(1, sizeof(*buf));
	if (buf == NULL)
		return NULL;
	/* No object is larger: len + 1 never wraps. */
	buf->max = max < PTRDIFF_MAX ? max : PTRDIFF_MAX - 1;
	return buf;
}

static void
release_data(struct sg_buf *buf)
{
	if (buf->data != NULL)
		OPENSSL_cleanse(buf->data, buf->cap);
	free(buf->data);
	buf->data = NULL;
	buf->len = 0;
	buf->cap = 0;
}

void
sg_buf_free(struct sg_buf **buf)
{
	if (buf == NULL || *buf == NULL)
		return;
	release_data(*buf);
	free(*buf);
	*buf = NULL;
}

/* Room for len more bytes and the NUL. realloc() would leave a copy behind. */
static bool
make_room(struct sg_buf *buf, size_t len)
{
	uint8_t *grown;
	size_t cap = buf->cap > 0 ? buf->cap : FIRST_CAP;
	size_t need;

	if (len > buf->max - buf->len) {
		buf->too_large = true;
		return false;
	}
	need = buf->len + len + 1;
	if (need <= buf->cap)
		return true;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	grown = malloc(cap);
	if (grown == NULL) {
		buf->out_of_memory = true;
		return false;
	}
	if (buf->len > 0)
		memcpy(grown, buf->data, buf->len);
	if (buf->data != NULL)
		OPENSSL_cleanse(buf->data, buf->cap);
	free(buf->data);
	buf->data = grown;
	buf->cap = cap;
	return true;
}

void
sg_buf_add(struct sg_buf *buf, const void *data, size_t len)
{
	if (buf == NULL || buf->too_large || buf->out_of_memory)
		return;
	if (!make_room(buf, len))
		return;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void
sg_buf_add_str(struct sg_buf *buf, const char *text)
{
	sg_buf_add(buf, text, strlen(text));
}

void
sg_buf_add_byte(struct sg_buf *buf, uint8_t byte)
{
	sg_buf_add(buf, &byte, 1);
}

void
sg_buf_addf(struct sg_buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	if (buf == NULL || buf->too_large || buf->out_of_memory)
		return;
	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0) {
		buf->out_of_memory = true;
		return;
	}
	if (!make_room(buf, (size_t)len))
		return;
	va_start(args, format);
	(void)vsnprintf(
	    (char *)buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

void
sg_buf_add_counted(struct sg_buf *buf, const char *text)
{
	if (text == NULL)
		sg_buf_add_str(buf, "-,");
	else
		sg_buf_addf(buf, "%zu:%s,", strlen(text), text);
}

void
sg_buf_reset(struct sg_buf *buf)
{
	if (buf == NULL)
		return;
	release_data(buf);
	buf->too_large = false;
	buf->out_of_memory = false;
}

const char *
sg_buf_str(const struct sg_buf *buf)
{
	if (buf == NULL || buf->data == NULL)
		return "";
	return (const char *)buf->data;
}

enum sg_rc
sg_buf_check(const struct sg_buf *buf, const char *what, struct sg_err *err)
{
	if (buf == NULL || buf->out_of_memory)
		return sg_fail_nomem(err);
	if (buf->too_large)
		return sg_fail(err, SG_E_USAGE, "%s is larger than %zu bytes",
		    what, buf->max);
	return SG_OK;
}
