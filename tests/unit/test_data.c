/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/cloud/data.h"

static void
the_body_is_taken_as_it_stands(void **state)
{
	struct bench *b = *state;
	SG_AUTO(sg_buf) data = NULL;

	put("body", 0600, " {\"a\": 1.10}\n");
	assert_ok(b, OPEN(b, "user", "add", "--data", "body"));
	assert_ok(b, data_read(&b->app, &data, &b->err));
	assert_string_equal(sg_buf_str(data), " {\"a\": 1.10}\n");
}

static void
without_the_option_there_is_none(void **state)
{
	struct bench *b = *state;
	struct sg_buf *data = NULL;

	assert_ok(b, OPEN(b, "user", "add"));
	assert_ok(b, data_read(&b->app, &data, &b->err));
	assert_null(data);
}

static void
what_is_no_strict_json_is_a_usage_error(void **state)
{
	static const char *const bodies[] = {
	    "", "a=b", "{\"a\":1,\"a\":2}", "{} {}"};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(bodies); i++) {
		struct sg_buf *data = NULL;

		put("body", 0600, bodies[i]);
		assert_ok(b, OPEN(b, "user", "add", "--data", "body"));
		assert_refused(b, data_read(&b->app, &data, &b->err),
		    SG_E_USAGE, "read the body of --data");
		assert_null(data);
	}
}

static void
show(struct bench *b, const char *text, const char *option)
{
	SG_AUTO(sg_json) json = NULL;

	assert_ok(b, OPEN(b, "tenant", "get", option));
	if (text != NULL)
		assert_int_equal(
		    sg_json_parse(text, strlen(text), &json, NULL), SG_OK);
	assert_ok(b, data_show(&b->app, "thing", json, &b->err));
}

static void
members_are_lines_and_none_drives_a_terminal(void **state)
{
	struct bench *b = *state;

	show(b,
	    "{\"name\":\"n\\u001b[2J\",\"count\":7,\"a\":{\"b\":[true,"
	    "null]},\"long\\nername is\":\"x\"}",
	    "--quiet");
	assert_string_equal(product(b), "name         n?[2J\n"
					"count        7\n"
					"a            {\"b\":[true,null]}\n"
					"long?ername is x\n");
}

static void
json_holds_all_of_it_by_its_name(void **state)
{
	struct bench *b = *state;

	show(b, "{\"b\":1,\"a\":[2]}", "--json");
	assert_string_equal(
	    product(b), "{\"version\":1,\"thing\":{\"b\":1,\"a\":[2]}}\n");
}

static void
an_answer_without_a_body_is_null_or_nothing(void **state)
{
	struct bench *b = *state;

	show(b, NULL, "--json");
	assert_string_equal(product(b), "{\"version\":1,\"thing\":null}\n");
	show(b, NULL, "--quiet");
	assert_string_equal(product(b), "");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_body_is_taken_as_it_stands),
	    TEST(without_the_option_there_is_none),
	    TEST(what_is_no_strict_json_is_a_usage_error),
	    TEST(members_are_lines_and_none_drives_a_terminal),
	    TEST(json_holds_all_of_it_by_its_name),
	    TEST(an_answer_without_a_body_is_null_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
