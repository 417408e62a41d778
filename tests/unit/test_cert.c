/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/cert.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "signer/signer.h"
#include "tests/unit/fake_key.h"

struct bench {
	struct fake_key fake;
	struct sg_key *key;
	struct sg_signer *signer;
	struct sg_buf *pem;
};

static void
open_bench(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->key = fake_key_new(&b->fake);
	assert_int_equal(
	    sg_signer_new(b->key, fake_clock(), &b->signer, NULL), SG_OK);
	b->pem = sg_buf_new(64 * 1024);
}

static void
close_bench(struct bench *b)
{
	sg_buf_free(&b->pem);
	sg_signer_free(&b->signer);
	sg_key_free(&b->key);
}

static X509 *
self_signed(struct bench *b, const struct sg_cert_spec *spec)
{
	struct sg_err err = {0};
	X509 *cert;
	BIO *bio;

	if (sg_cert_self_signed(b->signer, spec, fake_clock(), b->pem, &err) !=
	    SG_OK)
		fail_msg("%s", err.text);
	bio = BIO_new_mem_buf(b->pem->data, (int)b->pem->len);
	cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	assert_non_null(cert);
	BIO_free(bio);
	return cert;
}

static void
certificate_is_verified_by_its_own_key(void **state)
{
	const struct sg_cert_spec spec = {.subject = "CN=signet"};
	struct bench b;
	X509 *cert;

	(void)state;
	open_bench(&b);
	cert = self_signed(&b, &spec);
	assert_int_equal(X509_verify(cert, b.fake.pkey), 1);
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(cert), b.fake.pkey), 1);
	assert_int_equal(X509_NAME_cmp(X509_get_subject_name(cert),
			     X509_get_issuer_name(cert)),
	    0);
	assert_int_equal(
	    X509_get_signature_nid(cert), NID_sha256WithRSAEncryption);
	assert_int_equal(X509_get_version(cert), X509_VERSION_3);
	assert_int_equal(X509_check_ca(cert), 0);
	assert_int_equal(X509_get_key_usage(cert), KU_DIGITAL_SIGNATURE);
	assert_int_equal(b.fake.signed_count, 1);
	X509_free(cert);
	close_bench(&b);
}

static void
it_lives_as_long_as_is_said(void **state)
{
	static const struct {
		int64_t days;
		int expected;
	} rows[] = {{0, SG_CERT_DAYS_DEFAULT}, {1, 1}, {30, 30}, {3650, 3650}};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct sg_cert_spec spec = {
		    .subject = "CN=a", .days = rows[i].days};
		time_t now = FAKE_NOW_S;
		int seconds = 0;
		int days = 0;
		struct bench b;
		X509 *cert;

		open_bench(&b);
		cert = self_signed(&b, &spec);
		assert_int_equal(
		    ASN1_TIME_cmp_time_t(X509_get0_notBefore(cert), now), 0);
		assert_int_equal(
		    ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(cert),
			X509_get0_notAfter(cert)),
		    1);
		assert_int_equal(days, rows[i].expected);
		assert_int_equal(seconds, 0);
		X509_free(cert);
		close_bench(&b);
	}
}

static void
dns_names_stand_in_it(void **state)
{
	static char *names[] = {"a.example", "*.b.example"};
	const struct sg_list dns = {names, 2};
	const struct sg_cert_spec spec = {.subject = "CN=a", .dns = &dns};
	struct bench b;
	X509 *cert;

	(void)state;
	open_bench(&b);
	cert = self_signed(&b, &spec);
	assert_int_equal(X509_check_host(cert, "a.example", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(cert, "x.b.example", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(cert, "b.example", 0, 0, NULL), 0);
	X509_free(cert);
	close_bench(&b);
}

static void
request_is_verified_by_its_own_key(void **state)
{
	static char *names[] = {"a.example"};
	const struct sg_list dns = {names, 1};
	const struct sg_cert_spec spec = {.subject = "CN=a,O=b", .dns = &dns};
	STACK_OF(X509_EXTENSION) * extensions;
	X509_REQ *request;
	struct bench b;
	BIO *bio;

	(void)state;
	open_bench(&b);
	assert_int_equal(sg_cert_request(b.signer, &spec, b.pem, NULL), SG_OK);
	bio = BIO_new_mem_buf(b.pem->data, (int)b.pem->len);
	request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	assert_non_null(request);
	assert_int_equal(X509_REQ_verify(request, b.fake.pkey), 1);
	extensions = X509_REQ_get_extensions(request);
	assert_int_equal(sk_X509_EXTENSION_num(extensions), 1);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(request);
	BIO_free(bio);
	close_bench(&b);
}

static void
malformed_wish_asks_the_token_for_nothing(void **state)
{
	static char *names[] = {"a..b"};
	const struct sg_list dns = {names, 1};
	const struct sg_cert_spec specs[] = {{.subject = NULL},
	    {.subject = "a"}, {.subject = "CN=a", .dns = &dns},
	    {.subject = "CN=a", .days = -1}, {.subject = "CN=a", .days = 3651}};
	struct bench b;
	size_t i;

	(void)state;
	open_bench(&b);
	for (i = 0; i < SG_COUNT(specs); i++) {
		assert_int_equal(sg_cert_check(&specs[i], NULL), SG_E_USAGE);
		assert_int_equal(
		    sg_cert_request(b.signer, &specs[i], b.pem, NULL),
		    SG_E_USAGE);
		assert_int_equal(sg_cert_self_signed(b.signer, &specs[i],
				     fake_clock(), b.pem, NULL),
		    SG_E_USAGE);
	}
	assert_int_equal(b.fake.signed_count, 0);
	assert_int_equal(b.pem->len, 0);
	close_bench(&b);
}

static void
what_the_token_does_wrong_is_not_given_out(void **state)
{
	const struct sg_cert_spec spec = {.subject = "CN=a"};
	struct bench b;

	(void)state;
	open_bench(&b);
	b.fake.is_faulty = true;
	assert_int_equal(
	    sg_cert_request(b.signer, &spec, b.pem, NULL), SG_E_TOKEN);
	assert_int_equal(
	    sg_cert_self_signed(b.signer, &spec, fake_clock(), b.pem, NULL),
	    SG_E_TOKEN);
	b.fake.rc = SG_E_PIN_MISSING;
	assert_int_equal(
	    sg_cert_request(b.signer, &spec, b.pem, NULL), SG_E_PIN_MISSING);
	assert_int_equal(b.pem->len, 0);
	close_bench(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(certificate_is_verified_by_its_own_key),
	    cmocka_unit_test(it_lives_as_long_as_is_said),
	    cmocka_unit_test(dns_names_stand_in_it),
	    cmocka_unit_test(request_is_verified_by_its_own_key),
	    cmocka_unit_test(malformed_wish_asks_the_token_for_nothing),
	    cmocka_unit_test(what_the_token_does_wrong_is_not_given_out),
	};

	return cmocka_run_group_tests_name("cert", tests, NULL, NULL);
}
