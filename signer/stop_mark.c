/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/stop_mark.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/outfile.h"

#define PATH_MAX_LEN 4096
#define FILE_MAX     4096
#define VERSION	     1

static enum sg_rc
path_of(const char *dir, struct sg_buf *path, struct sg_err *err)
{
	sg_buf_addf(path, "%s/" SG_STOP_MARK_NAME, dir);
	return sg_buf_check(path, "the path of the stop mark", err);
}

/* Nothing else than that says that it is not there. */
static bool
is_absent(const char *path)
{
	struct stat st;

	return lstat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

enum sg_rc
sg_stop_mark_set(const char *dir, int64_t now_s, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_MAX_LEN);
	SG_AUTO(sg_buf) text = sg_buf_new(FILE_MAX);
	struct sg_jsonw w = {.out = text};
	char since[SG_TIME_SIZE];
	enum sg_rc rc;

	rc = path_of(dir, path, err);
	if (rc == SG_OK)
		rc = sg_file_make_dir(dir, err);
	if (rc != SG_OK || !is_absent(sg_buf_str(path)))
		return rc;
	sg_time_format(now_s, since);
	sg_jsonw_object(&w, NULL);
	sg_jsonw_int(&w, "version", VERSION);
	sg_jsonw_str(&w, "since", since);
	sg_jsonw_object_end(&w);
	sg_buf_add_byte(text, '\n');
	rc = sg_jsonw_check(&w, "the stop mark", err);
	if (rc != SG_OK)
		return rc;
	return sg_file_keep(sg_buf_str(path), text->data, text->len, err);
}

/* Since when, for the error alone. */
static void
add_since(const char *path, struct sg_buf *out)
{
	SG_AUTO(sg_buf) text = NULL;
	SG_AUTO(sg_json) json = NULL;
	const char *since;

	if (sg_file_read(path, SG_FILE_ANY, FILE_MAX, NULL, &text, NULL) !=
		SG_OK ||
	    sg_json_parse(text->data, text->len, &json, NULL) != SG_OK)
		return;
	since = sg_json_get_text(json, "since");
	if (since != NULL)
		sg_buf_addf(out, " at %s", since);
}

enum sg_rc
sg_stop_mark_check(const char *dir, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_MAX_LEN);
	SG_AUTO(sg_buf) since = sg_buf_new(FILE_MAX);
	enum sg_rc rc;

	rc = path_of(dir, path, err);
	if (rc != SG_OK || is_absent(sg_buf_str(path)))
		return rc;
	add_since(sg_buf_str(path), since);
	return sg_fail(err, SG_E_POLICY,
	    "signing was stopped here%s (%s); who may sign again lifts that "
	    "with: signet uat stop --lift",
	    since != NULL && since->len > 0 ? sg_buf_str(since) : "",
	    sg_buf_str(path));
}

enum sg_rc
sg_stop_mark_lift(const char *dir, bool *out_was, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(PATH_MAX_LEN);
	enum sg_rc rc;

	rc = path_of(dir, path, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_outfile_remove(sg_buf_str(path), out_was, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "lift the stop");
	return SG_OK;
}
