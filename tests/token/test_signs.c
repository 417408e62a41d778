/* SPDX-License-Identifier: Apache-2.0 */
#include "base/b64url.h"
#include "signer/claims.h"
#include "signer/signer.h"
#include "tests/token/import.h"
#include "tests/token/vectors.h"

static char *one_scope[] = {"tableau:users:read"};
static const struct sg_list scopes = {one_scope, 1};

static const struct sg_claims claims = {
    .issuer = "https://signet.example.com",
    .tenant_id = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    .username = "admin@example.com",
    .scopes = &scopes,
};

static void
openssl_takes_the_signature(void **state)
{
	static const size_t lengths[] = {0, 1, 300, SG_MSG_MAX};
	static const uint8_t msg[SG_MSG_MAX] = {'s', 'i', 'g', 'n'};
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "signs", "signs");
	SG_AUTO(sg_key) key = find_key(token, uri);
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(lengths); i++) {
		SG_AUTO(sg_buf) sig = NULL;

		assert_int_equal(
		    sg_key_sign(key, msg, lengths[i], &sig, NULL), SG_OK);
		check_by_openssl(key, msg, lengths[i], sig);
	}
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
openssl_takes_the_jwt(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "mints", "mints");
	SG_AUTO(sg_key) key = find_key(token, uri);
	SG_AUTO(sg_buf) sig = sg_buf_new(1024);
	SG_AUTO(sg_signer) signer = NULL;
	SG_AUTO(sg_secret) jwt = NULL;
	const char *text;
	const char *dot;

	(void)state;
	assert_int_equal(
	    sg_signer_new(key, sg_clock_system(), &signer, NULL), SG_OK);
	assert_int_equal(
	    sg_signer_mint(signer, &claims, NULL, &jwt, NULL), SG_OK);
	text = sg_secret_reveal(jwt);
	dot = strrchr(text, '.');
	assert_int_equal(
	    sg_b64url_decode(sig, dot + 1, strlen(dot + 1), NULL), SG_OK);
	check_by_openssl(key, text, (size_t)(dot - text), sig);
	sg_signer_free(&signer);
	sg_key_free(&key);
	sg_token_free(&token);
}

/* RFC 8017 §9.2 note 1: what precedes a SHA-256 digest. */
static const uint8_t digest_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

/* PKCS#1 v1.5 leaves nothing to chance: whoever hashes, the bytes are one. */
static void
the_signature_is_the_same_by_both_mechanisms(void **state)
{
	static const char msg[] = "message";
	uint8_t wrapped[sizeof(digest_info) + SG_SHA256_SIZE];
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "both", "both");
	SG_AUTO(sg_key) key = find_key(token, uri);
	SG_AUTO(sg_buf) ours = NULL;
	SG_AUTO(sg_buf) digested = NULL;
	SG_AUTO(sg_buf) hashed = NULL;
	struct raw raw;

	(void)state;
	assert_int_equal(
	    sg_key_sign(key, (const uint8_t *)msg, strlen(msg), &ours, NULL),
	    SG_OK);
	sg_key_free(&key);
	sg_token_free(&token);
	memcpy(wrapped, digest_info, sizeof(digest_info));
	sg_sha256(
	    (const uint8_t *)msg, strlen(msg), wrapped + sizeof(digest_info));
	raw = raw_open();
	if (token_can("digests"))
		digested = raw_sign(
		    &raw, CKM_RSA_PKCS, "both", wrapped, sizeof(wrapped));
	if (token_can("hashes"))
		hashed = raw_sign(
		    &raw, CKM_SHA256_RSA_PKCS, "both", msg, strlen(msg));
	raw_close(&raw);
	assert_int_equal(ours->len, 256);
	if (digested != NULL)
		assert_memory_equal(ours->data, digested->data, 256);
	if (hashed != NULL)
		assert_memory_equal(ours->data, hashed->data, 256);
}

/* The token could hash, but the key may not be used so. */
static void
a_key_kept_to_one_mechanism_signs_by_it(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	const struct import any = {.pkey = pkey, .label = "any", .id = "any"};
	const struct import digest = {.pkey = pkey,
	    .label = "digest",
	    .id = "digest",
	    .only_mechanism = CKM_RSA_PKCS};
	SG_AUTO(sg_buf) one_sig = NULL;
	SG_AUTO(sg_buf) other_sig = NULL;
	SG_AUTO(sg_key) one = NULL;
	SG_AUTO(sg_key) other = NULL;
	struct sg_token *token;

	(void)state;
	import_one(&any);
	import_one(&digest);
	token = log_in();
	one = find_imported(token, "pkcs11:id=any");
	other = find_imported(token, "pkcs11:id=digest");
	assert_int_equal(
	    sg_key_sign(one, (const uint8_t *)"message", 7, &one_sig, NULL),
	    SG_OK);
	assert_int_equal(
	    sg_key_sign(other, (const uint8_t *)"message", 7, &other_sig, NULL),
	    SG_OK);
	assert_int_equal(one_sig->len, 256);
	assert_int_equal(other_sig->len, 256);
	assert_memory_equal(one_sig->data, other_sig->data, 256);
	sg_key_free(&one);
	sg_key_free(&other);
	sg_token_free(&token);
	EVP_PKEY_free(pkey);
}

static void
check_group(const struct sg_json *group, size_t index, size_t *count)
{
	SG_AUTO(sg_buf) pkcs8 = vectors_hex(group, "privateKeyPkcs8");
	const struct sg_json *tests = sg_json_get(group, "tests");
	const unsigned char *p = pkcs8->data;
	EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &p, (long)pkcs8->len);
	char label[32];
	char uri[64];
	const struct import import = {
	    .pkey = pkey, .label = label, .id = label};
	SG_AUTO(sg_key) key = NULL;
	struct sg_token *token;
	size_t i;

	assert_non_null(pkey);
	(void)snprintf(label, sizeof(label), "vector%zu", index);
	(void)snprintf(uri, sizeof(uri), "pkcs11:object=%s", label);
	import_one(&import);
	token = log_in();
	key = find_imported(token, uri);
	for (i = 0; i < sg_json_count(tests); i++, (*count)++) {
		const struct sg_json *test = sg_json_at(tests, i);
		SG_AUTO(sg_buf) msg = vectors_hex(test, "msg");
		SG_AUTO(sg_buf) expected = vectors_hex(test, "sig");
		SG_AUTO(sg_buf) sig = NULL;

		assert_int_equal(
		    sg_key_sign(key, (const uint8_t *)sg_buf_str(msg), msg->len,
			&sig, NULL),
		    SG_OK);
		assert_int_equal(sig->len, expected->len);
		if (memcmp(sig->data, expected->data, sig->len) != 0)
			fail_msg("test %ld", (long)vectors_id(test));
	}
	sg_key_free(&key);
	sg_token_free(&token);
	EVP_PKEY_free(pkey);
}

/* All of those with SHA-256; the "acceptable" ones have an exponent of 3,
 * which is no reason for another signature. */
static void
wycheproofs_signatures_come_out_byte_for_byte(void **state)
{
	struct sg_json *file = vectors_load("rsa_pkcs1_2048_sig_gen_test.json");
	const struct sg_json *groups = sg_json_get(file, "testGroups");
	size_t count = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sg_json_count(groups); i++) {
		const struct sg_json *group = sg_json_at(groups, i);

		if (strcmp(sg_json_get_text(group, "sha"), "SHA-256") == 0)
			check_group(group, i, &count);
	}
	assert_int_equal(count, 10);
	sg_json_free(&file);
}

static void
without_login_there_is_no_key(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR text = generate(token, "hidden", "hidden");
	SG_AUTO(sg_uri) uri = parse_uri(text);
	struct sg_key *key = NULL;

	(void)state;
	sg_token_free(&token);
	assert_int_equal(
	    open_token(NULL, must_getenv("SIGNET_KEY"), &token, NULL), SG_OK);
	assert_int_equal(sg_key_find(token, uri, &key, NULL), SG_E_NOT_FOUND);
	assert_null(key);
	sg_token_free(&token);
}

int
main(void)
{
	static const struct token_case cases[] = {
	    TOKEN_CASE(openssl_takes_the_signature),
	    TOKEN_CASE(openssl_takes_the_jwt),
	    TOKEN_CASE(the_signature_is_the_same_by_both_mechanisms),
	    TOKEN_CASE_IF(a_key_kept_to_one_mechanism_signs_by_it, "restricts"),
	    TOKEN_CASE_IF(
		wycheproofs_signatures_come_out_byte_for_byte, "imports"),
	    TOKEN_CASE_IF(without_login_there_is_no_key, "hides"),
	};

	return run_cases("signs", cases, SG_COUNT(cases));
}
