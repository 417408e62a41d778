/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "tests/unit/fake_rfc.h"

#define KEY_A "\"kty\":\"RSA\",\"n\":\"" RFC7638_N "\",\"e\":\"AQAB\""
#define KEY_B "\"kty\":\"RSA\",\"n\":\"" RFC7515_N "\",\"e\":\"AQAB\""
#define SET_A "{\"keys\":[{" KEY_A ",\"kid\":\"a\"}]}"
#define SET_B "{\"keys\":[{" KEY_B ",\"kid\":\"b\"}]}"

static void
sets_are_merged_without_a_token(void **state)
{
	struct bench *b = *state;
	char first[4096];

	put("a.json", 0644, SET_A);
	put("b.json", 0644, SET_B);
	assert_ok(b,
	    RUN(b, "jwks", "build", "--merge", "a.json", "--merge", "b.json"));
	assert_has(product(b), "\"kid\":\"a\"");
	assert_has(product(b), "\"kid\":\"b\"");
	(void)snprintf(first, sizeof(first), "%s", product(b));
	assert_ok(b, RUN(b, "jwks", "build", "--merge", "b.json", "--merge",
			 "a.json", "--merge", "b.json"));
	assert_string_equal(product(b), first);
}

static void
a_configured_key_is_opened(void **state)
{
	struct bench *b = *state;

	set_claims();
	put("a.json", 0644, SET_A);
	assert_refused(b, RUN(b, "jwks", "build"), TOKEN_WAS_OPENED, MODULE);
	assert_refused(b, RUN(b, "jwks", "build", "--merge", "a.json"),
	    TOKEN_WAS_OPENED, MODULE);
	assert_refused(b, RUN(b, "jwks", "build", "--merge", "none.json"),
	    SG_E_IO, "none.json");
}

static void
the_file_is_replaced_whole_and_readable(void **state)
{
	struct bench *b = *state;
	struct stat st;

	put("a.json", 0644, SET_A);
	put("b.json", 0600, SET_B);
	assert_ok(b, RUN(b, "jwks", "build", "--merge", "a.json", "--merge",
			 "b.json", "-o", "b.json"));
	assert_string_equal(product(b), "");
	assert_has(text_of("b.json"), "\"kid\":\"a\"");
	assert_has(text_of("b.json"), "\"kid\":\"b\"");
	assert_int_equal(stat("b.json", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void
a_retired_key_is_marked_and_then_left_out(void **state)
{
	struct bench *b = *state;

	put("a.json", 0644, SET_A);
	put("b.json", 0644, SET_B);
	assert_ok(b, RUN(b, "jwks", "build", "--merge", "a.json", "--merge",
			 "b.json", "--retire", "b=+1h", "-o", "all.json"));
	assert_has(text_of("all.json"), "\"exp\":1781535600");
	b->clock.now_s += 3599;
	assert_ok(b, RUN(b, "jwks", "build", "--merge", "all.json"));
	assert_has(product(b), "\"kid\":\"b\"");
	b->clock.now_s += 1;
	assert_ok(b, RUN(b, "jwks", "build", "--merge", "all.json", "--retire",
			 "b=never"));
	assert_has(product(b), "\"kid\":\"b\"");
	assert_has_not(product(b), "exp");
	assert_ok(b, RUN(b, "jwks", "build", "--merge", "all.json"));
	assert_has_not(product(b), "\"kid\":\"b\"");
	assert_has(heard(b), "its time is over: b");
	b->clock.now_s = NOW;
}

static void
an_empty_set_is_not_written(void **state)
{
	struct bench *b = *state;

	put("a.json", 0644, SET_A);
	put("none.json", 0644, "{\"keys\":[]}");
	assert_refused(b,
	    RUN(b, "jwks", "build", "--merge", "none.json", "-o", "a.json"),
	    SG_E_INVALID, "no key is left");
	assert_refused(b,
	    RUN(b, "jwks", "build", "--merge", "a.json", "--retire",
		"a=2020-01-01T00:00:00Z", "-o", "a.json"),
	    SG_E_INVALID, "no key is left");
	assert_string_equal(text_of("a.json"), SET_A);
}

static void
a_time_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = {"a", "=never", "a=", "a=soon",
	    "a=2026-02-30T00:00:00Z", "a=1800000000", "a=+", "a=+1d", "a=-1h",
	    "a=1960-01-01T00:00:00Z", "z=never"};
	struct bench *b = *state;
	size_t i;

	put("a.json", 0644, SET_A);
	for (i = 0; i < SG_COUNT(bad); i++)
		assert_refused(b,
		    RUN(b, "jwks", "build", "--merge", "a.json", "--retire",
			bad[i]),
		    SG_E_USAGE, "read --retire: ");
}

static void
a_bad_set_names_its_file(void **state)
{
	struct bench *b = *state;

	put("a.json", 0644, SET_A);
	put("bad.json", 0644, "{\"keys\":[{" KEY_A ",\"d\":\"AQAB\"}]}");
	assert_refused(b,
	    RUN(b, "jwks", "build", "--merge", "a.json", "--merge", "bad.json"),
	    SG_E_INVALID, "merge bad.json: key 1: the JWK holds a private key");
}

static void
json_tells_what_is_in_it(void **state)
{
	struct bench *b = *state;

	put("a.json", 0644, SET_A);
	assert_ok(b, RUN(b, "jwks", "build", "--merge", "a.json", "--retire",
			 "a=+1h", "--json"));
	assert_has(product(b), "{\"version\":1,\"jwks\":{\"keys\":[{");
	assert_has(product(b),
	    "\"keys\":[{\"kid\":\"a\",\"thumbprint\":\"" RFC7638_THUMBPRINT
	    "\",\"retireAt\":\"2026-06-15T15:00:00Z\"}]}");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sets_are_merged_without_a_token),
	    TEST(a_configured_key_is_opened),
	    TEST(the_file_is_replaced_whole_and_readable),
	    TEST(a_retired_key_is_marked_and_then_left_out),
	    TEST(an_empty_set_is_not_written),
	    TEST(a_time_that_is_none_is_refused),
	    TEST(a_bad_set_names_its_file),
	    TEST(json_tells_what_is_in_it),
	};

	return cmocka_run_group_tests_name("cmd_jwks_build", tests, NULL, NULL);
}
