/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_journal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/outfile.h"
#include "cli/app.h"
#include "cli/folder.h"
#include "cli/rotate/rotate.h"
#include "client/rotation/rotation.h"

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
state_path(const struct app *app, const char *name, struct sg_buf **out_path,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_LEN);
	enum sg_rc rc;

	rc = folder_file(app->conf, FOLDER_STATE, name, path, err);
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
	struct sg_err busy = {0};
	enum sg_rc rc;

	rc = folder_lock(
	    rotate->app->conf, "rotation.lock", 0, &rotate->lock, &busy);
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
	if (rc == SG_E_CONFIG) /* it may be whole, and is not to be trusted */
		return sg_context(err, rc, "read the journal of a rotation");
	if (rc == SG_OK)
		rc = sg_json_parse(text->data, text->len, &json, err);
	if (rc == SG_OK)
		rc = sg_rotation_read(json, out_rotation, err);
	if (rc == SG_OK || rc == SG_E_NOMEM)
		return rc;
	if (rc == SG_E_CONFIG) /* whole, for all that is known */
		return sg_context(
		    err, rc, "the journal of a rotation, %s", path);
	return sg_context(err, sg_recast(err, SG_E_CONFIG),
	    "the journal of a rotation, %s, cannot be used; see with signet "
	    "uat list what there is, finish by hand, and remove the file",
	    path);
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

/* What is done with each record; it may keep the record and its path. */
struct visitor {
	enum sg_rc (*visit)(void *ctx, struct sg_rotation **found,
	    struct sg_buf **path, struct sg_err *err);
	void *ctx;
};

/* Which record is wanted, and for which run. */
struct search {
	struct rotate *rotate;
	const char *named;
};

static bool
is_record(const char *name)
{
	return sg_text_starts(name, PREFIX) && sg_text_ends(name, SUFFIX);
}

/* Every record there is, until one fails. */
static enum sg_rc
visit_records(
    const struct app *app, const struct visitor *visitor, struct sg_err *err)
{
	__attribute__((cleanup(close_folder))) DIR *folder = NULL;
	SG_AUTO(sg_buf) path = NULL;
	const struct dirent *entry;
	enum sg_rc rc;

	rc = state_path(app, "", &path, err);
	if (rc != SG_OK)
		return rc;
	folder = opendir(sg_buf_str(path));
	if (folder == NULL && errno == ENOENT)
		return SG_OK;
	if (folder == NULL)
		return sg_fail_errno(
		    err, SG_E_IO, "read the folder %s", sg_buf_str(path));
	for (entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		SG_AUTO(sg_rotation) found = NULL;

		if (!is_record(entry->d_name))
			continue;
		rc = state_path(app, entry->d_name, &path, err);
		if (rc == SG_OK)
			rc = read_record(sg_buf_str(path), &found, err);
		if (rc == SG_OK)
			rc = visitor->visit(visitor->ctx, &found, &path, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

/* Take up one record, if it is the one that is meant. */
static enum sg_rc
consider(void *ctx, struct sg_rotation **found, struct sg_buf **path,
    struct sg_err *err)
{
	const struct search *search = ctx;
	struct rotate *rotate = search->rotate;

	if (!is_meant(*found, search->named))
		return SG_OK;
	if (rotate->rotation != NULL)
		return sg_fail(err, SG_E_USAGE,
		    "several rotations are not finished; name the "
		    "configuration of one: %s or %s",
		    rotate->rotation->config_id, (*found)->config_id);
	rotate->rotation = *found;
	*found = NULL; /* now the run's */
	sg_buf_free(&rotate->journal);
	rotate->journal = *path;
	*path = NULL;
	return SG_OK;
}

enum sg_rc
rotate_journal_find(
    struct rotate *rotate, const char *named, struct sg_err *err)
{
	struct search search = {rotate, named};
	const struct visitor visitor = {consider, &search};

	return visit_records(rotate->app, &visitor, err);
}

static enum sg_rc
add_configs(void *ctx, struct sg_rotation **found, struct sg_buf **path,
    struct sg_err *err)
{
	const struct sg_rotation *r = *found;
	struct sg_list *ids = ctx;
	enum sg_rc rc;

	(void)path;
	rc = sg_list_add(ids, r->config_id, err);
	if (rc == SG_OK && r->new_config_id != NULL)
		rc = sg_list_add(ids, r->new_config_id, err);
	return rc;
}

enum sg_rc
rotate_journal_open_configs(
    struct app *app, struct sg_list *out_ids, struct sg_err *err)
{
	struct sg_list ids = {0};
	const struct visitor visitor = {add_configs, &ids};
	enum sg_rc rc;

	rc = visit_records(app, &visitor, err);
	if (rc != SG_OK) {
		sg_list_clear(&ids);
		return rc;
	}
	sg_list_clear(out_ids);
	*out_ids = ids; /* now the caller's */
	return SG_OK;
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
	return state_path(rotate->app, sg_buf_str(name), &rotate->journal, err);
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
	return sg_file_keep(
	    sg_buf_str(rotate->journal), text->data, text->len, err);
}

enum sg_rc
rotate_journal_remove(struct rotate *rotate, struct sg_err *err)
{
	return sg_outfile_remove(sg_buf_str(rotate->journal), NULL, err);
}
