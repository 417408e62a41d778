/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "signer/rsa.h"
#include "tests/token/vectors.h"
#include "tests/unit/fake_key.h"

static enum sg_rc
verify(const struct sg_rsa *rsa, const char *msg, const char *sig_text)
{
	SG_AUTO(sg_buf) sig = fake_decode(sig_text);

	return sg_rsa_verify(
	    rsa, (const uint8_t *)msg, strlen(msg), sig->data, sig->len, NULL);
}

static void
the_signatures_of_the_rfcs_verify(void **state)
{
	SG_AUTO(sg_rsa) a = fake_rsa(RFC7515_N, RFC7515_E);
	SG_AUTO(sg_rsa) b = fake_rsa(RFC7520_N, RFC7520_E);

	(void)state;
	assert_int_equal(verify(a, RFC7515_INPUT, RFC7515_SIGNATURE), SG_OK);
	assert_int_equal(verify(b, RFC7520_INPUT, RFC7520_SIGNATURE), SG_OK);
}

static void
a_signature_of_another_key_or_text_does_not_verify(void **state)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	SG_AUTO(sg_buf) sig = fake_decode(RFC7515_SIGNATURE);
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    verify(rsa, RFC7520_INPUT, RFC7520_SIGNATURE), SG_E_INVALID);
	assert_int_equal(
	    verify(rsa, RFC7515_INPUT "A", RFC7515_SIGNATURE), SG_E_INVALID);
	assert_int_equal(sg_rsa_verify(rsa, (const uint8_t *)RFC7515_INPUT,
			     strlen(RFC7515_INPUT), sig->data, 255, &err),
	    SG_E_INVALID);
	assert_int_equal(err.rc, SG_E_INVALID);
	assert_int_equal(
	    sg_rsa_verify(rsa, (const uint8_t *)"", 0, NULL, 0, NULL),
	    SG_E_INVALID);
}

/* PKCS#1 v1.5 with SHA-256 and nothing else, though the key is the same. */
static void
another_digest_or_padding_does_not_verify(void **state)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	EVP_PKEY *pkey = fake_pkey();
	const EVP_MD *const digests[] = {
	    EVP_sha1(), EVP_sha384(), EVP_sha512(), EVP_sha256()};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(digests); i++) {
		bool use_pss = digests[i] == EVP_sha256();
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		EVP_PKEY_CTX *pkey_ctx = NULL;
		uint8_t sig[256];
		size_t len = sizeof(sig);

		assert_int_equal(
		    EVP_DigestSignInit(ctx, &pkey_ctx, digests[i], NULL, pkey),
		    1);
		if (use_pss)
			assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(
					     pkey_ctx, RSA_PKCS1_PSS_PADDING),
			    1);
		assert_int_equal(
		    EVP_DigestSign(ctx, sig, &len, (const uint8_t *)"m", 1), 1);
		EVP_MD_CTX_free(ctx);
		assert_int_equal(
		    sg_rsa_verify(rsa, (const uint8_t *)"m", 1, sig, len, NULL),
		    SG_E_INVALID);
	}
	EVP_PKEY_free(pkey);
}

static enum sg_rc
make(const char *n_text, const char *e, size_t e_len, uint8_t last_of_n)
{
	SG_AUTO(sg_buf) n = fake_decode(n_text);
	struct sg_rsa *rsa = NULL;
	struct sg_err err = {0};
	enum sg_rc rc;

	n->data[n->len - 1] = last_of_n;
	rc = sg_rsa_new(n->data, n->len, (const uint8_t *)e, e_len, &rsa, &err);
	assert_true((rc == SG_OK) == (rsa != NULL));
	assert_int_equal(err.rc, rc);
	sg_rsa_free(&rsa);
	return rc;
}

static void
numbers_that_are_no_key_are_refused(void **state)
{
	static const uint8_t short_n[255] = {0xff, [254] = 1};
	static const uint8_t long_n[2049] = {0xff, [2048] = 1};
	static const uint8_t three[] = {3};
	struct sg_rsa *rsa = NULL;

	(void)state;
	assert_int_equal(make(RFC7515_N, "\1\0\1", 3, 0xa1), SG_OK);
	assert_int_equal(make(RFC7515_N, "\3", 1, 0xa1), SG_OK);
	assert_int_equal(make(RFC7515_N, "\1", 1, 0xa1), SG_E_INVALID);
	assert_int_equal(make(RFC7515_N, "\0", 1, 0xa1), SG_E_INVALID);
	assert_int_equal(make(RFC7515_N, "\1\0\0", 3, 0xa1), SG_E_INVALID);
	assert_int_equal(make(RFC7515_N, "", 0, 0xa1), SG_E_INVALID);
	assert_int_equal(
	    make(RFC7515_N, "\1\0\0\0\0\0\0\0\1", 9, 0xa1), SG_E_INVALID);
	assert_int_equal(make(RFC7515_N, "\1\0\1", 3, 0xa0), SG_E_INVALID);
	assert_int_equal(
	    sg_rsa_new(NULL, 0, three, 1, &rsa, NULL), SG_E_INVALID);
	assert_int_equal(
	    sg_rsa_new(short_n, sizeof(short_n), three, 1, &rsa, NULL),
	    SG_E_INVALID);
	assert_int_equal(
	    sg_rsa_new(long_n, sizeof(long_n), three, 1, &rsa, NULL),
	    SG_E_INVALID);
	assert_null(rsa);
}

/* It is bits that count, whatever zeros stand in front. */
static void
a_modulus_of_2047_bits_is_refused_and_2048_taken(void **state)
{
	uint8_t n[300] = {0};
	static const uint8_t three[] = {3};
	struct sg_rsa *rsa = NULL;
	struct sg_err err = {0};

	(void)state;
	n[299] = 1;
	n[44] = 0x7f;
	assert_int_equal(
	    sg_rsa_new(n, sizeof(n), three, 1, &rsa, &err), SG_E_INVALID);
	assert_non_null(strstr(err.text, "2047 bits"));
	assert_null(rsa);
	n[44] = 0x80;
	assert_int_equal(sg_rsa_new(n, sizeof(n), three, 1, &rsa, NULL), SG_OK);
	assert_int_equal(sg_rsa_size(rsa), 256);
	sg_rsa_free(&rsa);
}

static void
the_numbers_come_back_without_zeros(void **state)
{
	SG_AUTO(sg_buf) bare = fake_decode(RFC7515_N);
	SG_AUTO(sg_buf) n = sg_buf_new(1024);
	SG_AUTO(sg_buf) e = sg_buf_new(1024);
	SG_AUTO(sg_rsa) rsa = NULL;
	uint8_t padded[259] = {0};

	(void)state;
	memcpy(padded + 3, bare->data, bare->len);
	assert_int_equal(sg_rsa_new(padded, sizeof(padded),
			     (const uint8_t *)"\0\1\0\1", 4, &rsa, NULL),
	    SG_OK);
	assert_int_equal(sg_rsa_modulus(rsa, n, NULL), SG_OK);
	assert_int_equal(sg_rsa_exponent(rsa, e, NULL), SG_OK);
	assert_int_equal(n->len, 256);
	assert_memory_equal(n->data, bare->data, 256);
	assert_int_equal(e->len, 3);
	assert_memory_equal(e->data, "\1\0\1", 3);
	assert_int_equal(sg_rsa_size(rsa), 256);
}

static void
pem_and_der_are_what_openssl_reads(void **state)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	SG_AUTO(sg_buf) pem = sg_buf_new(4096);
	SG_AUTO(sg_buf) der = sg_buf_new(4096);
	EVP_PKEY *original = fake_pkey();
	const unsigned char *p;
	EVP_PKEY *read;
	BIO *bio;

	(void)state;
	assert_int_equal(sg_rsa_to_pem(rsa, pem, NULL), SG_OK);
	assert_int_equal(sg_rsa_to_der(rsa, der, NULL), SG_OK);
	assert_ptr_equal(
	    strstr(sg_buf_str(pem), "-----BEGIN PUBLIC KEY-----\n"), pem->data);
	bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	read = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	assert_int_equal(EVP_PKEY_eq(read, original), 1);
	EVP_PKEY_free(read);
	BIO_free(bio);
	p = der->data;
	read = d2i_PUBKEY(NULL, &p, (long)der->len);
	assert_ptr_equal(p, der->data + der->len);
	assert_int_equal(EVP_PKEY_eq(read, original), 1);
	EVP_PKEY_free(read);
	EVP_PKEY_free(original);
}

static void
a_pem_that_was_written_is_read(void **state)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	SG_AUTO(sg_buf) pem = sg_buf_new(4096);
	SG_AUTO(sg_rsa) read = NULL;

	(void)state;
	assert_int_equal(sg_rsa_to_pem(rsa, pem, NULL), SG_OK);
	assert_int_equal(
	    sg_rsa_from_pem(sg_buf_str(pem), pem->len, &read, NULL), SG_OK);
	assert_int_equal(verify(read, RFC7515_INPUT, RFC7515_SIGNATURE), SG_OK);
}

static void
check_pem_is_refused(EVP_PKEY *pkey, bool is_private)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct sg_rsa *rsa = NULL;
	struct sg_err err = {0};
	char *text = NULL;
	long len;

	if (is_private)
		assert_int_equal(PEM_write_bio_PrivateKey(
				     bio, pkey, NULL, NULL, 0, NULL, NULL),
		    1);
	else
		assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);
	len = BIO_get_mem_data(bio, &text);
	assert_int_equal(
	    sg_rsa_from_pem(text, (size_t)len, &rsa, &err), SG_E_INVALID);
	assert_null(rsa);
	assert_int_equal(err.rc, SG_E_INVALID);
	BIO_free(bio);
}

static void
a_pem_that_is_no_public_rsa_key_is_refused(void **state)
{
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	EVP_PKEY *short_rsa = EVP_RSA_gen(1024);
	EVP_PKEY *good = EVP_RSA_gen(2048);
	struct sg_rsa *rsa = NULL;

	(void)state;
	check_pem_is_refused(ec, false);
	check_pem_is_refused(short_rsa, false);
	check_pem_is_refused(good, true);
	assert_int_equal(sg_rsa_from_pem("", 0, &rsa, NULL), SG_E_INVALID);
	assert_int_equal(
	    sg_rsa_from_pem("not a PEM", 9, &rsa, NULL), SG_E_INVALID);
	assert_null(rsa);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(short_rsa);
	EVP_PKEY_free(good);
}

static void
check_wycheproof(const struct sg_rsa *rsa, const struct sg_json *test)
{
	SG_AUTO(sg_buf) msg = vectors_hex(test, "msg");
	SG_AUTO(sg_buf) sig = vectors_hex(test, "sig");
	const char *result = sg_json_get_text(test, "result");
	enum sg_rc rc;

	rc = sg_rsa_verify(rsa, msg->data, msg->len, sig->data, sig->len, NULL);
	/* "acceptable" is one: a DigestInfo without its NULL, which RFC 8017
	 * A.2.4 lets a verifier take or leave. It must not be an error. */
	if (strcmp(result, "acceptable") == 0)
		assert_true(rc == SG_OK || rc == SG_E_INVALID);
	else if (rc != (strcmp(result, "valid") == 0 ? SG_OK : SG_E_INVALID))
		fail_msg("test %ld is %s and gave %s", (long)vectors_id(test),
		    result, sg_rc_name(rc));
}

static void
wycheproofs_signatures_verify_as_stated(void **state)
{
	struct sg_json *file =
	    vectors_load("rsa_signature_2048_sha256_test.json");
	const struct sg_json *groups = sg_json_get(file, "testGroups");
	int64_t expected = 0;
	size_t count = 0;
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < sg_json_count(groups); i++) {
		const struct sg_json *group = sg_json_at(groups, i);
		const char *pem = sg_json_get_text(group, "publicKeyPem");
		const struct sg_json *tests = sg_json_get(group, "tests");
		SG_AUTO(sg_rsa) rsa = NULL;

		assert_int_equal(
		    sg_rsa_from_pem(pem, strlen(pem), &rsa, NULL), SG_OK);
		for (k = 0; k < sg_json_count(tests); k++, count++)
			check_wycheproof(rsa, sg_json_at(tests, k));
	}
	assert_true(sg_json_int(sg_json_get(file, "numberOfTests"), &expected));
	assert_int_equal(count, expected);
	sg_json_free(&file);
}

static void
free_leaves_null(void **state)
{
	struct sg_rsa *rsa = fake_rsa(RFC7515_N, RFC7515_E);

	(void)state;
	sg_rsa_free(&rsa);
	assert_null(rsa);
	sg_rsa_free(&rsa);
	sg_rsa_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_signatures_of_the_rfcs_verify),
	    cmocka_unit_test(
		a_signature_of_another_key_or_text_does_not_verify),
	    cmocka_unit_test(another_digest_or_padding_does_not_verify),
	    cmocka_unit_test(numbers_that_are_no_key_are_refused),
	    cmocka_unit_test(a_modulus_of_2047_bits_is_refused_and_2048_taken),
	    cmocka_unit_test(the_numbers_come_back_without_zeros),
	    cmocka_unit_test(pem_and_der_are_what_openssl_reads),
	    cmocka_unit_test(a_pem_that_was_written_is_read),
	    cmocka_unit_test(a_pem_that_is_no_public_rsa_key_is_refused),
	    cmocka_unit_test(wycheproofs_signatures_verify_as_stated),
	    cmocka_unit_test(free_leaves_null),
	};

	return cmocka_run_group_tests_name("rsa", tests, NULL, NULL);
}
