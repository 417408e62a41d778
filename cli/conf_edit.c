/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/conf_edit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/dotenv.h"

#define FILE_MAX (256 * 1024)
#define SHELL_SAFE \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" \
	"_./:@%+=,-"

/* A dotenv file as it stands, and as it reads: reading changes the bytes. */
struct sheet {
	struct sg_buf *text;
	struct dotenv *values;
};

static void
sheet_clear(struct sheet *sheet)
{
	sg_buf_free(&sheet->text);
	dotenv_free(&sheet->values);
}

#define AUTO_SHEET __attribute__((cleanup(sheet_clear))) struct sheet

static enum sg_rc
read_values(const struct sg_buf *text, const char *path,
    struct dotenv **out_values, struct sg_err *err)
{
	SG_AUTO(sg_buf) copy = sg_buf_new(FILE_MAX + 1);
	enum sg_rc rc;

	sg_buf_add(copy, text->data, text->len);
	rc = sg_buf_check(copy, path, err);
	if (rc != SG_OK)
		return rc;
	return dotenv_parse(&copy, path, out_values, err);
}

static enum sg_rc
read_sheet(const char *path, struct sheet *sheet, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_file_read(
	    path, SG_FILE_CONFIG, FILE_MAX, NULL, &sheet->text, err);
	if (rc != SG_OK)
		return rc;
	return read_values(sheet->text, path, &sheet->values, err);
}

/* The last of a name counts. */
static const struct dotenv_entry *
find_entry(const struct dotenv *values, const char *name)
{
	size_t i;

	for (i = values->count; i > 0; i--)
		if (strcmp(values->entries[i - 1].name, name) == 0)
			return &values->entries[i - 1];
	return NULL;
}

static bool
fits_plain(const char *value, const char *old, size_t old_len)
{
	bool old_is_safe = old_len > 0 && strspn(old, SHELL_SAFE) >= old_len;

	if (value[0] == '\0' || strchr("'\"# \t", value[0]) != NULL ||
	    strpbrk(value, " \t\r\n") != NULL)
		return false;
	/* What a shell could read must stay so. */
	return !old_is_safe || value[strspn(value, SHELL_SAFE)] == '\0';
}

static void
add_double_quoted(struct sg_buf *out, const char *value)
{
	sg_buf_add_byte(out, '"');
	for (; *value != '\0'; value++) {
		if (strchr("\\\"$", *value) != NULL)
			sg_buf_add_byte(out, '\\');
		sg_buf_add_byte(out, (uint8_t)*value);
	}
	sg_buf_add_byte(out, '"');
}

void
conf_edit_add_quoted(struct sg_buf *out, const char *value)
{
	if (strchr(value, '\'') != NULL)
		add_double_quoted(out, value);
	else
		sg_buf_addf(out, "'%s'", value);
}

/* In the quotes that were there, where they can hold it. */
static void
add_value(struct sg_buf *out, const char *value, const char *old, size_t len)
{
	char quote = len > 0 && (*old == '"' || *old == '\'') ? *old : '\0';
	bool fits_single = strchr(value, '\'') == NULL;

	if (quote == '\0' && fits_plain(value, old, len))
		sg_buf_add_str(out, value);
	else if (quote == '"' || !fits_single)
		add_double_quoted(out, value);
	else
		sg_buf_addf(out, "'%s'", value);
}

static enum sg_rc
check_edits(const char *path, const struct sheet *sheet,
    const struct conf_edit *edits, size_t count, struct sg_err *err)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct dotenv_entry *entry =
		    find_entry(sheet->values, edits[i].name);

		if (entry != NULL &&
		    (strcmp(entry->value, edits[i].from) == 0 ||
			strcmp(entry->value, edits[i].to) == 0))
			continue;
		return sg_fail(err, SG_E_CONFIG,
		    "%s has another %s than when this began; it should be %s, "
		    "to become %s",
		    path, edits[i].name, edits[i].from, edits[i].to);
	}
	return SG_OK;
}

static const struct conf_edit *
edit_of(const struct sheet *sheet, const struct dotenv_entry *entry,
    const struct conf_edit *edits, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (find_entry(sheet->values, edits[i].name) == entry)
			return strcmp(entry->value, edits[i].to) != 0
				   ? &edits[i]
				   : NULL;
	return NULL;
}

static void
write_text(const struct sheet *sheet, const struct conf_edit *edits,
    size_t count, struct sg_buf *out)
{
	const char *text = (const char *)sheet->text->data;
	size_t done = 0;
	size_t i;

	for (i = 0; i < sheet->values->count; i++) {
		const struct dotenv_entry *entry = &sheet->values->entries[i];
		const struct conf_edit *edit =
		    edit_of(sheet, entry, edits, count);

		if (edit == NULL)
			continue;
		sg_buf_add(out, text + done, entry->at - done);
		add_value(out, edit->to, text + entry->at, entry->len);
		done = entry->at + entry->len;
	}
	sg_buf_add(out, text + done, sheet->text->len - done);
}

/* What is about to be put there reads as it is meant to, and nothing else in
 * it has changed. */
static enum sg_rc
check_result(const char *path, const struct sheet *before,
    const struct sg_buf *text, const struct conf_edit *edits, size_t count,
    struct sg_err *err)
{
	SG_AUTO(dotenv) after = NULL;
	bool is_same;
	enum sg_rc rc;
	size_t i;

	rc = read_values(text, path, &after, err);
	if (rc != SG_OK)
		return rc;
	is_same = after->count == before->values->count;
	for (i = 0; is_same && i < after->count; i++) {
		const struct dotenv_entry *old = &before->values->entries[i];
		const struct conf_edit *edit =
		    edit_of(before, old, edits, count);

		is_same = strcmp(after->entries[i].name, old->name) == 0 &&
			  strcmp(after->entries[i].value,
			      edit != NULL ? edit->to : old->value) == 0;
	}
	if (is_same)
		return SG_OK;
	return sg_fail(err, SG_E_USAGE,
	    "a value cannot be written to %s so that it reads the same", path);
}

/* Another editor may have been there since it was read. */
static enum sg_rc
check_untouched(
    const char *path, const struct sheet *before, struct sg_err *err)
{
	AUTO_SHEET now = {0};
	enum sg_rc rc;

	rc = read_sheet(path, &now, err);
	if (rc != SG_OK)
		return rc;
	if (now.text->len == before->text->len &&
	    memcmp(now.text->data, before->text->data, now.text->len) == 0)
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "%s was changed by another program just now; try again", path);
}

static enum sg_rc
edit_file(const char *path, const struct conf_edit *edits, size_t count,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) text = sg_buf_new(FILE_MAX);
	AUTO_SHEET before = {0};
	enum sg_rc rc;

	rc = read_sheet(path, &before, err);
	if (rc == SG_OK)
		rc = check_edits(path, &before, edits, count, err);
	if (rc != SG_OK)
		return rc;
	write_text(&before, edits, count, text);
	rc = sg_buf_check(text, path, err);
	if (rc != SG_OK)
		return rc;
	if (text->len == before.text->len &&
	    memcmp(text->data, before.text->data, text->len) == 0)
		return SG_OK;
	rc = check_result(path, &before, text, edits, count, err);
	if (rc == SG_OK)
		rc = check_untouched(path, &before, err);
	if (rc != SG_OK)
		return rc;
	return sg_file_rewrite(path, text->data, text->len, err);
}

enum sg_rc
conf_edit(const char *path, const struct conf_edit *edits, size_t count,
    struct sg_err *err)
{
	return sg_context(
	    err, edit_file(path, edits, count, err), "change %s", path);
}

/* As a container has single files: no other can be renamed over it. */
static bool
is_mount_point(const char *path)
{
	struct statx st = {0};

	return statx(AT_FDCWD, path, 0, 0, &st) == 0 &&
	       (st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

enum sg_rc
conf_edit_check(const char *path, struct sg_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return sg_fail_errno(err, SG_E_IO, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return sg_fail(err, SG_E_IO, "%s is no regular file", path);
	if (is_mount_point(path))
		return sg_fail(err, SG_E_IO,
		    "%s is mounted by itself, so it cannot be replaced", path);
	if (st.st_uid != geteuid() && geteuid() != 0)
		return sg_fail(
		    err, SG_E_IO, "%s belongs to another user", path);
	if (access(path, W_OK) != 0)
		return sg_fail_errno(err, SG_E_IO, "write to %s", path);
	return sg_file_check_replace(path, err);
}
