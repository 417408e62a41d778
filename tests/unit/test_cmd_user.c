/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tenant.h"

#define USERS	     TENANTS "/users"
#define LINE_OF(...) RUN(b, "user", "add", "--no-cache", __VA_ARGS__)

static void
users_are_lines_or_json(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", USERS "?maxResults=100&pageSize=100", NO_BODY),
		.status = 200,
		.reply = "{\"users\":[{\"userId\":\"1\",\"email\":\"a@b\"},"
			 "{\"id\":\"2\",\"name\":\"c\"},7]}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, RUN(b, "user", "list", "--no-cache"));
	assert_played(b);
	assert_string_equal(product(b), "1  a@b\n2  c\n-  -\n");
	PLAY(b, steps);
	assert_ok(b, RUN(b, "user", "list", "--no-cache", "--json"));
	assert_string_equal(product(b),
	    "{\"version\":1,\"users\":[{\"userId\":\"1\",\"email\":\"a@b\"},"
	    "{\"id\":\"2\",\"name\":\"c\"},7]}\n");
}

static void
options_make_the_documented_body(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("POST", USERS,
		 "{\"linkRoles\":[{\"linkID\":\"l\",\"linkRole\":"
		 "\"LINK_ADMIN\",\"idp\":\"TabIDWithMFA\"}]}"),
		.status = 200, .reply = "{\"userId\":\"u\"}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, LINE_OF("--link-id", "l", "--link-role", "LINK_ADMIN",
			 "--idp", "TabIDWithMFA"));
	assert_played(b);
	assert_string_equal(product(b), "userId       u\n");
	assert_string_equal(heard(b), "");
}

static void
another_idp_is_sent_with_a_hint(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("POST", USERS,
		 "{\"linkRoles\":[{\"linkID\":\"l\",\"linkRole\":\"R\","
		 "\"idp\":\"Other\"}]}"),
		.status = 204},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, LINE_OF("--link-id", "l", "--link-role", "R", "--idp",
			 "Other", "--json"));
	assert_string_equal(product(b), "{\"version\":1,\"user\":null}\n");
	assert_has(heard(b), "TabIDWithMFA");
}

static void
a_whole_body_is_sent_as_it_is(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("POST", USERS, "{ \"x\": 1.10, \"y\": [] }"), .status = 201,
		.reply = "{}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	put("user.json", 0600, "{ \"x\": 1.10, \"y\": [] }");
	PLAY(b, steps);
	assert_ok(b, LINE_OF("--data", "user.json"));
	assert_played(b);
}

static void
half_a_user_sends_nothing(void **state)
{
	struct bench *b = *state;

	set_tcm();
	put("user.json", 0600, "{}");
	PLAY_NOTHING(b);
	assert_refused(b, RUN(b, "user", "add"), SG_E_USAGE, "--link-id");
	assert_refused(b, LINE_OF("--link-id", "l", "--idp", "OpenID"),
	    SG_E_USAGE, "--link-role");
	assert_refused(b, LINE_OF("--idp", "OpenID", "--data", "user.json"),
	    SG_E_USAGE, "excludes");
	assert_refused(b, LINE_OF("--data", "none.json"), SG_E_IO, "none.json");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(users_are_lines_or_json),
	    TEST(options_make_the_documented_body),
	    TEST(another_idp_is_sent_with_a_hint),
	    TEST(a_whole_body_is_sent_as_it_is),
	    TEST(half_a_user_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
