/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/preflight_config.h"

#include "fake_cloud.h"

#include "cli/uat/preflight_facts.h"
#include "client/uat/uat_config.h"

/* As preflight_facts_gather() leaves them before the configuration. */
static void
learn_first(struct bench *b, struct preflight_facts *facts, bool has_jwt)
{
	memset(facts, 0, sizeof(*facts));
	facts->facts.issuer.value = ISSUER;
	facts->facts.key_err = &facts->key_err;
	facts->facts.jwt_err = &facts->jwt_err;
	if (!has_jwt)
		facts->jwt_err.rc = SG_E_USAGE;
	(void)b;
}

static void
the_pat_comes_first_and_its_session_is_ended(void **state)
{
	static const struct step steps[] = {SIGN_IN("pat", 200, TENANT),
	    LIST("[" SHOWN(CONFIG_ID, ISSUER) "]"), SIGN_OUT};
	struct bench *b = *state;
	struct preflight_facts facts;
	struct fake_key key;

	PLAY(b, steps);
	CHECK(b, &key, "--quiet");
	learn_first(b, &facts, true);
	assert_ok(b, preflight_config_learn(&b->app, &facts, &b->err));
	assert_played(b);
	assert_string_equal(facts.facts.config->config_id, CONFIG_ID);
	assert_string_equal(facts.facts.answering_tenant, TENANT);
	assert_int_not_equal(access(".cache", F_OK), 0);
	preflight_facts_clear(&facts);
	bench_close(b);
}

static void
another_tenant_may_answer(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN("pat", 200, "00000000-1111-4222-8333-944444444444"),
	    LIST("[" SHOWN(CONFIG_ID, ISSUER) "]"), SIGN_OUT};
	struct bench *b = *state;
	struct preflight_facts facts;

	PLAY(b, steps);
	CHECK(b, NULL, "--pat");
	learn_first(b, &facts, false);
	assert_ok(b, preflight_config_learn(&b->app, &facts, &b->err));
	assert_played(b);
	assert_string_equal(facts.facts.answering_tenant,
	    "00000000-1111-4222-8333-944444444444");
	preflight_facts_clear(&facts);
}

static void
where_the_pat_fails_a_jwt_is_tried(void **state)
{
	static const struct step steps[] = {SIGN_IN("pat", 401, TENANT),
	    SIGN_IN("jwt", 200, TENANT), LIST("[" SHOWN(CONFIG_ID, ISSUER) "]"),
	    SIGN_OUT};
	static const struct step neither[] = {
	    SIGN_IN("pat", 401, TENANT), SIGN_IN("jwt", 401, TENANT)};
	struct bench *b = *state;
	struct preflight_facts facts;
	struct fake_key key;

	PLAY(b, steps);
	CHECK(b, &key, "--quiet");
	learn_first(b, &facts, true);
	assert_ok(b, preflight_config_learn(&b->app, &facts, &b->err));
	assert_played(b);
	assert_non_null(facts.facts.config);
	preflight_facts_clear(&facts);
	PLAY(b, neither);
	CHECK(b, &key, "--quiet");
	learn_first(b, &facts, true);
	assert_ok(b, preflight_config_learn(&b->app, &facts, &b->err));
	assert_played(b);
	assert_null(facts.facts.config);
	assert_has(facts.config_err.text, "with the PAT");
	assert_has(facts.config_err.text, "with a JWT");
	preflight_facts_clear(&facts);
	bench_close(b);
}

static void
a_broken_jwt_is_not_sent(void **state)
{
	static const struct step steps[] = {SIGN_IN("pat", 401, TENANT)};
	struct bench *b = *state;
	struct preflight_facts facts;
	struct fake_key key;

	PLAY(b, steps);
	CHECK(b, &key, "--quiet");
	learn_first(b, &facts, false);
	assert_ok(b, preflight_config_learn(&b->app, &facts, &b->err));
	assert_played(b);
	assert_int_equal(facts.config_err.rc, SG_E_SESSION);
	preflight_facts_clear(&facts);
	PLAY_NOTHING(b);
	CHECK(b, &key, "--jwt");
	learn_first(b, &facts, false);
	assert_ok(b, preflight_config_learn(&b->app, &facts, &b->err));
	assert_int_equal(facts.config_err.rc, SG_E_CONFIG);
	preflight_facts_clear(&facts);
	bench_close(b);
}

/* A list may be a page of many, and may leave things out. */
static void
what_the_list_leaves_out_is_asked_for(void **state)
{
	static const struct step absent[] = {SIGN_IN("pat", 200, TENANT),
	    LIST("[]"),
	    {
		.method = "GET",
		.url = CONFIGS "/" CONFIG_ID,
		.header = "x-tableau-session-token",
		.auth = "t0ken",
		.status = 200,
		.reply = SHOWN(CONFIG_ID, ISSUER),
	    },
	    SIGN_OUT};
	static const struct step thin[] = {SIGN_IN("pat", 200, TENANT),
	    LIST("[{\"configId\":\"" CONFIG_ID "\",\"name\":\"n\"}]"),
	    {
		.method = "GET",
		.url = CONFIGS "/" CONFIG_ID,
		.header = "x-tableau-session-token",
		.auth = "t0ken",
		.status = 200,
		.reply = SHOWN(CONFIG_ID, ISSUER),
	    },
	    SIGN_OUT};
	struct bench *b = *state;
	struct preflight_facts facts;

	PLAY(b, absent);
	CHECK(b, NULL, CONFIG_ID, "--pat");
	learn_first(b, &facts, false);
	assert_ok(b, preflight_config_learn(&b->app, &facts, &b->err));
	assert_played(b);
	assert_non_null(facts.facts.config->jwks_uri);
	preflight_facts_clear(&facts);
	PLAY(b, thin);
	CHECK(b, NULL, "n", "--pat");
	learn_first(b, &facts, false);
	assert_ok(b, preflight_config_learn(&b->app, &facts, &b->err));
	assert_played(b);
	assert_non_null(facts.facts.config->jwks_uri);
	preflight_facts_clear(&facts);
}

#define SITES(code, answer) \
	{ \
		.method = "GET", \
		.url = TCM "/api/v1/tenants/" TENANT \
			   "/sites?maxResults=100&pageSize=100", \
		.header = "x-tableau-session-token", .auth = "t0ken", \
		.status = code, .reply = answer \
	}
#define SITE_ID	 "00000000-2222-4222-8333-944444444444"
#define ONE_SITE "[{\"siteUUID\":\"" SITE_ID "\",\"contentUrl\":\"mine\"}]"

static void
the_id_of_the_site_is_looked_up(void **state)
{
	static const struct {
		const char *wanted;
		const char *id;
		const char *problem;
		struct step sites;
	} cases[] = {
	    {"mine", SITE_ID, NULL, SITES(200, ONE_SITE)},
	    {"Mine", NULL, "is \"mine\"", SITES(200, ONE_SITE)},
	    {SITE_ID, NULL, "is \"mine\"", SITES(200, ONE_SITE)},
	    {"other", NULL, "other", SITES(200, ONE_SITE)},
	    {"mine", NULL, NULL, SITES(403, "{}")},
	};
	struct bench *b = *state;
	struct preflight_facts facts;
	size_t i;

	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct step steps[] = {SIGN_IN("pat", 200, TENANT),
		    LIST("[" SHOWN(CONFIG_ID, ISSUER) "]"), cases[i].sites,
		    SIGN_OUT};

		PLAY(b, steps);
		CHECK(b, NULL, "--pat");
		learn_first(b, &facts, false);
		facts.facts.site.value = cases[i].wanted;
		assert_ok(b, preflight_config_learn(&b->app, &facts, &b->err));
		assert_played(b);
		if (cases[i].id != NULL)
			assert_string_equal(
			    facts.facts.site_id.value, cases[i].id);
		else
			assert_null(facts.facts.site_id.value);
		if (cases[i].problem != NULL)
			assert_has(
			    facts.facts.site_id.problem, cases[i].problem);
		else
			assert_null(facts.facts.site_id.problem);
		preflight_facts_clear(&facts);
	}
}

static void
an_ambiguous_name_ends_the_run(void **state)
{
	static const struct step steps[] = {SIGN_IN("pat", 200, TENANT),
	    LIST("[" SHOWN("a", ISSUER) "," SHOWN("b", ISSUER) "]"), SIGN_OUT};
	struct bench *b = *state;
	struct preflight_facts facts;

	PLAY(b, steps);
	CHECK(b, NULL, "n", "--pat");
	learn_first(b, &facts, false);
	assert_refused(b, preflight_config_learn(&b->app, &facts, &b->err),
	    SG_E_USAGE, "a, b");
	assert_played(b);
	preflight_facts_clear(&facts);
}

static void
a_saved_one_is_read_in_each_shape(void **state)
{
	static const char *const texts[] = {SHOWN(CONFIG_ID, ISSUER),
	    "{\"version\":1,\"configuration\":" SHOWN(CONFIG_ID, ISSUER) "}",
	    "{\"version\":1,\"configurations\":[" SHOWN(CONFIG_ID, ISSUER) "]}",
	    "[" SHOWN(CONFIG_ID, ISSUER) "]"};
	static const char *const none[] = {"", "x", "{}", "[1]", "7"};
	struct bench *b = *state;
	struct preflight_facts facts;
	size_t i;

	for (i = 0; i < SG_COUNT(texts) + SG_COUNT(none); i++) {
		bool is_good = i < SG_COUNT(texts);

		put("saved.json", 0600,
		    is_good ? texts[i] : none[i - SG_COUNT(texts)]);
		PLAY_NOTHING(b);
		CHECK(b, NULL, "--config-file", "saved.json");
		learn_first(b, &facts, false);
		if (is_good) {
			assert_ok(b,
			    preflight_config_learn(&b->app, &facts, &b->err));
			assert_string_equal(
			    facts.facts.config->config_id, CONFIG_ID);
		} else {
			assert_refused(b,
			    preflight_config_learn(&b->app, &facts, &b->err),
			    SG_E_USAGE, "--config-file");
		}
		preflight_facts_clear(&facts);
	}
}

#define BENCH(test) \
	cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BENCH(the_pat_comes_first_and_its_session_is_ended),
	    BENCH(another_tenant_may_answer),
	    BENCH(where_the_pat_fails_a_jwt_is_tried),
	    BENCH(a_broken_jwt_is_not_sent),
	    BENCH(what_the_list_leaves_out_is_asked_for),
	    BENCH(the_id_of_the_site_is_looked_up),
	    BENCH(an_ambiguous_name_ends_the_run),
	    BENCH(a_saved_one_is_read_in_each_shape),
	};

	return cmocka_run_group_tests_name(
	    "preflight_config", tests, NULL, NULL);
}
