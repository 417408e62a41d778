/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/folder.h"
#include "client/uat/uat_copy.h"

#define FILE_NAME "known-uat.json"
#define FILE_MAX  (1024 * 1024)
#define LOCK_MS	  5000
#define URGENT_MS 100 /* for each, where some are to be stopped */
#define VERSION	  1

/* Nobody has as many, and each takes its time. */
#define NEWS_MAX 2000

/* What was learnt, and of which tenant. */
struct news {
	const char *tenant;
	const struct sg_uat_config *const *shown;
	char (*thumbprints)[SG_THUMBPRINT_SIZE]; /* of those; "" if none */
	size_t shown_count;
	const char *deleted; /* id or name */
};

static enum sg_rc
known_path(struct app *app, struct sg_buf *path, struct sg_err *err)
{
	return folder_file(app->conf, FOLDER_STATE, FILE_NAME, path, err);
}

/* An absent file is one without configurations. */
static enum sg_rc
read_known(const char *path, struct sg_buf **out_text,
    struct sg_json **out_json, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;
	struct sg_err failed = {0};
	int64_t version = 0;
	enum sg_rc rc;

	rc = sg_file_read(path, SG_FILE_SECRET, FILE_MAX, NULL, &text, &failed);
	if (rc == SG_E_IO && failed.native == ENOENT)
		return SG_OK;
	if (rc == SG_OK)
		rc = sg_json_parse(text->data, text->len, out_json, &failed);
	if (rc == SG_OK &&
	    (!sg_json_int(sg_json_get(*out_json, "version"), &version) ||
		version != VERSION))
		rc = sg_fail(&failed, SG_E_INVALID, "it is of another version");
	if (rc == SG_OK) {
		*out_text = text;
		text = NULL; /* now the caller's */
		return SG_OK;
	}
	sg_json_free(out_json);
	return sg_fail(err, rc == SG_E_NOMEM ? rc : SG_E_CONFIG,
	    "read the known configurations in %s: %s; remove the file, and "
	    "fill it again with: signet uat list",
	    path, failed.text);
}

static bool
is_text(const struct sg_json *entry, const char *member, const char *text)
{
	const char *got = sg_json_get_text(entry, member);

	return got != NULL && text != NULL && strcmp(got, text) == 0;
}

/* A UUID is the same in capitals. */
static bool
is_tenant(const struct sg_json *entry, const char *tenant)
{
	const char *got = sg_json_get_text(entry, "tenantId");

	return got != NULL && strcasecmp(got, tenant) == 0;
}

/* An answer without a body left a configuration without its id: then the name
 * has to do. */
static bool
is_same(const char *id, const char *name, const struct sg_uat_config *config)
{
	if (id != NULL && config->config_id != NULL)
		return strcmp(id, config->config_id) == 0;
	return name != NULL && config->name != NULL &&
	       strcmp(name, config->name) == 0;
}

/* Only a deletion and another key are news of an entry: an answer may leave the
 * key out, and a list may be a page of many. */
static bool
is_outdated(const struct sg_json *entry, const struct news *news)
{
	const char *id = sg_json_get_text(entry, "configId");
	const char *name = sg_json_get_text(entry, "name");
	size_t i;

	if (!is_tenant(entry, news->tenant))
		return false;
	for (i = 0; i < news->shown_count; i++)
		if (news->thumbprints[i][0] != '\0' &&
		    is_same(id, name, news->shown[i]))
			return true;
	return is_text(entry, "configId", news->deleted) ||
	       is_text(entry, "name", news->deleted);
}

static enum sg_rc
make_thumbprints(struct news *news, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	size_t i;

	if (news->shown_count > NEWS_MAX)
		return sg_fail(err, SG_E_REFUSED,
		    "%zu UAT configurations are more than the %d that are "
		    "remembered",
		    news->shown_count, NEWS_MAX);
	news->thumbprints =
	    calloc(news->shown_count + 1, sizeof(*news->thumbprints));
	if (news->thumbprints == NULL)
		return sg_fail_nomem(err);
	for (i = 0; rc == SG_OK && i < news->shown_count; i++)
		rc = sg_uat_config_thumbprint(
		    news->shown[i], news->thumbprints[i], err);
	return rc;
}

static void
write_entry(struct sg_jsonw *w, const char *tenant,
    const struct sg_uat_config *config, const char *thumbprint)
{
	if (thumbprint[0] == '\0')
		return;
	sg_jsonw_object(w, NULL);
	sg_jsonw_str(w, "tenantId", tenant);
	sg_jsonw_str(w, "configId", config->config_id);
	sg_jsonw_str(w, "name", config->name);
	sg_jsonw_str(w, "issuer", config->issuer);
	sg_jsonw_bool(w, "enabled", config->enabled);
	sg_jsonw_str(w, "thumbprint", thumbprint);
	sg_jsonw_object_end(w);
}

static enum sg_rc
write_known(const struct sg_json *old, const struct news *news,
    struct sg_buf *text, struct sg_err *err)
{
	const struct sg_json *list = sg_json_get(old, "configurations");
	struct sg_jsonw w = {.out = text};
	size_t i;

	sg_jsonw_object(&w, NULL);
	sg_jsonw_int(&w, "version", VERSION);
	sg_jsonw_array(&w, "configurations");
	for (i = 0; i < sg_json_count(list); i++)
		if (!is_outdated(sg_json_at(list, i), news))
			sg_jsonw_value(&w, NULL, sg_json_at(list, i));
	for (i = 0; i < news->shown_count; i++)
		write_entry(
		    &w, news->tenant, news->shown[i], news->thumbprints[i]);
	sg_jsonw_array_end(&w);
	sg_jsonw_object_end(&w);
	sg_buf_add_byte(text, '\n');
	if (text == NULL || !text->too_large)
		return sg_jsonw_check(&w, "what is known", err);
	return sg_fail(err, SG_E_REFUSED,
	    FILE_NAME " would be larger than %d bytes; remove the file, and "
		      "fill it again with: signet uat list",
	    FILE_MAX);
}

static enum sg_rc
take_in(struct app *app, const struct news *news, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(4096);
	SG_AUTO(sg_buf) text = sg_buf_new(FILE_MAX);
	SG_AUTO(sg_buf) old_text = NULL;
	SG_AUTO(sg_json) old = NULL;
	SG_AUTO(sg_lock) lock = NULL;
	enum sg_rc rc;

	rc = folder_lock(app->conf, FILE_NAME ".lock",
	    app->is_stopping ? URGENT_MS : LOCK_MS, &lock, err);
	if (rc == SG_OK)
		rc = known_path(app, path, err);
	if (rc == SG_OK)
		rc = read_known(sg_buf_str(path), &old_text, &old, err);
	if (rc == SG_OK)
		rc = write_known(old, news, text, err);
	if (rc != SG_OK)
		return rc;
	if (old_text != NULL && old_text->len == text->len &&
	    memcmp(old_text->data, text->data, text->len) == 0)
		return SG_OK;
	return sg_file_keep(sg_buf_str(path), text->data, text->len, err);
}

/* The tenant that was asked is the configured one, unless the service says
 * another. */
static void
learn(struct app *app, struct news *news, const char *told_tenant)
{
	struct sg_err err = {0};
	const char *tenant = told_tenant;
	enum sg_rc rc;

	if (tenant == NULL &&
	    conf_get(app->conf, CONF_TENANT_ID, &tenant, NULL) != SG_OK)
		tenant = NULL;
	news->tenant = tenant != NULL ? tenant : "";
	rc = make_thumbprints(news, &err);
	if (rc == SG_OK)
		rc = take_in(app, news, &err);
	free(news->thumbprints);
	if (rc != SG_OK)
		app_hint(app,
		    "which key the configuration carries is not remembered: "
		    "%s",
		    err.text);
}

void
known_saw(struct app *app, const struct sg_uat_config *config)
{
	struct news news = {.shown = &config, .shown_count = 1};

	learn(app, &news, config->tenant_id);
}

void
known_saw_all(struct app *app, const struct sg_uat_configs *configs)
{
	struct news news = {
	    .shown = (const struct sg_uat_config *const *)configs->items,
	    .shown_count = configs->count,
	};

	learn(app, &news,
	    configs->count > 0 ? configs->items[0]->tenant_id : NULL);
}

void
known_deleted(struct app *app, const char *id_or_name)
{
	struct news news = {.deleted = id_or_name};

	learn(app, &news, NULL);
}

enum sg_rc
known_carriers(struct app *app, const char *thumbprint,
    struct sg_json **out_configs, struct sg_err *err)
{
	SG_AUTO(sg_buf) path = sg_buf_new(4096);
	SG_AUTO(sg_buf) text = sg_buf_new(FILE_MAX);
	SG_AUTO(sg_buf) old_text = NULL;
	SG_AUTO(sg_json) known = NULL;
	struct sg_jsonw w = {.out = text};
	const struct sg_json *list;
	size_t found = 0;
	enum sg_rc rc;
	size_t i;

	rc = known_path(app, path, err);
	if (rc == SG_OK)
		rc = read_known(sg_buf_str(path), &old_text, &known, err);
	if (rc != SG_OK)
		return rc;
	list = sg_json_get(known, "configurations");
	sg_jsonw_array(&w, NULL);
	for (i = 0; i < sg_json_count(list); i++) {
		const struct sg_json *entry = sg_json_at(list, i);

		if (thumbprint != NULL &&
		    !is_text(entry, "thumbprint", thumbprint))
			continue;
		sg_jsonw_value(&w, NULL, entry);
		found++;
	}
	sg_jsonw_array_end(&w);
	rc = sg_jsonw_check(&w, "what is known", err);
	if (rc != SG_OK || found == 0)
		return rc;
	return sg_json_parse(text->data, text->len, out_configs, err);
}
