/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/signer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "base/secret.h"
#include "pkcs11/key.h"
#include "signer/claims.h"
#include "signer/jwk.h"
#include "signer/jws.h"
#include "signer/jwt.h"
#include "signer/rsa.h"
#include "signer/signer_internal.h"

#define HEADER_MAX 4096

/* No JWT begins like this, so the proof can never be taken for one. */
static const char proof_text[] = "signet: this key signs this text alone";

struct sg_signer {
	struct sg_key *key;
	const struct sg_clock *clock;
	struct sg_rsa *rsa;
	char thumbprint[SG_THUMBPRINT_SIZE];
};

enum sg_rc
sg_signer_sign(struct sg_signer *signer, const uint8_t *msg, size_t len,
    struct sg_buf **out_sig, struct sg_err *err)
{
	SG_AUTO(sg_buf) sig = NULL;
	enum sg_rc rc;

	rc = sg_key_sign(signer->key, msg, len, &sig, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_rsa_verify(signer->rsa, msg, len, sig->data, sig->len, NULL);
	if (rc == SG_E_INVALID)
		return sg_fail(err, SG_E_TOKEN,
		    "the token gave a signature that does not verify with the "
		    "public key; it was thrown away");
	if (rc != SG_OK)
		return sg_fail(err, rc, "verify the token's signature");
	*out_sig = sig;
	sig = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
prove_public_key(struct sg_signer *signer, struct sg_err *err)
{
	const uint8_t *text = (const uint8_t *)proof_text;
	size_t len = sizeof(proof_text) - 1;
	SG_AUTO(sg_buf) sig = NULL;
	enum sg_rc rc;

	rc = sg_key_sign(signer->key, text, len, &sig, err);
	if (rc == SG_OK)
		rc = sg_rsa_verify(
		    signer->rsa, text, len, sig->data, sig->len, err);
	if (rc != SG_OK)
		return sg_context(err, rc,
		    "prove that the public key object belongs to the key");
	return SG_OK;
}

enum sg_rc
sg_signer_new(struct sg_key *key, const struct sg_clock *clock,
    struct sg_signer **out_signer, struct sg_err *err)
{
	SG_AUTO(sg_signer) signer = calloc(1, sizeof(*signer));
	const struct sg_key_info *info = sg_key_info(key);
	enum sg_rc rc;

	if (signer == NULL)
		return sg_fail_nomem(err);
	signer->key = key;
	signer->clock = clock;
	if (info->bits > 0 && info->bits < SG_RSA_MIN_BITS)
		return sg_fail(err, SG_E_POLICY,
		    "%s has %u bits, and RS256 needs %d or more", info->uri,
		    info->bits, SG_RSA_MIN_BITS);
	rc = sg_rsa_new(info->rsa.n, info->rsa.n_len, info->rsa.e,
	    info->rsa.e_len, &signer->rsa, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "use %s", info->uri);
	rc = sg_jwk_thumbprint(signer->rsa, signer->thumbprint, err);
	if (rc == SG_OK && info->rsa_is_unproven)
		rc = prove_public_key(signer, err);
	if (rc != SG_OK)
		return rc;
	*out_signer = signer;
	signer = NULL; /* now the caller's */
	return SG_OK;
}

void
sg_signer_free(struct sg_signer **signer)
{
	if (signer == NULL || *signer == NULL)
		return;
	sg_rsa_free(&(*signer)->rsa);
	free(*signer);
	*signer = NULL;
}

const struct sg_rsa *
sg_signer_public(const struct sg_signer *signer)
{
	return signer->rsa;
}

const struct sg_key_info *
sg_signer_key(const struct sg_signer *signer)
{
	return sg_key_info(signer->key);
}

const char *
sg_signer_thumbprint(const struct sg_signer *signer)
{
	return signer->thumbprint;
}

static enum sg_rc
write_header(const struct sg_signer *signer, const char *kid,
    struct sg_buf *out, struct sg_err *err)
{
	struct sg_jsonw w = {.out = out};

	if (kid == NULL || strcmp(kid, "thumbprint") == 0)
		kid = signer->thumbprint;
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "alg", "RS256");
	sg_jsonw_str(&w, "typ", "JWT");
	if (strcmp(kid, "none") != 0)
		sg_jsonw_str(&w, "kid", kid);
	sg_jsonw_object_end(&w);
	return sg_jsonw_check(&w, "the kid", err);
}

static size_t
compact_len(const struct sg_signer *signer, const struct sg_buf *header,
    const struct sg_buf *payload)
{
	return sg_jws_compact_len(
	    header->len, payload->len, sg_rsa_size(signer->rsa));
}

/* The answer to "too long" is how many scopes would do. */
static enum sg_rc
tell_too_long(struct sg_signer *signer, const struct sg_claims *claims,
    const struct sg_buf *header, size_t len, struct sg_err *err)
{
	size_t count = sg_claims_scope_count(claims);
	size_t too_many = count;
	size_t fit = 0;
	enum sg_rc rc;

	while (fit + 1 < too_many) {
		SG_AUTO(sg_buf) payload = sg_buf_new(SG_JWS_MAX);
		size_t middle = fit + (too_many - fit) / 2;

		rc = sg_claims_write(
		    claims, signer->clock, middle, payload, err);
		if (rc != SG_OK)
			return rc;
		if (compact_len(signer, header, payload) <= SG_JWT_MAX)
			fit = middle;
		else
			too_many = middle;
	}
	if (fit == 0)
		return sg_fail(err, SG_E_USAGE,
		    "the JWT would have %zu bytes and Tableau takes %d; its "
		    "other claims alone are too long",
		    len, SG_JWT_MAX);
	return sg_fail(err, SG_E_USAGE,
	    "the JWT would have %zu bytes and Tableau takes %d; of its %zu "
	    "scopes the first %zu fit",
	    len, SG_JWT_MAX, count, fit);
}

static enum sg_rc
build_input(struct sg_signer *signer, const struct sg_claims *claims,
    const char *kid, struct sg_buf *input, struct sg_err *err)
{
	SG_AUTO(sg_buf) header = sg_buf_new(HEADER_MAX);
	SG_AUTO(sg_buf) payload = sg_buf_new(SG_JWS_MAX);
	enum sg_rc rc;
	size_t len;

	rc = sg_claims_check(claims, err);
	if (rc == SG_OK)
		rc = write_header(signer, kid, header, err);
	if (rc == SG_OK)
		rc = sg_claims_write(
		    claims, signer->clock, SIZE_MAX, payload, err);
	if (rc != SG_OK)
		return rc;
	len = compact_len(signer, header, payload);
	if (len > SG_JWT_MAX)
		return tell_too_long(signer, claims, header, len, err);
	sg_jws_signing_input(input, (const char *)header->data, header->len,
	    payload->data, payload->len);
	return sg_buf_check(input, "the JWT", err);
}

enum sg_rc
sg_signer_mint(struct sg_signer *signer, const struct sg_claims *claims,
    const char *kid, struct sg_secret **out_jwt, struct sg_err *err)
{
	SG_AUTO(sg_buf) jwt = sg_buf_new(SG_JWS_MAX);
	SG_AUTO(sg_buf) sig = NULL;
	enum sg_rc rc;

	rc = build_input(signer, claims, kid, jwt, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_signer_sign(signer, jwt->data, jwt->len, &sig, err);
	if (rc != SG_OK)
		return sg_context(
		    err, rc, "sign a JWT for %s", claims->username);
	sg_buf_add_byte(jwt, '.');
	sg_b64url_encode(jwt, sig->data, sig->len);
	return sg_secret_take(&jwt, out_jwt, err);
}
