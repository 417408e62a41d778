/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/rsa.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/buf.h"
#include "signer/ossl_internal.h"

#define NUMBER_MAX 2048

struct sg_rsa {
	EVP_PKEY *pkey;
};

AUTO_OF(BIGNUM, free_bn, BN_free)
AUTO_OF(BIO, free_bio, (void)BIO_free)
AUTO_OF(EVP_PKEY_CTX, free_pkey_ctx, EVP_PKEY_CTX_free)
AUTO_OF(EVP_MD_CTX, free_md_ctx, EVP_MD_CTX_free)
AUTO_OF(OSSL_PARAM_BLD, free_builder, OSSL_PARAM_BLD_free)
AUTO_OF(OSSL_PARAM, free_params, OSSL_PARAM_free)

void
sg_rsa_free(struct sg_rsa **rsa)
{
	if (rsa == NULL || *rsa == NULL)
		return;
	EVP_PKEY_free((*rsa)->pkey);
	free(*rsa);
	*rsa = NULL;
}

static enum sg_rc
check_key(const struct sg_rsa *rsa, struct sg_err *err)
{
	AUTO(free_bn) BIGNUM *n = NULL;
	AUTO(free_bn) BIGNUM *e = NULL;

	if (EVP_PKEY_get_base_id(rsa->pkey) != EVP_PKEY_RSA)
		return sg_fail(err, SG_E_INVALID,
		    "the public key is not RSA, which RS256 needs");
	if (EVP_PKEY_get_bits(rsa->pkey) < SG_RSA_MIN_BITS)
		return sg_fail(err, SG_E_INVALID,
		    "the RSA key has %d bits; RS256 needs %d or more",
		    EVP_PKEY_get_bits(rsa->pkey), SG_RSA_MIN_BITS);
	if (EVP_PKEY_get_bits(rsa->pkey) > NUMBER_MAX * 8)
		return sg_fail(err, SG_E_INVALID,
		    "the RSA key has more than %d bits", NUMBER_MAX * 8);
	if (EVP_PKEY_get_bn_param(rsa->pkey, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
	    EVP_PKEY_get_bn_param(rsa->pkey, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
		return sg_ossl_failed("read an RSA key", err);
	if (BN_is_odd(n) != 1)
		return sg_fail(err, SG_E_INVALID,
		    "the RSA key has an even modulus, which cannot be right");
	if (BN_is_odd(e) != 1 || BN_num_bits(e) < 2 || BN_num_bits(e) > 64)
		return sg_fail(err, SG_E_INVALID,
		    "the RSA key has an exponent that cannot be right");
	return SG_OK;
}

/* Own the key from here on, if it is one that we take. */
static enum sg_rc
adopt(EVP_PKEY *pkey, struct sg_rsa **out_rsa, struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = calloc(1, sizeof(*rsa));
	enum sg_rc rc;

	if (rsa == NULL) {
		EVP_PKEY_free(pkey);
		return sg_fail_nomem(err);
	}
	rsa->pkey = pkey;
	rc = check_key(rsa, err);
	if (rc != SG_OK)
		return rc;
	*out_rsa = rsa;
	rsa = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_rsa_new(const uint8_t *n, size_t n_len, const uint8_t *e, size_t e_len,
    struct sg_rsa **out_rsa, struct sg_err *err)
{
	AUTO(free_bn) BIGNUM *n_bn = NULL;
	AUTO(free_bn) BIGNUM *e_bn = NULL;
	AUTO(free_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	AUTO(free_params) OSSL_PARAM *params = NULL;
	AUTO(free_pkey_ctx)
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;

	if (n_len == 0 || e_len == 0)
		return sg_fail(
		    err, SG_E_INVALID, "the RSA key's numbers are missing");
	if (n_len > NUMBER_MAX || e_len > 64)
		return sg_fail(
		    err, SG_E_INVALID, "the RSA key's numbers are too large");
	n_bn = BN_bin2bn(n, (int)n_len, NULL);
	e_bn = BN_bin2bn(e, (int)e_len, NULL);
	if (n_bn == NULL || e_bn == NULL || builder == NULL || ctx == NULL)
		return sg_fail_nomem(err);
	if (OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n_bn) != 1 ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e_bn) != 1)
		return sg_ossl_failed("build an RSA key", err);
	params = OSSL_PARAM_BLD_to_param(builder);
	if (params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return sg_ossl_failed("build an RSA key", err);
	return adopt(pkey, out_rsa, err);
}

enum sg_rc
sg_rsa_from_pem(
    const char *pem, size_t len, struct sg_rsa **out_rsa, struct sg_err *err)
{
	AUTO(free_bio) BIO *bio = NULL;
	EVP_PKEY *pkey;

	if (len > INT32_MAX)
		return sg_fail(err, SG_E_INVALID, "the PEM is too long");
	bio = BIO_new_mem_buf(pem, (int)len);
	if (bio == NULL)
		return sg_fail_nomem(err);
	pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	ERR_clear_error();
	if (pkey == NULL)
		return sg_fail(err, SG_E_INVALID,
		    "not a PEM public key (-----BEGIN PUBLIC KEY-----)");
	return adopt(pkey, out_rsa, err);
}

enum sg_rc
sg_rsa_to_pem(const struct sg_rsa *rsa, struct sg_buf *buf, struct sg_err *err)
{
	AUTO(free_bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;

	if (bio == NULL)
		return sg_fail_nomem(err);
	if (PEM_write_bio_PUBKEY(bio, rsa->pkey) != 1)
		return sg_ossl_failed("write a public key as PEM", err);
	len = BIO_get_mem_data(bio, &text);
	sg_buf_add(buf, text, (size_t)len);
	return sg_buf_check(buf, "a PEM public key", err);
}

enum sg_rc
sg_rsa_to_der(const struct sg_rsa *rsa, struct sg_buf *buf, struct sg_err *err)
{
	unsigned char *der = NULL;
	int len;

	len = i2d_PUBKEY(rsa->pkey, &der);
	if (len <= 0)
		return sg_ossl_failed("write a public key as DER", err);
	sg_buf_add(buf, der, (size_t)len);
	OPENSSL_free(der);
	return sg_buf_check(buf, "a DER public key", err);
}

static enum sg_rc
add_number(const struct sg_rsa *rsa, const char *param, struct sg_buf *buf,
    struct sg_err *err)
{
	AUTO(free_bn) BIGNUM *number = NULL;
	uint8_t bytes[NUMBER_MAX];
	int len;

	if (EVP_PKEY_get_bn_param(rsa->pkey, param, &number) != 1)
		return sg_ossl_failed("read an RSA key", err);
	if (BN_num_bytes(number) > NUMBER_MAX)
		return sg_fail(err, SG_E_INVALID, "the RSA key is too long");
	len = BN_bn2bin(number, bytes);
	sg_buf_add(buf, bytes, (size_t)len);
	return sg_buf_check(buf, "an RSA key", err);
}

enum sg_rc
sg_rsa_modulus(const struct sg_rsa *rsa, struct sg_buf *buf, struct sg_err *err)
{
	return add_number(rsa, OSSL_PKEY_PARAM_RSA_N, buf, err);
}

enum sg_rc
sg_rsa_exponent(
    const struct sg_rsa *rsa, struct sg_buf *buf, struct sg_err *err)
{
	return add_number(rsa, OSSL_PKEY_PARAM_RSA_E, buf, err);
}

size_t
sg_rsa_size(const struct sg_rsa *rsa)
{
	return (size_t)EVP_PKEY_get_size(rsa->pkey);
}

unsigned int
sg_rsa_bits(const struct sg_rsa *rsa)
{
	return (unsigned int)EVP_PKEY_get_bits(rsa->pkey);
}

enum sg_rc
sg_rsa_verify(const struct sg_rsa *rsa, const uint8_t *msg, size_t len,
    const uint8_t *sig, size_t sig_len, struct sg_err *err)
{
	AUTO(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc;

	if (ctx == NULL)
		return sg_fail_nomem(err);
	/* RSA's default padding is PKCS #1 v1.5. */
	if (EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, rsa->pkey) != 1)
		return sg_ossl_failed("start to verify a signature", err);
	rc = EVP_DigestVerify(ctx, sig, sig_len, msg, len);
	ERR_clear_error();
	if (rc != 1)
		return sg_fail(err, SG_E_INVALID,
		    "the signature is not that of the public key");
	return SG_OK;
}
