/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat/uat_config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "client/pages/page.h"

#define RAW_MAX	       (16 * 1024 * 1024)
#define CANDIDATES_MAX 1024

/* The service writes "" for what it does not tell. */
static enum sg_rc
copy_text(const char *text, char **out_copy, struct sg_err *err)
{
	bool told = text != NULL && *text != '\0';

	return sg_str_copy(told ? text : NULL, out_copy, err);
}

/* From "UatConfigurationId{tenantId=…, configId=…}"; or a bare UUID. */
static enum sg_rc
id_from_text(const char *text, char **out_id, struct sg_err *err)
{
	static const char mark[] = "configId=";
	const char *id = strstr(text, mark);

	if (id == NULL)
		return sg_text_is_uuid(text) ? copy_text(text, out_id, err)
					     : SG_OK;
	id += strlen(mark);
	*out_id = strndup(id, strcspn(id, ",} "));
	return *out_id != NULL ? SG_OK : sg_fail_nomem(err);
}

static enum sg_rc
read_id(const struct sg_json *json, char **out_id, struct sg_err *err)
{
	const char *text = sg_json_get_text(json, "configId");
	const struct sg_json *id = sg_json_get(json, "id");

	if (text == NULL)
		text = sg_json_get_text(id, "configId");
	if (text != NULL)
		return copy_text(text, out_id, err);
	text = sg_json_text(id);
	return text != NULL ? id_from_text(text, out_id, err) : SG_OK;
}

static enum sg_rc
read_texts(const struct sg_json *json, struct sg_uat_config *config,
    struct sg_err *err)
{
	const struct {
		const char *name;
		char **out;
	} members[] = {
	    {"tenantId", &config->tenant_id},
	    {"name", &config->name},
	    {"issuer", &config->issuer},
	    {"publicKeyActive", &config->public_key_active},
	    {"jwksUri", &config->jwks_uri},
	    {"usernameClaim", &config->username_claim},
	};
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; i < SG_COUNT(members) && rc == SG_OK; i++)
		rc = copy_text(sg_json_get_text(json, members[i].name),
		    members[i].out, err);
	if (rc == SG_OK && config->public_key_active == NULL)
		rc = copy_text(sg_json_get_text(json, "publicKey"),
		    &config->public_key_active, err);
	return rc;
}

/* What is no string in it is passed over. */
static enum sg_rc
read_list(const struct sg_json *array, struct sg_list *list, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	const char *text;
	size_t i;

	if (!sg_json_is_array(array))
		return SG_OK;
	for (i = 0; i < sg_json_count(array) && rc == SG_OK; i++) {
		text = sg_json_text(sg_json_at(array, i));
		if (text != NULL)
			rc = sg_list_add(list, text, err);
	}
	return rc;
}

static enum sg_rc
read_raw(const struct sg_json *json, char **out_raw, struct sg_err *err)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(RAW_MAX);
	struct sg_jsonw w = {.out = buf};
	enum sg_rc rc;

	sg_jsonw_value(&w, NULL, json);
	rc = sg_jsonw_check(&w, "a UAT configuration", err);
	if (rc != SG_OK)
		return rc;
	return copy_text(sg_buf_str(buf), out_raw, err);
}

enum sg_rc
sg_uat_config_read(const struct sg_json *json,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = calloc(1, sizeof(*config));
	enum sg_rc rc;

	if (config == NULL)
		return sg_fail_nomem(err);
	if (!sg_json_is_object(json))
		return sg_fail(err, SG_E_REFUSED,
		    "the service's answer is no UAT configuration");
	rc = read_id(json, &config->config_id, err);
	if (rc == SG_OK)
		rc = read_texts(json, config, err);
	if (rc == SG_OK)
		rc = read_list(sg_json_get(json, "resourceIds"),
		    &config->resource_ids, err);
	if (rc == SG_OK)
		rc = read_list(
		    sg_json_get(json, "scopes"), &config->scopes, err);
	if (rc == SG_OK)
		rc = read_raw(json, &config->raw, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_json_bool(sg_json_get(json, "enabled"), &config->enabled))
		config->enabled = true;
	*out_config = config;
	config = NULL; /* now the caller's */
	return SG_OK;
}

void
sg_uat_config_free(struct sg_uat_config **config)
{
	struct sg_uat_config *c;

	if (config == NULL || *config == NULL)
		return;
	c = *config;
	free(c->config_id);
	free(c->tenant_id);
	free(c->name);
	free(c->issuer);
	free(c->public_key_active);
	free(c->jwks_uri);
	free(c->username_claim);
	sg_list_clear(&c->resource_ids);
	sg_list_clear(&c->scopes);
	free(c->raw);
	free(c);
	*config = NULL;
}

enum sg_rc
sg_uat_configs_from(const struct sg_json *const *items, size_t count,
    struct sg_uat_configs **out_configs, struct sg_err *err)
{
	SG_AUTO(sg_uat_configs) configs = calloc(1, sizeof(*configs));
	enum sg_rc rc;
	size_t i;

	if (configs == NULL)
		return sg_fail_nomem(err);
	configs->items = calloc(count + 1, sizeof(configs->items[0]));
	if (configs->items == NULL)
		return sg_fail_nomem(err);
	for (i = 0; i < count; i++) {
		rc = sg_uat_config_read(items[i], &configs->items[i], err);
		if (rc != SG_OK)
			return rc;
		configs->count++;
	}
	*out_configs = configs;
	configs = NULL; /* now the caller's */
	return SG_OK;
}

static void
free_items(const struct sg_json ***items)
{
	free(*items);
}

enum sg_rc
sg_uat_configs_read(const struct sg_json *json,
    struct sg_uat_configs **out_configs, struct sg_err *err)
{
	const struct sg_json *list = sg_page_list(json, SG_UAT_CONFIGS_MEMBER);
	size_t count = sg_json_count(list);
	__attribute__((cleanup(free_items))) const struct sg_json **items =
	    calloc(count + 1, sizeof(*items));
	size_t i;

	if (items == NULL)
		return sg_fail_nomem(err);
	if (list == NULL)
		return sg_fail(err, SG_E_REFUSED,
		    "the service's answer holds no list of UAT "
		    "configurations");
	for (i = 0; i < count; i++)
		items[i] = sg_json_at(list, i);
	return sg_uat_configs_from(items, count, out_configs, err);
}

void
sg_uat_configs_free(struct sg_uat_configs **configs)
{
	size_t i;

	if (configs == NULL || *configs == NULL)
		return;
	for (i = 0; i < (*configs)->count; i++)
		sg_uat_config_free(&(*configs)->items[i]);
	free((*configs)->items);
	free(*configs);
	*configs = NULL;
}

static enum sg_rc
fail_ambiguous(
    const struct sg_uat_configs *configs, const char *name, struct sg_err *err)
{
	SG_AUTO(sg_buf) ids = sg_buf_new(CANDIDATES_MAX);
	const struct sg_uat_config *config;
	size_t i;

	if (ids == NULL)
		return sg_fail_nomem(err);
	for (i = 0; i < configs->count; i++) {
		config = configs->items[i];
		if (config->name == NULL || strcmp(config->name, name) != 0)
			continue;
		sg_buf_addf(ids, "%s%s", ids->len > 0 ? ", " : "",
		    config->config_id != NULL ? config->config_id : "(no id)");
	}
	return sg_fail(err, SG_E_USAGE,
	    "several UAT configurations are named \"%s\"; give one of their "
	    "ids: %s",
	    name, sg_buf_str(ids));
}

enum sg_rc
sg_uat_configs_find(const struct sg_uat_configs *configs,
    const char *id_or_name, const struct sg_uat_config **out_config,
    struct sg_err *err)
{
	const struct sg_uat_config *named = NULL;
	const struct sg_uat_config *config;
	size_t count = 0;
	size_t i;

	for (i = 0; i < configs->count; i++) {
		config = configs->items[i];
		if (config->config_id != NULL &&
		    strcasecmp(config->config_id, id_or_name) == 0) {
			*out_config = config;
			return SG_OK;
		}
		if (config->name == NULL ||
		    strcmp(config->name, id_or_name) != 0)
			continue;
		named = config;
		count++;
	}
	if (count > 1)
		return fail_ambiguous(configs, id_or_name, err);
	if (count == 0)
		return sg_fail_native(err, SG_E_REFUSED, 404,
		    "no UAT configuration has the id or name \"%s\"; run: "
		    "signet uat list",
		    id_or_name);
	*out_config = named;
	return SG_OK;
}
