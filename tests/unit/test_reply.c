/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/json.h"
#include "client/reply/reply.h"

#define NOW 1800000000

static struct sg_err
refuse(int status, const char *body, enum sg_reply_of of)
{
	struct sg_http_reply *reply = reply_of(status, NULL, body);
	struct sg_err err = {0};
	enum sg_rc rc;

	rc = sg_reply_refused(reply, NULL, of, 0, "do it", &err);
	assert_int_equal(rc, err.rc);
	assert_int_equal(err.native, status);
	sg_http_reply_free(&reply);
	return err;
}

static void
only_2xx_is_success(void **state)
{
	static const struct {
		int status;
		bool is_success;
	} cases[] = {{0, false}, {199, false}, {200, true}, {201, true},
	    {204, true}, {299, true}, {300, false}, {401, false}, {500, false}};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_http_reply *r = reply_of(cases[i].status, NULL, "");

		assert_int_equal(sg_reply_is_success(r), cases[i].is_success);
		sg_http_reply_free(&r);
	}
}

static void
a_401_is_of_the_session_and_all_else_refused(void **state)
{
	(void)state;
	assert_int_equal(refuse(401, "", SG_REPLY_OF_CALL).rc, SG_E_SESSION);
	assert_int_equal(refuse(400, "", SG_REPLY_OF_CALL).rc, SG_E_REFUSED);
	assert_int_equal(refuse(302, "", SG_REPLY_OF_CALL).rc, SG_E_REFUSED);
	assert_int_equal(refuse(500, "", SG_REPLY_OF_CALL).rc, SG_E_REFUSED);
}

/* A proxy's word is none of the service's on a JWT. */
static void
a_jwt_is_refused_by_the_service_alone(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum sg_rc rc;
	} cases[] = {
	    {401, "{\"errorCode\":\"x\"}", SG_E_SESSION},
	    {403, "{\"message\":\"no\"}", SG_E_SESSION},
	    {401, "<tsResponse><error code=\"401001\"/></tsResponse>",
		SG_E_SESSION},
	    {500, "{\"message\":\"no\"}", SG_E_REFUSED},
	    {401, "{}", SG_E_REFUSED},
	    {401, "", SG_E_REFUSED},
	    {401, "<html><title>Sign in</title></html>", SG_E_REFUSED},
	    {403, "<html><title>Blocked</title></html>", SG_E_REFUSED},
	    {403, "Access denied by policy", SG_E_REFUSED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		assert_int_equal(refuse(cases[i].status, cases[i].body,
				     SG_REPLY_OF_TCM_LOGIN)
				     .rc,
		    cases[i].rc);
		assert_int_equal(refuse(cases[i].status, cases[i].body,
				     SG_REPLY_OF_TABLEAU_LOGIN)
				     .rc,
		    cases[i].rc);
	}
	assert_int_equal(
	    refuse(403, "{\"message\":\"no\"}", SG_REPLY_OF_PAT_LOGIN).rc,
	    SG_E_REFUSED);
}

static void
text_has_the_services_words_status_and_code(void **state)
{
	struct sg_err err;

	(void)state;
	err = refuse(409, "{\"message\":\"Name taken\",\"errorCode\":\"E9\"}",
	    SG_REPLY_OF_CALL);
	assert_string_equal(err.text,
	    "do it: the service says \"Name taken\" (HTTP 409, code E9)");
	err = refuse(418, "", SG_REPLY_OF_CALL);
	assert_string_equal(
	    err.text, "do it: refused without a reason (HTTP 418)");
	err = refuse(418, "<html><title>Tea</title>", SG_REPLY_OF_CALL);
	assert_string_equal(
	    err.text, "do it: an HTML page came back \"Tea\" (HTTP 418)");
}

static void
a_time_of_the_service_takes_the_place_of_advice(void **state)
{
	static const int statuses[] = {429, 503};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(statuses); i++) {
		struct sg_err err = {0};
		struct sg_http_reply *r = reply_of(statuses[i], NULL, "");

		r->retry_after_s = 3600;
		(void)sg_reply_refused(
		    r, NULL, SG_REPLY_OF_CALL, 0, "do it", &err);
		assert_non_null(
		    strstr(err.text, "; it asks to try again in 3600 s"));
		assert_null(strstr(err.text, "minute"));
		assert_null(strstr(err.text, "later"));
		sg_http_reply_free(&r);
	}
}

static void
advice_fits_what_was_asked(void **state)
{
	static const struct {
		int status;
		enum sg_reply_of of;
		const char *body;
		const char *says;
	} cases[] = {
	    {401, SG_REPLY_OF_PAT_LOGIN, "", "not one of a site"},
	    {403, SG_REPLY_OF_PAT_LOGIN, "", "expired"},
	    {401, SG_REPLY_OF_TCM_LOGIN, "", "cloud administrator"},
	    {401, SG_REPLY_OF_TABLEAU_LOGIN, "", "signet uat check"},
	    {404, SG_REPLY_OF_TABLEAU_LOGIN, "", "TABLEAU_CLOUD_POD_URL"},
	    {401, SG_REPLY_OF_VERSION, "", "TABLEAU_CLOUD_POD_URL"},
	    {403, SG_REPLY_OF_VERSION, "", "proxy"},
	    {401, SG_REPLY_OF_CALL_ALIVE, "{\"error\":{\"code\":\"401002\"}}",
		"lacks the scope"},
	    {401, SG_REPLY_OF_CALL, "", "sign in again"},
	    {403, SG_REPLY_OF_CALL, "", "may not do this"},
	    {429, SG_REPLY_OF_CALL, "", "too many requests"},
	    {503, SG_REPLY_OF_PAT_LOGIN, "", "later"},
	    {405, SG_REPLY_OF_TABLEAU_LOGIN,
		"{\"error\":{\"code\":\"405000\"}}", "must name the pod"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_err err;

		err = refuse(cases[i].status, cases[i].body, cases[i].of);
		assert_has(err.text, cases[i].says);
	}
}

static void
redirect_says_where_to_but_no_query(void **state)
{
	struct sg_http_reply *reply = reply_of(301, NULL, "");
	struct sg_err err = {0};

	(void)state;
	reply->location = strdup("https://new.test/x?token=hush");
	(void)sg_reply_refused(reply, NULL, SG_REPLY_OF_CALL, 0, "do it", &err);
	assert_has(err.text, "https://new.test/x");
	assert_has_not(err.text, "hush");
	sg_http_reply_free(&reply);
}

static void
wrong_clock_is_told_when_a_jwt_is_refused(void **state)
{
	static const struct {
		int64_t date_s;
		enum sg_reply_of of;
		const char *says; /* NULL: nothing of clocks */
	} cases[] = {
	    {NOW - 90, SG_REPLY_OF_TCM_LOGIN, "90 s ahead"},
	    {NOW + 3600, SG_REPLY_OF_TABLEAU_LOGIN, "3600 s behind"},
	    {NOW + 60, SG_REPLY_OF_TCM_LOGIN, NULL},
	    {0, SG_REPLY_OF_TCM_LOGIN, NULL},
	    {NOW - 90, SG_REPLY_OF_PAT_LOGIN, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_http_reply *reply = reply_of(401, NULL, "");
		struct sg_err err = {0};

		reply->date_s = cases[i].date_s;
		(void)sg_reply_refused(
		    reply, NULL, cases[i].of, NOW, "do it", &err);
		if (cases[i].says != NULL)
			assert_has(err.text, cases[i].says);
		else
			assert_has_not(err.text, "clock");
		sg_http_reply_free(&reply);
	}
}

static void
error_code_is_given_to_callers(void **state)
{
	struct sg_http_reply *reply =
	    reply_of(401, NULL, "{\"error\":{\"code\":\"401002\"}}");
	char code[SG_REPLY_CODE_SIZE];

	(void)state;
	sg_reply_error_code(reply, code);
	assert_string_equal(code, "401002");
	sg_http_reply_free(&reply);
	reply = reply_of(401, NULL, "");
	sg_reply_error_code(reply, code);
	assert_string_equal(code, "");
	sg_http_reply_free(&reply);
}

static void
no_error_object_is_no_trouble(void **state)
{
	struct sg_http_reply *reply = reply_of(401, NULL, "x");

	(void)state;
	assert_int_equal(
	    sg_reply_refused(reply, NULL, SG_REPLY_OF_CALL, 0, "do it", NULL),
	    SG_E_SESSION);
	sg_http_reply_free(&reply);
}

static void
json_body_is_read(void **state)
{
	struct sg_http_reply *reply = reply_of(200, NULL, "{\"a\":\"b\"}");
	struct sg_json *json = NULL;

	(void)state;
	assert_int_equal(sg_reply_json(reply, "do it", &json, NULL), SG_OK);
	assert_string_equal(sg_json_get_text(json, "a"), "b");
	sg_json_free(&json);
	sg_http_reply_free(&reply);
}

static void
what_is_no_json_is_refused_and_not_quoted(void **state)
{
	static const char *const cases[][2] = {
	    {"", "empty body"},
	    {"<html>hush</html>", "HTML page"},
	    {"hush", "not JSON"},
	    {"{\"a\":\"hush\"", "not JSON"},
	    {"{\"a\":1,\"a\":2}", "twice"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_http_reply *reply = reply_of(200, NULL, cases[i][0]);
		struct sg_json *json = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    sg_reply_json(reply, "do it", &json, &err), SG_E_REFUSED);
		assert_null(json);
		assert_int_equal(err.native, 200);
		assert_has(err.text, cases[i][1]);
		assert_has_not(err.text, "hush");
		sg_http_reply_free(&reply);
	}
}

static void
what_may_have_been_done_is_in_doubt(void **state)
{
	static const struct {
		enum sg_rc rc;
		long native;
		bool in_doubt;
	} cases[] = {
	    {SG_OK, 200, false},
	    {SG_E_NETWORK, SG_HTTP_NOT_SENT, false},
	    {SG_E_TIMEOUT, SG_HTTP_NOT_SENT, false},
	    {SG_E_NETWORK, SG_HTTP_LOST, true},
	    {SG_E_TIMEOUT, SG_HTTP_LOST, true},
	    {SG_E_NETWORK, SG_HTTP_BROKEN, true},
	    {SG_E_NETWORK, SG_HTTP_BARRED, false},
	    {SG_E_REFUSED, 200, true}, /* and cannot be read */
	    {SG_E_REFUSED, 204, true},
	    {SG_E_REFUSED, 502, true},
	    {SG_E_REFUSED, 504, true},
	    {SG_E_REFUSED, 0, false},
	    {SG_E_REFUSED, 307, false},
	    {SG_E_REFUSED, 409, false},
	    {SG_E_REFUSED, 500, true},
	    {SG_E_REFUSED, 501, false},
	    {SG_E_REFUSED, 503, true},
	    {SG_E_SESSION, 401, false},
	    {SG_E_NOMEM, 0, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++)
		assert_int_equal(
		    sg_reply_in_doubt(cases[i].rc, cases[i].native),
		    cases[i].in_doubt);
}

/* A login page behind a proxy may carry on what it was sent. */
static void
where_it_points_to_does_not_tell_the_secret(void **state)
{
	struct sg_http_reply *reply = reply_of(302, NULL, "");
	struct sg_secret *sent = secret_of("0123456789abcdefghij");
	struct sg_err err = {0};

	(void)state;
	reply->location = strdup("https://x.test/in/0123456789abcdefghij/a");
	assert_int_equal(
	    sg_reply_refused(reply, sent, SG_REPLY_OF_CALL, 0, "do it", &err),
	    SG_E_REFUSED);
	assert_has(err.text, "https://x.test/in/(hidden)/a");
	sg_secret_free(&sent);
	sg_http_reply_free(&reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_2xx_is_success),
	    cmocka_unit_test(a_401_is_of_the_session_and_all_else_refused),
	    cmocka_unit_test(a_jwt_is_refused_by_the_service_alone),
	    cmocka_unit_test(text_has_the_services_words_status_and_code),
	    cmocka_unit_test(advice_fits_what_was_asked),
	    cmocka_unit_test(a_time_of_the_service_takes_the_place_of_advice),
	    cmocka_unit_test(redirect_says_where_to_but_no_query),
	    cmocka_unit_test(wrong_clock_is_told_when_a_jwt_is_refused),
	    cmocka_unit_test(error_code_is_given_to_callers),
	    cmocka_unit_test(no_error_object_is_no_trouble),
	    cmocka_unit_test(what_may_have_been_done_is_in_doubt),
	    cmocka_unit_test(json_body_is_read),
	    cmocka_unit_test(what_is_no_json_is_refused_and_not_quoted),
	    cmocka_unit_test(where_it_points_to_does_not_tell_the_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
