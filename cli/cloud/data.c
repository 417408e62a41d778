/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/data.h"

#include "base/buf.h"
#include "base/json.h"
#include "cli/app.h"

#define DATA_MAX   (16 * 1024 * 1024)
#define VALUE_MAX  (16 * 1024 * 1024)
#define NAME_WIDTH 13

enum sg_rc
data_read(struct app *app, struct sg_buf **out_data, struct sg_err *err)
{
	const char *path = app_value(app, OPT_DATA);
	SG_AUTO(sg_buf) data = NULL;
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	if (path == NULL)
		return SG_OK;
	rc = app_read_input(path, "--data", DATA_MAX, &data, err);
	if (rc == SG_OK)
		rc = sg_json_parse(data->data, data->len, &json, err);
	if (rc == SG_E_INVALID)
		rc = sg_recast(err, SG_E_USAGE);
	if (rc != SG_OK)
		return sg_context(err, rc, "read the body of --data");
	*out_data = data;
	data = NULL; /* now the caller's */
	return SG_OK;
}

/* The name is the service's, too, so it is made safe like any text of it. */
static void
show_field(struct app *app, const char *name, const char *value)
{
	size_t before = app->out != NULL ? app->out->len : 0;

	app_text(app, name);
	do
		sg_buf_add_byte(app->out, ' ');
	while (app->out != NULL && !app->out->too_large &&
	       !app->out->out_of_memory && app->out->len < before + NAME_WIDTH);
	app_text(app, value);
	sg_buf_add_byte(app->out, '\n');
}

static enum sg_rc
show_member(struct app *app, const char *name, const struct sg_json *value,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;
	struct sg_jsonw w = {0};
	enum sg_rc rc;

	if (sg_json_text(value) != NULL) {
		show_field(app, name, sg_json_text(value));
		return SG_OK;
	}
	text = sg_buf_new(VALUE_MAX);
	w.out = text;
	sg_jsonw_value(&w, NULL, value);
	rc = sg_jsonw_check(&w, "the output", err);
	if (rc == SG_OK)
		show_field(app, name, sg_buf_str(text));
	return rc;
}

enum sg_rc
data_show(struct app *app, const char *name, const struct sg_json *json,
    struct sg_err *err)
{
	const struct sg_json *value = NULL;
	const char *key = NULL;
	enum sg_rc rc = SG_OK;

	if (app_json(app)) {
		app_json_begin(app);
		if (json != NULL)
			sg_jsonw_value(&app->json, name, json);
		else
			sg_jsonw_str(&app->json, name, NULL);
		return app_json_end(app, err);
	}
	while (rc == SG_OK && json != NULL) {
		key = sg_json_next(json, key, &value);
		if (key == NULL)
			break;
		rc = show_member(app, key, value, err);
	}
	return rc == SG_OK ? sg_buf_check(app->out, "the output", err) : rc;
}
