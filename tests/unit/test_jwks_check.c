/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "client/check/jwks_check.h"
#include "tests/unit/fake_rfc.h"

#define NOW_S 1800000000
#define URL   "https://keys.test/jwks.json"
#define N_A   "\"kty\":\"RSA\",\"n\":\"" RFC7638_N "\",\"e\":\"AQAB\""
#define N_B   "\"kty\":\"RSA\",\"n\":\"" RFC7515_N "\",\"e\":\"AQAB\""
#define GOOD  "{\"keys\":[{" N_B ",\"kid\":\"b\"},{" N_A ",\"kid\":\"a\"}]}"

static const struct sg_jwks_want want_a = {RFC7638_THUMBPRINT, "a"};

static struct step
answer(const char *text)
{
	return (struct step){.method = "GET",
	    .url = URL,
	    .body = NO_BODY,
	    .status = 200,
	    .content_type = "application/json",
	    .cache_control = "max-age=300",
	    .reply = text};
}

static void
look(const struct step *step, const struct sg_jwks_want *wants, size_t count,
    struct sg_jwks_report *report)
{
	struct fake fake = {.steps = step, .count = 1};
	struct sg_http *http = fake_http(&fake);
	struct sg_err err = {0};

	memset(report, 0, sizeof(*report));
	if (sg_jwks_check(http, URL, wants, count, NOW_S, report, &err) !=
	    SG_OK)
		fail_msg("%s", err.text);
	fake_end(&fake, &http);
}

/* The results of all points, a letter each: p, w, u, f. */
static void
assert_results(const struct sg_jwks_report *report, const char *letters)
{
	char got[64] = "";
	size_t i;

	for (i = 0; i < report->points.count && i + 1 < sizeof(got); i++)
		got[i] = *sg_result_name(report->points.items[i].result);
	assert_string_equal(got, letters);
}

static void
a_good_set_passes_at_every_point(void **state)
{
	static const char *const names[] = {"answer", "status", "type", "cache",
	    "size", "form", "public", "keys", "kids", "key", "kid"};
	const struct step step = answer(GOOD);
	struct sg_jwks_report report;
	size_t i;

	(void)state;
	look(&step, &want_a, 1, &report);
	assert_results(&report, "ppppppppppp");
	for (i = 0; i < SG_COUNT(names); i++)
		assert_string_equal(report.points.items[i].name, names[i]);
	assert_int_equal(report.answer, SG_OK);
	assert_int_equal(report.max_age_s, 300);
	assert_string_equal(sg_buf_str(report.text), GOOD);
	sg_jwks_report_clear(&report);
	assert_null(report.text);
}

static void
each_wanted_key_is_looked_for(void **state)
{
	const struct sg_jwks_want wants[] = {
	    want_a, {"nobodys-thumbprint", "b"}};
	const struct step step = answer(GOOD);
	struct sg_jwks_report report;

	(void)state;
	look(&step, wants, 2, &report);
	assert_results(&report, "pppppppppppfu");
	sg_jwks_report_clear(&report);
	look(&step, NULL, 0, &report);
	assert_results(&report, "pppppppppuu");
	sg_jwks_report_clear(&report);
}

/* Each fault is found at its point, and at no other. */
static void
each_fault_is_found_at_its_point(void **state)
{
	static const struct {
		const char *text;
		const char *letters;
		const char *found;
	} rows[] = {
	    {"", "pppppfuuuuu", "JWK Set"},
	    {"<html>", "pppppfuuuuu", "JWK Set"},
	    {GOOD "x", "pppppfuuuuu", "JWK Set"},
	    {"{\"keys\":[],\"keys\":[]}", "pppppfuuuuu", "JWK Set"},
	    {"[]", "pppppfuuuuu", "array \"keys\""},
	    {"{\"keys\":7}", "pppppfuuuuu", "array \"keys\""},
	    {"{\"keys\":[]}", "pppppfuuuuu", "no key"},
	    {"{\"keys\":[{" N_B ",\"kid\":\"b\"}]}", "pppppppppfu",
		"is not there"},
	    {"{\"keys\":[{" N_A ",\"kid\":\"b\"}]}", "ppppppppppf",
		"\"b\", that of the JWTs \"a\""},
	    {"{\"keys\":[{" N_A "}]}", "ppppppppwpf", ""},
	    {"{\"keys\":[{" N_A ",\"kid\":\"a\"},{" N_B ",\"kid\":\"a\"}]}",
		"ppppppppfpp", "\"a\" stands there more than once"},
	    {"{\"keys\":[{" N_A ",\"kid\":\"a\"},{" N_A ",\"kid\":\"a\"}]}",
		"ppppppppfpp", "more than once"},
	    {"{\"keys\":[{" N_A ",\"kid\":\"a\"},{\"kty\":\"EC\","
	     "\"kid\":\"e\"}]}",
		"pppppppwppp", "1 of 2; key 2"},
	    {"{\"keys\":[{" N_A ",\"kid\":\"a\"},7]}", "pppppppwwpp", ""},
	    {"{\"keys\":[{" N_A ",\"kid\":\"a\",\"exp\":1700000000}]}",
		"pppppppppwp", "since 2023-11-14T22:13:20Z"},
	    {"{\"keys\":[{" N_A
	     ",\"kid\":\"a\",\"exp\":-9223372036854775808}]}",
		"pppppppppwp", "since before the year 0"},
	    {"{\"keys\":[{" N_A ",\"kid\":\"a\",\"exp\":1900000000}]}",
		"ppppppppppp", NULL},
	    {"{\"keys\":[{" N_A ",\"kid\":\"a\",\"use\":\"enc\"}]}",
		"pppppppwpfp", "(use)"},
	    {"{\"keys\":[{" N_A ",\"kid\":\"a\",\"alg\":\"PS256\"}]}",
		"pppppppwpfp", "(alg)"},
	    {"{\"keys\":[{" N_A ",\"kid\":\"a\"},{" N_B
	     ",\"kid\":\"b\",\"d\":\"AQAB\"}]}",
		"ppppppfwppp", "key 2 is published with its private"},
	    {"{\"keys\":[{" N_A ",\"kid\":\"z\"},{" N_A ",\"kid\":\"a\"}]}",
		"ppppppppppp", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct step step = answer(rows[i].text);
		struct sg_jwks_report report;
		size_t k;
		bool told = rows[i].found == NULL;

		look(&step, &want_a, 1, &report);
		assert_results(&report, rows[i].letters);
		for (k = 0; k < report.points.count; k++) {
			const struct sg_point *p = &report.points.items[k];

			told |= p->result != SG_RESULT_PASS &&
				rows[i].found != NULL &&
				strstr(p->found, rows[i].found) != NULL;
			assert_true((p->result == SG_RESULT_FAIL ||
					p->result == SG_RESULT_WARN) ==
				    (p->fix != NULL));
		}
		assert_true(told);
		sg_jwks_report_clear(&report);
	}
}

static void
jwts_without_a_kid_fail(void **state)
{
	const struct sg_jwks_want want = {RFC7638_THUMBPRINT, NULL};
	const struct step step = answer(GOOD);
	struct sg_jwks_report report;

	(void)state;
	look(&step, &want, 1, &report);
	assert_results(&report, "ppppppppppf");
	assert_has(report.points.items[10].fix, "SIGNET_KID");
	sg_jwks_report_clear(&report);
}

static void
no_answer_is_a_finding(void **state)
{
	const struct step step = {.method = "GET",
	    .url = URL,
	    .rc = SG_E_NETWORK,
	    .fault = SG_HTTP_BROKEN};
	struct sg_jwks_report report;

	(void)state;
	look(&step, &want_a, 1, &report);
	assert_results(&report, "fuuuuuuuuuu");
	assert_int_equal(report.answer, SG_E_NETWORK);
	assert_int_equal(report.max_age_s, -1);
	assert_null(report.text);
	assert_has(report.points.items[0].found, "no answer could be had");
	sg_jwks_report_clear(&report);
}

static void
a_refusal_is_a_finding(void **state)
{
	struct step step = answer(GOOD);
	struct sg_jwks_report report;

	(void)state;
	step.status = 404;
	look(&step, &want_a, 1, &report);
	assert_results(&report, "pfuuuuuuuuu");
	assert_null(report.text);
	sg_jwks_report_clear(&report);
}

static void
a_url_without_tls_is_not_asked(void **state)
{
	struct fake fake = {.count = 0};
	struct sg_http *http = fake_http(&fake);
	struct sg_jwks_report report = {0};
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_jwks_check(http, "http://keys.test/", NULL, 0,
			     NOW_S, &report, &err),
	    SG_E_CONFIG);
	assert_has(err.text, "https");
	sg_jwks_report_clear(&report);
	fake_end(&fake, &http);
}

/* Another's key beside ours, with a number of so many characters. */
static void
an_endless_number_is_a_finding(void **state)
{
	static const size_t lens[] = {3000, 17000, 30000, 200000};
	struct sg_jwks_report report;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(lens); i++) {
		SG_AUTO(sg_buf) text = sg_buf_new(SIZE_MAX);
		struct step step;
		size_t n;

		sg_buf_add_str(text,
		    "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"z\","
		    "\"e\":\"AQAB\",\"n\":\"");
		for (n = 0; n < lens[i]; n++)
			sg_buf_add_byte(text, 'z');
		sg_buf_add_str(text, "\"},{" N_A ",\"kid\":\"a\"}]}");
		step = answer(sg_buf_str(text));
		look(&step, &want_a, 1, &report);
		assert_results(
		    &report, lens[i] > 50000 ? "ppppuppwppp" : "pppppppwppp");
		assert_has(report.points.items[7].found, "1 of 2; key 1");
		sg_jwks_report_clear(&report);
	}
}

/* As many keys as its bound lets in; each with each would take seconds. */
static void
a_set_of_many_keys_is_looked_through_at_once(void **state)
{
	SG_AUTO(sg_buf) text = sg_buf_new(SIZE_MAX);
	struct sg_jwks_report report;
	struct step step;
	size_t i;

	(void)state;
	sg_buf_add_str(text, "{\"keys\":[{" N_A ",\"kid\":\"a\"}");
	for (i = 0; i < 15000; i++)
		sg_buf_addf(text, ",{\"kid\":\"k%zx\"}", i);
	sg_buf_add_str(text, "]}");
	step = answer(sg_buf_str(text));
	look(&step, &want_a, 1, &report);
	assert_results(&report, "ppppuppwppp");
	sg_jwks_report_clear(&report);
}

static void
what_many_overlook_is_a_warning(void **state)
{
	static const char *const texts[] = {
	    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" RFC7638_N
	    "==\",\"e\":\"AQAB\",\"kid\":\"a\"}]}",
	    "{\"keys\":[{" N_A ",\"kid\":\"a\",\"key_ops\":[\"sign\"]}]}",
	};
	struct sg_jwks_report report;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++) {
		struct step step = answer(texts[i]);

		look(&step, &want_a, 1, &report);
		assert_results(&report, "pppppppwpwp");
		sg_jwks_report_clear(&report);
	}
}

static void
a_set_holds_a_key_whatever_it_is_said_to_be_for(void **state)
{
	static const struct {
		int status;
		const char *text;
		enum sg_rc rc;
		bool holds;
	} cases[] = {
	    {200, GOOD, SG_OK, true},
	    {200, "{\"keys\":[{" N_A ",\"use\":\"enc\"}]}", SG_OK, true},
	    {200, "{\"keys\":[{" N_B "},{}]}", SG_OK, false},
	    {200, "{\"keys\":[]}", SG_OK, false},
	    {200, "{}", SG_E_NETWORK, false},
	    {200, "<html>", SG_E_NETWORK, false},
	    {404, GOOD, SG_E_NETWORK, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct step step = answer(cases[i].text);
		struct fake fake = {.steps = &step, .count = 1};
		struct sg_http *http = fake_http(&fake);
		bool holds = false;

		step.status = cases[i].status;
		assert_int_equal(
		    sg_jwks_holds(http, URL, RFC7638_THUMBPRINT, &holds, NULL),
		    cases[i].rc);
		assert_int_equal(holds, cases[i].holds);
		fake_end(&fake, &http);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_set_passes_at_every_point),
	    cmocka_unit_test(each_wanted_key_is_looked_for),
	    cmocka_unit_test(each_fault_is_found_at_its_point),
	    cmocka_unit_test(jwts_without_a_kid_fail),
	    cmocka_unit_test(no_answer_is_a_finding),
	    cmocka_unit_test(a_refusal_is_a_finding),
	    cmocka_unit_test(a_url_without_tls_is_not_asked),
	    cmocka_unit_test(a_set_holds_a_key_whatever_it_is_said_to_be_for),
	    cmocka_unit_test(an_endless_number_is_a_finding),
	    cmocka_unit_test(a_set_of_many_keys_is_looked_through_at_once),
	    cmocka_unit_test(what_many_overlook_is_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
