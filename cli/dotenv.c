/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/dotenv.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define BLANKS " \t"
#define NAME_CHARS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"

/* Where reading stands. Values are cut out of the text with NULs. */
struct reader {
	char *at;
	const char *start; /* of the text */
	int line;
	const char *file;
	struct sg_err *err;
};

static enum sg_rc
fail(const struct reader *r, const char *what)
{
	return sg_fail(
	    r->err, SG_E_CONFIG, "%s, line %d: %s", r->file, r->line, what);
}

static void
skip_line(struct reader *r)
{
	r->at += strcspn(r->at, "\n");
	if (*r->at == '\n') {
		r->at++;
		r->line++;
	}
}

/* What may stand behind a value: blanks and a comment. */
static enum sg_rc
end_line(struct reader *r)
{
	r->at += strspn(r->at, BLANKS "\r");
	if (*r->at != '\0' && *r->at != '\n' && *r->at != '#')
		return fail(r, "there is something behind the closing quote");
	skip_line(r);
	return SG_OK;
}

static char
unescape(char c)
{
	if (c == 'n')
		return '\n';
	if (c == 't')
		return '\t';
	return c == 'r' ? '\r' : c;
}

/* The closing quote, with escapes undone on the way; NULL when there is none.
 * Writing never overtakes reading. */
static char *
close_quote(struct reader *r, char quote, char **out_end)
{
	char *write = r->at;
	char *read = r->at;

	for (; *read != quote; read++) {
		if (*read == '\0')
			return NULL;
		if (*read == '\n')
			r->line++;
		if (quote == '"' && *read == '\\' &&
		    strchr("ntr\\\"$", read[1]) != NULL && read[1] != '\0')
			*write++ = unescape(*++read);
		else
			*write++ = *read;
	}
	*out_end = write;
	return read + 1;
}

static enum sg_rc
read_quoted(struct reader *r, struct dotenv_entry *entry)
{
	char quote = *r->at++;
	char *value = r->at;
	int line = r->line;
	char *end;
	char *after;
	enum sg_rc rc;

	after = close_quote(r, quote, &end);
	if (after == NULL) {
		r->line = line; /* where to look, not the end of the file */
		return fail(r, "a quote is not closed");
	}
	r->at = after;
	entry->len = (size_t)(after - value) + 1;
	rc = end_line(r);
	if (rc != SG_OK)
		return rc;
	*end = '\0';
	entry->value = value;
	return SG_OK;
}

/* Up to the end of the line or a comment, which needs a blank before it. */
static void
read_plain(struct reader *r, struct dotenv_entry *entry)
{
	char *value = r->at;
	size_t len = 0;

	while (value[len] != '\0' && value[len] != '\n' &&
	       !(value[len] == '#' &&
		   (len == 0 || strchr(BLANKS, value[len - 1]) != NULL)))
		len++;
	r->at = value + len;
	while (len > 0 && strchr(BLANKS "\r", value[len - 1]) != NULL)
		len--;
	skip_line(r);
	value[len] = '\0';
	entry->value = value;
	entry->len = len;
}

static enum sg_rc
read_entry(struct reader *r, struct dotenv_entry *entry)
{
	size_t len;
	char *name;

	if (sg_text_starts(r->at, "export") && strspn(r->at + 6, BLANKS) > 0) {
		r->at += 6;
		r->at += strspn(r->at, BLANKS);
	}
	name = r->at;
	len = strspn(name, NAME_CHARS);
	r->at += len;
	r->at += strspn(r->at, BLANKS);
	if (len == 0 || *r->at != '=')
		return fail(r, "not of the form NAME=value");
	r->at++;
	r->at += strspn(r->at, BLANKS);
	entry->name = name;
	entry->line = r->line;
	name[len] = '\0'; /* a blank or the '=', read already */
	entry->at = (size_t)(r->at - r->start);
	if (*r->at == '"' || *r->at == '\'')
		return read_quoted(r, entry);
	read_plain(r, entry);
	return SG_OK;
}

static enum sg_rc
add_entry(
    struct dotenv *d, const struct dotenv_entry *entry, struct sg_err *err)
{
	struct dotenv_entry *grown;

	grown = reallocarray(d->entries, d->count + 1, sizeof(*grown));
	if (grown == NULL)
		return sg_fail_nomem(err);
	d->entries = grown;
	d->entries[d->count++] = *entry;
	return SG_OK;
}

static enum sg_rc
parse(struct dotenv *d, const char *name, struct sg_err *err)
{
	struct reader r = {
	    .at = (char *)d->bytes->data,
	    .start = (const char *)d->bytes->data,
	    .line = 1,
	    .file = name,
	    .err = err,
	};
	struct dotenv_entry entry;
	enum sg_rc rc;

	if (r.at == NULL)
		return SG_OK; /* an empty file */
	if (strlen(r.at) != d->bytes->len)
		return fail(&r, "there is a NUL byte in it");
	if (sg_text_starts(r.at, "\xef\xbb\xbf"))
		r.at += 3; /* a byte order mark */
	while (*r.at != '\0') {
		r.at += strspn(r.at, BLANKS "\r");
		if (*r.at == '#' || *r.at == '\n' || *r.at == '\0') {
			skip_line(&r);
			continue;
		}
		rc = read_entry(&r, &entry);
		if (rc == SG_OK)
			rc = add_entry(d, &entry, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

enum sg_rc
dotenv_parse(struct sg_buf **bytes, const char *name,
    struct dotenv **out_dotenv, struct sg_err *err)
{
	SG_AUTO(dotenv) d = calloc(1, sizeof(*d));
	enum sg_rc rc;

	if (d == NULL)
		return sg_fail_nomem(err);
	d->bytes = *bytes;
	*bytes = NULL;
	rc = parse(d, name, err);
	if (rc != SG_OK)
		return rc;
	*out_dotenv = d;
	d = NULL; /* now the caller's */
	return SG_OK;
}

const char *
dotenv_get(const struct dotenv *dotenv, const char *name)
{
	size_t i;

	for (i = dotenv->count; i > 0; i--)
		if (strcmp(dotenv->entries[i - 1].name, name) == 0)
			return dotenv->entries[i - 1].value;
	return NULL;
}

void
dotenv_free(struct dotenv **dotenv)
{
	if (dotenv == NULL || *dotenv == NULL)
		return;
	sg_buf_free(&(*dotenv)->bytes);
	free((*dotenv)->entries);
	free(*dotenv);
	*dotenv = NULL;
}
