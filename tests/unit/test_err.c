/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"

static void
a_failure_keeps_code_number_and_text(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_fail_native(&err, SG_E_TOKEN, 0xa0, "log in to %s", "dev"),
	    SG_E_TOKEN);
	assert_int_equal(err.rc, SG_E_TOKEN);
	assert_int_equal(err.native, 0xa0);
	assert_string_equal(err.text, "log in to dev");
}

static void
a_second_failure_does_not_overwrite_the_first(void **state)
{
	struct sg_err err = {0};

	(void)state;
	(void)sg_fail_native(&err, SG_E_PIN_WRONG, 7, "first");
	errno = EACCES;
	assert_int_equal(sg_fail(&err, SG_E_IO, "second"), SG_E_IO);
	assert_int_equal(sg_fail_native(&err, SG_E_IO, 9, "third"), SG_E_IO);
	assert_int_equal(sg_fail_errno(&err, SG_E_IO, "fourth"), SG_E_IO);
	assert_int_equal(sg_fail_nomem(&err), SG_E_NOMEM);
	assert_int_equal(err.rc, SG_E_PIN_WRONG);
	assert_int_equal(err.native, 7);
	assert_string_equal(err.text, "first");
}

static void
a_failure_that_was_kept_apart_is_told_again(void **state)
{
	struct sg_err apart = {0};
	struct sg_err err = {0};

	(void)state;
	(void)sg_fail_native(&apart, SG_E_TOKEN, 0x30, "50%% of a %s", "sign");
	assert_int_equal(sg_fail_again(&err, SG_OK, &apart), SG_OK);
	assert_int_equal(err.rc, SG_OK);
	assert_string_equal(err.text, "");
	assert_int_equal(sg_fail_again(&err, SG_E_TOKEN, &apart), SG_E_TOKEN);
	assert_int_equal(err.rc, SG_E_TOKEN);
	assert_int_equal(err.native, 0x30);
	assert_string_equal(err.text, "50% of a sign");
}

static void
no_error_object_is_fine_everywhere(void **state)
{
	(void)state;
	assert_int_equal(sg_fail(NULL, SG_E_IO, "x"), SG_E_IO);
	assert_int_equal(sg_fail_native(NULL, SG_E_IO, 1, "x"), SG_E_IO);
	assert_int_equal(sg_fail_errno(NULL, SG_E_IO, "x"), SG_E_IO);
	assert_int_equal(sg_fail_nomem(NULL), SG_E_NOMEM);
	assert_int_equal(sg_context(NULL, SG_E_IO, "x"), SG_E_IO);
	assert_int_equal(sg_recast(NULL, SG_E_CONFIG), SG_E_CONFIG);
	sg_err_clear(NULL);
}

static void
a_failed_system_call_tells_errno_and_its_words(void **state)
{
	struct sg_err err = {0};

	(void)state;
	errno = ENOENT;
	assert_int_equal(
	    sg_fail_errno(&err, SG_E_IO, "open %s", "a.pem"), SG_E_IO);
	assert_int_equal(err.native, ENOENT);
	assert_string_equal(err.text, "open a.pem: No such file or directory");
}

static void
an_errno_without_words_is_survived(void **state)
{
	struct sg_err err = {0};

	(void)state;
	errno = 123456;
	(void)sg_fail_errno(&err, SG_E_IO, "open");
	assert_int_equal(err.native, 123456);
	assert_string_equal(err.text, "open: unknown error");
}

static void
memory_that_could_not_be_had_is_named(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_fail_nomem(&err), SG_E_NOMEM);
	assert_string_equal(err.text, "out of memory");
}

static void
context_goes_in_front_and_changes_nothing_else(void **state)
{
	struct sg_err err = {0};

	(void)state;
	(void)sg_fail_native(&err, SG_E_REFUSED, 401, "HTTP 401");
	assert_int_equal(
	    sg_context(&err, SG_E_REFUSED, "sign in to %s", "site"),
	    SG_E_REFUSED);
	(void)sg_context(&err, SG_E_REFUSED, "create a configuration");
	assert_int_equal(err.rc, SG_E_REFUSED);
	assert_int_equal(err.native, 401);
	assert_string_equal(
	    err.text, "create a configuration: sign in to site: HTTP 401");
}

static void
context_without_a_failure_writes_nothing(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_context(&err, SG_E_IO, "read"), SG_E_IO);
	assert_int_equal(err.rc, SG_OK);
	assert_string_equal(err.text, "");
}

static void
a_text_that_is_too_long_is_cut(void **state)
{
	struct sg_err err = {0};
	char text[SG_ERR_TEXT_MAX + 100];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	(void)sg_fail(&err, SG_E_IO, "%s", text);
	assert_int_equal(strlen(err.text), SG_ERR_TEXT_MAX - 1);
}

static void
an_errno_behind_a_full_text_does_not_overflow(void **state)
{
	struct sg_err err = {0};
	char text[SG_ERR_TEXT_MAX + 100];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	errno = EIO;
	(void)sg_fail_errno(&err, SG_E_IO, "%s", text);
	assert_int_equal(strlen(err.text), SG_ERR_TEXT_MAX - 1);
}

static void
context_before_a_full_text_cuts_its_end(void **state)
{
	struct sg_err err = {0};
	char text[SG_ERR_TEXT_MAX + 100];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	(void)sg_fail(&err, SG_E_IO, "%s", text);
	(void)sg_context(&err, SG_E_IO, "front");
	assert_int_equal(strlen(err.text), SG_ERR_TEXT_MAX - 1);
	assert_memory_equal(err.text, "front: aaa", 10);
}

static void
a_context_that_is_too_long_leaves_room_for_the_cause(void **state)
{
	struct sg_err err = {0};
	char text[SG_ERR_TEXT_MAX + 100];

	(void)state;
	memset(text, 'b', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	(void)sg_fail(&err, SG_E_IO, "the cause");
	(void)sg_context(&err, SG_E_IO, "%s", text);
	assert_non_null(strstr(err.text, "b: the cause"));
}

static void
control_characters_are_replaced(void **state)
{
	struct sg_err err = {0};

	(void)state;
	(void)sg_fail(&err, SG_E_IO, "a\033[2J\r\n\tb\x7f");
	assert_string_equal(err.text, "a?[2J???b?");
	(void)sg_context(&err, SG_E_IO, "\033]0;x\007");
	assert_string_equal(err.text, "?]0;x?: a?[2J???b?");
}

static void
eight_bit_control_characters_are_replaced(void **state)
{
	struct sg_err err = {0};

	(void)state;
	(void)sg_fail(&err, SG_E_IO,
	    "a\xc2\x9b"
	    "2J");
	assert_string_equal(err.text, "a??2J");
	sg_err_clear(&err);
	(void)sg_fail(&err, SG_E_IO,
	    "a\x9b"
	    "2J");
	assert_string_equal(err.text, "a?2J");
}

static void
utf8_text_stays_readable(void **state)
{
	static const char text[] =
	    "token \"Schl\xc3\xbcssel \xc3\x9f \xe2\x82\xac \xf0\x9f\x94\x91\"";
	struct sg_err err = {0};

	(void)state;
	(void)sg_fail(&err, SG_E_IO, "%s", text);
	assert_string_equal(err.text, text);
}

static void
a_character_cut_in_half_is_not_left_behind(void **state)
{
	struct sg_err err = {0};
	char text[SG_ERR_TEXT_MAX + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[SG_ERR_TEXT_MAX - 2] = '\xc3';
	text[SG_ERR_TEXT_MAX - 1] = '\xbc';
	text[SG_ERR_TEXT_MAX] = '\0';
	(void)sg_fail(&err, SG_E_IO, "%s", text);
	assert_int_equal(err.text[SG_ERR_TEXT_MAX - 2], '?');
}

static void
a_cleared_object_can_fail_again(void **state)
{
	struct sg_err err = {0};

	(void)state;
	(void)sg_fail_native(&err, SG_E_IO, 5, "first");
	sg_err_clear(&err);
	assert_int_equal(err.rc, SG_OK);
	assert_int_equal(err.native, 0);
	assert_string_equal(err.text, "");
	(void)sg_fail(&err, SG_E_TIMEOUT, "second");
	assert_int_equal(err.rc, SG_E_TIMEOUT);
	assert_string_equal(err.text, "second");
}

/* The numbers, names and exit statuses are API. */
static const struct {
	enum sg_rc rc;
	int number;
	int exit_status;
	const char *name;
} contract[] = {
    {SG_OK, 0, 0, "SG_OK"},
    {SG_E_NOMEM, -1, 1, "SG_E_NOMEM"},
    {SG_E_IO, -2, 1, "SG_E_IO"},
    {SG_E_INTERNAL, -3, 1, "SG_E_INTERNAL"},
    {SG_E_INVALID, -4, 1, "SG_E_INVALID"},
    {SG_E_USAGE, -5, 2, "SG_E_USAGE"},
    {SG_E_CONFIG, -6, 8, "SG_E_CONFIG"},
    {SG_E_PIN_MISSING, -10, 3, "SG_E_PIN_MISSING"},
    {SG_E_PIN_WRONG, -11, 3, "SG_E_PIN_WRONG"},
    {SG_E_PIN_WITHHELD, -12, 3, "SG_E_PIN_WITHHELD"},
    {SG_E_PIN_LOCKED, -13, 3, "SG_E_PIN_LOCKED"},
    {SG_E_MODULE, -20, 4, "SG_E_MODULE"},
    {SG_E_TOKEN, -21, 4, "SG_E_TOKEN"},
    {SG_E_NOT_FOUND, -22, 4, "SG_E_NOT_FOUND"},
    {SG_E_AMBIGUOUS, -23, 4, "SG_E_AMBIGUOUS"},
    {SG_E_MECHANISM, -24, 4, "SG_E_MECHANISM"},
    {SG_E_REFUSED, -30, 5, "SG_E_REFUSED"},
    {SG_E_SESSION, -31, 5, "SG_E_SESSION"},
    {SG_E_NETWORK, -40, 6, "SG_E_NETWORK"},
    {SG_E_TIMEOUT, -41, 6, "SG_E_TIMEOUT"},
    {SG_E_POLICY, -50, 7, "SG_E_POLICY"},
};

static void
every_code_keeps_its_number_name_and_exit_status(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(contract); i++) {
		assert_int_equal(contract[i].rc, contract[i].number);
		assert_int_equal(
		    sg_rc_exit_status(contract[i].rc), contract[i].exit_status);
		assert_string_equal(
		    sg_rc_name(contract[i].rc), contract[i].name);
	}
}

static void
an_unknown_code_is_an_ordinary_failure(void **state)
{
	(void)state;
	assert_int_equal(sg_rc_exit_status((enum sg_rc) - 99), 1);
	assert_non_null(sg_rc_name((enum sg_rc) - 99));
}

static void
a_recast_failure_keeps_all_but_its_code(void **state)
{
	struct sg_err err = {0};

	(void)state;
	/* Without a failure there is none to recast. */
	assert_int_equal(sg_recast(&err, SG_E_CONFIG), SG_E_CONFIG);
	assert_int_equal(err.rc, SG_OK);
	(void)sg_fail_native(&err, SG_E_USAGE, 5, "first");
	assert_int_equal(sg_recast(&err, SG_E_CONFIG), SG_E_CONFIG);
	assert_int_equal(err.rc, SG_E_CONFIG);
	assert_int_equal(err.native, 5);
	assert_string_equal(err.text, "first");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_failure_keeps_code_number_and_text),
	    cmocka_unit_test(a_second_failure_does_not_overwrite_the_first),
	    cmocka_unit_test(a_failure_that_was_kept_apart_is_told_again),
	    cmocka_unit_test(no_error_object_is_fine_everywhere),
	    cmocka_unit_test(a_failed_system_call_tells_errno_and_its_words),
	    cmocka_unit_test(an_errno_without_words_is_survived),
	    cmocka_unit_test(memory_that_could_not_be_had_is_named),
	    cmocka_unit_test(context_goes_in_front_and_changes_nothing_else),
	    cmocka_unit_test(context_without_a_failure_writes_nothing),
	    cmocka_unit_test(a_text_that_is_too_long_is_cut),
	    cmocka_unit_test(an_errno_behind_a_full_text_does_not_overflow),
	    cmocka_unit_test(context_before_a_full_text_cuts_its_end),
	    cmocka_unit_test(
		a_context_that_is_too_long_leaves_room_for_the_cause),
	    cmocka_unit_test(control_characters_are_replaced),
	    cmocka_unit_test(eight_bit_control_characters_are_replaced),
	    cmocka_unit_test(utf8_text_stays_readable),
	    cmocka_unit_test(a_character_cut_in_half_is_not_left_behind),
	    cmocka_unit_test(a_cleared_object_can_fail_again),
	    cmocka_unit_test(every_code_keeps_its_number_name_and_exit_status),
	    cmocka_unit_test(an_unknown_code_is_an_ordinary_failure),
	    cmocka_unit_test(a_recast_failure_keeps_all_but_its_code),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
