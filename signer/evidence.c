/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "pkcs11/token.h"
#include "signer/jws.h"
#include "signer/key_json.h"
#include "signer/rsa.h"
#include "signer/signer.h"
#include "signer/signer_internal.h"

#define TYPE	   "signet-evidence+json"
#define VERSION	   1
#define HEADER_MAX 4096

/* No more than the token signs at once. */
#define PAYLOAD_MAX (44 * 1024)

static void
write_token(struct sg_jsonw *w, const struct sg_token_info *token)
{
	sg_jsonw_object(w, "token");
	sg_jsonw_str(w, "label", token->label);
	sg_jsonw_str(w, "serial", token->serial);
	sg_jsonw_str(w, "model", token->model);
	sg_jsonw_str(w, "manufacturer", token->manufacturer);
	sg_jsonw_str(w, "firmware", token->firmware);
	sg_jsonw_str(w, "module", token->module);
	sg_jsonw_object_end(w);
}

static enum sg_rc
write_key(struct sg_jsonw *w, struct sg_signer *signer, struct sg_err *err)
{
	const struct sg_key_info *key = sg_signer_key(signer);
	const char *thumbprint = sg_signer_thumbprint(signer);
	enum sg_rc rc;

	sg_jsonw_object(w, "key");
	rc = sg_key_json_name(w, key, err);
	sg_jsonw_str(w, "thumbprint", thumbprint);
	if (rc == SG_OK)
		rc = sg_jwk_write(
		    w, "jwk", sg_signer_public(signer), thumbprint, 0, err);
	if (rc == SG_OK)
		rc = sg_key_json_answers(w, key, err);
	if (rc == SG_OK)
		rc = sg_key_json_policy(w, key, err);
	sg_jsonw_object_end(w);
	return rc;
}

static enum sg_rc
write_payload(struct sg_signer *signer, const struct sg_evidence_about *about,
    struct sg_buf *out, struct sg_err *err)
{
	struct sg_jsonw w = {.out = out};
	char time[SG_TIME_SIZE];
	enum sg_rc rc;

	sg_time_format(about->now_s, time);
	sg_jsonw_object(&w, NULL);
	sg_jsonw_int(&w, "version", VERSION);
	sg_jsonw_str(&w, "signet", about->version);
	sg_jsonw_str(&w, "time", time);
	write_token(&w, about->token);
	rc = write_key(&w, signer, err);
	if (rc != SG_OK)
		return rc;
	if (about->configs != NULL)
		sg_jsonw_value(&w, "uatConfigurations", about->configs);
	else
		sg_jsonw_str(&w, "uatConfigurations", NULL);
	sg_jsonw_object_end(&w);
	return sg_jsonw_check(&w, "the evidence", err);
}

static enum sg_rc
write_header(
    const struct sg_signer *signer, struct sg_buf *out, struct sg_err *err)
{
	struct sg_jsonw w = {.out = out};

	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "alg", "RS256");
	sg_jsonw_str(&w, "typ", TYPE);
	sg_jsonw_str(&w, "kid", sg_signer_thumbprint(signer));
	sg_jsonw_object_end(&w);
	return sg_jsonw_check(&w, "the evidence", err);
}

static void
write_part(struct sg_jsonw *w, const char *name, const void *data, size_t len,
    struct sg_buf *text)
{
	sg_buf_reset(text);
	sg_b64url_encode(text, data, len);
	sg_jsonw_str(w, name, sg_buf_str(text));
}

enum sg_rc
sg_evidence_make(struct sg_signer *signer,
    const struct sg_evidence_about *about, struct sg_buf *out,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) header = sg_buf_new(HEADER_MAX);
	SG_AUTO(sg_buf) payload = sg_buf_new(PAYLOAD_MAX);
	SG_AUTO(sg_buf) input = sg_buf_new(SG_MSG_MAX);
	SG_AUTO(sg_buf) text = sg_buf_new(SG_MSG_MAX);
	SG_AUTO(sg_buf) sig = NULL;
	struct sg_jsonw w = {.out = out};
	enum sg_rc rc;

	rc = write_header(signer, header, err);
	if (rc == SG_OK)
		rc = write_payload(signer, about, payload, err);
	if (rc != SG_OK)
		return rc;
	sg_jws_signing_input(input, (const char *)header->data, header->len,
	    payload->data, payload->len);
	rc = sg_buf_check(input, "the evidence", err);
	if (rc == SG_OK)
		rc = sg_signer_sign(signer, input->data, input->len, &sig, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "sign the evidence");
	sg_jsonw_object(&w, NULL);
	write_part(&w, "payload", payload->data, payload->len, text);
	write_part(&w, "protected", header->data, header->len, text);
	write_part(&w, "signature", sig->data, sig->len, text);
	sg_jsonw_object_end(&w);
	sg_buf_add_byte(out, '\n');
	rc = sg_buf_check(text, "the evidence", err);
	return rc == SG_OK ? sg_jsonw_check(&w, "the evidence", err) : rc;
}

/* The flattened form becomes a compact one, which is read strictly. */
static enum sg_rc
read_jws(
    const struct sg_json *bundle, struct sg_jws **out_jws, struct sg_err *err)
{
	static const char *const parts[] = {
	    "protected", "payload", "signature"};
	SG_AUTO(sg_buf) compact = sg_buf_new(SG_EVIDENCE_MAX);
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < SG_COUNT(parts); i++) {
		const char *text = sg_json_get_text(bundle, parts[i]);

		if (text == NULL)
			return sg_fail(err, SG_E_INVALID,
			    "it is no evidence: it has no member \"%s\"",
			    parts[i]);
		if (i > 0)
			sg_buf_add_byte(compact, '.');
		sg_buf_add_str(compact, text);
	}
	if (sg_json_count(bundle) != SG_COUNT(parts))
		return sg_fail(err, SG_E_INVALID,
		    "it is no evidence: it has members that are not signed");
	rc = sg_buf_check(compact, "the evidence", err);
	if (rc != SG_OK)
		return rc;
	return sg_jws_parse(
	    (const char *)compact->data, compact->len, out_jws, err);
}

/* The algorithm is ours; the header is only compared with it. RFC 8725 §3. */
static enum sg_rc
check_header(const struct sg_json *header, struct sg_err *err)
{
	const char *alg = sg_json_get_text(header, "alg");
	const char *typ = sg_json_get_text(header, "typ");

	if (alg == NULL || strcmp(alg, "RS256") != 0)
		return sg_fail(err, SG_E_INVALID, "its alg is not RS256");
	if (typ == NULL || strcmp(typ, TYPE) != 0)
		return sg_fail(err, SG_E_INVALID, "its typ is not " TYPE);
	if (sg_json_get(header, "crit") != NULL)
		return sg_fail(err, SG_E_INVALID,
		    "its header demands what signet does not know (crit)");
	return SG_OK;
}

static enum sg_rc
read_key(struct sg_evidence *evidence, struct sg_err *err)
{
	evidence->key.type = "RSA";
	evidence->key.bits = sg_rsa_bits(evidence->rsa);
	return sg_key_json_read(
	    sg_json_get(evidence->payload, "key"), &evidence->key, err);
}

/* The key of the payload signed it, and is the one that it names. */
static enum sg_rc
verify(
    const struct sg_jws *jws, struct sg_evidence *evidence, struct sg_err *err)
{
	const struct sg_json *key = sg_json_get(evidence->payload, "key");
	const char *kid = sg_json_get_text(jws->header, "kid");
	const char *told = sg_json_get_text(key, "thumbprint");
	enum sg_rc rc;

	rc = sg_jwk_read(sg_json_get(key, "jwk"), &evidence->rsa, err);
	if (rc == SG_OK)
		rc = sg_rsa_verify(evidence->rsa, jws->signing_input->data,
		    jws->signing_input->len, jws->signature->data,
		    jws->signature->len, err);
	if (rc == SG_OK)
		rc =
		    sg_jwk_thumbprint(evidence->rsa, evidence->thumbprint, err);
	if (rc != SG_OK)
		return rc;
	if (told == NULL || strcmp(told, evidence->thumbprint) != 0 ||
	    kid == NULL || strcmp(kid, evidence->thumbprint) != 0)
		return sg_fail(err, SG_E_INVALID,
		    "the thumbprint that it names is not that of its key");
	return SG_OK;
}

static enum sg_rc
read_payload(
    const struct sg_jws *jws, struct sg_evidence *evidence, struct sg_err *err)
{
	int64_t version = 0;
	enum sg_rc rc;

	rc = sg_json_parse(
	    jws->payload->data, jws->payload->len, &evidence->payload, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_json_int(sg_json_get(evidence->payload, "version"), &version) ||
	    version != VERSION)
		return sg_fail(err, SG_E_INVALID,
		    "it is of a version that this signet does not know");
	return SG_OK;
}

enum sg_rc
sg_evidence_read(const void *text, size_t len,
    struct sg_evidence **out_evidence, struct sg_err *err)
{
	SG_AUTO(sg_evidence) evidence = calloc(1, sizeof(*evidence));
	SG_AUTO(sg_json) bundle = NULL;
	SG_AUTO(sg_jws) jws = NULL;
	enum sg_rc rc;

	if (evidence == NULL)
		return sg_fail_nomem(err);
	rc = sg_json_parse(text, len, &bundle, err);
	if (rc == SG_OK)
		rc = read_jws(bundle, &jws, err);
	if (rc == SG_OK)
		rc = check_header(jws->header, err);
	if (rc == SG_OK)
		rc = read_payload(jws, evidence, err);
	if (rc == SG_OK)
		rc = verify(jws, evidence, err);
	if (rc == SG_OK)
		rc = read_key(evidence, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "verify the evidence");
	*out_evidence = evidence;
	evidence = NULL; /* now the caller's */
	return SG_OK;
}

void
sg_evidence_free(struct sg_evidence **evidence)
{
	if (evidence == NULL || *evidence == NULL)
		return;
	sg_json_free(&(*evidence)->payload);
	sg_rsa_free(&(*evidence)->rsa);
	free(*evidence);
	*evidence = NULL;
}
