/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/cloud/download.h"

static void
open_it(struct bench *b, struct download *download)
{
	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x", "-o", "out"));
	assert_ok(b, download_open(&b->app, download, &b->err));
}

static enum sg_rc
feed(struct download *download, const char *text, struct sg_err *err)
{
	return download->sink.take(download->sink.ctx, text, strlen(text), err);
}

static void
the_whole_is_there_after_the_commit_and_private(void **state)
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
	assert_ok(b, download_commit(&download, &b->err));
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
	assert_ok(b, download_commit(&download, &b->err));
	download_close(&download);
	assert_string_equal(text_of("out"), "xyz");
}

static void
without_a_commit_nothing_changes(void **state)
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

	put("out", 0644, "old");
	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x", "-o", "out"));
	assert_int_equal(remove("out"), 0);
	assert_int_equal(mkdir("out", 0700), 0);
	assert_refused(b, download_open(&b->app, &download, &b->err), SG_E_IO,
	    "is a folder");
	download_close(&download);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_whole_is_there_after_the_commit_and_private),
	    TEST(a_repeat_begins_anew),
	    TEST(without_a_commit_nothing_changes),
	    TEST(a_place_that_is_none_is_an_error_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
