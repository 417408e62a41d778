/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/app.h"
#include "cli/cloud/answer.h"
#include "cli/cloud/data.h"
#include "cli/cloud/download.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "client/http/http.h"
#include "client/pages/paging.h"

#define METHOD_MAX 16
#define WHAT	   "call the API"
#define PAGES_MAX  (64 * 1024 * 1024)

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

/* All pages of a listing as one, the shape of its first page kept. */
static enum sg_rc
give_pages(struct app *app, const struct sg_paging *paging, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;
	struct sg_jsonw w = {0};
	enum sg_rc rc;

	if (app_json(app) && app_output(app) == NULL) {
		app_json_begin(app);
		sg_jsonw_int(&app->json, "status", paging->status);
		sg_jsonw_int(&app->json, "pages", (int64_t)paging->page_count);
		sg_paging_write(&app->json, "body", paging);
		return app_json_end(app, err);
	}
	text = sg_buf_new(PAGES_MAX);
	w.out = text;
	if (paging->page_count > 0) {
		sg_paging_write(&w, NULL, paging);
		sg_buf_add_byte(text, '\n');
	}
	rc = sg_jsonw_check(&w, "the pages", err);
	if (rc != SG_OK)
		return rc;
	if (app_output(app) == NULL) {
		sg_buf_add(app->out, text->data, text->len);
		return sg_buf_check(app->out, "the output", err);
	}
	rc = sg_file_replace(app_output(app), text->data, text->len, 0600, err);
	if (rc != SG_OK)
		return rc;
	return answer_give_saved(app, paging->status, (int64_t)text->len, err);
}

static enum sg_rc
call_pages(struct app *app, struct service *service,
    const struct sg_api_request *call, struct sg_err *err)
{
	SG_AUTO(sg_paging) paging = NULL;
	const struct sg_paging_request request = {
	    .api = &service->api,
	    .path = call->path,
	    .what = WHAT,
	};
	enum sg_rc rc;

	if (strcmp(call->method, "GET") != 0 || call->body != NULL)
		return sg_fail(
		    err, SG_E_USAGE, "--paginate is for a GET without --data");
	rc = sg_paging_read(&request, &paging, err);
	if (rc != SG_OK)
		return rc;
	return give_pages(app, paging, err);
}

static enum sg_rc
call_once(struct app *app, struct service *service,
    struct sg_api_request *request, struct sg_err *err)
{
	__attribute__((cleanup(download_close))) struct download download = {0};
	SG_AUTO(sg_http_reply) reply = NULL;
	enum sg_rc rc;

	rc = download_open(app, &download, &request->sink, err);
	if (rc == SG_OK)
		rc = sg_api_call(&service->api, request, WHAT, &reply, err);
	if (rc != SG_OK)
		return rc;
	return download_give(&download, reply, err);
}

static enum sg_rc
call(struct app *app, struct service *service, struct sg_err *err)
{
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
	if (app_given(app, OPT_PAGINATE))
		return call_pages(app, service, &request, err);
	return call_once(app, service, &request, err);
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
