/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/points.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

const char *
sg_result_name(enum sg_result result)
{
	static const char *const names[SG_RESULT_COUNT] = {
	    [SG_RESULT_PASS] = "pass",
	    [SG_RESULT_WARN] = "warn",
	    [SG_RESULT_UNKNOWN] = "unknown",
	    [SG_RESULT_FAIL] = "fail",
	};

	return names[result];
}

/* NULL when out of memory. */
static char *SG_PRINTF(1, 0) print(const char *format, va_list args)
{
	char *text = NULL;

	return vasprintf(&text, format, args) >= 0 ? text : NULL;
}

void
sg_points_add(struct sg_points *points, const char *name, enum sg_result result,
    const char *format, ...)
{
	struct sg_point *items;
	va_list args;
	char *found;

	items = realloc(points->items, (points->count + 1) * sizeof(*items));
	if (items != NULL)
		points->items = items;
	va_start(args, format);
	found = items != NULL ? print(format, args) : NULL;
	va_end(args);
	if (found == NULL) {
		points->out_of_memory = true;
		return;
	}
	points->items[points->count++] =
	    (struct sg_point){.name = name, .result = result, .found = found};
}

void
sg_points_fix(struct sg_points *points, const char *format, ...)
{
	struct sg_point *last;
	va_list args;

	if (points->out_of_memory || points->count == 0)
		return;
	last = &points->items[points->count - 1];
	sg_str_free(&last->fix);
	va_start(args, format);
	last->fix = print(format, args);
	va_end(args);
	points->out_of_memory = last->fix == NULL;
}

size_t
sg_points_tally(const struct sg_points *points, enum sg_result result)
{
	size_t tally = 0;
	size_t i;

	for (i = 0; i < points->count; i++)
		if (points->items[i].result == result)
			tally++;
	return tally;
}

void
sg_points_add_names(
    const struct sg_points *points, enum sg_result result, struct sg_buf *out)
{
	const char *before = "";
	size_t i;

	for (i = 0; i < points->count; i++) {
		if (points->items[i].result != result)
			continue;
		sg_buf_addf(out, "%s%s", before, points->items[i].name);
		before = ", ";
	}
}

enum sg_rc
sg_points_check(const struct sg_points *points, struct sg_err *err)
{
	return points->out_of_memory ? sg_fail_nomem(err) : SG_OK;
}

void
sg_points_clear(struct sg_points *points)
{
	size_t i;

	for (i = 0; i < points->count; i++) {
		sg_str_free(&points->items[i].found);
		sg_str_free(&points->items[i].fix);
	}
	free(points->items);
	memset(points, 0, sizeof(*points));
}
