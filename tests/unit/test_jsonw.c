/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"

static void
an_object_is_compact_and_in_the_order_of_the_calls(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(1000);
	struct sg_jsonw w = {.out = buf};

	(void)state;
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "z", "x");
	sg_jsonw_int(&w, "a", -5);
	sg_jsonw_bool(&w, "t", true);
	sg_jsonw_bool(&w, "f", false);
	sg_jsonw_str(&w, "n", NULL);
	sg_jsonw_object_end(&w);
	assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf),
	    "{\"z\":\"x\",\"a\":-5,\"t\":true,\"f\":false,\"n\":null}");
}

static void
commas_stand_between_values_at_every_depth(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(1000);
	struct sg_jsonw w = {.out = buf};

	(void)state;
	sg_jsonw_array(&w, NULL);
	sg_jsonw_object(&w, NULL);
	sg_jsonw_object_end(&w);
	sg_jsonw_array(&w, NULL);
	sg_jsonw_int(&w, NULL, 1);
	sg_jsonw_int(&w, NULL, 2);
	sg_jsonw_array_end(&w);
	sg_jsonw_object(&w, NULL);
	sg_jsonw_array(&w, "a");
	sg_jsonw_array_end(&w);
	sg_jsonw_object(&w, "o");
	sg_jsonw_object_end(&w);
	sg_jsonw_object_end(&w);
	sg_jsonw_array_end(&w);
	assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf), "[{},[1,2],{\"a\":[],\"o\":{}}]");
}

static void
a_lone_value_is_a_text(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(100);
	struct sg_jsonw w = {.out = buf};

	(void)state;
	sg_jsonw_str(&w, NULL, "");
	assert_string_equal(sg_buf_str(buf), "\"\"");
}

static void
whole_numbers_have_sixty_four_bits(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(100);
	struct sg_jsonw w = {.out = buf};

	(void)state;
	sg_jsonw_array(&w, NULL);
	sg_jsonw_int(&w, NULL, INT64_MAX);
	sg_jsonw_int(&w, NULL, INT64_MIN);
	sg_jsonw_array_end(&w);
	assert_string_equal(
	    sg_buf_str(buf), "[9223372036854775807,-9223372036854775808]");
}

/* RFC 8259 §7: quote, backslash and U+0000 to U+001F must be escaped. */
static void
every_text_comes_back_as_it_was(void **state)
{
	char all[128];
	SG_AUTO(sg_buf) buf = sg_buf_new(2000);
	SG_AUTO(sg_json) json = NULL;
	struct sg_jsonw w = {.out = buf};
	size_t i;

	(void)state;
	for (i = 1; i < 128; i++)
		all[i - 1] = (char)i;
	all[127] = '\0';
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, all, all);
	sg_jsonw_str(&w, "u", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x94\x91");
	sg_jsonw_object_end(&w);
	assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_OK);
	assert_int_equal(
	    sg_json_parse(buf->data, buf->len, &json, NULL), SG_OK);
	assert_string_equal(sg_json_get_text(json, all), all);
	assert_string_equal(sg_json_get_text(json, "u"),
	    "\xc3\xbc\xe2\x82\xac\xf0\x9f\x94\x91");
}

static void
no_raw_control_character_is_written(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(2000);
	struct sg_jsonw w = {.out = buf};

	(void)state;
	sg_jsonw_str(
	    &w, NULL, "\n\t\033\x7f\x01\"\\/\xc2\x9b\xe2\x80\xae\xc3\xa9");
	assert_string_equal(sg_buf_str(buf),
	    "\"\\n\\u0009\\u001b\\u007f\\u0001\\\"\\\\/\\u009b\\u202e\xc3\xa9\"");
}

static void
no_raw_control_character_is_written_of_what_was_read(void **state)
{
	static const char text[] =
	    "[\"\x7f\xc2\x9b\xe2\x80\xae\xc3\xa9\",{\"\x7f\":\"\\u001b\"}]";
	SG_AUTO(sg_buf) buf = sg_buf_new(2000);
	SG_AUTO(sg_json) json = NULL;
	struct sg_jsonw w = {.out = buf};

	(void)state;
	assert_int_equal(sg_json_parse(text, strlen(text), &json, NULL), SG_OK);
	sg_jsonw_value(&w, NULL, json);
	assert_string_equal(sg_buf_str(buf),
	    "[\"\\u007f\\u009b\\u202e\xc3\xa9\",{\"\\u007f\":\"\\u001b\"}]");
}

static void
text_that_is_not_utf8_is_told(void **state)
{
	static const char *const wrong[] = {"\xff", "a\xc3", "\xed\xa0\x80"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(wrong); i++) {
		SG_AUTO(sg_buf) buf = sg_buf_new(100);
		struct sg_jsonw value = {.out = buf};
		struct sg_jsonw name = {.out = buf};
		struct sg_err err = {0};

		sg_jsonw_str(&value, NULL, wrong[i]);
		assert_int_equal(
		    sg_jsonw_check(&value, "the claims", &err), SG_E_USAGE);
		assert_string_equal(
		    err.text, "the claims holds text that is not UTF-8");
		sg_jsonw_str(&name, wrong[i], "x");
		assert_int_equal(sg_jsonw_check(&name, "it", NULL), SG_E_USAGE);
	}
}

static void
a_text_too_long_for_the_buffer_is_told(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(5);
	struct sg_jsonw w = {.out = buf};

	(void)state;
	sg_jsonw_str(&w, NULL, "abc");
	assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_OK);
	sg_buf_reset(buf);
	sg_jsonw_str(&w, NULL, "abcd");
	assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_E_USAGE);
}

static void
a_value_that_was_read_is_written_as_it_is(void **state)
{
	static const char text[] =
	    "{\"z\":[1,null,true,\"\xc3\xbc/\\\"\"],\"a\":{\"b\":1.5}}";
	SG_AUTO(sg_buf) buf = sg_buf_new(1000);
	SG_AUTO(sg_json) json = NULL;
	struct sg_jsonw w = {.out = buf};

	(void)state;
	assert_int_equal(sg_json_parse(text, strlen(text), &json, NULL), SG_OK);
	sg_jsonw_array(&w, NULL);
	sg_jsonw_value(&w, NULL, json);
	sg_jsonw_value(&w, NULL, sg_json_get(json, "z"));
	sg_jsonw_array_end(&w);
	assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf),
	    "[{\"z\":[1,null,true,\"\xc3\xbc/\\\"\"],\"a\":{\"b\":1.5}},"
	    "[1,null,true,\"\xc3\xbc/\\\"\"]]");
}

static void
a_number_that_was_read_gets_no_digits_that_it_had_not(void **state)
{
	static const struct {
		const char *read;
		const char *written;
	} rows[] = {
	    {"0.1", "0.1"},
	    {"1.10", "1.1"},
	    {"2.0", "2.0"},
	    {"-0.0", "-0.0"},
	    {"1e-9", "1e-9"},
	    {"1e300", "1e300"},
	    {"0.30000000000000004", "0.30000000000000004"},
	    {"123456.789012345678", "123456.78901234567"},
	    {"9007199254740993", "9007199254740993"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_buf) buf = sg_buf_new(1000);
		SG_AUTO(sg_json) json = NULL;
		struct sg_jsonw w = {.out = buf};

		assert_int_equal(sg_json_parse(rows[i].read,
				     strlen(rows[i].read), &json, NULL),
		    SG_OK);
		sg_jsonw_value(&w, NULL, json);
		assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_OK);
		assert_string_equal(sg_buf_str(buf), rows[i].written);
		assert_true(strtod(rows[i].read, NULL) ==
			    strtod(rows[i].written, NULL));
	}
}

static void
a_value_too_long_for_the_buffer_is_told(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(5);
	SG_AUTO(sg_json) json = NULL;
	struct sg_jsonw w = {.out = buf};

	(void)state;
	assert_int_equal(sg_json_parse("[1,2,3,4]", 9, &json, NULL), SG_OK);
	sg_jsonw_value(&w, NULL, json);
	assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_E_USAGE);
}

static void
strings_become_an_array(void **state)
{
	char one[] = "a";
	char two[] = "b";
	char *const items[] = {one, two};
	SG_AUTO(sg_buf) buf = sg_buf_new(100);
	struct sg_jsonw w = {.out = buf};

	(void)state;
	sg_jsonw_object(&w, NULL);
	sg_jsonw_strs(&w, "scp", items, 2);
	sg_jsonw_strs(&w, "none", NULL, 0);
	sg_jsonw_object_end(&w);
	assert_string_equal(
	    sg_buf_str(buf), "{\"scp\":[\"a\",\"b\"],\"none\":[]}");
}

static void
without_a_buffer_memory_ran_out(void **state)
{
	struct sg_jsonw w = {.out = NULL};
	SG_AUTO(sg_json) json = NULL;

	(void)state;
	assert_int_equal(sg_json_parse("[1]", 3, &json, NULL), SG_OK);
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "a", "b");
	sg_jsonw_value(&w, "v", json);
	sg_jsonw_object_end(&w);
	assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_E_NOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		an_object_is_compact_and_in_the_order_of_the_calls),
	    cmocka_unit_test(commas_stand_between_values_at_every_depth),
	    cmocka_unit_test(a_lone_value_is_a_text),
	    cmocka_unit_test(whole_numbers_have_sixty_four_bits),
	    cmocka_unit_test(every_text_comes_back_as_it_was),
	    cmocka_unit_test(no_raw_control_character_is_written),
	    cmocka_unit_test(
		no_raw_control_character_is_written_of_what_was_read),
	    cmocka_unit_test(text_that_is_not_utf8_is_told),
	    cmocka_unit_test(a_text_too_long_for_the_buffer_is_told),
	    cmocka_unit_test(a_value_that_was_read_is_written_as_it_is),
	    cmocka_unit_test(
		a_number_that_was_read_gets_no_digits_that_it_had_not),
	    cmocka_unit_test(a_value_too_long_for_the_buffer_is_told),
	    cmocka_unit_test(strings_become_an_array),
	    cmocka_unit_test(without_a_buffer_memory_ran_out),
	};

	return cmocka_run_group_tests_name("jsonw", tests, NULL, NULL);
}
