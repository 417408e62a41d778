/* SPDX-License-Identifier: Apache-2.0 */
#include "base/jsonw.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_jansson.h"
#include "base/text.h"
#include "base/utf8.h"

/* RFC 8259 §7: only these must be escaped. */
static void
quote(struct sg_jsonw *w, const char *text)
{
	const char *p;

	if (!sg_utf8_is_valid(text, strlen(text)))
		w->not_utf8 = true;
	sg_buf_add_byte(w->out, '"');
	for (p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			sg_buf_addf(w->out, "\\%c", *p);
		else if (*p == '\n')
			sg_buf_add_str(w->out, "\\n");
		else if ((unsigned char)*p < 0x20 || *p == 0x7f)
			sg_buf_addf(w->out, "\\u%04x", (unsigned int)*p);
		else
			sg_buf_add_byte(w->out, (uint8_t)*p);
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

void
sg_jsonw_value(
    struct sg_jsonw *w, const char *name, const struct sg_json *value)
{
	begin_value(w, name);
	if (json_dump_callback(sg_json_to_jansson(value), append_chunk, w->out,
		JSON_COMPACT | JSON_ENCODE_ANY) != 0 &&
	    w->out != NULL)
		w->out->out_of_memory = true;
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
