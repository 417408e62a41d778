/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/cloud/answer.h"

static void
give(struct bench *b, const char *body, size_t len, const char *option)
{
	SG_AUTO(sg_http_reply) reply = sg_http_reply_new(0);

	assert_non_null(reply);
	reply->status = 200;
	sg_buf_add(reply->body, body, len);
	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x", option));
	assert_ok(b, answer_give(&b->app, reply, &b->err));
}

static void
an_answer_is_given_byte_for_byte(void **state)
{
	struct bench *b = *state;

	give(b, "a\0\xff", 3, "--quiet");
	assert_true(b->app.out->len >= 3);
	assert_memory_equal(b->app.out->data, "a\0\xff", 3);
}

static void
json_says_what_kind_of_body_it_is(void **state)
{
	static const struct {
		const char *body;
		size_t len;
		const char *shown;
	} cases[] = {
	    {"[1]", 3, "\"body\":[1]"},
	    {"<a/>", 4, "\"text\":\"<a/>\""},
	    {"", 0, "\"text\":\"\""},
	    {"\xff", 1, "\"base64url\":\"_w\""},
	};
	struct bench *b = *state;
	char expected[128];
	size_t i;

	for (i = 0; i < SG_COUNT(cases); i++) {
		give(b, cases[i].body, cases[i].len, "--json");
		(void)snprintf(expected, sizeof(expected),
		    "{\"version\":1,\"status\":200,%s}\n", cases[i].shown);
		assert_string_equal(product(b), expected);
	}
}

static void
a_saved_answer_leaves_stdout_to_json(void **state)
{
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x", "-o", "out"));
	assert_ok(b, answer_give_saved(&b->app, 200, 7, &b->err));
	assert_string_equal(product(b), "");
	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x", "-o", "out", "--json"));
	assert_ok(b, answer_give_saved(&b->app, 203, 7, &b->err));
	assert_string_equal(product(b),
	    "{\"version\":1,\"status\":203,\"output\":\"out\",\"bytes\":7}\n");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_answer_is_given_byte_for_byte),
	    TEST(json_says_what_kind_of_body_it_is),
	    TEST(a_saved_answer_leaves_stdout_to_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
