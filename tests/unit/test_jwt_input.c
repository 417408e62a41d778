/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/jwt_input.h"
#include "signer/jwt.h"

#define GOOD "eyJhbGciOiJub25lIn0.eyJqdGkiOiJqIn0.AA"

static void
jwt_is_read_with_or_without_its_line_end(void **state)
{
	static const char *const texts[] = {GOOD, GOOD "\n", GOOD "\r\n"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++) {
		SG_AUTO(sg_jwt) jwt = NULL;

		put("jwt", 0600, texts[i]);
		assert_int_equal(jwt_input_read("jwt", &jwt, NULL), SG_OK);
		assert_string_equal(
		    sg_json_get_text(sg_jwt_claims(jwt), "jti"), "j");
	}
}

static void
what_is_no_file_or_no_jwt_is_refused(void **state)
{
	static const struct {
		const char *path;
		enum sg_rc rc;
		const char *said;
	} rows[] = {
	    {GOOD, SG_E_USAGE, "every process"},
	    {"absent", SG_E_IO, "absent"},
	    {"text", SG_E_INVALID, ""},
	};
	size_t i;

	(void)state;
	put("text", 0600, "hello");
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_jwt *jwt = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    jwt_input_read(rows[i].path, &jwt, &err), rows[i].rc);
		assert_null(jwt);
		assert_has(err.text, rows[i].said);
		assert_has_not(err.text, GOOD);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		jwt_is_read_with_or_without_its_line_end, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(
		what_is_no_file_or_no_jwt_is_refused, bench_setup,
		bench_teardown),
	};

	return cmocka_run_group_tests_name("jwt_input", tests, NULL, NULL);
}
