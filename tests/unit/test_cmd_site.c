/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tenant.h"

#define SITES TENANTS "/sites?maxResults=100&pageSize=100"
#define ONE \
	"{\"siteUUID\":\"" SITE "\",\"name\":\"The Harbor\"," \
	"\"contentUrl\":\"harbor\",\"instance\":{\"id\":\"10ay\"}}"

static void
sites_are_lines_or_json(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", SITES, NO_BODY), .status = 200,
		.reply = "{\"sites\":[" ONE ",{\"name\":\"\\u0007\"}]}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, RUN(b, "site", "list", "--no-cache"));
	assert_played(b);
	assert_string_equal(
	    product(b), SITE "  harbor  10ay  The Harbor\n-  -  -  ?\n");
	PLAY(b, steps);
	assert_ok(b, RUN(b, "site", "list", "--no-cache", "--json"));
	assert_string_equal(product(b),
	    "{\"version\":1,\"sites\":[" ONE ",{\"name\":\"\\u0007\"}]}\n");
}

static void
no_site_is_an_empty_list_and_a_hint(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", SITES, NO_BODY), .status = 200, .reply = "[]"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, RUN(b, "site", "list", "--no-cache"));
	assert_string_equal(product(b), "");
	assert_has(heard(b), "no site");
	PLAY(b, steps);
	assert_ok(b, RUN(b, "site", "list", "--no-cache", "--json"));
	assert_string_equal(product(b), "{\"version\":1,\"sites\":[]}\n");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sites_are_lines_or_json),
	    TEST(no_site_is_an_empty_list_and_a_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
