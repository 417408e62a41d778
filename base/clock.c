/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_DURATION_S (366 * 24 * 3600)

/* time() would do, but for a host that is busy, where it may lag behind. */
static int64_t
system_now_s(void *ctx)
{
	struct timespec now;

	(void)ctx;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec;
}

static enum sg_rc
system_random(void *ctx, uint8_t *out, size_t len, struct sg_err *err)
{
	(void)ctx;
	if (RAND_bytes(out, (int)len) != 1)
		return sg_fail(
		    err, SG_E_INTERNAL, "OpenSSL gave no random bytes");
	return SG_OK;
}

const struct sg_clock *
sg_clock_system(void)
{
	static const struct sg_clock clock = {
	    .now_s = system_now_s,
	    .random = system_random,
	};

	return &clock;
}

int64_t
sg_clock_mono_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
sg_clock_mono_ms(void)
{
	return sg_clock_mono_us() / 1000;
}

struct timespec
sg_clock_timespec(int64_t ms)
{
	struct timespec at = {
	    .tv_sec = ms / 1000,
	    .tv_nsec = (ms % 1000) * 1000000L,
	};

	return at;
}

enum sg_rc
sg_clock_uuid4(const struct sg_clock *clock, char out_uuid[SG_UUID_SIZE],
    struct sg_err *err)
{
	uint8_t b[16];
	enum sg_rc rc;

	rc = clock->random(clock->ctx, b, sizeof(b), err);
	if (rc != SG_OK)
		return rc;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* version 4 */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); /* variant of RFC 9562 */
	(void)snprintf(out_uuid, SG_UUID_SIZE,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
	return SG_OK;
}

/* Read exactly count digits; NULL when there are fewer. */
static const char *
read_digits(const char *text, size_t count, int *out)
{
	int value = 0;
	size_t i;

	if (text == NULL)
		return NULL;
	for (i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return NULL;
		value = value * 10 + (text[i] - '0');
	}
	*out = value;
	return text + count;
}

static const char *
read_mark(const char *text, const char *marks)
{
	if (text == NULL || *text == '\0' || strchr(marks, *text) == NULL)
		return NULL;
	return text + 1;
}

static const char *
read_offset(const char *text, int *out_s)
{
	int hours = 0;
	int minutes = 0;
	int sign;

	*out_s = 0;
	if (text == NULL)
		return NULL;
	if (*text == 'Z' || *text == 'z')
		return text + 1;
	sign = *text == '-' ? -1 : 1;
	text = read_mark(text, "+-");
	text = read_digits(text, 2, &hours);
	text = read_mark(text, ":");
	text = read_digits(text, 2, &minutes);
	if (text == NULL || hours > 23 || minutes > 59)
		return NULL;
	*out_s = sign * (hours * 3600 + minutes * 60);
	return text;
}

static const char *
skip_fraction(const char *text)
{
	if (text == NULL || *text != '.')
		return text;
	text++;
	if (*text < '0' || *text > '9')
		return NULL;
	return text + strspn(text, "0123456789");
}

/* timegm() normalises 31 June to 1 July; a real date comes back unchanged. */
static bool
date_exists(const struct tm *asked, time_t got)
{
	struct tm back;

	return gmtime_r(&got, &back) != NULL && back.tm_mon == asked->tm_mon &&
	       back.tm_mday == asked->tm_mday &&
	       back.tm_hour == asked->tm_hour && back.tm_min == asked->tm_min &&
	       back.tm_sec == asked->tm_sec;
}

enum sg_rc
sg_time_parse(const char *text, int64_t *out_s, struct sg_err *err)
{
	struct tm tm = {0};
	struct tm asked;
	const char *p = text;
	int offset_s;
	time_t when;

	p = read_digits(p, 4, &tm.tm_year);
	p = read_mark(p, "-");
	p = read_digits(p, 2, &tm.tm_mon);
	p = read_mark(p, "-");
	p = read_digits(p, 2, &tm.tm_mday);
	p = read_mark(p, "Tt");
	p = read_digits(p, 2, &tm.tm_hour);
	p = read_mark(p, ":");
	p = read_digits(p, 2, &tm.tm_min);
	p = read_mark(p, ":");
	p = read_digits(p, 2, &tm.tm_sec);
	p = skip_fraction(p);
	p = read_offset(p, &offset_s);
	if (p == NULL || *p != '\0')
		return sg_fail(err, SG_E_INVALID,
		    "\"%s\" is not a time like 2026-06-15T14:04:40Z", text);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	asked = tm;
	when = timegm(&tm);
	if (!date_exists(&asked, when))
		return sg_fail(
		    err, SG_E_INVALID, "\"%s\" is a time that is not", text);
	*out_s = (int64_t)when - offset_s;
	return SG_OK;
}

void
sg_time_format(int64_t time_s, char out_text[SG_TIME_SIZE])
{
	time_t when = (time_t)time_s;
	struct tm tm = {0};

	out_text[0] = '\0';
	if (gmtime_r(&when, &tm) == NULL || tm.tm_year < 0 - 1900 ||
	    tm.tm_year > 9999 - 1900)
		return;
	/* strftime() writes years before 1000 with fewer than four digits. */
	(void)snprintf(out_text, SG_TIME_SIZE, "%04d", tm.tm_year + 1900);
	(void)strftime(out_text + 4, SG_TIME_SIZE - 4, "-%m-%dT%H:%M:%SZ", &tm);
}

enum sg_rc
sg_duration_parse(const char *text, int64_t *out_s, struct sg_err *err)
{
	long long value;
	long long unit = 1;
	char *end = NULL;

	if (text[0] < '0' || text[0] > '9')
		return sg_fail(err, SG_E_USAGE,
		    "\"%s\" is not a duration; write 30s, 5m or 2h", text);
	value = strtoll(text, &end, 10);
	if (strcmp(end, "m") == 0)
		unit = 60;
	else if (strcmp(end, "h") == 0)
		unit = 3600;
	else if (strcmp(end, "s") != 0 && *end != '\0')
		return sg_fail(err, SG_E_USAGE,
		    "\"%s\" is not a duration; write 30s, 5m or 2h", text);
	if (value > MAX_DURATION_S / unit)
		return sg_fail(
		    err, SG_E_USAGE, "the duration \"%s\" is too long", text);
	*out_s = (int64_t)(value * unit);
	return SG_OK;
}
