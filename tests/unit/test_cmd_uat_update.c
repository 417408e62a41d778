/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

static void
update_refuses_before_anything_is_sent(void **state)
{
	static const struct {
		const char *line[2];
		enum sg_rc rc;
		const char *said;
	} rows[] = {
	    {{"--json", "--quiet"}, SG_E_USAGE, "nothing to change"},
	    {{"--token-key", "--jwks-uri=https://k"}, SG_E_USAGE,
		"exclude each other"},
	    {{"--public-key=p", "--jwks-uri=https://k"}, SG_E_USAGE,
		"exclude each other"},
	    {{"--public-key=p", "--token-key"}, SG_E_USAGE,
		"exclude each other"},
	    {{"--name=x", "--scope=read"}, SG_E_USAGE, "read"},
	    {{"--name=x", "--issuer=https://a\nb"}, SG_E_USAGE,
		"--issuer must be one line"},
	    {{"--name=x", "--public-key=none"}, SG_E_IO, "open none"},
	    {{"--name=x", "--public-key=text"}, SG_E_USAGE,
		"take the key of --public-key: "},
	    {{"--name=x", "--public-key=ec.pem"}, SG_E_USAGE,
		"take the key of --public-key: "},
	    {{"--name=x", "--token-key"}, TOKEN_WAS_OPENED, MODULE},
	};
	struct bench *b = *state;
	size_t i;

	set_tcm();
	put("text", 0600, "no key");
	put("ec.pem", 0600, EC_PEM);
	PLAY_NOTHING(b);
	for (i = 0; i < SG_COUNT(rows); i++)
		assert_refused(b,
		    UAT(b, "update", ID, rows[i].line[0], rows[i].line[1]),
		    rows[i].rc, rows[i].said);
}

static void
update_changes_what_is_named_and_nothing_else(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	    {CALL("PUT", ONE,
		 "{\"name\":\"new\",\"issuer\":\"" ISSUER
		 "\",\"publicKey\":\"" PEM "\",\"usernameClaim\":\"email\","
		 "\"resourceIds\":[\"" TENANT "\",\"" SITE "\"],"
		 "\"scopes\":[\"tableau:content:read\"],\"enabled\":true}"),
		.status = 200,
		.reply = "{\"configId\":\"" ID "\",\"name\":\"new\"}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	/* Settings are for what is made, not for what is changed. */
	(void)setenv("SIGNET_ISSUER", "https://other.example.com", 1);
	(void)setenv("SIGNET_SCOPES", "tableau:sites:read", 1);
	(void)setenv("SIGNET_USERNAME_CLAIM", "sub", 1);
	PLAY(b, steps);
	assert_ok(b, UAT(b, "update", ID, "--name=new"));
	assert_played(b);
}

static void
disable_and_enable_change_only_that(void **state)
{
	static const struct step off[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	    {CALL("PUT", ONE,
		 "{\"name\":\"n\",\"issuer\":\"" ISSUER
		 "\",\"publicKey\":\"" PEM "\",\"usernameClaim\":\"email\","
		 "\"resourceIds\":[\"" TENANT "\",\"" SITE "\"],"
		 "\"scopes\":[\"tableau:content:read\"],\"enabled\":false}"),
		.status = 204},
	    {CALL("GET", ONE, NO_BODY), .status = 200,
		.reply = "{\"enabled\":false}"},
	    SIGN_OUT,
	};
	static const char shown[] =
	    "{\"jwksUri\":\"https://k\",\"enabled\":false}";
	const struct step on[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = shown},
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = shown},
	    {CALL("PUT", ONE, "{\"jwksUri\":\"https://k\",\"enabled\":true}"),
		.status = 204},
	    {CALL("GET", ONE, NO_BODY), .status = 500}, /* as sent, then */
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, off);
	assert_ok(b, UAT(b, "disable", ID));
	assert_played(b);
	assert_has(product(b), "enabled      false\n");
	PLAY(b, on);
	assert_ok(b, UAT(b, "enable", ID));
	assert_played(b);
	assert_has(product(b), "enabled      true\n");
}

static void
update_checks_then_opens_the_door_then_the_token(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	(void)setenv("CLOUD_MANAGER_URL", "http://tcm.test", 1);
	assert_refused(b, UAT(b, "update", ID, "--token-key", "--scope=read"),
	    SG_E_USAGE, "read");
	assert_refused(b, UAT(b, "update", ID, "--token-key"), SG_E_CONFIG,
	    "CLOUD_MANAGER_URL");
	set_tcm();
	assert_refused(
	    b, UAT(b, "update", ID, "--token-key"), TOKEN_WAS_OPENED, MODULE);
}

static void
dry_run_shows_the_request_and_sends_none(void **state)
{
	static const char shown[] =
	    "{\"configId\":\"" ID "\",\"name\":\"n\",\"jwksUri\":"
	    "\"https://k\",\"enabled\":true}";
	const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = shown},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, UAT(b, "disable", ID, "--dry-run"));
	assert_played(b);
	assert_string_equal(product(b),
	    "PUT " ONE "\n{\"name\":\"n\",\"jwksUri\":\"https://k\","
	    "\"enabled\":false}\n");
	assert_has(heard(b), "nothing was changed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(update_refuses_before_anything_is_sent),
	    TEST(update_changes_what_is_named_and_nothing_else),
	    TEST(dry_run_shows_the_request_and_sends_none),
	    TEST(disable_and_enable_change_only_that),
	    TEST(update_checks_then_opens_the_door_then_the_token),
	};

	return cmocka_run_group_tests_name("cmd_uat_update", tests, NULL, NULL);
}
