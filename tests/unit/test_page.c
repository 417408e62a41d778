/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/json.h"
#include "base/jsonw.h"
#include "client/pages/page.h"

static struct sg_json *
json_of(const char *text)
{
	struct sg_json *json = NULL;

	assert_int_equal(sg_json_parse(text, strlen(text), &json, NULL), SG_OK);
	return json;
}

/* What the page becomes when 1 and 2 are its elements. */
static void
assert_written(const char *page_text, const char *member, const char *wanted)
{
	SG_AUTO(sg_json) page = json_of(page_text);
	SG_AUTO(sg_json) numbers = json_of("[1,2]");
	SG_AUTO(sg_buf) out = sg_buf_new(4096);
	struct sg_jsonw w = {.out = out};
	const struct sg_json *items[] = {
	    sg_json_at(numbers, 0), sg_json_at(numbers, 1)};

	sg_page_write(&w, NULL, page, sg_page_list(page, member), items, 2);
	assert_int_equal(sg_jsonw_check(&w, "a page", NULL), SG_OK);
	assert_string_equal(sg_buf_str(out), wanted);
}

static void
every_envelope_gives_its_list(void **state)
{
	static const struct {
		const char *page;
		const char *member;
		const char *written;
	} cases[] = {
	    {"[]", NULL, "[1,2]"},
	    {"[{}]", "sites", "[1,2]"},
	    {"{\"sites\":[{}]}", "sites", "{\"sites\":[1,2]}"},
	    {"{\"a\":[{}],\"sites\":[]}", "sites",
		"{\"a\":[{}],\"sites\":[1,2]}"},
	    {"{\"other\":[{}]}", "sites", "{\"other\":[1,2]}"},
	    {"{\"error\":{\"a\":[{}],\"b\":[]}}", "sites",
		"{\"error\":{\"a\":[{}],\"b\":[]}}"},
	    {"{\"empty\":[],\"texts\":[\"t\"],\"x\":[{}]}", NULL,
		"{\"empty\":[],\"texts\":[\"t\"],\"x\":[1,2]}"},
	    {"{\"empty\":[]}", NULL, "{\"empty\":[1,2]}"},
	    {"{\"users\":{\"a\":[],\"user\":[{}]}}", NULL,
		"{\"users\":{\"a\":[],\"user\":[1,2]}}"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++)
		assert_written(
		    cases[i].page, cases[i].member, cases[i].written);
}

static void
its_place_in_the_listing_is_left_out(void **state)
{
	(void)state;
	assert_written("{\"sites\":[],\"pageToken\":\"t\",\"n\":1}", NULL,
	    "{\"sites\":[1,2],\"n\":1}");
	assert_written("{\"nextPageToken\":null,\"users\":[{}]}", NULL,
	    "{\"users\":[1,2]}");
	assert_written("{\"pagination\":{\"x\":[{}]},\"users\":{\"user\":[]}}",
	    NULL, "{\"users\":{\"user\":[1,2]}}");
}

static void
a_page_without_a_list_is_written_as_it_is(void **state)
{
	static const char *const pages[] = {"{\"session\":{\"pageToken\":1}}",
	    "{}", "7", "null", "{\"a\":{\"b\":{\"c\":[{}]}}}",
	    "{\"texts\":[\"t\"]}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(pages); i++)
		assert_written(pages[i], NULL, pages[i]);
}

static void
elements_that_are_there_already_are_known(void **state)
{
	static const struct {
		const char *list;
		bool adds_nothing;
	} cases[] = {
	    {"[]", true},
	    {"[{\"configId\":\"a\",\"x\":2}]", true},
	    {"[{\"y\":1,\"x\":1}]", true},
	    {"[{\"y\":1,\"x\":2}]", false},
	    {"[{\"configId\":\"b\",\"x\":1}]", false},
	    {"[{\"configId\":\"a\"},{\"configId\":\"b\"}]", false},
	    {"[{\"configId\":\"a\"},7]", true},
	    {"[8]", false},
	    {"[{\"z\":{\"b\":[1,\"2\"],\"a\":null}}]", true},
	    {"[{\"z\":{\"b\":[\"2\",1],\"a\":null}}]", false},
	    {"[7,7,7]", true},
	};
	SG_AUTO(sg_json)
	known = json_of("[{\"configId\":\"a\",\"x\":1},{\"x\":1,\"y\":1},7,"
			"{\"z\":{\"a\":null,\"b\":[1,\"2\"]}}]");
	const struct sg_json *items[4];
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(items); i++)
		items[i] = sg_json_at(known, i);
	for (i = 0; i < SG_COUNT(cases); i++) {
		SG_AUTO(sg_json) list = json_of(cases[i].list);
		bool nothing = !cases[i].adds_nothing;

		assert_int_equal(sg_page_adds_nothing(list, items,
				     SG_COUNT(items), &nothing, NULL),
		    SG_OK);
		if (nothing != cases[i].adds_nothing)
			fail_msg("%s", cases[i].list);
	}
}

/* Each compared with each would be half a minute and more. */
static void
a_long_list_is_looked_through_at_once(void **state)
{
	const size_t count = 100000;
	SG_AUTO(sg_buf) text = sg_buf_new(SIZE_MAX);
	SG_AUTO(sg_json) known = NULL;
	SG_AUTO(sg_json) backwards = NULL;
	const struct sg_json **items = calloc(count, sizeof(*items));
	bool nothing = false;
	size_t i;

	(void)state;
	assert_non_null(items);
	for (i = 0; i < count; i++)
		sg_buf_addf(text, "%c{\"id\":\"%zu\"}", i == 0 ? '[' : ',', i);
	sg_buf_add_byte(text, ']');
	known = json_of(sg_buf_str(text));
	sg_buf_reset(text);
	for (i = count; i > 0; i--)
		sg_buf_addf(
		    text, "%c{\"id\":\"%zu\"}", i == count ? '[' : ',', i - 1);
	sg_buf_add_byte(text, ']');
	backwards = json_of(sg_buf_str(text));
	for (i = 0; i < count; i++)
		items[i] = sg_json_at(known, i);
	assert_int_equal(
	    sg_page_adds_nothing(backwards, items, count, &nothing, NULL),
	    SG_OK);
	assert_true(nothing);
	free(items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_envelope_gives_its_list),
	    cmocka_unit_test(its_place_in_the_listing_is_left_out),
	    cmocka_unit_test(a_page_without_a_list_is_written_as_it_is),
	    cmocka_unit_test(elements_that_are_there_already_are_known),
	    cmocka_unit_test(a_long_list_is_looked_through_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
