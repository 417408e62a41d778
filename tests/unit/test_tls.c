/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/tls.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/unit/fake_token.h"

/*
 * The fake token signs with bytes that a test sets, whoever's key it is. That
 * a real one serves in TLS is shown by tests/cli/test_cli_client_key.py.
 */

static char cert_path[] = "/tmp/test_tls.XXXXXX";
static EVP_PKEY *pkey;

/* A certificate for the key, by itself. */
static int
make_cert(void **state)
{
	X509 *cert = X509_new();
	FILE *file;
	int fd = mkstemp(cert_path);

	(void)state;
	pkey = EVP_RSA_gen(2048);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
	assert_int_equal(X509_set_pubkey(cert, pkey), 1);
	assert_true(X509_sign(cert, pkey, EVP_sha256()) > 0);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, cert), 1);
	assert_int_equal(fclose(file), 0);
	X509_free(cert);
	return 0;
}

static int
remove_cert(void **state)
{
	(void)state;
	EVP_PKEY_free(pkey);
	return unlink(cert_path);
}

static struct fake_object *
add_key_of_cert(void)
{
	struct fake_object *object = fake_add_key("client", fake_id, 2);
	BIGNUM *number = NULL;
	uint8_t modulus[256];

	assert_int_equal(
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &number), 1);
	assert_int_equal(BN_bn2bin(number, modulus), sizeof(modulus));
	BN_free(number);
	fake_put(object, CKA_MODULUS, modulus, sizeof(modulus));
	return object;
}

static struct sg_token *
open_logged_in(void)
{
	struct fake_pin pin = {.pin = "1234"};
	struct sg_token *token = fake_open(NULL);

	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	return token;
}

static void
refused(const char *cert, enum sg_rc rc, const char *words)
{
	struct sg_token *token = open_logged_in();
	struct sg_tls_key *key = NULL;
	struct sg_err err = {0};

	assert_int_equal(sg_tls_key_open(token, NULL, SG_BACKEND_NATIVE, cert,
			     0, &key, &err),
	    rc);
	assert_null(key);
	if (strstr(err.text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, err.text);
	sg_token_free(&token);
}

static void
a_certificate_that_is_none_is_told(void **state)
{
	(void)state;
	(void)add_key_of_cert();
	refused("/nowhere/cert.pem", SG_E_CONFIG, "/nowhere/cert.pem");
	refused("/dev/null", SG_E_CONFIG, "no certificate in PEM");
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 0);
}

static void
a_certificate_of_another_key_is_refused_before_any_signature(void **state)
{
	(void)state;
	(void)fake_add_key("other", fake_id, 2);
	refused(cert_path, SG_E_CONFIG, "is not for the key");
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 0);
}

/* OpenSSL would ask for the PIN at each handshake, by rules of its own. */
static void
a_key_that_wants_its_pin_each_time_is_refused(void **state)
{
	(void)state;
	fake_put_flag(add_key_of_cert(), CKA_ALWAYS_AUTHENTICATE, true);
	refused(cert_path, SG_E_CONFIG, "not for TLS");
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 0);
	assert_int_equal(fake->context_logins, 0);
}

static void
a_key_whose_signatures_do_not_verify_never_gets_to_a_server(void **state)
{
	(void)state;
	(void)add_key_of_cert();
	refused(cert_path, SG_E_MECHANISM, "do not verify");
	assert_int_equal(fake->calls[FAKE_SIGN], 1);
}

/* What PKCS#1 v1.5 makes of the text that is tried: it is deterministic. */
static void
set_signature(void)
{
	static const char msg[] = "signet tries a key for TLS";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = sizeof(fake->signature);

	assert_int_equal(
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey), 1);
	assert_int_equal(EVP_DigestSign(ctx, fake->signature, &len,
			     (const uint8_t *)msg, sizeof(msg)),
	    1);
	assert_int_equal(len, 256);
	EVP_MD_CTX_free(ctx);
}

static void
a_key_that_makes_no_pss_is_limited(void **state)
{
	struct sg_token *token;
	struct sg_tls_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)add_key_of_cert();
	set_signature();
	token = open_logged_in();
	if (sg_tls_key_open(token, NULL, SG_BACKEND_LIBP11, cert_path, 0, &key,
		&err) != SG_OK)
		fail_msg("%s", err.text);
	assert_true(sg_tls_key_is_limited(key));
	assert_string_equal(sg_tls_key_info(key)->label, "client");
	sg_tls_key_free(&key);
	assert_null(key);
	sg_token_free(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(a_certificate_that_is_none_is_told),
	    FAKE_TEST(
		a_certificate_of_another_key_is_refused_before_any_signature),
	    FAKE_TEST(a_key_that_wants_its_pin_each_time_is_refused),
	    FAKE_TEST(
		a_key_whose_signatures_do_not_verify_never_gets_to_a_server),
	    FAKE_TEST(a_key_that_makes_no_pss_is_limited),
	};

	return cmocka_run_group_tests_name(
	    "tls", tests, make_cert, remove_cert);
}
