/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/certificate.h"

/*
 * Keys that signet did not make, put there through the back door.
 */

static void
put(const struct raw_pair *pair)
{
	struct raw raw = raw_open();

	raw_generate(&raw, pair);
	raw_close(&raw);
}

/* How signet ends to find a key; its public numbers must be the key's own. */
static enum sg_rc
try_sign(const char *uri_text, struct sg_err *err)
{
	SG_AUTO(sg_uri) uri = parse_uri(uri_text);
	struct sg_token *token = log_in();
	SG_AUTO(sg_key) key = NULL;
	SG_AUTO(sg_buf) sig = NULL;
	enum sg_rc rc;

	rc = sg_key_find(token, uri, &key, err);
	if (rc == SG_OK)
		sg_key_allow(key, ~0U); /* it is not as signet makes them */
	if (rc == SG_OK)
		rc = sg_key_sign(key, (const uint8_t *)"odd", 3, &sig, err);
	if (rc == SG_OK)
		check_by_openssl(key, "odd", 3, sig);
	sg_key_free(&key);
	sg_token_free(&token);
	return rc;
}

/* The URIs that an error lists: each names one key and signs with it. */
static int
check_candidates(const char *text)
{
	const char *p;
	int count = 0;

	for (p = strstr(text, " pkcs11:"); p != NULL;
	     p = strstr(p + 1, " pkcs11:"), count++) {
		SG_AUTO_STR uri = strndup(p + 1, strcspn(p + 1, " ,"));

		assert_int_equal(try_sign(uri, NULL), SG_OK);
	}
	return count;
}

static void
two_keys_of_one_label_are_told_apart_by_uri(void **state)
{
	static const struct raw_pair pairs[] = {
	    {.label = "twin", .id = "one"}, {.label = "twin", .id = "two"}};
	struct sg_err err = {0};

	(void)state;
	put(&pairs[0]);
	put(&pairs[1]);
	assert_int_equal(try_sign("pkcs11:object=twin", &err), SG_E_AMBIGUOUS);
	assert_int_equal(check_candidates(err.text), 2);
}

/* The private key's own numbers, or its namesake's public key: not those of
 * the other that has its id. */
static void
two_keys_of_one_id_are_told_apart_by_uri(void **state)
{
	static const struct raw_pair pairs[] = {
	    {.label = "left", .id = "same"}, {.label = "right", .id = "same"}};
	struct sg_err err = {0};

	(void)state;
	put(&pairs[0]);
	put(&pairs[1]);
	assert_int_equal(try_sign("pkcs11:id=same", &err), SG_E_AMBIGUOUS);
	assert_int_equal(check_candidates(err.text), 2);
}

/* NSS knows a private key by its id alone: the second takes the place of the
 * first. That is why signet makes no key with an id in use. */
static void
a_second_key_of_one_id_takes_the_place_of_the_first(void **state)
{
	static const struct raw_pair pairs[] = {
	    {.label = "old", .id = "place"}, {.label = "new", .id = "place"}};

	(void)state;
	put(&pairs[0]);
	put(&pairs[1]);
	assert_int_equal(try_sign("pkcs11:object=old", NULL), SG_E_NOT_FOUND);
	assert_int_equal(try_sign("pkcs11:object=new", NULL), SG_OK);
}

static void
two_keys_of_one_name_are_both_listed(void **state)
{
	static const struct raw_pair pair = {.label = "same", .id = "twice"};
	struct sg_err err = {0};
	const char *first;

	(void)state;
	put(&pair);
	put(&pair);
	assert_int_equal(
	    try_sign("pkcs11:object=same;id=twice", &err), SG_E_AMBIGUOUS);
	first = strstr(err.text, " pkcs11:");
	assert_non_null(first);
	assert_non_null(strstr(first + 1, " pkcs11:"));
}

static void
a_key_without_its_public_object_signs(void **state)
{
	static const struct raw_pair pair = {.label = "half", .id = "half"};
	struct raw raw;

	(void)state;
	put(&pair);
	raw = raw_open();
	raw_destroy(&raw, CKO_PUBLIC_KEY, "half");
	raw_close(&raw);
	assert_int_equal(try_sign("pkcs11:object=half", NULL), SG_OK);
}

/* A certificate of the same id and label is no key and hides none. */
static void
a_certificate_beside_the_key_is_not_taken_for_it(void **state)
{
	static const struct raw_pair pair = {.label = "cert", .id = "cert"};
	struct sg_err err = {0};
	struct raw raw;

	(void)state;
	put(&pair);
	raw = raw_open();
	add_certificate(&raw, "cert", "cert");
	raw_destroy(&raw, CKO_PUBLIC_KEY, "cert");
	raw_close(&raw);
	assert_int_equal(try_sign("pkcs11:object=cert", &err), SG_OK);
	assert_int_equal(
	    try_sign("pkcs11:object=cert;type=cert", &err), SG_E_USAGE);
}

static void
a_certificate_alone_is_no_key(void **state)
{
	struct sg_err err = {0};
	struct raw raw = raw_open();

	(void)state;
	add_certificate(&raw, "lonely", "lonely");
	raw_close(&raw);
	assert_int_equal(
	    try_sign("pkcs11:object=lonely", &err), SG_E_NOT_FOUND);
}

static void
a_key_that_may_not_sign_is_refused(void **state)
{
	static const struct raw_pair pair = {
	    .label = "opens", .id = "opens", .no_sign = true};
	struct sg_err err = {0};

	(void)state;
	put(&pair);
	assert_int_equal(try_sign("pkcs11:object=opens", &err), SG_E_MECHANISM);
	assert_non_null(strstr(err.text, "CKA_SIGN"));
}

static enum sg_rc
see_extractable(void *ctx, const struct sg_key_info *key, struct sg_err *err)
{
	(void)err;
	assert_int_equal(key->facts[SG_KEY_EXTRACTABLE], SG_FACT_YES);
	assert_int_equal(key->facts[SG_KEY_SENSITIVE], SG_FACT_NO);
	assert_int_equal(key->facts[SG_KEY_NEVER_EXTRACTABLE], SG_FACT_NO);
	assert_int_equal(key->facts[SG_KEY_ALWAYS_SENSITIVE],
	    token_can("frank") ? SG_FACT_NO : SG_FACT_YES);
	(*(int *)ctx)++;
	return SG_OK;
}

static void
an_extractable_key_is_told(void **state)
{
	static const struct raw_pair pair = {
	    .label = "loose", .id = "loose", .extractable = true};
	SG_AUTO(sg_uri) uri = parse_uri("pkcs11:object=loose");
	struct sg_token *token;
	int seen = 0;

	(void)state;
	put(&pair);
	token = log_in();
	assert_int_equal(
	    sg_key_list(token, uri, see_extractable, &seen, NULL), SG_OK);
	assert_int_equal(seen, 1);
	sg_token_free(&token);
}

static void
an_extractable_key_signs_only_when_it_is_allowed_to(void **state)
{
	static const struct raw_pair pair = {
	    .label = "lax", .id = "lax", .extractable = true};
	struct sg_token *token;
	struct sg_err err = {0};
	SG_AUTO(sg_key) key = NULL;
	SG_AUTO(sg_buf) sig = NULL;

	(void)state;
	put(&pair);
	token = log_in();
	key = find_key(token, "pkcs11:object=lax");
	assert_int_equal(
	    sg_key_sign(key, (const uint8_t *)"odd", 3, &sig, &err),
	    SG_E_POLICY);
	assert_non_null(strstr(err.text, "CKA_EXTRACTABLE is true"));
	assert_null(sig);
	sg_key_free(&key);
	sg_token_free(&token);
	assert_int_equal(try_sign("pkcs11:object=lax", NULL), SG_OK);
}

int
main(void)
{
	static const struct token_case cases[] = {
	    TOKEN_CASE(two_keys_of_one_label_are_told_apart_by_uri),
	    TOKEN_CASE_IF(two_keys_of_one_id_are_told_apart_by_uri, "doubles"),
	    TOKEN_CASE_IF(a_second_key_of_one_id_takes_the_place_of_the_first,
		"!doubles"),
	    TOKEN_CASE_IF(two_keys_of_one_name_are_both_listed, "doubles"),
	    TOKEN_CASE(a_key_without_its_public_object_signs),
	    TOKEN_CASE(a_certificate_beside_the_key_is_not_taken_for_it),
	    TOKEN_CASE(a_certificate_alone_is_no_key),
	    TOKEN_CASE(a_key_that_may_not_sign_is_refused),
	    TOKEN_CASE_IF(an_extractable_key_is_told, "loose"),
	    TOKEN_CASE_IF(
		an_extractable_key_signs_only_when_it_is_allowed_to, "loose"),
	};

	return run_cases("odd", cases, SG_COUNT(cases));
}
