/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_dir.h"

#include <sys/stat.h>

#include "base/err.h"
#include "signer/stop_mark.h"

#define NOW 1781532000 /* 2026-06-15T14:00:00Z */

static char dir[PATH_MAX + 8];

static int
set_up(void **state)
{
	(void)state;
	fake_make_dir();
	(void)snprintf(dir, sizeof(dir), "%s/state", fake_dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fake_remove_dir();
	return 0;
}

static const char *
mark(void)
{
	static char path[PATH_MAX + 32];

	(void)snprintf(path, sizeof(path), "%s/" SG_STOP_MARK_NAME, dir);
	return path;
}

static void
nothing_is_stopped_without_a_mark(void **state)
{
	bool was = true;

	(void)state;
	assert_int_equal(sg_stop_mark_check(dir, NULL), SG_OK);
	assert_int_equal(sg_stop_mark_lift(dir, &was, NULL), SG_OK);
	assert_false(was);
	assert_int_equal(access(dir, F_OK), -1); /* nothing was made */
}

static void
mark_stops_until_it_is_lifted(void **state)
{
	struct sg_err err = {0};
	struct stat st;
	bool was = false;

	(void)state;
	assert_int_equal(sg_stop_mark_set(dir, NOW, NULL), SG_OK);
	assert_int_equal(stat(mark(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(sg_stop_mark_check(dir, &err), SG_E_POLICY);
	assert_non_null(strstr(err.text, "2026-06-15T14:00:00Z"));
	assert_non_null(strstr(err.text, "signet uat stop --lift"));
	assert_non_null(strstr(err.text, mark()));
	assert_int_equal(sg_stop_mark_lift(dir, &was, NULL), SG_OK);
	assert_true(was);
	assert_int_equal(sg_stop_mark_check(dir, NULL), SG_OK);
}

static void
second_stop_keeps_the_time_of_the_first(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_stop_mark_set(dir, NOW, NULL), SG_OK);
	assert_int_equal(sg_stop_mark_set(dir, NOW + 60, NULL), SG_OK);
	assert_int_equal(sg_stop_mark_check(dir, &err), SG_E_POLICY);
	assert_non_null(strstr(err.text, "2026-06-15T14:00:00Z"));
}

/* That it is there counts: a file, a link to nothing, a folder. */
static void
whatever_has_its_name_stops(void **state)
{
	FILE *file;

	(void)state;
	assert_int_equal(mkdir(dir, 0700), 0);
	file = fopen(mark(), "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(sg_stop_mark_check(dir, NULL), SG_E_POLICY);
	assert_int_equal(unlink(mark()), 0);
	assert_int_equal(symlink("nowhere", mark()), 0);
	assert_int_equal(sg_stop_mark_check(dir, NULL), SG_E_POLICY);
	assert_int_equal(sg_stop_mark_set(dir, NOW, NULL), SG_OK);
	assert_int_equal(unlink(mark()), 0);
	assert_int_equal(mkdir(mark(), 0700), 0);
	assert_int_equal(sg_stop_mark_check(dir, NULL), SG_E_POLICY);
	assert_int_equal(rmdir(mark()), 0);
}

static void
mark_that_cannot_be_put_is_an_error(void **state)
{
	struct sg_err err = {0};
	FILE *file;

	(void)state;
	file = fopen(dir, "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(sg_stop_mark_set(dir, NOW, &err), SG_E_IO);
	assert_int_equal(sg_stop_mark_check(dir, NULL), SG_OK);
	assert_int_equal(unlink(dir), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_is_stopped_without_a_mark),
	    TEST(mark_stops_until_it_is_lifted),
	    TEST(second_stop_keeps_the_time_of_the_first),
	    TEST(whatever_has_its_name_stops),
	    TEST(mark_that_cannot_be_put_is_an_error),
	};

	return cmocka_run_group_tests_name("stop_mark", tests, NULL, NULL);
}
