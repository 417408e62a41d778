/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

static int64_t
no_time(void *ctx)
{
	(void)ctx;
	return 0;
}

/* Random bytes that are all the byte that ctx points to. */
static enum sg_rc
one_byte(void *ctx, uint8_t *out, size_t len, struct sg_err *err)
{
	(void)err;
	memset(out, *(const uint8_t *)ctx, len);
	return SG_OK;
}

static enum sg_rc
no_bytes(void *ctx, uint8_t *out, size_t len, struct sg_err *err)
{
	(void)ctx;
	(void)out;
	(void)len;
	return sg_fail(err, SG_E_INTERNAL, "no random bytes");
}

static void
the_system_clock_tells_the_time(void **state)
{
	const struct sg_clock *clock = sg_clock_system();
	struct timespec before;
	struct timespec after;
	int64_t now;

	(void)state;
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &before), 0);
	now = clock->now_s(clock->ctx);
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &after), 0);
	assert_in_range(now, before.tv_sec, after.tv_sec);
}

/* As POSIX has it. */
static int64_t
mono_ms(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
monotonic_time_does_not_go_back_and_is_in_ms(void **state)
{
	const struct timespec pause = {.tv_nsec = 20 * 1000000L};
	int64_t before = sg_clock_mono_ms();
	int64_t from = mono_ms();
	int64_t now;

	(void)state;
	assert_int_equal(nanosleep(&pause, NULL), 0);
	now = sg_clock_mono_ms();
	assert_true(now - before >= 19);
	assert_true(now >= from + 19);
	assert_true(now <= mono_ms());
}

static void
milliseconds_become_seconds_and_nanoseconds(void **state)
{
	struct timespec at = sg_clock_timespec(90007);

	(void)state;
	assert_int_equal(at.tv_sec, 90);
	assert_int_equal(at.tv_nsec, 7000000);
	at = sg_clock_timespec(INT64_MAX);
	assert_int_equal(at.tv_sec, INT64_MAX / 1000);
	assert_int_equal(at.tv_nsec, 807000000);
}

static void
a_uuid_carries_version_and_variant_whatever_the_bytes(void **state)
{
	uint8_t byte = 0x00;
	const struct sg_clock clock = {
	    .now_s = no_time, .random = one_byte, .ctx = &byte};
	char uuid[SG_UUID_SIZE];

	(void)state;
	assert_int_equal(sg_clock_uuid4(&clock, uuid, NULL), SG_OK);
	assert_string_equal(uuid, "00000000-0000-4000-8000-000000000000");
	byte = 0xff;
	assert_int_equal(sg_clock_uuid4(&clock, uuid, NULL), SG_OK);
	assert_string_equal(uuid, "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

static void
two_uuids_of_the_system_differ(void **state)
{
	char one[SG_UUID_SIZE];
	char two[SG_UUID_SIZE];

	(void)state;
	assert_int_equal(sg_clock_uuid4(sg_clock_system(), one, NULL), SG_OK);
	assert_int_equal(sg_clock_uuid4(sg_clock_system(), two, NULL), SG_OK);
	assert_true(sg_text_is_uuid(one));
	assert_true(sg_text_is_uuid(two));
	assert_string_not_equal(one, two);
}

static void
without_random_bytes_there_is_no_uuid(void **state)
{
	const struct sg_clock clock = {.now_s = no_time, .random = no_bytes};
	char uuid[SG_UUID_SIZE] = "untouched";
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_clock_uuid4(&clock, uuid, &err), SG_E_INTERNAL);
	assert_string_equal(uuid, "untouched");
	assert_string_equal(err.text, "no random bytes");
}

static const struct {
	const char *text;
	int64_t time_s;
} times[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01T00:00:00.999Z", 0},
    {"1969-12-31T23:59:59Z", -1},
    {"2026-06-15T14:04:40.189844552Z", 1781532280},
    {"2026-06-15t14:04:40z", 1781532280},
    {"2026-06-15T16:04:40+02:00", 1781532280},
    {"2026-06-15T07:34:40-06:30", 1781532280},
    {"2026-06-15T14:04:40-00:00", 1781532280},
    {"2024-02-29T00:00:00Z", 1709164800},
    {"2000-02-29T00:00:00Z", 951782400},
    {"2038-01-19T03:14:08Z", 2147483648},
    {"9999-12-31T23:59:59Z", 253402300799},
};

static void
rfc3339_times_are_read(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(times); i++) {
		int64_t time_s = -999;

		assert_int_equal(
		    sg_time_parse(times[i].text, &time_s, NULL), SG_OK);
		assert_true(time_s == times[i].time_s);
	}
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const wrong[] = {"", "now", "2026-06-15",
	    "2026-06-15T14:04:40", "2026-06-15 14:04:40Z", "2026-06-15T14:04Z",
	    "2026-06-15T14:04:40.Z", "2026-06-15T14:04:40,5Z",
	    "2026-06-15T14:04:40ZZ", "2026-06-15T14:04:40Z ",
	    " 2026-06-15T14:04:40Z", "2026-6-15T14:04:40Z",
	    "26-06-15T14:04:40Z", "2026-06-15T14:04:40+2:00",
	    "2026-06-15T14:04:40+0200", "2026-06-15T14:04:40+24:00",
	    "2026-06-15T14:04:40+02:60", "2026-06-15T14:04:40+02:00Z",
	    "+026-06-15T14:04:40Z", "2026-06-15T14:04:4",
	    "2026-06-15T14:04:40+"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(wrong); i++) {
		int64_t time_s = -999;
		struct sg_err err = {0};

		assert_int_equal(
		    sg_time_parse(wrong[i], &time_s, &err), SG_E_INVALID);
		assert_true(time_s == -999);
		assert_string_not_equal(err.text, "");
	}
}

static void
dates_that_do_not_exist_are_refused(void **state)
{
	static const char *const wrong[] = {"2026-06-31T00:00:00Z",
	    "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
	    "2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z",
	    "2026-06-00T00:00:00Z", "2026-06-32T00:00:00Z",
	    "2026-06-15T24:00:00Z", "2026-06-15T23:60:00Z",
	    "2026-06-15T23:59:60Z", "2026-06-15T23:59:61Z"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(wrong); i++) {
		int64_t time_s = -999;

		assert_int_equal(
		    sg_time_parse(wrong[i], &time_s, NULL), SG_E_INVALID);
		assert_true(time_s == -999);
	}
}

static void
a_time_is_written_as_rfc3339_in_utc(void **state)
{
	char text[SG_TIME_SIZE];

	(void)state;
	sg_time_format(1781532280, text);
	assert_string_equal(text, "2026-06-15T14:04:40Z");
	sg_time_format(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	sg_time_format(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59Z");
	sg_time_format(253402300799, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
}

static void
a_year_is_written_with_four_digits(void **state)
{
	char text[SG_TIME_SIZE];
	int64_t time_s = 0;

	(void)state;
	assert_int_equal(
	    sg_time_parse("0999-01-02T03:04:05Z", &time_s, NULL), SG_OK);
	sg_time_format(time_s, text);
	assert_string_equal(text, "0999-01-02T03:04:05Z");
}

static void
a_time_that_rfc3339_cannot_write_is_empty(void **state)
{
	static const int64_t beyond[] = {253402300800, INT64_MAX, INT64_MIN,
	    -62167219201, -67768040609740800, 67768036191676799};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(beyond); i++) {
		char text[SG_TIME_SIZE];

		memset(text, 'x', sizeof(text));
		sg_time_format(beyond[i], text);
		assert_string_equal(text, "");
	}
}

static const struct {
	const char *text;
	int64_t seconds;
} durations[] = {
    {"0", 0},
    {"30", 30},
    {"30s", 30},
    {"5m", 300},
    {"2h", 7200},
    {"007", 7},
    {"8784h", 31622400}, /* 366 days, the longest */
    {"527040m", 31622400},
    {"31622400", 31622400},
};

static void
durations_are_read_in_seconds(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(durations); i++) {
		int64_t seconds = -999;

		assert_int_equal(
		    sg_duration_parse(durations[i].text, &seconds, NULL),
		    SG_OK);
		assert_true(seconds == durations[i].seconds);
	}
}

static void
malformed_and_endless_durations_are_refused(void **state)
{
	static const char *const wrong[] = {"", "s", "m", "-1", "+1", " 1",
	    "1 ", "1 s", "1d", "1ms", "5mm", "1.5h", "1e3", "0x10", "5M",
	    "8785h", "527041m", "31622401", "9223372036854775807",
	    "9223372036854775808h", "99999999999999999999999"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(wrong); i++) {
		int64_t seconds = -999;
		struct sg_err err = {0};

		assert_int_equal(
		    sg_duration_parse(wrong[i], &seconds, &err), SG_E_USAGE);
		assert_true(seconds == -999);
		assert_string_not_equal(err.text, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_system_clock_tells_the_time),
	    cmocka_unit_test(monotonic_time_does_not_go_back_and_is_in_ms),
	    cmocka_unit_test(milliseconds_become_seconds_and_nanoseconds),
	    cmocka_unit_test(
		a_uuid_carries_version_and_variant_whatever_the_bytes),
	    cmocka_unit_test(two_uuids_of_the_system_differ),
	    cmocka_unit_test(without_random_bytes_there_is_no_uuid),
	    cmocka_unit_test(rfc3339_times_are_read),
	    cmocka_unit_test(what_is_no_time_is_refused),
	    cmocka_unit_test(dates_that_do_not_exist_are_refused),
	    cmocka_unit_test(a_time_is_written_as_rfc3339_in_utc),
	    cmocka_unit_test(a_year_is_written_with_four_digits),
	    cmocka_unit_test(a_time_that_rfc3339_cannot_write_is_empty),
	    cmocka_unit_test(durations_are_read_in_seconds),
	    cmocka_unit_test(malformed_and_endless_durations_are_refused),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
