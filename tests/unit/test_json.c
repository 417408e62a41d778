/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static struct sg_json *
parsed(const char *text)
{
	struct sg_json *json = NULL;
	struct sg_err err = {0};

	if (sg_json_parse(text, strlen(text), &json, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
	return json;
}

static void
assert_refused_bytes(const char *text, size_t len)
{
	struct sg_json *json = NULL;
	struct sg_err err = {0};

	assert_int_equal(sg_json_parse(text, len, &json, &err), SG_E_INVALID);
	assert_null(json);
	assert_string_not_equal(err.text, "");
}

static void
assert_refused(const char *text)
{
	assert_refused_bytes(text, strlen(text));
}

static void
members_are_found_by_name(void **state)
{
	SG_AUTO(sg_json)
	json = parsed("{\"a\":\"x\",\"b\":{\"c\":7},\"d\":true,\"e\":null}");
	int64_t number = 0;
	bool truth = false;

	(void)state;
	assert_true(sg_json_is_object(json));
	assert_string_equal(sg_json_get_text(json, "a"), "x");
	assert_true(
	    sg_json_int(sg_json_get(sg_json_get(json, "b"), "c"), &number));
	assert_int_equal(number, 7);
	assert_true(sg_json_bool(sg_json_get(json, "d"), &truth));
	assert_true(truth);
	assert_true(sg_json_is_null(sg_json_get(json, "e")));
	assert_null(sg_json_get(json, "f"));
	assert_null(sg_json_get(json, ""));
	assert_int_equal(sg_json_count(json), 4);
}

static void
elements_are_found_by_place(void **state)
{
	SG_AUTO(sg_json) json = parsed("[\"a\",2,false]");
	bool truth = true;

	(void)state;
	assert_true(sg_json_is_array(json));
	assert_int_equal(sg_json_count(json), 3);
	assert_string_equal(sg_json_text(sg_json_at(json, 0)), "a");
	assert_true(sg_json_bool(sg_json_at(json, 2), &truth));
	assert_false(truth);
	assert_null(sg_json_at(json, 3));
	assert_null(sg_json_at(json, SIZE_MAX));
}

static void
members_are_walked_in_their_order(void **state)
{
	static const char *const names[] = {"z", "a", "m"};
	SG_AUTO(sg_json) json = parsed("{\"z\":1,\"a\":2,\"m\":3}");
	const struct sg_json *value = NULL;
	const char *name = NULL;
	int64_t i = 0;

	(void)state;
	while ((name = sg_json_next(json, name, &value)) != NULL) {
		int64_t number = 0;

		assert_true(i < 3);
		assert_string_equal(name, names[i]);
		assert_true(sg_json_int(value, &number));
		assert_int_equal(number, ++i);
	}
	assert_int_equal(i, 3);
}

static void
an_empty_object_has_nothing_to_walk(void **state)
{
	SG_AUTO(sg_json) object = parsed("{}");
	SG_AUTO(sg_json) array = parsed("[1]");
	const struct sg_json *value = NULL;

	(void)state;
	assert_null(sg_json_next(object, NULL, &value));
	assert_null(sg_json_next(array, NULL, &value));
	assert_null(sg_json_next(NULL, NULL, &value));
	assert_null(value);
	assert_int_equal(sg_json_count(object), 0);
}

static void
null_is_read_as_absent(void **state)
{
	struct sg_json *none = NULL;
	int64_t number = 5;
	bool truth = true;

	(void)state;
	assert_false(sg_json_is_object(NULL));
	assert_false(sg_json_is_array(NULL));
	assert_false(sg_json_is_null(NULL));
	assert_null(sg_json_get(NULL, "a"));
	assert_null(sg_json_text(NULL));
	assert_null(sg_json_get_text(NULL, "a"));
	assert_false(sg_json_int(NULL, &number));
	assert_false(sg_json_bool(NULL, &truth));
	assert_int_equal(number, 5);
	assert_true(truth);
	assert_int_equal(sg_json_count(NULL), 0);
	assert_null(sg_json_at(NULL, 0));
	sg_json_free(NULL);
	sg_json_free(&none);
}

static void
a_value_of_another_type_is_not_converted(void **state)
{
	SG_AUTO(sg_json)
	json = parsed(
	    "{\"t\":\"1\",\"r\":1.0,\"b\":true,\"i\":1,\"n\":null,\"a\":[]}");
	int64_t number = 5;
	bool truth = true;

	(void)state;
	assert_false(sg_json_int(sg_json_get(json, "t"), &number));
	assert_false(sg_json_int(sg_json_get(json, "r"), &number));
	assert_false(sg_json_int(sg_json_get(json, "b"), &number));
	assert_int_equal(number, 5);
	assert_false(sg_json_bool(sg_json_get(json, "i"), &truth));
	assert_false(sg_json_bool(sg_json_get(json, "n"), &truth));
	assert_null(sg_json_get_text(json, "i"));
	assert_null(sg_json_get_text(json, "n"));
	assert_null(sg_json_get(sg_json_get(json, "a"), "x"));
	assert_null(sg_json_at(json, 0));
	assert_int_equal(sg_json_count(sg_json_get(json, "t")), 0);
}

static void
a_lone_value_is_json_too(void **state)
{
	SG_AUTO(sg_json) text = parsed("\"a\"");
	SG_AUTO(sg_json) null = parsed(" null ");
	SG_AUTO(sg_json) number = parsed("-0");
	int64_t value = 1;

	(void)state;
	assert_string_equal(sg_json_text(text), "a");
	assert_true(sg_json_is_null(null));
	assert_true(sg_json_int(number, &value));
	assert_int_equal(value, 0);
}

static void
whole_numbers_have_sixty_four_bits(void **state)
{
	SG_AUTO(sg_json)
	json = parsed("[9223372036854775807,-9223372036854775808]");
	int64_t number = 0;

	(void)state;
	assert_true(sg_json_int(sg_json_at(json, 0), &number));
	assert_true(number == INT64_MAX);
	assert_true(sg_json_int(sg_json_at(json, 1), &number));
	assert_true(number == INT64_MIN);
	assert_refused("[9223372036854775808]");
	assert_refused("[-9223372036854775809]");
}

static void
escapes_become_utf8(void **state)
{
	SG_AUTO(sg_json)
	json = parsed("\"\\u00fc\\ud83d\\udd11\\n\\/\\\"\xe2\x82\xac\"");

	(void)state;
	assert_string_equal(
	    sg_json_text(json), "\xc3\xbc\xf0\x9f\x94\x91\n/\"\xe2\x82\xac");
}

static void
only_the_given_length_is_read(void **state)
{
	struct sg_json *json = NULL;

	(void)state;
	assert_int_equal(sg_json_parse("[1]junk", 3, &json, NULL), SG_OK);
	assert_int_equal(sg_json_count(json), 1);
	sg_json_free(&json);
	assert_null(json);
}

static void
a_member_that_is_there_twice_is_refused(void **state)
{
	struct sg_json *json = NULL;
	struct sg_err err = {0};
	static const char text[] = "{\"a\":1,\n\"a\":1}";

	(void)state;
	assert_int_equal(
	    sg_json_parse(text, strlen(text), &json, &err), SG_E_INVALID);
	assert_null(json);
	assert_non_null(strstr(err.text, "twice"));
	assert_non_null(strstr(err.text, "line 2"));
	assert_refused("{\"x\":[{\"a\":1,\"\\u0061\":2}]}");
}

static void
text_that_is_no_json_is_refused(void **state)
{
	static const char *const wrong[] = {" ", "{", "[1,]", "{\"a\":1,}",
	    "{a:1}", "{'a':1}", "[1] [2]", "[1]x", "//x\n1", "nul", "True",
	    "NaN", "Infinity", "01", "+1", "1.", ".5", "0x1", "1e999", "\"a",
	    "\"\t\"", "\"\\x\"", "[1", "{\"a\"}", "{\"a\":}", "{1:2}", ","};
	size_t i;

	(void)state;
	assert_refused_bytes("", 0);
	assert_refused_bytes(NULL, 0);
	for (i = 0; i < SG_COUNT(wrong); i++)
		assert_refused(wrong[i]);
}

static void
what_is_not_utf8_is_refused(void **state)
{
	static const char *const wrong[] = {"\"\xff\"", "\"\xc3\"",
	    "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\\ud800\"", "\"\\udc00\"",
	    "\"\\ud83dx\"", "\xef\xbb\xbf{}", "{\"\xff\":1}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(wrong); i++)
		assert_refused(wrong[i]);
	assert_refused_bytes("\xff\xfe[\0]\0", 6);
}

static void
a_nul_is_refused_wherever_it_stands(void **state)
{
	(void)state;
	assert_refused_bytes("[1]\0", 4);
	assert_refused_bytes("\"a\0b\"", 5);
	assert_refused("\"a\\u0000b\"");
	assert_refused("{\"a\\u0000b\":1}");
}

static void
nesting_without_end_is_refused(void **state)
{
	char *text = malloc(100000);

	(void)state;
	assert_non_null(text);
	memset(text, '[', 100000);
	assert_refused_bytes(text, 100000);
	free(text);
}

static void
values_are_equal_whatever_the_order_of_members(void **state)
{
	static const char text[] = "[{\"a\":1,\"b\":[2]},{\"b\":[2],\"a\":1},"
				   "{\"a\":1,\"b\":[2.0]},{\"a\":1}]";
	struct sg_json *json = NULL;

	(void)state;
	assert_int_equal(sg_json_parse(text, strlen(text), &json, NULL), SG_OK);
	assert_true(sg_json_equal(sg_json_at(json, 0), sg_json_at(json, 1)));
	assert_false(sg_json_equal(sg_json_at(json, 0), sg_json_at(json, 2)));
	assert_false(sg_json_equal(sg_json_at(json, 0), sg_json_at(json, 3)));
	assert_false(sg_json_equal(sg_json_at(json, 0), NULL));
	sg_json_free(&json);
}

static void
a_refusal_says_where_and_never_quotes(void **state)
{
	static const char text[] = "{\n\"pin\": hunter2}";
	struct sg_json *json = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_json_parse(text, strlen(text), &json, &err), SG_E_INVALID);
	assert_non_null(strstr(err.text, "line 2"));
	assert_null(strstr(err.text, "hunter2"));
}

static int
wipe_from_the_start(void **state)
{
	(void)state;
	sg_json_wipe_on_free();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(members_are_found_by_name),
	    cmocka_unit_test(elements_are_found_by_place),
	    cmocka_unit_test(members_are_walked_in_their_order),
	    cmocka_unit_test(an_empty_object_has_nothing_to_walk),
	    cmocka_unit_test(null_is_read_as_absent),
	    cmocka_unit_test(a_value_of_another_type_is_not_converted),
	    cmocka_unit_test(a_lone_value_is_json_too),
	    cmocka_unit_test(whole_numbers_have_sixty_four_bits),
	    cmocka_unit_test(escapes_become_utf8),
	    cmocka_unit_test(only_the_given_length_is_read),
	    cmocka_unit_test(a_member_that_is_there_twice_is_refused),
	    cmocka_unit_test(text_that_is_no_json_is_refused),
	    cmocka_unit_test(what_is_not_utf8_is_refused),
	    cmocka_unit_test(a_nul_is_refused_wherever_it_stands),
	    cmocka_unit_test(nesting_without_end_is_refused),
	    cmocka_unit_test(values_are_equal_whatever_the_order_of_members),
	    cmocka_unit_test(a_refusal_says_where_and_never_quotes),
	};

	return cmocka_run_group_tests_name(
	    "json", tests, wipe_from_the_start, NULL);
}
