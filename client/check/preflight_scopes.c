/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight_parts.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "client/uat/uat_config.h"
#include "signer/scope.h"

/* Scopes that are named in one text; of more, the number is told. */
#define SHOWN_MAX     10
#define SHOWN_LEN_MAX 1536

/* The scopes that some test holds true of. */
typedef bool test_fn(const char *scope, const struct sg_preflight *facts);

static size_t
count_of(const struct sg_preflight *facts, test_fn *test, struct sg_buf *names)
{
	const struct sg_list *scopes = facts->scopes;
	size_t count = 0;
	size_t i;

	for (i = 0; i < scopes->count; i++) {
		if (!test(scopes->items[i], facts))
			continue;
		if (count++ < SHOWN_MAX)
			sg_buf_addf(names, "%s%s", count > 1 ? ", " : "",
			    scopes->items[i]);
	}
	if (count > SHOWN_MAX)
		sg_buf_addf(names, " and %zu more", count - SHOWN_MAX);
	return count;
}

static bool
is_malformed(const char *scope, const struct sg_preflight *facts)
{
	(void)facts;
	return sg_scope_check(scope, NULL) != SG_OK;
}

static bool
is_wildcard(const char *scope, const struct sg_preflight *facts)
{
	return !is_malformed(scope, facts) && sg_text_ends(scope, ":*");
}

/* Does a wildcard that the configuration lists stand for this scope? */
static bool
is_covered(const char *scope, const struct sg_list *listed)
{
	const char *action = strrchr(scope, ':');
	size_t i;

	for (i = 0; i < listed->count; i++) {
		const char *item = listed->items[i];

		if (sg_text_ends(item, ":*") &&
		    strlen(item) == (size_t)(action - scope) + 2 &&
		    strncmp(item, scope, (size_t)(action - scope) + 1) == 0)
			return true;
	}
	return false;
}

static bool
is_not_listed(const char *scope, const struct sg_preflight *facts)
{
	const struct sg_list *listed = &facts->config->scopes;

	return !is_malformed(scope, facts) && !is_wildcard(scope, facts) &&
	       !sg_list_has(listed, scope) && !is_covered(scope, listed);
}

/* Whether a wildcard of the configuration stands for it is not established. */
static bool
is_only_covered(const char *scope, const struct sg_preflight *facts)
{
	const struct sg_list *listed = &facts->config->scopes;

	return !is_malformed(scope, facts) && !is_wildcard(scope, facts) &&
	       !sg_list_has(listed, scope) && is_covered(scope, listed);
}

static bool
is_wildcard_not_listed(const char *scope, const struct sg_preflight *facts)
{
	return is_wildcard(scope, facts) &&
	       !sg_list_has(&facts->config->scopes, scope);
}

/* What the configuration lists, the service itself took for a scope. */
static bool
is_undocumented(const char *scope, const struct sg_preflight *facts)
{
	return !is_malformed(scope, facts) && !sg_scope_is_known(scope) &&
	       (facts->config == NULL ||
		   !sg_list_has(&facts->config->scopes, scope));
}

/* A sign-in that worked settles what is not established. */
static bool
was_taken(const struct sg_preflight *facts)
{
	return (facts->tcm_err != NULL && facts->tcm_err->rc == SG_OK) ||
	       (facts->site_err != NULL && facts->site_err->rc == SG_OK);
}

static void
judge_grammar(const struct sg_preflight *facts, struct sg_points *points)
{
	SG_AUTO(sg_buf) names = sg_buf_new(SHOWN_LEN_MAX);

	if (facts->scope_setting.problem != NULL) {
		sg_points_add(points, "scope-grammar", SG_RESULT_FAIL, "%s",
		    facts->scope_setting.problem);
		sg_points_fix(points, "set SIGNET_SCOPES, or give --scope");
	} else if (facts->scopes->count == 0) {
		sg_points_add(points, "scope-grammar", SG_RESULT_FAIL,
		    "the JWT asks for no scope, and must for one at least");
		sg_points_fix(points, "set SIGNET_SCOPES, or give --scope");
	} else if (count_of(facts, is_malformed, names) > 0) {
		sg_points_add(points, "scope-grammar", SG_RESULT_FAIL,
		    "no scope of the form tableau:RESOURCE:ACTION: %s",
		    sg_buf_str(names));
		sg_points_fix(points,
		    "correct it in SIGNET_SCOPES or --scope; only the whole "
		    "ACTION may be *");
	} else {
		sg_points_add(points, "scope-grammar", SG_RESULT_PASS,
		    "%zu well-formed", facts->scopes->count);
	}
}

static void
judge_names(const struct sg_preflight *facts, struct sg_points *points)
{
	SG_AUTO(sg_buf) names = sg_buf_new(SHOWN_LEN_MAX);
	const char *nearest = NULL;
	size_t i;

	if (count_of(facts, is_undocumented, names) == 0)
		return;
	for (i = 0; nearest == NULL && i < facts->scopes->count; i++)
		if (is_undocumented(facts->scopes->items[i], facts))
			nearest = sg_scope_nearest(facts->scopes->items[i]);
	sg_points_add(points, "scope-names",
	    was_taken(facts) ? SG_RESULT_PASS : SG_RESULT_UNKNOWN,
	    "not documented: %s%s", sg_buf_str(names),
	    was_taken(facts) ? "; taken at a sign-in" : "");
	if (was_taken(facts))
		return;
	if (nearest != NULL)
		sg_points_fix(points,
		    "did you mean %s? Else see whether it is taken: --online",
		    nearest);
	else
		sg_points_fix(points, "see whether it is taken: --online");
}

static void
judge_subset(const struct sg_preflight *facts, struct sg_points *points)
{
	SG_AUTO(sg_buf) names = sg_buf_new(SHOWN_LEN_MAX);
	const struct sg_uat_config *config = facts->config;

	if (config->scopes.count == 0) {
		sg_points_add(points, "scopes", SG_RESULT_PASS,
		    "the configuration lists none, so any may be asked for");
	} else if (count_of(facts, is_not_listed, names) > 0) {
		sg_points_add(points, "scopes", SG_RESULT_FAIL,
		    "not in the configuration: %s", sg_buf_str(names));
		sg_points_fix(points,
		    "ask for less, or list all that is wanted: signet uat "
		    "update %s --scope ...",
		    sg_preflight_handle(config));
	} else if (count_of(facts, is_only_covered, names) > 0 &&
		   !was_taken(facts)) {
		sg_points_add(points, "scopes", SG_RESULT_UNKNOWN,
		    "the configuration lists only a wildcard for: %s",
		    sg_buf_str(names));
		sg_points_fix(points, "see whether it is taken: --online");
	} else {
		sg_points_add(points, "scopes", SG_RESULT_PASS,
		    "all are within the %zu of the configuration",
		    config->scopes.count);
	}
}

/* Seen live: a wildcard against explicit scopes is rejected. */
static void
judge_wildcards(const struct sg_preflight *facts, struct sg_points *points)
{
	SG_AUTO(sg_buf) names = sg_buf_new(SHOWN_LEN_MAX);

	if (count_of(facts, is_wildcard, names) == 0)
		return;
	sg_buf_reset(names);
	if (facts->config->scopes.count > 0 &&
	    count_of(facts, is_wildcard_not_listed, names) > 0) {
		sg_points_add(points, "wildcards", SG_RESULT_FAIL,
		    "the configuration lists its scopes, and then a JWT may "
		    "not ask for: %s",
		    sg_buf_str(names));
		sg_points_fix(points,
		    "ask for the scopes one by one, with --scope or in "
		    "SIGNET_SCOPES");
	} else if (was_taken(facts)) {
		sg_points_add(
		    points, "wildcards", SG_RESULT_PASS, "taken at a sign-in");
	} else {
		sg_points_add(points, "wildcards", SG_RESULT_UNKNOWN,
		    "whether Tableau takes a wildcard here is not established");
		sg_points_fix(points,
		    "see whether it is taken: --online; else ask for the "
		    "scopes one by one");
	}
}

void
sg_preflight_scopes_judge(
    const struct sg_preflight *facts, struct sg_points *points)
{
	judge_grammar(facts, points);
	judge_names(facts, points);
	if (facts->config == NULL) {
		sg_preflight_no_config(points, "scopes");
		return;
	}
	judge_subset(facts, points);
	judge_wildcards(facts, points);
}
