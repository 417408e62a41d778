/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/preflight_facts.h"

#include "fake_cloud.h"

#define VERSION(date) \
	{ \
		.method = "GET", .url = POD "/api/3.4/serverinfo", \
		.status = 200, .date_s = date, \
		.reply = "{\"serverInfo\":{\"restApiVersion\":\"3.28\"}}" \
	}
#define JWKS \
	{ \
		.method = "GET", .url = "https://keys.test/jwks.json", \
		.status = 404, .date_s = NOW - 5000 \
	}

static void
gather(struct bench *b, struct preflight_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	assert_ok(b, preflight_facts_gather(&b->app, facts, &b->err));
	assert_played(b);
}

static void
all_is_learnt_and_the_worst_clock_kept(void **state)
{
	static const struct step steps[] = {SIGN_IN("pat", 200, TENANT),
	    LIST("[" SHOWN(CONFIG_ID, ISSUER) "]"), SIGN_OUT, VERSION(NOW - 40),
	    JWKS};
	struct bench *b = *state;
	struct preflight_facts facts;
	struct fake_key key;

	(void)setenv("TABLEAU_CLOUD_POD_URL", POD, 1);
	(void)setenv("TABLEAU_CLOUD_SITE_ID", "mine", 1);
	(void)setenv("TABLEAU_CLOUD_SITE_LUID", TENANT, 1);
	PLAY(b, steps);
	CHECK(b, &key, "--quiet");
	gather(b, &facts);
	assert_int_equal(facts.facts.jwt_err->rc, SG_OK);
	assert_true(facts.facts.jwt_len > 300);
	assert_string_equal(facts.facts.version, "3.28");
	assert_true(facts.facts.server_time_known);
	assert_int_equal(facts.facts.ahead_s, 40);
	assert_non_null(facts.facts.jwks);
	assert_null(facts.facts.tcm_err);
	preflight_facts_clear(&facts);
	bench_close(b);
}

static void
what_an_answer_took_is_no_lead_of_our_clock(void **state)
{
	static const struct {
		int64_t date_s;
		int64_t ahead_s;
	} rows[] = {
	    {NOW - 40, 10},
	    {NOW - 30, 0},
	    {NOW - 20, 0},
	    {NOW + 40, -40},
	};
	struct step steps[] = {SIGN_IN("pat", 200, TENANT),
	    LIST("[" SHOWN(CONFIG_ID, ISSUER) "]"), SIGN_OUT};
	struct bench *b = *state;
	struct preflight_facts facts;
	size_t i;

	steps[1].slow_ms = 30000;
	for (i = 0; i < SG_COUNT(rows); i++) {
		steps[1].date_s = rows[i].date_s;
		PLAY(b, steps);
		CHECK(b, NULL, "--quiet");
		gather(b, &facts);
		assert_int_equal(facts.facts.ahead_s, rows[i].ahead_s);
		preflight_facts_clear(&facts);
		bench_close(b);
	}
}

static void
a_token_that_is_not_there_is_opened_once(void **state)
{
	static const struct step steps[] = {SIGN_IN("pat", 200, TENANT),
	    LIST("[" SHOWN(CONFIG_ID, ISSUER) "]"), SIGN_OUT};
	struct bench *b = *state;
	struct preflight_facts facts;

	PLAY(b, steps);
	CHECK(b, NULL, "--online");
	gather(b, &facts);
	assert_int_equal(facts.facts.key_err->rc, TOKEN_WAS_OPENED);
	assert_int_equal(facts.facts.jwt_err->rc, TOKEN_WAS_OPENED);
	assert_null(facts.facts.key);
	assert_has(facts.facts.tcm_err->text, "not tried");
	preflight_facts_clear(&facts);
}

static void
settings_and_scopes_are_taken_as_they_are(void **state)
{
	struct bench *b = *state;
	struct preflight_facts facts;

	put("saved.json", 0600, SHOWN(CONFIG_ID, ISSUER));
	PLAY_NOTHING(b);
	CHECK(b, NULL, "--config-file", "saved.json", "--scope", "a,b",
	    "--scope", "b", "--lifetime", "1h", "--site", "other");
	gather(b, &facts);
	assert_int_equal(facts.scopes.count, 2);
	assert_has(facts.facts.lifetime.problem, "10 minutes");
	assert_string_equal(facts.facts.site.value, "other");
	assert_null(facts.facts.site_id.value);
	preflight_facts_clear(&facts);
	(void)setenv("SIGNET_ISSUER", "YOUR-ISSUER", 1);
	(void)setenv("SIGNET_SCOPES", "YOUR-SCOPES", 1);
	assert_ok(b, OPEN(b, "uat", "check", "--config-file", "saved.json"));
	gather(b, &facts);
	assert_has(facts.facts.issuer.problem, "SIGNET_ISSUER");
	assert_has(facts.facts.scope_setting.problem, "SIGNET_SCOPES");
	preflight_facts_clear(&facts);
}

static void
with_online_the_jwt_is_sent(void **state)
{
	static const struct step steps[] = {SIGN_IN("pat", 200, TENANT),
	    LIST("[" SHOWN(CONFIG_ID, ISSUER) "]"), SIGN_OUT,
	    {.method = "POST",
		.url = TCM "/api/v1/jwt/login",
		.status = 401,
		.reply = "{\"message\":\"no\"}"},
	    JWKS};
	struct bench *b = *state;
	struct preflight_facts facts;
	struct fake_key key;

	PLAY(b, steps);
	CHECK(b, &key, "--online");
	gather(b, &facts);
	assert_int_equal(facts.facts.tcm_err->rc, SG_E_SESSION);
	assert_null(facts.facts.site_err);
	preflight_facts_clear(&facts);
	bench_close(b);
}

static void
pat_and_jwt_exclude_each_other(void **state)
{
	struct bench *b = *state;
	struct preflight_facts facts = {0};

	PLAY_NOTHING(b);
	CHECK(b, NULL, "--pat", "--jwt");
	assert_refused(b, preflight_facts_gather(&b->app, &facts, &b->err),
	    SG_E_USAGE, "--pat and --jwt");
	preflight_facts_clear(&facts);
}

#define BENCH(test) \
	cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BENCH(all_is_learnt_and_the_worst_clock_kept),
	    BENCH(what_an_answer_took_is_no_lead_of_our_clock),
	    BENCH(a_token_that_is_not_there_is_opened_once),
	    BENCH(settings_and_scopes_are_taken_as_they_are),
	    BENCH(with_online_the_jwt_is_sent),
	    BENCH(pat_and_jwt_exclude_each_other),
	};

	return cmocka_run_group_tests_name(
	    "preflight_facts", tests, NULL, NULL);
}
