/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/evidence.h"

#include <p11-kit/pkcs11.h>

#include "base/json.h"
#include "pkcs11/policy.h"
#include "pkcs11/token.h"
#include "signer/jwt.h"
#include "signer/signer.h"
#include "tests/unit/fake_key.h"

struct bundle {
	struct fake_key fake;
	struct sg_key *key;
	struct sg_signer *signer;
	struct sg_buf *text;
};

static const struct sg_token_info token_info = {
    .label = "dev",
    .serial = "0001",
    .model = "m1",
    .manufacturer = "fake",
    .firmware = "1.0",
    .module = "/lib/fake.so",
};

static void
open_bundle(struct bundle *b)
{
	memset(b, 0, sizeof(*b));
	b->key = fake_key_new(&b->fake);
	assert_int_equal(
	    sg_signer_new(b->key, fake_clock(), &b->signer, NULL), SG_OK);
	b->text = sg_buf_new(SG_EVIDENCE_MAX);
}

static void
close_bundle(struct bundle *b)
{
	sg_buf_free(&b->text);
	sg_signer_free(&b->signer);
	sg_key_free(&b->key);
}

static void
make(struct bundle *b, const struct sg_json *configs)
{
	const struct sg_evidence_about about = {
	    .token = &token_info,
	    .configs = configs,
	    .version = "0.1.0",
	    .now_s = FAKE_NOW_S,
	};
	struct sg_err err = {0};

	if (sg_evidence_make(b->signer, &about, b->text, &err) != SG_OK)
		fail_msg("%s", err.text);
}

static enum sg_rc
read_text(
    const char *text, struct sg_evidence **out_evidence, struct sg_err *err)
{
	return sg_evidence_read(text, strlen(text), out_evidence, err);
}

/* A bundle of this header and payload, signed as it should be. */
static enum sg_rc
read_made(const char *header, const char *payload,
    struct sg_evidence **out_evidence, struct sg_err *err)
{
	SG_AUTO(sg_buf) jws = fake_jws(header, payload);
	SG_AUTO(sg_buf) text = sg_buf_new(SG_EVIDENCE_MAX);
	const char *dot = strchr(sg_buf_str(jws), '.');
	const char *last = strrchr(sg_buf_str(jws), '.');

	sg_buf_addf(text,
	    "{\"protected\":\"%.*s\",\"payload\":\"%.*s\",\"signature\":\"%s\"}",
	    (int)(dot - sg_buf_str(jws)), sg_buf_str(jws),
	    (int)(last - dot - 1), dot + 1, last + 1);
	return read_text(sg_buf_str(text), out_evidence, err);
}

static void
what_was_made_is_read(void **state)
{
	SG_AUTO(sg_evidence) evidence = NULL;
	const struct sg_json *token;
	struct bundle b;

	(void)state;
	open_bundle(&b);
	make(&b, NULL);
	assert_int_equal(read_text(sg_buf_str(b.text), &evidence, NULL), SG_OK);
	assert_int_equal(sg_policy_broken(&evidence->key), 0);
	assert_string_equal(
	    evidence->thumbprint, sg_signer_thumbprint(b.signer));
	token = sg_json_get(evidence->payload, "token");
	assert_string_equal(sg_json_get_text(token, "serial"), "0001");
	assert_string_equal(sg_json_get_text(evidence->payload, "time"),
	    "2026-09-21T14:13:20Z");
	assert_true(sg_json_is_null(
	    sg_json_get(evidence->payload, "uatConfigurations")));
	close_bundle(&b);
}

static void
configurations_are_carried(void **state)
{
	static const char text[] = "[{\"name\":\"prod\"}]";
	SG_AUTO(sg_json) configs = NULL;
	SG_AUTO(sg_evidence) evidence = NULL;
	const struct sg_json *list;
	struct bundle b;

	(void)state;
	assert_int_equal(
	    sg_json_parse(text, strlen(text), &configs, NULL), SG_OK);
	open_bundle(&b);
	make(&b, configs);
	assert_int_equal(read_text(sg_buf_str(b.text), &evidence, NULL), SG_OK);
	list = sg_json_get(evidence->payload, "uatConfigurations");
	assert_string_equal(
	    sg_json_get_text(sg_json_at(list, 0), "name"), "prod");
	close_bundle(&b);
}

static void
bundle_is_no_jwt(void **state)
{
	SG_AUTO(sg_json) json = NULL;
	SG_AUTO(sg_jwt) jwt = NULL;
	SG_AUTO(sg_buf) compact = sg_buf_new(SG_EVIDENCE_MAX);
	const struct sg_jwt_expect expect = {.now_s = FAKE_NOW_S};
	struct sg_err err = {0};
	struct bundle b;

	(void)state;
	open_bundle(&b);
	make(&b, NULL);
	assert_int_equal(
	    sg_json_parse(b.text->data, b.text->len, &json, NULL), SG_OK);
	sg_buf_addf(compact, "%s.%s.%s", sg_json_get_text(json, "protected"),
	    sg_json_get_text(json, "payload"),
	    sg_json_get_text(json, "signature"));
	assert_int_equal(
	    sg_jwt_parse(sg_buf_str(compact), compact->len, &jwt, NULL), SG_OK);
	assert_int_equal(
	    sg_jwt_verify(jwt, sg_signer_public(b.signer), &expect, &err),
	    SG_E_INVALID);
	assert_non_null(strstr(err.text, "typ"));
	assert_null(sg_json_get(sg_jwt_claims(jwt), "exp"));
	assert_null(sg_json_get(sg_jwt_claims(jwt), "iss"));
	close_bundle(&b);
}

static void
attributes_are_judged_anew(void **state)
{
	SG_AUTO(sg_evidence) evidence = NULL;
	struct bundle b;

	(void)state;
	open_bundle(&b);
	b.fake.info.facts[SG_KEY_EXTRACTABLE] = SG_FACT_YES;
	b.fake.info.facts[SG_KEY_UNWRAP] = SG_FACT_UNKNOWN;
	b.fake.info.mechanisms_told = true;
	b.fake.info.mechanisms[0] = CKM_RSA_X_509;
	b.fake.info.mechanism_count = 1;
	sg_key_allow(b.key, ~0U);
	make(&b, NULL);
	assert_int_equal(read_text(sg_buf_str(b.text), &evidence, NULL), SG_OK);
	assert_int_equal(sg_policy_broken(&evidence->key),
	    SG_RULE_BIT(SG_RULE_EXTRACTABLE) | SG_RULE_BIT(SG_RULE_SIGN_ONLY) |
		SG_RULE_BIT(SG_RULE_MECHANISMS));
	close_bundle(&b);
}

static void
no_byte_can_be_changed(void **state)
{
	struct sg_evidence *evidence = NULL;
	struct bundle b;
	size_t i;

	(void)state;
	open_bundle(&b);
	make(&b, NULL);
	/* Each fifth, as a signature is verified for each. */
	for (i = 0; i + 1 < b.text->len; i += 5) {
		uint8_t was = b.text->data[i];

		b.text->data[i] = was == 'A' ? 'B' : 'A';
		if (sg_evidence_read(b.text->data, b.text->len, &evidence,
			NULL) != SG_E_INVALID)
			fail_msg("byte %zu may be another", i);
		assert_null(evidence);
		b.text->data[i] = was;
	}
	close_bundle(&b);
}

#define KID  "J1CCI6PQ4SzpqZk"
#define TYPE "signet-evidence+json"

static void
what_is_no_evidence_is_refused(void **state)
{
	static const struct {
		const char *header;
		const char *payload;
		const char *text;
	} rows[] = {
	    {"{\"alg\":\"none\",\"typ\":\"" TYPE "\"}", "{}", "alg"},
	    {"{\"alg\":\"HS256\",\"typ\":\"" TYPE "\"}", "{}", "alg"},
	    {"{\"alg\":\"RS256\"}", "{}", "typ"},
	    {"{\"alg\":\"RS256\",\"typ\":\"JWT\"}", "{}", "typ"},
	    {"{\"alg\":\"RS256\",\"typ\":\"" TYPE "\",\"crit\":[\"x\"]}", "{}",
		"crit"},
	    {"{\"alg\":\"RS256\",\"typ\":\"" TYPE "\"}", "{}", "version"},
	    {"{\"alg\":\"RS256\",\"typ\":\"" TYPE "\"}", "{\"version\":2}",
		"version"},
	    {"{\"alg\":\"RS256\",\"typ\":\"" TYPE "\"}", "{\"version\":1}", ""},
	    {"{\"alg\":\"RS256\",\"typ\":\"" TYPE "\",\"kid\":\"" KID "\"}",
		"{\"version\":1,\"key\":{\"thumbprint\":\"" KID
		"\",\"jwk\":{\"kty\":\"RSA\",\"n\":\"" RFC7515_N
		"\",\"e\":\"" RFC7515_E "\"}}}",
		"thumbprint"},
	};
	struct sg_evidence *evidence = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_err err = {0};

		if (read_made(rows[i].header, rows[i].payload, &evidence,
			&err) != SG_E_INVALID ||
		    strstr(err.text, rows[i].text) == NULL)
			fail_msg("row %zu: %s", i, err.text);
		assert_null(evidence);
	}
}

static void
what_is_not_signed_is_refused(void **state)
{
	static const char *const texts[] = {"", "{}", "[]", "null",
	    "{\"protected\":1,\"payload\":\"\",\"signature\":\"\"}",
	    "{\"protected\":\"\",\"payload\":\"\",\"signature\":\"\"}"};
	struct sg_evidence *evidence = NULL;
	struct sg_err err = {0};
	struct bundle b;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++)
		assert_int_equal(
		    read_text(texts[i], &evidence, NULL), SG_E_INVALID);
	open_bundle(&b);
	make(&b, NULL);
	b.text->len -= 2; /* the brace and the newline */
	sg_buf_add_str(b.text, ",\"header\":{\"note\":\"x\"}}");
	assert_int_equal(
	    read_text(sg_buf_str(b.text), &evidence, &err), SG_E_INVALID);
	assert_non_null(strstr(err.text, "not signed"));
	close_bundle(&b);
}

static void
faulty_signature_is_not_given_out(void **state)
{
	const struct sg_evidence_about about = {
	    .token = &token_info, .version = "0", .now_s = FAKE_NOW_S};
	struct bundle b;

	(void)state;
	open_bundle(&b);
	b.fake.is_faulty = true;
	assert_int_equal(
	    sg_evidence_make(b.signer, &about, b.text, NULL), SG_E_TOKEN);
	assert_int_equal(b.text->len, 0);
	close_bundle(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_made_is_read),
	    cmocka_unit_test(configurations_are_carried),
	    cmocka_unit_test(bundle_is_no_jwt),
	    cmocka_unit_test(attributes_are_judged_anew),
	    cmocka_unit_test(no_byte_can_be_changed),
	    cmocka_unit_test(what_is_no_evidence_is_refused),
	    cmocka_unit_test(what_is_not_signed_is_refused),
	    cmocka_unit_test(faulty_signature_is_not_given_out),
	};

	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
