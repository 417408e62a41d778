/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/jwk.h"

#include <string.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "signer/rsa.h"

#define TEXT_MAX (16 * 1024)

/* Modulus and exponent as base64url text: Base64urlUInt of RFC 7518 §2. */
static enum sg_rc
number_texts(const struct sg_rsa *rsa, struct sg_buf *n, struct sg_buf *e,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) n_bytes = sg_buf_new(TEXT_MAX);
	SG_AUTO(sg_buf) e_bytes = sg_buf_new(TEXT_MAX);
	enum sg_rc rc;

	rc = sg_rsa_modulus(rsa, n_bytes, err);
	if (rc == SG_OK)
		rc = sg_rsa_exponent(rsa, e_bytes, err);
	if (rc != SG_OK)
		return rc;
	sg_b64url_encode(n, n_bytes->data, n_bytes->len);
	sg_b64url_encode(e, e_bytes->data, e_bytes->len);
	rc = sg_buf_check(n, "a modulus", err);
	if (rc != SG_OK)
		return rc;
	return sg_buf_check(e, "an exponent", err);
}

/* RFC 7638 §3.2: the required members alone, in this order, no blanks. */
enum sg_rc
sg_jwk_thumbprint(const struct sg_rsa *rsa, char out_text[SG_THUMBPRINT_SIZE],
    struct sg_err *err)
{
	SG_AUTO(sg_buf) n = sg_buf_new(TEXT_MAX);
	SG_AUTO(sg_buf) e = sg_buf_new(TEXT_MAX);
	SG_AUTO(sg_buf) input = sg_buf_new(TEXT_MAX);
	SG_AUTO(sg_buf) text = sg_buf_new(SG_THUMBPRINT_SIZE);
	uint8_t digest[SG_SHA256_SIZE];
	enum sg_rc rc;

	rc = number_texts(rsa, n, e, err);
	if (rc != SG_OK)
		return rc;
	sg_buf_addf(input, "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}",
	    sg_buf_str(e), sg_buf_str(n));
	rc = sg_buf_check(input, "a thumbprint", err);
	if (rc != SG_OK)
		return rc;
	sg_sha256(input->data, input->len, digest);
	sg_b64url_encode(text, digest, sizeof(digest));
	rc = sg_buf_check(text, "a thumbprint", err);
	if (rc != SG_OK)
		return rc;
	memcpy(out_text, text->data, SG_THUMBPRINT_SIZE);
	return SG_OK;
}

enum sg_rc
sg_jwk_write(struct sg_jsonw *w, const char *name, const struct sg_rsa *rsa,
    const char *kid, int64_t retire_at_s, struct sg_err *err)
{
	SG_AUTO(sg_buf) n = sg_buf_new(TEXT_MAX);
	SG_AUTO(sg_buf) e = sg_buf_new(TEXT_MAX);
	enum sg_rc rc;

	rc = number_texts(rsa, n, e, err);
	if (rc != SG_OK)
		return rc;
	sg_jsonw_object(w, name);
	sg_jsonw_str(w, "kty", "RSA");
	sg_jsonw_str(w, "use", "sig");
	sg_jsonw_str(w, "alg", "RS256");
	if (kid != NULL)
		sg_jsonw_str(w, "kid", kid);
	sg_jsonw_str(w, "n", sg_buf_str(n));
	sg_jsonw_str(w, "e", sg_buf_str(e));
	if (retire_at_s != 0)
		sg_jsonw_int(w, "exp", retire_at_s);
	sg_jsonw_object_end(w);
	return SG_OK;
}

static bool
lists_verify(const struct sg_json *key_ops)
{
	size_t i;

	for (i = 0; i < sg_json_count(key_ops); i++) {
		const char *op = sg_json_text(sg_json_at(key_ops, i));

		if (op != NULL && strcmp(op, "verify") == 0)
			return true;
	}
	return false;
}

/* A member that is absent is fine; one that says something else is not. */
static bool
says_other(const struct sg_json *jwk, const char *name, const char *expected)
{
	const struct sg_json *member = sg_json_get(jwk, name);
	const char *text = sg_json_text(member);

	return member != NULL && (text == NULL || strcmp(text, expected) != 0);
}

/* RFC 7518 §6.2.2 and §6.4.1. */
bool
sg_jwk_is_private(const struct sg_json *jwk)
{
	static const char *const secret[] = {
	    "d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	size_t i;

	for (i = 0; i < SG_COUNT(secret); i++)
		if (sg_json_get(jwk, secret[i]) != NULL)
			return true;
	return false;
}

static enum sg_rc
check_type(const struct sg_json *jwk, struct sg_err *err)
{
	if (sg_json_is_object(jwk) && sg_json_get(jwk, "kty") != NULL &&
	    !says_other(jwk, "kty", "RSA"))
		return SG_OK;
	return sg_fail(err, SG_E_INVALID,
	    "the JWK is no RSA key (kty), which RS256 needs");
}

static enum sg_rc
check_purpose(const struct sg_json *jwk, struct sg_err *err)
{
	if (sg_jwk_is_private(jwk))
		return sg_fail(err, SG_E_INVALID,
		    "the JWK holds a private key; publish its public half "
		    "only");
	if (says_other(jwk, "use", "sig"))
		return sg_fail(
		    err, SG_E_INVALID, "the JWK is not for signatures (use)");
	if (says_other(jwk, "alg", "RS256"))
		return sg_fail(
		    err, SG_E_INVALID, "the JWK is not for RS256 (alg)");
	return SG_OK;
}

static bool
is_for_verifying(const struct sg_json *jwk)
{
	const struct sg_json *key_ops = sg_json_get(jwk, "key_ops");

	return key_ops == NULL || lists_verify(key_ops);
}

enum sg_rc
sg_jwk_check_use(const struct sg_json *jwk, struct sg_err *err)
{
	enum sg_rc rc;

	rc = check_type(jwk, err);
	return rc == SG_OK ? check_purpose(jwk, err) : rc;
}

static enum sg_rc
read_number(const struct sg_json *jwk, const char *name, bool padded,
    struct sg_buf *buf, struct sg_err *err)
{
	const char *text = sg_json_get_text(jwk, name);
	enum sg_rc rc;
	size_t len;

	if (text == NULL)
		return sg_fail(
		    err, SG_E_INVALID, "the JWK has no \"%s\"", name);
	len = strlen(text);
	while (padded && len > 0 && text[len - 1] == '=')
		len--;
	rc = sg_b64url_decode(buf, text, len, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "read the JWK's \"%s\"", name);
	if (buf != NULL && buf->too_large)
		return sg_fail(err, SG_E_INVALID,
		    "the JWK's \"%s\" is longer than %d bytes", name, TEXT_MAX);
	return sg_buf_check(buf, "a JWK", err);
}

static enum sg_rc
read_numbers(const struct sg_json *jwk, bool padded, struct sg_rsa **out_rsa,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) n = sg_buf_new(TEXT_MAX);
	SG_AUTO(sg_buf) e = sg_buf_new(TEXT_MAX);
	enum sg_rc rc;

	rc = read_number(jwk, "n", padded, n, err);
	if (rc == SG_OK)
		rc = read_number(jwk, "e", padded, e, err);
	if (rc != SG_OK)
		return rc;
	return sg_rsa_new(n->data, n->len, e->data, e->len, out_rsa, err);
}

enum sg_rc
sg_jwk_read(
    const struct sg_json *jwk, struct sg_rsa **out_rsa, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_jwk_check_use(jwk, err);
	if (rc == SG_OK && !is_for_verifying(jwk))
		rc = sg_fail(err, SG_E_INVALID,
		    "the JWK is not for verifying (key_ops)");
	return rc == SG_OK ? read_numbers(jwk, false, out_rsa, err) : rc;
}

enum sg_rc
sg_jwk_read_numbers(
    const struct sg_json *jwk, struct sg_rsa **out_rsa, struct sg_err *err)
{
	enum sg_rc rc;

	rc = check_type(jwk, err);
	return rc == SG_OK ? read_numbers(jwk, true, out_rsa, err) : rc;
}

const char *
sg_jwk_flaw(const struct sg_json *jwk)
{
	static const char *const names[] = {"n", "e"};
	size_t i;

	for (i = 0; i < SG_COUNT(names); i++) {
		SG_AUTO(sg_buf) number = sg_buf_new(TEXT_MAX);
		const char *text = sg_json_get_text(jwk, names[i]);

		if (text != NULL && strchr(text, '=') != NULL)
			return "its numbers are padded with \"=\", and RFC "
			       "7518 wants none";
		if (read_number(jwk, names[i], false, number, NULL) == SG_OK &&
		    number->len > 0 && number->data[0] == 0)
			return "its numbers have a zero octet in front, and "
			       "RFC 7518 wants none";
	}
	return is_for_verifying(jwk) ? NULL : "its key_ops list no \"verify\"";
}

static bool
fits(const struct sg_json *jwk, const char *kid)
{
	const char *its = sg_json_get_text(jwk, "kid");

	return kid == NULL || (its != NULL && strcmp(its, kid) == 0);
}

enum sg_rc
sg_jwk_pick(const struct sg_json *jwks, const char *kid,
    struct sg_rsa **out_rsa, struct sg_err *err)
{
	const struct sg_json *keys = sg_json_get(jwks, "keys");
	const struct sg_json *picked = NULL;
	size_t found = 0;
	size_t i;

	if (!sg_json_is_array(keys))
		return sg_fail(err, SG_E_INVALID,
		    "not a JWK Set: it has no array \"keys\"");
	for (i = 0; i < sg_json_count(keys); i++) {
		if (!fits(sg_json_at(keys, i), kid))
			continue;
		picked = sg_json_at(keys, i);
		found++;
	}
	if (found == 0)
		return sg_fail(err, SG_E_INVALID,
		    "the JWK Set has no key with the JWT's kid");
	if (found > 1)
		return sg_fail(err, SG_E_INVALID,
		    "%zu keys of the JWK Set fit the JWT; a kid must name one",
		    found);
	return sg_jwk_read(picked, out_rsa, err);
}
