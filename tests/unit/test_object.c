/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/object.h"

#include "pkcs11/search.h"
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
a_key_is_read_in_one_call(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = read_key(token, key);
	const struct sg_key_info *info = &object->info;

	(void)state;
	assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 1);
	assert_int_equal(fake->calls[FAKE_FIND_INIT], 0);
	assert_string_equal(info->label, "uat");
	assert_int_equal(info->id_len, 2);
	assert_memory_equal(info->id, fake_id, 2);
	assert_string_equal(info->type, "RSA");
	assert_int_equal(info->bits, 2048);
	assert_int_equal(info->rsa.n_len, 256);
	assert_int_equal(info->rsa.n[0], 0xc5);
	assert_int_equal(info->rsa.e_len, 3);
	assert_memory_equal(info->rsa.e, "\1\0\1", 3);
	assert_false(info->rsa_is_unproven);
	assert_string_equal(info->uri,
	    "pkcs11:serial=0001;token=dev;id=%0A%0B;object=uat;type=private");
	sg_token_free(&token);
}

static void
a_key_without_mechanisms_costs_no_more(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = NULL;

	(void)state;
	fake_drop(key, CKA_ALLOWED_MECHANISMS);
	object = read_key(token, key);
	assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 1);
	assert_false(object->info.mechanisms_told);
	assert_false(object->info.mechanisms_unreadable);
	sg_token_free(&token);
}

static void
each_fact_is_that_of_its_own_attribute(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	int fact;
	int other;

	(void)state;
	for (fact = 0; fact < SG_KEY_FACT_COUNT; fact++) {
		SG_AUTO(sg_object) object = NULL;

		for (other = 0; other < SG_KEY_FACT_COUNT; other++)
			fake_put_flag(key,
			    sg_object_fact_type((enum sg_key_fact)other),
			    other == fact);
		object = read_key(token, key);
		for (other = 0; other < SG_KEY_FACT_COUNT; other++)
			assert_int_equal(object->info.facts[other],
			    other == fact ? SG_FACT_YES : SG_FACT_NO);
	}
	sg_token_free(&token);
}

static void
a_fact_has_the_number_and_name_of_the_standard(void **state)
{
	static const struct {
		enum sg_key_fact fact;
		CK_ATTRIBUTE_TYPE type;
		const char *name;
	} rows[] = {
	    {SG_KEY_TOKEN, 0x001, "CKA_TOKEN"},
	    {SG_KEY_PRIVATE, 0x002, "CKA_PRIVATE"},
	    {SG_KEY_SENSITIVE, 0x103, "CKA_SENSITIVE"},
	    {SG_KEY_DECRYPT, 0x105, "CKA_DECRYPT"},
	    {SG_KEY_UNWRAP, 0x107, "CKA_UNWRAP"},
	    {SG_KEY_SIGN, 0x108, "CKA_SIGN"},
	    {SG_KEY_SIGN_RECOVER, 0x109, "CKA_SIGN_RECOVER"},
	    {SG_KEY_DERIVE, 0x10c, "CKA_DERIVE"},
	    {SG_KEY_EXTRACTABLE, 0x162, "CKA_EXTRACTABLE"},
	    {SG_KEY_LOCAL, 0x163, "CKA_LOCAL"},
	    {SG_KEY_NEVER_EXTRACTABLE, 0x164, "CKA_NEVER_EXTRACTABLE"},
	    {SG_KEY_ALWAYS_SENSITIVE, 0x165, "CKA_ALWAYS_SENSITIVE"},
	    {SG_KEY_MODIFIABLE, 0x170, "CKA_MODIFIABLE"},
	    {SG_KEY_ALWAYS_AUTHENTICATE, 0x202, "CKA_ALWAYS_AUTHENTICATE"},
	};
	size_t i;

	(void)state;
	assert_int_equal(SG_COUNT(rows), SG_KEY_FACT_COUNT);
	for (i = 0; i < SG_COUNT(rows); i++) {
		assert_int_equal(
		    sg_object_fact_type(rows[i].fact), rows[i].type);
		assert_string_equal(
		    sg_key_fact_name(rows[i].fact), rows[i].name);
	}
}

static void
what_the_token_does_not_say_is_unknown(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = NULL;

	(void)state;
	fake_drop(key, CKA_SENSITIVE);
	fake_put(key, CKA_EXTRACTABLE, "", 0);
	fake_put(key, CKA_MODIFIABLE, "\x02", 1); /* no boolean */
	fake_put(key, CKA_DERIVE, "\xff", 1);
	fake_drop(key, CKA_LABEL);
	fake_drop(key, CKA_ID);
	object = read_key(token, key);
	assert_int_equal(object->info.facts[SG_KEY_SENSITIVE], SG_FACT_UNKNOWN);
	assert_int_equal(
	    object->info.facts[SG_KEY_EXTRACTABLE], SG_FACT_UNKNOWN);
	assert_int_equal(
	    object->info.facts[SG_KEY_MODIFIABLE], SG_FACT_UNKNOWN);
	assert_int_equal(object->info.facts[SG_KEY_DERIVE], SG_FACT_UNKNOWN);
	assert_int_equal(object->info.facts[SG_KEY_SIGN], SG_FACT_YES);
	assert_string_equal(object->info.label, "");
	assert_int_equal(object->info.id_len, 0);
	assert_string_equal(
	    object->info.uri, "pkcs11:serial=0001;token=dev;type=private");
	sg_token_free(&token);
}

static void
check_mechanisms(struct sg_token *token, const struct fake_object *key,
    size_t count, bool told, bool unreadable)
{
	SG_AUTO(sg_object) object = read_key(token, key);

	assert_int_equal(object->info.mechanism_count, count);
	assert_int_equal(object->info.mechanisms_told, told);
	assert_int_equal(object->info.mechanisms_unreadable, unreadable);
}

/* A list that nobody read limits the key to nobody knows what. */
static void
a_list_of_mechanisms_that_cannot_be_read_is_not_none(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	CK_MECHANISM_TYPE list[SG_MECHANISMS_MAX + 1] = {CKM_RSA_PKCS};

	(void)state;
	check_mechanisms(token, key, 0, true, false);
	fake_put(key, CKA_ALLOWED_MECHANISMS, list, sizeof(list[0]) * 128);
	check_mechanisms(token, key, 128, true, false);
	fake_put(key, CKA_ALLOWED_MECHANISMS, list, sizeof(list));
	check_mechanisms(token, key, 0, false, true);
	fake_put(key, CKA_ALLOWED_MECHANISMS, list, sizeof(list[0]) + 1);
	check_mechanisms(token, key, 0, false, true);
	fake_put(key, CKA_ALLOWED_MECHANISMS, list, sizeof(list[0]));
	fake->lie_type = CKA_ALLOWED_MECHANISMS;
	fake->lie_len = sizeof(list);
	check_mechanisms(token, key, 0, false, true);
	fake->lie_len = 0;
	/* Also where the answer to the batch may be about another. */
	fake_drop(key, CKA_MODIFIABLE);
	check_mechanisms(token, key, 1, true, false);
	fake_put(key, CKA_ALLOWED_MECHANISMS, list, sizeof(list));
	check_mechanisms(token, key, 0, false, true);
	fake_drop(key, CKA_ALLOWED_MECHANISMS);
	check_mechanisms(token, key, 0, false, false);
	sg_token_free(&token);
}

static void
leading_zeros_are_no_part_of_a_number(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = NULL;
	uint8_t modulus[258] = {0, 0, 0x12};

	(void)state;
	fake_put(key, CKA_MODULUS, modulus, sizeof(modulus));
	fake_put(key, CKA_PUBLIC_EXPONENT, "\0\0\0\0\0\1\0\1", 8);
	object = read_key(token, key);
	assert_int_equal(object->info.rsa.n_len, 256);
	assert_int_equal(object->info.rsa.n[0], 0x12);
	assert_int_equal(object->info.rsa.e_len, 3);
	assert_int_equal(object->info.bits, 2045);
	sg_token_free(&token);
}

static void
a_label_is_made_fit_to_print_and_kept_in_the_uri(void **state)
{
	static const struct {
		const char *label;
		size_t len;
		const char *text;
	} rows[] = {
	    {"gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f"},
	    {"a\033[2Jb", 6, "a?[2Jb"},
	    {"a\0b", 3, "a?b"},
	    {"caf\xe9", 4, "caf?"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct fake_object *key;
		struct sg_token *token;
		SG_AUTO(sg_object) object = NULL;
		SG_AUTO(sg_uri) uri = NULL;
		CK_OBJECT_HANDLE found[2];
		CK_ULONG count = 0;

		(void)fake_set_up(NULL);
		key = fake_add_key("", fake_id, 2);
		fake_put(key, CKA_LABEL, rows[i].label, rows[i].len);
		token = fake_open(NULL);
		object = read_key(token, key);
		assert_string_equal(object->info.label, rows[i].text);
		uri = fake_uri(object->info.uri);
		assert_int_equal(sg_search_all(sg_token_p11(token), uri, found,
				     2, &count, NULL),
		    SG_OK);
		assert_int_equal(count, 1);
		sg_token_free(&token);
	}
}

static void
the_type_of_a_key_is_told(void **state)
{
	static const struct {
		CK_KEY_TYPE type;
		const char *name;
	} rows[] = {{CKK_RSA, "RSA"}, {CKK_EC, "EC"}, {CKK_DSA, "other"}};
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_object) object = NULL;

		fake_put(
		    key, CKA_KEY_TYPE, &rows[i].type, sizeof(rows[i].type));
		object = read_key(token, key);
		assert_string_equal(object->info.type, rows[i].name);
	}
	fake_drop(key, CKA_KEY_TYPE);
	{
		SG_AUTO(sg_object) object = read_key(token, key);

		assert_string_equal(object->info.type, "other");
	}
	sg_token_free(&token);
}

static void
the_public_object_helps_out_and_is_not_believed(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct fake_object *public =
	    fake_add_object(CKO_PUBLIC_KEY, "another", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	CK_ATTRIBUTE_TYPE missing[] = {CKA_MODULUS, CKA_PUBLIC_EXPONENT};
	size_t i;

	(void)state;
	fake_value(public, CKA_MODULUS)->bytes[0] = 0x81;
	for (i = 0; i < SG_COUNT(missing); i++) {
		SG_AUTO(sg_object) object = NULL;

		fake_drop(key, missing[i]);
		object = read_key(token, key);
		assert_int_equal(object->info.rsa.n_len, 256);
		assert_int_equal(object->info.rsa.n[0], 0x81);
		assert_int_equal(object->info.rsa.e_len, 3);
		assert_true(object->info.rsa_is_unproven);
	}
	sg_token_free(&token);
}

static void
two_public_objects_are_none(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = NULL;

	(void)state;
	(void)fake_add_object(CKO_PUBLIC_KEY, "a", fake_id, 2);
	(void)fake_add_object(CKO_PUBLIC_KEY, "b", fake_id, 2);
	fake_drop(key, CKA_MODULUS);
	object = read_key(token, key);
	assert_int_equal(object->info.rsa.n_len, 0);
	assert_int_equal(object->info.bits, 0);
	sg_token_free(&token);
}

/* An empty id would pair it with every key that has none. */
static void
a_key_without_id_has_no_public_object(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 0);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = NULL;

	(void)state;
	(void)fake_add_object(CKO_PUBLIC_KEY, "a", fake_id, 0);
	fake_drop(key, CKA_MODULUS);
	object = read_key(token, key);
	assert_int_equal(object->info.rsa.n_len, 0);
	assert_int_equal(fake->calls[FAKE_FIND_INIT], 0);
	sg_token_free(&token);
}

static void
a_key_of_another_type_has_no_public_object_looked_for(void **state)
{
	CK_KEY_TYPE type = CKK_EC;
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = NULL;

	(void)state;
	fake_put(key, CKA_KEY_TYPE, &type, sizeof(type));
	fake_drop(key, CKA_MODULUS);
	object = read_key(token, key);
	assert_int_equal(fake->calls[FAKE_FIND_INIT], 0);
	sg_token_free(&token);
}

static void
a_key_that_cannot_be_read_leaves_the_output_alone(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	struct sg_object *object = NULL;
	struct sg_err err = {0};

	(void)state;
	fake->faults[FAKE_GET_ATTRIBUTE_VALUE].rv = CKR_DEVICE_REMOVED;
	assert_int_equal(
	    sg_object_read(sg_token_p11(token), key->handle, &object, &err),
	    SG_E_TOKEN);
	assert_null(object);
	assert_int_equal(err.native, CKR_DEVICE_REMOVED);
	sg_token_free(&token);
}

static void
keys_of_a_twin_token_name_its_slot(void **state)
{
	struct fake_object *key;
	struct sg_token *token;
	SG_AUTO(sg_object) object = NULL;

	(void)state;
	(void)fake_add_slot(8, "dev", "0001");
	key = fake_add_key("uat", fake_id, 2);
	token = fake_open("pkcs11:slot-id=8");
	object = read_key(token, key);
	assert_non_null(strstr(object->info.uri, "slot-id=8"));
	sg_token_free(&token);
}

static void
free_leaves_null(void **state)
{
	struct sg_object *object = NULL;

	(void)state;
	sg_object_free(&object);
	sg_object_free(NULL);
	object = calloc(1, sizeof(*object));
	sg_object_free(&object);
	assert_null(object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(a_key_is_read_in_one_call),
	    FAKE_TEST(a_key_without_mechanisms_costs_no_more),
	    FAKE_TEST(each_fact_is_that_of_its_own_attribute),
	    FAKE_TEST(a_fact_has_the_number_and_name_of_the_standard),
	    FAKE_TEST(what_the_token_does_not_say_is_unknown),
	    FAKE_TEST(a_list_of_mechanisms_that_cannot_be_read_is_not_none),
	    FAKE_TEST(leading_zeros_are_no_part_of_a_number),
	    FAKE_TEST(a_label_is_made_fit_to_print_and_kept_in_the_uri),
	    FAKE_TEST(the_type_of_a_key_is_told),
	    FAKE_TEST(the_public_object_helps_out_and_is_not_believed),
	    FAKE_TEST(two_public_objects_are_none),
	    FAKE_TEST(a_key_without_id_has_no_public_object),
	    FAKE_TEST(a_key_of_another_type_has_no_public_object_looked_for),
	    FAKE_TEST(a_key_that_cannot_be_read_leaves_the_output_alone),
	    FAKE_TEST(keys_of_a_twin_token_name_its_slot),
	    FAKE_TEST(free_leaves_null),
	};

	return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}
