/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pages/query.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "client/http/url.h"

/* The value of a parameter in a path's query, or NULL. */
static const char *
find(const char *path, const char *name, size_t *out_len)
{
	const char *p = strchr(path, '?');
	size_t len = strlen(name);

	for (; p != NULL; p = strchr(p, '&')) {
		p++;
		if (strncmp(p, name, len) != 0 || p[len] != '=')
			continue;
		*out_len = strcspn(p + len + 1, "&#");
		return p + len + 1;
	}
	return NULL;
}

bool
sg_query_has(const char *path, const char *name)
{
	size_t ignored;

	return find(path, name, &ignored) != NULL;
}

int64_t
sg_query_number(const char *path, const char *name, int64_t other)
{
	size_t len = 0;
	const char *value = find(path, name, &len);
	int64_t number = 0;
	size_t i;

	if (value == NULL || len == 0 || len > 9)
		return other;
	for (i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return other;
		number = number * 10 + (value[i] - '0');
	}
	return number;
}

void
sg_query_add(struct sg_buf *path, const char *name, const char *value)
{
	bool is_first = strchr(sg_buf_str(path), '?') == NULL;

	sg_buf_addf(path, "%c%s=", is_first ? '?' : '&', name);
	sg_url_add_segment(path, value);
}

void
sg_query_add_number(struct sg_buf *path, const char *name, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, number);
	sg_query_add(path, name, text);
}

static bool
is_parameter(const char *p, size_t len, const char *name)
{
	return strlen(name) <= len && strncmp(p, name, strlen(name)) == 0 &&
	       (strlen(name) == len || p[strlen(name)] == '=');
}

static bool
is_one_of(const char *p, size_t len, const char *const *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (is_parameter(p, len, names[i]))
			return true;
	return false;
}

void
sg_query_add_path_without(struct sg_buf *out, const char *path,
    const char *const *names, size_t count)
{
	const char *p = path + strcspn(path, "?");
	char joint = '?';
	size_t len;

	sg_buf_add(out, path, (size_t)(p - path));
	while (*p != '\0') {
		p++; /* past ? or & */
		len = strcspn(p, "&");
		if (len > 0 && !is_one_of(p, len, names, count)) {
			sg_buf_add_byte(out, (uint8_t)joint);
			sg_buf_add(out, p, len);
			joint = '&';
		}
		p += len;
	}
}
