/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "client/session/session.h"
#include "client/session/tcm.h"

#define NOW	1781532000 /* 2026-06-15T14:00:00Z */
#define HOST	"https://tcm.test"
#define PAT_URL HOST "/api/v1/pat/login"
#define JWT_URL HOST "/api/v1/jwt/login"
#define OUT_URL HOST "/api/v2/sessions"
#define HEADER	"x-tableau-session-token"

#define ANSWER(expiration) \
	"{\"sessionToken\":\"+a/b==:-_\",\"userId\":\"u-1\"," \
	"\"tenantId\":\"t-1\",\"sessionExpiration\":\"" expiration "\"}"

static struct sg_tcm_endpoints *
endpoints_of(const struct sg_tcm_urls *urls)
{
	struct sg_tcm_endpoints *endpoints = NULL;
	struct sg_err err = {0};

	if (sg_tcm_endpoints_new(urls, &endpoints, &err) != SG_OK)
		fail_msg("%s", err.text);
	return endpoints;
}

/* Sign in by a script, with the secret "a\"b", which JSON must escape. */
static enum sg_rc
login(struct fake *fake, enum sg_session_kind kind, const char *tenant_id,
    struct sg_session **out_session, struct sg_err *err)
{
	const struct sg_tcm_urls urls = {.url = HOST};
	struct sg_tcm_endpoints *endpoints = endpoints_of(&urls);
	struct sg_http *http = fake_http(fake);
	struct sg_secret *secret = secret_of("a\"b");
	struct test_clock clock;
	struct sg_tcm tcm = {http, &clock.clock, endpoints, tenant_id};
	enum sg_rc rc;

	test_clock_set(&clock, NOW);
	if (kind == SG_SESSION_PAT)
		rc = sg_tcm_login_pat(&tcm, secret, out_session, err);
	else
		rc = sg_tcm_login_jwt(&tcm, secret, out_session, err);
	sg_secret_free(&secret);
	sg_tcm_endpoints_free(&endpoints);
	fake_end(fake, &http);
	return rc;
}

static void
one_url_is_enough(void **state)
{
	static const char *const given[] = {
	    HOST, HOST "/", HOST "/api/v1", HOST "/api/v1/"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(given); i++) {
		const struct sg_tcm_urls urls = {.url = given[i]};
		struct sg_tcm_endpoints *e = endpoints_of(&urls);

		assert_string_equal(e->base_url, HOST);
		assert_string_equal(e->pat_login_url, PAT_URL);
		assert_string_equal(e->jwt_login_url, JWT_URL);
		assert_string_equal(
		    e->uat_configs_url, HOST "/api/v1/uat-configurations");
		sg_tcm_endpoints_free(&e);
	}
}

static void
no_url_is_the_global_host(void **state)
{
	const struct sg_tcm_urls urls = {0};
	struct sg_tcm_endpoints *e = endpoints_of(&urls);

	(void)state;
	assert_string_equal(e->base_url, SG_TCM_URL);
	assert_string_equal(e->jwt_login_url, SG_TCM_URL "/api/v1/jwt/login");
	sg_tcm_endpoints_free(&e);
}

static void
the_articles_three_urls_are_enough(void **state)
{
	const struct sg_tcm_urls urls = {
	    .pat_login_url = SG_TCM_URL "/api/v1/pat/login",
	    .jwt_login_url = "https://my.tcm.test/api/v1/jwt/login",
	    .uat_configs_url = "https://my.tcm.test/api/v1/uat-configurations",
	};
	struct sg_tcm_endpoints *e = endpoints_of(&urls);

	(void)state;
	assert_string_equal(e->base_url, "https://my.tcm.test");
	assert_string_equal(e->pat_login_url, urls.pat_login_url);
	assert_string_equal(e->jwt_login_url, urls.jwt_login_url);
	assert_string_equal(e->uat_configs_url, urls.uat_configs_url);
	sg_tcm_endpoints_free(&e);
}

static void
jwt_url_alone_gives_the_base(void **state)
{
	const struct sg_tcm_urls with_api = {.jwt_login_url = JWT_URL};
	const struct sg_tcm_urls without = {
	    .jwt_login_url = "https://x.test:8/login"};
	const struct sg_tcm_urls slash = {
	    .uat_configs_url = "https://x.test:8/uat//"};
	struct sg_tcm_endpoints *e = endpoints_of(&with_api);

	(void)state;
	assert_string_equal(e->base_url, HOST);
	sg_tcm_endpoints_free(&e);
	e = endpoints_of(&without);
	assert_string_equal(e->base_url, "https://x.test:8");
	sg_tcm_endpoints_free(&e);
	e = endpoints_of(&slash);
	assert_string_equal(e->base_url, "https://x.test:8");
	sg_tcm_endpoints_free(&e);
}

static void
bad_url_is_named_by_its_variable(void **state)
{
	const struct sg_tcm_urls cases[] = {
	    {.url = "http://tcm.test"},
	    {.pat_login_url = "tcm.test"},
	    {.jwt_login_url = "https://"},
	    {.uat_configs_url = "http://x.test/api/v1"},
	};
	static const char *const names[] = {"CLOUD_MANAGER_URL",
	    "CLOUD_MANAGER_PAT_LOGIN_URL", "CLOUD_MANAGER_JWT_LOGIN_URL",
	    "CLOUD_MANAGER_UAT_CONFIGS_URL"};
	struct sg_tcm_endpoints *e = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_err err = {0};

		assert_int_equal(
		    sg_tcm_endpoints_new(&cases[i], &e, &err), SG_E_CONFIG);
		assert_has(err.text, names[i]);
	}
	assert_null(e);
}

static void
sign_in_gives_a_session(void **state)
{
	static const struct step pat[] = {
	    {"POST", PAT_URL, "{\"token\":\"a\\\"b\"}", .status = 200,
		.reply = ANSWER("2026-06-15T18:00:00.189844552Z")}};
	static const struct step jwt[] = {
	    {"POST", JWT_URL, "{\"token\":\"a\\\"b\"}", .status = 201,
		.reply = ANSWER("2026-06-15T18:00:00Z")}};
	struct fake fakes[] = {SCRIPT(pat), SCRIPT(jwt)};
	const enum sg_session_kind kinds[] = {SG_SESSION_PAT, SG_SESSION_JWT};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(fakes); i++) {
		struct sg_session *s = NULL;

		assert_int_equal(
		    login(&fakes[i], kinds[i], "T-1", &s, NULL), SG_OK);
		assert_int_equal(s->service, SG_SERVICE_TCM);
		assert_int_equal(s->kind, kinds[i]);
		assert_string_equal(sg_secret_reveal(s->token), "+a/b==:-_");
		assert_string_equal(s->user_id, "u-1");
		assert_string_equal(s->tenant_id, "t-1");
		assert_string_equal(s->base_url, HOST);
		assert_int_equal(s->made_s, NOW);
		assert_int_equal(s->expires_s, NOW + 4 * 3600);
		sg_session_free(&s);
	}
}

static void
unreadable_expiry_means_four_hours(void **state)
{
	static const char *const answers[] = {
	    ANSWER("2024-0706T84:53:13.688541Z"), /* the documented sample */
	    ANSWER(""),
	    ANSWER("2020-01-01T00:00:00Z"),
	    "{\"sessionToken\":\"t\"}",
	    "{\"sessionToken\":\"t\",\"sessionExpiration\":12}",
	    "{\"sessionToken\":\"t\",\"sessionExpiration\":null}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {
		    {"POST", JWT_URL, .status = 200, .reply = answers[i]}};
		struct fake fake = SCRIPT(steps);
		struct sg_session *s = NULL;

		assert_int_equal(
		    login(&fake, SG_SESSION_JWT, "t-1", &s, NULL), SG_OK);
		assert_int_equal(s->expires_s, NOW + 4 * 3600);
		sg_session_free(&s);
	}
}

static void
expiry_is_told_by_our_own_clock(void **state)
{
	static const struct step steps[] = {{"POST", JWT_URL, .status = 200,
	    .reply = ANSWER("2026-06-15T18:00:00Z"), .date_s = NOW - 500}};
	struct fake fake = SCRIPT(steps);
	struct sg_session *s = NULL;

	(void)state;
	assert_int_equal(login(&fake, SG_SESSION_JWT, NULL, &s, NULL), SG_OK);
	assert_int_equal(s->expires_s, NOW + 4 * 3600 + 500);
	sg_session_free(&s);
}

static void
refused_sign_in_is_sent_once(void **state)
{
	static const struct {
		int status;
		enum sg_rc rc;
	} cases[] = {{401, SG_E_SESSION}, {403, SG_E_REFUSED},
	    {429, SG_E_REFUSED}, {500, SG_E_REFUSED}, {503, SG_E_REFUSED},
	    {302, SG_E_REFUSED}};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct step steps[] = {
		    {"POST", PAT_URL, .status = cases[i].status,
			.reply = "{\"message\":\"bad a\\\"b\"}",
			.retry_after_s = 1, .location = "https://x.test/"}};
		struct fake fake = SCRIPT(steps);
		struct sg_session *s = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    login(&fake, SG_SESSION_PAT, NULL, &s, &err), cases[i].rc);
		assert_int_equal(err.native, cases[i].status);
		assert_has(err.text, "sign in to Tableau Cloud Manager: ");
		assert_has(err.text, "\"bad (hidden)\"");
		assert_has_not(err.text, "a\"b");
		assert_null(s);
	}
}

static void
refusal_of_a_pat_says_which_pat_is_needed(void **state)
{
	static const struct step pat[] = {{"POST", PAT_URL, .status = 401}};
	static const struct step jwt[] = {
	    {"POST", JWT_URL, .status = 401, .reply = "{\"message\":\"no\"}"}};
	struct fake fake_pat = SCRIPT(pat);
	struct fake fake_jwt = SCRIPT(jwt);
	struct sg_session *s = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    login(&fake_pat, SG_SESSION_PAT, NULL, &s, &err), SG_E_SESSION);
	assert_has(err.text, "not one of a site");
	sg_err_clear(&err);
	assert_int_equal(
	    login(&fake_jwt, SG_SESSION_JWT, NULL, &s, &err), SG_E_SESSION);
	assert_has(err.text, "UAT configuration");
}

static void
lost_sign_in_is_not_sent_again(void **state)
{
	static const struct step steps[] = {
	    {"POST", JWT_URL, .rc = SG_E_NETWORK, .fault = SG_HTTP_LOST}};
	struct fake fake = SCRIPT(steps);
	struct sg_session *s = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    login(&fake, SG_SESSION_JWT, NULL, &s, &err), SG_E_NETWORK);
	assert_has(err.text, "sign in to Tableau Cloud Manager: no answer");
}

static void
answer_without_a_token_is_refused(void **state)
{
	static const char *const answers[] = {"", "{}", "[]", "null", "<html>",
	    "{\"sessionToken\":null}", "{\"sessionToken\":\"\"}",
	    "{\"sessionToken\":7}", "{\"sessionToken\":\"a\\r\\nX: y\"}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {
		    {"POST", JWT_URL, .status = 200, .reply = answers[i]}};
		struct fake fake = SCRIPT(steps);
		struct sg_session *s = NULL;

		assert_int_equal(
		    login(&fake, SG_SESSION_JWT, NULL, &s, NULL), SG_E_REFUSED);
		assert_null(s);
	}
}

static void
another_tenant_is_signed_out_again(void **state)
{
	static const struct step steps[] = {
	    {"POST", JWT_URL, .status = 200, .reply = ANSWER("")},
	    {"DELETE", OUT_URL, NO_BODY, HEADER, "+a/b==:-_", .status = 204},
	};
	static const struct step no_way_out[] = {
	    {"POST", JWT_URL, .status = 200, .reply = ANSWER("")},
	    {"DELETE", OUT_URL, NO_BODY, HEADER, "+a/b==:-_",
		.rc = SG_E_NETWORK, .fault = SG_HTTP_LOST},
	};
	struct fake fake = SCRIPT(steps);
	struct fake fake_no_way_out = SCRIPT(no_way_out);
	struct sg_session *s = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    login(&fake, SG_SESSION_JWT, "t-2", &s, &err), SG_E_POLICY);
	assert_has(err.text, "t-1");
	assert_has(err.text, "t-2");
	assert_has(err.text, "signed out again");
	sg_err_clear(&err);
	assert_int_equal(
	    login(&fake_no_way_out, SG_SESSION_JWT, "t-2", &s, &err),
	    SG_E_POLICY);
	assert_has(err.text, "ends by itself");
	assert_null(s);
}

static void
sign_out_is_best_effort(void **state)
{
	static const struct {
		int status;
		enum sg_rc rc;
		bool unsupported;
	} cases[] = {
	    {200, SG_OK, false},
	    {204, SG_OK, false},
	    {401, SG_OK, false},
	    {404, SG_OK, true},
	    {405, SG_OK, true},
	    {501, SG_OK, true},
	    {403, SG_E_REFUSED, true},
	    {500, SG_E_REFUSED, true},
	};
	struct sg_session *s = NULL;
	size_t i;

	(void)state;
	assert_int_equal(sg_session_new(SG_SERVICE_TCM, SG_SESSION_PAT, "tok",
			     NOW, &s, NULL),
	    SG_OK);
	s->base_url = strdup(HOST);
	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct step steps[] = {
		    {"DELETE", OUT_URL, NO_BODY, HEADER, "tok",
			.status = cases[i].status, .reply = "no tok"}};
		struct fake fake = SCRIPT(steps);
		struct sg_http *http = fake_http(&fake);
		struct sg_err err = {0};
		bool unsupported = true;

		assert_int_equal(
		    sg_tcm_logout(http, s, &unsupported, &err), cases[i].rc);
		if (cases[i].rc != SG_OK)
			assert_has(err.text, "\"no (hidden)\"");
		assert_int_equal(unsupported, cases[i].unsupported);
		fake_end(&fake, &http);
	}
	sg_session_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_url_is_enough),
	    cmocka_unit_test(no_url_is_the_global_host),
	    cmocka_unit_test(the_articles_three_urls_are_enough),
	    cmocka_unit_test(jwt_url_alone_gives_the_base),
	    cmocka_unit_test(bad_url_is_named_by_its_variable),
	    cmocka_unit_test(sign_in_gives_a_session),
	    cmocka_unit_test(unreadable_expiry_means_four_hours),
	    cmocka_unit_test(expiry_is_told_by_our_own_clock),
	    cmocka_unit_test(refused_sign_in_is_sent_once),
	    cmocka_unit_test(refusal_of_a_pat_says_which_pat_is_needed),
	    cmocka_unit_test(lost_sign_in_is_not_sent_again),
	    cmocka_unit_test(answer_without_a_token_is_refused),
	    cmocka_unit_test(another_tenant_is_signed_out_again),
	    cmocka_unit_test(sign_out_is_best_effort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
