/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_CLOCK_H
#define SG_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Length of a UUID as text with its NUL. */
#define SG_UUID_SIZE 37

/** Length of sg_time_format()'s text with its NUL. */
#define SG_TIME_SIZE 24

/** Where time and randomness come from: functions, so that tests can fix it. */
struct sg_clock {
	/** Seconds since 1970 UTC. */
	int64_t (*now_s)(void *ctx);
	/** Fill @p out with @p len unpredictable bytes. */
	enum sg_rc (*random)(
	    void *ctx, uint8_t *out, size_t len, struct sg_err *err);
	void *ctx;
};

/** The system's clock and OpenSSL's generator. Any thread. */
const struct sg_clock *sg_clock_system(void);

/** Milliseconds, or microseconds, that only go forward: for measuring and
 * deadlines. */
int64_t sg_clock_mono_ms(void);
int64_t sg_clock_mono_us(void);

/** A duration, or a time of sg_clock_mono_ms(), as the system takes it. */
struct timespec sg_clock_timespec(int64_t ms);

/** A random UUID (version 4) in lower case. RFC 9562 §5.4. */
enum sg_rc sg_clock_uuid4(const struct sg_clock *clock,
    char out_uuid[SG_UUID_SIZE], struct sg_err *err) SG_WARN_UNUSED;

/**
 * Read an RFC 3339 time such as 2026-06-15T14:04:40.189844552Z.
 *
 * Fractions are dropped. Only existing dates are taken; an offset is applied.
 *
 * @return SG_OK or SG_E_INVALID.
 */
enum sg_rc sg_time_parse(const char *text, int64_t *out_s, struct sg_err *err)
    SG_WARN_UNUSED;

/** Write a time as RFC 3339 in UTC, whole seconds: 2026-06-15T14:04:40Z. */
void sg_time_format(int64_t time_s, char out_text[SG_TIME_SIZE]);

/**
 * Read a duration: a whole number with s, m or h behind it; none means s.
 *
 * @return SG_OK or SG_E_USAGE.
 */
enum sg_rc sg_duration_parse(
    const char *text, int64_t *out_s, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
