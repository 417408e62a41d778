/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "client/check/points.h"

static void
points_are_kept_in_order_with_what_to_do(void **state)
{
	struct sg_points points = {0};

	(void)state;
	sg_points_fix(&points, "nobody asked yet");
	sg_points_add(&points, "one", SG_RESULT_FAIL, "%d of %s", 1, "them");
	sg_points_fix(&points, "do %s", "this");
	sg_points_fix(&points, "do %s", "that");
	sg_points_add(&points, "two", SG_RESULT_PASS, "fine");
	assert_int_equal(sg_points_check(&points, NULL), SG_OK);
	assert_int_equal(points.count, 2);
	assert_string_equal(points.items[0].name, "one");
	assert_string_equal(points.items[0].found, "1 of them");
	assert_string_equal(points.items[0].fix, "do that");
	assert_string_equal(points.items[1].found, "fine");
	assert_null(points.items[1].fix);
	sg_points_clear(&points);
	assert_int_equal(points.count, 0);
}

static void
each_result_is_counted_by_itself(void **state)
{
	struct sg_points points = {0};

	(void)state;
	sg_points_add(&points, "a", SG_RESULT_FAIL, "x");
	sg_points_add(&points, "b", SG_RESULT_WARN, "x");
	sg_points_add(&points, "c", SG_RESULT_FAIL, "x");
	assert_int_equal(sg_points_tally(&points, SG_RESULT_FAIL), 2);
	assert_int_equal(sg_points_tally(&points, SG_RESULT_WARN), 1);
	assert_int_equal(sg_points_tally(&points, SG_RESULT_PASS), 0);
	assert_int_equal(sg_points_tally(&points, SG_RESULT_UNKNOWN), 0);
	sg_points_clear(&points);
}

static void
results_have_names(void **state)
{
	(void)state;
	assert_string_equal(sg_result_name(SG_RESULT_PASS), "pass");
	assert_string_equal(sg_result_name(SG_RESULT_WARN), "warn");
	assert_string_equal(sg_result_name(SG_RESULT_UNKNOWN), "unknown");
	assert_string_equal(sg_result_name(SG_RESULT_FAIL), "fail");
}

static void
a_point_that_was_lost_is_told(void **state)
{
	struct sg_points points = {.out_of_memory = true};

	(void)state;
	assert_int_equal(sg_points_check(&points, NULL), SG_E_NOMEM);
}

static void
the_names_of_one_result_are_joined(void **state)
{
	SG_AUTO(sg_buf) names = sg_buf_new(100);
	struct sg_points points = {0};

	(void)state;
	sg_points_add(&points, "a", SG_RESULT_FAIL, "x");
	sg_points_add(&points, "b", SG_RESULT_PASS, "x");
	sg_points_add(&points, "c", SG_RESULT_FAIL, "x");
	sg_points_add_names(&points, SG_RESULT_FAIL, names);
	assert_string_equal(sg_buf_str(names), "a, c");
	sg_points_add_names(&points, SG_RESULT_WARN, names);
	assert_string_equal(sg_buf_str(names), "a, c");
	sg_points_clear(&points);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_names_of_one_result_are_joined),
	    cmocka_unit_test(points_are_kept_in_order_with_what_to_do),
	    cmocka_unit_test(each_result_is_counted_by_itself),
	    cmocka_unit_test(results_have_names),
	    cmocka_unit_test(a_point_that_was_lost_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
