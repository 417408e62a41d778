/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_KEY_H
#define SG_TESTS_FAKE_KEY_H

/*
 * A signing key without a token: that of RFC 7515 A.2, in memory, signed with
 * by OpenSSL. And a clock that stands still.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/clock.h"
#include "pkcs11/key.h"
#include "signer/rsa.h"
#include "tests/unit/fake_rfc.h"

struct fake_key {
	EVP_PKEY *pkey;
	uint8_t n[512];
	uint8_t e[8];
	struct sg_key_info info;
	/* how it behaves */
	enum sg_rc rc;	   /* other than SG_OK: it does not sign */
	bool is_faulty;	   /* one bit of each signature is wrong */
	size_t drop_bytes; /* how much shorter each signature is */
	/* what it saw */
	unsigned int signed_count;
	uint8_t msg[1024]; /* the last, as far as there is room */
	size_t msg_len;
};

/* What a base64url text stands for. */
static inline struct sg_buf *
fake_decode(const char *text)
{
	struct sg_buf *bytes = sg_buf_new(64 * 1024);

	assert_int_equal(
	    sg_b64url_decode(bytes, text, strlen(text), NULL), SG_OK);
	return bytes;
}

static inline BIGNUM *
fake_number(const char *text)
{
	SG_AUTO(sg_buf) bytes = fake_decode(text);

	return BN_bin2bn(bytes->data, (int)bytes->len, NULL);
}

static inline EVP_PKEY *
fake_pkey(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *numbers[] = {fake_number(RFC7515_N), fake_number(RFC7515_E),
	    fake_number(RFC7515_D)};
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;
	size_t i;

	OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, numbers[0]);
	OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, numbers[1]);
	OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_D, numbers[2]);
	params = OSSL_PARAM_BLD_to_param(builder);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(ctx);
	for (i = 0; i < SG_COUNT(numbers); i++)
		BN_free(numbers[i]);
	return pkey;
}

/* The signature that RS256 gives with RFC 7515's key. */
static inline struct sg_buf *
fake_rs256(EVP_PKEY *pkey, const void *msg, size_t len)
{
	struct sg_buf *sig = sg_buf_new(1024);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t bytes[512];
	size_t sig_len = sizeof(bytes);

	assert_int_equal(
	    EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey), 1);
	assert_int_equal(EVP_DigestSign(ctx, bytes, &sig_len, msg, len), 1);
	EVP_MD_CTX_free(ctx);
	sg_buf_add(sig, bytes, sig_len);
	return sig;
}

static inline enum sg_rc
fake_key_sign(void *impl, const uint8_t *msg, size_t len,
    struct sg_buf **out_sig, struct sg_err *err)
{
	struct fake_key *key = impl;
	struct sg_buf *sig;

	key->signed_count++;
	key->msg_len = len;
	memcpy(key->msg, msg, len < sizeof(key->msg) ? len : sizeof(key->msg));
	if (key->rc != SG_OK)
		return sg_fail_native(err, key->rc, 48, "the fake refuses");
	sig = fake_rs256(key->pkey, msg, len);
	sig->len -= key->drop_bytes;
	if (key->is_faulty)
		sig->data[100] ^= 0x10;
	*out_sig = sig;
	return SG_OK;
}

static inline const struct sg_key_info *
fake_key_info(void *impl)
{
	return &((struct fake_key *)impl)->info;
}

static inline void
fake_key_release(void *impl)
{
	EVP_PKEY_free(((struct fake_key *)impl)->pkey);
}

/* The numbers that the key shows as its public ones. */
static inline void
fake_key_shows(struct fake_key *fake, const char *n, const char *e)
{
	SG_AUTO(sg_buf) n_bytes = fake_decode(n);
	SG_AUTO(sg_buf) e_bytes = fake_decode(e);

	memcpy(fake->n, n_bytes->data, n_bytes->len);
	memcpy(fake->e, e_bytes->data, e_bytes->len);
	fake->info.rsa.n = fake->n;
	fake->info.rsa.n_len = n_bytes->len;
	fake->info.rsa.e = fake->e;
	fake->info.rsa.e_len = e_bytes->len;
}

/* What the policy asks of a key. */
static inline void
fake_key_keeps_policy(struct sg_key_info *info)
{
	static const enum sg_key_fact facts[] = {SG_KEY_TOKEN, SG_KEY_PRIVATE,
	    SG_KEY_SENSITIVE, SG_KEY_ALWAYS_SENSITIVE, SG_KEY_NEVER_EXTRACTABLE,
	    SG_KEY_LOCAL, SG_KEY_SIGN};
	size_t i;

	for (i = 0; i < SG_KEY_FACT_COUNT; i++)
		info->facts[i] = SG_FACT_NO;
	for (i = 0; i < SG_COUNT(facts); i++)
		info->facts[facts[i]] = SG_FACT_YES;
	info->type = "RSA";
	info->bits = 2048;
}

/* Free with sg_key_free(); @p fake must live until then. */
static inline struct sg_key *
fake_key_new(struct fake_key *fake)
{
	static const struct sg_key_ops ops = {
	    .sign = fake_key_sign,
	    .info = fake_key_info,
	    .release = fake_key_release,
	};
	struct sg_key *key = NULL;

	memset(fake, 0, sizeof(*fake));
	fake->pkey = fake_pkey();
	fake->info.uri = "pkcs11:object=fake";
	fake->info.label = "fake";
	fake_key_keeps_policy(&fake->info);
	fake_key_shows(fake, RFC7515_N, RFC7515_E);
	assert_int_equal(sg_key_new(&ops, fake, &key, NULL), SG_OK);
	return key;
}

static inline struct sg_rsa *
fake_rsa(const char *n, const char *e)
{
	SG_AUTO(sg_buf) n_bytes = fake_decode(n);
	SG_AUTO(sg_buf) e_bytes = fake_decode(e);
	struct sg_rsa *rsa = NULL;

	assert_int_equal(sg_rsa_new(n_bytes->data, n_bytes->len, e_bytes->data,
			     e_bytes->len, &rsa, NULL),
	    SG_OK);
	return rsa;
}

#define FAKE_NOW_S 1790000000
#define FAKE_JTI   "a0a1a2a3-a4a5-46a7-a8a9-aaabacadaeaf"

static inline int64_t
fake_now(void *ctx)
{
	(void)ctx;
	return FAKE_NOW_S;
}

static inline enum sg_rc
fake_random(void *ctx, uint8_t *out, size_t len, struct sg_err *err)
{
	size_t i;

	if (ctx != NULL)
		return sg_fail(err, SG_E_INTERNAL, "no randomness");
	for (i = 0; i < len; i++)
		out[i] = (uint8_t)(0xa0 + i);
	return SG_OK;
}

static inline const struct sg_clock *
fake_clock(void)
{
	static const struct sg_clock clock = {fake_now, fake_random, NULL};

	return &clock;
}

/* A compact JWS of this header and payload, signed with RFC 7515's key. */
static inline struct sg_buf *
fake_jws(const char *header, const char *payload)
{
	struct sg_buf *jws = sg_buf_new(64 * 1024);
	EVP_PKEY *pkey = fake_pkey();
	struct sg_buf *sig;

	sg_b64url_encode(jws, header, strlen(header));
	sg_buf_add_byte(jws, '.');
	sg_b64url_encode(jws, payload, strlen(payload));
	sig = fake_rs256(pkey, jws->data, jws->len);
	sg_buf_add_byte(jws, '.');
	sg_b64url_encode(jws, sig->data, sig->len);
	sg_buf_free(&sig);
	EVP_PKEY_free(pkey);
	return jws;
}

#endif
