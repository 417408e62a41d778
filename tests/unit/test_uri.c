/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fake_token.h"

#define LONGEST 256

static CK_TOKEN_INFO
token_called(const char *label)
{
	CK_TOKEN_INFO info;

	memset(&info, 0, sizeof(info));
	fake_pad(info.label, sizeof(info.label), label);
	fake_pad(info.serialNumber, sizeof(info.serialNumber), "0001");
	return info;
}

/* Write a key's URI and read it again: the same bytes must come out. */
static void
check_round_trip(
    const uint8_t *id, size_t id_len, const uint8_t *label, size_t label_len)
{
	CK_TOKEN_INFO info = token_called("dev");
	uint8_t id_copy[LONGEST];
	uint8_t label_copy[LONGEST];
	struct sg_uri_key key = {
	    .object_class = CKO_PRIVATE_KEY,
	    .id = id_copy,
	    .id_len = id_len,
	    .label = label_copy,
	    .label_len = label_len,
	};
	SG_AUTO(sg_uri) uri = NULL;
	SG_AUTO_STR text = NULL;
	struct sg_err err = {0};
	CK_ATTRIBUTE *attr;

	memcpy(id_copy, id, id_len);
	memcpy(label_copy, label, label_len);
	assert_int_equal(sg_uri_format(&info, NULL, &key, &text, &err), SG_OK);
	if (sg_uri_parse(text, &uri, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
	assert_int_equal(
	    p11_kit_uri_match_token_info(sg_uri_p11(uri), &info), 1);
	attr = p11_kit_uri_get_attribute(sg_uri_p11(uri), CKA_ID);
	assert_non_null(attr);
	assert_int_equal(attr->ulValueLen, id_len);
	assert_memory_equal(attr->pValue, id, id_len);
	attr = p11_kit_uri_get_attribute(sg_uri_p11(uri), CKA_LABEL);
	assert_non_null(attr);
	assert_int_equal(attr->ulValueLen, label_len);
	assert_memory_equal(attr->pValue, label, label_len);
	attr = p11_kit_uri_get_attribute(sg_uri_p11(uri), CKA_CLASS);
	assert_non_null(attr);
	assert_int_equal(
	    *(const CK_OBJECT_CLASS *)attr->pValue, CKO_PRIVATE_KEY);
}

static void
every_byte_of_an_id_comes_back(void **state)
{
	static const uint8_t label[] = "uat";
	uint8_t id[256];
	int i;

	(void)state;
	for (i = 0; i < 256; i++) {
		id[0] = (uint8_t)i;
		check_round_trip(id, 1, label, 3);
	}
	for (i = 0; i < 256; i++)
		id[i] = (uint8_t)i;
	check_round_trip(id, sizeof(id), label, 3);
}

static void
every_byte_of_a_label_comes_back(void **state)
{
	static const char *const odd[] = {"a b", "a;b", "a&b", "a?b", "a=b",
	    "pkcs11:", "100%", "%00", "%", "pin-value=1", "a/b", "\"", " ", "+",
	    "gr\xc3\xbc\xc3\x9f"};
	static const uint8_t id[] = {1};
	uint8_t label[256];
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(odd); i++)
		check_round_trip(
		    id, 1, (const uint8_t *)odd[i], strlen(odd[i]));
	for (i = 0; i < 256; i++) {
		label[0] = (uint8_t)i;
		check_round_trip(id, 1, label, 1);
	}
	for (i = 0; i < 256; i++)
		label[i] = (uint8_t)i;
	check_round_trip(id, 1, label, sizeof(label));
}

static void
odd_token_labels_find_their_token_and_no_other(void **state)
{
	static const char *const odd[] = {"dev", "a b", "a;b", "a&b=c", "100%",
	    "%00", "?", "gr\xc3\xbc\xc3\x9f", " leading",
	    "thirty-two bytes, all are in use"};
	CK_TOKEN_INFO other = token_called("other");
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(odd); i++) {
		CK_TOKEN_INFO info = token_called(odd[i]);
		SG_AUTO(sg_uri) uri = NULL;
		SG_AUTO_STR text = NULL;

		assert_int_equal(
		    sg_uri_format(&info, NULL, NULL, &text, NULL), SG_OK);
		uri = fake_uri(text);
		assert_int_equal(
		    p11_kit_uri_match_token_info(sg_uri_p11(uri), &info), 1);
		assert_int_equal(
		    p11_kit_uri_match_token_info(sg_uri_p11(uri), &other), 0);
	}
}

static void
the_text_is_that_of_rfc_7512(void **state)
{
	CK_TOKEN_INFO info = token_called("dev");
	uint8_t id[] = {0x00, 0x41, 0xff};
	uint8_t label[] = "my key";
	const struct sg_uri_key key = {CKO_PRIVATE_KEY, id, 3, label, 6};
	CK_SLOT_ID slot = 12;
	SG_AUTO_STR token_text = NULL;
	SG_AUTO_STR key_text = NULL;

	(void)state;
	assert_int_equal(
	    sg_uri_format(&info, NULL, NULL, &token_text, NULL), SG_OK);
	assert_string_equal(token_text, "pkcs11:serial=0001;token=dev");
	assert_int_equal(
	    sg_uri_format(&info, &slot, &key, &key_text, NULL), SG_OK);
	assert_non_null(strstr(key_text, "id=%00%41%FF"));
	assert_non_null(strstr(key_text, "object=my%20key"));
	assert_non_null(strstr(key_text, "type=private"));
	assert_non_null(strstr(key_text, "slot-id=12"));
	assert_null(strstr(key_text, "manufacturer"));
}

static void
an_empty_field_is_left_out(void **state)
{
	CK_TOKEN_INFO info = token_called("");
	uint8_t none[1] = {0};
	const struct sg_uri_key key = {CKO_PRIVATE_KEY, none, 0, none, 0};
	SG_AUTO_STR text = NULL;

	(void)state;
	assert_int_equal(sg_uri_format(&info, NULL, &key, &text, NULL), SG_OK);
	assert_string_equal(text, "pkcs11:serial=0001;type=private");
}

static void
what_must_not_be_in_a_uri_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *text;
		const char *reason;
	} rows[] = {
	    {"", "pkcs11:token=dev"},
	    {"token=dev", "named by a PKCS#11 URI"},
	    {"file:/etc/passwd", "named by a PKCS#11 URI"},
	    {"pkcs11", "named by a PKCS#11 URI"},
	    {"pkcs11:pin-value=1234", "pin-value"},
	    {"pkcs11:token=dev?pin-value=1234", "pin-value"},
	    {"pkcs11:token=dev?pin-source=file:/p&pin-value=1", "pin-value"},
	    {"pkcs11:token=dev;token=dev", "\"token\" twice"},
	    {"pkcs11:object=a;id=%01;object=b", "\"object\" twice"},
	    {"pkcs11:a?module-path=/a&module-path=/b", "\"a\""},
	    {"pkcs11:?module-path=/a&module-path=/b", "twice"},
	    {"pkcs11:tokn=dev", "\"tokn\""},
	    {"pkcs11:token=dev;", NULL},
	    {"pkcs11:Token=dev", "\"Token\""},
	    {"pkcs11:x-vendor=1", "\"x-vendor\""},
	    {"pkcs11:token=dev?pin=1", "\"pin\""},
	    {"pkcs11:token=my dev", "blank"},
	    {"pkcs11:token=dev\n", "blank"},
	    {"pkcs11:token=\tdev", "blank"},
	    {"pkcs11:token=dev%00x", "NUL"},
	    {"pkcs11:serial=%00", "NUL"},
	    {"pkcs11:?module-path=/a%00b", "NUL"},
	    {"pkcs11:?pin-source=file:%00", "NUL"},
	    {"pkcs11:token=%zz", "cannot be read"},
	    {"pkcs11:token=%4", "cannot be read"},
	    {"pkcs11:type=bogus", "no token or key can have"},
	    {"pkcs11:serial=seventeen-letters", "no token or key can have"},
	    {"pkcs11:slot-id=x", "cannot be read"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_uri *uri = NULL;
		struct sg_err err = {0};

		if (rows[i].reason == NULL) {
			assert_int_equal(
			    sg_uri_parse(rows[i].text, &uri, &err), SG_OK);
			sg_uri_free(&uri);
			continue;
		}
		if (sg_uri_parse(rows[i].text, &uri, &err) != SG_E_USAGE)
			fail_msg("%s is not refused", rows[i].text);
		assert_null(uri);
		assert_int_equal(err.rc, SG_E_USAGE);
		if (strstr(err.text, rows[i].reason) == NULL)
			fail_msg("%s: %s", rows[i].text, err.text);
	}
}

static void
a_pin_in_a_uri_is_not_repeated(void **state)
{
	struct sg_uri *uri = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_uri_parse("pkcs11:token=dev?pin-value=831920", &uri, &err),
	    SG_E_USAGE);
	assert_null(strstr(err.text, "831920"));
}

static void
the_query_is_read(void **state)
{
	SG_AUTO(sg_uri)
	uri = fake_uri("PKCS11:token=dev?module-path=/usr/lib/"
		       "x.so&pin-source=file:/run/pin");
	SG_AUTO(sg_uri) none = fake_uri("pkcs11:");

	(void)state;
	assert_string_equal(sg_uri_module_path(uri), "/usr/lib/x.so");
	assert_string_equal(sg_uri_pin_source(uri), "file:/run/pin");
	assert_null(sg_uri_module_path(none));
	assert_null(sg_uri_pin_source(none));
}

static void
what_names_a_key_is_known(void **state)
{
	static const struct {
		const char *text;
		bool names_key;
	} rows[] = {
	    {"pkcs11:token=dev;object=a", true},
	    {"pkcs11:id=%00;token=dev", true},
	    {"pkcs11:token=dev;type=private?pin-source=file:/p", false},
	    {"pkcs11:", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_uri) uri = fake_uri(rows[i].text);

		assert_int_equal(sg_uri_names_key(uri), rows[i].names_key);
	}
}

static void
another_key_is_named_in_the_words_of_a_uri(void **state)
{
	static const char key[] =
	    "pkcs11:serial=9;token=other;id=%02%3b;object=b;type=private";
	static const struct {
		const char *text;
		const char *renamed;
	} rows[] = {
	    {"pkcs11:token=my%20dev;object=a;serial=1",
		"pkcs11:token=my%20dev;serial=1;id=%02%3b;object=b;"
		"type=private"},
	    {"PKCS11:id=%01;object=a;type=private;token=t?module-path=/id=1&"
	     "pin-source=file:/p",
		"pkcs11:token=t;id=%02%3b;object=b;type=private?module-path="
		"/id=1&pin-source=file:/p"},
	    {"pkcs11:", "pkcs11:id=%02%3b;object=b;type=private"},
	    {"pkcs11:;slot-id=4;", "pkcs11:slot-id=4;id=%02%3b;object=b;"
				   "type=private"},
	};
	struct sg_err err = {0};
	SG_AUTO_STR none = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO_STR text = NULL;

		assert_int_equal(
		    sg_uri_rename(rows[i].text, key, &text, &err), SG_OK);
		assert_string_equal(text, rows[i].renamed);
	}
	assert_int_equal(sg_uri_rename("no uri", key, &none, &err), SG_E_USAGE);
	sg_err_clear(&err);
	assert_int_equal(
	    sg_uri_rename("pkcs11:", "no uri", &none, &err), SG_E_USAGE);
	assert_null(none);
}

static void
free_leaves_null(void **state)
{
	struct sg_uri *uri = fake_uri("pkcs11:");

	(void)state;
	sg_uri_free(&uri);
	assert_null(uri);
	sg_uri_free(&uri);
	sg_uri_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_byte_of_an_id_comes_back),
	    cmocka_unit_test(every_byte_of_a_label_comes_back),
	    cmocka_unit_test(odd_token_labels_find_their_token_and_no_other),
	    cmocka_unit_test(the_text_is_that_of_rfc_7512),
	    cmocka_unit_test(an_empty_field_is_left_out),
	    cmocka_unit_test(
		what_must_not_be_in_a_uri_is_refused_with_the_reason),
	    cmocka_unit_test(a_pin_in_a_uri_is_not_repeated),
	    cmocka_unit_test(the_query_is_read),
	    cmocka_unit_test(what_names_a_key_is_known),
	    cmocka_unit_test(another_key_is_named_in_the_words_of_a_uri),
	    cmocka_unit_test(free_leaves_null),
	};

	return cmocka_run_group_tests_name("uri", tests, NULL, NULL);
}
