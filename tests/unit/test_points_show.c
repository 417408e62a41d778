/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/points_show.h"

#include "fake_app.h"

#include "client/check/points.h"

static void
fill(struct sg_points *points)
{
	sg_points_add(points, "one", SG_RESULT_PASS, "as it should");
	sg_points_add(points, "two", SG_RESULT_FAIL, "bad\033[31m");
	sg_points_fix(points, "mend it");
}

static void
each_point_is_a_line_with_what_to_do(void **state)
{
	struct bench *b = *state;
	struct sg_points points = {0};

	fill(&points);
	assert_ok(b, OPEN(b, "version"));
	points_show(&b->app, &points);
	sg_points_clear(&points);
	assert_has(product(b), "one");
	assert_has(product(b), "as it should\n");
	assert_has(product(b), "FAIL");
	assert_has(product(b), "mend it\n");
	assert_has_not(product(b), "\033");
}

static void
json_holds_every_point(void **state)
{
	struct bench *b = *state;
	struct sg_points points = {0};

	fill(&points);
	assert_ok(b, OPEN(b, "version", "--json"));
	app_json_begin(&b->app);
	points_show(&b->app, &points);
	assert_ok(b, app_json_end(&b->app, &b->err));
	sg_points_clear(&points);
	assert_string_equal(product(b),
	    "{\"version\":1,\"result\":\"fail\",\"points\":["
	    "{\"name\":\"one\",\"result\":\"pass\",\"found\":\"as it should\","
	    "\"fix\":null},"
	    "{\"name\":\"two\",\"result\":\"fail\","
	    "\"found\":\"bad\\u001b[31m\",\"fix\":\"mend it\"}]}\n");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_point_is_a_line_with_what_to_do),
	    TEST(json_holds_every_point),
	};

	return cmocka_run_group_tests_name("points_show", tests, NULL, NULL);
}
