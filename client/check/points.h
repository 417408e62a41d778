/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_CHECK_POINTS_H
#define SG_CLIENT_CHECK_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/** What comes of one point of a check, from good to bad. */
enum sg_result {
	SG_RESULT_PASS,
	SG_RESULT_WARN,	   /* works, but see to it */
	SG_RESULT_UNKNOWN, /* could not be looked at */
	SG_RESULT_FAIL,
	SG_RESULT_COUNT,
};

/** One thing that was looked at. Borrowed from the list. */
struct sg_point {
	const char *name; /* a word for programs, never translated */
	enum sg_result result;
	char *found; /* a clause for people; may quote what a service sent */
	char *fix;   /* what to do about it; NULL: nothing */
};

/**
 * What a check found, point by point. Valid when zeroed.
 *
 * Adding never fails at the call: sg_points_check() tells.
 */
struct sg_points {
	struct sg_point *items;
	size_t count;
	bool out_of_memory;
};

/** Such as "pass"; never NULL. */
const char *sg_result_name(enum sg_result result);

/**
 * Add a point.
 *
 * @param name    Not copied.
 * @param format  Of what was found.
 */
void sg_points_add(struct sg_points *points, const char *name,
    enum sg_result result, const char *format, ...) SG_PRINTF(4, 5);

/** Say what to do about the point that was added last. */
void sg_points_fix(struct sg_points *points, const char *format, ...)
    SG_PRINTF(2, 3);

/** How many points came out like that. */
size_t sg_points_tally(const struct sg_points *points, enum sg_result result);

/** Append the names of the points that came out like that: "a, b". */
void sg_points_add_names(
    const struct sg_points *points, enum sg_result result, struct sg_buf *out);

/** SG_OK or SG_E_NOMEM: could every point be kept? */
enum sg_rc sg_points_check(const struct sg_points *points, struct sg_err *err)
    SG_WARN_UNUSED;

/** Release what the list owns; it can be used again. */
void sg_points_clear(struct sg_points *points);

#ifdef __cplusplus
}
#endif

#endif
