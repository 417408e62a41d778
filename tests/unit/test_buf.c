/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"

static void
what_is_added_comes_out_in_order(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(100);

	(void)state;
	sg_buf_add(buf, "ab", 2);
	sg_buf_add_str(buf, "cd");
	sg_buf_add_byte(buf, 'e');
	sg_buf_addf(buf, "%d-%s", 42, "f");
	assert_int_equal(sg_buf_check(buf, "it", NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf), "abcde42-f");
	assert_int_equal(buf->len, 9);
}

static void
a_nul_follows_that_len_does_not_count(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(10);

	(void)state;
	sg_buf_add(buf, "a\0b", 3);
	assert_int_equal(buf->len, 3);
	assert_memory_equal(buf->data, "a\0b", 4);
}

static void
adding_nothing_is_an_empty_string(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(0);

	(void)state;
	sg_buf_add(buf, NULL, 0);
	sg_buf_add_str(buf, "");
	sg_buf_addf(buf, "%s", "");
	assert_int_equal(sg_buf_check(buf, "it", NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf), "");
}

static void
it_grows_up_to_its_maximum(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(5000);
	size_t i;

	(void)state;
	for (i = 0; i < 5000; i++)
		sg_buf_add_byte(buf, (uint8_t)(i % 251));
	assert_int_equal(sg_buf_check(buf, "it", NULL), SG_OK);
	assert_int_equal(buf->len, 5000);
	for (i = 0; i < 5000; i++)
		assert_int_equal(buf->data[i], i % 251);
	assert_int_equal(buf->data[5000], 0);
}

static void
the_byte_past_the_maximum_is_refused(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(4);
	struct sg_err err = {0};

	(void)state;
	sg_buf_add_str(buf, "abcd");
	assert_int_equal(sg_buf_check(buf, "the reply", &err), SG_OK);
	sg_buf_add_byte(buf, 'e');
	assert_int_equal(sg_buf_check(buf, "the reply", &err), SG_E_USAGE);
	assert_string_equal(err.text, "the reply is larger than 4 bytes");
	assert_string_equal(sg_buf_str(buf), "abcd");
}

static void
formatted_text_obeys_the_maximum(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(4);

	(void)state;
	sg_buf_addf(buf, "%s", "abcd");
	assert_int_equal(sg_buf_check(buf, "it", NULL), SG_OK);
	sg_buf_addf(buf, "%c", 'e');
	assert_int_equal(sg_buf_check(buf, "it", NULL), SG_E_USAGE);
	assert_string_equal(sg_buf_str(buf), "abcd");
}

static void
after_a_failure_adds_are_ignored(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(4);

	(void)state;
	sg_buf_add_str(buf, "ab");
	sg_buf_add_str(buf, "too long");
	sg_buf_add_str(buf, "c");
	sg_buf_addf(buf, "%s", "d");
	assert_string_equal(sg_buf_str(buf), "ab");
	assert_int_equal(sg_buf_check(buf, "it", NULL), SG_E_USAGE);
}

static void
a_length_that_would_wrap_is_refused(void **state)
{
	SG_AUTO(sg_buf) small = sg_buf_new(16);
	SG_AUTO(sg_buf) huge = sg_buf_new(SIZE_MAX);

	(void)state;
	sg_buf_add_str(small, "abc");
	sg_buf_add(small, "x", SIZE_MAX);
	assert_int_equal(sg_buf_check(small, "it", NULL), SG_E_USAGE);
	sg_buf_add_str(huge, "abc");
	sg_buf_add(huge, "x", SIZE_MAX - 3);
	assert_int_not_equal(sg_buf_check(huge, "it", NULL), SG_OK);
	assert_string_equal(sg_buf_str(huge), "abc");
}

static void
reset_empties_it_and_forgets_the_failure(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(4);

	(void)state;
	sg_buf_add_str(buf, "ab");
	sg_buf_add_str(buf, "too long");
	sg_buf_reset(buf);
	assert_int_equal(buf->len, 0);
	assert_string_equal(sg_buf_str(buf), "");
	assert_int_equal(sg_buf_check(buf, "it", NULL), SG_OK);
	sg_buf_add_str(buf, "new");
	assert_string_equal(sg_buf_str(buf), "new");
	assert_int_equal(buf->max, 4);
}

static void
memory_that_ran_out_is_told_once_asked(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(4);
	struct sg_err err = {0};

	(void)state;
	buf->out_of_memory = true;
	sg_buf_add_str(buf, "ab");
	assert_int_equal(buf->len, 0);
	assert_int_equal(sg_buf_check(buf, "it", &err), SG_E_NOMEM);
}

static void
a_buffer_that_could_not_be_made_is_tolerated(void **state)
{
	struct sg_buf *none = NULL;
	struct sg_err err = {0};

	(void)state;
	sg_buf_add(none, "a", 1);
	sg_buf_add_str(none, "a");
	sg_buf_add_byte(none, 'a');
	sg_buf_addf(none, "%d", 1);
	sg_buf_reset(none);
	sg_buf_free(&none);
	sg_buf_free(NULL);
	assert_string_equal(sg_buf_str(none), "");
	assert_int_equal(sg_buf_check(none, "it", &err), SG_E_NOMEM);
}

static void
free_leaves_null(void **state)
{
	struct sg_buf *buf = sg_buf_new(4);

	(void)state;
	sg_buf_add_str(buf, "abcd");
	sg_buf_free(&buf);
	assert_null(buf);
	sg_buf_free(&buf);
}

static void
counted_strings_cannot_be_taken_for_others(void **state)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(64);

	(void)state;
	sg_buf_add_counted(buf, "a,1:b");
	sg_buf_add_counted(buf, "");
	sg_buf_add_counted(buf, NULL);
	assert_string_equal(sg_buf_str(buf), "5:a,1:b,0:,-,");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counted_strings_cannot_be_taken_for_others),
	    cmocka_unit_test(what_is_added_comes_out_in_order),
	    cmocka_unit_test(a_nul_follows_that_len_does_not_count),
	    cmocka_unit_test(adding_nothing_is_an_empty_string),
	    cmocka_unit_test(it_grows_up_to_its_maximum),
	    cmocka_unit_test(the_byte_past_the_maximum_is_refused),
	    cmocka_unit_test(formatted_text_obeys_the_maximum),
	    cmocka_unit_test(after_a_failure_adds_are_ignored),
	    cmocka_unit_test(a_length_that_would_wrap_is_refused),
	    cmocka_unit_test(reset_empties_it_and_forgets_the_failure),
	    cmocka_unit_test(memory_that_ran_out_is_told_once_asked),
	    cmocka_unit_test(a_buffer_that_could_not_be_made_is_tolerated),
	    cmocka_unit_test(free_leaves_null),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
