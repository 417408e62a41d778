/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/curl_lazy.h"
#include "fake_http.h"
#include "fake_server.h"

#include <curl/curl.h>

#include "client/http/intake.h"

/* What a sink was told; it fails where it is asked to. */
struct seen {
	int begun;
	int64_t total;
	char text[64];
	size_t len;
	bool fail_begin;
	bool fail_take;
};

static enum sg_rc
begin(void *ctx, int64_t total, struct sg_err *err)
{
	struct seen *seen = ctx;

	seen->begun++;
	seen->total = total;
	return seen->fail_begin ? sg_fail(err, SG_E_IO, "no place") : SG_OK;
}

static enum sg_rc
take(void *ctx, const void *data, size_t len, struct sg_err *err)
{
	struct seen *seen = ctx;

	if (seen->fail_take)
		return sg_fail(err, SG_E_IO, "disk full");
	assert_true(seen->len + len < sizeof(seen->text));
	memcpy(seen->text + seen->len, data, len);
	seen->len += len;
	return SG_OK;
}

/* One answer through an intake; what libcurl says of it. */
static CURLcode
receive(const char *answer, struct seen *seen, struct sg_intake *intake,
    struct sg_buf *body)
{
	const struct sg_http_sink sink = {begin, take, seen};
	CURL *curl = curl_easy_init();
	struct server server;
	char url[64];
	CURLcode code;

	assert_non_null(curl);
	server_start(&server, answer);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", server.port);
	*intake = (struct sg_intake){
	    .curl = curl, .sink = seen != NULL ? &sink : NULL, .body = body};
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	assert_int_equal(sg_intake_set(intake, 60000), CURLE_OK);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		assert_int_equal(sg_intake_end(intake, NULL), SG_OK);
	curl_easy_cleanup(curl);
	intake->curl = NULL;
	server_end(&server);
	return code;
}

#define OK_4 "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"

static void
without_a_sink_a_body_goes_into_memory_up_to_its_bound(void **state)
{
	SG_AUTO(sg_buf) body = sg_buf_new(4);
	SG_AUTO(sg_buf) small = sg_buf_new(3);
	struct sg_intake intake;

	(void)state;
	assert_int_equal(receive(OK_4, NULL, &intake, body), CURLE_OK);
	assert_string_equal(sg_buf_str(body), "body");
	assert_int_equal(
	    receive(OK_4, NULL, &intake, small), CURLE_WRITE_ERROR);
	assert_true(small->too_large);
}

static void
headers_are_bounded_wherever_they_stand(void **state)
{
	static const struct {
		const char *head;
		const char *line;
		size_t times;
		bool fits;
	} rows[] = {
	    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "X-A: b\r\n",
		SG_HTTP_HEADERS_MAX_LINES - 3, true},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "X-A: b\r\n",
		SG_HTTP_HEADERS_MAX_LINES - 2, false},
	    {"HTTP/1.1 200 OK\r\n"
	     "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
		"X-A: b\r\n", SG_HTTP_HEADERS_MAX_LINES, false},
	    {"", "HTTP/1.1 103 Early Hints\r\n\r\n",
		SG_HTTP_HEADERS_MAX_LINES / 2 + 1, false},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: ", "b",
		SG_HTTP_HEADERS_MAX - 100, true},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: ", "b",
		SG_HTTP_HEADERS_MAX, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_buf) answer = sg_buf_new(SIZE_MAX);
		SG_AUTO(sg_buf) body = sg_buf_new(4);
		struct sg_intake intake;
		size_t n;

		sg_buf_add_str(answer, rows[i].head);
		for (n = 0; n < rows[i].times; n++)
			sg_buf_add_str(answer, rows[i].line);
		sg_buf_add_str(answer, "\r\n\r\n");
		assert_int_equal(
		    receive(sg_buf_str(answer), NULL, &intake, body),
		    rows[i].fits ? CURLE_OK : CURLE_WRITE_ERROR);
		assert_true(intake.headers_too_large == !rows[i].fits);
	}
}

static void
a_success_goes_to_the_sink_and_not_into_memory(void **state)
{
	SG_AUTO(sg_buf) body = sg_buf_new(2);
	struct seen seen = {0};
	struct sg_intake intake;

	(void)state;
	assert_int_equal(receive(OK_4, &seen, &intake, body), CURLE_OK);
	assert_int_equal(seen.begun, 1);
	assert_int_equal(seen.total, 4);
	assert_string_equal(seen.text, "body");
	assert_int_equal(intake.bytes, 4);
	assert_int_equal(body->len, 0);
}

static void
an_unknown_length_is_told_as_such(void **state)
{
	SG_AUTO(sg_buf) body = sg_buf_new(2);
	struct seen seen = {0};
	struct sg_intake intake;

	(void)state;
	assert_int_equal(
	    receive("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab", &seen,
		&intake, body),
	    CURLE_OK);
	assert_int_equal(seen.total, -1);
	assert_string_equal(seen.text, "ab");
}

static void
an_empty_success_begins_all_the_same(void **state)
{
	SG_AUTO(sg_buf) body = sg_buf_new(2);
	struct seen seen = {0};
	struct sg_intake intake;

	(void)state;
	assert_int_equal(
	    receive("HTTP/1.1 204 No Content\r\n\r\n", &seen, &intake, body),
	    CURLE_OK);
	assert_int_equal(seen.begun, 1);
	assert_int_equal(seen.len, 0);
}

static void
a_refusal_never_reaches_the_sink(void **state)
{
	static const char *const statuses[] = {"301", "403", "500"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(statuses); i++) {
		SG_AUTO(sg_buf) body = sg_buf_new(100);
		struct seen seen = {0};
		struct sg_intake intake;
		char answer[128];

		(void)snprintf(answer, sizeof(answer),
		    "HTTP/1.1 %s No\r\nContent-Length: 2\r\n\r\nno",
		    statuses[i]);
		assert_int_equal(
		    receive(answer, &seen, &intake, body), CURLE_OK);
		assert_int_equal(seen.begun, 0);
		assert_string_equal(sg_buf_str(body), "no");
	}
}

static void
a_sink_that_fails_stops_it_with_its_own_error(void **state)
{
	struct seen cases[] = {{.fail_begin = true}, {.fail_take = true}};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		SG_AUTO(sg_buf) body = sg_buf_new(100);
		struct sg_intake intake;

		assert_int_equal(
		    receive(OK_4, &cases[i], &intake, body), CURLE_WRITE_ERROR);
		assert_int_equal(intake.err.rc, SG_E_IO);
		assert_string_equal(
		    intake.err.text, i == 0 ? "no place" : "disk full");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		without_a_sink_a_body_goes_into_memory_up_to_its_bound),
	    cmocka_unit_test(headers_are_bounded_wherever_they_stand),
	    cmocka_unit_test(a_success_goes_to_the_sink_and_not_into_memory),
	    cmocka_unit_test(an_unknown_length_is_told_as_such),
	    cmocka_unit_test(an_empty_success_begins_all_the_same),
	    cmocka_unit_test(a_refusal_never_reaches_the_sink),
	    cmocka_unit_test(a_sink_that_fails_stops_it_with_its_own_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
