/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_TOKEN_CERTIFICATE_H
#define SG_TESTS_TOKEN_CERTIFICATE_H

/* A certificate in the token, of a key that is elsewhere. */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/token/raw.h"

static inline X509 *
make_certificate(const char *name)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	X509 *x509 = X509_new();
	X509_NAME *subject;

	assert_non_null(pkey);
	assert_non_null(x509);
	subject = X509_get_subject_name(x509);
	assert_int_equal(
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
		(const unsigned char *)name, -1, -1, 0),
	    1);
	assert_int_equal(X509_set_issuer_name(x509, subject), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), 1), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x509), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x509), 3600));
	assert_int_equal(X509_set_pubkey(x509, pkey), 1);
	assert_true(X509_sign(x509, pkey, EVP_sha256()) > 0);
	EVP_PKEY_free(pkey);
	return x509;
}

static inline void
add_certificate(struct raw *raw, const char *label, const char *id)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_CERTIFICATE_TYPE type = CKC_X_509;
	X509 *x509 = make_certificate(label);
	unsigned char *value = NULL;
	unsigned char *name = NULL;
	unsigned char *serial = NULL;
	CK_ULONG value_len = (CK_ULONG)i2d_X509(x509, &value);
	CK_ULONG name_len =
	    (CK_ULONG)i2d_X509_NAME(X509_get_subject_name(x509), &name);
	CK_ULONG serial_len =
	    (CK_ULONG)i2d_ASN1_INTEGER(X509_get_serialNumber(x509), &serial);
	CK_ATTRIBUTE attrs[] = {{CKA_CLASS, &class, sizeof(class)},
	    {CKA_CERTIFICATE_TYPE, &type, sizeof(type)},
	    raw_flag(CKA_TOKEN, true), raw_text(CKA_LABEL, label),
	    raw_text(CKA_ID, id), {CKA_VALUE, value, value_len},
	    {CKA_SUBJECT, name, name_len}, {CKA_ISSUER, name, name_len},
	    {CKA_SERIAL_NUMBER, serial, serial_len}};
	CK_OBJECT_HANDLE object;

	assert_int_equal(raw->fn->C_CreateObject(
			     raw->session, attrs, SG_COUNT(attrs), &object),
	    CKR_OK);
	OPENSSL_free(value);
	OPENSSL_free(name);
	OPENSSL_free(serial);
	X509_free(x509);
}

#endif
