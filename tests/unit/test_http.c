/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#define URL "https://host.test/a"

static const struct sg_http_request get = {.method = "GET", .url = URL};
static const struct sg_http_request post = {
    .method = "POST",
    .url = URL,
    .body = "{}",
    .body_len = 2,
};

/* Send one request by a script; the reply, if any, is released. */
static enum sg_rc
run(struct fake *fake, const struct sg_http_request *request, int *out_status,
    struct sg_err *err)
{
	struct sg_http *http = fake_http(fake);
	struct sg_http_reply *reply = NULL;
	enum sg_rc rc;

	rc = sg_http_send(http, request, &reply, err);
	assert_int_equal(rc == SG_OK, reply != NULL);
	if (reply != NULL && out_status != NULL)
		*out_status = reply->status;
	sg_http_reply_free(&reply);
	fake_end(fake, &http);
	return rc;
}

static void
any_status_is_an_answer(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, NO_BODY, .status = 404, .reply = "no"}};
	struct fake fake = SCRIPT(steps);
	int status = 0;

	(void)state;
	assert_int_equal(run(&fake, &get, &status, NULL), SG_OK);
	assert_int_equal(status, 404);
	assert_int_equal(fake.sleeps, 0);
}

static void
the_servers_time_goes_on_with_ours(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, .status = 200},
	    {"GET", URL, .status = 200, .date_s = 1000},
	    {"GET", URL, .status = 404},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_http *http = fake_http(&fake);
	struct sg_http_reply *reply = NULL;
	int64_t took_s = -1;
	int64_t time_s = -1;
	size_t i;

	(void)state;
	assert_false(sg_http_server_time(http, &time_s, &took_s));
	for (i = 0; i < SG_COUNT(steps); i++) {
		assert_int_equal(sg_http_send(http, &get, &reply, NULL), SG_OK);
		sg_http_reply_free(&reply);
		if (i == 0)
			assert_false(
			    sg_http_server_time(http, &time_s, &took_s));
	}
	assert_int_equal(time_s, -1);
	fake.mono_ms += 7000;
	assert_true(sg_http_server_time(http, &time_s, &took_s));
	assert_int_equal(time_s, 1007);
	assert_int_equal(took_s, 0);
	fake_end(&fake, &http);
}

static void
an_answer_that_was_slow_says_by_how_much(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, .status = 200, .date_s = 1000, .slow_ms = 9000},
	    {"GET", URL, .status = 200, .slow_ms = 5000},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_http *http = fake_http(&fake);
	struct sg_http_reply *reply = NULL;
	int64_t took_s = -1;
	int64_t time_s = -1;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(steps); i++) { /* the last has no date */
		assert_int_equal(sg_http_send(http, &get, &reply, NULL), SG_OK);
		sg_http_reply_free(&reply);
	}
	assert_true(sg_http_server_time(http, &time_s, &took_s));
	assert_int_equal(took_s, 9);
	assert_int_equal(time_s, 1005);
	fake_end(&fake, &http);
}

static void
get_is_repeated_until_it_succeeds(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, .rc = SG_E_NETWORK, .fault = SG_HTTP_LOST},
	    {"GET", URL, .status = 503},
	    {"GET", URL, .status = 200},
	};
	struct fake fake = SCRIPT(steps);
	int status = 0;

	(void)state;
	assert_int_equal(run(&fake, &get, &status, NULL), SG_OK);
	assert_int_equal(status, 200);
	assert_int_equal(fake.sleeps, 2);
	/* halves of 500 and 1000 ms are left to chance */
	assert_in_range(fake.slept_ms, 750, 1500);
}

static void
get_is_tried_three_times_at_most(void **state)
{
	static const int transient[] = {429, 502, 503, 504};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(transient) / sizeof(transient[0]); i++) {
		const struct step steps[] = {
		    {"GET", URL, .status = transient[i]},
		    {"GET", URL, .status = transient[i]},
		    {"GET", URL, .status = transient[i]},
		};
		struct fake fake = SCRIPT(steps);
		int status = 0;

		assert_int_equal(run(&fake, &get, &status, NULL), SG_OK);
		assert_int_equal(status, transient[i]);
	}
}

static void
get_that_never_connects_fails_with_the_last_error(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, .rc = SG_E_NETWORK, .fault = SG_HTTP_NOT_SENT},
	    {"GET", URL, .rc = SG_E_TIMEOUT, .fault = SG_HTTP_NOT_SENT},
	    {"GET", URL, .rc = SG_E_NETWORK, .fault = SG_HTTP_NOT_SENT},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(run(&fake, &get, NULL, &err), SG_E_NETWORK);
	assert_int_equal(err.native, SG_HTTP_NOT_SENT);
	assert_has(err.text, "no answer");
}

static void
other_statuses_are_not_repeated(void **state)
{
	static const int final[] = {200, 301, 400, 401, 403, 404, 500, 501};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(final) / sizeof(final[0]); i++) {
		const struct step steps[] = {{"GET", URL, .status = final[i]}};
		struct fake fake = SCRIPT(steps);

		assert_int_equal(run(&fake, &get, NULL, NULL), SG_OK);
	}
}

static void
bad_certificate_or_limit_is_not_tried_again(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, .rc = SG_E_NETWORK, .fault = SG_HTTP_BARRED}};
	static const struct step cut[] = {
	    {"GET", URL, .rc = SG_E_NETWORK, .fault = SG_HTTP_BROKEN}};
	struct fake fake = SCRIPT(steps);
	struct fake other = SCRIPT(cut);

	(void)state;
	assert_int_equal(run(&fake, &get, NULL, NULL), SG_E_NETWORK);
	assert_int_equal(run(&other, &get, NULL, NULL), SG_E_NETWORK);
}

static void
get_that_timed_out_is_not_sent_again(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, .rc = SG_E_TIMEOUT, .fault = SG_HTTP_LOST}};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_int_equal(run(&fake, &get, NULL, NULL), SG_E_TIMEOUT);
}

static void
what_changes_something_is_sent_once(void **state)
{
	static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		const struct step lost[] = {{methods[i], URL,
		    .rc = SG_E_NETWORK, .fault = SG_HTTP_NOT_SENT}};
		const struct step busy[] = {
		    {methods[i], URL, .status = 503, .retry_after_s = 1}};
		struct fake fake_lost = SCRIPT(lost);
		struct fake fake_busy = SCRIPT(busy);
		struct sg_http_request request = post;

		request.method = methods[i];
		assert_int_equal(
		    run(&fake_lost, &request, NULL, NULL), SG_E_NETWORK);
		assert_int_equal(run(&fake_busy, &request, NULL, NULL), SG_OK);
		assert_int_equal(fake_busy.sleeps, 0);
	}
}

static void
retry_after_is_waited_for(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, .status = 429, .retry_after_s = 7},
	    {"GET", URL, .status = 200},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_int_equal(run(&fake, &get, NULL, NULL), SG_OK);
	assert_int_equal(fake.slept_ms, 7000);
}

static void
long_retry_after_is_handed_back(void **state)
{
	static const struct step steps[] = {{"GET", URL, .status = 429,
	    .retry_after_s = SG_HTTP_RETRY_AFTER_S + 1}};
	struct fake fake = SCRIPT(steps);
	int status = 0;

	(void)state;
	assert_int_equal(run(&fake, &get, &status, NULL), SG_OK);
	assert_int_equal(status, 429);
	assert_int_equal(fake.sleeps, 0);
}

static void
deadline_is_not_passed_by_waiting(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, .status = 503, .retry_after_s = 5}};
	struct fake fake = SCRIPT(steps);
	struct sg_http_opts opts = {.timeout_ms = 4000};
	struct sg_http *http = NULL;
	struct sg_http_reply *reply = NULL;

	(void)state;
	assert_int_equal(
	    sg_http_new(&fake_ops, &fake, &opts, &http, NULL), SG_OK);
	assert_int_equal(sg_http_send(http, &get, &reply, NULL), SG_OK);
	assert_int_equal(reply->status, 503);
	assert_int_equal(fake.slept_ms, 0);
	sg_http_reply_free(&reply);
	fake_end(&fake, &http);
}

static void
only_https_is_sent(void **state)
{
	static const char *const urls[] = {
	    "http://host.test/",
	    "ftp://host.test/",
	    "file:///etc/passwd",
	    "host.test",
	    "",
	    "https://user:pw@host.test/",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct fake fake = {0};
		struct sg_http_request request = get;
		struct sg_err err = {0};

		request.url = urls[i];
		assert_int_equal(run(&fake, &request, NULL, &err), SG_E_CONFIG);
		assert_has_not(err.text, "pw");
	}
}

static void
odd_method_is_refused(void **state)
{
	static const char *const methods[] = {
	    "", "get", "GET ", "GET\r\nX: y", "G T"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct fake fake = {0};
		struct sg_http_request request = get;

		request.method = methods[i];
		assert_int_equal(run(&fake, &request, NULL, NULL), SG_E_USAGE);
	}
}

static void
keep_line(void *ctx, const char *line)
{
	(void)snprintf(ctx, 256, "%s", line);
}

static void
trace_shows_no_query_and_no_secret(void **state)
{
	static const struct step steps[] = {
	    {"GET", "https://host.test/a?token=hush", .header = "X-Auth",
		.auth = "hush-hush", .status = 200, .reply = "four"},
	    {"POST", URL, .rc = SG_E_NETWORK, .fault = SG_HTTP_LOST},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_secret *auth = secret_of("hush-hush");
	char line[256] = "";
	struct sg_http_opts opts = {.trace = keep_line, .trace_ctx = line};
	struct sg_http_request request = {
	    .method = "GET",
	    .url = "https://host.test/a?token=hush",
	    .auth_header = "X-Auth",
	    .auth = auth,
	};
	struct sg_http *http = NULL;
	struct sg_http_reply *reply = NULL;

	(void)state;
	assert_int_equal(
	    sg_http_new(&fake_ops, &fake, &opts, &http, NULL), SG_OK);
	assert_int_equal(sg_http_send(http, &request, &reply, NULL), SG_OK);
	assert_string_equal(line, "GET https://host.test/a 200 10 ms 4 bytes");
	sg_http_reply_free(&reply);
	assert_int_equal(sg_http_send(http, &post, &reply, NULL), SG_E_NETWORK);
	assert_string_equal(line, "POST https://host.test/a no answer 10 ms");
	sg_secret_free(&auth);
	fake_end(&fake, &http);
}

static void
free_takes_nothing(void **state)
{
	struct sg_http *http = NULL;
	struct sg_http_reply *reply = NULL;

	(void)state;
	sg_http_free(&http);
	sg_http_free(NULL);
	sg_http_reply_free(&reply);
	sg_http_reply_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_status_is_an_answer),
	    cmocka_unit_test(the_servers_time_goes_on_with_ours),
	    cmocka_unit_test(an_answer_that_was_slow_says_by_how_much),
	    cmocka_unit_test(get_is_repeated_until_it_succeeds),
	    cmocka_unit_test(get_is_tried_three_times_at_most),
	    cmocka_unit_test(get_that_never_connects_fails_with_the_last_error),
	    cmocka_unit_test(other_statuses_are_not_repeated),
	    cmocka_unit_test(bad_certificate_or_limit_is_not_tried_again),
	    cmocka_unit_test(get_that_timed_out_is_not_sent_again),
	    cmocka_unit_test(what_changes_something_is_sent_once),
	    cmocka_unit_test(retry_after_is_waited_for),
	    cmocka_unit_test(long_retry_after_is_handed_back),
	    cmocka_unit_test(deadline_is_not_passed_by_waiting),
	    cmocka_unit_test(only_https_is_sent),
	    cmocka_unit_test(odd_method_is_refused),
	    cmocka_unit_test(trace_shows_no_query_and_no_secret),
	    cmocka_unit_test(free_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
