/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/json.h"
#include "base/jsonw.h"
#include "client/session/session.h"

#define NOW 1800000000

static struct sg_session *
session_of(enum sg_service service, int64_t expires_s)
{
	struct sg_session *session = NULL;

	assert_int_equal(sg_session_new(service, SG_SESSION_JWT, "a+/=:-_|b",
			     NOW, &session, NULL),
	    SG_OK);
	session->expires_s = expires_s;
	return session;
}

static void
token_that_no_header_can_carry_is_refused(void **state)
{
	static const char *const tokens[] = {
	    NULL, "", "a b", "a\r\nX: y", "a\x7f", "\xc3\xa9"};
	struct sg_session *session = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(tokens); i++)
		assert_int_equal(sg_session_new(SG_SERVICE_TCM, SG_SESSION_PAT,
				     tokens[i], NOW, &session, NULL),
		    SG_E_REFUSED);
	assert_null(session);
}

static void
tcm_session_ends_by_expiry_or_idleness(void **state)
{
	struct sg_session *s = session_of(SG_SERVICE_TCM, NOW + 3600);

	(void)state;
	assert_true(sg_session_is_valid(s, NOW + 1799));
	assert_false(sg_session_is_valid(s, NOW + 1800));
	s->used_s = NOW + 1790;
	assert_true(sg_session_is_valid(s, NOW + 3589));
	s->used_s = NOW + 3580;
	assert_true(sg_session_is_valid(s, NOW + 3599));
	assert_false(sg_session_is_valid(s, NOW + 3600));
	sg_session_free(&s);
}

static void
tcm_session_without_expiry_lasts_four_hours(void **state)
{
	struct sg_session *s = session_of(SG_SERVICE_TCM, 0);

	(void)state;
	s->used_s = NOW + 4 * 3600 - 10;
	assert_true(sg_session_is_valid(s, NOW + 4 * 3600 - 1));
	assert_false(sg_session_is_valid(s, NOW + 4 * 3600));
	sg_session_free(&s);
}

static void
tableau_session_without_expiry_lasts_two_hours(void **state)
{
	struct sg_session *s = session_of(SG_SERVICE_TABLEAU, 0);

	(void)state;
	assert_true(sg_session_is_valid(s, NOW + 7199));
	s->used_s = NOW + 7199; /* use does not prolong it */
	assert_false(sg_session_is_valid(s, NOW + 7200));
	sg_session_free(&s);
}

static void
session_from_the_future_is_not_used(void **state)
{
	struct sg_session *s = session_of(SG_SERVICE_TCM, NOW + 3600);

	(void)state;
	assert_false(sg_session_is_valid(s, NOW - 1));
	sg_session_free(&s);
}

static void
each_service_has_its_header(void **state)
{
	struct sg_session *tcm = session_of(SG_SERVICE_TCM, 0);
	struct sg_session *tableau = session_of(SG_SERVICE_TABLEAU, 0);

	(void)state;
	assert_string_equal(sg_session_header(tcm), "x-tableau-session-token");
	assert_string_equal(sg_session_header(tableau), "X-Tableau-Auth");
	sg_session_free(&tcm);
	sg_session_free(&tableau);
}

static void
sessions_are_the_same_by_their_token(void **state)
{
	struct sg_session *a = session_of(SG_SERVICE_TCM, 0);
	struct sg_session *b = session_of(SG_SERVICE_TABLEAU, 5);
	struct sg_session *c = NULL;

	(void)state;
	assert_int_equal(sg_session_new(SG_SERVICE_TCM, SG_SESSION_JWT,
			     "a+/=:-_|c", NOW, &c, NULL),
	    SG_OK);
	assert_true(sg_session_is_same(a, b));
	assert_false(sg_session_is_same(a, c));
	sg_session_free(&a);
	sg_session_free(&b);
	sg_session_free(&c);
}

static enum sg_rc
read_text(const char *text, struct sg_session **out_session)
{
	struct sg_json *json = NULL;
	enum sg_rc rc;

	assert_int_equal(sg_json_parse(text, strlen(text), &json, NULL), SG_OK);
	rc = sg_session_read(json, out_session, NULL);
	sg_json_free(&json);
	return rc;
}

static void
what_is_written_is_read_back(void **state)
{
	struct sg_session *s = session_of(SG_SERVICE_TABLEAU, NOW + 5);
	struct sg_session *back = NULL;
	struct sg_buf *buf = sg_buf_new(4096);
	struct sg_jsonw w = {.out = buf};

	(void)state;
	s->base_url = strdup("https://pod.test");
	s->tenant_id = strdup("t");
	s->user_id = strdup("u");
	s->site_id = strdup("s");
	s->site_content_url = strdup("");
	s->api_version = strdup("3.28");
	s->used_s = NOW + 1;
	sg_session_write(&w, NULL, s);
	assert_int_equal(sg_jsonw_check(&w, "it", NULL), SG_OK);
	assert_int_equal(read_text(sg_buf_str(buf), &back), SG_OK);
	assert_int_equal(back->service, SG_SERVICE_TABLEAU);
	assert_int_equal(back->kind, SG_SESSION_JWT);
	assert_string_equal(back->base_url, "https://pod.test");
	assert_string_equal(back->tenant_id, "t");
	assert_string_equal(back->user_id, "u");
	assert_string_equal(back->site_id, "s");
	assert_string_equal(back->site_content_url, "");
	assert_string_equal(back->api_version, "3.28");
	assert_int_equal(back->made_s, NOW);
	assert_int_equal(back->used_s, NOW + 1);
	assert_int_equal(back->expires_s, NOW + 5);
	assert_true(sg_session_is_same(s, back));
	sg_session_free(&s);
	sg_session_free(&back);
	sg_buf_free(&buf);
}

#define TIMES "\"made\":1,\"used\":1,\"expires\":0"

static void
what_was_never_written_is_not_read(void **state)
{
	static const char *const cases[] = {
	    "{}",
	    "[]",
	    "null",
	    "{\"service\":\"tcm\",\"kind\":\"jwt\",\"token\":\"t\"," TIMES "}",
	    "{\"service\":\"x\",\"kind\":\"jwt\",\"token\":\"t\","
	    "\"baseUrl\":\"b\"," TIMES "}",
	    "{\"service\":\"tcm\",\"kind\":1,\"token\":\"t\","
	    "\"baseUrl\":\"b\"," TIMES "}",
	    "{\"service\":\"tcm\",\"kind\":\"jwt\",\"token\":\"\","
	    "\"baseUrl\":\"b\"," TIMES "}",
	    "{\"service\":\"tableau\",\"kind\":\"jwt\",\"token\":\"t\","
	    "\"baseUrl\":\"b\"," TIMES "}",
	    "{\"service\":\"tcm\",\"kind\":\"jwt\",\"token\":\"t\","
	    "\"baseUrl\":\"b\",\"made\":-1,\"used\":1,\"expires\":0}",
	    "{\"service\":\"tcm\",\"kind\":\"jwt\",\"token\":\"t\","
	    "\"baseUrl\":\"b\",\"made\":1,\"used\":\"1\",\"expires\":0}",
	    "{\"service\":\"tcm\",\"kind\":\"jwt\",\"token\":\"t\",\"baseUrl\""
	    ":\"b\",\"made\":1,\"used\":1,\"expires\":9223372036854775807}",
	};
	struct sg_session *session = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++)
		assert_int_equal(read_text(cases[i], &session), SG_E_INVALID);
	assert_null(session);
	assert_int_equal(
	    read_text("{\"service\":\"tcm\",\"kind\":\"jwt\",\"token\":\"t\","
		      "\"baseUrl\":\"b\"," TIMES "}",
		&session),
	    SG_OK);
	sg_session_free(&session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(token_that_no_header_can_carry_is_refused),
	    cmocka_unit_test(tcm_session_ends_by_expiry_or_idleness),
	    cmocka_unit_test(tcm_session_without_expiry_lasts_four_hours),
	    cmocka_unit_test(tableau_session_without_expiry_lasts_two_hours),
	    cmocka_unit_test(session_from_the_future_is_not_used),
	    cmocka_unit_test(each_service_has_its_header),
	    cmocka_unit_test(sessions_are_the_same_by_their_token),
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(what_was_never_written_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
