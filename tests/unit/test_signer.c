/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/signer.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "signer/claims.h"
#include "signer/jwt.h"
#include "tests/unit/fake_key.h"

#define TENANT "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
#define CLAIMS \
	"{\"iss\":\"https://signet.example.com\",\"iat\":1790000000," \
	"\"exp\":1790000300,\"jti\":\"" FAKE_JTI "\"," \
	"\"https://tableau.com/tenantId\":\"" TENANT "\"," \
	"\"email\":\"admin@example.com\",\"scp\":[\"tableau:users:read\"]}"

static char *one_scope[] = {"tableau:users:read"};
static const struct sg_list scopes = {one_scope, 1};

static struct sg_claims
good(void)
{
	const struct sg_claims claims = {
	    .issuer = "https://signet.example.com",
	    .tenant_id = TENANT,
	    .username = "admin@example.com",
	    .scopes = &scopes,
	};

	return claims;
}

/* A signer with its key. */
struct desk {
	struct fake_key fake;
	struct sg_key *key;
	struct sg_signer *signer;
};

static int
set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	desk->key = fake_key_new(&desk->fake);
	assert_int_equal(
	    sg_signer_new(desk->key, fake_clock(), &desk->signer, NULL), SG_OK);
	*state = desk;
	return 0;
}

static int
tear_down(void **state)
{
	struct desk *desk = *state;

	sg_signer_free(&desk->signer);
	sg_key_free(&desk->key);
	free(desk);
	return 0;
}

#define SIGNER_TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void
with_clock_and_random_fixed_every_byte_is_known(void **state)
{
	struct desk *desk = *state;
	SG_AUTO(sg_buf)
	expected = fake_jws(
	    "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}", CLAIMS);
	const struct sg_claims claims = good();
	SG_AUTO(sg_secret) jwt = NULL;
	struct sg_err err = {0};

	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, "k1", &jwt, &err), SG_OK);
	assert_string_equal(sg_secret_reveal(jwt), sg_buf_str(expected));
	assert_int_equal(sg_secret_len(jwt), expected->len);
	assert_int_equal(desk->fake.signed_count, 1);
}

static void
a_jwt_that_was_minted_verifies(void **state)
{
	struct desk *desk = *state;
	const struct sg_claims claims = good();
	const struct sg_jwt_expect expect = {
	    .issuer = claims.issuer, .tenant_id = TENANT, .now_s = FAKE_NOW_S};
	SG_AUTO(sg_secret) text = NULL;
	SG_AUTO(sg_jwt) jwt = NULL;

	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, NULL, &text, NULL), SG_OK);
	assert_int_equal(sg_jwt_parse(sg_secret_reveal(text),
			     sg_secret_len(text), &jwt, NULL),
	    SG_OK);
	assert_int_equal(
	    sg_jwt_verify(jwt, sg_signer_public(desk->signer), &expect, NULL),
	    SG_OK);
}

/* The header of the JWT that this kid leads to. */
static void
check_header(struct desk *desk, const char *kid, const char *expected)
{
	const struct sg_claims claims = good();
	SG_AUTO(sg_buf) front = sg_buf_new(1024);
	SG_AUTO(sg_secret) jwt = NULL;

	sg_b64url_encode(front, expected, strlen(expected));
	sg_buf_add_byte(front, '.');
	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, kid, &jwt, NULL), SG_OK);
	assert_true(sg_text_starts(sg_secret_reveal(jwt), sg_buf_str(front)));
}

static void
the_kid_is_thumbprint_none_or_a_text(void **state)
{
	struct desk *desk = *state;
	char expected[128];

	(void)snprintf(expected, sizeof(expected),
	    "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"%s\"}",
	    sg_signer_thumbprint(desk->signer));
	check_header(desk, NULL, expected);
	check_header(desk, "thumbprint", expected);
	check_header(desk, "none", "{\"alg\":\"RS256\",\"typ\":\"JWT\"}");
	check_header(desk, "a\"b",
	    "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"a\\\"b\"}");
}

static void
a_kid_that_cannot_be_written_is_refused(void **state)
{
	struct desk *desk = *state;
	const struct sg_claims claims = good();
	struct sg_secret *jwt = NULL;
	char long_kid[5000];

	memset(long_kid, 'k', sizeof(long_kid) - 1);
	long_kid[sizeof(long_kid) - 1] = '\0';
	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, "\xff", &jwt, NULL),
	    SG_E_USAGE);
	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, long_kid, &jwt, NULL),
	    SG_E_USAGE);
	assert_null(jwt);
	assert_int_equal(desk->fake.signed_count, 0);
}

static void
the_thumbprint_is_that_of_the_key(void **state)
{
	struct sg_signer *signer = NULL;
	struct fake_key fake;
	struct sg_key *key = fake_key_new(&fake);

	(void)state;
	fake_key_shows(&fake, RFC7638_N, RFC7638_E);
	assert_int_equal(
	    sg_signer_new(key, fake_clock(), &signer, NULL), SG_OK);
	assert_string_equal(sg_signer_thumbprint(signer), RFC7638_THUMBPRINT);
	assert_int_equal(sg_rsa_size(sg_signer_public(signer)), 256);
	sg_signer_free(&signer);
	assert_null(signer);
	sg_signer_free(&signer);
	sg_signer_free(NULL);
	sg_key_free(&key);
}

static void
claims_that_are_wrong_never_reach_the_token(void **state)
{
	struct desk *desk = *state;
	struct sg_claims claims = good();
	struct sg_secret *jwt = NULL;
	struct sg_err err = {0};

	claims.lifetime_s = 601;
	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, NULL, &jwt, &err),
	    SG_E_USAGE);
	claims = good();
	claims.tenant_id = NULL;
	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, NULL, &jwt, NULL),
	    SG_E_CONFIG);
	claims = good();
	claims.username = "\xff";
	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, NULL, &jwt, NULL),
	    SG_E_USAGE);
	assert_null(jwt);
	assert_int_equal(desk->fake.signed_count, 0);
}

/* An extra claim of so many bytes makes the JWT as long as is wanted. */
static enum sg_rc
mint_with(struct desk *desk, size_t filler, const struct sg_list *with_scopes,
    struct sg_secret **out_jwt, struct sg_err *err)
{
	struct sg_extra_claim extra = {.name = "x"};
	struct sg_claims claims = good();
	char *text = malloc(filler + 1);
	enum sg_rc rc;

	memset(text, 'x', filler);
	text[filler] = '\0';
	extra.text = text;
	claims.extra = &extra;
	claims.extra_count = 1;
	claims.scopes = with_scopes;
	rc = sg_signer_mint(desk->signer, &claims, "k", out_jwt, err);
	free(text);
	return rc;
}

/* Base64url skips every fourth length, but with this kid neither of the two. */
static void
a_jwt_of_8192_bytes_is_signed_and_the_next_is_not(void **state)
{
	struct desk *desk = *state;
	struct sg_secret *jwt = NULL;
	struct sg_err err = {0};
	size_t filler = 1000;
	size_t longest = 0;

	while (mint_with(desk, filler, &scopes, &jwt, &err) == SG_OK) {
		longest = sg_secret_len(jwt);
		sg_secret_free(&jwt);
		filler += longest < 8100 ? 60 : 1;
	}
	assert_int_equal(longest, 8192);
	assert_int_equal(err.rc, SG_E_USAGE);
	assert_non_null(strstr(err.text, "8193 bytes and Tableau takes 8192"));
	assert_null(jwt);
}

static void
too_long_is_told_with_the_scopes_that_fit(void **state)
{
	struct desk *desk = *state;
	struct sg_list many = {0};
	struct sg_list fitting = {0};
	struct sg_secret *jwt = NULL;
	struct sg_err err = {0};
	unsigned int signed_before;
	const char *told;
	char scope[64];
	size_t fit;
	size_t i;

	for (i = 0; i < 400; i++) {
		(void)snprintf(
		    scope, sizeof(scope), "tableau:resource_%zu:read", i);
		assert_int_equal(sg_list_add(&many, scope, NULL), SG_OK);
		/* Twice is once. */
		assert_int_equal(sg_list_add(&many, scope, NULL), SG_OK);
	}
	assert_int_equal(mint_with(desk, 1, &many, &jwt, &err), SG_E_USAGE);
	assert_null(jwt);
	assert_int_equal(desk->fake.signed_count, 0);
	told = strstr(err.text, "of its 400 scopes the first ");
	assert_non_null(told);
	fit = strtoul(told + strlen("of its 400 scopes the first "), NULL, 10);
	assert_true(fit > 100 && fit < 400);

	/* That many do fit, and one more does not. */
	for (i = 0; i < fit; i++)
		assert_int_equal(
		    sg_list_add(&fitting, many.items[2 * i], NULL), SG_OK);
	assert_int_equal(mint_with(desk, 1, &fitting, &jwt, NULL), SG_OK);
	assert_true(sg_secret_len(jwt) <= 8192);
	sg_secret_free(&jwt);
	signed_before = desk->fake.signed_count;
	assert_int_equal(
	    sg_list_add(&fitting, many.items[2 * fit], NULL), SG_OK);
	assert_int_equal(mint_with(desk, 1, &fitting, &jwt, NULL), SG_E_USAGE);
	assert_int_equal(desk->fake.signed_count, signed_before);
	sg_list_clear(&many);
	sg_list_clear(&fitting);
}

static void
too_long_without_any_scope_is_told_so(void **state)
{
	struct desk *desk = *state;
	struct sg_secret *jwt = NULL;
	struct sg_err err = {0};

	assert_int_equal(
	    mint_with(desk, 9000, &scopes, &jwt, &err), SG_E_USAGE);
	assert_null(jwt);
	assert_non_null(strstr(err.text, "other claims alone are too long"));
	sg_err_clear(&err);
	assert_int_equal(
	    mint_with(desk, 100000, &scopes, &jwt, &err), SG_E_USAGE);
	assert_null(jwt);
	assert_int_equal(desk->fake.signed_count, 0);
}

static void
a_faulty_signature_leaves_no_jwt(void **state)
{
	struct desk *desk = *state;
	const struct sg_claims claims = good();
	struct sg_secret *jwt = NULL;
	struct sg_err err = {0};

	desk->fake.is_faulty = true;
	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, NULL, &jwt, &err),
	    SG_E_TOKEN);
	assert_null(jwt);
	assert_int_equal(err.rc, SG_E_TOKEN);
	assert_non_null(strstr(err.text, "does not verify"));
	assert_int_equal(desk->fake.signed_count, 1);

	desk->fake.is_faulty = false;
	desk->fake.drop_bytes = 1;
	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, NULL, &jwt, NULL),
	    SG_E_TOKEN);
	desk->fake.drop_bytes = 256;
	assert_int_equal(
	    sg_signer_mint(desk->signer, &claims, NULL, &jwt, NULL),
	    SG_E_TOKEN);
	assert_null(jwt);
}

static void
what_the_key_says_is_told_with_the_user(void **state)
{
	static const enum sg_rc codes[] = {
	    SG_E_TOKEN, SG_E_PIN_MISSING, SG_E_PIN_WITHHELD, SG_E_MECHANISM};
	struct desk *desk = *state;
	const struct sg_claims claims = good();
	size_t i;

	for (i = 0; i < SG_COUNT(codes); i++) {
		struct sg_secret *jwt = NULL;
		struct sg_err err = {0};

		desk->fake.rc = codes[i];
		assert_int_equal(
		    sg_signer_mint(desk->signer, &claims, NULL, &jwt, &err),
		    codes[i]);
		assert_null(jwt);
		assert_int_equal(err.native, 48);
		assert_string_equal(err.text,
		    "sign a JWT for admin@example.com: the fake refuses");
	}
}

static void
a_public_key_of_the_private_object_is_believed(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(desk->fake.signed_count, 0);
}

static void
a_public_key_found_beside_is_proved_by_a_signature(void **state)
{
	struct sg_signer *signer = NULL;
	struct fake_key fake;
	struct sg_key *key = fake_key_new(&fake);

	(void)state;
	fake.info.rsa_is_unproven = true;
	assert_int_equal(
	    sg_signer_new(key, fake_clock(), &signer, NULL), SG_OK);
	assert_int_equal(fake.signed_count, 1);
	/* What was signed can be no JWT: it has no dot, and a blank. */
	assert_null(memchr(fake.msg, '.', fake.msg_len));
	assert_non_null(memchr(fake.msg, ' ', fake.msg_len));
	sg_signer_free(&signer);
	sg_key_free(&key);
}

static void
a_planted_public_key_is_refused(void **state)
{
	struct sg_signer *signer = NULL;
	struct sg_err err = {0};
	struct fake_key fake;
	struct sg_key *key = fake_key_new(&fake);

	(void)state;
	fake_key_shows(&fake, RFC7520_N, RFC7520_E);
	fake.info.rsa_is_unproven = true;
	assert_int_equal(
	    sg_signer_new(key, fake_clock(), &signer, &err), SG_E_INVALID);
	assert_null(signer);
	assert_int_equal(err.rc, SG_E_INVALID);
	assert_non_null(strstr(err.text, "belongs to the key"));
	assert_int_equal(fake.signed_count, 1);
	sg_key_free(&key);
}

static void
a_key_that_cannot_prove_itself_is_told_as_that(void **state)
{
	struct sg_signer *signer = NULL;
	struct sg_err err = {0};
	struct fake_key fake;
	struct sg_key *key = fake_key_new(&fake);

	(void)state;
	fake.info.rsa_is_unproven = true;
	fake.rc = SG_E_TOKEN;
	assert_int_equal(
	    sg_signer_new(key, fake_clock(), &signer, &err), SG_E_TOKEN);
	assert_null(signer);
	assert_int_equal(err.native, 48);
	sg_key_free(&key);
}

static void
a_key_that_is_too_short_for_rs256_is_refused(void **state)
{
	struct sg_signer *signer = NULL;
	struct sg_err err = {0};
	struct fake_key fake;
	struct sg_key *key = fake_key_new(&fake);

	(void)state;
	fake.info.rsa.n_len = 128;
	fake.n[127] |= 1;
	assert_int_equal(
	    sg_signer_new(key, fake_clock(), &signer, &err), SG_E_INVALID);
	assert_non_null(strstr(err.text, "1024 bits"));
	assert_non_null(strstr(err.text, "pkcs11:object=fake"));
	fake.info.rsa.n_len = 0;
	assert_int_equal(
	    sg_signer_new(key, fake_clock(), &signer, NULL), SG_E_INVALID);
	assert_null(signer);
	assert_int_equal(fake.signed_count, 0);
	sg_key_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SIGNER_TEST(with_clock_and_random_fixed_every_byte_is_known),
	    SIGNER_TEST(a_jwt_that_was_minted_verifies),
	    SIGNER_TEST(the_kid_is_thumbprint_none_or_a_text),
	    SIGNER_TEST(a_kid_that_cannot_be_written_is_refused),
	    cmocka_unit_test(the_thumbprint_is_that_of_the_key),
	    SIGNER_TEST(claims_that_are_wrong_never_reach_the_token),
	    SIGNER_TEST(a_jwt_of_8192_bytes_is_signed_and_the_next_is_not),
	    SIGNER_TEST(too_long_is_told_with_the_scopes_that_fit),
	    SIGNER_TEST(too_long_without_any_scope_is_told_so),
	    SIGNER_TEST(a_faulty_signature_leaves_no_jwt),
	    SIGNER_TEST(what_the_key_says_is_told_with_the_user),
	    SIGNER_TEST(a_public_key_of_the_private_object_is_believed),
	    cmocka_unit_test(
		a_public_key_found_beside_is_proved_by_a_signature),
	    cmocka_unit_test(a_planted_public_key_is_refused),
	    cmocka_unit_test(a_key_that_cannot_prove_itself_is_told_as_that),
	    cmocka_unit_test(a_key_that_is_too_short_for_rs256_is_refused),
	};

	return cmocka_run_group_tests_name("signer", tests, NULL, NULL);
}
