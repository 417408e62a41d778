/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/cloud/download.h"

static void
open_it(struct bench *b, struct download *download)
{
	const struct sg_http_sink *sink = NULL;

	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x", "-o", "out"));
	assert_ok(b, download_open(&b->app, download, &sink, &b->err));
	assert_ptr_equal(sink, &download->sink);
}

static void
give(struct bench *b, struct download *download, const char *body)
{
	SG_AUTO(sg_http_reply) reply = sg_http_reply_new(0);

	assert_non_null(reply);
	reply->status = 200;
	sg_buf_add_str(reply->body, body);
	assert_ok(b, download_give(download, reply, &b->err));
}

static enum sg_rc
feed(struct download *download, const char *text, struct sg_err *err)
{
	return download->sink.take(download->sink.ctx, text, strlen(text), err);
}

static void
the_whole_is_there_when_it_is_given_and_private(void **state)
{
	struct bench *b = *state;
	struct download download = {0};
	struct stat st;

	put("out", 0644, "old");
	open_it(b, &download);
	assert_ok(b, download.sink.begin(download.sink.ctx, 6, &b->err));
	assert_ok(b, feed(&download, "abc", &b->err));
	assert_string_equal(text_of("out"), "old");
	assert_ok(b, feed(&download, "def", &b->err));
	assert_int_equal(download.done, 6);
	assert_int_equal(download.total, 6);
	give(b, &download, "");
	download_close(&download);
	assert_string_equal(text_of("out"), "abcdef");
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
a_repeat_begins_anew(void **state)
{
	struct bench *b = *state;
	struct download download = {0};

	open_it(b, &download);
	assert_ok(b, download.sink.begin(download.sink.ctx, 6, &b->err));
	assert_ok(b, feed(&download, "abc", &b->err));
	assert_ok(b, download.sink.begin(download.sink.ctx, -1, &b->err));
	assert_ok(b, feed(&download, "xyz", &b->err));
	assert_int_equal(download.done, 3);
	give(b, &download, "");
	download_close(&download);
	assert_string_equal(text_of("out"), "xyz");
}

static void
what_is_not_given_changes_nothing(void **state)
{
	struct bench *b = *state;
	struct download download = {0};

	put("out", 0644, "old");
	open_it(b, &download);
	assert_ok(b, feed(&download, "abc", &b->err));
	download_close(&download);
	assert_string_equal(text_of("out"), "old");
}

static void
a_place_that_is_none_is_an_error_at_once(void **state)
{
	struct bench *b = *state;
	struct download download = {0};
	const struct sg_http_sink *sink = NULL;

	put("out", 0644, "old");
	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x", "-o", "out"));
	assert_int_equal(remove("out"), 0);
	assert_int_equal(mkdir("out", 0700), 0);
	assert_refused(b, download_open(&b->app, &download, &sink, &b->err),
	    SG_E_IO, "is a folder");
	assert_null(sink);
	download_close(&download);
}

static void
without_a_file_the_answer_is_the_product(void **state)
{
	struct bench *b = *state;
	struct download download = {0};
	const struct sg_http_sink *sink = NULL;

	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x"));
	assert_ok(b, download_open(&b->app, &download, &sink, &b->err));
	assert_null(sink);
	give(b, &download, "abc");
	assert_string_equal(product(b), "abc");
	download_close(&download);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_whole_is_there_when_it_is_given_and_private),
	    TEST(a_repeat_begins_anew),
	    TEST(what_is_not_given_changes_nothing),
	    TEST(a_place_that_is_none_is_an_error_at_once),
	    TEST(without_a_file_the_answer_is_the_product),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
