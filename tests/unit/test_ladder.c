/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "pkcs11/ladder.h"

#define LONG_MS 600000

static void
the_lowest_rung_that_may_help_comes_first(void **state)
{
	static const struct {
		CK_RV rv;
		enum sg_rung rung;
	} rows[] = {
	    {CKR_SESSION_HANDLE_INVALID, SG_RUNG_SESSION},
	    {CKR_SESSION_CLOSED, SG_RUNG_SESSION},
	    {CKR_OPERATION_ACTIVE, SG_RUNG_SESSION},
	    {CKR_OPERATION_NOT_INITIALIZED, SG_RUNG_SESSION},
	    {CKR_DEVICE_ERROR, SG_RUNG_SESSION},
	    {CKR_DEVICE_REMOVED, SG_RUNG_SESSION},
	    {CKR_TOKEN_NOT_PRESENT, SG_RUNG_SESSION},
	    {CKR_SLOT_ID_INVALID, SG_RUNG_SESSION},
	    {CKR_GENERAL_ERROR, SG_RUNG_SESSION},
	    {CKR_FUNCTION_FAILED, SG_RUNG_SESSION},
	    {CKR_VENDOR_DEFINED | 5, SG_RUNG_SESSION},
	    {CKR_USER_NOT_LOGGED_IN, SG_RUNG_LOGIN},
	    /* SoftHSM, after a logout. */
	    {CKR_OBJECT_HANDLE_INVALID, SG_RUNG_LOGIN},
	    {CKR_KEY_HANDLE_INVALID, SG_RUNG_LOGIN},
	    {CKR_CRYPTOKI_NOT_INITIALIZED, SG_RUNG_MODULE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_ladder ladder = sg_ladder_start(LONG_MS);

		assert_true(sg_ladder_ends_session(rows[i].rv) ==
			    (rows[i].rung == SG_RUNG_SESSION ||
				rows[i].rung == SG_RUNG_MODULE));
		assert_int_equal(
		    sg_ladder_next(&ladder, rows[i].rv), rows[i].rung);
	}
}

/* Doing it again would change nothing, or cost a try. */
static void
an_answer_is_not_mended(void **state)
{
	static const CK_RV rows[] = {
	    CKR_OK, /* a failure that was not the module's */
	    CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE,
	    CKR_PIN_EXPIRED, CKR_PIN_LOCKED, CKR_MECHANISM_INVALID,
	    CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_KEY_TYPE_INCONSISTENT,
	    CKR_DATA_LEN_RANGE, CKR_ARGUMENTS_BAD, CKR_FUNCTION_NOT_SUPPORTED,
	    CKR_FUNCTION_CANCELED, CKR_FUNCTION_REJECTED,
	    CKR_USER_PIN_NOT_INITIALIZED, CKR_SESSION_COUNT,
	    CKR_TOKEN_WRITE_PROTECTED,
	    0x7ffffffful, /* unknown, and no vendor's */
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_ladder ladder = sg_ladder_start(LONG_MS);

		assert_false(sg_ladder_ends_session(rows[i]));
		assert_int_equal(
		    sg_ladder_next(&ladder, rows[i]), SG_RUNG_NONE);
		/* Nor does it use up a rung. */
		assert_int_equal(sg_ladder_next(&ladder, CKR_SESSION_CLOSED),
		    SG_RUNG_SESSION);
	}
}

static void
each_rung_is_climbed_once_and_in_order(void **state)
{
	struct sg_ladder ladder = sg_ladder_start(LONG_MS);

	(void)state;
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_DEVICE_ERROR), SG_RUNG_SESSION);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_DEVICE_ERROR), SG_RUNG_LOGIN);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_DEVICE_ERROR), SG_RUNG_KEY);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_DEVICE_ERROR), SG_RUNG_MODULE);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_DEVICE_ERROR), SG_RUNG_NONE);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_SESSION_CLOSED), SG_RUNG_NONE);
}

static void
a_failure_that_starts_higher_skips_what_cannot_help(void **state)
{
	struct sg_ladder ladder = sg_ladder_start(LONG_MS);

	(void)state;
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_SESSION_CLOSED), SG_RUNG_SESSION);
	assert_int_equal(sg_ladder_next(&ladder, CKR_CRYPTOKI_NOT_INITIALIZED),
	    SG_RUNG_MODULE);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_USER_NOT_LOGGED_IN), SG_RUNG_NONE);
}

static void
a_key_that_is_gone_after_the_login_is_looked_for(void **state)
{
	struct sg_ladder ladder = sg_ladder_start(LONG_MS);

	(void)state;
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_OBJECT_HANDLE_INVALID), SG_RUNG_LOGIN);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_OBJECT_HANDLE_INVALID), SG_RUNG_KEY);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_OBJECT_HANDLE_INVALID), SG_RUNG_MODULE);
}

static void
an_absent_token_is_looked_for_until_the_time_is_over(void **state)
{
	enum { TIME_MS = 3000 };
	struct sg_ladder ladder = sg_ladder_start(LONG_MS);
	int64_t start_ms = sg_clock_mono_ms();
	int64_t last_ms = 0;
	int looks = 0;

	(void)state;
	while (sg_ladder_next(&ladder, CKR_TOKEN_NOT_PRESENT) != SG_RUNG_NONE) {
		last_ms = sg_clock_mono_ms() - start_ms;
		assert_true(++looks < 100);
	}
	assert_int_equal(ladder.last, SG_RUNG_MODULE);
	/* Four rungs, a look after a pause, and the last at the end, late
	 * enough to find what was put back late. */
	assert_true(looks >= 6);
	assert_true(last_ms >= TIME_MS);
}

/* A host that stands still does not take the last look away. */
static void
an_absent_token_is_looked_for_once_more_when_the_time_is_over(void **state)
{
	struct sg_ladder ladder = sg_ladder_start(LONG_MS);

	(void)state;
	assert_int_equal(sg_ladder_next(&ladder, CKR_CRYPTOKI_NOT_INITIALIZED),
	    SG_RUNG_MODULE);
	ladder.look_end_ms = sg_clock_mono_ms();
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_TOKEN_NOT_PRESENT), SG_RUNG_MODULE);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_TOKEN_NOT_PRESENT), SG_RUNG_NONE);
}

/* Else a slow token, or a slow host, would not be mended. */
static void
the_steps_have_longer_than_an_absent_token(void **state)
{
	struct sg_ladder ladder = sg_ladder_start(LONG_MS);

	(void)state;
	ladder.look_end_ms = sg_clock_mono_ms();
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_DEVICE_REMOVED), SG_RUNG_SESSION);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_DEVICE_REMOVED), SG_RUNG_LOGIN);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_DEVICE_REMOVED), SG_RUNG_KEY);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_DEVICE_REMOVED), SG_RUNG_MODULE);
}

/* Other failures are not waited out. */
static void
only_an_absent_token_is_looked_for_again(void **state)
{
	static const struct {
		CK_RV rv;
		enum sg_rung rung;
	} rows[] = {
	    {CKR_TOKEN_NOT_PRESENT, SG_RUNG_MODULE},
	    {CKR_DEVICE_REMOVED, SG_RUNG_MODULE},
	    {CKR_SLOT_ID_INVALID, SG_RUNG_MODULE},
	    {CKR_DEVICE_ERROR, SG_RUNG_NONE},
	    {CKR_CRYPTOKI_NOT_INITIALIZED, SG_RUNG_NONE},
	    {CKR_USER_NOT_LOGGED_IN, SG_RUNG_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_ladder ladder = sg_ladder_start(LONG_MS);

		assert_int_equal(
		    sg_ladder_next(&ladder, CKR_CRYPTOKI_NOT_INITIALIZED),
		    SG_RUNG_MODULE);
		assert_int_equal(
		    sg_ladder_next(&ladder, rows[i].rv), rows[i].rung);
	}
}

static void
no_step_begins_after_the_deadline(void **state)
{
	struct sg_ladder ladder = sg_ladder_start(0);

	(void)state;
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_SESSION_CLOSED), SG_RUNG_NONE);
	ladder = sg_ladder_start(LONG_MS);
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_SESSION_CLOSED), SG_RUNG_SESSION);
	ladder.end_ms = sg_clock_mono_ms();
	assert_int_equal(
	    sg_ladder_next(&ladder, CKR_SESSION_CLOSED), SG_RUNG_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_lowest_rung_that_may_help_comes_first),
	    cmocka_unit_test(an_answer_is_not_mended),
	    cmocka_unit_test(each_rung_is_climbed_once_and_in_order),
	    cmocka_unit_test(
		a_failure_that_starts_higher_skips_what_cannot_help),
	    cmocka_unit_test(a_key_that_is_gone_after_the_login_is_looked_for),
	    cmocka_unit_test(
		an_absent_token_is_looked_for_until_the_time_is_over),
	    cmocka_unit_test(
		an_absent_token_is_looked_for_once_more_when_the_time_is_over),
	    cmocka_unit_test(the_steps_have_longer_than_an_absent_token),
	    cmocka_unit_test(only_an_absent_token_is_looked_for_again),
	    cmocka_unit_test(no_step_begins_after_the_deadline),
	};

	return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
