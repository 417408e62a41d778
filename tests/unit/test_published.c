/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "signer/jwk.h"
#include "signer/jwks.h"
#include "signer/published.h"
#include "signer/rsa.h"

#include "tests/unit/fake_rfc.h"

#define THUMBPRINT "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8"
#define RSA(kid, more) \
	"{\"kty\":\"RSA\",\"kid\":\"" kid "\"" more ",\"n\":\"" RFC7515_N \
	"\",\"e\":\"AQAB\"}"
#define EC \
	"{\"kty\":\"EC\",\"kid\":\"b\",\"crv\":\"P-256\",\"x\":\"AQ\"," \
	"\"y\":\"AQ\",\"x5c\":[\"MIIB\"],\"theirs\":{\"n\":[1,null]}}"
#define PS256 \
	"{\"kty\":\"RSA\",\"kid\":\"a\",\"alg\":\"PS256\",\"n\":\"" RFC7520_N \
	"\",\"e\":\"AQAB\"}"
#define PS256_EXP \
	"{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"" RFC7520_N \
	"\",\"e\":\"AQAB\",\"exp\":1}"
#define EC_BARE \
	"{\"kty\":\"EC\",\"kid\":\"b\",\"crv\":\"P-256\",\"x\":\"AQ\"," \
	"\"y\":\"AQ\"}"
#define EC_OTHER \
	"{\"kty\":\"EC\",\"kid\":\"b\",\"crv\":\"P-256\",\"x\":\"AQ\"," \
	"\"y\":\"Ag\"}"
#define SET(keys) "{\"keys\":[" keys "]}"

static enum sg_rc
merge(struct sg_published *set, const char *text, struct sg_err *err)
{
	return sg_published_merge(set, text, strlen(text), err);
}

static void
must_merge(struct sg_published *set, const char *text)
{
	struct sg_err err = {0};

	if (merge(set, text, &err) != SG_OK)
		fail_msg("%s", err.text);
}

static void
writes(const struct sg_published *set, const char *text)
{
	SG_AUTO(sg_buf) out = sg_buf_new(SG_JWKS_TEXT_MAX);

	assert_int_equal(sg_published_write(set, out, NULL), SG_OK);
	assert_string_equal(sg_buf_str(out), text);
}

static size_t
count_of(const struct sg_published *set)
{
	SG_AUTO(sg_buf) out = sg_buf_new(SG_JWKS_TEXT_MAX);
	SG_AUTO(sg_json) json = NULL;

	assert_int_equal(sg_published_write(set, out, NULL), SG_OK);
	assert_int_equal(
	    sg_json_parse(out->data, out->len, &json, NULL), SG_OK);
	return sg_json_count(sg_json_get(json, "keys"));
}

static struct sg_rsa *
our_key(void)
{
	static const char set[] = SET(RSA("a", ""));
	SG_AUTO(sg_jwks) keys = sg_jwks_new();
	SG_AUTO(sg_buf) pem = sg_buf_new(65536);
	struct sg_rsa *rsa = NULL;

	assert_int_equal(sg_jwks_merge(keys, set, sizeof(set) - 1, NULL), 0);
	assert_int_equal(
	    sg_rsa_to_pem(sg_jwks_at(keys, 0)->rsa, pem, NULL), SG_OK);
	assert_int_equal(
	    sg_rsa_from_pem(sg_buf_str(pem), pem->len, &rsa, NULL), SG_OK);
	return rsa;
}

/* Whatever they are for, with every member, in the order of their kids. */
static void
keys_of_others_stay_as_they_are(void **state)
{
	SG_AUTO(sg_published) set = sg_published_new();
	SG_AUTO(sg_rsa) rsa = our_key();

	(void)state;
	must_merge(set, SET(EC "," PS256 ",{\"kty\":\"unheard of\"}"));
	assert_int_equal(sg_published_add(set, rsa, NULL), SG_OK);
	assert_int_equal(sg_published_add(set, rsa, NULL), SG_OK);
	assert_true(sg_published_has(set, THUMBPRINT));
	assert_int_equal(count_of(set), 4);
	sg_published_remove(set, THUMBPRINT);
	assert_false(sg_published_has(set, THUMBPRINT));
	writes(set, SET("{\"kty\":\"unheard of\"}," PS256 "," EC) "\n");
}

static void
texts_are_merged_and_the_first_counts(void **state)
{
	SG_AUTO(sg_published) set = sg_published_new();

	(void)state;
	must_merge(set, SET(EC "," EC ",{\"kty\":\"x\"}"));
	/* their own, twice, is theirs to have */
	assert_int_equal(count_of(set), 3);
	must_merge(
	    set, SET("{\"kty\":\"x\"},{\"kid\":\"b\",\"kty\":\"y\"}," PS256));
	/* another kind of key may have the same kid: RFC 7517 §4.5 */
	writes(set, SET("{\"kty\":\"x\"}," PS256 "," EC "," EC
			",{\"kid\":\"b\",\"kty\":\"y\"}") "\n");
	must_merge(set, SET(PS256_EXP "," EC_BARE));
	assert_int_equal(count_of(set), 5);
}

/* Its JWTs would be refused as soon as the set is published without it. */
static void
no_key_gives_way_to_another_of_its_kid(void **state)
{
	static const char *const rows[][2] = {
	    {SET(PS256), SET(EC "," RSA("a", ""))},
	    {SET(RSA("a", "")), SET(PS256)},
	    {SET(EC), SET(EC_OTHER)},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_published) set = sg_published_new();
		struct sg_err err = {0};

		must_merge(set, rows[i][0]);
		assert_int_equal(merge(set, rows[i][1], &err), SG_E_INVALID);
		assert_non_null(strstr(err.text, "names another key"));
		assert_non_null(strstr(err.text, i < 2 ? "\"a\"" : "\"b\""));
	}
}

static void
our_key_is_known_by_its_kid_and_its_numbers(void **state)
{
	SG_AUTO(sg_published) set = sg_published_new();
	SG_AUTO(sg_rsa) rsa = our_key();
	struct sg_err err = {0};

	(void)state;
	must_merge(set, SET(RSA("a", "")));
	assert_false(sg_published_has(set, THUMBPRINT)); /* another kid */
	assert_int_equal(sg_published_add(set, rsa, NULL), SG_OK);
	assert_int_equal(count_of(set), 2);
	sg_published_remove(set, THUMBPRINT); /* under both */
	assert_int_equal(count_of(set), 0);
	/* the same kid, for something else */
	must_merge(set, SET(RSA(THUMBPRINT, ",\"alg\":\"PS256\"")));
	assert_false(sg_published_has(set, THUMBPRINT));
	assert_int_equal(sg_published_add(set, rsa, &err), SG_E_INVALID);
	assert_non_null(strstr(err.text, THUMBPRINT));
}

static void
what_must_not_be_published_is_refused(void **state)
{
	static const char *const rows[][2] = {
	    {SET(EC ",{\"kty\":\"EC\",\"d\":\"AQ\"}"), "key 2"},
	    {SET("{\"kty\":\"oct\",\"k\":\"AQ\"}"), "private"},
	    {SET("1"), "no object"},
	    {"{}", "keys"},
	    {"[]", "keys"},
	    {"{\"keys\":{}}", "keys"},
	    {"", ""},
	    {"{\"keys\":[],\"keys\":[]}", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_published) set = sg_published_new();
		struct sg_err err = {0};

		assert_int_equal(merge(set, rows[i][0], &err), SG_E_INVALID);
		assert_non_null(strstr(err.text, rows[i][1]));
	}
}

static void
a_set_has_an_end(void **state)
{
	SG_AUTO(sg_published) set = sg_published_new();
	SG_AUTO(sg_rsa) rsa = our_key();
	SG_AUTO(sg_buf) text = sg_buf_new(SG_JWKS_TEXT_MAX);
	size_t i;

	(void)state;
	sg_buf_add_str(text, "{\"keys\":[");
	for (i = 0; i < SG_JWKS_KEYS_MAX; i++)
		sg_buf_addf(text, "%s{\"kid\":\"%zu\"}", i > 0 ? "," : "", i);
	sg_buf_add_str(text, "]}");
	must_merge(set, sg_buf_str(text));
	must_merge(set, sg_buf_str(text)); /* nothing new */
	assert_int_equal(sg_published_add(set, rsa, NULL), SG_E_INVALID);
	assert_int_equal(
	    merge(set, SET("{\"kid\":\"x\"}"), NULL), SG_E_INVALID);
	assert_int_equal(count_of(set), SG_JWKS_KEYS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_of_others_stay_as_they_are),
	    cmocka_unit_test(texts_are_merged_and_the_first_counts),
	    cmocka_unit_test(no_key_gives_way_to_another_of_its_kid),
	    cmocka_unit_test(our_key_is_known_by_its_kid_and_its_numbers),
	    cmocka_unit_test(what_must_not_be_published_is_refused),
	    cmocka_unit_test(a_set_has_an_end),
	};

	return cmocka_run_group_tests_name("published", tests, NULL, NULL);
}
