/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

static void
create_refuses_before_anything_is_sent(void **state)
{
	static const struct {
		const char *line[4];
		enum sg_rc rc;
		const char *said;
	} rows[] = {
	    {{"--quiet"}, SG_E_USAGE, "needs a --name"},
	    {{"--name=n", "--jwks-uri=https://k", "--public-key=p"}, SG_E_USAGE,
		"exclude each other"},
	    {{"--name=n", "--scope=content:read"}, SG_E_USAGE, "content:read"},
	    {{"--name=n", "--issuer=https://a\nb"}, SG_E_USAGE,
		"--issuer must be one line"},
	    {{"--name=", "--jwks-uri=https://k"}, SG_E_USAGE,
		"--name has an empty value"},
	    {{"--name=n", "--jwks-uri=http://k"}, SG_E_CONFIG, "jwksUri"},
	    {{"--name=n", "--jwks-uri=https://k", "--resource=mine"},
		SG_E_USAGE, "\"mine\" is not a UUID"},
	    {{"--name=n", "--public-key=none.pem"}, SG_E_IO,
		"read --public-key: open none.pem"},
	    {{"--name=n", "--public-key=private.pem"}, SG_E_POLICY,
		"private key"},
	    {{"--name=n", "--public-key=text"}, SG_E_USAGE,
		"take the key of --public-key: "},
	    {{"--name=n", "--public-key=broken.pem"}, SG_E_USAGE,
		"take the key of --public-key: "},
	    {{"--name=n", "--public-key=ec.pem"}, SG_E_USAGE,
		"take the key of --public-key: "},
	    {{"--name=n"}, TOKEN_WAS_OPENED, MODULE},
	};
	struct bench *b = *state;
	size_t i;

	set_tcm();
	put("private.pem", 0600, "-----BEGIN PRIVATE KEY-----\ns3cret\n");
	put("text", 0600, "no key");
	put("broken.pem", 0600,
	    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n");
	put("ec.pem", 0600, EC_PEM);
	PLAY_NOTHING(b);
	for (i = 0; i < SG_COUNT(rows); i++) {
		const char *const *l = rows[i].line;

		assert_refused(b,
		    UAT(b, "create", l[0], l[1] != NULL ? l[1] : "--json",
			l[2] != NULL ? l[2] : "--verbose"),
		    rows[i].rc, rows[i].said);
		assert_has_not(b->err.text, "s3cret");
	}
}

static void
create_needs_issuer_and_resources(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	(void)unsetenv("SIGNET_ISSUER");
	assert_refused(b, UAT(b, "create", "--name=n", "--jwks-uri=https://k"),
	    SG_E_CONFIG, "SIGNET_ISSUER");
	set_tcm();
	(void)unsetenv("CLOUD_MANAGER_TENANT_ID");
	assert_refused(b, UAT(b, "create", "--name=n", "--jwks-uri=https://k"),
	    SG_E_USAGE, "--resource");
}

static void
create_sends_what_is_configured_and_shows_what_came(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("POST", ALL,
		 "{\"name\":\"n\",\"issuer\":\"" ISSUER
		 "\",\"jwksUri\":\"https://k\",\"usernameClaim\":\"email\","
		 "\"resourceIds\":[\"" TENANT "\",\"" SITE "\"],"
		 "\"scopes\":[\"tableau:content:read\"],\"enabled\":true}"),
		.status = 200, .reply = SHOWN},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	(void)setenv("TABLEAU_CLOUD_SITE_LUID", SITE, 1);
	PLAY(b, steps);
	assert_ok(b, UAT(b, "create", "--name=n", "--jwks-uri=https://k"));
	assert_played(b);
	assert_string_equal(product(b),
	    "id           " ID "\n"
	    "name         n\n"
	    "enabled      true\n"
	    "issuer       " ISSUER "\n"
	    "user claim   email\n"
	    "resources    " TENANT "\n"
	    "             " SITE "\n"
	    "scopes       tableau:content:read\n"
	    "public key\n"
	    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n");
}

static void
create_takes_a_key_file_and_options(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("POST", ALL,
		 "{\"name\":\"n\",\"issuer\":\"" ISSUER
		 "\",\"publicKey\":\"" RSA_PEM(
		     "\\n") "\",\"usernameClaim\":\"sub\","
			    "\"resourceIds\":[\"" SITE "\"],"
			    "\"scopes\":[\"tableau:sites:read\"],\"enabled\":false}"),
		.status = 200, .reply = SHOWN},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	/* What stands around the key and how its lines end is not sent. */
	put("key.pem", 0644, "password: hunter2\n" RSA_PEM("\r\n") "x\n");
	PLAY(b, steps);
	assert_ok(b, UAT(b, "create", "--name=n", "--public-key=key.pem",
			 "--username-claim=sub", "--resource", SITE,
			 "--disabled", "--scope=tableau:sites:read", "--json"));
	assert_played(b);
	assert_has(product(b),
	    "{\"version\":1,\"configId\":\"" ID "\",\"configuration\":{");
}

static void
no_scopes_are_hinted_at(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("POST", ALL, NULL), .status = 200, .reply = SHOWN},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	(void)unsetenv("SIGNET_SCOPES");
	PLAY(b, steps);
	assert_ok(b, UAT(b, "create", "--name=n", "--jwks-uri=https://k"));
	assert_has(heard(b), "the configuration gets no scopes");
}

static void
if_absent_shows_what_is_there(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ALL, NO_BODY), .status = 200,
		.reply = "[{\"configId\":\"" ID "\",\"name\":\"n\",\"issuer\":"
			 "\"" ISSUER "\",\"jwksUri\":\"https://k\","
			 "\"usernameClaim\":\"email\",\"resourceIds\":"
			 "[\"" TENANT "\"],\"scopes\":"
			 "[\"tableau:content:read\"],\"enabled\":true}]"},
	    SIGN_OUT,
	};
	static const struct {
		const char *option;
		const char *said;
	} differing[] = {
	    {"--issuer=https://o", "differs in: issuer;"},
	    {"--scope=tableau:users:read", "differs in: scopes;"},
	    {"--disabled", "differs in: enabled or not;"},
	    {"--jwks-uri=https://l", "differs in: key;"},
	};
	struct bench *b = *state;
	size_t i;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, UAT(b, "create", "--name=n", "--jwks-uri=https://k",
			 "--if-absent", "--json"));
	assert_played(b);
	assert_has(product(b), "{\"version\":1,\"configId\":\"" ID "\",");
	assert_has(product(b), ",\"made\":false}\n");
	assert_has(heard(b), "nothing was made");
	for (i = 0; i < SG_COUNT(differing); i++) {
		bool has_uri = i == 3;

		PLAY(b, steps);
		assert_refused(b,
		    UAT(b, "create", "--name=n", "--if-absent",
			has_uri ? "--quiet" : "--jwks-uri=https://k",
			differing[i].option),
		    SG_E_REFUSED, differing[i].said);
		assert_string_equal(product(b), "");
	}
}

static void
dry_run_of_a_create_needs_no_session(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_ok(b, UAT(b, "create", "--name=n", "--jwks-uri=https://k",
			 "--dry-run", "--json"));
	assert_string_equal(product(b),
	    "{\"version\":1,\"dryRun\":true,\"request\":{\"method\":\"POST\","
	    "\"url\":\"" ALL "\",\"body\":{\"name\":\"n\",\"issuer\":\"" ISSUER
	    "\",\"jwksUri\":\"https://k\",\"usernameClaim\":\"email\","
	    "\"resourceIds\":[\"" TENANT "\"],\"scopes\":"
	    "[\"tableau:content:read\"],\"enabled\":true}}}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(create_refuses_before_anything_is_sent),
	    TEST(create_needs_issuer_and_resources),
	    TEST(create_sends_what_is_configured_and_shows_what_came),
	    TEST(create_takes_a_key_file_and_options),
	    TEST(if_absent_shows_what_is_there),
	    TEST(dry_run_of_a_create_needs_no_session),
	    TEST(no_scopes_are_hinted_at),
	};

	return cmocka_run_group_tests_name("cmd_uat_create", tests, NULL, NULL);
}
