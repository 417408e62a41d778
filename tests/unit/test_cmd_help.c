/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

static void
version_is_one_line(void **state)
{
	struct bench *b = *state;

	assert_ok(b, RUN(b, "version"));
	assert_string_equal(product(b), "signet " SG_VERSION "\n");
	assert_ok(b, RUN(b, "version", "--json"));
	assert_string_equal(
	    product(b), "{\"version\":1,\"signet\":\"" SG_VERSION "\"}\n");
}

static void
help_shows_all_a_noun_or_a_command(void **state)
{
	struct bench *b = *state;

	assert_ok(b, RUN(b, "help"));
	assert_has(product(b), "Usage: signet [options] COMMAND");
	assert_ok(b, RUN(b, "help", "jwt"));
	assert_has(product(b), "\n  jwt verify");
	assert_has_not(product(b), "uat create");
	assert_ok(b, RUN(b, "help", "jwt", "sign"));
	assert_has(product(b), "Usage: signet jwt sign [options]");
	assert_ok(b, RUN(b, "help", "status"));
	assert_has(product(b), "Usage: signet status [options]");
}

static void
help_of_what_does_not_exist_is_a_usage_error(void **state)
{
	struct bench *b = *state;

	assert_refused(b, RUN(b, "help", "nope"), SG_E_USAGE, "no such");
	assert_refused(b, RUN(b, "help", "jwt", "nope"), SG_E_USAGE, "no such");
	assert_refused(b, RUN(b, "help", ""), SG_E_USAGE, "no such");
	assert_string_equal(product(b), "");
}

static void
help_is_json_on_demand(void **state)
{
	SG_AUTO(sg_json) json = NULL;
	struct bench *b = *state;

	assert_ok(b, RUN(b, "help", "jwt", "sign", "--json"));
	assert_ok(
	    b, sg_json_parse(product(b), strlen(product(b)), &json, &b->err));
	assert_has(sg_json_get_text(json, "help"),
	    "Usage: signet jwt sign [options]\n");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(version_is_one_line),
	    TEST(help_shows_all_a_noun_or_a_command),
	    TEST(help_of_what_does_not_exist_is_a_usage_error),
	    TEST(help_is_json_on_demand),
	};

	return cmocka_run_group_tests_name("cmd_help", tests, NULL, NULL);
}
