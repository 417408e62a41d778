/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"
#include "fake_rfc.h"

/* The JWT of RFC 7515 A.2 says until when it is good. */
#define ENDS 1300819380

/* Its key in the forms that --key and --jwks take. */
#define JWK "{\"kty\":\"RSA\",\"n\":\"" RFC7515_N "\",\"e\":\"" RFC7515_E "\"}"
#define OTHER_JWK \
	"{\"kty\":\"RSA\",\"n\":\"" RFC7520_N "\",\"e\":\"" RFC7520_E "\"}"
#define PEM \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj\n" \
	"NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz\n" \
	"P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo\n" \
	"9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB\n" \
	"EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX\n" \
	"FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp\n" \
	"oQIDAQAB\n" \
	"-----END PUBLIC KEY-----\n"

/* {"alg":"RS256"}.{"exp":1300819380,"x":"\u001b[31m"} and no signature of any
 * key; and one whose alg is none. */
#define NASTY \
	"eyJhbGciOiJSUzI1NiJ9." \
	"eyJleHAiOjEzMDA4MTkzODAsIngiOiJcdTAwMWJbMzFtIn0.AAAA"
#define ALG_NONE "eyJhbGciOiJub25lIn0.eyJleHAiOjEzMDA4MTkzODB9."

static void
put_all(struct bench *b)
{
	put("jwt", 0600, RFC7515_JWS "\n");
	put("key.pem", 0644, PEM);
	put("key.jwk", 0644, JWK);
	put("other.jwk", 0644, OTHER_JWK);
	put("key.jwks", 0644, "{\"keys\":[" JWK "]}");
	put("two.jwks", 0644, "{\"keys\":[" JWK "," OTHER_JWK "]}");
	b->clock.now_s = ENDS - 10;
	(void)setenv("SIGNET_MODULE", MODULE, 1);
}

static void
inspect_shows_header_claims_and_times(void **state)
{
	struct bench *b = *state;

	put_all(b);
	assert_ok(b, RUN(b, "jwt", "inspect", "jwt"));
	assert_string_equal(product(b),
	    "header       {\"alg\":\"RS256\"}\n"
	    "claims       {\"iss\":\"joe\",\"exp\":1300819380,"
	    "\"http://example.com/is_root\":true}\n"
	    "exp          2011-03-22T18:43:00Z\n"
	    "signature    not verified; see: signet jwt verify\n");
}

static void
inspect_as_json_says_that_nothing_was_verified(void **state)
{
	struct bench *b = *state;

	put_all(b);
	assert_ok(b, RUN(b, "jwt", "inspect", "jwt", "--json"));
	assert_string_equal(product(b),
	    "{\"version\":1,\"verified\":false,"
	    "\"header\":{\"alg\":\"RS256\"},"
	    "\"claims\":{\"iss\":\"joe\",\"exp\":1300819380,"
	    "\"http://example.com/is_root\":true}}\n");
}

static void
inspect_reads_stdin_without_a_file_or_with_a_dash(void **state)
{
	struct bench *b = *state;
	int before = dup(STDIN_FILENO);
	int round;

	put_all(b);
	for (round = 0; round < 2; round++) {
		int fd = open("jwt", O_RDONLY | O_CLOEXEC);
		enum sg_rc rc;

		assert_true(dup2(fd, STDIN_FILENO) >= 0);
		(void)close(fd);
		rc = round == 0 ? RUN(b, "jwt", "inspect")
				: RUN(b, "jwt", "inspect", "-");
		assert_ok(b, rc);
		assert_has(product(b), "\"iss\":\"joe\"");
	}
	assert_true(dup2(before, STDIN_FILENO) >= 0);
	(void)close(before);
}

static void
inspected_text_cannot_drive_a_terminal(void **state)
{
	struct bench *b = *state;

	put("jwt", 0600, NASTY);
	assert_ok(b, RUN(b, "jwt", "inspect", "jwt"));
	assert_non_null(strcasestr(product(b), "\\u001b[31m"));
	assert_null(strchr(product(b), '\x1b'));
}

static void
jwt_on_the_command_line_is_refused_and_not_repeated(void **state)
{
	struct bench *b = *state;

	assert_refused(b, RUN(b, "jwt", "inspect", RFC7515_JWS), SG_E_USAGE,
	    "can be read by every process");
	assert_has_not(b->err.text, "eyJ");
	assert_refused(b,
	    RUN(b, "jwt", "verify", RFC7515_JWS, "--key", "key.pem"),
	    SG_E_USAGE, "can be read by every process");
	assert_has_not(b->err.text, "eyJ");
}

static void
what_is_no_jwt_is_refused(void **state)
{
	static const char *const texts[] = {"", "\n", "a.b.c", "eyJ.e30.AA",
	    RFC7515_JWS ".x", RFC7515_INPUT, " " RFC7515_JWS, "{}",
	    "eyJhbGciOiJSUzI1NiJ9.W10.AA"};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(texts); i++) {
		put("jwt", 0600, texts[i]);
		assert_refused(
		    b, RUN(b, "jwt", "inspect", "jwt"), SG_E_INVALID, "");
		assert_string_equal(product(b), "");
	}
	assert_refused(b, RUN(b, "jwt", "inspect", "none"), SG_E_IO,
	    "read the JWT: open none");
}

static void
key_may_be_pem_jwk_or_set(void **state)
{
	static const char *const keys[] = {"key.pem", "key.jwk", "key.jwks"};
	static const char *const options[] = {"--key", "--jwks"};
	struct bench *b = *state;
	size_t i;
	size_t k;

	put_all(b);
	for (i = 0; i < SG_COUNT(keys); i++)
		for (k = 0; k < SG_COUNT(options); k++) {
			assert_ok(b, RUN(b, "jwt", "verify", "jwt", options[k],
					 keys[i]));
			assert_string_equal(product(b), "valid\n");
		}
}

static void
verified_claims_are_json_on_demand(void **state)
{
	struct bench *b = *state;

	put_all(b);
	assert_ok(
	    b, RUN(b, "jwt", "verify", "jwt", "--key", "key.jwk", "--json"));
	assert_string_equal(product(b),
	    "{\"version\":1,\"verified\":true,"
	    "\"header\":{\"alg\":\"RS256\"},"
	    "\"claims\":{\"iss\":\"joe\",\"exp\":1300819380,"
	    "\"http://example.com/is_root\":true}}\n");
}

static void
another_key_does_not_verify(void **state)
{
	struct bench *b = *state;

	put_all(b);
	assert_refused(b, RUN(b, "jwt", "verify", "jwt", "--key", "other.jwk"),
	    SG_E_INVALID, "");
	assert_string_equal(product(b), "");
	/* Without a kid, a set of two keys names none. */
	assert_refused(b, RUN(b, "jwt", "verify", "jwt", "--jwks", "two.jwks"),
	    SG_E_INVALID, "two.jwks");
}

static void
changed_jwt_does_not_verify(void **state)
{
	struct bench *b = *state;
	char text[] = RFC7515_JWS;

	put_all(b);
	text[strlen(text) - 10] ^= 1;
	put("jwt", 0600, text);
	assert_refused(b, RUN(b, "jwt", "verify", "jwt", "--key", "key.pem"),
	    SG_E_INVALID, "");
	put("jwt", 0600, ALG_NONE);
	assert_refused(b, RUN(b, "jwt", "verify", "jwt", "--key", "key.pem"),
	    SG_E_INVALID, "");
	assert_string_equal(product(b), "");
}

static void
jwt_ends_a_minute_after_its_exp(void **state)
{
	struct bench *b = *state;

	put_all(b);
	b->clock.now_s = ENDS + 59;
	assert_ok(b, RUN(b, "jwt", "verify", "jwt", "--key", "key.pem"));
	b->clock.now_s = ENDS + 60;
	assert_refused(b, RUN(b, "jwt", "verify", "jwt", "--key", "key.pem"),
	    SG_E_INVALID, "expired at 2011-03-22T18:43:00Z");
}

static void
configured_issuer_and_tenant_must_be_in_it(void **state)
{
	struct bench *b = *state;

	put_all(b);
	assert_ok(b, RUN(b, "jwt", "verify", "jwt", "--key", "key.pem",
			 "--issuer", "joe"));
	assert_refused(b,
	    RUN(b, "jwt", "verify", "jwt", "--key", "key.pem", "--issuer",
		"https://joe"),
	    SG_E_INVALID, "iss");
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	assert_refused(b, RUN(b, "jwt", "verify", "jwt", "--key", "key.pem"),
	    SG_E_INVALID, "tenantId");
}

static void
key_file_that_is_none_is_named(void **state)
{
	struct bench *b = *state;

	put_all(b);
	put("empty", 0600, "");
	put("private", 0600,
	    "{\"kty\":\"RSA\",\"n\":\"" RFC7515_N "\",\"e\":\"AQAB\","
	    "\"d\":\"" RFC7515_D "\"}");
	assert_refused(b, RUN(b, "jwt", "verify", "jwt", "--key", "none.pem"),
	    SG_E_IO, "none.pem");
	assert_refused(b, RUN(b, "jwt", "verify", "jwt", "--key", "empty"),
	    SG_E_INVALID, "take the key of empty");
	assert_refused(b, RUN(b, "jwt", "verify", "jwt", "--key", "private"),
	    SG_E_INVALID, "take the key of private");
	assert_has_not(b->err.text, RFC7515_D);
}

static void
without_a_file_the_tokens_key_is_meant(void **state)
{
	struct bench *b = *state;

	put_all(b);
	assert_refused(
	    b, RUN(b, "jwt", "verify", "jwt"), TOKEN_WAS_OPENED, MODULE);
	assert_refused(b,
	    RUN(b, "jwt", "verify", "jwt", "--key", "PKCS11:token=a"),
	    TOKEN_WAS_OPENED, MODULE);
}

static void
set_is_fetched_from_its_url(void **state)
{
	static const struct step steps[] = {
	    {.method = "GET",
		.url = "https://keys.test/jwks",
		.body = NO_BODY,
		.status = 200,
		.reply = "{\"keys\":[" JWK "]}"},
	    {.method = "GET",
		.url = "https://keys.test/jwks",
		.body = NO_BODY,
		.status = 404},
	};
	struct bench *b = *state;

	put_all(b);
	PLAY(b, steps);
	assert_ok(b,
	    RUN(b, "jwt", "verify", "jwt", "--jwks", "https://keys.test/jwks"));
	assert_string_equal(product(b), "valid\n");
	play(b, steps + 1, 1);
	assert_refused(b,
	    RUN(b, "jwt", "verify", "jwt", "--jwks", "https://keys.test/jwks"),
	    SG_E_REFUSED, "fetch the JWK Set");
	PLAY_NOTHING(b);
	assert_refused(b,
	    RUN(b, "jwt", "verify", "jwt", "--jwks", "http://keys.test/jwks"),
	    SG_E_CONFIG, "");
}

static void
signing_without_a_token_gives_nothing(void **state)
{
	struct bench *b = *state;

	set_claims();
	assert_refused(b, RUN(b, "jwt", "sign"), TOKEN_WAS_OPENED, MODULE);
	assert_string_equal(product(b), "");
	assert_refused(b, RUN(b, "jwt", "sign", "--lifetime", "0"), SG_E_USAGE,
	    "1 s to 10 minutes");
	assert_refused(b, RUN(b, "jwt", "sign", "--claim", "iss=x"), SG_E_USAGE,
	    "set by signet");
}

static void
key_and_set_exclude_each_other(void **state)
{
	struct bench *b = *state;

	put_all(b);
	PLAY_NOTHING(b);
	assert_refused(b,
	    RUN(b, "jwt", "verify", "jwt", "--key", "key.pem", "--jwks",
		"key.jwks"),
	    SG_E_USAGE, "--jwks and --key exclude each other");
	assert_string_equal(product(b), "");
}

static void
what_a_url_of_keys_holds_is_not_repeated(void **state)
{
	static const struct step steps[] = {{.method = "GET",
	    .url = "https://keys.test/jwks?sig=s3cret",
	    .body = NO_BODY,
	    .status = 200,
	    .reply = "{}"}};
	struct bench *b = *state;

	put_all(b);
	PLAY(b, steps);
	assert_refused(b,
	    RUN(b, "jwt", "verify", "jwt", "--jwks",
		"https://keys.test/jwks?sig=s3cret"),
	    SG_E_INVALID, "take the key");
	assert_played(b);
	assert_has_not(b->err.text, "s3cret");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(inspect_shows_header_claims_and_times),
	    TEST(inspect_as_json_says_that_nothing_was_verified),
	    TEST(inspect_reads_stdin_without_a_file_or_with_a_dash),
	    TEST(inspected_text_cannot_drive_a_terminal),
	    TEST(jwt_on_the_command_line_is_refused_and_not_repeated),
	    TEST(what_is_no_jwt_is_refused),
	    TEST(key_may_be_pem_jwk_or_set),
	    TEST(verified_claims_are_json_on_demand),
	    TEST(another_key_does_not_verify),
	    TEST(changed_jwt_does_not_verify),
	    TEST(jwt_ends_a_minute_after_its_exp),
	    TEST(configured_issuer_and_tenant_must_be_in_it),
	    TEST(key_file_that_is_none_is_named),
	    TEST(without_a_file_the_tokens_key_is_meant),
	    TEST(set_is_fetched_from_its_url),
	    TEST(signing_without_a_token_gives_nothing),
	    TEST(key_and_set_exclude_each_other),
	    TEST(what_a_url_of_keys_holds_is_not_repeated),
	};

	return cmocka_run_group_tests_name("cmd_jwt", tests, NULL, NULL);
}
