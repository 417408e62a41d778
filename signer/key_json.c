/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/key_json.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "pkcs11/key.h"
#include "pkcs11/policy.h"

#define ANSWER_MAX 8192

static const char unreadable[] = "unreadable";

enum sg_rc
sg_key_json_name(
    struct sg_jsonw *w, const struct sg_key_info *key, struct sg_err *err)
{
	SG_AUTO(sg_buf) id = sg_buf_new(ANSWER_MAX);
	enum sg_rc rc;

	sg_hex_encode(id, key->id, key->id_len);
	rc = sg_buf_check(id, "a key id", err);
	if (rc != SG_OK)
		return rc;
	sg_jsonw_str(w, "uri", key->uri);
	sg_jsonw_str(w, "label", key->label);
	sg_jsonw_str(w, "id", sg_buf_str(id));
	sg_jsonw_str(w, "type", key->type);
	sg_jsonw_int(w, "bits", (int64_t)key->bits);
	return SG_OK;
}

static void
write_facts(struct sg_jsonw *w, const struct sg_key_info *key)
{
	size_t i;

	sg_jsonw_object(w, "attributes");
	for (i = 0; i < SG_KEY_FACT_COUNT; i++) {
		const char *name = sg_key_fact_name((enum sg_key_fact)i);

		if (key->facts[i] == SG_FACT_UNKNOWN)
			sg_jsonw_str(w, name, NULL);
		else
			sg_jsonw_bool(w, name, key->facts[i] == SG_FACT_YES);
	}
	sg_jsonw_object_end(w);
}

enum sg_rc
sg_key_json_answers(
    struct sg_jsonw *w, const struct sg_key_info *key, struct sg_err *err)
{
	static const char list[] = "allowedMechanisms";
	SG_AUTO(sg_buf) name = sg_buf_new(ANSWER_MAX);
	size_t i;

	write_facts(w, key);
	if (!key->mechanisms_told) {
		sg_jsonw_str(
		    w, list, key->mechanisms_unreadable ? unreadable : NULL);
		return SG_OK;
	}
	sg_jsonw_array(w, list);
	for (i = 0; i < key->mechanism_count; i++) {
		sg_buf_reset(name);
		sg_policy_add_mechanism(name, key->mechanisms[i]);
		sg_jsonw_str(w, NULL, sg_buf_str(name));
	}
	sg_jsonw_array_end(w);
	return sg_buf_check(name, "a mechanism", err);
}

enum sg_rc
sg_key_json_policy(
    struct sg_jsonw *w, const struct sg_key_info *key, struct sg_err *err)
{
	SG_AUTO(sg_buf) answer = sg_buf_new(ANSWER_MAX);
	size_t i;

	sg_jsonw_bool(w, "keepsPolicy", sg_policy_broken(key) == 0);
	sg_jsonw_array(w, "policy");
	for (i = 0; i < sg_policy_row_count; i++) {
		const struct sg_policy_row *row = &sg_policy_rows[i];

		sg_buf_reset(answer);
		sg_policy_add_answer(answer, row, key);
		sg_jsonw_object(w, NULL);
		sg_jsonw_str(w, "rule", sg_policy_rule_name(row->rule));
		sg_jsonw_str(w, "text", sg_policy_rule_text(row->rule));
		sg_jsonw_str(w, "attribute", sg_policy_attribute(row));
		sg_jsonw_str(w, "wanted", sg_policy_wanted(row));
		sg_jsonw_str(w, "answer", sg_buf_str(answer));
		sg_jsonw_str(w, "verdict",
		    sg_policy_verdict_text(sg_policy_verdict(row, key)));
		sg_jsonw_object_end(w);
	}
	sg_jsonw_array_end(w);
	return sg_buf_check(answer, "what the token answered", err);
}

static enum sg_rc
read_facts(
    const struct sg_json *key, struct sg_key_info *info, struct sg_err *err)
{
	const struct sg_json *facts = sg_json_get(key, "attributes");
	size_t i;

	for (i = 0; i < SG_KEY_FACT_COUNT; i++) {
		const char *name = sg_key_fact_name((enum sg_key_fact)i);
		const struct sg_json *told = sg_json_get(facts, name);
		bool value = false;

		if (told == NULL || sg_json_is_null(told))
			continue;
		if (!sg_json_bool(told, &value))
			return sg_fail(
			    err, SG_E_INVALID, "its %s is no boolean", name);
		info->facts[i] = value ? SG_FACT_YES : SG_FACT_NO;
	}
	return SG_OK;
}

static enum sg_rc
read_mechanisms(
    const struct sg_json *key, struct sg_key_info *info, struct sg_err *err)
{
	const struct sg_json *list = sg_json_get(key, "allowedMechanisms");
	size_t i;

	if (list == NULL || sg_json_is_null(list))
		return SG_OK;
	if (sg_json_text(list) != NULL &&
	    strcmp(sg_json_text(list), unreadable) == 0) {
		info->mechanisms_unreadable = true;
		return SG_OK;
	}
	if (!sg_json_is_array(list) || sg_json_count(list) > SG_MECHANISMS_MAX)
		return sg_fail(err, SG_E_INVALID,
		    "its allowedMechanisms is no list of mechanisms");
	info->mechanisms_told = true;
	for (i = 0; i < sg_json_count(list); i++) {
		const char *text = sg_json_text(sg_json_at(list, i));

		if (text == NULL ||
		    !sg_policy_read_mechanism(text, &info->mechanisms[i]))
			return sg_fail(err, SG_E_INVALID,
			    "its allowedMechanisms holds what is none");
	}
	info->mechanism_count = i;
	return SG_OK;
}

enum sg_rc
sg_key_json_read(
    const struct sg_json *key, struct sg_key_info *info, struct sg_err *err)
{
	enum sg_rc rc;

	rc = read_facts(key, info, err);
	return rc == SG_OK ? read_mechanisms(key, info, err) : rc;
}
