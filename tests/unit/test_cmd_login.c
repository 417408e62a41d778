/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/cloud/services.h"

#define TCM    "https://tcm.test"
#define POD    "https://pod.test"
#define HEADER "x-tableau-session-token"

#define SIGN_IN(token) \
	{ \
		.method = "POST", .url = TCM "/api/v1/pat/login", \
		.body = "{\"token\":\"s3cret\"}", .status = 200, \
		.reply = "{\"sessionToken\":\"" token "\",\"userId\":\"u-1\"," \
			 "\"tenantId\":\"" TENANT "\"," \
			 "\"sessionExpiration\":\"2026-06-15T18:00:00Z\"}" \
	}
#define SIGN_OUT(token, answer) \
	{ \
		.method = "DELETE", .url = TCM "/api/v2/sessions", \
		.body = NO_BODY, .header = HEADER, .auth = token, \
		.status = answer \
	}

static void
set_tcm(void)
{
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	(void)setenv("CLOUD_MANAGER_PAT_NAME", "mypat", 1);
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
}

static void
sign_in(struct bench *b)
{
	static const struct step steps[] = {SIGN_IN("t0ken")};

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, RUN(b, "login", "tcm", "--pat"));
	assert_played(b);
}

/* Leave a session of a site, which only a token could make, in the cache. */
static void
leave_site_session(struct bench *b, const char *site)
{
	SG_AUTO(sg_session) session = NULL;
	struct service service = {0};

	set_claims();
	(void)setenv("TABLEAU_CLOUD_POD_URL", POD, 1);
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "login", "tableau", "--site", site));
	assert_ok(b, services_tableau(&b->app, &service, &b->err));
	assert_ok(b, services_cache(&b->app, &b->err));
	assert_ok(b, sg_session_new(SG_SERVICE_TABLEAU, SG_SESSION_JWT, "t0ken",
			 b->clock.now_s, &session, &b->err));
	session->base_url = strdup(POD);
	session->site_content_url = strdup(site);
	session->site_id = strdup(SITE);
	session->api_version = strdup("3.27");
	assert_ok(b,
	    sg_cache_store(b->app.cache, &service.identity, session, &b->err));
	services_end(&service);
}

static void
login_tells_of_the_session_but_not_its_token(void **state)
{
	struct bench *b = *state;

	sign_in(b);
	assert_string_equal(product(b), "signed in    tcm\n"
					"with         pat\n"
					"url          " TCM "\n"
					"tenant       " TENANT "\n"
					"user id      u-1\n"
					"ends         2026-06-15T14:30:00Z\n");
	assert_has_not(heard(b), "t0ken");
	assert_has_not(heard(b), "s3cret");
}

static void
login_is_json_on_demand(void **state)
{
	static const struct step steps[] = {SIGN_IN("t0ken")};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, RUN(b, "login", "tcm", "--pat", "--json"));
	assert_string_equal(product(b),
	    "{\"version\":1,\"service\":\"tcm\",\"with\":\"pat\","
	    "\"url\":\"" TCM "\",\"tenantId\":\"" TENANT
	    "\",\"userId\":\"u-1\",\"ends\":\"2026-06-15T14:30:00Z\"}\n");
}

static void
login_signs_in_anew_each_time(void **state)
{
	static const struct step steps[] = {SIGN_IN("another")};
	struct bench *b = *state;

	sign_in(b);
	PLAY(b, steps);
	assert_ok(b, RUN(b, "login", "tcm"));
	assert_played(b);
}

static void
login_refuses_before_anything_is_sent(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_refused(b, RUN(b, "login", "tcm", "--pat", "--jwt"), SG_E_USAGE,
	    "exclude each other");
	assert_refused(
	    b, RUN(b, "login", "tcm", "--jwt"), SG_E_CONFIG, "SIGNET_ISSUER");
	assert_refused(b, RUN(b, "login", "tableau"), SG_E_CONFIG,
	    "TABLEAU_CLOUD_POD_URL");
	assert_string_equal(product(b), "");
}

static void
login_that_was_refused_leaves_no_session(void **state)
{
	static const struct step steps[] = {
	    {.method = "POST", .url = TCM "/api/v1/pat/login", .status = 401}};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_refused(b, RUN(b, "login", "tcm"), SG_E_SESSION, "401");
	assert_has_not(b->err.text, "s3cret");
	assert_string_equal(product(b), "");
	assert_ok(b, RUN(b, "status"));
	assert_string_equal(product(b), "");
}

static void
status_lists_sessions_but_not_their_tokens(void **state)
{
	struct bench *b = *state;

	sign_in(b);
	leave_site_session(b, "mysite");
	PLAY_NOTHING(b);
	assert_ok(b, RUN(b, "status"));
	assert_has(product(b),
	    "tcm      pat  until 2026-06-15T14:30:00Z  mypat  " TCM "\n");
	assert_has(product(b),
	    "tableau  jwt  until 2026-06-15T16:00:00Z  ann@example.com  " POD
	    " mysite\n");
	assert_has_not(product(b), "t0ken");
	assert_ok(b, RUN(b, "status", "--json"));
	assert_has(product(b), "{\"version\":1,\"sessions\":[{\"service\":");
	assert_has(product(b), "\"user\":\"mypat\",\"valid\":true}");
	assert_has(product(b), "\"siteId\":\"" SITE "\",\"site\":\"mysite\"");
	assert_has_not(product(b), "t0ken");
}

static void
status_says_which_session_ended(void **state)
{
	struct bench *b = *state;

	sign_in(b);
	PLAY_NOTHING(b);
	b->clock.now_s += SG_SESSION_IDLE_S;
	assert_ok(b, RUN(b, "status"));
	assert_has(product(b), "tcm      pat  ended 2026-06-15T14:30:00Z");
	assert_ok(b, RUN(b, "status", "--json"));
	assert_has(product(b), "\"valid\":false");
}

static void
status_without_sessions_is_empty_and_hints(void **state)
{
	struct bench *b = *state;

	assert_ok(b, RUN(b, "status"));
	assert_string_equal(product(b), "");
	assert_string_equal(
	    heard(b), "signet: no session; see: signet help login\n");
	assert_ok(b, RUN(b, "status", "--json"));
	assert_string_equal(product(b), "{\"version\":1,\"sessions\":[]}\n");
}

static void
logout_signs_out_and_forgets(void **state)
{
	static const struct step steps[] = {SIGN_OUT("t0ken", 204)};
	struct bench *b = *state;

	sign_in(b);
	PLAY(b, steps);
	assert_ok(b, RUN(b, "logout"));
	assert_played(b);
	assert_string_equal(product(b), "signed out   tcm\n");
	PLAY_NOTHING(b);
	assert_ok(b, RUN(b, "logout"));
	assert_string_equal(product(b), "");
	assert_has(heard(b), "there was no such session");
}

static void
logout_is_json_on_demand(void **state)
{
	static const struct step steps[] = {SIGN_OUT("t0ken", 204)};
	struct bench *b = *state;

	sign_in(b);
	PLAY(b, steps);
	assert_ok(b, RUN(b, "logout", "tcm", "--json"));
	assert_has(product(b), "{\"version\":1,\"sessions\":[{\"service\":");
	assert_has(product(b), "\"signedOut\":true}]}\n");
	assert_has_not(product(b), "t0ken");
}

static void
service_without_sign_out_is_forgotten_and_said(void **state)
{
	static const struct step steps[] = {SIGN_OUT("t0ken", 404)};
	struct bench *b = *state;

	sign_in(b);
	PLAY(b, steps);
	assert_ok(b, RUN(b, "logout"));
	assert_string_equal(product(b), "forgotten    tcm\n");
	assert_has(heard(b),
	    "the service did not sign it out; the session ends "
	    "by itself");
}

/* A session would not be kept there, and is not listed either. */
static void
status_of_a_folder_open_to_others_is_refused(void **state)
{
	struct bench *b = *state;

	sign_in(b);
	PLAY_NOTHING(b);
	assert_int_equal(chmod(".cache/signet", 0755), 0);
	assert_refused(b, RUN(b, "status"), SG_E_CONFIG, "run: chmod 700 ");
	assert_string_equal(product(b), "");
	assert_int_equal(chmod(".cache/signet", 0700), 0);
	assert_ok(b, RUN(b, "status"));
	assert_has(product(b), "tcm ");
}

static void
logout_that_fails_forgets_all_the_same(void **state)
{
	static const struct step steps[] = {SIGN_OUT("t0ken", 400)};
	struct bench *b = *state;

	sign_in(b);
	PLAY(b, steps);
	assert_refused(b, RUN(b, "logout"), SG_E_REFUSED,
	    "the session was forgotten, but not signed out: ");
	PLAY_NOTHING(b);
	assert_ok(b, RUN(b, "status"));
	assert_string_equal(product(b), "");
}

static void
logout_that_fails_once_tells_of_the_rest(void **state)
{
	static const struct step steps[] = {
	    {.method = "POST",
		.url = POD "/api/3.27/auth/signout",
		.header = "X-Tableau-Auth",
		.auth = "t0ken",
		.status = 204},
	    SIGN_OUT("t0ken", 400),
	};
	struct bench *b = *state;

	sign_in(b);
	leave_site_session(b, "one");
	PLAY(b, steps);
	assert_refused(
	    b, RUN(b, "logout"), SG_E_REFUSED, "but not signed out: ");
	assert_played(b);
	assert_true(b->app.out_stands);
	assert_string_equal(product(b), "signed out   tableau\n");
}

static void
session_that_looks_ended_is_signed_out_all_the_same(void **state)
{
	static const struct step steps[] = {SIGN_OUT("t0ken", 204)};
	struct bench *b = *state;

	sign_in(b);
	PLAY(b, steps);
	b->clock.now_s += SG_SESSION_IDLE_S;
	assert_ok(b, RUN(b, "logout"));
	assert_played(b);
	assert_string_equal(product(b), "signed out   tcm\n");
	PLAY_NOTHING(b);
	assert_ok(b, RUN(b, "status"));
	assert_string_equal(product(b), "");
}

static void
session_that_ended_by_itself_is_forgotten(void **state)
{
	static const struct step steps[] = {SIGN_OUT("t0ken", 400)};
	struct bench *b = *state;

	sign_in(b);
	PLAY(b, steps);
	b->clock.now_s += SG_SESSION_IDLE_S;
	assert_ok(b, RUN(b, "logout"));
	assert_played(b);
	assert_string_equal(product(b), "forgotten    tcm\n");
	assert_string_equal(b->err.text, "");
	PLAY_NOTHING(b);
	assert_ok(b, RUN(b, "status"));
	assert_string_equal(product(b), "");
}

static void
logout_ends_only_what_is_named(void **state)
{
	static const struct step sign_out[] = {{.method = "POST",
	    .url = POD "/api/3.27/auth/signout",
	    .header = "X-Tableau-Auth",
	    .auth = "t0ken",
	    .status = 204}};
	struct bench *b = *state;

	sign_in(b);
	leave_site_session(b, "one");
	leave_site_session(b, "two");
	PLAY_NOTHING(b);
	assert_ok(b, RUN(b, "logout", "tcm", "--jwt"));
	assert_ok(b, RUN(b, "logout", "tableau", "--pat"));
	assert_ok(b, RUN(b, "logout", "--site", "three"));
	PLAY(b, sign_out);
	assert_ok(b, RUN(b, "logout", "--site", "two"));
	assert_played(b);
	PLAY(b, sign_out);
	assert_ok(b, RUN(b, "logout", "tableau"));
	assert_played(b);
	PLAY_NOTHING(b);
	assert_ok(b, RUN(b, "status"));
	assert_has(product(b), "tcm ");
	assert_has_not(product(b), "tableau");
}

static void
logout_refuses_what_it_cannot_mean(void **state)
{
	struct bench *b = *state;

	sign_in(b);
	PLAY_NOTHING(b);
	assert_refused(b, RUN(b, "logout", "pat"), SG_E_USAGE,
	    "sign out of tcm or tableau, not \"pat\"");
	assert_refused(b, RUN(b, "logout", "tcm", "--all"), SG_E_USAGE,
	    "there is no option --all here");
	assert_ok(b, RUN(b, "status"));
	assert_has(product(b), "tcm ");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(login_tells_of_the_session_but_not_its_token),
	    TEST(login_is_json_on_demand),
	    TEST(login_signs_in_anew_each_time),
	    TEST(login_refuses_before_anything_is_sent),
	    TEST(login_that_was_refused_leaves_no_session),
	    TEST(status_lists_sessions_but_not_their_tokens),
	    TEST(status_says_which_session_ended),
	    TEST(status_without_sessions_is_empty_and_hints),
	    TEST(logout_signs_out_and_forgets),
	    TEST(logout_is_json_on_demand),
	    TEST(service_without_sign_out_is_forgotten_and_said),
	    TEST(status_of_a_folder_open_to_others_is_refused),
	    TEST(logout_that_fails_forgets_all_the_same),
	    TEST(logout_that_fails_once_tells_of_the_rest),
	    TEST(session_that_looks_ended_is_signed_out_all_the_same),
	    TEST(session_that_ended_by_itself_is_forgotten),
	    TEST(logout_ends_only_what_is_named),
	    TEST(logout_refuses_what_it_cannot_mean),
	};

	return cmocka_run_group_tests_name("cmd_login", tests, NULL, NULL);
}
