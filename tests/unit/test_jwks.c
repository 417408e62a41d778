/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/jwks.h"

#include "tests/token/vectors.h"
#include "tests/unit/fake_key.h"

#define NUMBERS_A "\"kty\":\"RSA\",\"n\":\"" RFC7638_N "\",\"e\":\"AQAB\""
#define NUMBERS_B "\"kty\":\"RSA\",\"n\":\"" RFC7515_N "\",\"e\":\"AQAB\""
#define SET(keys) "{\"keys\":[" keys "]}"

static enum sg_rc
merge(struct sg_jwks *set, const char *text, struct sg_err *err)
{
	return sg_jwks_merge(set, text, strlen(text), err);
}

static void
must_merge(struct sg_jwks *set, const char *text)
{
	struct sg_err err = {0};

	if (merge(set, text, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
}

static char *
written(const struct sg_jwks *set)
{
	SG_AUTO(sg_buf) out = sg_buf_new(SG_JWKS_TEXT_MAX);

	assert_int_equal(sg_jwks_write(set, out, NULL), SG_OK);
	return strdup(sg_buf_str(out));
}

static void
an_empty_set_is_written_as_one(void **state)
{
	SG_AUTO(sg_jwks) set = sg_jwks_new();
	SG_AUTO_STR text = written(set);

	(void)state;
	assert_string_equal(text, "{\"keys\":[]}\n");
	assert_int_equal(sg_jwks_count(set), 0);
	assert_null(sg_jwks_at(set, 0));
}

static void
the_kid_is_the_thumbprint_of_rfc_7638_unless_given(void **state)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7638_N, RFC7638_E);
	SG_AUTO(sg_jwks) set = sg_jwks_new();

	(void)state;
	assert_int_equal(sg_jwks_add(set, rsa, NULL, 0, NULL), SG_OK);
	assert_string_equal(sg_jwks_at(set, 0)->kid, RFC7638_THUMBPRINT);
	assert_string_equal(sg_jwks_at(set, 0)->thumbprint, RFC7638_THUMBPRINT);
	assert_int_equal(sg_jwks_add(set, rsa, "a", 0, NULL), SG_OK);
	assert_int_equal(sg_jwks_count(set), 2);
}

static void
the_same_keys_in_any_order_make_the_same_bytes(void **state)
{
	static const char *const sets[] = {
	    SET("{" NUMBERS_A ",\"kid\":\"a\"},{" NUMBERS_B
		",\"kid\":\"b\",\"exp\":1900000000}"),
	    SET("{\"exp\":1900000000,\"x5c\":[\"x\"],\"kid\":\"b\"," NUMBERS_B
		"},{\"kid\":\"a\",\"alg\":\"RS256\",\"use\":\"sig\"," NUMBERS_A
		"},{" NUMBERS_A ",\"kid\":\"a\"}"),
	};
	SG_AUTO(sg_jwks) one = sg_jwks_new();
	SG_AUTO(sg_jwks) other = sg_jwks_new();
	SG_AUTO_STR one_text = NULL;
	SG_AUTO_STR other_text = NULL;

	(void)state;
	must_merge(one, sets[0]);
	must_merge(other, sets[1]);
	one_text = written(one);
	other_text = written(other);
	assert_string_equal(one_text, other_text);
	assert_string_equal(one_text,
	    "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\","
	    "\"kid\":\"a\",\"n\":\"" RFC7638_N "\",\"e\":\"AQAB\"},"
	    "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"b\","
	    "\"n\":\"" RFC7515_N "\",\"e\":\"AQAB\",\"exp\":1900000000}]}\n");
}

static void
what_was_written_is_merged_to_the_same_bytes(void **state)
{
	SG_AUTO(sg_jwks) one = sg_jwks_new();
	SG_AUTO(sg_jwks) other = sg_jwks_new();
	SG_AUTO_STR text = NULL;
	SG_AUTO_STR again = NULL;

	(void)state;
	must_merge(one, SET("{" NUMBERS_B "},{" NUMBERS_A ",\"exp\":77}"));
	text = written(one);
	must_merge(other, text);
	must_merge(other, text);
	again = written(other);
	assert_string_equal(text, again);
}

static void
a_kid_never_names_two_keys(void **state)
{
	SG_AUTO(sg_jwks) set = sg_jwks_new();
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(merge(set,
			     SET("{" NUMBERS_A ",\"kid\":\"k\"},{" NUMBERS_B
				 ",\"kid\":\"k\"}"),
			     &err),
	    SG_E_INVALID);
	assert_non_null(strstr(err.text, "key 2"));
	assert_non_null(strstr(err.text, "\"k\" names two keys"));
	assert_non_null(strstr(err.text, RFC7638_THUMBPRINT));
}

static void
of_two_times_the_earlier_counts(void **state)
{
	SG_AUTO(sg_jwks) set = sg_jwks_new();

	(void)state;
	must_merge(set, SET("{" NUMBERS_A "}"));
	assert_int_equal(sg_jwks_at(set, 0)->retire_at_s, 0);
	must_merge(set, SET("{" NUMBERS_A ",\"exp\":500}"));
	assert_int_equal(sg_jwks_at(set, 0)->retire_at_s, 500);
	must_merge(set, SET("{" NUMBERS_A ",\"exp\":400}"));
	must_merge(set, SET("{" NUMBERS_A ",\"exp\":600}"));
	must_merge(set, SET("{" NUMBERS_A "}"));
	assert_int_equal(sg_jwks_at(set, 0)->retire_at_s, 400);
	assert_int_equal(sg_jwks_count(set), 1);
}

static void
a_key_goes_when_its_time_has_come(void **state)
{
	SG_AUTO(sg_jwks) set = sg_jwks_new();

	(void)state;
	must_merge(set, SET("{" NUMBERS_A ",\"kid\":\"a\"},{" NUMBERS_A
			    ",\"kid\":\"z\"},{" NUMBERS_B ",\"kid\":\"b\"}"));
	assert_int_equal(
	    sg_jwks_retire(set, RFC7638_THUMBPRINT, 1000, NULL), SG_OK);
	sg_jwks_drop_retired(set, 999);
	assert_int_equal(sg_jwks_count(set), 3);
	assert_int_equal(sg_jwks_retire(set, "a", 0, NULL), SG_OK);
	sg_jwks_drop_retired(set, 1000);
	assert_int_equal(sg_jwks_count(set), 2);
	assert_string_equal(sg_jwks_at(set, 0)->kid, "a");
	assert_string_equal(sg_jwks_at(set, 1)->kid, "b");
}

static void
the_first_time_that_comes_is_told(void **state)
{
	SG_AUTO(sg_jwks) set = sg_jwks_new();

	(void)state;
	assert_int_equal(sg_jwks_next_retirement(set), 0);
	must_merge(set, SET("{" NUMBERS_A ",\"kid\":\"a\"},{" NUMBERS_A
			    ",\"kid\":\"z\"},{" NUMBERS_B ",\"kid\":\"b\"}"));
	assert_int_equal(sg_jwks_next_retirement(set), 0);
	assert_int_equal(sg_jwks_retire(set, "b", 2000, NULL), SG_OK);
	assert_int_equal(sg_jwks_next_retirement(set), 2000);
	assert_int_equal(sg_jwks_retire(set, "a", 3000, NULL), SG_OK);
	assert_int_equal(sg_jwks_next_retirement(set), 2000);
	assert_int_equal(sg_jwks_retire(set, "z", 1000, NULL), SG_OK);
	assert_int_equal(sg_jwks_next_retirement(set), 1000);
}

static void
a_key_that_is_not_there_cannot_be_retired(void **state)
{
	SG_AUTO(sg_jwks) set = sg_jwks_new();
	struct sg_err err = {0};

	(void)state;
	must_merge(set, SET("{" NUMBERS_A ",\"kid\":\"a\"}"));
	assert_int_equal(sg_jwks_retire(set, "b", 1, &err), SG_E_USAGE);
	assert_non_null(strstr(err.text, "\"b\""));
}

static void
what_is_no_set_of_public_rsa_keys_is_refused(void **state)
{
	static const struct {
		const char *text;
		const char *reason;
	} rows[] = {
	    {"", "JSON"},
	    {"[]", "keys"},
	    {"{}", "keys"},
	    {"{\"keys\":{}}", "keys"},
	    {"{\"keys\":[],\"keys\":[]}", "JSON"},
	    {SET("1"), "kty"},
	    {SET("{\"kty\":\"EC\",\"crv\":\"P-256\"}"), "kty"},
	    {SET("{\"kty\":\"oct\",\"k\":\"AAAA\"}"), "kty"},
	    {SET("{" NUMBERS_A ",\"d\":\"AQAB\"}"), "private"},
	    {SET("{" NUMBERS_A ",\"use\":\"enc\"}"), "(use)"},
	    {SET("{" NUMBERS_A ",\"alg\":\"RS512\"}"), "(alg)"},
	    {SET("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" RFC7638_N "=\"}"),
		"\"n\""},
	    {SET("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"AQAB\"}"), "key 1"},
	    {SET("{" NUMBERS_A ",\"kid\":\"\"}"), "\"kid\""},
	    {SET("{" NUMBERS_A ",\"kid\":7}"), "\"kid\""},
	    {SET("{" NUMBERS_A ",\"exp\":\"7\"}"), "\"exp\""},
	    {SET("{" NUMBERS_A ",\"exp\":0}"), "\"exp\""},
	    {SET("{" NUMBERS_A ",\"exp\":1.5}"), "\"exp\""},
	    {SET("{" NUMBERS_A ",\"exp\":1900000000000}"), "\"exp\""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_jwks) set = sg_jwks_new();
		struct sg_err err = {0};

		if (merge(set, rows[i].text, &err) != SG_E_INVALID ||
		    strstr(err.text, rows[i].reason) == NULL)
			fail_msg("%s: %s", rows[i].text, err.text);
		assert_int_equal(sg_jwks_count(set), 0);
	}
}

static void
a_set_is_bounded(void **state)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7638_N, RFC7638_E);
	SG_AUTO(sg_jwks) set = sg_jwks_new();
	char kid[16];
	int i;

	(void)state;
	for (i = 0; i < SG_JWKS_KEYS_MAX; i++) {
		(void)snprintf(kid, sizeof(kid), "%d", i);
		assert_int_equal(sg_jwks_add(set, rsa, kid, 0, NULL), SG_OK);
	}
	assert_int_equal(sg_jwks_add(set, rsa, "more", 0, NULL), SG_E_INVALID);
	assert_int_equal(sg_jwks_count(set), SG_JWKS_KEYS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_set_is_written_as_one),
	    cmocka_unit_test(
		the_kid_is_the_thumbprint_of_rfc_7638_unless_given),
	    cmocka_unit_test(the_same_keys_in_any_order_make_the_same_bytes),
	    cmocka_unit_test(what_was_written_is_merged_to_the_same_bytes),
	    cmocka_unit_test(a_kid_never_names_two_keys),
	    cmocka_unit_test(of_two_times_the_earlier_counts),
	    cmocka_unit_test(a_key_goes_when_its_time_has_come),
	    cmocka_unit_test(the_first_time_that_comes_is_told),
	    cmocka_unit_test(a_key_that_is_not_there_cannot_be_retired),
	    cmocka_unit_test(what_is_no_set_of_public_rsa_keys_is_refused),
	    cmocka_unit_test(a_set_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
