/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static void
a_list_owns_copies_in_order(void **state)
{
	struct sg_list list = {0};
	char text[] = "one";

	(void)state;
	assert_int_equal(sg_list_add(&list, text, NULL), SG_OK);
	text[0] = 'x';
	assert_int_equal(sg_list_add(&list, "", NULL), SG_OK);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0], "one");
	assert_string_equal(list.items[1], "");
	sg_list_clear(&list);
}

static void
words_are_split_at_blanks_and_commas(void **state)
{
	struct sg_list list = {0};

	(void)state;
	assert_int_equal(
	    sg_list_add_words(&list, " ,a b,,c\t d\r\ne , ", NULL), SG_OK);
	assert_int_equal(list.count, 5);
	assert_string_equal(list.items[0], "a");
	assert_string_equal(list.items[1], "b");
	assert_string_equal(list.items[2], "c");
	assert_string_equal(list.items[3], "d");
	assert_string_equal(list.items[4], "e");
	sg_list_clear(&list);
}

static void
no_words_add_nothing(void **state)
{
	struct sg_list list = {0};

	(void)state;
	assert_int_equal(sg_list_add_words(&list, "", NULL), SG_OK);
	assert_int_equal(sg_list_add_words(&list, " , ", NULL), SG_OK);
	assert_int_equal(list.count, 0);
	sg_list_clear(&list);
}

static void
a_list_knows_what_it_has(void **state)
{
	struct sg_list list = {0};

	(void)state;
	assert_false(sg_list_has(&list, "a"));
	assert_int_equal(sg_list_add_words(&list, "abc d", NULL), SG_OK);
	assert_true(sg_list_has(&list, "abc"));
	assert_true(sg_list_has(&list, "d"));
	assert_false(sg_list_has(&list, "ab"));
	assert_false(sg_list_has(&list, "ABC"));
	sg_list_clear(&list);
}

static void
a_list_is_sorted_by_bytes(void **state)
{
	static const char *const wanted[] = {"B", "a", "ab", "b", "b", "\xc3"};
	struct sg_list list = {0};
	size_t i;

	(void)state;
	sg_list_sort(&list); /* an empty one has no items */
	assert_int_equal(
	    sg_list_add_words(&list, "b \xc3 ab B a b", NULL), SG_OK);
	sg_list_sort(&list);
	assert_int_equal(list.count, SG_COUNT(wanted));
	for (i = 0; i < list.count; i++)
		assert_string_equal(list.items[i], wanted[i]);
	sg_list_clear(&list);
}

static void
a_cleared_list_can_be_used_again(void **state)
{
	struct sg_list list = {0};

	(void)state;
	sg_list_clear(&list);
	assert_int_equal(sg_list_add(&list, "a", NULL), SG_OK);
	sg_list_clear(&list);
	assert_int_equal(list.count, 0);
	assert_null(list.items);
	assert_int_equal(sg_list_add(&list, "b", NULL), SG_OK);
	assert_string_equal(list.items[0], "b");
	sg_list_clear(&list);
}

static void
a_copied_string_is_ones_own_and_null_copies_nothing(void **state)
{
	SG_AUTO_STR copy = NULL;
	char text[] = "abc";

	(void)state;
	assert_int_equal(sg_str_copy(NULL, &copy, NULL), SG_OK);
	assert_null(copy);
	assert_int_equal(sg_str_copy(text, &copy, NULL), SG_OK);
	text[0] = 'x';
	assert_string_equal(copy, "abc");
}

static void
a_string_frees_itself(void **state)
{
	SG_AUTO_STR kept = strdup("a");
	char *text = strdup("b");

	(void)state;
	assert_non_null(kept);
	sg_str_free(&text);
	assert_null(text);
	sg_str_free(&text);
}

static void
a_uuid_is_told_from_its_likes(void **state)
{
	(void)state;
	assert_true(sg_text_is_uuid("01234567-89ab-cdef-0123-456789abcdef"));
	assert_true(sg_text_is_uuid("01234567-89AB-CDEF-0123-456789ABCDEF"));
	assert_false(sg_text_is_uuid(""));
	assert_false(sg_text_is_uuid("01234567-89ab-cdef-0123-456789abcde"));
	assert_false(sg_text_is_uuid("01234567-89ab-cdef-0123-456789abcdef0"));
	assert_false(sg_text_is_uuid("01234567-89ab-cdef-0123-456789abcdeg"));
	assert_false(sg_text_is_uuid("0123456789abcdef0123456789abcdef"));
	assert_false(sg_text_is_uuid("012345678-9ab-cdef-0123-456789abcdef"));
	assert_false(sg_text_is_uuid("{01234567-89ab-cdef-0123-456789abcde}"));
	assert_false(sg_text_is_uuid("01234567-89ab-cdef-0123-456789abcdef "));
}

static void
starts_and_ends_are_exact(void **state)
{
	(void)state;
	assert_true(sg_text_starts("pkcs11:token=a", "pkcs11:"));
	assert_true(sg_text_starts("a", ""));
	assert_false(sg_text_starts("pkcs1", "pkcs11:"));
	assert_false(sg_text_starts("", "a"));
	assert_true(sg_text_ends("a.env", ".env"));
	assert_true(sg_text_ends("a", ""));
	assert_true(sg_text_ends(".env", ".env"));
	assert_false(sg_text_ends("env", ".env"));
	assert_false(sg_text_ends("a.env.", ".env"));
}

static void
hex_is_lower_case_and_complete(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(100);

	(void)state;
	sg_hex_encode(buf, "\x00\x01\x9a\xbc\xff", 5);
	assert_string_equal(sg_buf_str(buf), "00019abcff");
	sg_hex_encode(NULL, "a", 1);
}

static void
hex_is_read_in_both_cases_and_with_colons(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(100);

	(void)state;
	assert_int_equal(sg_hex_decode(buf, "", NULL), SG_OK);
	assert_int_equal(buf->len, 0);
	assert_int_equal(sg_hex_decode(buf, "00:9A:bc", NULL), SG_OK);
	assert_int_equal(sg_hex_decode(buf, "DeF0", NULL), SG_OK);
	assert_int_equal(buf->len, 5);
	assert_memory_equal(buf->data, "\x00\x9a\xbc\xde\xf0", 5);
	assert_int_equal(sg_hex_decode(NULL, "00", NULL), SG_OK);
}

static void
malformed_hex_is_refused(void **state)
{
	static const char *const wrong[] = {"0", "001", "0g", "g0", "0x01",
	    ":00", "00:", "00::01", "00 01", "0:1", "00\n", "\xc3\xbc"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(wrong); i++) {
		SG_AUTO(sg_buf) buf = sg_buf_new(100);
		struct sg_err err = {0};

		assert_int_equal(
		    sg_hex_decode(buf, wrong[i], &err), SG_E_USAGE);
		assert_string_not_equal(err.text, "");
	}
}

/* FIPS 180-4's examples, as NIST publishes them. */
static void
sha256_gives_the_published_digests(void **state)
{
	static const uint8_t abc[SG_SHA256_SIZE] = {0xba, 0x78, 0x16, 0xbf,
	    0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22,
	    0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10,
	    0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
	static const uint8_t nothing[4] = {0xe3, 0xb0, 0xc4, 0x42};
	uint8_t digest[SG_SHA256_SIZE];

	(void)state;
	sg_sha256("abc", 3, digest);
	assert_memory_equal(digest, abc, sizeof(abc));
	sg_sha256("", 0, digest);
	assert_memory_equal(digest, nothing, sizeof(nothing));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_owns_copies_in_order),
	    cmocka_unit_test(words_are_split_at_blanks_and_commas),
	    cmocka_unit_test(no_words_add_nothing),
	    cmocka_unit_test(a_list_knows_what_it_has),
	    cmocka_unit_test(a_list_is_sorted_by_bytes),
	    cmocka_unit_test(a_cleared_list_can_be_used_again),
	    cmocka_unit_test(
		a_copied_string_is_ones_own_and_null_copies_nothing),
	    cmocka_unit_test(a_string_frees_itself),
	    cmocka_unit_test(a_uuid_is_told_from_its_likes),
	    cmocka_unit_test(starts_and_ends_are_exact),
	    cmocka_unit_test(hex_is_lower_case_and_complete),
	    cmocka_unit_test(hex_is_read_in_both_cases_and_with_colons),
	    cmocka_unit_test(malformed_hex_is_refused),
	    cmocka_unit_test(sha256_gives_the_published_digests),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
