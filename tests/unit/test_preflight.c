/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight.h"

#include "fake_preflight.h"

#include "pkcs11/policy.h"

static struct scene *
judged(struct scene *s)
{
	sg_points_clear(&s->points);
	sg_preflight_judge(&s->facts, &s->points);
	assert_int_equal(sg_points_check(&s->points, NULL), SG_OK);
	return s;
}

static void
all_is_well_when_nothing_is_wrong(void **state)
{
	struct scene *s = judged(*state);

	assert_true(s->points.count >= 18);
	assert_int_equal(
	    sg_points_tally(&s->points, SG_RESULT_PASS), s->points.count);
	assert_null(point_of(s, "sign-in-tcm"));
	assert_null(point_of(s, "same-issuer"));
}

static void
a_key_that_is_not_had_is_a_fault_or_unknown(void **state)
{
	static const struct {
		enum sg_rc rc;
		enum sg_result result;
	} rows[] = {
	    {SG_E_NOT_FOUND, SG_RESULT_FAIL},
	    {SG_E_MODULE, SG_RESULT_FAIL},
	    {SG_E_CONFIG, SG_RESULT_FAIL},
	    {SG_E_PIN_WRONG, SG_RESULT_FAIL},
	    {SG_E_PIN_MISSING, SG_RESULT_UNKNOWN},
	    {SG_E_PIN_WITHHELD, SG_RESULT_UNKNOWN},
	    {SG_E_TIMEOUT, SG_RESULT_UNKNOWN},
	};
	struct scene *s = *state;
	struct sg_err err;
	size_t i;

	s->facts.key = NULL;
	s->facts.key_info = NULL;
	for (i = 0; i < SG_COUNT(rows); i++) {
		err = (struct sg_err){.rc = rows[i].rc, .text = "no key"};
		s->facts.key_err = &err;
		s->facts.jwt_err = &err;
		judged(s);
		assert_string_equal(
		    found_by(s, "key", rows[i].result), "no key");
		assert_null(point_of(s, "policy"));
		assert_null(point_of(s, "jwt"));
		(void)found_by(s, "public-key", SG_RESULT_UNKNOWN);
	}
}

static void
a_broken_rule_is_a_fault_unless_it_is_allowed(void **state)
{
	struct scene *s = *state;
	struct sg_err err = {.rc = SG_E_POLICY, .text = "policy"};

	s->fake.info.facts[SG_KEY_NEVER_EXTRACTABLE] = SG_FACT_NO;
	s->facts.jwt_err = &err;
	judged(s);
	assert_has(found_by(s, "policy", SG_RESULT_FAIL), "extractable");
	assert_alone(s, "policy");
	s->facts.jwt_err = &s->good;
	s->facts.allowed = SG_RULE_BIT(SG_RULE_EXTRACTABLE);
	judged(s);
	assert_has(found_by(s, "policy", SG_RESULT_PASS), "allowed");
}

static void
a_jwt_that_cannot_be_made_is_told_once(void **state)
{
	struct scene *s = *state;
	struct sg_err err = {.rc = SG_E_USAGE, .text = "of 9000 bytes"};

	s->facts.jwt_err = &err;
	judged(s);
	assert_has(found_by(s, "jwt", SG_RESULT_FAIL), "9000");
	assert_alone(s, "jwt");
	s->facts.username.value = NULL;
	judged(s);
	assert_alone(s, "user");
}

static void
a_configuration_is_absent_or_unknown(void **state)
{
	struct scene *s = *state;
	struct sg_err err = {
	    .rc = SG_E_REFUSED, .native = 404, .text = "none of that name"};

	s->facts.config = NULL;
	s->facts.config_err = &err;
	judged(s);
	(void)found_by(s, "configuration", SG_RESULT_FAIL);
	assert_int_equal(sg_points_tally(&s->points, SG_RESULT_FAIL), 1);
	(void)found_by(s, "issuer", SG_RESULT_UNKNOWN);
	(void)found_by(s, "scopes", SG_RESULT_UNKNOWN);
	err.native = 401;
	judged(s);
	(void)found_by(s, "configuration", SG_RESULT_UNKNOWN);
	assert_int_equal(sg_points_tally(&s->points, SG_RESULT_FAIL), 0);
}

static void
a_disabled_configuration_is_a_fault(void **state)
{
	struct scene *s = *state;

	s->config.enabled = false;
	judged(s);
	(void)found_by(s, "enabled", SG_RESULT_FAIL);
	assert_has(point_of(s, "enabled")->fix, "enable " CONFIG_ID);
	assert_alone(s, "enabled");
}

static void
enabled_ones_of_one_issuer_are_told(void **state)
{
	struct scene *s = *state;
	struct sg_uat_config other = s->config;
	struct sg_uat_config *two[] = {&s->config, &other};

	s->configs = (struct sg_uat_configs){.items = two, .count = 2};
	judged(s);
	assert_has(point_of(s, "same-issuer")->found, CONFIG_ID ", " CONFIG_ID);
	assert_int_equal(point_of(s, "same-issuer")->result, SG_RESULT_WARN);
	other.enabled = false;
	assert_null(point_of(judged(s), "same-issuer"));
}

static void
a_clock_may_be_behind_but_hardly_ahead(void **state)
{
	static const struct {
		int64_t ahead_s;
		enum sg_result result;
		const char *said;
	} rows[] = {
	    {0, SG_RESULT_PASS, "0 s"},
	    {5, SG_RESULT_PASS, "5 s ahead"},
	    {6, SG_RESULT_FAIL, "6 s ahead"},
	    {-60, SG_RESULT_PASS, "60 s behind"},
	    {-61, SG_RESULT_FAIL, "61 s behind"},
	    {86400, SG_RESULT_FAIL, "86400 s ahead"},
	};
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		s->facts.ahead_s = rows[i].ahead_s;
		judged(s);
		assert_has(found_by(s, "clock", rows[i].result), rows[i].said);
		assert_alone(s, "clock");
	}
	s->facts.backdate_s = 30;
	s->facts.ahead_s = 35;
	(void)found_by(judged(s), "clock", SG_RESULT_PASS);
	s->facts.ahead_s = 36;
	(void)found_by(judged(s), "clock", SG_RESULT_FAIL);
	assert_has(point_of(s, "clock")->fix, "--backdate");
	s->facts.server_time_known = false;
	(void)found_by(judged(s), "clock", SG_RESULT_UNKNOWN);
}

static void
the_pod_is_judged_where_a_site_is_meant(void **state)
{
	struct scene *s = *state;
	struct sg_err old = {.rc = SG_E_REFUSED, .text = "it speaks 3.26"};
	struct sg_err lost = {.rc = SG_E_NETWORK, .text = "no answer"};

	s->facts.version_err = &old;
	assert_has(found_by(judged(s), "api-version", SG_RESULT_FAIL), "3.26");
	s->facts.version_err = &lost;
	(void)found_by(judged(s), "api-version", SG_RESULT_UNKNOWN);
	s->facts.version_err = NULL;
	(void)found_by(judged(s), "api-version", SG_RESULT_UNKNOWN);
	s->facts.site.value = NULL;
	assert_null(point_of(judged(s), "api-version"));
}

static void
a_sign_in_is_taken_refused_or_unknown(void **state)
{
	static const struct {
		enum sg_rc rc;
		enum sg_result result;
	} rows[] = {
	    {SG_OK, SG_RESULT_PASS},
	    {SG_E_SESSION, SG_RESULT_FAIL},
	    {SG_E_REFUSED, SG_RESULT_FAIL},
	    {SG_E_POLICY, SG_RESULT_FAIL}, /* another tenant answered */
	    {SG_E_NETWORK, SG_RESULT_UNKNOWN},
	    {SG_E_TIMEOUT, SG_RESULT_UNKNOWN},
	    {SG_E_CONFIG, SG_RESULT_UNKNOWN},
	};
	struct scene *s = *state;
	struct sg_err err = {0};
	size_t i;

	s->facts.tcm_err = &err;
	s->facts.site_err = &err;
	for (i = 0; i < SG_COUNT(rows); i++) {
		err = (struct sg_err){.rc = rows[i].rc, .text = "so"};
		judged(s);
		(void)found_by(s, "sign-in-tcm", rows[i].result);
		(void)found_by(s, "sign-in-site", rows[i].result);
	}
	/* Without a JWT our own policy kept it from being tried. */
	err.rc = SG_E_POLICY;
	s->facts.jwt_err = &err;
	(void)found_by(judged(s), "sign-in-tcm", SG_RESULT_UNKNOWN);
}

static void
what_is_meant_follows_from_scopes_and_site(void **state)
{
	struct scene *s = *state;

	assert_true(sg_preflight_means_tcm(&s->facts));
	assert_true(sg_preflight_means_site(&s->facts));
	set_list(&s->scopes, "tableau:content:read");
	assert_false(sg_preflight_means_tcm(&s->facts));
	s->facts.site.value = NULL;
	assert_true(sg_preflight_means_tcm(&s->facts));
	assert_false(sg_preflight_means_site(&s->facts));
	s->facts.site.problem = "a placeholder";
	assert_true(sg_preflight_means_site(&s->facts));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(all_is_well_when_nothing_is_wrong),
	    SCENE(a_key_that_is_not_had_is_a_fault_or_unknown),
	    SCENE(a_broken_rule_is_a_fault_unless_it_is_allowed),
	    SCENE(a_jwt_that_cannot_be_made_is_told_once),
	    SCENE(a_configuration_is_absent_or_unknown),
	    SCENE(a_disabled_configuration_is_a_fault),
	    SCENE(enabled_ones_of_one_issuer_are_told),
	    SCENE(a_clock_may_be_behind_but_hardly_ahead),
	    SCENE(the_pod_is_judged_where_a_site_is_meant),
	    SCENE(a_sign_in_is_taken_refused_or_unknown),
	    SCENE(what_is_meant_follows_from_scopes_and_site),
	};

	return cmocka_run_group_tests_name("preflight", tests, NULL, NULL);
}
