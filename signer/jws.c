/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/jws.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/json.h"

static size_t
b64url_len(size_t len)
{
	return len / 3 * 4 + (len % 3 != 0 ? len % 3 + 1 : 0);
}

size_t
sg_jws_compact_len(size_t header_len, size_t payload_len, size_t signature_len)
{
	return b64url_len(header_len) + 1 + b64url_len(payload_len) + 1 +
	       b64url_len(signature_len);
}

void
sg_jws_signing_input(struct sg_buf *out, const char *header, size_t header_len,
    const void *payload, size_t payload_len)
{
	sg_b64url_encode(out, header, header_len);
	sg_buf_add_byte(out, '.');
	sg_b64url_encode(out, payload, payload_len);
}

void
sg_jws_free(struct sg_jws **jws)
{
	if (jws == NULL || *jws == NULL)
		return;
	sg_json_free(&(*jws)->header);
	sg_buf_free(&(*jws)->payload);
	sg_buf_free(&(*jws)->signature);
	sg_buf_free(&(*jws)->signing_input);
	free(*jws);
	*jws = NULL;
}

static enum sg_rc
decode_part(const char *what, const char *text, size_t len,
    struct sg_buf **out_buf, struct sg_err *err)
{
	SG_AUTO(sg_buf) buf = sg_buf_new(SG_JWS_MAX);
	enum sg_rc rc;

	rc = sg_b64url_decode(buf, text, len, err);
	if (rc == SG_OK)
		rc = sg_buf_check(buf, what, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "read the %s of the JWT", what);
	*out_buf = buf;
	buf = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
parse_header(const char *text, size_t len, struct sg_json **out_header,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) bytes = NULL;
	enum sg_rc rc;

	rc = decode_part("header", text, len, &bytes, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_json_parse(bytes->data, bytes->len, out_header, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "read the header of the JWT");
	if (!sg_json_is_object(*out_header))
		return sg_fail(err, SG_E_INVALID,
		    "the header of the JWT is no JSON object");
	return SG_OK;
}

static enum sg_rc
parse_parts(struct sg_jws *jws, const char *text, const char *first_dot,
    const char *second_dot, const char *end, struct sg_err *err)
{
	enum sg_rc rc;

	rc = parse_header(text, (size_t)(first_dot - text), &jws->header, err);
	if (rc == SG_OK)
		rc = decode_part("payload", first_dot + 1,
		    (size_t)(second_dot - first_dot - 1), &jws->payload, err);
	if (rc == SG_OK)
		rc = decode_part("signature", second_dot + 1,
		    (size_t)(end - second_dot - 1), &jws->signature, err);
	if (rc != SG_OK)
		return rc;
	jws->signing_input = sg_buf_new(SG_JWS_MAX);
	sg_buf_add(jws->signing_input, text, (size_t)(second_dot - text));
	return sg_buf_check(jws->signing_input, "a JWT", err);
}

enum sg_rc
sg_jws_parse(
    const char *text, size_t len, struct sg_jws **out_jws, struct sg_err *err)
{
	SG_AUTO(sg_jws) jws = NULL;
	const char *end = text + len;
	const char *first_dot;
	const char *second_dot = NULL;
	enum sg_rc rc;

	if (len > SG_JWS_MAX)
		return sg_fail(err, SG_E_INVALID,
		    "the JWT is longer than %d bytes", SG_JWS_MAX);
	first_dot = memchr(text, '.', len);
	if (first_dot != NULL)
		second_dot =
		    memchr(first_dot + 1, '.', (size_t)(end - first_dot - 1));
	if (second_dot == NULL ||
	    memchr(second_dot + 1, '.', (size_t)(end - second_dot - 1)) != NULL)
		return sg_fail(err, SG_E_INVALID,
		    "not a JWT: it must have three parts with dots between "
		    "them");
	jws = calloc(1, sizeof(*jws));
	if (jws == NULL)
		return sg_fail_nomem(err);
	rc = parse_parts(jws, text, first_dot, second_dot, end, err);
	if (rc != SG_OK)
		return rc;
	*out_jws = jws;
	jws = NULL; /* now the caller's */
	return SG_OK;
}
