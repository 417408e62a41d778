/* SPDX-License-Identifier: Apache-2.0 */
#include "client/session/cache.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/outfile.h"
#include "base/text.h"

#define FILE_MAX  (256 * 1024)
#define PATH_SIZE 4096
#define VERSION	  1
#define TOUCH_S	  60
#define EXTENSION ".json"

struct sg_cache {
	char *dir;
	const struct sg_clock *clock;
};

/* A file's content, with what the identity borrows. */
struct entry {
	struct sg_json *json;
	struct sg_identity identity;
	struct sg_list scopes;
	struct sg_session *session;
	char name[SG_IDENTITY_NAME_SIZE];
};

enum sg_rc
sg_cache_open(const char *dir, const struct sg_clock *clock,
    struct sg_cache **out_cache, struct sg_err *err)
{
	SG_AUTO(sg_cache) cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		return sg_fail_nomem(err);
	cache->clock = clock;
	cache->dir = strdup(dir);
	if (cache->dir == NULL)
		return sg_fail_nomem(err);
	*out_cache = cache;
	cache = NULL; /* now the caller's */
	return SG_OK;
}

void
sg_cache_free(struct sg_cache **cache)
{
	if (cache == NULL || *cache == NULL)
		return;
	free((*cache)->dir);
	free(*cache);
	*cache = NULL;
}

enum sg_rc
sg_cache_check(const struct sg_cache *cache, struct sg_err *err)
{
	if (access(cache->dir, F_OK) != 0 && errno == ENOENT)
		return SG_OK;
	return sg_file_check_dir(cache->dir, err);
}

static enum sg_rc
path_of(const struct sg_cache *cache, const char *name, const char *extension,
    char out_path[PATH_SIZE], struct sg_err *err)
{
	int len;

	len = snprintf(
	    out_path, PATH_SIZE, "%s/%s%s", cache->dir, name, extension);
	if (len < 0 || len >= PATH_SIZE)
		return sg_fail(err, SG_E_CONFIG,
		    "the path of the session cache is too long; set "
		    "SIGNET_CACHE_DIR to a shorter one");
	return SG_OK;
}

static void
free_entry(struct entry **entry)
{
	if (*entry == NULL)
		return;
	sg_json_free(&(*entry)->json);
	sg_list_clear(&(*entry)->scopes);
	sg_session_free(&(*entry)->session);
	free(*entry);
	*entry = NULL;
}

#define AUTO_ENTRY __attribute__((cleanup(free_entry))) struct entry *

/* Whatever fails but memory means that there is no entry. */
static enum sg_rc
read_entry(struct sg_cache *cache, const char *name, struct entry **out_entry,
    struct sg_err *err)
{
	AUTO_ENTRY entry = calloc(1, sizeof(*entry));
	SG_AUTO(sg_buf) buf = NULL;
	char path[PATH_SIZE];
	int64_t version = 0;
	enum sg_rc rc;

	if (entry == NULL)
		return sg_fail_nomem(err);
	rc = path_of(cache, name, EXTENSION, path, err);
	if (rc == SG_OK)
		rc = sg_file_read(
		    path, SG_FILE_SECRET, FILE_MAX, NULL, &buf, err);
	if (rc == SG_OK)
		rc = sg_json_parse(buf->data, buf->len, &entry->json, err);
	if (rc == SG_OK)
		rc = sg_session_read(
		    sg_json_get(entry->json, "session"), &entry->session, err);
	if (rc == SG_OK)
		rc = sg_identity_read(sg_json_get(entry->json, "identity"),
		    &entry->identity, &entry->scopes, err);
	if (rc == SG_OK)
		rc = sg_identity_name(&entry->identity, entry->name, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_json_int(sg_json_get(entry->json, "version"), &version) ||
	    version != VERSION || strcmp(entry->name, name) != 0)
		return sg_fail(err, SG_E_INVALID, "not of this identity");
	*out_entry = entry;
	entry = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_cache_load(struct sg_cache *cache, const struct sg_identity *identity,
    struct sg_session **out_session, struct sg_err *err)
{
	AUTO_ENTRY entry = NULL;
	char name[SG_IDENTITY_NAME_SIZE];
	enum sg_rc rc;

	rc = sg_identity_name(identity, name, err);
	if (rc != SG_OK)
		return rc;
	rc = read_entry(cache, name, &entry, NULL);
	if (rc == SG_E_NOMEM)
		return sg_fail_nomem(err);
	*out_session = NULL;
	if (rc != SG_OK || !sg_session_is_valid(entry->session,
			       cache->clock->now_s(cache->clock->ctx)))
		return SG_OK;
	*out_session = entry->session;
	entry->session = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
write_entry(struct sg_cache *cache, const struct sg_identity *identity,
    const struct sg_session *session, struct sg_err *err)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(FILE_MAX);
	struct sg_jsonw w = {.out = buf};
	char name[SG_IDENTITY_NAME_SIZE];
	char path[PATH_SIZE];
	enum sg_rc rc;

	sg_jsonw_object(&w, NULL);
	sg_jsonw_int(&w, "version", VERSION);
	sg_identity_write(&w, "identity", identity);
	sg_session_write(&w, "session", session);
	sg_jsonw_object_end(&w);
	rc = sg_jsonw_check(&w, "a session to be kept", err);
	if (rc == SG_OK)
		rc = sg_identity_name(identity, name, err);
	if (rc == SG_OK)
		rc = path_of(cache, name, EXTENSION, path, err);
	if (rc == SG_OK)
		rc = sg_file_make_dir(cache->dir, err);
	if (rc == SG_OK)
		rc = sg_file_keep(path, buf->data, buf->len, err);
	sg_outfile_sweep(cache->dir);
	return rc;
}

enum sg_rc
sg_cache_store(struct sg_cache *cache, const struct sg_identity *identity,
    const struct sg_session *session, struct sg_err *err)
{
	enum sg_rc rc;

	rc = write_entry(cache, identity, session, err);
	return sg_context(err, rc, "keep the session");
}

static enum sg_rc
take_lock(struct sg_cache *cache, const struct sg_identity *identity,
    int64_t timeout_ms, struct sg_lock **out_lock, struct sg_err *err)
{
	char name[SG_IDENTITY_NAME_SIZE];
	char path[PATH_SIZE];
	enum sg_rc rc;

	rc = sg_identity_name(identity, name, err);
	if (rc == SG_OK)
		rc = path_of(cache, name, ".lock", path, err);
	if (rc == SG_OK)
		rc = sg_file_make_dir(cache->dir, err);
	if (rc == SG_OK)
		rc = sg_lock_take(path, timeout_ms, out_lock, err);
	return rc;
}

enum sg_rc
sg_cache_lock(struct sg_cache *cache, const struct sg_identity *identity,
    struct sg_lock **out_lock, struct sg_err *err)
{
	enum sg_rc rc;

	rc = take_lock(cache, identity, SG_CACHE_LOCK_MS, out_lock, err);
	return sg_context(err, rc, "wait for our turn to sign in");
}

void
sg_cache_touch(struct sg_cache *cache, const struct sg_identity *identity,
    struct sg_session *session)
{
	AUTO_ENTRY entry = NULL;
	SG_AUTO(sg_lock) lock = NULL;
	int64_t now_s = cache->clock->now_s(cache->clock->ctx);
	char name[SG_IDENTITY_NAME_SIZE];

	if (now_s < session->used_s + TOUCH_S)
		return;
	session->used_s = now_s;
	/* Without the lock, another's newer session might be overwritten. */
	if (take_lock(cache, identity, 0, &lock, NULL) != SG_OK ||
	    sg_identity_name(identity, name, NULL) != SG_OK ||
	    read_entry(cache, name, &entry, NULL) != SG_OK ||
	    !sg_session_is_same(entry->session, session))
		return;
	if (write_entry(cache, identity, session, NULL) != SG_OK)
		return; /* the entry then merely ends earlier */
}

static enum sg_rc
remove_entry(struct sg_cache *cache, const char *name, struct sg_err *err)
{
	char path[PATH_SIZE];
	enum sg_rc rc;

	rc = path_of(cache, name, EXTENSION, path, err);
	if (rc != SG_OK)
		return rc;
	if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
		return sg_fail_errno(
		    err, SG_E_IO, "forget the session in %s", path);
	return SG_OK;
}

enum sg_rc
sg_cache_forget(struct sg_cache *cache, const struct sg_identity *identity,
    const struct sg_session *session, struct sg_err *err)
{
	AUTO_ENTRY entry = NULL;
	SG_AUTO(sg_lock) lock = NULL;
	char name[SG_IDENTITY_NAME_SIZE];
	enum sg_rc rc;

	rc = sg_identity_name(identity, name, err);
	if (rc == SG_OK)
		rc = take_lock(cache, identity, SG_CACHE_LOCK_MS, &lock, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "forget a session");
	if (read_entry(cache, name, &entry, NULL) == SG_OK &&
	    !sg_session_is_same(entry->session, session))
		return SG_OK; /* another process has made a new one */
	return remove_entry(cache, name, err);
}

static void
close_dir(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
	*dir = NULL;
}

#define AUTO_DIR __attribute__((cleanup(close_dir))) DIR *

/* Add the name in a file's name, if it is one of ours. */
static enum sg_rc
add_name(struct sg_list *names, const char *file_name, struct sg_err *err)
{
	SG_AUTO_STR name = NULL;

	if (!sg_text_ends(file_name, EXTENSION))
		return SG_OK;
	name = strndup(file_name, strlen(file_name) - strlen(EXTENSION));
	if (name == NULL)
		return sg_fail_nomem(err);
	return sg_identity_is_name(name) ? sg_list_add(names, name, err)
					 : SG_OK;
}

static enum sg_rc
list_names(struct sg_cache *cache, struct sg_list *names, struct sg_err *err)
{
	AUTO_DIR dir = opendir(cache->dir);
	struct dirent *file;
	enum sg_rc rc = SG_OK;

	if (dir == NULL && errno == ENOENT)
		return SG_OK;
	if (dir == NULL)
		return sg_fail_errno(
		    err, SG_E_IO, "read the session cache %s", cache->dir);
	for (file = readdir(dir); file != NULL && rc == SG_OK;
	     file = readdir(dir))
		rc = add_name(names, file->d_name, err);
	sg_list_sort(names);
	return rc;
}

static enum sg_rc
show_entry(struct sg_cache *cache, const char *name,
    enum sg_rc (*each)(void *ctx, const struct sg_cache_entry *entry),
    void *ctx, struct sg_err *err)
{
	AUTO_ENTRY entry = NULL;
	struct sg_cache_entry shown = {0};
	enum sg_rc rc;

	rc = read_entry(cache, name, &entry, NULL);
	if (rc == SG_E_NOMEM)
		return sg_fail_nomem(err);
	if (rc != SG_OK)
		return SG_OK;
	shown.identity = &entry->identity;
	shown.session = entry->session;
	return each(ctx, &shown);
}

enum sg_rc
sg_cache_list(struct sg_cache *cache,
    enum sg_rc (*each)(void *ctx, const struct sg_cache_entry *entry),
    void *ctx, struct sg_err *err)
{
	struct sg_list names = {0};
	enum sg_rc rc;
	size_t i;

	sg_outfile_sweep(cache->dir);
	rc = list_names(cache, &names, err);
	for (i = 0; i < names.count && rc == SG_OK; i++)
		rc = show_entry(cache, names.items[i], each, ctx, err);
	sg_list_clear(&names);
	return rc;
}
