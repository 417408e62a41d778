/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/data.h"
#include "cli/services.h"
#include "client/http.h"

#define METHOD_MAX 16

/* GET or get: methods are upper case on the wire. RFC 9110 §9.1. */
static enum sg_rc
read_method(const char *text, char out_method[METHOD_MAX], struct sg_err *err)
{
	size_t i;

	for (i = 0; text[i] != '\0' && i < METHOD_MAX - 1; i++) {
		if (isalpha((unsigned char)text[i]) == 0)
			break;
		out_method[i] = (char)toupper((unsigned char)text[i]);
	}
	out_method[i] = '\0';
	if (i == 0 || text[i] != '\0')
		return sg_fail(err, SG_E_USAGE,
		    "\"%s\" is no HTTP method; write GET, POST, PUT or DELETE",
		    text);
	return SG_OK;
}

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

static enum sg_rc
give_json(
    struct app *app, const struct sg_http_reply *reply, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	app_json_begin(app);
	sg_jsonw_int(&app->json, "status", reply->status);
	if (app_output(app) != NULL)
		sg_jsonw_str(&app->json, "output", app_output(app));
	else
		rc = write_body(app, reply->body, err);
	if (rc != SG_OK)
		return rc;
	return app_json_end(app, err);
}

static enum sg_rc
give_reply(
    struct app *app, const struct sg_http_reply *reply, struct sg_err *err)
{
	const struct sg_buf *body = reply->body;
	enum sg_rc rc = SG_OK;

	if (app_output(app) != NULL)
		rc = sg_file_replace(
		    app_output(app), body->data, body->len, 0600, err);
	if (rc != SG_OK)
		return rc;
	if (app_json(app))
		return give_json(app, reply, err);
	if (app_output(app) != NULL)
		return SG_OK;
	/* Byte for byte; a person gets a line of it. */
	sg_buf_add(app->out, body->data, body->len);
	if (body->len > 0 && body->data[body->len - 1] != '\n' &&
	    isatty(STDOUT_FILENO) == 1)
		sg_buf_add_byte(app->out, '\n');
	return sg_buf_check(app->out, "the output", err);
}

static enum sg_rc
call(struct app *app, struct service *service, struct sg_err *err)
{
	struct sg_http_reply *reply = NULL;
	SG_AUTO(sg_buf) data = NULL;
	char method[METHOD_MAX];
	struct sg_api_request request = {
	    .method = method,
	    .path = app->args.operands[1],
	};
	enum sg_rc rc;

	rc = read_method(app->args.operands[0], method, err);
	if (rc == SG_OK)
		rc = data_read(app, &data, err);
	/* What is done cannot be asked for again to have its answer. */
	if (rc != SG_OK)
		return rc;
	if (data != NULL) {
		request.body = data->data;
		request.body_len = data->len;
	}
	rc = sg_api_call(&service->api, &request, "call the API", &reply, err);
	if (rc == SG_OK)
		rc = give_reply(app, reply, err);
	sg_http_reply_free(&reply);
	return rc;
}

static enum sg_rc
open_and_call(struct app *app,
    enum sg_rc (*open)(
	struct app *app, struct service *service, struct sg_err *err),
    struct sg_err *err)
{
	__attribute__((cleanup(services_end))) struct service service = {0};
	enum sg_rc rc;

	rc = open(app, &service, err);
	if (rc != SG_OK)
		return rc;
	return call(app, &service, err);
}

enum sg_rc
cmd_api_tcm(struct app *app, struct sg_err *err)
{
	return open_and_call(app, services_tcm, err);
}

enum sg_rc
cmd_api_tableau(struct app *app, struct sg_err *err)
{
	return open_and_call(app, services_tableau, err);
}
