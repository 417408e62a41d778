/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/cloud/fingerprint.h"

/* The fingerprint of a command line, in a place of the caller's. */
#define TAKE(b, out, ...) \
	do { \
		assert_ok(b, OPEN(b, __VA_ARGS__)); \
		assert_ok(b, fingerprint_claims(&(b)->app, out, &(b)->err)); \
	} while (0)

static void
the_same_jwt_has_the_same_fingerprint(void **state)
{
	struct bench *b = *state;
	char first[FINGERPRINT_SIZE];
	char second[FINGERPRINT_SIZE];

	set_claims();
	TAKE(b, first, "jwt", "sign", "--claim", "a=1");
	TAKE(b, second, "login", "tableau", "--claim", "a=1");
	assert_int_equal(strlen(first), FINGERPRINT_SIZE - 1);
	assert_string_equal(first, second);
}

static void
whatever_else_the_jwt_says_changes_it(void **state)
{
	static const char *const others[][2] = {{"--claim", "a=2"},
	    {"--claim", "a=1=1"}, {"--issuer", "https://other.example"},
	    {"--kid", "none"}, {"--claims", "claims.json"}};
	struct bench *b = *state;
	char plain[FINGERPRINT_SIZE];
	char other[FINGERPRINT_SIZE];
	size_t i;

	set_claims();
	put("claims.json", 0644, "{\"a\":1}");
	TAKE(b, plain, "jwt", "sign");
	for (i = 0; i < SG_COUNT(others); i++) {
		TAKE(b, other, "jwt", "sign", others[i][0], others[i][1]);
		assert_string_not_equal(plain, other);
	}
	(void)setenv("TABLEAU_CLOUD_SITE_LUID", SITE, 1);
	TAKE(b, other, "jwt", "sign");
	assert_string_not_equal(plain, other);
}

static void
a_changed_file_of_claims_changes_it(void **state)
{
	struct bench *b = *state;
	char first[FINGERPRINT_SIZE];
	char second[FINGERPRINT_SIZE];

	set_claims();
	put("claims.json", 0644, "{\"a\":1}");
	TAKE(b, first, "jwt", "sign", "--claims", "claims.json");
	put("claims.json", 0644, "{\"a\":2}");
	TAKE(b, second, "jwt", "sign", "--claims", "claims.json");
	assert_string_not_equal(first, second);
}

static void
claims_from_stdin_cannot_be_read_twice(void **state)
{
	struct bench *b = *state;
	char out[FINGERPRINT_SIZE] = "untouched";

	set_claims();
	assert_ok(b, OPEN(b, "jwt", "sign", "--claims", "-"));
	assert_refused(b, fingerprint_claims(&b->app, out, &b->err), SG_E_USAGE,
	    "not stdin");
	assert_string_equal(out, "untouched");
}

static void
another_pat_has_another_fingerprint(void **state)
{
	struct bench *b = *state;
	char first[FINGERPRINT_SIZE];
	char second[FINGERPRINT_SIZE];

	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "one", 1);
	assert_ok(b, OPEN(b, "login", "tcm", "--pat"));
	assert_ok(b, fingerprint_pat(&b->app, first, &b->err));
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "two", 1);
	assert_ok(b, OPEN(b, "login", "tcm", "--pat"));
	assert_ok(b, fingerprint_pat(&b->app, second, &b->err));
	assert_string_not_equal(first, second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		the_same_jwt_has_the_same_fingerprint, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(
		whatever_else_the_jwt_says_changes_it, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(a_changed_file_of_claims_changes_it,
		bench_setup, bench_teardown),
	    cmocka_unit_test_setup_teardown(
		claims_from_stdin_cannot_be_read_twice, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(another_pat_has_another_fingerprint,
		bench_setup, bench_teardown),
	};

	return cmocka_run_group_tests_name("fingerprint", tests, NULL, NULL);
}
