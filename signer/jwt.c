/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/jwt.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/secret.h"
#include "signer/claims.h"
#include "signer/jws.h"
#include "signer/rsa.h"

struct sg_jwt {
	struct sg_jws *jws;
	struct sg_json *claims;
};

void
sg_jwt_free(struct sg_jwt **jwt)
{
	if (jwt == NULL || *jwt == NULL)
		return;
	sg_jws_free(&(*jwt)->jws);
	sg_json_free(&(*jwt)->claims);
	free(*jwt);
	*jwt = NULL;
}

enum sg_rc
sg_jwt_parse(
    const char *text, size_t len, struct sg_jwt **out_jwt, struct sg_err *err)
{
	SG_AUTO(sg_jwt) jwt = calloc(1, sizeof(*jwt));
	enum sg_rc rc;

	if (jwt == NULL)
		return sg_fail_nomem(err);
	rc = sg_jws_parse(text, len, &jwt->jws, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_json_parse(
	    jwt->jws->payload->data, jwt->jws->payload->len, &jwt->claims, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "read the claims of the JWT");
	if (!sg_json_is_object(jwt->claims))
		return sg_fail(err, SG_E_INVALID,
		    "the claims of the JWT are no JSON object");
	*out_jwt = jwt;
	jwt = NULL; /* now the caller's */
	return SG_OK;
}

const struct sg_json *
sg_jwt_header(const struct sg_jwt *jwt)
{
	return jwt->jws->header;
}

const struct sg_json *
sg_jwt_claims(const struct sg_jwt *jwt)
{
	return jwt->claims;
}

const char *
sg_jwt_kid(const struct sg_jwt *jwt)
{
	return sg_json_get_text(jwt->jws->header, "kid");
}

static enum sg_rc
check_header(const struct sg_json *header, struct sg_err *err)
{
	const char *alg = sg_json_get_text(header, "alg");
	const struct sg_json *typ = sg_json_get(header, "typ");
	const struct sg_json *kid = sg_json_get(header, "kid");

	if (alg == NULL || strcmp(alg, "RS256") != 0)
		return sg_fail(err, SG_E_INVALID,
		    "the JWT's alg is \"%s\" and only RS256 is accepted",
		    alg != NULL ? alg : "");
	if (typ != NULL && (sg_json_text(typ) == NULL ||
			       strcasecmp(sg_json_text(typ), "JWT") != 0))
		return sg_fail(
		    err, SG_E_INVALID, "the JWT's typ is not \"JWT\"");
	if (kid != NULL && sg_json_text(kid) == NULL)
		return sg_fail(
		    err, SG_E_INVALID, "the JWT's kid is not a text");
	if (sg_json_get(header, "crit") != NULL)
		return sg_fail(err, SG_E_INVALID,
		    "the JWT's header has a crit, and signet knows no "
		    "extension");
	return SG_OK;
}

/* NumericDate may have a fraction (RFC 7519 §2); no issuer of UATs sends it. */
static enum sg_rc
read_time(const struct sg_json *claims, const char *name, bool *out_there,
    int64_t *out_s, struct sg_err *err)
{
	const struct sg_json *claim = sg_json_get(claims, name);

	*out_there = claim != NULL;
	if (claim != NULL && !sg_json_int(claim, out_s))
		return sg_fail(err, SG_E_INVALID,
		    "the JWT's %s is not a whole number of seconds", name);
	return SG_OK;
}

static enum sg_rc
check_exp(const struct sg_json *claims, const struct sg_jwt_expect *expect,
    struct sg_err *err)
{
	char when[SG_TIME_SIZE];
	int64_t exp_s = 0;
	bool there;
	enum sg_rc rc;

	rc = read_time(claims, "exp", &there, &exp_s, err);
	if (rc != SG_OK)
		return rc;
	if (!there)
		return sg_fail(err, SG_E_INVALID,
		    "the JWT has no exp, so it would be good for ever");
	sg_time_format(exp_s, when);
	if (expect->now_s - expect->leeway_s >= exp_s)
		return sg_fail(
		    err, SG_E_INVALID, "the JWT expired at %s", when);
	return SG_OK;
}

static enum sg_rc
check_not_before(const struct sg_json *claims, const char *name,
    const struct sg_jwt_expect *expect, struct sg_err *err)
{
	char when[SG_TIME_SIZE];
	int64_t from_s = 0;
	bool there;
	enum sg_rc rc;

	rc = read_time(claims, name, &there, &from_s, err);
	if (rc != SG_OK || !there)
		return rc;
	sg_time_format(from_s, when);
	if (from_s > expect->now_s + expect->leeway_s)
		return sg_fail(err, SG_E_INVALID,
		    "the JWT is not good before %s (%s)", when, name);
	return SG_OK;
}

static enum sg_rc
check_text(const struct sg_json *claims, const char *name, const char *expected,
    struct sg_err *err)
{
	const char *text = sg_json_get_text(claims, name);

	if (expected == NULL)
		return SG_OK;
	if (text == NULL)
		return sg_fail(err, SG_E_INVALID, "the JWT has no %s", name);
	if (strcmp(text, expected) != 0)
		return sg_fail(err, SG_E_INVALID,
		    "the JWT's %s is \"%s\" and should be \"%s\"", name, text,
		    expected);
	return SG_OK;
}

enum sg_rc
sg_jwt_verify(const struct sg_jwt *jwt, const struct sg_rsa *rsa,
    const struct sg_jwt_expect *expect, struct sg_err *err)
{
	const struct sg_jws *jws = jwt->jws;
	enum sg_rc rc;

	rc = check_header(jws->header, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_rsa_verify(rsa, jws->signing_input->data,
	    jws->signing_input->len, jws->signature->data, jws->signature->len,
	    err);
	if (rc == SG_OK)
		rc = check_exp(jwt->claims, expect, err);
	if (rc == SG_OK)
		rc = check_not_before(jwt->claims, "nbf", expect, err);
	if (rc == SG_OK)
		rc = check_not_before(jwt->claims, "iat", expect, err);
	if (rc == SG_OK)
		rc = check_text(jwt->claims, "iss", expect->issuer, err);
	if (rc == SG_OK)
		rc = check_text(
		    jwt->claims, SG_CLAIM_TENANT, expect->tenant_id, err);
	return rc;
}

enum sg_rc
sg_jwt_claims_of(const struct sg_secret *jwt, struct sg_json **out_claims,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) payload = sg_buf_new(SG_JWT_MAX);
	const char *text = sg_secret_reveal(jwt);
	const char *first = strchr(text, '.');
	const char *last = strrchr(text, '.');
	enum sg_rc rc;

	if (first == last)
		return sg_fail(err, SG_E_INVALID, "this is no JWT");
	rc = sg_b64url_decode(
	    payload, first + 1, (size_t)(last - first - 1), err);
	if (rc == SG_OK)
		rc = sg_buf_check(payload, "the claims of a JWT", err);
	if (rc == SG_OK)
		rc =
		    sg_json_parse(payload->data, payload->len, out_claims, err);
	return rc;
}
