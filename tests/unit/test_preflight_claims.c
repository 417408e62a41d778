/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight_parts.h"

#include "base/json.h"
#include "fake_preflight.h"

static struct scene *
judged(struct scene *s)
{
	sg_points_clear(&s->points);
	sg_preflight_claims_judge(&s->facts, &s->points);
	return s;
}

static void
issuers_must_be_the_same_to_the_letter(void **state)
{
	static const struct {
		const char *ours;
		const char *theirs;
		const char *said; /* NULL: they are the same */
	} rows[] = {
	    {"https://a.b", "https://a.b", NULL},
	    {"https://a.b", "https://a.b/", "configuration's has a slash"},
	    {"https://a.b/", "https://a.b", "JWT's has a slash"},
	    {"https://A.b", "https://a.b", "upper and lower case"},
	    {"http://a.b", "https://a.b", "scheme"},
	    {"a.b", "https://a.b", "scheme"},
	    {"https://a.b", "a.b", "scheme"},
	    {"https://a.b", "https://a.c", "letter by letter"},
	    {"https://a.b", "", "letter by letter"},
	    {"https://a.b", " https://a.b", "blank"},
	};
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		s->facts.issuer.value = rows[i].ours;
		set_text(&s->config.issuer, rows[i].theirs);
		judged(s);
		if (rows[i].said == NULL)
			(void)found_by(s, "issuer", SG_RESULT_PASS);
		else
			assert_has(found_by(s, "issuer", SG_RESULT_FAIL),
			    rows[i].said);
		assert_alone(s, "issuer");
	}
	set_text(&s->config.issuer, NULL);
	(void)found_by(judged(s), "issuer", SG_RESULT_FAIL);
}

static void
a_setting_is_missing_or_unusable(void **state)
{
	struct scene *s = *state;
	const struct {
		const char *point;
		struct sg_preflight_text *text;
		const char *setting;
	} rows[] = {
	    {"user", &s->facts.username, "TABLEAU_CLOUD_USERNAME"},
	    {"issuer", &s->facts.issuer, "SIGNET_ISSUER"},
	    {"tenant", &s->facts.tenant_id, "CLOUD_MANAGER_TENANT_ID"},
	};
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_preflight_text was = *rows[i].text;

		*rows[i].text = (struct sg_preflight_text){0};
		judged(s);
		assert_has(found_by(s, rows[i].point, SG_RESULT_FAIL),
		    rows[i].setting);
		assert_alone(s, rows[i].point);
		rows[i].text->problem = "is a placeholder";
		judged(s);
		assert_has(found_by(s, rows[i].point, SG_RESULT_FAIL),
		    "is a placeholder");
		*rows[i].text = was;
	}
	s->facts.username_claim.problem = "is a placeholder";
	(void)found_by(judged(s), "username-claim", SG_RESULT_FAIL);
}

static void
the_tenant_is_that_of_all_who_speak_of_it(void **state)
{
	static const char other[] = "00000000-1111-4222-8333-944444444444";
	struct scene *s = *state;

	set_text(&s->config.tenant_id, other);
	assert_has(found_by(judged(s), "tenant", SG_RESULT_FAIL), other);
	assert_has(point_of(s, "tenant")->fix, other);
	set_text(&s->config.tenant_id, NULL);
	(void)found_by(judged(s), "tenant", SG_RESULT_PASS);
	s->facts.answering_tenant = other;
	assert_has(found_by(judged(s), "tenant", SG_RESULT_FAIL), "session");
	s->facts.answering_tenant = NULL;
	(void)found_by(judged(s), "tenant", SG_RESULT_UNKNOWN);
	s->facts.tenant_id.value = "mine";
	assert_has(found_by(judged(s), "tenant", SG_RESULT_FAIL), "UUID");
}

static void
the_user_claim_is_email_unless_it_is_set(void **state)
{
	struct scene *s = *state;

	(void)found_by(judged(s), "username-claim", SG_RESULT_PASS);
	s->facts.username_claim.value = "sub";
	assert_has(
	    found_by(judged(s), "username-claim", SG_RESULT_FAIL), "\"sub\"");
	set_text(&s->config.username_claim, "sub");
	(void)found_by(judged(s), "username-claim", SG_RESULT_PASS);
	set_text(&s->config.username_claim, NULL);
	(void)found_by(judged(s), "username-claim", SG_RESULT_FAIL);
}

/* Whatever put it there: --claim does, beside the claim of the settings. */
static void
the_user_is_where_the_jwt_has_it(void **state)
{
	static const struct {
		const char *claims;
		enum sg_result result;
	} rows[] = {
	    {"{\"email\":\"ann\",\"x\":\"bob\"}", SG_RESULT_PASS},
	    {"{\"email\":\"ann\",\"x\":7}", SG_RESULT_UNKNOWN},
	    {"{\"email\":\"ann\",\"x\":\"\"}", SG_RESULT_UNKNOWN},
	    {"{\"email\":\"ann\"}", SG_RESULT_FAIL},
	};
	struct scene *s = *state;
	size_t i;

	set_text(&s->config.username_claim, "x");
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_json) claims = NULL;

		assert_int_equal(sg_json_parse(rows[i].claims,
				     strlen(rows[i].claims), &claims, NULL),
		    SG_OK);
		s->facts.claims = claims;
		(void)found_by(judged(s), "username-claim", rows[i].result);
		assert_has(found_by(s, "user", SG_RESULT_PASS),
		    i == 0 ? "named: bob;" : "named: ");
		s->facts.claims = NULL;
	}
}

static void
the_user_is_named_and_no_more_until_it_was_tried(void **state)
{
	struct scene *s = *state;

	assert_string_equal(found_by(judged(s), "user", SG_RESULT_PASS),
	    "named: ann@example.com; whether the service knows the user shows "
	    "only --online");
	s->facts.site_err = &s->good;
	assert_string_equal(found_by(judged(s), "user", SG_RESULT_PASS),
	    "named: ann@example.com");
}

static void
the_lifetime_is_told(void **state)
{
	struct scene *s = *state;

	assert_string_equal(
	    found_by(judged(s), "lifetime", SG_RESULT_PASS), "300 s");
	s->facts.lifetime.value = "90s";
	assert_string_equal(
	    found_by(judged(s), "lifetime", SG_RESULT_PASS), "90s");
	s->facts.lifetime.problem = "too long";
	(void)found_by(judged(s), "lifetime", SG_RESULT_FAIL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(issuers_must_be_the_same_to_the_letter),
	    SCENE(a_setting_is_missing_or_unusable),
	    SCENE(the_tenant_is_that_of_all_who_speak_of_it),
	    SCENE(the_user_claim_is_email_unless_it_is_set),
	    SCENE(the_user_is_where_the_jwt_has_it),
	    SCENE(the_user_is_named_and_no_more_until_it_was_tried),
	    SCENE(the_lifetime_is_told),
	};

	return cmocka_run_group_tests_name(
	    "preflight_claims", tests, NULL, NULL);
}
