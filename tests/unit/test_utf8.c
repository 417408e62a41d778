/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"
#include "base/utf8.h"

static bool
is_utf8(const char *text)
{
	return sg_utf8_is_valid(text, strlen(text));
}

static void
utf8_of_every_length_is_valid(void **state)
{
	(void)state;
	assert_true(sg_utf8_is_valid(NULL, 0));
	assert_true(is_utf8("plain"));
	assert_true(sg_utf8_is_valid("a\0b", 3));
	assert_true(is_utf8("\xc2\x80\xdf\xbf"));
	assert_true(
	    is_utf8("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
	assert_true(is_utf8("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
}

static void
overlong_utf8_is_refused(void **state)
{
	(void)state;
	assert_false(is_utf8("\xc0\x80"));
	assert_false(is_utf8("\xc1\xbf"));
	assert_false(is_utf8("\xe0\x9f\xbf"));
	assert_false(is_utf8("\xf0\x8f\xbf\xbf"));
}

static void
surrogates_and_beyond_unicode_are_refused(void **state)
{
	(void)state;
	assert_false(is_utf8("\xed\xa0\x80"));
	assert_false(is_utf8("\xed\xbf\xbf"));
	assert_false(is_utf8("\xf4\x90\x80\x80"));
	assert_false(is_utf8("\xf5\x80\x80\x80"));
	assert_false(is_utf8("\xff"));
}

static void
broken_sequences_are_refused(void **state)
{
	(void)state;
	assert_false(is_utf8("\x80"));
	assert_false(is_utf8("a\xbf"));
	assert_false(is_utf8("\xc3"));
	assert_false(is_utf8("\xc3g"));
	assert_false(is_utf8("\xe2\x82"));
	assert_false(is_utf8("\xe2\x82g"));
	assert_false(is_utf8("\xf0\x9f\x94"));
	assert_false(is_utf8("\xf0\x9f\x94g"));
}

static void
check_safe(const char *text, const char *expected)
{
	char copy[64];

	assert_true(strlen(text) < sizeof(copy));
	memcpy(copy, text, strlen(text) + 1);
	sg_utf8_make_safe(copy);
	assert_string_equal(copy, expected);
}

static void
plain_text_stays_what_it_is(void **state)
{
	(void)state;
	check_safe("", "");
	check_safe("a \"b\" ~", "a \"b\" ~");
	check_safe("\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91",
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91");
	check_safe("\xc2\xa0", "\xc2\xa0");
}

static void
what_drives_a_terminal_does_not_pass(void **state)
{
	(void)state;
	check_safe("a\x1b[31mb\n\r\t\x7f", "a?[31mb????");
	check_safe("\xc2\x9b"
		   "31m",
	    "??31m");
	check_safe("a\xe2\x80\xae"
		   "b",
	    "a???b");
	check_safe("\xe2\x81\xa6x\xe2\x81\xa9", "???x???");
}

static void
bytes_that_are_no_utf8_do_not_pass(void **state)
{
	(void)state;
	check_safe("\x9b"
		   "31m",
	    "?31m");
	check_safe("a\xc3", "a?");
	check_safe("\xf0\x9f\x94", "???");
	check_safe("\xed\xa0\x80", "???");
}

static void
a_control_character_is_told_with_its_code(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		unsigned int code;
	} rows[] = {
	    {"\x1b[2J", 1, 0x1b},
	    {"\x7f", 1, 0x7f},
	    {"\xc2\x9b", 2, 0x9b},
	    {"\xe2\x80\xae", 3, 0x202e},
	    {"\xe2\x81\xa9x", 3, 0x2069},
	    {"", 0, 0},
	    {"a\x1b", 0, 0},
	    {"\xc2\xa0", 0, 0},
	    {"\xe2\x80", 0, 0},
	    {"\xe2\x82\xac", 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		unsigned int code = 0;

		assert_int_equal(
		    sg_utf8_control(rows[i].text, &code), rows[i].len);
		assert_int_equal(code, rows[i].code);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_control_character_is_told_with_its_code),
	    cmocka_unit_test(utf8_of_every_length_is_valid),
	    cmocka_unit_test(overlong_utf8_is_refused),
	    cmocka_unit_test(surrogates_and_beyond_unicode_are_refused),
	    cmocka_unit_test(broken_sequences_are_refused),
	    cmocka_unit_test(plain_text_stays_what_it_is),
	    cmocka_unit_test(what_drives_a_terminal_does_not_pass),
	    cmocka_unit_test(bytes_that_are_no_utf8_do_not_pass),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
