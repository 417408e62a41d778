/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/cloud/download.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "client/http/http.h"
#include "client/http/url.h"
#include "client/reply/reply.h"

#define LINE_MAX_LEN (64 * 1024)

/* One line with a URL. It is a credential, so it is in no argument. */
static enum sg_rc
read_url(struct app *app, struct sg_buf **out_url, struct sg_err *err)
{
	const char *place = app->args.operands[0];
	SG_AUTO(sg_buf) text = NULL;
	enum sg_rc rc;

	if (strncasecmp(place, "http", 4) == 0 && strchr(place, ':') != NULL)
		return sg_fail(err, SG_E_USAGE,
		    "such a URL is a credential, and arguments are seen by "
		    "all: give it in a file, or on stdin with -");
	rc = app_read_input(place, "the URL", LINE_MAX_LEN, &text, err);
	if (rc != SG_OK)
		return rc;
	while (text->len > 0 && isspace(text->data[text->len - 1]) != 0)
		text->data[--text->len] = '\0';
	rc = sg_url_check(sg_buf_str(text), "what is to be downloaded", err);
	if (rc == SG_E_CONFIG)
		rc = sg_recast(err, SG_E_USAGE);
	if (rc != SG_OK)
		return rc;
	*out_url = text;
	text = NULL; /* now the caller's */
	return SG_OK;
}

/* The body is not quoted: it may hold the URL. */
static enum sg_rc
refused(const struct sg_http_reply *reply, const char *url, struct sg_err *err)
{
	SG_AUTO_STR origin = NULL;
	const char *advice = "";
	enum sg_rc rc;

	rc = sg_url_origin(url, &origin, err);
	if (rc != SG_OK)
		return rc;
	if (reply->status >= 300 && reply->status <= 399)
		advice = "; a redirect is not followed";
	else if (reply->status == 429 || reply->status >= 500)
		advice = "; try again in a minute";
	else if (reply->status >= 400)
		advice = "; such a URL is good for some minutes only: have a "
			 "new one made";
	return sg_fail_native(err, SG_E_REFUSED, reply->status,
	    "download from %s: refused (HTTP %d)%s", origin, reply->status,
	    advice);
}

static enum sg_rc
fetch(struct app *app, const struct sg_http_request *request,
    struct sg_http_reply **out_reply, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	enum sg_rc rc;

	rc = sg_http_send(app->http, request, &reply, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "download");
	if (!sg_reply_is_success(reply))
		return refused(reply, request->url, err);
	*out_reply = reply;
	reply = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
cmd_api_download(struct app *app, struct sg_err *err)
{
	__attribute__((cleanup(download_close))) struct download download = {0};
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_buf) url = NULL;
	struct sg_http_request request = {.method = "GET", .accept = "*/*"};
	enum sg_rc rc;

	rc = read_url(app, &url, err);
	if (rc == SG_OK)
		rc = services_bare_http(app, err);
	if (rc == SG_OK)
		rc = download_open(app, &download, &request.sink, err);
	if (rc != SG_OK)
		return rc;
	request.url = sg_buf_str(url);
	rc = fetch(app, &request, &reply, err);
	if (rc != SG_OK)
		return rc;
	return download_give(&download, reply, err);
}
