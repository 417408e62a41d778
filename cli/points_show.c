/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/points_show.h"

#include "base/buf.h"
#include "cli/app.h"
#include "client/check/points.h"

static enum sg_result
worst_of(const struct sg_points *points)
{
	int result;

	for (result = SG_RESULT_FAIL; result > SG_RESULT_PASS; result--)
		if (sg_points_tally(points, (enum sg_result)result) > 0)
			break;
	return (enum sg_result)result;
}

static void
write_point(struct sg_jsonw *w, const struct sg_point *point)
{
	sg_jsonw_object(w, NULL);
	sg_jsonw_str(w, "name", point->name);
	sg_jsonw_str(w, "result", sg_result_name(point->result));
	sg_jsonw_str(w, "found", point->found);
	sg_jsonw_str(w, "fix", point->fix);
	sg_jsonw_object_end(w);
}

static void
print_point(struct app *app, const struct sg_point *point)
{
	sg_buf_addf(app->out, "%-8s %-16s ",
	    point->result == SG_RESULT_FAIL ? "FAIL"
					    : sg_result_name(point->result),
	    point->name);
	app_text(app, point->found);
	sg_buf_add_byte(app->out, '\n');
	if (point->fix == NULL)
		return;
	sg_buf_addf(app->out, "%-8s %-16s ", "", "  fix:");
	app_text(app, point->fix);
	sg_buf_add_byte(app->out, '\n');
}

void
points_show(struct app *app, const struct sg_points *points)
{
	size_t i;

	if (!app_json(app)) {
		for (i = 0; i < points->count; i++)
			print_point(app, &points->items[i]);
		return;
	}
	sg_jsonw_str(&app->json, "result", sg_result_name(worst_of(points)));
	sg_jsonw_array(&app->json, "points");
	for (i = 0; i < points->count; i++)
		write_point(&app->json, &points->items[i]);
	sg_jsonw_array_end(&app->json);
}
