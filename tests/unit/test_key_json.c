/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/key_json.h"

#include <p11-kit/pkcs11.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "pkcs11/policy.h"
#include "tests/unit/fake_key.h"

typedef enum sg_rc writer(
    struct sg_jsonw *w, const struct sg_key_info *key, struct sg_err *err);

static struct sg_json *
written(const struct sg_key_info *key, writer *write)
{
	SG_AUTO(sg_buf) text = sg_buf_new(65536);
	struct sg_jsonw w = {.out = text};
	struct sg_json *json = NULL;

	sg_jsonw_object(&w, NULL);
	assert_int_equal(write(&w, key, NULL), SG_OK);
	sg_jsonw_object_end(&w);
	assert_int_equal(sg_jsonw_check(&w, "a key", NULL), SG_OK);
	assert_int_equal(
	    sg_json_parse(text->data, text->len, &json, NULL), SG_OK);
	return json;
}

static struct sg_key_info
good_key(void)
{
	struct sg_key_info info = {.uri = "pkcs11:", .label = "uat"};

	fake_key_keeps_policy(&info);
	return info;
}

static void
name_is_written(void **state)
{
	struct sg_key_info key = good_key();
	SG_AUTO(sg_json) json = NULL;
	int64_t bits = 0;

	(void)state;
	key.id = (const uint8_t *)"\x0a\xff";
	key.id_len = 2;
	json = written(&key, sg_key_json_name);
	assert_string_equal(sg_json_get_text(json, "uri"), "pkcs11:");
	assert_string_equal(sg_json_get_text(json, "label"), "uat");
	assert_string_equal(sg_json_get_text(json, "id"), "0aff");
	assert_string_equal(sg_json_get_text(json, "type"), "RSA");
	assert_true(sg_json_int(sg_json_get(json, "bits"), &bits));
	assert_int_equal(bits, 2048);
}

static void
check_same(const struct sg_key_info *key)
{
	SG_AUTO(sg_json) json = written(key, sg_key_json_answers);
	struct sg_key_info read = {0};

	assert_int_equal(sg_key_json_read(json, &read, NULL), SG_OK);
	assert_memory_equal(read.facts, key->facts, sizeof(read.facts));
	assert_int_equal(read.mechanisms_told, key->mechanisms_told);
	assert_int_equal(
	    read.mechanisms_unreadable, key->mechanisms_unreadable);
	assert_int_equal(read.mechanism_count, key->mechanism_count);
	assert_memory_equal(
	    read.mechanisms, key->mechanisms, sizeof(read.mechanisms));
}

static void
answers_are_read_back_as_they_were(void **state)
{
	struct sg_key_info key = good_key();

	(void)state;
	check_same(&key);
	key.facts[SG_KEY_LOCAL] = SG_FACT_UNKNOWN;
	key.facts[SG_KEY_DERIVE] = SG_FACT_YES;
	key.mechanisms_told = true;
	check_same(&key);
	key.mechanisms[0] = CKM_RSA_PKCS;
	key.mechanisms[1] = CKM_VENDOR_DEFINED | 7;
	key.mechanism_count = 2;
	check_same(&key);
	key = good_key();
	key.mechanisms_unreadable = true;
	check_same(&key);
}

static void
each_row_has_its_verdict(void **state)
{
	struct sg_key_info key = good_key();
	SG_AUTO(sg_json) json = NULL;
	const struct sg_json *rows;
	bool keeps = true;
	size_t i;

	(void)state;
	key.facts[SG_KEY_LOCAL] = SG_FACT_UNKNOWN;
	key.facts[SG_KEY_DERIVE] = SG_FACT_YES;
	json = written(&key, sg_key_json_policy);
	assert_true(sg_json_bool(sg_json_get(json, "keepsPolicy"), &keeps));
	assert_false(keeps);
	rows = sg_json_get(json, "policy");
	assert_int_equal(sg_json_count(rows), sg_policy_row_count);
	for (i = 0; i < sg_policy_row_count; i++) {
		const struct sg_json *row = sg_json_at(rows, i);
		const char *name = sg_json_get_text(row, "attribute");
		const char *wanted = "pass";

		if (strcmp(name, "CKA_LOCAL") == 0 ||
		    strcmp(name, "CKA_ALLOWED_MECHANISMS") == 0)
			wanted = "unknown";
		if (strcmp(name, "CKA_DERIVE") == 0)
			wanted = "FAIL";
		assert_string_equal(sg_json_get_text(row, "verdict"), wanted);
	}
}

static void
what_is_no_answer_is_refused(void **state)
{
	static const char *const texts[] = {
	    "{\"attributes\":{\"CKA_LOCAL\":\"true\"}}",
	    "{\"allowedMechanisms\":\"none\"}",
	    "{\"allowedMechanisms\":{}}",
	    "{\"allowedMechanisms\":[1]}",
	    "{\"allowedMechanisms\":[\"0x-1\"]}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++) {
		struct sg_key_info info = {0};
		SG_AUTO(sg_json) json = NULL;

		assert_int_equal(
		    sg_json_parse(texts[i], strlen(texts[i]), &json, NULL),
		    SG_OK);
		assert_int_equal(
		    sg_key_json_read(json, &info, NULL), SG_E_INVALID);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(name_is_written),
	    cmocka_unit_test(answers_are_read_back_as_they_were),
	    cmocka_unit_test(each_row_has_its_verdict),
	    cmocka_unit_test(what_is_no_answer_is_refused),
	};

	return cmocka_run_group_tests_name("key_json", tests, NULL, NULL);
}
