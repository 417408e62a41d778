/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tenant.h"

#define OIDC(id) TCM "/api/v1/resources/" id "/oidcconfiguration"
#define SALESFORCE \
	"{\"enabled\":true,\"knownProviderAlias\":\"Salesforce\"," \
	"\"salesforceDomain\":\"login.salesforce.com\"}"

static void
the_tenant_s_is_shown(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", OIDC(TENANT), NO_BODY), .status = 200,
		.reply = SALESFORCE},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, RUN(b, "oidc", "get", "--no-cache", "--json"));
	assert_played(b);
	assert_string_equal(
	    product(b), "{\"version\":1,\"oidc\":" SALESFORCE "}\n");
}

static void
options_make_the_documented_body(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("PUT", OIDC(SITE), SALESFORCE), .status = 200,
		.reply = SALESFORCE},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, RUN(b, "oidc", "set", "--no-cache", "--resource", SITE,
			 "--provider", "Salesforce", "--salesforce-domain",
			 "login.salesforce.com"));
	assert_played(b);
	assert_has(product(b), "enabled      true\n");
}

static void
a_whole_configuration_is_sent_as_it_is(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("PUT", OIDC(TENANT), "{ \"clientId\": \"c\", \"n\": 1.10 }"),
		.status = 204},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	put("oidc.json", 0600, "{ \"clientId\": \"c\", \"n\": 1.10 }");
	PLAY(b, steps);
	assert_ok(
	    b, RUN(b, "oidc", "set", "--no-cache", "--data", "oidc.json"));
	assert_played(b);
	assert_string_equal(product(b), "");
}

static void
a_bad_command_line_sends_nothing(void **state)
{
	struct bench *b = *state;

	set_tcm();
	put("oidc.json", 0600, "{}");
	PLAY_NOTHING(b);
	assert_refused(b, RUN(b, "oidc", "set"), SG_E_USAGE, "--provider");
	assert_refused(b,
	    RUN(b, "oidc", "set", "--data", "oidc.json", "--disabled"),
	    SG_E_USAGE, "excludes");
	assert_refused(b, RUN(b, "oidc", "get", "--resource", "harbor"),
	    SG_E_USAGE, "signet site list");
	assert_refused(b,
	    RUN(b, "oidc", "get", "--resource", SITE, "--resource", TENANT),
	    SG_E_USAGE, "one --resource");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_tenant_s_is_shown),
	    TEST(options_make_the_documented_body),
	    TEST(a_whole_configuration_is_sent_as_it_is),
	    TEST(a_bad_command_line_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
