/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/rsa.h"
#include "tests/token/harness.h"

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
	    {SG_KEY_LOCAL, SG_FACT_YES},
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
	struct sg_token *token = log_in();
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	SG_AUTO_STR uri = generate(token, "sealed", "sealed");
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	char id[] = "sealed";
	CK_ATTRIBUTE wanted[] = {
	    {CKA_CLASS, &class, sizeof(class)}, {CKA_ID, id, 6}};
	uint8_t bytes[512];
	CK_ATTRIBUTE secret = {CKA_PRIVATE_EXPONENT, bytes, sizeof(bytes)};
	CK_OBJECT_HANDLE object;
	CK_ULONG count = 0;

	(void)state;
	assert_non_null(uri);
	assert_int_equal(
	    sg_attrs_find(p11, wanted, 2, &object, 1, &count, NULL), SG_OK);
	assert_int_equal(count, 1);
	assert_int_equal(p11->module->fn->C_GetAttributeValue(
			     p11->session, object, &secret, 1),
	    CKR_ATTRIBUTE_SENSITIVE);
	sg_token_free(&token);
}

static void
a_key_is_found_by_each_of_its_names(void **state)
{
	static const char *const names[] = {"pkcs11:object=named",
	    "pkcs11:id=%6e%61%6d", "pkcs11:object=named;id=nam",
	    "pkcs11:object=named;type=private",
	    "pkcs11:token=signet-test;object=named"};
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

static void
two_keys_of_one_label_are_told_apart_by_uri(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	struct import key = {.pkey = pkey, .label = "twin", .id = "one"};
	SG_AUTO(sg_uri) uri = parse_uri("pkcs11:object=twin");
	struct sg_token *token = log_in();
	struct sg_key *none = NULL;
	struct sg_err err = {0};
	const char *p;
	int count = 0;

	(void)state;
	import_key(token, &key);
	key.id = "two";
	import_key(token, &key);
	assert_int_equal(sg_key_find(token, uri, &none, &err), SG_E_AMBIGUOUS);
	assert_null(none);
	for (p = strstr(err.text, " pkcs11:"); p != NULL;
	     p = strstr(p + 1, " pkcs11:"), count++) {
		SG_AUTO_STR text = strndup(p + 1, strcspn(p + 1, " ,"));
		SG_AUTO(sg_key) one = find_key(token, text);

		assert_string_equal(sg_key_info(one)->uri, text);
	}
	assert_int_equal(count, 2);
	sg_token_free(&token);
	EVP_PKEY_free(pkey);
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
	    must_getenv("SIGNET_MODULE"), "--token-label", "signet-test",
	    "--read-object", "--type", "pubkey", "--id", "0e", NULL};

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

static void
a_wrong_pin_is_refused_and_not_sent_again(void **state)
{
	char wrong[] = "000000000000";
	const struct sg_pin_source source = {.get = get_pin, .ctx = wrong};
	const struct sg_pin_source right = {.get = get_pin};
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    open_token(NULL, must_getenv("SIGNET_KEY"), &token, NULL), SG_OK);
	assert_int_equal(sg_token_login(token, &source, &err), SG_E_PIN_WRONG);
	assert_int_equal(err.native, CKR_PIN_INCORRECT);
	assert_null(strstr(err.text, wrong));
	assert_int_equal(
	    sg_token_login(token, &right, NULL), SG_E_PIN_WITHHELD);
	sg_token_free(&token);
	token = log_in(); /* it was one try only, and does no harm */
	assert_true(sg_token_info(token)->initialized);
	sg_token_free(&token);
}

static void
an_absent_token_is_not_found(void **state)
{
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(open_token(NULL, "pkcs11:token=gone", &token, &err),
	    SG_E_NOT_FOUND);
	assert_null(token);
	assert_non_null(strstr(err.text, "pkcs11:token=gone"));
}

/* The empty slot that SoftHSM always shows becomes a token. */
static void
init_token(const char *label)
{
	char path[PATH_MAX];
	SG_AUTO(sg_buf) so_pin = read_file(scratch("so-pin", path));
	struct sg_modules *modules = NULL;
	CK_FUNCTION_LIST *fn;
	CK_UTF8CHAR padded[32];
	CK_SLOT_ID slots[16];
	CK_TOKEN_INFO info;
	CK_ULONG count = SG_COUNT(slots);
	CK_ULONG i;

	memset(padded, ' ', sizeof(padded));
	memcpy(padded, label, strlen(label));
	assert_int_equal(sg_modules_open(must_getenv("SIGNET_MODULE"), NULL,
			     NULL, &modules, NULL),
	    SG_OK);
	fn = modules->items[0].fn;
	assert_int_equal(fn->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
	for (i = 0; i < count; i++) {
		assert_int_equal(fn->C_GetTokenInfo(slots[i], &info), CKR_OK);
		if ((info.flags & CKF_TOKEN_INITIALIZED) == 0)
			break;
	}
	assert_true(i < count);
	assert_int_equal(fn->C_InitToken(slots[i], so_pin->data,
			     strcspn(sg_buf_str(so_pin), "\r\n"), padded),
	    CKR_OK);
	sg_modules_free(&modules);
}

static void
two_tokens_of_one_label_are_told_apart_by_uri(void **state)
{
	struct sg_token *token = NULL;
	struct sg_err err = {0};
	const char *p;
	int count = 0;

	(void)state;
	init_token("twins");
	init_token("twins");
	assert_int_equal(open_token(NULL, "pkcs11:token=twins", &token, &err),
	    SG_E_AMBIGUOUS);
	assert_null(token);
	for (p = strstr(err.text, " pkcs11:"); p != NULL;
	     p = strstr(p + 1, " pkcs11:"), count++) {
		SG_AUTO_STR text = strndup(p + 1, strcspn(p + 1, " ,"));

		assert_int_equal(open_token(NULL, text, &token, NULL), SG_OK);
		assert_string_equal(sg_token_info(token)->uri, text);
		sg_token_free(&token);
	}
	assert_int_equal(count, 2);
}

static enum sg_rc
see_token(void *ctx, const struct sg_token_info *token, struct sg_err *err)
{
	(void)err;
	if (strcmp(token->label, "signet-test") != 0)
		return SG_OK;
	assert_true(token->initialized);
	assert_true(token->pin_set);
	assert_true(token->login_required);
	assert_true(token->signs_digest);
	assert_true(token->generates_rsa);
	assert_int_equal(token->signs_rs256, token_hashes());
	(*(int *)ctx)++;
	return SG_OK;
}

static void
the_token_is_listed_with_what_it_can_do(void **state)
{
	const struct sg_token_opts opts = {
	    .module_path = must_getenv("SIGNET_MODULE")};
	int seen = 0;

	(void)state;
	assert_int_equal(sg_token_list(&opts, see_token, &seen, NULL), SG_OK);
	assert_int_equal(seen, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_key_is_what_it_must_be),
	    cmocka_unit_test(a_private_number_cannot_be_read),
	    cmocka_unit_test(a_key_is_found_by_each_of_its_names),
	    cmocka_unit_test(an_absent_key_is_not_found),
	    cmocka_unit_test(a_new_key_is_one_more_in_the_list),
	    cmocka_unit_test(a_label_in_use_is_refused),
	    cmocka_unit_test(two_keys_of_one_label_are_told_apart_by_uri),
	    cmocka_unit_test(what_is_exported_is_what_pkcs11_tool_reads),
	    cmocka_unit_test(what_is_exported_is_what_openssl_reads),
	    cmocka_unit_test(a_wrong_pin_is_refused_and_not_sent_again),
	    cmocka_unit_test(an_absent_token_is_not_found),
	    cmocka_unit_test(two_tokens_of_one_label_are_told_apart_by_uri),
	    cmocka_unit_test(the_token_is_listed_with_what_it_can_do),
	};

	(void)must_getenv("SIGNET_MODULE");
	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
