/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/rsa.h"
#include "tests/token/harness.h"
#include "tests/token/raw.h"

static void
a_new_key_is_what_it_must_be(void **state)
{
	static const struct {
		enum sg_key_fact fact;
		enum sg_fact value;
	} rows[] = {
	    {SG_KEY_TOKEN, SG_FACT_YES},
	    {SG_KEY_PRIVATE, SG_FACT_YES},
	    {SG_KEY_SENSITIVE, SG_FACT_YES},
	    {SG_KEY_ALWAYS_SENSITIVE, SG_FACT_YES},
	    {SG_KEY_EXTRACTABLE, SG_FACT_NO},
	    {SG_KEY_NEVER_EXTRACTABLE, SG_FACT_YES},
	    {SG_KEY_SIGN, SG_FACT_YES},
	    {SG_KEY_DECRYPT, SG_FACT_NO},
	    {SG_KEY_UNWRAP, SG_FACT_NO},
	    {SG_KEY_SIGN_RECOVER, SG_FACT_NO},
	    {SG_KEY_DERIVE, SG_FACT_NO},
	    {SG_KEY_MODIFIABLE, SG_FACT_NO},
	};
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "new", "new");
	SG_AUTO(sg_key) key = find_key(token, uri);
	const struct sg_key_info *info = sg_key_info(key);
	size_t i;

	(void)state;
	assert_int_equal(info->facts[SG_KEY_LOCAL],
	    token_can("local") ? SG_FACT_YES : SG_FACT_UNKNOWN);
	for (i = 0; i < SG_COUNT(rows); i++)
		if (info->facts[rows[i].fact] != rows[i].value)
			fail_msg("%s", sg_key_fact_name(rows[i].fact));
	assert_string_equal(info->uri, uri);
	assert_string_equal(info->label, "new");
	assert_int_equal(info->id_len, 3);
	assert_memory_equal(info->id, "new", 3);
	assert_string_equal(info->type, "RSA");
	assert_int_equal(info->bits, 2048);
	assert_int_equal(info->rsa.n_len, 256);
	assert_memory_equal(info->rsa.e, "\1\0\1", 3);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_private_number_cannot_be_read(void **state)
{
	static const CK_ATTRIBUTE_TYPE secrets[] = {
	    CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_COEFFICIENT};
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "sealed", "sealed");
	CK_OBJECT_HANDLE object;
	struct raw raw;
	size_t i;

	(void)state;
	assert_non_null(uri);
	sg_token_free(&token);
	raw = raw_open();
	object = raw_find_one(&raw, CKO_PRIVATE_KEY, "sealed");
	for (i = 0; i < SG_COUNT(secrets); i++) {
		uint8_t bytes[512] = {0};
		CK_ATTRIBUTE secret = {secrets[i], bytes, sizeof(bytes)};

		assert_int_not_equal(raw.fn->C_GetAttributeValue(
					 raw.session, object, &secret, 1),
		    CKR_OK);
		assert_int_equal(secret.ulValueLen, CK_UNAVAILABLE_INFORMATION);
		assert_int_equal(bytes[0], 0);
	}
	raw_close(&raw);
}

static void
a_key_is_found_by_each_of_its_names(void **state)
{
	static const char *const names[] = {"pkcs11:object=named",
	    "pkcs11:id=%6e%61%6d", "pkcs11:object=named;id=nam",
	    "pkcs11:object=named;type=private",
	    "pkcs11:object=named?module-path=/somewhere/else"};
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "named", "nam");
	SG_AUTO_STR other = generate(token, "other", "oth");
	size_t i;

	(void)state;
	assert_string_not_equal(uri, other);
	for (i = 0; i < SG_COUNT(names); i++) {
		SG_AUTO(sg_key) key = find_key(token, names[i]);

		assert_string_equal(sg_key_info(key)->uri, uri);
	}
	sg_token_free(&token);
}

/* A URI that signet prints opens the token and finds the key. */
static void
its_own_uri_is_enough_to_find_a_key(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR uri =
	    generate(token, "a label; 100% odd\xc3\xbc", "\1\xff");
	SG_AUTO(sg_key) key = NULL;

	(void)state;
	sg_token_free(&token);
	token = log_in_by(NULL, uri);
	key = find_key(token, uri);
	assert_string_equal(sg_key_info(key)->uri, uri);
	assert_string_equal(
	    sg_key_info(key)->label, "a label; 100% odd\xc3\xbc");
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
an_absent_key_is_not_found(void **state)
{
	static const char *const names[] = {"pkcs11:object=gone",
	    "pkcs11:id=gone", "pkcs11:object=named;id=gone",
	    "pkcs11:object=NAMED"};
	struct sg_token *token = log_in();
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(names); i++) {
		SG_AUTO(sg_uri) uri = parse_uri(names[i]);
		struct sg_key *key = NULL;

		assert_int_equal(
		    sg_key_find(token, uri, &key, NULL), SG_E_NOT_FOUND);
		assert_null(key);
	}
	sg_token_free(&token);
}

static enum sg_rc
count_key(void *ctx, const struct sg_key_info *key, struct sg_err *err)
{
	(void)key;
	(void)err;
	(*(int *)ctx)++;
	return SG_OK;
}

static void
a_new_key_is_one_more_in_the_list(void **state)
{
	struct sg_token *token = log_in();
	int before = 0;
	int after = 0;
	SG_AUTO_STR uri = NULL;

	(void)state;
	assert_int_equal(
	    sg_key_list(token, NULL, count_key, &before, NULL), SG_OK);
	uri = generate(token, "listed", "listed");
	assert_int_equal(
	    sg_key_list(token, NULL, count_key, &after, NULL), SG_OK);
	assert_int_equal(after, before + 1);
	sg_token_free(&token);
}

static void
a_label_in_use_is_refused(void **state)
{
	struct sg_keygen_opts opts = {
	    .label = "taken", .bits = 2048, .clock = sg_clock_system()};
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "taken", "taken");
	char *none = NULL;

	(void)state;
	assert_non_null(uri);
	assert_int_equal(
	    sg_key_generate(token, &opts, &none, NULL), SG_E_AMBIGUOUS);
	opts.label = "free";
	opts.id = (const uint8_t *)"taken";
	opts.id_len = 5;
	assert_int_equal(
	    sg_key_generate(token, &opts, &none, NULL), SG_E_AMBIGUOUS);
	assert_null(none);
	sg_token_free(&token);
}

static struct sg_rsa *
rsa_of(const struct sg_key *key)
{
	const struct sg_rsa_public *numbers = &sg_key_info(key)->rsa;
	struct sg_rsa *rsa = NULL;

	assert_int_equal(sg_rsa_new(numbers->n, numbers->n_len, numbers->e,
			     numbers->e_len, &rsa, NULL),
	    SG_OK);
	return rsa;
}

static void
what_is_exported_is_what_pkcs11_tool_reads(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "exported", "\x0e");
	SG_AUTO(sg_key) key = find_key(token, uri);
	SG_AUTO(sg_rsa) rsa = rsa_of(key);
	SG_AUTO(sg_buf) der = sg_buf_new(4096);
	SG_AUTO(sg_buf) theirs = NULL;
	char out[PATH_MAX];
	const char *const argv[] = {"pkcs11-tool", "--module",
	    must_getenv("SIGNET_MODULE"), "--token-label",
	    must_getenv("SG_TOKEN_LABEL"), "--read-object", "--type", "pubkey",
	    "--id", "0e", NULL};

	(void)state;
	assert_int_equal(sg_rsa_to_der(rsa, der, NULL), SG_OK);
	/* Two processes: what is left here must not hold the token. */
	sg_key_free(&key);
	sg_token_free(&token);
	assert_int_equal(
	    run_to_file(argv, environ, scratch("theirs.der", out)), 0);
	theirs = read_file(out);
	assert_int_equal(theirs->len, der->len);
	assert_memory_equal(theirs->data, der->data, der->len);
}

static void
what_is_exported_is_what_openssl_reads(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "for openssl", "\x0f");
	SG_AUTO(sg_key) key = find_key(token, uri);
	SG_AUTO(sg_rsa) rsa = rsa_of(key);
	SG_AUTO(sg_buf) pem = sg_buf_new(4096);
	SG_AUTO(sg_buf) der = sg_buf_new(4096);
	SG_AUTO(sg_buf) theirs = NULL;
	char pem_path[PATH_MAX];
	char out[PATH_MAX];
	const char *const argv[] = {"openssl", "pkey", "-pubin", "-in",
	    scratch("exported.pem", pem_path), "-outform", "DER", NULL};

	(void)state;
	assert_int_equal(sg_rsa_to_pem(rsa, pem, NULL), SG_OK);
	assert_int_equal(sg_rsa_to_der(rsa, der, NULL), SG_OK);
	write_file(pem_path, pem->data, pem->len);
	assert_int_equal(
	    run_to_file(argv, environ, scratch("openssl.der", out)), 0);
	theirs = read_file(out);
	assert_int_equal(theirs->len, der->len);
	assert_memory_equal(theirs->data, der->data, der->len);
	sg_key_free(&key);
	sg_token_free(&token);
}

/* As a key of 2048 bits is, or refused for what it is: its size. */
static void
bigger_keys_are_made_where_the_token_can(void **state)
{
	static const unsigned int sizes[] = {3072, 4096};
	struct sg_token *token = log_in();
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(sizes); i++) {
		bool fits = sizes[i] <= token_number("bits");
		const struct sg_keygen_opts opts = {
		    .label = fits ? "big" : "too big",
		    .id = (const uint8_t *)&sizes[i],
		    .id_len = sizeof(sizes[i]),
		    .bits = sizes[i],
		    .clock = sg_clock_system(),
		};
		SG_AUTO(sg_key) key = NULL;
		SG_AUTO_STR uri = NULL;
		struct sg_err err = {0};

		assert_int_equal(sg_key_generate(token, &opts, &uri, &err),
		    fits ? SG_OK : SG_E_MECHANISM);
		if (!fits)
			continue;
		key = find_key(token, uri);
		assert_int_equal(sg_key_info(key)->bits, sizes[i]);
		break; /* one will do: they take long */
	}
	sg_token_free(&token);
}

static void
a_key_that_was_deleted_is_gone(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR text = generate(token, "doomed", "doomed");
	SG_AUTO_STR kept = generate(token, "spared", "spared");
	SG_AUTO(sg_uri) uri = parse_uri(text);
	SG_AUTO(sg_key) key = NULL;
	SG_AUTO(sg_key) spared = NULL;
	struct raw raw;

	(void)state;
	sg_token_free(&token);
	raw = raw_open();
	raw_destroy(&raw, CKO_PRIVATE_KEY, "doomed");
	raw_destroy(&raw, CKO_PUBLIC_KEY, "doomed");
	raw_close(&raw);
	token = log_in();
	assert_int_equal(sg_key_find(token, uri, &key, NULL), SG_E_NOT_FOUND);
	spared = find_key(token, kept);
	assert_string_equal(sg_key_info(spared)->label, "spared");
	sg_key_free(&spared);
	sg_token_free(&token);
}

int
main(void)
{
	static const struct token_case cases[] = {
	    TOKEN_CASE(a_new_key_is_what_it_must_be),
	    TOKEN_CASE(a_private_number_cannot_be_read),
	    TOKEN_CASE(a_key_is_found_by_each_of_its_names),
	    TOKEN_CASE(its_own_uri_is_enough_to_find_a_key),
	    TOKEN_CASE(an_absent_key_is_not_found),
	    TOKEN_CASE(a_new_key_is_one_more_in_the_list),
	    TOKEN_CASE(a_label_in_use_is_refused),
	    TOKEN_CASE_IF(what_is_exported_is_what_pkcs11_tool_reads, "tools"),
	    TOKEN_CASE(what_is_exported_is_what_openssl_reads),
	    TOKEN_CASE(bigger_keys_are_made_where_the_token_can),
	    TOKEN_CASE(a_key_that_was_deleted_is_gone),
	};

	return run_cases("keys", cases, SG_COUNT(cases));
}
