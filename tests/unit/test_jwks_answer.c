/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/attr.h"
#include "client/check/jwks_answer.h"
#include "client/check/jwks_check.h"

static void
the_longest_time_in_any_cache_is_told(void **state)
{
	static const struct {
		const char *text;
		int64_t age_s;
	} rows[] = {
	    {NULL, -1},
	    {"", -1},
	    {"public", -1},
	    {"max-age=300", 300},
	    {"public, MAX-AGE=0", 0},
	    {"max-age=\"60\"", 60},
	    {"max-age=60, s-maxage=7200", 7200},
	    {"s-maxage=1,max-age=2", 2},
	    {"no-store, max-age=60", 0},
	    {"max-age=60,no-cache", 0},
	    {"x-max-age=60", -1},
	    {"max-age", -1},
	    {"max-age=x", -1},
	    {"max-ages=5", -1},
	    {"max-age=99999999999999999999", INT32_MAX},
	    {",,, max-age=5 ,", 5},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++)
		if (sg_jwks_max_age(rows[i].text) != rows[i].age_s)
			fail_msg("%s", rows[i].text);
}

static const struct sg_point *
point(const struct sg_points *points, const char *name)
{
	size_t i;

	for (i = 0; i < points->count; i++)
		if (strcmp(points->items[i].name, name) == 0)
			return &points->items[i];
	return NULL;
}

static void
only_200_gives_a_set(void **state)
{
	static const int statuses[] = {201, 204, 206, 301, 302, 307, 404, 500};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(statuses); i++) {
		SG_AUTO(sg_http_reply)
		reply = reply_of(statuses[i], "application/json", "{}");
		struct sg_points points = {0};

		reply->location = strdup("https://a.test/x?secret=1");
		assert_false(sg_jwks_check_answer(reply, 0, &points));
		assert_int_equal(points.count, 2);
		assert_int_equal(points.items[1].result, SG_RESULT_FAIL);
		assert_non_null(points.items[1].fix);
		assert_has_not(points.items[1].found, "secret");
		if (statuses[i] / 100 == 3)
			assert_has(points.items[1].found,
			    "redirect to https://a.test/x");
		sg_points_clear(&points);
	}
}

static void
the_type_must_be_one_of_two(void **state)
{
	static const struct {
		const char *type;
		enum sg_result result;
	} rows[] = {
	    {"application/json", SG_RESULT_PASS},
	    {"Application/JSON; charset=utf-8", SG_RESULT_PASS},
	    {"application/jwk-set+json", SG_RESULT_PASS},
	    {"application/jwk-set+json;x=y", SG_RESULT_PASS},
	    {"application/jsonx", SG_RESULT_FAIL},
	    {"text/plain", SG_RESULT_FAIL},
	    {"text/html", SG_RESULT_FAIL},
	    {NULL, SG_RESULT_FAIL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_http_reply) reply = reply_of(200, rows[i].type, "");
		struct sg_points points = {0};

		assert_true(sg_jwks_check_answer(reply, 0, &points));
		assert_int_equal(
		    point(&points, "type")->result, rows[i].result);
		sg_points_clear(&points);
	}
}

static void
no_header_is_told_at_any_length(void **state)
{
	SG_AUTO(sg_http_reply) reply = reply_of(200, NULL, "");
	struct sg_points points = {0};
	size_t size = 64 * 1024;

	(void)state;
	reply->content_type = calloc(1, size);
	reply->cache_control = calloc(1, size);
	reply->etag = calloc(1, size);
	memset(reply->content_type, 't', size - 1);
	memset(reply->cache_control, 'c', size - 1);
	memset(reply->etag, 'e', size - 1);
	assert_true(sg_jwks_check_answer(reply, 0, &points));
	assert_true(strlen(point(&points, "type")->found) < 3000);
	assert_true(strlen(point(&points, "cache")->found) < 3000);
	sg_points_clear(&points);
}

static void
what_caches_may_do_is_told_and_warned_of(void **state)
{
	static const struct {
		const char *control;
		enum sg_result result;
		const char *fix;
	} rows[] = {
	    {"max-age=300", SG_RESULT_PASS, NULL},
	    {"no-cache", SG_RESULT_PASS, NULL},
	    {"max-age=3600", SG_RESULT_PASS, NULL},
	    {"max-age=7200", SG_RESULT_WARN, "120 minutes"},
	    {"public", SG_RESULT_WARN, "max-age=300"},
	    {NULL, SG_RESULT_WARN, "max-age=300"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_http_reply)
		reply = reply_of(200, "application/json", "");
		struct sg_points points = {0};
		const struct sg_point *cache;

		reply->cache_control =
		    rows[i].control != NULL ? strdup(rows[i].control) : NULL;
		reply->etag = strdup("\"abc\"");
		reply->age_s = 17;
		assert_true(sg_jwks_check_answer(reply, 0, &points));
		cache = point(&points, "cache");
		assert_int_equal(cache->result, rows[i].result);
		assert_has(cache->found, "\"abc\"");
		assert_has(cache->found, "Age 17");
		if (rows[i].fix != NULL)
			assert_has(cache->fix, rows[i].fix);
		else
			assert_null(cache->fix);
		sg_points_clear(&points);
	}
}

static void
a_set_that_common_readers_cut_off_is_told(void **state)
{
	SG_AUTO(sg_http_reply) reply = reply_of(200, "application/json", "");
	struct sg_points points = {0};
	size_t i;

	(void)state;
	for (i = 0; i < SG_JWKS_COMMON_MAX; i++)
		sg_buf_add_byte(reply->body, ' ');
	assert_true(sg_jwks_check_answer(reply, 0, &points));
	assert_int_equal(point(&points, "size")->result, SG_RESULT_PASS);
	sg_points_clear(&points);
	sg_buf_add_byte(reply->body, ' ');
	assert_true(sg_jwks_check_answer(reply, 0, &points));
	assert_int_equal(point(&points, "size")->result, SG_RESULT_UNKNOWN);
	sg_points_clear(&points);
}

static void
an_answer_that_is_slow_is_told(void **state)
{
	SG_AUTO(sg_http_reply) reply = reply_of(200, "application/json", "");
	struct sg_points points = {0};

	(void)state;
	assert_true(sg_jwks_check_answer(reply, SG_JWKS_SLOW_MS, &points));
	assert_int_equal(point(&points, "answer")->result, SG_RESULT_PASS);
	sg_points_clear(&points);
	assert_true(sg_jwks_check_answer(reply, SG_JWKS_SLOW_MS + 1, &points));
	assert_int_equal(point(&points, "answer")->result, SG_RESULT_UNKNOWN);
	assert_has(point(&points, "answer")->found, "5001 ms");
	assert_non_null(point(&points, "answer")->fix);
	sg_points_clear(&points);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_longest_time_in_any_cache_is_told),
	    cmocka_unit_test(only_200_gives_a_set),
	    cmocka_unit_test(the_type_must_be_one_of_two),
	    cmocka_unit_test(no_header_is_told_at_any_length),
	    cmocka_unit_test(what_caches_may_do_is_told_and_warned_of),
	    cmocka_unit_test(a_set_that_common_readers_cut_off_is_told),
	    cmocka_unit_test(an_answer_that_is_slow_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
