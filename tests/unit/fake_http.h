/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_HTTP_H
#define SG_TESTS_FAKE_HTTP_H

/*
 * A transport that follows a script: each step is the request that must come
 * and the answer that it gets. No network, and no time but its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "client/http/http.h"

#define NO_BODY "" /* the request must have none */

struct step {
	const char *method;
	const char *url;
	const char *body;   /* the whole; NULL looks at none */
	const char *header; /* that carries auth; NULL: there must be none */
	const char *auth;
	int status; /* of the answer; 0: no answer, but rc and fault */
	const char *reply;
	size_t reply_len; /* 0: up to its NUL */
	const char *content_type;
	const char *location;
	const char *cache_control;
	const char *etag;
	int64_t age_s;
	const char *if_match; /* that the request must have */
	int64_t retry_after_s;
	int64_t date_s;
	int64_t slow_ms; /* of the fake's time, before the answer */
	enum sg_rc rc;
	enum sg_http_fault fault;
	void (*before)(void *ctx); /* runs before the answer */
	void *before_ctx;
};

struct fake {
	const struct step *steps;
	size_t count;
	size_t done;
	int64_t mono_ms;
	int64_t slept_ms;
	unsigned int sleeps;
	bool is_closed;
};

static inline void
fake_check(const struct step *step, const struct sg_http_request *request)
{
	assert_string_equal(request->method, step->method);
	assert_string_equal(request->url, step->url);
	if (step->body != NULL && *step->body == '\0')
		assert_null(request->body);
	else if (step->body != NULL) {
		assert_int_equal(request->body_len, strlen(step->body));
		assert_memory_equal(
		    request->body, step->body, strlen(step->body));
	}
	if (step->if_match == NULL)
		assert_null(request->if_match);
	else
		assert_string_equal(request->if_match, step->if_match);
	if (step->header == NULL) {
		assert_null(request->auth);
		return;
	}
	assert_non_null(request->auth);
	assert_string_equal(request->auth_header, step->header);
	assert_string_equal(sg_secret_reveal(request->auth), step->auth);
}

/* Hand the body of a success to the sink, in two pieces. */
static inline enum sg_rc
fake_sink(const struct sg_http_sink *sink, struct sg_http_reply *reply,
    struct sg_err *err)
{
	size_t half = reply->body->len / 2;
	enum sg_rc rc;

	rc = sink->begin(sink->ctx, (int64_t)reply->body->len, err);
	if (rc == SG_OK && half > 0)
		rc = sink->take(sink->ctx, reply->body->data, half, err);
	if (rc == SG_OK && reply->body->len > half)
		rc = sink->take(sink->ctx, reply->body->data + half,
		    reply->body->len - half, err);
	reply->sunk_bytes = (int64_t)reply->body->len;
	sg_buf_reset(reply->body);
	return rc;
}

static inline enum sg_rc
fake_perform(void *ctx, const struct sg_http_request *request,
    int64_t timeout_ms, struct sg_http_reply **out_reply, struct sg_err *err)
{
	struct fake *fake = ctx;
	const struct step *step = fake->steps + fake->done;
	struct sg_http_reply *reply;

	if (fake->done >= fake->count)
		fail_msg("one request too many: %s %s", request->method,
		    request->url);
	assert_true(timeout_ms > 0);
	fake_check(step, request);
	fake->done++;
	fake->mono_ms += 10 + step->slow_ms;
	if (step->before != NULL)
		step->before(step->before_ctx);
	if (step->status == 0)
		return sg_fail_native(
		    err, step->rc, step->fault, "no answer could be had");
	reply = sg_http_reply_new(request->max_reply);
	assert_non_null(reply);
	reply->status = step->status;
	reply->retry_after_s = step->retry_after_s;
	reply->date_s = step->date_s;
	if (step->content_type != NULL)
		reply->content_type = strdup(step->content_type);
	if (step->location != NULL)
		reply->location = strdup(step->location);
	if (step->cache_control != NULL)
		reply->cache_control = strdup(step->cache_control);
	if (step->etag != NULL)
		reply->etag = strdup(step->etag);
	reply->age_s = step->age_s;
	if (step->reply != NULL)
		sg_buf_add(reply->body, step->reply,
		    step->reply_len != 0 ? step->reply_len
					 : strlen(step->reply));
	if (request->sink != NULL && step->status / 100 == 2) {
		enum sg_rc rc = fake_sink(request->sink, reply, err);

		if (rc != SG_OK) {
			sg_http_reply_free(&reply);
			return rc;
		}
	}
	*out_reply = reply;
	return SG_OK;
}

static inline void
fake_sleep(void *ctx, int64_t duration_ms)
{
	struct fake *fake = ctx;

	fake->sleeps++;
	fake->slept_ms += duration_ms;
	fake->mono_ms += duration_ms;
}

static inline int64_t
fake_mono(void *ctx)
{
	return ((struct fake *)ctx)->mono_ms;
}

static inline void
fake_close(void *ctx)
{
	((struct fake *)ctx)->is_closed = true;
}

static const struct sg_http_ops fake_ops = {
    .perform = fake_perform,
    .sleep_ms = fake_sleep,
    .mono_ms = fake_mono,
    .close = fake_close,
};

/* A client that follows the steps; SCRIPT counts them. */
#define SCRIPT(list) \
	{ \
		.steps = list, .count = sizeof(list) / sizeof((list)[0]) \
	}

static inline struct sg_http *
fake_http(struct fake *fake)
{
	struct sg_http *http = NULL;

	assert_int_equal(
	    sg_http_new(&fake_ops, fake, NULL, &http, NULL), SG_OK);
	return http;
}

/* Release it; every step must have been taken. */
static inline void
fake_end(struct fake *fake, struct sg_http **http)
{
	sg_http_free(http);
	assert_true(fake->is_closed);
	assert_int_equal(fake->done, fake->count);
}

/* A clock that stands still until it is told to go on. */
struct test_clock {
	struct sg_clock clock;
	int64_t now_s;
};

static inline int64_t
test_clock_now(void *ctx)
{
	return ((struct test_clock *)ctx)->now_s;
}

static inline void
test_clock_set(struct test_clock *clock, int64_t now_s)
{
	clock->clock.now_s = test_clock_now;
	clock->clock.ctx = clock;
	clock->now_s = now_s;
}

static inline struct sg_secret *
secret_of(const char *text)
{
	struct sg_secret *secret = NULL;

	assert_int_equal(
	    sg_secret_new(text, strlen(text), &secret, NULL), SG_OK);
	return secret;
}

/* An answer by itself, for who reads answers. */
static inline struct sg_http_reply *
reply_of(int status, const char *content_type, const char *body)
{
	struct sg_http_reply *reply = sg_http_reply_new(0);

	assert_non_null(reply);
	reply->status = status;
	if (content_type != NULL)
		reply->content_type = strdup(content_type);
	sg_buf_add_str(reply->body, body);
	return reply;
}

static inline int
remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

/* Remove a folder that a test made, with all that is in it. */
static inline int
remove_tree(const char *path)
{
	return nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#define assert_has(text, part) \
	do { \
		if (strstr(text, part) == NULL) \
			fail_msg("\"%s\" is not in \"%s\"", part, text); \
	} while (0)

#define assert_has_not(text, part) \
	do { \
		if (strstr(text, part) != NULL) \
			fail_msg("\"%s\" is in \"%s\"", part, text); \
	} while (0)

#endif
