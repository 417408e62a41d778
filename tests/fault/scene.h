/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAULT_SCENE_H
#define SG_TESTS_FAULT_SCENE_H

/*
 * What the tests of losses share: signet opens a token through the fault
 * module, logs in, finds the key and makes JWTs, which OpenSSL verifies.
 */
#include <openssl/pem.h>
#include <stdatomic.h>

#include "base/b64url.h"
#include "signer/claims.h"
#include "signer/rsa.h"
#include "signer/signer.h"
#include "tests/fault/harness.h"

#define LABEL	   "fault"
#define TIMEOUT_MS 200 /* also how long an absent token is waited for */

struct scene {
	struct sg_uri *uri;
	struct sg_token *token;
	struct sg_key *key;
	struct sg_signer *signer;
	const char *wrong_pin;	  /* NULL: the right one */
	int64_t timeout_ms;	  /* 0: TIMEOUT_MS */
	EVP_PKEY *public_key;	  /* borrowed: of the key as it was made */
	atomic_bool bad_came_out; /* a JWT that is none: nothing is worse */
};

static inline EVP_PKEY *
public_of(const struct sg_signer *signer)
{
	SG_AUTO(sg_buf) pem = sg_buf_new(4096);
	struct sg_err err = {0};
	EVP_PKEY *key;
	BIO *bio;

	assert_int_equal(
	    sg_rsa_to_pem(sg_signer_public(signer), pem, &err), SG_OK);
	bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	assert_non_null(key);
	return key;
}

/* Make the key by the real module, and keep its public half. */
static inline EVP_PKEY *
make_key(void)
{
	struct sg_token *token = log_in();
	char *text = generate(token, LABEL, "f");
	struct sg_key *key = find_key(token, text);
	SG_AUTO(sg_signer) signer = NULL;
	struct sg_err err = {0};
	EVP_PKEY *public_key;

	if (sg_signer_new(key, sg_clock_system(), &signer, &err) != SG_OK)
		fail_msg("%s", err.text);
	public_key = public_of(signer);
	sg_signer_free(&signer);
	sg_key_free(&key);
	sg_token_free(&token);
	free(text);
	return public_key;
}

static inline char *
key_uri(char out[PATH_MAX])
{
	(void)snprintf(
	    out, PATH_MAX, "%s;object=%s", must_getenv("SIGNET_KEY"), LABEL);
	return out;
}

static inline enum sg_rc
scene_open(struct scene *scene, struct sg_err *err)
{
	struct sg_token_opts opts = {
	    .module_path = fault_path(),
	    .timeout_ms =
		scene->timeout_ms > 0 ? scene->timeout_ms : TIMEOUT_MS,
	};
	char text[PATH_MAX];

	if (scene->uri == NULL)
		scene->uri = parse_uri(key_uri(text));
	opts.uri = scene->uri;
	return sg_token_open(&opts, &scene->token, err);
}

static inline enum sg_rc
scene_login(struct scene *scene, struct sg_err *err)
{
	const struct sg_pin_source pin = {
	    .get = get_pin,
	    .ctx = (void *)(uintptr_t)scene->wrong_pin,
	};

	return sg_token_login(scene->token, &pin, err);
}

static inline enum sg_rc
scene_find(struct scene *scene, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_key_find(scene->token, scene->uri, &scene->key, err);
	if (rc == SG_OK)
		rc = sg_signer_new(
		    scene->key, sg_clock_system(), &scene->signer, err);
	if (rc != SG_OK)
		sg_key_free(&scene->key);
	return rc;
}

/* Is it signed by the key as it was made? */
static inline bool
is_good_jwt(const struct scene *scene, const struct sg_secret *jwt)
{
	SG_AUTO(sg_buf) sig = sg_buf_new(1024);
	const char *text = sg_secret_reveal(jwt);
	const char *dot = strrchr(text, '.');
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_good;

	is_good =
	    dot != NULL &&
	    sg_b64url_decode(sig, dot + 1, strlen(dot + 1), NULL) == SG_OK &&
	    EVP_DigestVerifyInit(
		ctx, NULL, EVP_sha256(), NULL, scene->public_key) == 1 &&
	    EVP_DigestVerify(ctx, sig->data, sig->len, (const uint8_t *)text,
		(size_t)(dot - text)) == 1;
	EVP_MD_CTX_free(ctx);
	return is_good;
}

static inline enum sg_rc
scene_mint(struct scene *scene, struct sg_err *err)
{
	static char scope_text[] = "tableau:users:read";
	static char *scope_texts[] = {scope_text};
	static const struct sg_list scopes = {scope_texts, 1};
	static const struct sg_claims claims = {
	    .issuer = "https://signet.example.com",
	    .tenant_id = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
	    .username = "admin@example.com",
	    .scopes = &scopes,
	};
	SG_AUTO(sg_secret) jwt = NULL;
	enum sg_rc rc;

	rc = sg_signer_mint(scene->signer, &claims, NULL, &jwt, err);
	if (rc == SG_OK ? !is_good_jwt(scene, jwt) : jwt != NULL)
		scene->bad_came_out = true;
	return rc;
}

static inline void
scene_close(struct scene *scene)
{
	sg_signer_free(&scene->signer);
	sg_key_free(&scene->key);
	sg_token_free(&scene->token);
	sg_uri_free(&scene->uri);
}

#endif
