/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/published.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "signer/jwk.h"
#include "signer/jwks.h"
#include "signer/rsa.h"

/* The keys are parts of the texts that they came in. */
struct sg_published {
	struct sg_json **texts;
	size_t text_count;
	const struct sg_json **keys;
	size_t count;
};

struct sg_published *
sg_published_new(void)
{
	return calloc(1, sizeof(struct sg_published));
}

void
sg_published_free(struct sg_published **set)
{
	size_t i;

	if (set == NULL || *set == NULL)
		return;
	for (i = 0; i < (*set)->text_count; i++)
		sg_json_free(&(*set)->texts[i]);
	free((*set)->texts);
	free((*set)->keys);
	free(*set);
	*set = NULL;
}

/* Hold on to a text as long as the set lives. */
static enum sg_rc
keep_text(struct sg_published *set, struct sg_json **text, struct sg_err *err)
{
	struct sg_json **texts =
	    realloc(set->texts, (set->text_count + 1) * sizeof(*texts));

	if (texts == NULL)
		return sg_fail_nomem(err);
	set->texts = texts;
	set->texts[set->text_count++] = *text;
	*text = NULL; /* now the set's */
	return SG_OK;
}

static const char *
kid_of(const struct sg_json *key)
{
	const char *kid = sg_json_get_text(key, "kid");

	return kid != NULL ? kid : "";
}

/* Behind those with the same kid. */
static enum sg_rc
insert(struct sg_published *set, const struct sg_json *key, struct sg_err *err)
{
	const struct sg_json **keys;
	size_t place = set->count;

	if (set->count >= SG_JWKS_KEYS_MAX)
		return sg_fail(err, SG_E_INVALID,
		    "a JWK Set of more than %d keys", SG_JWKS_KEYS_MAX);
	keys = realloc(set->keys, (set->count + 1) * sizeof(*keys));
	if (keys == NULL)
		return sg_fail_nomem(err);
	set->keys = keys;
	while (place > 0 && strcmp(kid_of(keys[place - 1]), kid_of(key)) > 0)
		place--;
	memmove(&keys[place + 1], &keys[place],
	    (set->count - place) * sizeof(*keys));
	keys[place] = key;
	set->count++;
	return SG_OK;
}

/* By what RFC 7638 §3.2 takes for the key itself. */
static bool
is_same_key(const struct sg_json *a, const struct sg_json *b)
{
	static const char *const parts[] = {"kty", "n", "e", "crv", "x", "y"};
	size_t i;

	for (i = 0; i < SG_COUNT(parts); i++) {
		const struct sg_json *of_a = sg_json_get(a, parts[i]);
		const struct sg_json *of_b = sg_json_get(b, parts[i]);

		if (of_a == NULL || of_b == NULL ? of_a != of_b
						 : !sg_json_equal(of_a, of_b))
			return false;
	}
	return true;
}

static bool
is_same_kind(const struct sg_json *a, const struct sg_json *b)
{
	const char *kty_a = sg_json_get_text(a, "kty");
	const char *kty_b = sg_json_get_text(b, "kty");

	return kty_a != NULL && kty_b != NULL && strcmp(kty_a, kty_b) == 0;
}

/* Does one of these stand for it already? One text may give several keys the
 * same kid, and keys of other kinds may share it (RFC 7517 §4.5). */
static enum sg_rc
look_for(const struct sg_json *const *keys, size_t count,
    const struct sg_json *key, bool *out_known, struct sg_err *err)
{
	const char *kid = kid_of(key);
	bool is_taken = false;
	size_t i;

	*out_known = false;
	for (i = 0; i < count; i++) {
		bool has_kid =
		    kid[0] != '\0' && strcmp(kid_of(keys[i]), kid) == 0;

		if (sg_json_equal(keys[i], key) ||
		    (has_kid && is_same_key(keys[i], key)))
			*out_known = true;
		is_taken |= has_kid && is_same_kind(keys[i], key);
	}
	if (*out_known || !is_taken)
		return SG_OK;
	return sg_fail(err, SG_E_INVALID,
	    "the kid \"%s\" names another key in an earlier set; give one of "
	    "them another kid, or take out the one that is not used",
	    kid);
}

static enum sg_rc
check_key(const struct sg_json *key, struct sg_err *err)
{
	if (!sg_json_is_object(key))
		return sg_fail(err, SG_E_INVALID, "it is no object");
	if (sg_jwk_is_private(key))
		return sg_fail(err, SG_E_INVALID,
		    "the JWK holds a private key; publish its public half "
		    "only");
	return SG_OK;
}

static enum sg_rc
merge_keys(struct sg_published *set, const struct sg_json *keys,
    const struct sg_json *const *before, size_t count, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	bool is_known = false;
	size_t i;

	for (i = 0; rc == SG_OK && i < sg_json_count(keys); i++) {
		const struct sg_json *key = sg_json_at(keys, i);

		rc = check_key(key, err);
		if (rc == SG_OK)
			rc = look_for(before, count, key, &is_known, err);
		if (rc == SG_OK && !is_known)
			rc = insert(set, key, err);
		rc = sg_context(err, rc, "key %zu", i + 1);
	}
	return rc;
}

enum sg_rc
sg_published_merge(
    struct sg_published *set, const void *text, size_t len, struct sg_err *err)
{
	const struct sg_json *before[SG_JWKS_KEYS_MAX];
	SG_AUTO(sg_json) json = NULL;
	const struct sg_json *keys;
	size_t count = set->count;
	enum sg_rc rc;

	rc = sg_json_parse(text, len, &json, err);
	if (rc != SG_OK)
		return rc;
	keys = sg_json_get(json, "keys");
	if (!sg_json_is_array(keys))
		return sg_fail(err, SG_E_INVALID,
		    "not a JWK Set: it has no array \"keys\"");
	if (count > 0)
		memcpy(before, set->keys, count * sizeof(*before));
	rc = keep_text(set, &json, err);
	return rc == SG_OK ? merge_keys(set, keys, before, count, err) : rc;
}

/* "" for what is no RSA key. */
static void
thumbprint_of(
    const struct sg_json *key, bool for_rs256, char out[SG_THUMBPRINT_SIZE])
{
	SG_AUTO(sg_rsa) rsa = NULL;
	enum sg_rc rc;

	rc = for_rs256 ? sg_jwk_read(key, &rsa, NULL)
		       : sg_jwk_read_numbers(key, &rsa, NULL);
	if (rc == SG_OK)
		rc = sg_jwk_thumbprint(rsa, out, NULL);
	if (rc != SG_OK)
		out[0] = '\0';
}

bool
sg_published_has(const struct sg_published *set, const char *thumbprint)
{
	char seen[SG_THUMBPRINT_SIZE];
	size_t i;

	for (i = 0; i < set->count; i++) {
		if (strcmp(kid_of(set->keys[i]), thumbprint) != 0)
			continue;
		thumbprint_of(set->keys[i], true, seen);
		if (strcmp(seen, thumbprint) == 0)
			return true;
	}
	return false;
}

static enum sg_rc
make_key(const struct sg_rsa *rsa, struct sg_json **out_key, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = sg_buf_new(SG_JWKS_TEXT_MAX);
	char thumbprint[SG_THUMBPRINT_SIZE];
	struct sg_jsonw w = {.out = text};
	enum sg_rc rc;

	rc = sg_jwk_thumbprint(rsa, thumbprint, err);
	if (rc == SG_OK)
		rc = sg_jwk_write(&w, NULL, rsa, thumbprint, 0, err);
	if (rc == SG_OK)
		rc = sg_jsonw_check(&w, "a JWK", err);
	return rc == SG_OK ? sg_json_parse(text->data, text->len, out_key, err)
			   : rc;
}

enum sg_rc
sg_published_add(
    struct sg_published *set, const struct sg_rsa *rsa, struct sg_err *err)
{
	SG_AUTO(sg_json) text = NULL;
	const struct sg_json *key;
	enum sg_rc rc;
	size_t i;

	rc = make_key(rsa, &text, err);
	if (rc != SG_OK)
		return rc;
	key = text;
	if (sg_published_has(set, kid_of(key)))
		return SG_OK;
	for (i = 0; i < set->count; i++)
		if (strcmp(kid_of(set->keys[i]), kid_of(key)) == 0)
			return sg_fail(err, SG_E_INVALID,
			    "the kid %s, a thumbprint, names another key or "
			    "another use of it; take that one out of the set",
			    kid_of(key));
	rc = keep_text(set, &text, err);
	return rc == SG_OK ? insert(set, key, err) : rc;
}

void
sg_published_remove(struct sg_published *set, const char *thumbprint)
{
	char seen[SG_THUMBPRINT_SIZE];
	size_t kept = 0;
	size_t i;

	for (i = 0; i < set->count; i++) {
		thumbprint_of(set->keys[i], false, seen);
		if (strcmp(seen, thumbprint) != 0)
			set->keys[kept++] = set->keys[i];
	}
	set->count = kept;
}

enum sg_rc
sg_published_write(
    const struct sg_published *set, struct sg_buf *out, struct sg_err *err)
{
	struct sg_jsonw w = {.out = out};
	size_t i;

	sg_jsonw_object(&w, NULL);
	sg_jsonw_array(&w, "keys");
	for (i = 0; i < set->count; i++)
		sg_jsonw_value(&w, NULL, set->keys[i]);
	sg_jsonw_array_end(&w);
	sg_jsonw_object_end(&w);
	sg_buf_add_byte(out, '\n');
	return sg_jsonw_check(&w, "the JWK Set", err);
}
