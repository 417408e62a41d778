/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/search.h"

#include "pkcs11/object.h"
#include "tests/unit/fake_token.h"

static struct sg_object *
read_key(struct sg_token *token, const struct fake_object *key)
{
	struct sg_object *object = NULL;
	struct sg_err err = {0};

	if (sg_object_read(sg_token_p11(token), key->handle, &object, &err) !=
	    SG_OK)
		fail_msg("%s", err.text);
	return object;
}

static void
a_key_is_found_by_template_and_never_by_listing(void **state)
{
	static const char *const uris[] = {"pkcs11:object=key-07",
	    "pkcs11:id=%07", "pkcs11:object=key-07;id=%07;type=private"};
	struct sg_token *token;
	char label[8];
	size_t i;

	(void)state;
	for (i = 0; i < 30; i++) {
		uint8_t id = (uint8_t)i;

		(void)snprintf(label, sizeof(label), "key-%02zu", i);
		(void)fake_add_key(label, &id, 1);
	}
	token = fake_open(NULL);
	for (i = 0; i < SG_COUNT(uris); i++) {
		SG_AUTO(sg_uri) uri = fake_uri(uris[i]);
		SG_AUTO(sg_object) object = NULL;

		memset(fake->calls, 0, sizeof(fake->calls));
		assert_int_equal(
		    sg_search_one(sg_token_p11(token), uri, &object, NULL),
		    SG_OK);
		assert_string_equal(object->info.label, "key-07");
		assert_int_equal(fake->calls[FAKE_FIND_INIT], 1);
		assert_true(fake->calls[FAKE_FIND] <= 2);
		assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 1);
		assert_int_equal(fake->find_count, i == 2 ? 3 : 2);
	}
	sg_token_free(&token);
}

static void
public_keys_are_not_found(void **state)
{
	struct sg_token *token = fake_open(NULL);
	struct sg_object *object = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_object(CKO_PUBLIC_KEY, "uat", fake_id, 2);
	assert_int_equal(
	    sg_search_one(sg_token_p11(token), NULL, &object, &err),
	    SG_E_NOT_FOUND);
	assert_null(object);
	sg_token_free(&token);
}

static void
an_absent_key_is_told_with_what_was_asked(void **state)
{
	SG_AUTO(sg_uri) uri = fake_uri("pkcs11:object=gone");
	struct sg_token *token = fake_open(NULL);
	struct sg_object *object = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	assert_int_equal(sg_search_one(sg_token_p11(token), uri, &object, &err),
	    SG_E_NOT_FOUND);
	assert_null(object);
	assert_non_null(strstr(err.text, "token \"dev\""));
	assert_non_null(strstr(err.text, "object=gone"));
	assert_non_null(strstr(err.text, "signet key list"));
	sg_token_free(&token);
}

/* Each candidate must be a URI that finds that one key. */
static void
check_candidates(struct sg_token *token, const struct sg_err *err, size_t least)
{
	char uris[9][SG_ERR_TEXT_MAX];
	size_t count = fake_uris_in(err->text, uris, 9);
	size_t i;

	assert_true(count >= least && count <= 8);
	for (i = 0; i < count; i++) {
		SG_AUTO(sg_uri) uri = fake_uri(uris[i]);
		SG_AUTO(sg_object) object = NULL;

		assert_int_equal(
		    sg_search_one(sg_token_p11(token), uri, &object, NULL),
		    SG_OK);
		assert_string_equal(object->info.uri, uris[i]);
	}
}

static void
an_ambiguous_key_is_told_as_uris_that_find_each(void **state)
{
	struct sg_token *token = fake_open(NULL);
	struct sg_object *object = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_key("uat", (const uint8_t *)"\0, ", 3);
	(void)fake_add_key("uat", fake_id, 2);
	assert_int_equal(
	    sg_search_one(sg_token_p11(token), NULL, &object, &err),
	    SG_E_AMBIGUOUS);
	assert_null(object);
	check_candidates(token, &err, 2);
	assert_null(strstr(err.text, "and more"));
	sg_token_free(&token);
}

static void
a_crowd_of_keys_is_told_in_part_and_says_so(void **state)
{
	struct sg_token *token = fake_open(NULL);
	struct sg_object *object = NULL;
	struct sg_err err = {0};
	uint8_t id;

	(void)state;
	for (id = 1; id <= 12; id++)
		(void)fake_add_key("uat", &id, 1);
	assert_int_equal(
	    sg_search_one(sg_token_p11(token), NULL, &object, &err),
	    SG_E_AMBIGUOUS);
	check_candidates(token, &err, 8);
	assert_string_equal(err.text + strlen(err.text) - 10, ", and more");
	/* Nine are enough to know that there are more than eight. */
	assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 8 + 8);
	sg_token_free(&token);
}

static void
long_names_do_not_crowd_out_the_error(void **state)
{
	struct sg_token *token = fake_open(NULL);
	struct sg_object *object = NULL;
	struct sg_err err = {0};
	uint8_t id[32];
	char label[121];
	int i;

	(void)state;
	memset(label, '/', sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	for (i = 0; i < 5; i++) {
		memset(id, i, sizeof(id));
		(void)fake_add_key(label, id, sizeof(id));
	}
	assert_int_equal(
	    sg_search_one(sg_token_p11(token), NULL, &object, &err),
	    SG_E_AMBIGUOUS);
	assert_int_equal(err.rc, SG_E_AMBIGUOUS);
	check_candidates(token, &err, 2);
	assert_string_equal(err.text + strlen(err.text) - 10, ", and more");
	sg_token_free(&token);
}

static void
a_uri_of_another_class_is_refused(void **state)
{
	static const struct {
		const char *uri;
		enum sg_rc rc;
	} rows[] = {
	    {"pkcs11:object=uat", SG_OK},
	    {"pkcs11:object=uat;type=private", SG_OK},
	    {"pkcs11:object=uat;type=public", SG_E_USAGE},
	    {"pkcs11:object=uat;type=cert", SG_E_USAGE},
	    {"pkcs11:object=uat;type=secret-key", SG_E_USAGE},
	    {"pkcs11:type=data", SG_E_USAGE},
	};
	struct sg_token *token = fake_open(NULL);
	size_t i;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_uri) uri = fake_uri(rows[i].uri);
		CK_OBJECT_HANDLE found[2];
		CK_ULONG count = 0;
		struct sg_err err = {0};

		fake->calls[FAKE_FIND_INIT] = 0;
		assert_int_equal(sg_search_all(sg_token_p11(token), uri, found,
				     2, &count, &err),
		    rows[i].rc);
		assert_int_equal(count, rows[i].rc == SG_OK ? 1 : 0);
		assert_int_equal(
		    fake->calls[FAKE_FIND_INIT], rows[i].rc == SG_OK ? 1 : 0);
		if (rows[i].rc != SG_OK)
			assert_non_null(
			    strstr(err.text, "does not name a private key"));
	}
	sg_token_free(&token);
}

static void
a_key_is_found_again_by_its_id_and_label(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = read_key(token, key);

	(void)state;
	(void)fake_add_key("uat", (const uint8_t *)"\1", 1);
	(void)fake_add_key("other", fake_id, 2);
	key->handle = 900;
	assert_int_equal(
	    sg_search_again(sg_token_p11(token), object, NULL), SG_OK);
	assert_int_equal(object->handle, 900);
	sg_token_free(&token);
}

static void
a_key_that_is_no_longer_there_or_alone_is_not_found_again(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = read_key(token, key);
	CK_OBJECT_HANDLE handle = key->handle;
	struct fake_object *twin;
	struct sg_err err = {0};

	(void)state;
	key->handle = 0;
	assert_int_equal(
	    sg_search_again(sg_token_p11(token), object, &err), SG_E_NOT_FOUND);
	assert_non_null(strstr(err.text, "no longer there"));
	assert_int_equal(err.native, 0);
	key->handle = 900;
	twin = fake_add_key("uat", fake_id, 2);
	sg_err_clear(&err);
	assert_int_equal(
	    sg_search_again(sg_token_p11(token), object, &err), SG_E_NOT_FOUND);
	assert_non_null(strstr(err.text, "only one"));
	assert_int_equal(object->handle, handle);
	twin->handle = 0;
	sg_token_free(&token);
}

/* A key of the same name would make another signature. */
static void
another_key_in_its_place_is_not_taken_for_it(void **state)
{
	static const CK_ATTRIBUTE_TYPE parts[] = {
	    CKA_MODULUS, CKA_PUBLIC_EXPONENT};
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = read_key(token, key);
	CK_OBJECT_HANDLE handle = key->handle;
	size_t i;

	(void)state;
	key->handle = 900;
	for (i = 0; i < SG_COUNT(parts); i++) {
		struct fake_value *value = fake_value(key, parts[i]);
		struct sg_err err = {0};

		value->bytes[0] ^= 2;
		assert_int_equal(
		    sg_search_again(sg_token_p11(token), object, &err),
		    SG_E_NOT_FOUND);
		assert_non_null(strstr(err.text, "another key"));
		assert_int_equal(object->handle, handle);
		value->bytes[0] ^= 2;
	}
	sg_token_free(&token);
}

static void
a_key_whose_attributes_changed_is_refused(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = read_key(token, key);
	CK_OBJECT_HANDLE handle = key->handle;
	struct sg_err err = {0};
	int fact;

	(void)state;
	key->handle = 900;
	for (fact = 0; fact < SG_KEY_FACT_COUNT; fact++) {
		CK_ATTRIBUTE_TYPE type =
		    sg_object_fact_type((enum sg_key_fact)fact);
		struct fake_value *value = fake_value(key, type);

		if (value == NULL)
			continue;
		value->bytes[0] ^= 1;
		assert_int_equal(
		    sg_search_again(sg_token_p11(token), object, &err),
		    SG_E_POLICY);
		assert_int_equal(object->handle, handle);
		value->bytes[0] ^= 1;
	}
	assert_int_equal(
	    sg_search_again(sg_token_p11(token), object, NULL), SG_OK);
	assert_int_equal(object->handle, 900);
	sg_token_free(&token);
}

static void
a_search_goes_on_when_the_session_was_lost(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	struct sg_object *object = NULL;

	(void)state;
	fake_lose_sessions();
	assert_int_equal(sg_search_token(token, NULL, &object, NULL), SG_OK);
	assert_int_equal(object->handle, key->handle);
	sg_object_free(&object);
	key->handle = 0;
	assert_int_equal(
	    sg_search_token(token, NULL, &object, NULL), SG_E_NOT_FOUND);
	assert_null(object);
	sg_token_free(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(a_key_is_found_by_template_and_never_by_listing),
	    FAKE_TEST(public_keys_are_not_found),
	    FAKE_TEST(an_absent_key_is_told_with_what_was_asked),
	    FAKE_TEST(an_ambiguous_key_is_told_as_uris_that_find_each),
	    FAKE_TEST(a_crowd_of_keys_is_told_in_part_and_says_so),
	    FAKE_TEST(long_names_do_not_crowd_out_the_error),
	    FAKE_TEST(a_uri_of_another_class_is_refused),
	    FAKE_TEST(a_key_is_found_again_by_its_id_and_label),
	    FAKE_TEST(
		a_key_that_is_no_longer_there_or_alone_is_not_found_again),
	    FAKE_TEST(another_key_in_its_place_is_not_taken_for_it),
	    FAKE_TEST(a_key_whose_attributes_changed_is_refused),
	    FAKE_TEST(a_search_goes_on_when_the_session_was_lost),
	};

	return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
