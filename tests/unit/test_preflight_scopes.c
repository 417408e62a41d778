/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight_parts.h"

#include "fake_preflight.h"

static struct scene *
judged(struct scene *s, const char *asked, const char *listed)
{
	sg_points_clear(&s->points);
	set_list(&s->scopes, asked);
	set_list(&s->config.scopes, listed);
	sg_preflight_scopes_judge(&s->facts, &s->points);
	return s;
}

#define CONTENT "tableau:content:read"
#define USERS	"tableau:users:read"

static void
scopes_are_held_against_the_configuration(void **state)
{
	static const struct {
		const char *asked;
		const char *listed;
		const char *point; /* the only one that is not passed */
		enum sg_result result;
		const char *said;
	} rows[] = {
	    {CONTENT, CONTENT " " USERS, "", SG_RESULT_PASS, NULL},
	    {CONTENT, "", "", SG_RESULT_PASS, NULL},
	    {CONTENT " " USERS, CONTENT, "scopes", SG_RESULT_FAIL, USERS},
	    {"tableau:users:*", USERS, "wildcards", SG_RESULT_FAIL,
		"tableau:users:*"},
	    {"tableau:users:*", "", "wildcards", SG_RESULT_UNKNOWN, NULL},
	    {"tableau:users:*", "tableau:users:*", "wildcards",
		SG_RESULT_UNKNOWN, NULL},
	    {USERS, "tableau:users:*", "scopes", SG_RESULT_UNKNOWN, USERS},
	    {USERS, "tableau:user:*", "scopes", SG_RESULT_FAIL, USERS},
	    {"", CONTENT, "scope-grammar", SG_RESULT_FAIL, "no scope"},
	    {"tableau:*", CONTENT, "scope-grammar", SG_RESULT_FAIL,
		"tableau:*"},
	    {"tableau:contents:read", "tableau:contents:read", "",
		SG_RESULT_PASS, NULL},
	    {"tableau:contents:read", "", "scope-names", SG_RESULT_UNKNOWN,
		"tableau:contents:read"},
	};
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		judged(s, rows[i].asked, rows[i].listed);
		assert_alone(s, rows[i].point);
		if (rows[i].result == SG_RESULT_PASS)
			continue;
		assert_has(found_by(s, rows[i].point, rows[i].result),
		    rows[i].said != NULL ? rows[i].said : "");
	}
}

static void
a_sign_in_settles_what_is_not_established(void **state)
{
	struct scene *s = *state;

	s->facts.site_err = &s->good;
	assert_alone(judged(s, "tableau:users:*", ""), "");
	assert_alone(judged(s, USERS, "tableau:users:*"), "");
	assert_alone(judged(s, "tableau:contents:read", ""), "");
	(void)found_by(
	    judged(s, "tableau:users:*", USERS), "wildcards", SG_RESULT_FAIL);
}

static void
of_many_the_first_are_named_and_the_rest_counted(void **state)
{
	SG_AUTO(sg_buf) asked = sg_buf_new(64 * 1024);
	struct scene *s = *state;
	const char *found;
	int i;

	for (i = 0; i < 200; i++)
		sg_buf_addf(asked, "tableau:made_up_%d:read ", i);
	judged(s, sg_buf_str(asked), CONTENT);
	found = found_by(s, "scopes", SG_RESULT_FAIL);
	assert_has(found, "made_up_9:");
	assert_has_not(found, "made_up_10:");
	assert_has(found, "and 190 more");
}

static void
without_a_configuration_the_rest_is_judged(void **state)
{
	struct scene *s = *state;

	s->facts.config = NULL;
	judged(s, CONTENT, "");
	(void)found_by(s, "scope-grammar", SG_RESULT_PASS);
	assert_alone(s, "scopes");
	s->facts.scope_setting.problem = "is a placeholder";
	judged(s, "", "");
	assert_has(found_by(s, "scope-grammar", SG_RESULT_FAIL), "placeholder");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(scopes_are_held_against_the_configuration),
	    SCENE(a_sign_in_settles_what_is_not_established),
	    SCENE(of_many_the_first_are_named_and_the_rest_counted),
	    SCENE(without_a_configuration_the_rest_is_judged),
	};

	return cmocka_run_group_tests_name(
	    "preflight_scopes", tests, NULL, NULL);
}
