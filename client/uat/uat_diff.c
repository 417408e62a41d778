/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat/uat_diff.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "client/uat/uat_config.h"
#include "client/uat/uat_spec.h"
#include "signer/rsa.h"

#define DER_MAX 4096

static bool
is_same_text(const char *text, const char *other)
{
	if (text == NULL || other == NULL)
		return text == other;
	return strcmp(text, other) == 0;
}

static bool
has(const struct sg_list *list, const char *text)
{
	size_t i;

	for (i = 0; list != NULL && i < list->count; i++)
		if (strcasecmp(list->items[i], text) == 0)
			return true;
	return false;
}

static bool
holds_all(const struct sg_list *list, const struct sg_list *other)
{
	size_t i;

	for (i = 0; other != NULL && i < other->count; i++)
		if (!has(list, other->items[i]))
			return false;
	return true;
}

static bool
is_same_set(const struct sg_list *list, const struct sg_list *other)
{
	return holds_all(list, other) && holds_all(other, list);
}

/* Where a key is none that we can read: text without its white space. */
static bool
is_same_but_for_space(const char *text, const char *other)
{
	for (;;) {
		while (isspace((unsigned char)*text))
			text++;
		while (isspace((unsigned char)*other))
			other++;
		if (*text != *other)
			return false;
		if (*text == '\0')
			return true;
		text++;
		other++;
	}
}

static bool
read_der(const char *pem, struct sg_buf *der)
{
	SG_AUTO(sg_rsa) rsa = NULL;

	return sg_rsa_from_pem(pem, strlen(pem), &rsa, NULL) == SG_OK &&
	       sg_rsa_to_der(rsa, der, NULL) == SG_OK &&
	       sg_buf_check(der, "a key", NULL) == SG_OK;
}

bool
sg_uat_diff_same_key(const char *pem, const char *other)
{
	SG_AUTO(sg_buf) a = sg_buf_new(DER_MAX);
	SG_AUTO(sg_buf) b = sg_buf_new(DER_MAX);

	if (pem == NULL || other == NULL)
		return pem == other;
	if (!read_der(pem, a) || !read_der(other, b))
		return is_same_but_for_space(pem, other);
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static bool
has_key_of(const struct sg_uat_spec *spec, const struct sg_uat_config *config)
{
	if (spec->jwks_uri != NULL)
		return is_same_text(spec->jwks_uri, config->jwks_uri);
	return config->jwks_uri == NULL &&
	       sg_uat_diff_same_key(
		   spec->public_key_pem, config->public_key_active);
}

unsigned int
sg_uat_diff(const struct sg_uat_spec *spec, const struct sg_uat_config *config)
{
	unsigned int parts = 0;

	if (!is_same_text(spec->name, config->name))
		parts |= SG_UAT_PART_NAME;
	if (!has_key_of(spec, config))
		parts |= SG_UAT_PART_KEY;
	if (!is_same_text(spec->issuer, config->issuer))
		parts |= SG_UAT_PART_ISSUER;
	if (!is_same_text(spec->username_claim, config->username_claim))
		parts |= SG_UAT_PART_CLAIM;
	if (!is_same_set(spec->resource_ids, &config->resource_ids))
		parts |= SG_UAT_PART_RESOURCES;
	if (!is_same_set(spec->scopes, &config->scopes))
		parts |= SG_UAT_PART_SCOPES;
	if (spec->enabled != config->enabled)
		parts |= SG_UAT_PART_ENABLED;
	return parts;
}

void
sg_uat_diff_add(unsigned int parts, struct sg_buf *out)
{
	static const char *const names[] = {"name", "key", "issuer",
	    "username claim", "resources", "scopes", "enabled or not"};
	const char *before = "";
	size_t i;

	for (i = 0; i < SG_COUNT(names); i++) {
		if ((parts & (1U << i)) == 0)
			continue;
		sg_buf_addf(out, "%s%s", before, names[i]);
		before = ", ";
	}
}

/* The service writes null, "" and nothing at all for the same. */
static bool
is_nothing(const struct sg_json *value)
{
	const char *text = sg_json_text(value);

	return value == NULL || sg_json_is_null(value) ||
	       (text != NULL && *text == '\0');
}

static bool
array_has(const struct sg_json *array, const struct sg_json *value)
{
	size_t i;

	for (i = 0; i < sg_json_count(array); i++)
		if (sg_json_equal(sg_json_at(array, i), value))
			return true;
	return false;
}

static bool
array_has_all(const struct sg_json *array, const struct sg_json *other)
{
	size_t i;

	for (i = 0; i < sg_json_count(other); i++)
		if (!array_has(array, sg_json_at(other, i)))
			return false;
	return true;
}

static bool
is_same_member(const struct sg_json *a, const struct sg_json *b)
{
	if (is_nothing(a) || is_nothing(b))
		return is_nothing(a) && is_nothing(b);
	if (sg_json_is_array(a) && sg_json_is_array(b))
		return array_has_all(a, b) && array_has_all(b, a);
	return sg_json_equal(a, b);
}

/* What says whom the configuration lets in. A service may show more, such as
 * when it was last used, and that moves by itself. */
static const char *const judged[] = {"name", "issuer", "publicKey",
    "publicKeyActive", "jwksUri", "usernameClaim", "resourceIds", "scopes",
    "enabled"};

bool
sg_uat_diff_unchanged(const struct sg_json *before, const struct sg_json *after)
{
	size_t i;

	for (i = 0; i < SG_COUNT(judged); i++)
		if (!is_same_member(sg_json_get(before, judged[i]),
			sg_json_get(after, judged[i])))
			return false;
	return true;
}

/* What was sent as publicKey is shown as publicKeyActive. */
static bool
key_arrived(const char *pem, const struct sg_json *shown)
{
	const char *active = sg_json_get_text(shown, "publicKeyActive");

	if (active == NULL)
		active = sg_json_get_text(shown, "publicKey");
	return active == NULL || sg_uat_diff_same_key(pem, active);
}

bool
sg_uat_diff_arrived(const struct sg_json *sent, const struct sg_json *shown,
    const char **out_part)
{
	size_t i;

	for (i = 0; i < SG_COUNT(judged); i++) {
		const struct sg_json *value = sg_json_get(sent, judged[i]);
		const struct sg_json *got = sg_json_get(shown, judged[i]);
		bool arrived = value == NULL || got == NULL;

		if (value != NULL && strcmp(judged[i], "publicKey") == 0)
			arrived = key_arrived(sg_json_text(value), shown);
		else if (!arrived)
			arrived = is_same_member(value, got);
		if (!arrived) {
			*out_part = judged[i];
			return false;
		}
	}
	return true;
}
