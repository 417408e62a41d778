/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/http.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "client/http/url.h"

#define FIRST_PAUSE_MS	  500
#define TRACE_MAX	  4096
#define METHOD_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct sg_http {
	const struct sg_http_ops *ops;
	void *ctx;
	struct sg_http_opts opts;
	int64_t date_s;	  /* of the last answer that had one; 0: none */
	int64_t dated_ms; /* when that was */
	int64_t took_ms;  /* that answer, from its request on */
};

struct sg_http_reply *
sg_http_reply_new(size_t max_reply)
{
	struct sg_http_reply *reply;

	reply = calloc(1, sizeof(*reply));
	if (reply == NULL)
		return NULL;
	reply->body =
	    sg_buf_new(max_reply != 0 ? max_reply : SG_HTTP_REPLY_MAX);
	if (reply->body == NULL)
		sg_http_reply_free(&reply);
	return reply;
}

void
sg_http_reply_free(struct sg_http_reply **reply)
{
	if (reply == NULL || *reply == NULL)
		return;
	free((*reply)->content_type);
	free((*reply)->location);
	free((*reply)->cache_control);
	free((*reply)->etag);
	sg_buf_free(&(*reply)->body);
	free(*reply);
	*reply = NULL;
}

enum sg_rc
sg_http_new(const struct sg_http_ops *ops, void *ctx,
    const struct sg_http_opts *opts, struct sg_http **out_http,
    struct sg_err *err)
{
	struct sg_http *http;

	http = calloc(1, sizeof(*http));
	if (http == NULL)
		return sg_fail_nomem(err);
	http->ops = ops;
	http->ctx = ctx;
	if (opts != NULL)
		http->opts = *opts;
	if (http->opts.timeout_ms <= 0)
		http->opts.timeout_ms = SG_HTTP_TIMEOUT_MS;
	*out_http = http;
	return SG_OK;
}

void
sg_http_free(struct sg_http **http)
{
	if (http == NULL || *http == NULL)
		return;
	if ((*http)->ops->close != NULL)
		(*http)->ops->close((*http)->ctx);
	free(*http);
	*http = NULL;
}

static void
trace(const struct sg_http *http, const struct sg_http_request *request,
    const struct sg_http_reply *reply, int64_t took_ms)
{
	SG_AUTO(sg_buf) line = NULL;

	if (http->opts.trace == NULL)
		return;
	line = sg_buf_new(TRACE_MAX);
	sg_buf_addf(line, "%s ", request->method);
	sg_url_add_shown(line, request->url);
	if (reply == NULL)
		sg_buf_addf(line, " no answer %lld ms", (long long)took_ms);
	else
		sg_buf_addf(line, " %d %lld ms %lld bytes", reply->status,
		    (long long)took_ms,
		    (long long)reply->sunk_bytes + (long long)reply->body->len);
	http->opts.trace(http->opts.trace_ctx, sg_buf_str(line));
}

static bool
may_repeat(const struct sg_http_request *request)
{
	return strcmp(request->method, "GET") == 0 ||
	       strcmp(request->method, "HEAD") == 0;
}

/* Only what a later try can mend. RFC 9110 §9.2.2, RFC 6585 §4. */
static bool
is_transient(
    enum sg_rc rc, const struct sg_http_reply *reply, const struct sg_err *fail)
{
	if (rc == SG_E_NETWORK)
		return fail->native != SG_HTTP_BROKEN &&
		       fail->native != SG_HTTP_BARRED;
	if (rc == SG_E_TIMEOUT)
		return fail->native == SG_HTTP_NOT_SENT;
	if (rc != SG_OK)
		return false;
	return reply->status == 429 || reply->status == 502 ||
	       reply->status == 503 || reply->status == 504;
}

/* Half of the pause is left to chance, so that clients do not march in step. */
static int64_t
pause_ms(unsigned int tried, int64_t retry_after_s)
{
	int64_t whole_ms = (int64_t)FIRST_PAUSE_MS << (tried - 1);
	uint32_t chance = 0;
	int64_t chosen_ms;

	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = 0;
	chosen_ms = whole_ms / 2 + chance % (whole_ms / 2 + 1);
	return chosen_ms > retry_after_s * 1000 ? chosen_ms
						: retry_after_s * 1000;
}

/* Wait before the next try; false when it must not be made. */
static bool
wait_for_retry(const struct sg_http *http, const struct sg_http_reply *reply,
    unsigned int tried, int64_t end_ms)
{
	int64_t retry_after_s = reply != NULL ? reply->retry_after_s : 0;
	int64_t wait_ms;

	if (tried >= SG_HTTP_TRIES || retry_after_s > SG_HTTP_RETRY_AFTER_S)
		return false;
	wait_ms = pause_ms(tried, retry_after_s);
	if (http->ops->mono_ms(http->ctx) + wait_ms >= end_ms)
		return false;
	http->ops->sleep_ms(http->ctx, wait_ms);
	return true;
}

static void
note_date(
    struct sg_http *http, const struct sg_http_reply *reply, int64_t start_ms)
{
	if (reply->date_s == 0)
		return;
	http->date_s = reply->date_s;
	http->dated_ms = http->ops->mono_ms(http->ctx);
	http->took_ms = http->dated_ms - start_ms;
}

bool
sg_http_server_time(
    const struct sg_http *http, int64_t *out_s, int64_t *out_took_s)
{
	int64_t since_ms;

	if (http->date_s == 0)
		return false;
	since_ms = http->ops->mono_ms(http->ctx) - http->dated_ms;
	*out_s = http->date_s + since_ms / 1000;
	*out_took_s = http->took_ms / 1000;
	return true;
}

static enum sg_rc
perform_once(struct sg_http *http, const struct sg_http_request *request,
    int64_t end_ms, struct sg_http_reply **out_reply, struct sg_err *err)
{
	struct sg_http_reply *reply = NULL;
	int64_t start_ms = http->ops->mono_ms(http->ctx);
	int64_t left_ms = end_ms > start_ms ? end_ms - start_ms : 1;
	enum sg_rc rc;

	if (request->sink != NULL) /* it is for a body that stalls */
		left_ms = http->opts.timeout_ms;
	rc = http->ops->perform(http->ctx, request, left_ms, &reply, err);
	trace(http, request, reply, http->ops->mono_ms(http->ctx) - start_ms);
	if (rc != SG_OK)
		return rc;
	note_date(http, reply, start_ms);
	*out_reply = reply;
	return SG_OK;
}

static enum sg_rc
check_request(const struct sg_http_request *request, struct sg_err *err)
{
	size_t len = strlen(request->method);

	if (len == 0 || strspn(request->method, METHOD_CHARACTERS) != len)
		return sg_fail(err, SG_E_USAGE,
		    "\"%s\" is no HTTP method; write GET, POST, PUT or DELETE",
		    request->method);
	return sg_url_check(request->url, "the URL of a request", err);
}

enum sg_rc
sg_http_send(struct sg_http *http, const struct sg_http_request *request,
    struct sg_http_reply **out_reply, struct sg_err *err)
{
	int64_t end_ms;
	unsigned int tried;
	enum sg_rc rc;

	rc = check_request(request, err);
	if (rc != SG_OK)
		return rc;
	end_ms = http->ops->mono_ms(http->ctx) + http->opts.timeout_ms;
	for (tried = 1;; tried++) {
		SG_AUTO(sg_http_reply) reply = NULL;
		struct sg_err fail = {0};

		rc = perform_once(http, request, end_ms, &reply, &fail);
		if (may_repeat(request) && is_transient(rc, reply, &fail) &&
		    wait_for_retry(http, reply, tried, end_ms))
			continue;
		if (rc != SG_OK)
			return sg_fail_again(err, rc, &fail);
		*out_reply = reply;
		reply = NULL; /* now the caller's */
		return SG_OK;
	}
}

void
sg_http_pause(struct sg_http *http, int64_t duration_ms)
{
	http->ops->sleep_ms(http->ctx, duration_ms);
}
