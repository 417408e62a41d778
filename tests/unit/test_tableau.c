/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/text.h"
#include "client/session/session.h"
#include "client/session/tableau.h"

#define NOW	    1800000000
#define POD	    "https://10ay.online.tableau.com"
#define POD_B	    "https://10az.online.tableau.com"
#define POD_C	    "https://10bz.online.tableau.com"
#define INFO_URL    POD "/api/3.4/serverinfo"
#define SIGNIN	    "/api/3.28/auth/signin"
#define SIGNIN_URL  POD SIGNIN
#define SIGNOUT_URL POD "/api/3.28/auth/signout"
#define HEADER	    "X-Tableau-Auth"

#define BODY \
	"{\"credentials\":{\"jwt\":\"j.w.t\",\"isUat\":true," \
	"\"site\":{\"contentUrl\":\"mysite\"}}}"

#define ANSWER \
	"{\"credentials\":{\"site\":{\"id\":\"s-1\",\"contentUrl\":" \
	"\"mysite\"},\"user\":{\"id\":\"u-1\"},\"token\":\"tok|1\"," \
	"\"estimatedTimeToExpiration\":\"177:05:38\"}}"

#define INFO(version) \
	"{\"serverInfo\":{\"productVersion\":{\"value\":\"x\"}," \
	"\"restApiVersion\":\"" version "\"}}"

static enum sg_rc
ask(struct fake *fake, char **out_version, struct sg_err *err)
{
	struct sg_http *http = fake_http(fake);
	struct sg_tableau tableau = {.http = http, .pod_url = POD "/"};
	enum sg_rc rc;

	rc = sg_tableau_version(&tableau, out_version, err);
	fake_end(fake, &http);
	return rc;
}

static enum sg_rc
login(struct fake *fake, const char *version, const char *site_id,
    struct sg_session **out_session, struct sg_err *err)
{
	struct sg_http *http = fake_http(fake);
	struct sg_secret *jwt = secret_of("j.w.t");
	struct test_clock clock;
	struct sg_tableau tableau = {
	    .http = http,
	    .clock = &clock.clock,
	    .pod_url = POD,
	    .site = "mysite",
	    .site_id = site_id,
	};
	enum sg_rc rc;

	test_clock_set(&clock, NOW);
	rc = sg_tableau_login(&tableau, version, jwt, out_session, err);
	assert_int_equal(rc == SG_OK, *out_session != NULL);
	sg_secret_free(&jwt);
	fake_end(fake, &http);
	return rc;
}

static void
version_is_read_from_json_and_xml(void **state)
{
	static const char *const answers[][2] = {
	    {INFO("3.27"), "3.27"},
	    {INFO("3.100"), "3.100"},
	    {INFO("4.0"), "4.0"},
	    {"<tsResponse xmlns=\"http://tableau.com/api\"><serverInfo>"
	     "<productVersion build=\"1\">10.1</productVersion>"
	     "<restApiVersion>3.30</restApiVersion></serverInfo>"
	     "</tsResponse>",
		"3.30"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {{"GET", INFO_URL, NO_BODY,
		    .status = 200, .reply = answers[i][0]}};
		struct fake fake = SCRIPT(steps);
		char *version = NULL;

		assert_int_equal(ask(&fake, &version, NULL), SG_OK);
		assert_string_equal(version, answers[i][1]);
		sg_str_free(&version);
	}
}

static void
old_or_odd_version_is_refused(void **state)
{
	static const char *const answers[] = {INFO("3.26"), INFO("3.4"),
	    INFO("2.99"), INFO(""), INFO("3"), INFO("3."), INFO(".27"),
	    INFO("3.27.1"), INFO("3.27/../x"), INFO("3.99999"), INFO("exp"),
	    "{}", "[]", "", "nothing", "<a/>", "<html>x</html>"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {
		    {"GET", INFO_URL, .status = 200, .reply = answers[i]}};
		struct fake fake = SCRIPT(steps);
		char *version = NULL;
		struct sg_err err = {0};

		assert_int_equal(ask(&fake, &version, &err), SG_E_REFUSED);
		assert_null(version);
		assert_has(err.text, "ask the pod for its version: ");
	}
}

static void
old_version_is_told_with_what_is_needed(void **state)
{
	static const struct step steps[] = {
	    {"GET", INFO_URL, .status = 200, .reply = INFO("3.9")}};
	struct fake fake = SCRIPT(steps);
	char *version = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(ask(&fake, &version, &err), SG_E_REFUSED);
	assert_has(err.text, "3.9 ");
	assert_has(err.text, "3.27 or later");
}

static void
sign_in_gives_a_session(void **state)
{
	static const struct step steps[] = {
	    {"POST", SIGNIN_URL, BODY, .status = 200, .reply = ANSWER}};
	struct fake fake = SCRIPT(steps);
	struct sg_session *s = NULL;

	(void)state;
	assert_int_equal(login(&fake, "3.28", "S-1", &s, NULL), SG_OK);
	assert_int_equal(s->service, SG_SERVICE_TABLEAU);
	assert_string_equal(sg_secret_reveal(s->token), "tok|1");
	assert_string_equal(s->site_id, "s-1");
	assert_string_equal(s->site_content_url, "mysite");
	assert_string_equal(s->user_id, "u-1");
	assert_string_equal(s->api_version, "3.28");
	assert_string_equal(s->base_url, POD);
	assert_int_equal(s->expires_s, 0);
	sg_session_free(&s);
}

static void
sign_in_asks_for_the_version_itself(void **state)
{
	static const struct step steps[] = {
	    {"GET", INFO_URL, .status = 200, .reply = INFO("3.28")},
	    {"POST", SIGNIN_URL, BODY, .status = 200, .reply = ANSWER},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_session *s = NULL;

	(void)state;
	assert_int_equal(login(&fake, NULL, NULL, &s, NULL), SG_OK);
	assert_string_equal(s->api_version, "3.28");
	sg_session_free(&s);
}

static void
old_version_is_not_sent_a_jwt(void **state)
{
	static const struct step steps[] = {
	    {"GET", INFO_URL, .status = 200, .reply = INFO("3.26")}};
	struct fake fake = SCRIPT(steps);
	struct fake nothing = {0};
	struct sg_session *s = NULL;

	(void)state;
	assert_int_equal(login(&fake, NULL, NULL, &s, NULL), SG_E_REFUSED);
	assert_int_equal(login(&nothing, "3.26", NULL, &s, NULL), SG_E_REFUSED);
	assert_int_equal(login(&nothing, "../x", NULL, &s, NULL), SG_E_REFUSED);
}

static void
xml_and_numbers_are_understood(void **state)
{
	static const char *const answers[] = {
	    "<?xml version='1.0' encoding='UTF-8'?><tsResponse>"
	    "<credentials token=\"tok|1\"><site id=\"7\" contentUrl=\"m\"/>"
	    "<user id=\"8\"/></credentials></tsResponse>",
	    "{\"credentials\":{\"site\":{\"id\":7,\"contentUrl\":\"m\"},"
	    "\"user\":{\"id\":8},\"token\":\"tok|1\"}}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {{"POST", SIGNIN_URL, BODY,
		    .status = 200, .reply = answers[i]}};
		struct fake fake = SCRIPT(steps);
		struct sg_session *s = NULL;

		assert_int_equal(login(&fake, "3.28", NULL, &s, NULL), SG_OK);
		assert_string_equal(sg_secret_reveal(s->token), "tok|1");
		assert_string_equal(s->site_id, "7");
		assert_string_equal(s->site_content_url, "m");
		assert_string_equal(s->user_id, "8");
		sg_session_free(&s);
	}
}

static void
token_alone_is_enough(void **state)
{
	static const struct step steps[] = {{"POST", SIGNIN_URL, BODY,
	    .status = 200, .reply = "{\"credentials\":{\"token\":\"t\"}}"}};
	struct fake fake = SCRIPT(steps);
	struct sg_session *s = NULL;

	(void)state;
	assert_int_equal(login(&fake, "3.28", "s-1", &s, NULL), SG_OK);
	assert_null(s->site_id);
	assert_string_equal(s->site_content_url, "mysite");
	sg_session_free(&s);
}

static void
answer_without_a_token_is_refused(void **state)
{
	static const char *const answers[] = {"", "{}", "[]",
	    "{\"credentials\":null}", "{\"credentials\":{\"token\":\"\"}}",
	    "{\"credentials\":{\"token\":5}}", "{\"token\":\"t\"}",
	    "<tsResponse><credentials/></tsResponse>", "<html></html>"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {
		    {"POST", SIGNIN_URL, .status = 200, .reply = answers[i]}};
		struct fake fake = SCRIPT(steps);
		struct sg_session *s = NULL;

		assert_int_equal(
		    login(&fake, "3.28", NULL, &s, NULL), SG_E_REFUSED);
	}
}

static void
redirect_to_another_pod_of_the_cloud_is_a_post(void **state)
{
	static const int statuses[] = {301, 302, 307, 308};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(statuses); i++) {
		const struct step steps[] = {
		    {"POST", SIGNIN_URL, BODY, .status = statuses[i],
			.location = POD_B SIGNIN},
		    {"POST", POD_B SIGNIN, BODY, .status = 200,
			.reply = ANSWER},
		};
		struct fake fake = SCRIPT(steps);
		struct sg_session *s = NULL;

		assert_int_equal(login(&fake, "3.28", NULL, &s, NULL), SG_OK);
		assert_string_equal(s->base_url, POD_B);
		sg_session_free(&s);
	}
}

static void
redirect_to_another_host_carries_nothing(void **state)
{
	static const char *const locations[] = {
	    "https://evil.test" SIGNIN,
	    "https://tableau.com" SIGNIN,
	    POD_B ":8443" SIGNIN,
	    "http://10ay.online.tableau.com" SIGNIN,
	    POD ":8443" SIGNIN,
	    "https://10ay.online.tableau.com@evil.test/",
	    NULL,
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(locations); i++) {
		const struct step steps[] = {{"POST", SIGNIN_URL, BODY,
		    .status = 301, .location = locations[i]}};
		struct fake fake = SCRIPT(steps);
		struct sg_session *s = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    login(&fake, "3.28", NULL, &s, &err), SG_E_POLICY);
		assert_has(err.text, "sign in to the Tableau site: ");
	}
}

static void
third_redirect_is_not_followed(void **state)
{
	static const struct step steps[] = {
	    {"POST", SIGNIN_URL, BODY, .status = 301, .location = POD_B SIGNIN},
	    {"POST", POD_B SIGNIN, BODY, .status = 301,
		.location = POD_C SIGNIN},
	    {"POST", POD_C SIGNIN, BODY, .status = 301, .location = SIGNIN_URL},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_session *s = NULL;

	(void)state;
	assert_int_equal(login(&fake, "3.28", NULL, &s, NULL), SG_E_REFUSED);
}

static void
a_303_is_not_followed(void **state)
{
	static const struct step steps[] = {{"POST", SIGNIN_URL, BODY,
	    .status = 303, .location = POD_B SIGNIN}};
	struct fake fake = SCRIPT(steps);
	struct sg_session *s = NULL;

	(void)state;
	assert_int_equal(login(&fake, "3.28", NULL, &s, NULL), SG_E_REFUSED);
}

static void
refused_sign_in_is_sent_once(void **state)
{
	static const struct step refused[] = {
	    {"POST", SIGNIN_URL, BODY, .status = 401,
		.reply = "{\"error\":{\"code\":\"401001\",\"summary\":\"Signin "
			 "Error\",\"detail\":\"Error signing in (16) j.w.t\"}}",
		.date_s = NOW - 300}};
	static const struct step busy[] = {
	    {"POST", SIGNIN_URL, BODY, .status = 503, .retry_after_s = 1}};
	struct fake fake = SCRIPT(refused);
	struct fake fake_busy = SCRIPT(busy);
	struct sg_session *s = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(login(&fake, "3.28", NULL, &s, &err), SG_E_SESSION);
	assert_int_equal(err.native, 401);
	assert_has(err.text, "Error signing in (16) (hidden)");
	assert_has(err.text, "401001");
	assert_has(err.text, "300 s ahead");
	assert_has_not(err.text, "j.w.t");
	assert_int_equal(
	    login(&fake_busy, "3.28", NULL, &s, NULL), SG_E_REFUSED);
}

static void
another_site_is_signed_out_again(void **state)
{
	static const struct step steps[] = {
	    {"POST", SIGNIN_URL, BODY, .status = 200, .reply = ANSWER},
	    {"POST", SIGNOUT_URL, NO_BODY, HEADER, "tok|1", .status = 204},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_session *s = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(login(&fake, "3.28", "s-2", &s, &err), SG_E_POLICY);
	assert_has(err.text, "s-1");
	assert_has(err.text, "s-2");
	assert_has(err.text, "signed out again");
}

static void
sign_out_counts_an_ended_session(void **state)
{
	static const struct {
		int status;
		enum sg_rc rc;
	} cases[] = {{200, SG_OK}, {204, SG_OK}, {401, SG_OK},
	    {403, SG_E_REFUSED}, {500, SG_E_REFUSED}};
	struct sg_session *s = NULL;
	size_t i;

	(void)state;
	assert_int_equal(sg_session_new(SG_SERVICE_TABLEAU, SG_SESSION_JWT,
			     "tok", NOW, &s, NULL),
	    SG_OK);
	s->base_url = strdup(POD);
	s->api_version = strdup("3.28");
	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct step steps[] = {
		    {"POST", SIGNOUT_URL, NO_BODY, HEADER, "tok",
			.status = cases[i].status, .reply = "no tok"}};
		struct fake fake = SCRIPT(steps);
		struct sg_http *http = fake_http(&fake);
		struct sg_err err = {0};

		assert_int_equal(sg_tableau_logout(http, s, &err), cases[i].rc);
		if (cases[i].rc != SG_OK)
			assert_has(err.text, "\"no (hidden)\"");
		fake_end(&fake, &http);
	}
	sg_session_free(&s);
}

static void
pod_without_https_is_a_configuration_error(void **state)
{
	struct fake fake = {0};
	struct sg_http *http = fake_http(&fake);
	struct sg_tableau tableau = {
	    .http = http, .pod_url = "http://10ay.online.tableau.com"};
	char *version = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_tableau_version(&tableau, &version, &err), SG_E_CONFIG);
	assert_has(err.text, "TABLEAU_CLOUD_POD_URL");
	assert_has(err.text, "use https");
	fake_end(&fake, &http);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(version_is_read_from_json_and_xml),
	    cmocka_unit_test(old_or_odd_version_is_refused),
	    cmocka_unit_test(old_version_is_told_with_what_is_needed),
	    cmocka_unit_test(sign_in_gives_a_session),
	    cmocka_unit_test(sign_in_asks_for_the_version_itself),
	    cmocka_unit_test(old_version_is_not_sent_a_jwt),
	    cmocka_unit_test(xml_and_numbers_are_understood),
	    cmocka_unit_test(token_alone_is_enough),
	    cmocka_unit_test(answer_without_a_token_is_refused),
	    cmocka_unit_test(redirect_to_another_pod_of_the_cloud_is_a_post),
	    cmocka_unit_test(redirect_to_another_host_carries_nothing),
	    cmocka_unit_test(third_redirect_is_not_followed),
	    cmocka_unit_test(a_303_is_not_followed),
	    cmocka_unit_test(refused_sign_in_is_sent_once),
	    cmocka_unit_test(another_site_is_signed_out_again),
	    cmocka_unit_test(sign_out_counts_an_ended_session),
	    cmocka_unit_test(pod_without_https_is_a_configuration_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
