/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/cert.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

#include "base/buf.h"
#include "signer/cert_name.h"
#include "signer/ossl_internal.h"
#include "signer/rsa.h"
#include "signer/signer.h"
#include "signer/signer_internal.h"

/* The token signs what OpenSSL encodes: OpenSSL itself never sees a private
 * key, so that every door to the token, the policy for keys and the check of
 * each signature hold here too. */

#define DER_MAX	    (64 * 1024)
#define SERIAL_SIZE 16

AUTO_OF(X509_NAME, free_name, X509_NAME_free)
AUTO_OF(X509_REQ, free_request, X509_REQ_free)
AUTO_OF(X509, free_cert, X509_free)
AUTO_OF(X509_ALGOR, free_algorithm, X509_ALGOR_free)
AUTO_OF(ASN1_BIT_STRING, free_bits, ASN1_BIT_STRING_free)
AUTO_OF(EVP_PKEY, free_pkey, EVP_PKEY_free)
AUTO_OF(BIO, free_bio, (void)BIO_free)
AUTO_OF(GENERAL_NAMES, free_names, GENERAL_NAMES_free)

static void
free_extensions(STACK_OF(X509_EXTENSION) * *p)
{
	sk_X509_EXTENSION_pop_free(*p, X509_EXTENSION_free);
}

enum sg_rc
sg_cert_check(const struct sg_cert_spec *spec, struct sg_err *err)
{
	AUTO(free_name) X509_NAME *name = NULL;
	AUTO(free_names) GENERAL_NAMES *names = NULL;
	enum sg_rc rc;

	rc = sg_cert_name_subject(spec->subject, &name, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_cert_name_dns(spec->dns, &names, err);
	if (rc != SG_OK)
		return rc;
	if (spec->days != 0 &&
	    (spec->days < SG_CERT_DAYS_MIN || spec->days > SG_CERT_DAYS_MAX))
		return sg_fail(err, SG_E_USAGE, "--days is %d to %d",
		    SG_CERT_DAYS_MIN, SG_CERT_DAYS_MAX);
	return SG_OK;
}

static enum sg_rc
public_key(
    const struct sg_signer *signer, EVP_PKEY **out_pkey, struct sg_err *err)
{
	SG_AUTO(sg_buf) der = sg_buf_new(DER_MAX);
	const unsigned char *p;
	enum sg_rc rc;

	rc = sg_rsa_to_der(sg_signer_public(signer), der, err);
	if (rc != SG_OK)
		return rc;
	p = der->data;
	*out_pkey = d2i_PUBKEY(NULL, &p, (long)der->len);
	return *out_pkey != NULL ? SG_OK
				 : sg_ossl_failed("read the public key", err);
}

/* sha256WithRSAEncryption with its NULL: RFC 4055 §5. */
static bool
set_algorithm(X509_ALGOR *algorithm)
{
	return X509_ALGOR_set0(algorithm,
		   OBJ_nid2obj(NID_sha256WithRSAEncryption), V_ASN1_NULL,
		   NULL) == 1;
}

/* A bit string of whole bytes. */
static bool
set_bits(ASN1_BIT_STRING *bits, const struct sg_buf *sig)
{
	bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
	bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
	return ASN1_BIT_STRING_set(bits, sig->data, (int)sig->len) == 1;
}

/* Let the token sign what OpenSSL encoded, and give that back. */
static enum sg_rc
sign_encoded(struct sg_signer *signer, unsigned char *der, int len,
    struct sg_buf **out_sig, struct sg_err *err)
{
	enum sg_rc rc;

	if (len <= 0)
		return sg_ossl_failed("encode what is to be signed", err);
	rc = sg_signer_sign(signer, der, (size_t)len, out_sig, err);
	OPENSSL_free(der);
	return rc;
}

static enum sg_rc
add_request_names(X509_REQ *request, GENERAL_NAMES *names, struct sg_err *err)
{
	AUTO(free_extensions) STACK_OF(X509_EXTENSION) *list = NULL;
	X509_EXTENSION *extension;

	if (names == NULL)
		return SG_OK;
	list = sk_X509_EXTENSION_new_null();
	extension = X509V3_EXT_i2d(NID_subject_alt_name, 0, names);
	if (list == NULL || extension == NULL ||
	    sk_X509_EXTENSION_push(list, extension) <= 0) {
		X509_EXTENSION_free(extension);
		return sg_ossl_failed("write the DNS names", err);
	}
	if (X509_REQ_add_extensions(request, list) != 1)
		return sg_ossl_failed("write the DNS names", err);
	return SG_OK;
}

static enum sg_rc
fill_request(X509_REQ *request, const struct sg_signer *signer,
    const struct sg_cert_spec *spec, struct sg_err *err)
{
	AUTO(free_name) X509_NAME *name = NULL;
	AUTO(free_names) GENERAL_NAMES *names = NULL;
	AUTO(free_pkey) EVP_PKEY *pkey = NULL;
	AUTO(free_algorithm) X509_ALGOR *algorithm = X509_ALGOR_new();
	enum sg_rc rc;

	rc = sg_cert_name_subject(spec->subject, &name, err);
	if (rc == SG_OK)
		rc = sg_cert_name_dns(spec->dns, &names, err);
	if (rc == SG_OK)
		rc = public_key(signer, &pkey, err);
	if (rc == SG_OK)
		rc = add_request_names(request, names, err);
	if (rc != SG_OK)
		return rc;
	if (algorithm == NULL || !set_algorithm(algorithm) ||
	    X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
	    X509_REQ_set_subject_name(request, name) != 1 ||
	    X509_REQ_set_pubkey(request, pkey) != 1 ||
	    X509_REQ_set1_signature_algo(request, algorithm) != 1)
		return sg_ossl_failed("build a certificate request", err);
	return SG_OK;
}

static enum sg_rc
sign_request(X509_REQ *request, struct sg_signer *signer, struct sg_err *err)
{
	AUTO(free_bits) ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	SG_AUTO(sg_buf) sig = NULL;
	unsigned char *der = NULL;
	enum sg_rc rc;
	int len;

	len = i2d_re_X509_REQ_tbs(request, &der);
	rc = sign_encoded(signer, der, len, &sig, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "sign the certificate request");
	if (bits == NULL || !set_bits(bits, sig))
		return sg_ossl_failed("write the signature", err);
	X509_REQ_set0_signature(request, bits);
	bits = NULL; /* now the request's */
	return SG_OK;
}

static enum sg_rc
take_pem(BIO *bio, int written, struct sg_buf *out, struct sg_err *err)
{
	char *text = NULL;
	long len;

	if (written != 1)
		return sg_ossl_failed("write the certificate as PEM", err);
	len = BIO_get_mem_data(bio, &text);
	sg_buf_add(out, text, (size_t)len);
	return sg_buf_check(out, "the certificate", err);
}

/* What is given out is read and verified as it stands. */
enum sg_rc
sg_cert_request(struct sg_signer *signer, const struct sg_cert_spec *spec,
    struct sg_buf *out, struct sg_err *err)
{
	AUTO(free_request) X509_REQ *request = X509_REQ_new();
	AUTO(free_bio) BIO *bio = BIO_new(BIO_s_mem());
	enum sg_rc rc;

	if (request == NULL || bio == NULL)
		return sg_fail_nomem(err);
	rc = sg_cert_check(spec, err);
	if (rc == SG_OK)
		rc = fill_request(request, signer, spec, err);
	if (rc == SG_OK)
		rc = sign_request(request, signer, err);
	if (rc != SG_OK)
		return rc;
	if (X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) != 1)
		return sg_ossl_failed("verify the certificate request", err);
	return take_pem(bio, PEM_write_bio_X509_REQ(bio, request), out, err);
}

/* RFC 5280 §4.1.2.2: positive, at most 20 bytes, and here unpredictable. */
static enum sg_rc
set_serial(X509 *cert, const struct sg_clock *clock, struct sg_err *err)
{
	uint8_t bytes[SERIAL_SIZE];
	BIGNUM *number;
	enum sg_rc rc;
	bool done;

	rc = clock->random(clock->ctx, bytes, sizeof(bytes), err);
	if (rc != SG_OK)
		return rc;
	bytes[0] = (uint8_t)((bytes[0] & 0x3f) | 0x40);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	done = number != NULL &&
	       BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
	BN_free(number);
	return done ? SG_OK : sg_ossl_failed("write the serial number", err);
}

static bool
set_times(X509 *cert, int64_t now_s, int64_t days)
{
	return ASN1_TIME_adj(X509_getm_notBefore(cert), now_s, 0, 0) != NULL &&
	       ASN1_TIME_adj(X509_getm_notAfter(cert), now_s, (int)days, 0) !=
		   NULL;
}

static bool
add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX ctx;
	bool done;

	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	done = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return done;
}

static enum sg_rc
add_extensions(X509 *cert, const struct sg_cert_spec *spec, struct sg_err *err)
{
	static const struct {
		int nid;
		const char *value;
	} rows[] = {
	    {NID_basic_constraints, "critical,CA:FALSE"},
	    {NID_key_usage, "critical,digitalSignature"},
	    {NID_subject_key_identifier, "hash"},
	};
	AUTO(free_names) GENERAL_NAMES *names = NULL;
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++)
		if (!add_extension(cert, rows[i].nid, rows[i].value))
			return sg_ossl_failed("build a certificate", err);
	rc = sg_cert_name_dns(spec->dns, &names, err);
	if (rc != SG_OK || names == NULL)
		return rc;
	if (X509_add1_ext_i2d(
		cert, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) != 1)
		return sg_ossl_failed("write the DNS names", err);
	return SG_OK;
}

static enum sg_rc
fill_cert(X509 *cert, const struct sg_signer *signer,
    const struct sg_cert_spec *spec, const struct sg_clock *clock,
    struct sg_err *err)
{
	AUTO(free_name) X509_NAME *name = NULL;
	AUTO(free_pkey) EVP_PKEY *pkey = NULL;
	int64_t days = spec->days != 0 ? spec->days : SG_CERT_DAYS_DEFAULT;
	enum sg_rc rc;

	rc = sg_cert_name_subject(spec->subject, &name, err);
	if (rc == SG_OK)
		rc = public_key(signer, &pkey, err);
	if (rc == SG_OK)
		rc = set_serial(cert, clock, err);
	if (rc != SG_OK)
		return rc;
	if (X509_set_version(cert, X509_VERSION_3) != 1 ||
	    X509_set_subject_name(cert, name) != 1 ||
	    X509_set_issuer_name(cert, name) != 1 ||
	    X509_set_pubkey(cert, pkey) != 1 ||
	    !set_times(cert, clock->now_s(clock->ctx), days))
		return sg_ossl_failed("build a certificate", err);
	return add_extensions(cert, spec, err);
}

/* OpenSSL sets these two when it signs itself, and gives no other way. */
static enum sg_rc
sign_cert(X509 *cert, struct sg_signer *signer, struct sg_err *err)
{
	const ASN1_BIT_STRING *bits = NULL;
	const X509_ALGOR *outer = NULL;
	SG_AUTO(sg_buf) sig = NULL;
	unsigned char *der = NULL;
	enum sg_rc rc;
	int len;

	X509_get0_signature(&bits, &outer, cert);
	if (!set_algorithm((X509_ALGOR *)(uintptr_t)outer) ||
	    !set_algorithm((X509_ALGOR *)(uintptr_t)X509_get0_tbs_sigalg(cert)))
		return sg_ossl_failed("build a certificate", err);
	len = i2d_re_X509_tbs(cert, &der);
	rc = sign_encoded(signer, der, len, &sig, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "sign the certificate");
	if (!set_bits((ASN1_BIT_STRING *)(uintptr_t)bits, sig))
		return sg_ossl_failed("write the signature", err);
	return SG_OK;
}

enum sg_rc
sg_cert_self_signed(struct sg_signer *signer, const struct sg_cert_spec *spec,
    const struct sg_clock *clock, struct sg_buf *out, struct sg_err *err)
{
	AUTO(free_cert) X509 *cert = X509_new();
	AUTO(free_bio) BIO *bio = BIO_new(BIO_s_mem());
	enum sg_rc rc;

	if (cert == NULL || bio == NULL)
		return sg_fail_nomem(err);
	rc = sg_cert_check(spec, err);
	if (rc == SG_OK)
		rc = fill_cert(cert, signer, spec, clock, err);
	if (rc == SG_OK)
		rc = sign_cert(cert, signer, err);
	if (rc != SG_OK)
		return rc;
	if (X509_verify(cert, X509_get0_pubkey(cert)) != 1)
		return sg_ossl_failed("verify the certificate", err);
	return take_pem(bio, PEM_write_bio_X509(bio, cert), out, err);
}
