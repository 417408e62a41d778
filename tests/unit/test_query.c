/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "client/pages/query.h"

static void
a_parameter_is_found_by_its_whole_name(void **state)
{
	(void)state;
	assert_true(sg_query_has("/x?a=1&pageSize=2", "pageSize"));
	assert_true(sg_query_has("/x?a=", "a"));
	assert_false(sg_query_has("/x?myPageSize=1", "PageSize"));
	assert_false(sg_query_has("/x?pageSizes=1", "pageSize"));
	assert_false(sg_query_has("/a=1/x", "a"));
	assert_false(sg_query_has("/x?", "a"));
}

static void
only_a_whole_number_counts(void **state)
{
	static const char *const odd[] = {"/x", "/x?n=", "/x?n=-1", "/x?n=1a",
	    "/x?n=1e3", "/x?n=%31", "/x?n=1000000000"};
	size_t i;

	(void)state;
	assert_int_equal(sg_query_number("/x?n=7", "n", 3), 7);
	assert_int_equal(sg_query_number("/x?m=1&n=0&o=2", "n", 3), 0);
	assert_int_equal(sg_query_number("/x?n=999999999", "n", 3), 999999999);
	for (i = 0; i < SG_COUNT(odd); i++)
		assert_int_equal(sg_query_number(odd[i], "n", 3), 3);
}

static void
a_value_is_percent_encoded(void **state)
{
	SG_AUTO(sg_buf) path = sg_buf_new(1024);

	(void)state;
	sg_buf_add_str(path, "/x");
	sg_query_add(path, "pageToken", "+100/= &#\xc3\xa9");
	sg_query_add_number(path, "pageNumber", 12);
	assert_string_equal(sg_buf_str(path),
	    "/x?pageToken=%2B100%2F%3D%20%26%23%C3%A9&pageNumber=12");
}

static void
what_is_taken_away_leaves_the_rest_as_it_was(void **state)
{
	static const char *const names[] = {"a", "b"};
	static const struct {
		const char *path;
		const char *left;
	} cases[] = {
	    {"/x", "/x"},
	    {"/x?", "/x"},
	    {"/x?a=1", "/x"},
	    {"/x?a", "/x"},
	    {"/x?a=1&c=%2B&b=2", "/x?c=%2B"},
	    {"/x?c=1&a=2&d=a=1", "/x?c=1&d=a=1"},
	    {"/x?aa=1&&ab", "/x?aa=1&ab"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		SG_AUTO(sg_buf) out = sg_buf_new(1024);

		sg_query_add_path_without(
		    out, cases[i].path, names, SG_COUNT(names));
		assert_string_equal(sg_buf_str(out), cases[i].left);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_parameter_is_found_by_its_whole_name),
	    cmocka_unit_test(only_a_whole_number_counts),
	    cmocka_unit_test(a_value_is_percent_encoded),
	    cmocka_unit_test(what_is_taken_away_leaves_the_rest_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
