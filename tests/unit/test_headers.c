/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/curl_lazy.h"
#include "fake_http.h"
#include "fake_server.h"

#include <curl/curl.h>

#include "client/http/headers.h"

/* What is read of an answer; the caller's. */
static struct sg_http_reply *
read_answer(const char *answer, bool *out_coded)
{
	struct sg_http_reply *reply = sg_http_reply_new(0);
	CURL *curl = curl_easy_init();
	struct server server;
	char url[64];

	assert_non_null(curl);
	server_start(&server, answer);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", server.port);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	assert_int_equal(curl_easy_perform(curl), CURLE_OK);
	assert_int_equal(sg_headers_read(curl, reply, NULL), SG_OK);
	if (out_coded != NULL)
		*out_coded = sg_headers_is_coded(curl);
	curl_easy_cleanup(curl);
	server_end(&server);
	return reply;
}

static void
what_is_known_is_read(void **state)
{
	struct sg_http_reply *reply;

	(void)state;
	reply = read_answer("HTTP/1.1 201 Made\r\nContent-Type: text/x\r\n"
			    "Location: /a\r\nETag: \"e\"\r\nAge: 12\r\n"
			    "Cache-Control: public\r\nAge: 13\r\n"
			    "cache-control: max-age=5\r\n"
			    "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
			    "Content-Length: 0\r\n\r\n",
	    NULL);
	assert_int_equal(reply->status, 201);
	assert_string_equal(reply->content_type, "text/x");
	assert_string_equal(reply->location, "/a");
	assert_string_equal(reply->etag, "\"e\"");
	assert_string_equal(reply->cache_control, "public, max-age=5");
	assert_int_equal(reply->age_s, 12);
	assert_int_equal(reply->date_s, 784887151);
	sg_http_reply_free(&reply);
}

static void
what_is_absent_or_malformed_is_left_out(void **state)
{
	static const char *const answers[] = {
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nAge: -1\r\n"
	    "Date: yesterday\r\nRetry-After: later\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nAge: 99999999999\r\n"
	    "\r\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		struct sg_http_reply *reply = read_answer(answers[i], NULL);

		assert_null(reply->content_type);
		assert_null(reply->location);
		assert_null(reply->etag);
		assert_null(reply->cache_control);
		assert_int_equal(reply->age_s, 0);
		assert_int_equal(reply->date_s, 0);
		assert_int_equal(reply->retry_after_s, 0);
		sg_http_reply_free(&reply);
	}
}

/* What the header says, next to the Date of 08:12:31. */
static void
retry_after_is_a_number_or_a_date(void **state)
{
	static const struct {
		const char *value;
		int64_t seconds;
	} cases[] = {
	    {"0", 0},
	    {"120", 120},
	    {"999999999", 999999999},
	    {"99999999999999999999999999", INT32_MAX},
	    {"-5", 0},
	    {"1.5", 0},
	    {"soon", 0},
	    {"", 0},
	    {"Tue, 15 Nov 1994 08:13:31 GMT", 60},
	    {"Tuesday, 15-Nov-94 09:12:31 GMT", 3600},
	    {"Tue, 15 Nov 1994 08:12:31 GMT", 0},
	    {"Tue, 15 Nov 1994 08:12:30 GMT", 0},
	    {"Fri, 99 Foo 20xx", 0},
	};
	char answer[512];
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_http_reply *reply;

		(void)snprintf(answer, sizeof(answer),
		    "HTTP/1.1 429 No\r\nRetry-After: %s\r\n"
		    "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n"
		    "Content-Length: 0\r\n\r\n",
		    cases[i].value);
		reply = read_answer(answer, NULL);
		if (reply->retry_after_s != cases[i].seconds)
			fail_msg("%s: %lld", cases[i].value,
			    (long long)reply->retry_after_s);
		sg_http_reply_free(&reply);
	}
}

static void
a_coding_is_seen(void **state)
{
	static const struct {
		const char *header;
		bool coded;
	} rows[] = {
	    {"Content-Encoding: gzip\r\n", true},
	    {"content-encoding: x\r\n", true},
	    {"Content-Encoding: Identity\r\n", false},
	    {"", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_http_reply *reply;
		bool coded = !rows[i].coded;
		char answer[256];

		(void)snprintf(answer, sizeof(answer),
		    "HTTP/1.1 200 OK\r\n%sContent-Length: 0\r\n\r\n",
		    rows[i].header);
		reply = read_answer(answer, &coded);
		assert_true(coded == rows[i].coded);
		sg_http_reply_free(&reply);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_known_is_read),
	    cmocka_unit_test(what_is_absent_or_malformed_is_left_out),
	    cmocka_unit_test(retry_after_is_a_number_or_a_date),
	    cmocka_unit_test(a_coding_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
