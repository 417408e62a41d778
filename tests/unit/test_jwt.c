/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/jwt.h"

#include "base/json.h"
#include "base/secret.h"
#include "tests/unit/fake_key.h"

#define TENANT "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
#define HEADER "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}"
#define CLAIMS \
	"{\"iss\":\"https://a.example\",\"iat\":1790000000,\"exp\":1790000300," \
	"\"https://tableau.com/tenantId\":\"" TENANT "\"}"

static const struct sg_jwt_expect plain = {.now_s = FAKE_NOW_S};

/* Read and verify with the key of RFC 7515. */
static enum sg_rc
verify_text(const char *text, size_t len, const struct sg_jwt_expect *expect,
    struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	SG_AUTO(sg_jwt) jwt = NULL;
	enum sg_rc rc;

	rc = sg_jwt_parse(text, len, &jwt, err);
	if (rc == SG_OK)
		rc = sg_jwt_verify(jwt, rsa, expect, err);
	return rc;
}

/* Sign this header and these claims, then verify that. */
static enum sg_rc
verify(const char *header, const char *claims,
    const struct sg_jwt_expect *expect, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = fake_jws(header, claims);

	return verify_text(sg_buf_str(text), text->len, expect, err);
}

static void
check_refused(const char *header, const char *claims,
    const struct sg_jwt_expect *expect, const char *reason)
{
	struct sg_err err = {0};

	if (verify(header, claims, expect, &err) != SG_E_INVALID)
		fail_msg("%s %s is taken", header, claims);
	assert_int_equal(err.rc, SG_E_INVALID);
	if (strstr(err.text, reason) == NULL)
		fail_msg("%s %s: %s", header, claims, err.text);
}

static void
a_good_jwt_verifies_and_can_be_read(void **state)
{
	SG_AUTO(sg_buf) text = fake_jws(HEADER, CLAIMS);
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	SG_AUTO(sg_jwt) jwt = NULL;
	const struct sg_jwt_expect expect = {.issuer = "https://a.example",
	    .tenant_id = TENANT,
	    .now_s = FAKE_NOW_S};

	(void)state;
	assert_int_equal(
	    sg_jwt_parse(sg_buf_str(text), text->len, &jwt, NULL), SG_OK);
	assert_int_equal(sg_jwt_verify(jwt, rsa, &expect, NULL), SG_OK);
	assert_string_equal(sg_jwt_kid(jwt), "k1");
	assert_string_equal(
	    sg_json_get_text(sg_jwt_header(jwt), "alg"), "RS256");
	assert_string_equal(
	    sg_json_get_text(sg_jwt_claims(jwt), "iss"), "https://a.example");
}

static void
the_jwt_of_rfc_7515_verifies_in_its_time(void **state)
{
	struct sg_jwt_expect expect = {.issuer = "joe", .now_s = 1300819379};
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    verify_text(RFC7515_JWS, strlen(RFC7515_JWS), &expect, NULL),
	    SG_OK);
	expect.now_s++;
	assert_int_equal(
	    verify_text(RFC7515_JWS, strlen(RFC7515_JWS), &expect, &err),
	    SG_E_INVALID);
	assert_non_null(strstr(err.text, "expired at 2011-03-22T18:43:00Z"));
}

static void
any_changed_bit_makes_it_invalid(void **state)
{
	SG_AUTO(sg_buf) text = fake_jws(HEADER, CLAIMS);
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	size_t i;
	int bit;

	(void)state;
	for (i = 0; i < text->len; i++) {
		for (bit = 0; bit < 8; bit++) {
			SG_AUTO(sg_jwt) jwt = NULL;
			enum sg_rc rc;

			text->data[i] ^= (uint8_t)(1 << bit);
			rc = sg_jwt_parse(
			    sg_buf_str(text), text->len, &jwt, NULL);
			if (rc == SG_OK)
				rc = sg_jwt_verify(jwt, rsa, &plain, NULL);
			if (rc != SG_E_INVALID)
				fail_msg("byte %zu, bit %d", i, bit);
			text->data[i] ^= (uint8_t)(1 << bit);
		}
	}
	assert_int_equal(
	    verify_text(sg_buf_str(text), text->len, &plain, NULL), SG_OK);
}

static void
a_byte_more_or_less_makes_it_invalid(void **state)
{
	SG_AUTO(sg_buf) text = fake_jws(HEADER, CLAIMS);
	size_t i;

	(void)state;
	for (i = 0; i < text->len; i++)
		assert_int_equal(verify_text(sg_buf_str(text), i, &plain, NULL),
		    SG_E_INVALID);
	sg_buf_add_byte(text, 'A');
	assert_int_equal(verify_text(sg_buf_str(text), text->len, &plain, NULL),
	    SG_E_INVALID);
}

/* RFC 8725 §3.1: the signature would be right, the alg is not. */
static void
no_other_algorithm_is_accepted(void **state)
{
	static const char *const headers[] = {"{\"alg\":\"none\"}",
	    "{\"alg\":\"None\"}", "{\"alg\":\"HS256\"}", "{\"alg\":\"RS384\"}",
	    "{\"alg\":\"RS512\"}", "{\"alg\":\"PS256\"}", "{\"alg\":\"ES256\"}",
	    "{\"alg\":\"rs256\"}", "{\"alg\":\"RS256 \"}", "{\"alg\":\"\"}",
	    "{\"alg\":null}", "{\"alg\":[\"RS256\"]}", "{\"typ\":\"JWT\"}",
	    "{}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(headers); i++)
		check_refused(headers[i], CLAIMS, &plain, "RS256");
}

static void
an_empty_signature_is_never_good(void **state)
{
	static const char *const headers[] = {
	    "{\"alg\":\"none\"}", "{\"alg\":\"RS256\"}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(headers); i++) {
		SG_AUTO(sg_buf) text = fake_jws(headers[i], CLAIMS);
		size_t len;

		len = (size_t)(strrchr(sg_buf_str(text), '.') -
			       sg_buf_str(text)) +
		      1;
		assert_int_equal(
		    verify_text(sg_buf_str(text), len, &plain, NULL),
		    SG_E_INVALID);
	}
}

static void
the_header_is_checked_before_the_signature(void **state)
{
	static const struct {
		const char *header;
		const char *reason;
	} rows[] = {
	    {"{\"alg\":\"RS256\",\"crit\":[\"exp\"]}", "crit"},
	    {"{\"alg\":\"RS256\",\"crit\":[]}", "crit"},
	    {"{\"alg\":\"RS256\",\"crit\":null}", "crit"},
	    {"{\"alg\":\"RS256\",\"typ\":\"JWE\"}", "typ"},
	    {"{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", "typ"},
	    {"{\"alg\":\"RS256\",\"typ\":7}", "typ"},
	    {"{\"alg\":\"RS256\",\"typ\":null}", "typ"},
	    {"{\"alg\":\"RS256\",\"kid\":7}", "kid"},
	    {"{\"alg\":\"RS256\",\"kid\":[\"k1\"]}", "kid"},
	    {"{\"alg\":\"RS256\",\"kid\":null}", "kid"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++)
		check_refused(rows[i].header, CLAIMS, &plain, rows[i].reason);
	assert_int_equal(
	    verify("{\"alg\":\"RS256\",\"typ\":\"jwt\"}", CLAIMS, &plain, NULL),
	    SG_OK);
	assert_int_equal(
	    verify("{\"alg\":\"RS256\"}", CLAIMS, &plain, NULL), SG_OK);
}

static void
times_are_checked_to_the_second(void **state)
{
	static const struct {
		const char *claims;
		int64_t leeway_s;
		const char *reason; /* NULL: good */
	} rows[] = {
	    {"{}", 0, "no exp"},
	    {"{\"exp\":null}", 0, "exp is not"},
	    {"{\"exp\":\"1790000300\"}", 0, "exp is not"},
	    {"{\"exp\":1790000300.5}", 0, "exp is not"},
	    {"{\"exp\":1790000001}", 0, NULL},
	    {"{\"exp\":1790000000}", 0, "expired"},
	    {"{\"exp\":1790000000}", 1, NULL},
	    {"{\"exp\":1789999940}", 60, "expired"},
	    {"{\"exp\":1789999941}", 60, NULL},
	    {"{\"exp\":-1}", 60, "expired"},
	    {"{\"exp\":1790000300,\"nbf\":1790000000}", 0, NULL},
	    {"{\"exp\":1790000300,\"nbf\":1790000001}", 0, "(nbf)"},
	    {"{\"exp\":1790000300,\"nbf\":1790000060}", 60, NULL},
	    {"{\"exp\":1790000300,\"nbf\":1790000061}", 60, "(nbf)"},
	    {"{\"exp\":1790000300,\"nbf\":\"0\"}", 0, "nbf is not"},
	    {"{\"exp\":1790000300,\"iat\":1790000000}", 0, NULL},
	    {"{\"exp\":1790000300,\"iat\":1790000001}", 0, "(iat)"},
	    {"{\"exp\":1790000300,\"iat\":1790000060}", 60, NULL},
	    {"{\"exp\":1790000300,\"iat\":true}", 0, "iat is not"},
	    {"{\"exp\":9223372036854775807}", 0, NULL},
	    {"{\"exp\":-9223372036854775808}", 0, "expired"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct sg_jwt_expect expect = {
		    .now_s = FAKE_NOW_S, .leeway_s = rows[i].leeway_s};

		if (rows[i].reason != NULL)
			check_refused(
			    HEADER, rows[i].claims, &expect, rows[i].reason);
		else if (verify(HEADER, rows[i].claims, &expect, NULL) != SG_OK)
			fail_msg("%s is refused", rows[i].claims);
	}
}

static void
issuer_and_tenant_must_be_the_expected(void **state)
{
	struct sg_jwt_expect expect = {
	    .now_s = FAKE_NOW_S, .issuer = "https://b.example"};

	(void)state;
	check_refused(
	    HEADER, CLAIMS, &expect, "should be \"https://b.example\"");
	expect.issuer = "https://a.example/";
	check_refused(HEADER, CLAIMS, &expect, "iss");
	check_refused(HEADER, "{\"exp\":1790000300}", &expect, "no iss");
	check_refused(HEADER,
	    "{\"exp\":1790000300,\"iss\":[\"https://a.example/\"]}", &expect,
	    "no iss");
	expect.issuer = NULL;
	expect.tenant_id = "1a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
	check_refused(HEADER, CLAIMS, &expect, "tenantId");
	check_refused(HEADER, "{\"exp\":1790000300}", &expect, "no https");
}

static void
what_is_not_strictly_a_jwt_is_refused(void **state)
{
	static const char *const payloads[] = {"", "[]", "1", "\"a\"", "null",
	    "{", "{}}", "{\"exp\":1790000300,\"exp\":1790000300}",
	    "{\"exp\":1790000300,\"a\":{\"b\":1,\"b\":2}}",
	    "{\"exp\":1790000300,\"a\":\"\xe9\"}", "{\"exp\":1790000300} {}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(payloads); i++) {
		SG_AUTO(sg_buf) text = fake_jws(HEADER, payloads[i]);
		struct sg_jwt *jwt = NULL;
		struct sg_err err = {0};

		if (sg_jwt_parse(sg_buf_str(text), text->len, &jwt, &err) !=
		    SG_E_INVALID)
			fail_msg("%s is taken", payloads[i]);
		assert_null(jwt);
		assert_int_equal(err.rc, SG_E_INVALID);
	}
}

static void
a_jwt_without_kid_has_none(void **state)
{
	SG_AUTO(sg_jwt) jwt = NULL;

	(void)state;
	assert_int_equal(
	    sg_jwt_parse(RFC7515_JWS, strlen(RFC7515_JWS), &jwt, NULL), SG_OK);
	assert_null(sg_jwt_kid(jwt));
}

static void
what_was_signed_can_be_read_back(void **state)
{
	SG_AUTO(sg_buf) text = fake_jws(HEADER, CLAIMS);
	SG_AUTO(sg_secret) jwt = NULL;
	SG_AUTO(sg_secret) none = NULL;
	SG_AUTO(sg_json) claims = NULL;

	(void)state;
	assert_int_equal(
	    sg_secret_new(sg_buf_str(text), text->len, &jwt, NULL), SG_OK);
	assert_int_equal(sg_jwt_claims_of(jwt, &claims, NULL), SG_OK);
	assert_string_equal(
	    sg_json_get_text(claims, "iss"), "https://a.example");
	sg_json_free(&claims);
	assert_int_equal(sg_secret_new("a.b", 3, &none, NULL), SG_OK);
	assert_int_equal(sg_jwt_claims_of(none, &claims, NULL), SG_E_INVALID);
	assert_null(claims);
}

static void
free_leaves_null(void **state)
{
	struct sg_jwt *jwt = NULL;

	(void)state;
	assert_int_equal(
	    sg_jwt_parse(RFC7515_JWS, strlen(RFC7515_JWS), &jwt, NULL), SG_OK);
	sg_jwt_free(&jwt);
	assert_null(jwt);
	sg_jwt_free(&jwt);
	sg_jwt_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_jwt_verifies_and_can_be_read),
	    cmocka_unit_test(the_jwt_of_rfc_7515_verifies_in_its_time),
	    cmocka_unit_test(any_changed_bit_makes_it_invalid),
	    cmocka_unit_test(a_byte_more_or_less_makes_it_invalid),
	    cmocka_unit_test(no_other_algorithm_is_accepted),
	    cmocka_unit_test(an_empty_signature_is_never_good),
	    cmocka_unit_test(the_header_is_checked_before_the_signature),
	    cmocka_unit_test(times_are_checked_to_the_second),
	    cmocka_unit_test(issuer_and_tenant_must_be_the_expected),
	    cmocka_unit_test(what_is_not_strictly_a_jwt_is_refused),
	    cmocka_unit_test(a_jwt_without_kid_has_none),
	    cmocka_unit_test(what_was_signed_can_be_read_back),
	    cmocka_unit_test(free_leaves_null),
	};

	return cmocka_run_group_tests_name("jwt", tests, NULL, NULL);
}
