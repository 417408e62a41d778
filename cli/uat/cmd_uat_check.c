/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/points_show.h"
#include "cli/uat/preflight_facts.h"
#include "client/check/points.h"
#include "client/uat/uat_config.h"

#define NAMES_MAX 1024

static enum sg_rc
show(struct app *app, const struct sg_preflight *facts,
    const struct sg_points *points, struct sg_err *err)
{
	if (!app_json(app)) {
		points_show(app, points);
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_str(&app->json, "configId",
	    facts->config != NULL ? facts->config->config_id : NULL);
	points_show(app, points);
	return app_json_end(app, err);
}

static enum sg_rc
tell(const struct sg_points *points, enum sg_result result, enum sg_rc rc,
    const char *what, struct sg_err *err)
{
	SG_AUTO(sg_buf) names = sg_buf_new(NAMES_MAX);

	sg_points_add_names(points, result, names);
	return sg_fail(err, rc, "%s: %s", what, sg_buf_str(names));
}

/* Only what is known to be right passes. */
static enum sg_rc
judge(const struct sg_points *points, struct sg_err *err)
{
	if (sg_points_tally(points, SG_RESULT_FAIL) > 0)
		return tell(points, SG_RESULT_FAIL, SG_E_POLICY,
		    "the check fails", err);
	if (sg_points_tally(points, SG_RESULT_UNKNOWN) > 0)
		return tell(points, SG_RESULT_UNKNOWN, SG_E_INVALID,
		    "nothing fails, but this could not be learnt", err);
	return SG_OK;
}

static enum sg_rc
check(struct app *app, struct preflight_facts *facts, struct sg_points *points,
    struct sg_err *err)
{
	enum sg_rc rc;

	rc = preflight_facts_gather(app, facts, err);
	if (rc != SG_OK)
		return rc;
	sg_preflight_judge(&facts->facts, points);
	rc = sg_points_check(points, err);
	if (rc == SG_OK)
		rc = show(app, &facts->facts, points, err);
	if (rc != SG_OK)
		return rc;
	app->out_stands = true;
	return judge(points, err);
}

enum sg_rc
cmd_uat_check(struct app *app, struct sg_err *err)
{
	struct preflight_facts facts = {0};
	struct sg_points points = {0};
	enum sg_rc rc;

	rc = check(app, &facts, &points, err);
	sg_points_clear(&points);
	preflight_facts_clear(&facts);
	return rc;
}
