/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"
#include "fake_key.h"

#include "pkcs11/policy.h"
#include "pkcs11/token.h"
#include "signer/evidence.h"
#include "signer/jwk.h"
#include "signer/signer.h"

#define AT "--module-path", MODULE

/* Write ev.json, pub.pem and set.json of RFC 7515's key. */
static void
put_bundle(bool is_extractable)
{
	const struct sg_token_info token = {.label = "dev", .module = "m"};
	const struct sg_evidence_about about = {
	    .token = &token, .version = "0", .now_s = FAKE_NOW_S};
	struct fake_key fake;
	SG_AUTO(sg_key) key = fake_key_new(&fake);
	SG_AUTO(sg_signer) signer = NULL;
	SG_AUTO(sg_buf) text = sg_buf_new(SG_EVIDENCE_MAX);
	SG_AUTO(sg_buf) pem = sg_buf_new(4096);
	SG_AUTO(sg_buf) set = sg_buf_new(4096);
	struct sg_jsonw w = {.out = set};

	if (is_extractable)
		fake.info.facts[SG_KEY_EXTRACTABLE] = SG_FACT_YES;
	fake.info.facts[SG_KEY_LOCAL] = SG_FACT_UNKNOWN;
	assert_int_equal(
	    sg_signer_new(key, fake_clock(), &signer, NULL), SG_OK);
	assert_int_equal(sg_evidence_make(signer, &about, text, NULL), SG_OK);
	put("ev.json", 0644, sg_buf_str(text));
	assert_int_equal(
	    sg_rsa_to_pem(sg_signer_public(signer), pem, NULL), SG_OK);
	put("pub.pem", 0644, sg_buf_str(pem));
	sg_jsonw_object(&w, NULL);
	sg_jsonw_array(&w, "keys");
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "kty", "EC");
	sg_jsonw_object_end(&w);
	assert_int_equal(
	    sg_jwk_write(&w, NULL, sg_signer_public(signer), "x", 0, NULL),
	    SG_OK);
	sg_jsonw_array_end(&w);
	sg_jsonw_object_end(&w);
	put("set.json", 0644, sg_buf_str(set));
}

#define VERIFY(b, ...) RUN(b, "key", "evidence", "--verify", __VA_ARGS__)

static void
bundle_alone_proves_consistency_alone(void **state)
{
	struct bench *b = *state;

	put_bundle(false);
	assert_ok(b, VERIFY(b, "ev.json"));
	assert_has(product(b), "proves       consistent in itself");
	assert_has(product(b), "--public-key or --jwks");
	assert_has(product(b),
	    "pass     extractable  CKA_EXTRACTABLE          false\n");
	assert_ok(b, VERIFY(b, "ev.json", "--json"));
	assert_has(product(b), "\"isExpectedKey\":false");
}

static void
expected_key_is_told(void **state)
{
	struct bench *b = *state;

	put_bundle(false);
	assert_ok(b, VERIFY(b, "ev.json", "--public-key", "pub.pem"));
	assert_has(product(b), "proves       signed by the expected key");
	assert_ok(b, VERIFY(b, "ev.json", "--jwks", "set.json", "--json"));
	assert_has(product(b), "\"isExpectedKey\":true");
}

static void
other_key_is_refused(void **state)
{
	struct bench *b = *state;

	put_bundle(false);
	put("none.json", 0644, "{\"keys\":[]}");
	put("bad.json", 0644, "{}");
	put("other.pem", 0644, "-----BEGIN PUBLIC KEY-----\nMIIB\n");
	assert_refused(b, VERIFY(b, "ev.json", "--jwks", "none.json"),
	    SG_E_INVALID, "compare with none.json: the evidence is of a key");
	assert_refused(b, VERIFY(b, "ev.json", "--jwks", "bad.json"),
	    SG_E_INVALID, "JWK Set");
	assert_refused(b, VERIFY(b, "ev.json", "--public-key", "other.pem"),
	    SG_E_INVALID, "compare with other.pem");
	assert_string_equal(product(b), "");
	assert_false(b->app.out_stands);
}

static void
key_that_breaks_the_policy_is_shown_and_refused(void **state)
{
	struct bench *b = *state;

	put_bundle(true);
	assert_refused(b, VERIFY(b, "ev.json"), SG_E_POLICY,
	    "tells of a key that breaks the policy");
	assert_true(b->app.out_stands);
	assert_has(product(b),
	    "FAIL     extractable  CKA_EXTRACTABLE          true; must be false\n");
	assert_has(product(b),
	    "unknown  local        CKA_LOCAL                unknown\n");
}

static void
what_is_no_evidence_is_not_shown(void **state)
{
	struct bench *b = *state;

	put("ev.json", 0644, "{}");
	assert_refused(
	    b, VERIFY(b, "ev.json"), SG_E_INVALID, "verify the evidence");
	assert_refused(b, VERIFY(b, "absent.json"), SG_E_IO, "absent.json");
	assert_false(b->app.out_stands);
}

static void
options_that_do_not_fit_are_refused(void **state)
{
	struct bench *b = *state;

	assert_refused(b, VERIFY(b, "e", "--jwks", "a", "--public-key", "b"),
	    SG_E_USAGE, "exclude each other");
	assert_refused(b, VERIFY(b, "e", "-o", "a"), SG_E_USAGE, "--output");
	assert_refused(b, VERIFY(b, "e", "pkcs11:object=a"), SG_E_USAGE, "URI");
	assert_refused(b, RUN(b, "key", "evidence", AT, "--jwks", "a"),
	    SG_E_USAGE, "--verify");
	assert_refused(
	    b, RUN(b, "key", "evidence", AT), TOKEN_WAS_OPENED, MODULE);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(bundle_alone_proves_consistency_alone),
	    TEST(expected_key_is_told),
	    TEST(other_key_is_refused),
	    TEST(key_that_breaks_the_policy_is_shown_and_refused),
	    TEST(what_is_no_evidence_is_not_shown),
	    TEST(options_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests_name(
	    "cmd_key_evidence", tests, NULL, NULL);
}
