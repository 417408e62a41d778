/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate_journal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "cli/app.h"
#include "cli/folder.h"
#include "cli/rotate.h"
#include "client/rotation.h"

#define PREFIX	 "rotation-"
#define SUFFIX	 ".json"
#define FILE_MAX (256 * 1024)
#define PATH_LEN 4096

static void
close_folder(DIR **folder)
{
	if (*folder != NULL)
		(void)closedir(*folder);
}

static enum sg_rc
state_path(struct rotate *rotate, const char *name, struct sg_buf **out_path,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_LEN);
	enum sg_rc rc;

	rc = folder_path(rotate->app->conf, FOLDER_STATE, path, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_addf(path, "/%s", name);
	rc = sg_buf_check(path, "the path of the journal", err);
	if (rc != SG_OK)
		return rc;
	sg_buf_free(out_path);
	*out_path = path;
	path = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
rotate_journal_lock(struct rotate *rotate, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = NULL;
	struct sg_err busy = {0};
	enum sg_rc rc;

	rc = state_path(rotate, "", &path, err);
	if (rc == SG_OK)
		rc = sg_file_make_dir(sg_buf_str(path), err);
	if (rc == SG_OK)
		rc = state_path(rotate, "rotation.lock", &path, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_lock_take(sg_buf_str(path), 0, &rotate->lock, &busy);
	if (rc == SG_E_TIMEOUT)
		return sg_fail(err, SG_E_POLICY,
		    "another signet uat rotate is running here; wait until it "
		    "is done");
	return sg_fail_again(err, rc, &busy);
}

static enum sg_rc
read_record(
    const char *path, struct sg_rotation **out_rotation, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	rc = sg_file_read(path, SG_FILE_SECRET, FILE_MAX, NULL, &text, err);
	if (rc == SG_OK)
		rc = sg_json_parse(text->data, text->len, &json, err);
	if (rc == SG_OK)
		rc = sg_rotation_read(json, out_rotation, err);
	if (rc == SG_OK || rc == SG_E_NOMEM)
		return rc;
	return sg_context(err, sg_recast(err, SG_E_CONFIG),
	    "read the journal of a rotation, %s", path);
}

static bool
is_text(const char *text, const char *wanted)
{
	return text != NULL && strcmp(text, wanted) == 0;
}

static bool
is_meant(const struct sg_rotation *r, const char *named)
{
	return named == NULL || is_text(r->config_id, named) ||
	       is_text(r->config_name, named) ||
	       is_text(r->new_config_id, named) || is_text(r->new_name, named);
}

/* Take up one record, if it is the one that is meant. */
static enum sg_rc
consider(struct rotate *rotate, const char *file, const char *named,
    struct sg_err *err)
{
	SG_AUTO(sg_rotation) found = NULL;
	SG_AUTO(sg_buf) path = NULL;
	enum sg_rc rc;

	rc = state_path(rotate, file, &path, err);
	if (rc == SG_OK)
		rc = read_record(sg_buf_str(path), &found, err);
	if (rc != SG_OK || !is_meant(found, named))
		return rc;
	if (rotate->rotation != NULL)
		return sg_fail(err, SG_E_USAGE,
		    "several rotations are not finished; name the "
		    "configuration of one: %s or %s",
		    rotate->rotation->config_id, found->config_id);
	rotate->rotation = found;
	found = NULL; /* now the run's */
	sg_buf_free(&rotate->journal);
	rotate->journal = path;
	path = NULL;
	return SG_OK;
}

enum sg_rc
rotate_journal_find(
    struct rotate *rotate, const char *named, struct sg_err *err)
{
	__attribute__((cleanup(close_folder))) DIR *folder = NULL;
	SG_AUTO(sg_buf) path = NULL;
	const struct dirent *entry;
	enum sg_rc rc;

	rc = state_path(rotate, "", &path, err);
	if (rc != SG_OK)
		return rc;
	folder = opendir(sg_buf_str(path));
	if (folder == NULL && errno == ENOENT)
		return SG_OK;
	if (folder == NULL)
		return sg_fail_errno(
		    err, SG_E_IO, "read the folder %s", sg_buf_str(path));
	for (;;) {
		entry = readdir(folder);
		if (entry == NULL)
			return SG_OK;
		if (!sg_text_starts(entry->d_name, PREFIX) ||
		    !sg_text_ends(entry->d_name, SUFFIX))
			continue;
		rc = consider(rotate, entry->d_name, named, err);
		if (rc != SG_OK)
			return rc;
	}
}

/* An id is a UUID; of any other only what a file name can hold is taken. */
static enum sg_rc
name_journal(struct rotate *rotate, const char *config_id, struct sg_err *err)
{
	SG_AUTO(sg_buf) name = sg_buf_new(PATH_LEN);
	enum sg_rc rc;
	size_t i;

	sg_buf_add_str(name, PREFIX);
	for (i = 0; config_id[i] != '\0' && i < 128; i++)
		sg_buf_add_byte(name, isalnum((unsigned char)config_id[i])
					  ? (uint8_t)config_id[i]
					  : '-');
	sg_buf_add_str(name, SUFFIX);
	rc = sg_buf_check(name, "the name of the journal", err);
	if (rc != SG_OK)
		return rc;
	return state_path(rotate, sg_buf_str(name), &rotate->journal, err);
}

enum sg_rc
rotate_journal_save(struct rotate *rotate, const struct sg_rotation *rotation,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) text = sg_buf_new(FILE_MAX);
	struct sg_jsonw w = {.out = text};
	enum sg_rc rc = SG_OK;

	if (rotate->journal == NULL)
		rc = name_journal(rotate, rotation->config_id, err);
	if (rc != SG_OK)
		return rc;
	sg_rotation_write(&w, NULL, rotation);
	sg_buf_add_byte(text, '\n');
	rc = sg_jsonw_check(&w, "the journal of the rotation", err);
	if (rc != SG_OK)
		return rc;
	return sg_file_replace(
	    sg_buf_str(rotate->journal), text->data, text->len, 0600, err);
}

enum sg_rc
rotate_journal_remove(struct rotate *rotate, struct sg_err *err)
{
	const char *path = sg_buf_str(rotate->journal);

	if (unlink(path) != 0 && errno != ENOENT)
		return sg_fail_errno(err, SG_E_IO, "remove %s", path);
	return SG_OK;
}
