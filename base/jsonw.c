/* SPDX-License-Identifier: Apache-2.0 */
#include "base/jsonw.h"

#include <float.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_jansson.h"
#include "base/utf8.h"

/* Beyond what RFC 8259 §7 asks for, what a terminal would obey is escaped. */
static void
quote(struct sg_jsonw *w, const char *text)
{
	unsigned int code = 0;
	const char *p;
	size_t len;

	if (!sg_utf8_is_valid(text, strlen(text)))
		w->not_utf8 = true;
	sg_buf_add_byte(w->out, '"');
	for (p = text; *p != '\0'; p += len) {
		len = sg_utf8_control(p, &code);
		if (*p == '\n')
			sg_buf_add_str(w->out, "\\n");
		else if (len > 0)
			sg_buf_addf(w->out, "\\u%04x", code);
		else if (*p == '"' || *p == '\\')
			sg_buf_addf(w->out, "\\%c", *p);
		else
			sg_buf_add_byte(w->out, (uint8_t)*p);
		len = len > 0 ? len : 1;
	}
	sg_buf_add_byte(w->out, '"');
}

static void
begin_value(struct sg_jsonw *w, const char *name)
{
	if (w->comma_due)
		sg_buf_add_byte(w->out, ',');
	w->comma_due = true;
	if (name == NULL)
		return;
	quote(w, name);
	sg_buf_add_byte(w->out, ':');
}

static void
open_with(struct sg_jsonw *w, const char *name, uint8_t bracket)
{
	begin_value(w, name);
	sg_buf_add_byte(w->out, bracket);
	w->comma_due = false;
}

static void
close_with(struct sg_jsonw *w, uint8_t bracket)
{
	sg_buf_add_byte(w->out, bracket);
	w->comma_due = true;
}

void
sg_jsonw_object(struct sg_jsonw *w, const char *name)
{
	open_with(w, name, '{');
}

void
sg_jsonw_object_end(struct sg_jsonw *w)
{
	close_with(w, '}');
}

void
sg_jsonw_array(struct sg_jsonw *w, const char *name)
{
	open_with(w, name, '[');
}

void
sg_jsonw_array_end(struct sg_jsonw *w)
{
	close_with(w, ']');
}

void
sg_jsonw_str(struct sg_jsonw *w, const char *name, const char *text)
{
	begin_value(w, name);
	if (text == NULL)
		sg_buf_add_str(w->out, "null");
	else
		quote(w, text);
}

void
sg_jsonw_int(struct sg_jsonw *w, const char *name, int64_t value)
{
	begin_value(w, name);
	sg_buf_addf(w->out, "%" PRId64, value);
}

void
sg_jsonw_bool(struct sg_jsonw *w, const char *name, bool value)
{
	begin_value(w, name);
	sg_buf_add_str(w->out, value ? "true" : "false");
}

static int
append_chunk(const char *chunk, size_t len, void *out)
{
	sg_buf_add(out, chunk, len);
	return 0;
}

/* The fewest digits that are read back as the same number. */
static size_t
real_flags(const json_t *value)
{
	double number = json_real_value(value);
	char text[64];
	int digits;

	if (!json_is_real(value))
		return 0;
	for (digits = DBL_DIG; digits < DBL_DECIMAL_DIG; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	return JSON_REAL_PRECISION((size_t)digits);
}

static void
write_leaf(struct sg_jsonw *w, const char *name, const json_t *value)
{
	begin_value(w, name);
	if (json_is_string(value)) {
		quote(w, json_string_value(value)); /* U+0000 is never read */
		return;
	}
	if (json_dump_callback(value, append_chunk, w->out,
		JSON_COMPACT | JSON_ENCODE_ANY | real_flags(value)) != 0 &&
	    w->out != NULL)
		w->out->out_of_memory = true;
}

void
sg_jsonw_value(
    struct sg_jsonw *w, const char *name, const struct sg_json *value)
{
	const struct sg_json *member = NULL;
	const char *key = NULL;
	size_t i;

	if (sg_json_is_array(value)) {
		sg_jsonw_array(w, name);
		for (i = 0; i < sg_json_count(value); i++)
			sg_jsonw_value(w, NULL, sg_json_at(value, i));
		sg_jsonw_array_end(w);
		return;
	}
	if (!sg_json_is_object(value)) {
		write_leaf(w, name, sg_json_to_jansson(value));
		return;
	}
	sg_jsonw_object(w, name);
	while ((key = sg_json_next(value, key, &member)) != NULL)
		sg_jsonw_value(w, key, member);
	sg_jsonw_object_end(w);
}

void
sg_jsonw_strs(
    struct sg_jsonw *w, const char *name, char *const *items, size_t count)
{
	size_t i;

	sg_jsonw_array(w, name);
	for (i = 0; i < count; i++)
		sg_jsonw_str(w, NULL, items[i]);
	sg_jsonw_array_end(w);
}

enum sg_rc
sg_jsonw_check(const struct sg_jsonw *w, const char *what, struct sg_err *err)
{
	if (w->not_utf8)
		return sg_fail(
		    err, SG_E_USAGE, "%s holds text that is not UTF-8", what);
	return sg_buf_check(w->out, what, err);
}
