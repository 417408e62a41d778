/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#define TCM    "https://tcm.test"
#define ALL    TCM "/api/v1/uat-configurations"
#define ID     "d06c826a-1111-4222-8333-944444444444"
#define ONE    ALL "/" ID
#define ISSUER "https://signet.example.com"
#define PEM    "-----BEGIN PUBLIC KEY-----\\nMIIB\\n-----END PUBLIC KEY-----"

#define RSA_PEM(nl) \
	"-----BEGIN PUBLIC KEY-----" nl \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj" nl \
	"NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz" nl \
	"P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo" nl \
	"9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB" nl \
	"EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX" nl \
	"FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp" nl \
	"oQIDAQAB" nl "-----END PUBLIC KEY-----" nl
#define EC_PEM \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6wntBZW7irAj7bBuoKRRjVCilG11\n" \
	"1IqCwP0xWh9yGNImywsdgF0ewo/Ikc6fhtIaU3iOeSWvXcs1V5FIUfjlRw==\n" \
	"-----END PUBLIC KEY-----\n"

#define SHOWN \
	"{\"id\":\"UatConfigurationId{x}\",\"configId\":\"" ID \
	"\",\"name\":\"n\",\"issuer\":\"" ISSUER "\"," \
	"\"publicKeyActive\":\"" PEM "\",\"usernameClaim\":\"email\"," \
	"\"resourceIds\":[\"" TENANT "\",\"" SITE "\"]," \
	"\"scopes\":[\"tableau:content:read\"],\"enabled\":true}"

/* How every door begins here, where no session is kept. */
#define SIGN_IN \
	{ \
		.method = "POST", .url = TCM "/api/v1/pat/login", \
		.body = "{\"token\":\"s3cret\"}", .status = 200, \
		.reply = "{\"sessionToken\":\"tok\"}" \
	}
#define SIGN_OUT \
	{ \
		CALL("DELETE", TCM "/api/v2/sessions", NO_BODY), .status = 204 \
	}
#define CALL(what, where, sent) \
	.method = what, .url = where, .body = sent, \
	.header = "x-tableau-session-token", .auth = "tok"

static void
set_tcm(void)
{
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
	(void)setenv("SIGNET_ISSUER", ISSUER, 1);
	(void)setenv("SIGNET_SCOPES", "tableau:content:read", 1);
	(void)setenv("SIGNET_MODULE", MODULE, 1);
}

#define UAT(b, ...) RUN(b, "uat", __VA_ARGS__, "--pat", "--no-cache")

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
list_is_one_line_each(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ALL, NO_BODY), .status = 200,
		.reply = "[" SHOWN ",{\"name\":\"off\\u001b[31m\\nx\","
			 "\"enabled\":false}]"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, UAT(b, "list"));
	assert_string_equal(product(b), ID "  enabled   n  " ISSUER "\n"
					   "-  disabled  off?[31m?x  -\n");
	PLAY(b, steps);
	assert_ok(b, UAT(b, "list", "--json"));
	assert_has(product(b), "{\"version\":1,\"configurations\":[{\"id\":");
	assert_non_null(
	    strcasestr(product(b), "},{\"name\":\"off\\u001b[31m\\nx\","));
}

static void
shown_key_cannot_drive_a_terminal(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200,
		.reply = "{\"configId\":\"" ID "\",\"issuer\":\"i\\u001b[2J\","
			 "\"publicKeyActive\":\"a\\u001b]0;x\\u0007\\nb\"}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, UAT(b, "get", ID));
	assert_null(strchr(product(b), '\x1b'));
	assert_null(strchr(product(b), '\a'));
	assert_has(product(b), "public key\na?]0;x?\nb\n");
}

/* 300 characters, more than a line of any PEM. */
#define TEN   "0123456789"
#define LONG  TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG3 LONG LONG LONG

static void
shown_key_keeps_its_lines(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200,
		.reply = "{\"publicKeyActive\":\"a\\r\\n\\n" LONG3 "\\nb\"}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, UAT(b, "get", ID));
	assert_has(product(b), "public key\na\n\n" LONG3 "\nb\n");
}

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
	    {CALL("PUT", ONE,
		 "{\"name\":\"new\",\"issuer\":\"" ISSUER
		 "\",\"publicKey\":\"" PEM "\",\"usernameClaim\":\"email\","
		 "\"resourceIds\":[\"" TENANT "\",\"" SITE "\"],"
		 "\"scopes\":[\"tableau:content:read\"],\"enabled\":true}"),
		.status = 200, .reply = SHOWN},
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
	    {CALL("PUT", ONE,
		 "{\"name\":\"n\",\"issuer\":\"" ISSUER
		 "\",\"publicKey\":\"" PEM "\",\"usernameClaim\":\"email\","
		 "\"resourceIds\":[\"" TENANT "\",\"" SITE "\"],"
		 "\"scopes\":[\"tableau:content:read\"],\"enabled\":false}"),
		.status = 204},
	    SIGN_OUT,
	};
	static const struct step on[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200,
		.reply = "{\"jwksUri\":\"https://k\",\"enabled\":false}"},
	    {CALL("PUT", ONE, "{\"jwksUri\":\"https://k\",\"enabled\":true}"),
		.status = 204},
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
delete_wants_a_yes_before_anything_is_sent(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("DELETE", ONE, NO_BODY), .status = 204},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_refused(b, UAT(b, "delete", ID), SG_E_USAGE, "--yes");
	PLAY(b, steps);
	assert_ok(b, UAT(b, "delete", ID, "--yes"));
	assert_played(b);
	assert_string_equal(product(b), "deleted      " ID "\n");
	PLAY(b, steps);
	assert_ok(b, UAT(b, "delete", ID, "--yes", "--json"));
	assert_string_equal(
	    product(b), "{\"version\":1,\"deleted\":\"" ID "\"}\n");
}

static void
what_the_service_refuses_gives_no_product(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 404},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_refused(b, UAT(b, "get", ID), SG_E_REFUSED, "404");
	assert_string_equal(product(b), "");
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

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(create_refuses_before_anything_is_sent),
	    TEST(create_needs_issuer_and_resources),
	    TEST(create_sends_what_is_configured_and_shows_what_came),
	    TEST(create_takes_a_key_file_and_options),
	    TEST(no_scopes_are_hinted_at),
	    TEST(list_is_one_line_each),
	    TEST(shown_key_cannot_drive_a_terminal),
	    TEST(shown_key_keeps_its_lines),
	    TEST(update_refuses_before_anything_is_sent),
	    TEST(update_changes_what_is_named_and_nothing_else),
	    TEST(disable_and_enable_change_only_that),
	    TEST(delete_wants_a_yes_before_anything_is_sent),
	    TEST(what_the_service_refuses_gives_no_product),
	    TEST(update_checks_then_opens_the_door_then_the_token),
	};

	return cmocka_run_group_tests_name("cmd_uat", tests, NULL, NULL);
}
