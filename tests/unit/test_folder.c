/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/folder.h"

#include "fake_app.h"

#include <sys/stat.h>

#include "base/file.h"

static enum sg_rc
path_of(struct bench *b, enum folder folder, struct sg_buf *path)
{
	return folder_path(b->app.conf, folder, path, &b->err);
}

static void
assert_path(struct bench *b, enum folder folder, const char *wanted)
{
	SG_AUTO(sg_buf) path = sg_buf_new(4096);

	assert_ok(b, path_of(b, folder, path));
	assert_string_equal(sg_buf_str(path), wanted);
}

static void
the_setting_outranks_xdg_and_xdg_the_home(void **state)
{
	struct bench *b = *state;

	(void)setenv("HOME", "/home/u", 1);
	(void)unsetenv("XDG_CACHE_HOME");
	(void)unsetenv("XDG_STATE_HOME");
	assert_ok(b, OPEN(b, "token", "list"));
	assert_path(b, FOLDER_CACHE, "/home/u/.cache/signet");
	assert_path(b, FOLDER_STATE, "/home/u/.local/state/signet");
	(void)setenv("XDG_CACHE_HOME", "/c", 1);
	(void)setenv("XDG_STATE_HOME", "/s", 1);
	assert_path(b, FOLDER_CACHE, "/c/signet");
	assert_path(b, FOLDER_STATE, "/s/signet");
	(void)setenv("SIGNET_CACHE_DIR", "/mine/c", 1);
	(void)setenv("SIGNET_STATE_DIR", "/mine/s", 1);
	assert_path(b, FOLDER_CACHE, "/mine/c");
	assert_path(b, FOLDER_STATE, "/mine/s");
}

/* XDG base directory specification: a relative path is to be ignored. */
static void
relative_xdg_is_ignored(void **state)
{
	struct bench *b = *state;

	(void)setenv("HOME", "/home/u", 1);
	(void)setenv("XDG_STATE_HOME", "s", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_path(b, FOLDER_STATE, "/home/u/.local/state/signet");
}

static void
a_path_from_the_working_folder_is_refused(void **state)
{
	struct bench *b = *state;
	SG_AUTO(sg_buf) path = sg_buf_new(4096);

	(void)setenv("SIGNET_STATE_DIR", "state", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(
	    b, path_of(b, FOLDER_STATE, path), SG_E_CONFIG, "from the root");
}

static void
local_file_moves_no_folder(void **state)
{
	struct bench *b = *state;
	SG_AUTO(sg_buf) path = sg_buf_new(4096);

	put(".env", 0600, "SIGNET_STATE_DIR=/elsewhere\nSIGNET_CACHE_DIR=/c\n");
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, path_of(b, FOLDER_CACHE, path), SG_E_CONFIG,
	    "./.env may not set SIGNET_CACHE_DIR");
	sg_err_clear(&b->err);
	assert_refused(b, path_of(b, FOLDER_STATE, path), SG_E_CONFIG,
	    "./.env may not set SIGNET_STATE_DIR");
}

static void
without_a_home_the_setting_is_named(void **state)
{
	struct bench *b = *state;
	SG_AUTO(sg_buf) path = sg_buf_new(4096);

	assert_ok(b, OPEN(b, "token", "list"));
	(void)unsetenv("HOME");
	(void)unsetenv("XDG_CACHE_HOME");
	(void)unsetenv("XDG_STATE_HOME");
	assert_refused(
	    b, path_of(b, FOLDER_STATE, path), SG_E_CONFIG, "SIGNET_STATE_DIR");
	sg_err_clear(&b->err);
	assert_refused(
	    b, path_of(b, FOLDER_CACHE, path), SG_E_CONFIG, "SIGNET_CACHE_DIR");
}

static void
a_file_stands_in_its_folder(void **state)
{
	struct bench *b = *state;
	SG_AUTO(sg_buf) path = sg_buf_new(4096);
	SG_AUTO(sg_buf) small = sg_buf_new(12);

	(void)setenv("SIGNET_CACHE_DIR", "/c", 1);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_ok(
	    b, folder_file(b->app.conf, FOLDER_CACHE, "a.json", path, &b->err));
	assert_string_equal(sg_buf_str(path), "/c/a.json");
	assert_refused(b,
	    folder_file(
		b->app.conf, FOLDER_CACHE, "long-name.json", small, &b->err),
	    SG_E_USAGE, "larger");
}

/* One at a time; and what a killed writer left goes. */
static void
a_lock_makes_its_folder_and_tidies_it(void **state)
{
	static const char left[] = ".local/state/signet/"
				   ".a.signet-tmp-0123456789abcdef";
	const struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	struct bench *b = *state;
	SG_AUTO(sg_lock) lock = NULL;
	SG_AUTO(sg_lock) second = NULL;

	assert_ok(b, OPEN(b, "token", "list"));
	assert_ok(b, folder_lock(b->app.conf, "l", 0, &lock, &b->err));
	assert_int_equal(
	    folder_lock(b->app.conf, "l", 0, &second, NULL), SG_E_TIMEOUT);
	assert_null(second);
	put(left, 0600, "");
	assert_int_equal(utimensat(AT_FDCWD, left, old, 0), 0);
	sg_lock_free(&lock);
	assert_ok(b, folder_lock(b->app.conf, "l", 0, &lock, &b->err));
	assert_int_equal(access(left, F_OK), -1);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_setting_outranks_xdg_and_xdg_the_home),
	    TEST(relative_xdg_is_ignored),
	    TEST(a_path_from_the_working_folder_is_refused),
	    TEST(local_file_moves_no_folder),
	    TEST(without_a_home_the_setting_is_named),
	    TEST(a_file_stands_in_its_folder),
	    TEST(a_lock_makes_its_folder_and_tidies_it),
	};

	return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
