/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/answer.h"

#include <string.h>
#include <unistd.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/app.h"
#include "client/http/http.h"

/* A body as a member: JSON, text, or what is neither as base64url. */
static enum sg_rc
write_body(struct app *app, const struct sg_buf *body, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	SG_AUTO(sg_buf) encoded = NULL;
	enum sg_rc rc;

	if (sg_json_parse(body->data, body->len, &json, NULL) == SG_OK) {
		sg_jsonw_value(&app->json, "body", json);
		return SG_OK;
	}
	if (strlen(sg_buf_str(body)) == body->len &&
	    sg_utf8_is_valid(body->data, body->len)) {
		sg_jsonw_str(&app->json, "text", sg_buf_str(body));
		return SG_OK;
	}
	encoded = sg_buf_new(body->len * 2);
	sg_b64url_encode(encoded, body->data, body->len);
	rc = sg_buf_check(encoded, "the answer", err);
	if (rc == SG_OK)
		sg_jsonw_str(&app->json, "base64url", sg_buf_str(encoded));
	return rc;
}

/* As it is, but for what a terminal would obey. */
static void
add_for_terminal(struct app *app, const struct sg_buf *body)
{
	const uint8_t *bytes = body->data;
	size_t from = 0;
	size_t to;

	for (to = 0; to <= body->len; to++) {
		char separator = to < body->len ? (char)bytes[to] : '\n';

		if (separator != '\n' && separator != '\t' && separator != '\0')
			continue;
		app_text_of(app, (const char *)bytes + from, to - from);
		from = to + 1;
		if (separator == '\0')
			separator = '?';
		if (to < body->len || (to > 0 && bytes[to - 1] != '\n'))
			sg_buf_add_byte(app->out, (uint8_t)separator);
	}
}

enum sg_rc
answer_give(
    struct app *app, const struct sg_http_reply *reply, struct sg_err *err)
{
	const struct sg_buf *body = reply->body;
	enum sg_rc rc;

	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_int(&app->json, "status", reply->status);
		rc = write_body(app, body, err);
		return rc == SG_OK ? app_json_end(app, err) : rc;
	}
	if (isatty(STDOUT_FILENO) == 1)
		add_for_terminal(app, body);
	else
		sg_buf_add(app->out, body->data, body->len);
	return sg_buf_check(app->out, "the output", err);
}

enum sg_rc
answer_give_saved(
    struct app *app, int status, int64_t bytes, struct sg_err *err)
{
	if (!app_json(app))
		return SG_OK;
	app_json_begin(app);
	sg_jsonw_int(&app->json, "status", status);
	sg_jsonw_str(&app->json, "output", app_output(app));
	sg_jsonw_int(&app->json, "bytes", bytes);
	return app_json_end(app, err);
}
