/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mint.h"

#include "fake_app.h"

static enum sg_rc
mint(struct bench *b)
{
	SG_AUTO(sg_secret) jwt = NULL;
	enum sg_rc rc;

	rc = mint_jwt(&b->app, &jwt, &b->err);
	assert_true(rc != SG_OK); /* no token is there */
	assert_null(jwt);
	return rc;
}

/* Open with the line, then mint; what it is refused with. */
#define MINT(b, ...) \
	(OPEN(b, "jwt", "sign", __VA_ARGS__) == SG_OK ? mint(b) : SG_OK)

static void
kid_is_the_thumbprint_unless_said_otherwise(void **state)
{
	static const struct {
		const char *setting;
		const char *kid;
	} rows[] = {
	    {"", "THUMB"},
	    {"thumbprint", "THUMB"},
	    {"none", NULL},
	    {"key-id-1", "key-id-1"},
	};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		const char *kid = "untouched";

		(void)setenv("SIGNET_KID", rows[i].setting, 1);
		assert_ok(b, OPEN(b, "key", "export"));
		assert_ok(b, mint_kid(&b->app, "THUMB", &kid, &b->err));
		if (rows[i].kid == NULL)
			assert_null(kid);
		else
			assert_string_equal(kid, rows[i].kid);
	}
}

static void
scopes_are_split_at_blanks_and_commas(void **state)
{
	struct bench *b = *state;

	(void)setenv(
	    "SIGNET_SCOPES", "tableau:b:c, tableau:e:f  tableau:h:i", 1);
	assert_ok(b, OPEN(b, "jwt", "sign"));
	assert_ok(b, mint_scopes(&b->app, &b->err));
	assert_ok(b, mint_scopes(&b->app, &b->err)); /* adds nothing */
	assert_int_equal(b->app.scopes.count, 3);
	assert_string_equal(b->app.scopes.items[0], "tableau:b:c");
	assert_string_equal(b->app.scopes.items[2], "tableau:h:i");
}

static void
given_scopes_replace_the_configured(void **state)
{
	struct bench *b = *state;

	(void)setenv("SIGNET_SCOPES", "tableau:b:c", 1);
	assert_ok(b, OPEN(b, "jwt", "sign", "--scope",
			 "tableau:e:f,tableau:h:i", "--scope", "tableau:k:l"));
	assert_ok(b, mint_scopes(&b->app, &b->err));
	assert_int_equal(b->app.scopes.count, 3);
	assert_string_equal(b->app.scopes.items[0], "tableau:e:f");
	assert_string_equal(b->app.scopes.items[2], "tableau:k:l");
}

static void
no_scopes_are_none(void **state)
{
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "jwt", "sign"));
	assert_ok(b, mint_scopes(&b->app, &b->err));
	assert_int_equal(b->app.scopes.count, 0);
}

static void
good_claims_get_as_far_as_the_token(void **state)
{
	struct bench *b = *state;

	set_claims();
	put("claims.json", 0600, "{\"a\":[1,{\"b\":null}],\"c\":\"d\"}");
	assert_refused(b, MINT(b, "--quiet"), TOKEN_WAS_OPENED, MODULE);
	assert_refused(b,
	    MINT(b, "--claim", "x=", "--claim", "y=a=b", "--claims",
		"claims.json", "--lifetime", "10m", "--kid", "none"),
	    TOKEN_WAS_OPENED, MODULE);
}

static void
issuer_of_several_lines_is_refused_where_it_was_given(void **state)
{
	/* C1, and one that turns the order around, are no better */
	static const char *const bad[] = {"https://a\nb", "https://a\n",
	    "https://\ta", "https://a\x7f", "https://a\xc2\x85",
	    "https://a\xe2\x80\xae"};
	static const char *const good[] = {"https://a", "urn:b\xc3\xa4", "c d"};
	struct bench *b = *state;
	const char *issuer = NULL;
	size_t i;

	for (i = 0; i < SG_COUNT(bad); i++) {
		set_claims();
		assert_refused(b, MINT(b, "--issuer", bad[i]), SG_E_USAGE,
		    "--issuer must be one line without control characters");
		(void)setenv("SIGNET_ISSUER", bad[i], 1);
		assert_refused(b, MINT(b, "--quiet"), SG_E_CONFIG,
		    "SIGNET_ISSUER must be one line");
		(void)unsetenv("SIGNET_ISSUER");
		(void)setenv("UAT_ISSUER", bad[i], 1);
		assert_refused(b, MINT(b, "--quiet"), SG_E_CONFIG,
		    "UAT_ISSUER must be one line");
		/* what the option replaces does not matter */
		assert_ok(b, OPEN(b, "jwt", "sign", "--issuer", "https://a"));
		assert_ok(b, mint_issuer(&b->app, &issuer, &b->err));
		assert_string_equal(issuer, "https://a");
		(void)unsetenv("UAT_ISSUER");
	}
	for (i = 0; i < SG_COUNT(good); i++) {
		assert_ok(b, OPEN(b, "jwt", "sign", "--issuer", good[i]));
		assert_ok(b, mint_issuer(&b->app, &issuer, &b->err));
		assert_string_equal(issuer, good[i]);
	}
}

static void
missing_setting_is_named_before_the_token_is_opened(void **state)
{
	static const struct {
		const char *name;
		enum sg_rc rc;
	} rows[] = {
	    {"SIGNET_ISSUER", SG_E_CONFIG},
	    {"CLOUD_MANAGER_TENANT_ID", SG_E_CONFIG},
	    {"TABLEAU_CLOUD_USERNAME", SG_E_CONFIG},
	    {"SIGNET_SCOPES", SG_E_USAGE},
	};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		set_claims();
		(void)unsetenv(rows[i].name);
		assert_refused(b, MINT(b, "--quiet"), rows[i].rc, rows[i].name);
	}
}

static void
bad_claims_are_refused_before_the_token_is_opened(void **state)
{
	static const struct {
		const char *option;
		const char *value;
		enum sg_rc rc;
		const char *said;
	} rows[] = {
	    {"--lifetime", "0", SG_E_USAGE, "1 s to 10 minutes"},
	    {"--lifetime", "601", SG_E_USAGE, "10 minutes"},
	    {"--lifetime", "1h", SG_E_USAGE, "10 minutes"},
	    {"--lifetime", "soon", SG_E_USAGE,
		"read --lifetime: \"soon\" is not a duration"},
	    {"--lifetime", "-5", SG_E_USAGE, "not a duration"},
	    {"--issuer", "example.com", SG_E_CONFIG, "with its scheme"},
	    {"--scope", "content:read", SG_E_USAGE, "content:read"},
	    {"--claim", "noequals", SG_E_USAGE, "NAME=TEXT"},
	    {"--claim", "=x", SG_E_USAGE, "needs a name"},
	    {"--claim", "exp=1", SG_E_USAGE, "\"exp\" is set by signet"},
	    {"--claim", "email=x", SG_E_USAGE, "\"email\" is set by signet"},
	    {"--claim", "a=2", SG_E_USAGE, "\"a\" is given twice"},
	    {"--claims", "none.json", SG_E_IO, "read --claims: open none.json"},
	    {"--claims", "array.json", SG_E_USAGE,
		"read the claims of array.json: not a JSON object"},
	    {"--claims", "broken.json", SG_E_USAGE, "broken.json"},
	    {"--claims", "twice.json", SG_E_USAGE, "twice.json"},
	    {"--claims", "scp.json", SG_E_USAGE, "\"scp\" is set by signet"},
	    {"--claims", "a.json", SG_E_USAGE, "\"a\" is given twice"},
	};
	struct bench *b = *state;
	size_t i;

	set_claims();
	put("array.json", 0600, "[]");
	put("broken.json", 0600, "{\"b\":");
	put("twice.json", 0600, "{\"b\":1,\"b\":2}");
	put("scp.json", 0600, "{\"scp\":[\"tableau:sites:*\"]}");
	put("a.json", 0600, "{\"a\":1}");
	for (i = 0; i < SG_COUNT(rows); i++)
		assert_refused(b,
		    MINT(b, "--claim", "a=1", rows[i].option, rows[i].value),
		    rows[i].rc, rows[i].said);
}

static void
configured_tenant_and_lifetime_are_checked_too(void **state)
{
	static const struct {
		const char *text;
		const char *said;
	} lifetimes[] = {
	    {"0", "1 s to 10 minutes"},
	    {"soon", "\"soon\" is not a duration"},
	    {"11m", "10 minutes"},
	};
	struct bench *b = *state;
	size_t i;

	set_claims();
	for (i = 0; i < SG_COUNT(lifetimes); i++) {
		(void)setenv("SIGNET_JWT_LIFETIME", lifetimes[i].text, 1);
		assert_refused(b, MINT(b, "--quiet"), SG_E_CONFIG,
		    "read SIGNET_JWT_LIFETIME: ");
		assert_has(b->err.text, lifetimes[i].said);
	}
	(void)unsetenv("SIGNET_JWT_LIFETIME");
	(void)setenv("SIGNET_JWT_BACKDATE", "2m", 1);
	assert_refused(
	    b, MINT(b, "--quiet"), SG_E_CONFIG, "read SIGNET_JWT_BACKDATE: ");
	(void)unsetenv("SIGNET_JWT_BACKDATE");
	(void)setenv("CLOUD_MANAGER_TENANT_ID", "my-tenant", 1);
	assert_refused(b, MINT(b, "--quiet"), SG_E_CONFIG,
	    "CLOUD_MANAGER_TENANT_ID \"my-tenant\" is not a UUID");
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	(void)setenv("SIGNET_USERNAME_CLAIM", "iss", 1);
	assert_refused(
	    b, MINT(b, "--quiet"), SG_E_CONFIG, "SIGNET_USERNAME_CLAIM");
}

static void
undocumented_scope_is_not_hinted_at_without_a_jwt(void **state)
{
	struct bench *b = *state;

	set_claims();
	assert_refused(b, MINT(b, "--scope", "tableau:content:raed"),
	    TOKEN_WAS_OPENED, "");
	assert_string_equal(heard(b), "");
}

static void
documented_scope_and_quiet_give_no_hint(void **state)
{
	struct bench *b = *state;

	set_claims();
	assert_refused(b, MINT(b, "--scope", "tableau:content:read"),
	    TOKEN_WAS_OPENED, "");
	assert_refused(b, MINT(b, "--quiet", "--scope", "tableau:content:raed"),
	    TOKEN_WAS_OPENED, "");
	assert_string_equal(heard(b), "");
}

static void
each_scope_is_taken_once(void **state)
{
	struct bench *b = *state;

	(void)setenv("SIGNET_SCOPES", "tableau:b:c tableau:e:f,tableau:b:c", 1);
	assert_ok(b, OPEN(b, "jwt", "sign"));
	assert_ok(b, mint_scopes(&b->app, &b->err));
	assert_int_equal(b->app.scopes.count, 2);
	assert_string_equal(b->app.scopes.items[0], "tableau:b:c");
	assert_string_equal(b->app.scopes.items[1], "tableau:e:f");
	assert_ok(b, OPEN(b, "jwt", "sign", "--scope", "tableau:e:f", "--scope",
			 "tableau:h:i tableau:e:f"));
	assert_ok(b, mint_scopes(&b->app, &b->err));
	assert_int_equal(b->app.scopes.count, 2);
	assert_string_equal(b->app.scopes.items[0], "tableau:e:f");
	assert_string_equal(b->app.scopes.items[1], "tableau:h:i");
}

static void
bad_scope_is_the_fault_of_where_it_stands(void **state)
{
	struct bench *b = *state;

	(void)setenv("SIGNET_SCOPES", "tableau:b:c content:read", 1);
	assert_ok(b, OPEN(b, "jwt", "sign"));
	assert_refused(b, mint_scopes(&b->app, &b->err), SG_E_CONFIG,
	    "read SIGNET_SCOPES: ");
	assert_has(b->err.text, "content:read");
	(void)unsetenv("SIGNET_SCOPES");
	put(".env", 0600, "SIGNET_SCOPES=content:read\n");
	assert_ok(b, OPEN(b, "jwt", "sign"));
	assert_refused(b, mint_scopes(&b->app, &b->err), SG_E_CONFIG,
	    "read SIGNET_SCOPES: ");
	assert_ok(b, OPEN(b, "jwt", "sign", "--scope", "content:read"));
	assert_refused(
	    b, mint_scopes(&b->app, &b->err), SG_E_USAGE, "content:read");
	assert_has_not(b->err.text, "SIGNET_SCOPES");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(kid_is_the_thumbprint_unless_said_otherwise),
	    TEST(scopes_are_split_at_blanks_and_commas),
	    TEST(given_scopes_replace_the_configured),
	    TEST(no_scopes_are_none),
	    TEST(good_claims_get_as_far_as_the_token),
	    TEST(issuer_of_several_lines_is_refused_where_it_was_given),
	    TEST(missing_setting_is_named_before_the_token_is_opened),
	    TEST(bad_claims_are_refused_before_the_token_is_opened),
	    TEST(configured_tenant_and_lifetime_are_checked_too),
	    TEST(undocumented_scope_is_not_hinted_at_without_a_jwt),
	    TEST(documented_scope_and_quiet_give_no_hint),
	    TEST(each_scope_is_taken_once),
	    TEST(bad_scope_is_the_fault_of_where_it_stands),
	};

	return cmocka_run_group_tests_name("mint", tests, NULL, NULL);
}
