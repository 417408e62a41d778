/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/uat_show.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/uat/known.h"
#include "client/uat/uat_config.h"

static void
print_list(struct app *app, const char *name, const struct sg_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		app_field(app, i == 0 ? name : "", list->items[i]);
}

/* The service's text, with its own lines but nothing else that moves a
 * terminal's cursor. */
static void
print_lines(struct app *app, const char *text)
{
	char part[128];

	while (*text != '\0') {
		size_t len = strcspn(text, "\r\n");

		if (len >= sizeof(part))
			len = sizeof(part) - 1;
		memcpy(part, text, len);
		part[len] = '\0';
		app_text(app, part);
		text += len;
		if (*text != '\0' && *text != '\r' && *text != '\n')
			continue; /* the line is longer than the part */
		sg_buf_add_byte(app->out, '\n');
		if (*text == '\r')
			text++;
		if (*text == '\n')
			text++;
	}
}

static enum sg_rc
write_raw(
    struct app *app, const struct sg_uat_config *config, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	rc = sg_json_parse(config->raw, strlen(config->raw), &json, err);
	if (rc == SG_OK)
		sg_jsonw_value(&app->json, NULL, json);
	return rc;
}

static void
print_config(struct app *app, const struct sg_uat_config *config)
{
	app_field(app, "id", config->config_id);
	app_field(app, "name", config->name);
	app_field(app, "enabled", config->enabled ? "true" : "false");
	app_field(app, "issuer", config->issuer);
	app_field(app, "user claim", config->username_claim);
	print_list(app, "resources", &config->resource_ids);
	print_list(app, "scopes", &config->scopes);
	app_field(app, "jwksUri", config->jwks_uri);
	if (config->public_key_active != NULL) {
		sg_buf_add_str(app->out, "public key\n");
		print_lines(app, config->public_key_active);
	}
}

static enum sg_rc
show(struct app *app, const struct sg_uat_config *config, const bool *made,
    struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	known_saw(app, config);
	if (!app_json(app)) {
		print_config(app, config);
		return sg_buf_check(app->out, "the output", err);
	}
	rc = sg_json_parse(config->raw, strlen(config->raw), &json, err);
	if (rc != SG_OK)
		return rc;
	app_json_begin(app);
	sg_jsonw_str(&app->json, "configId", config->config_id);
	sg_jsonw_value(&app->json, "configuration", json);
	if (made != NULL)
		sg_jsonw_bool(&app->json, "made", *made);
	return app_json_end(app, err);
}

enum sg_rc
uat_show(
    struct app *app, const struct sg_uat_config *config, struct sg_err *err)
{
	return show(app, config, NULL, err);
}

enum sg_rc
uat_show_made(struct app *app, const struct sg_uat_config *config, bool made,
    struct sg_err *err)
{
	return show(app, config, &made, err);
}

static void
print_rows(struct app *app, const struct sg_uat_configs *configs)
{
	size_t i;

	for (i = 0; i < configs->count; i++) {
		const struct sg_uat_config *c = configs->items[i];

		app_text(app, c->config_id != NULL ? c->config_id : "-");
		sg_buf_addf(
		    app->out, "  %-8s  ", c->enabled ? "enabled" : "disabled");
		app_text(app, c->name != NULL ? c->name : "-");
		sg_buf_add_str(app->out, "  ");
		app_text(app, c->issuer != NULL ? c->issuer : "-");
		sg_buf_add_byte(app->out, '\n');
	}
}

enum sg_rc
uat_show_all(
    struct app *app, const struct sg_uat_configs *configs, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	size_t i;

	known_saw_all(app, configs);
	if (!app_json(app)) {
		print_rows(app, configs);
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_array(&app->json, "configurations");
	for (i = 0; rc == SG_OK && i < configs->count; i++)
		rc = write_raw(app, configs->items[i], err);
	sg_jsonw_array_end(&app->json);
	return rc == SG_OK ? app_json_end(app, err) : rc;
}
