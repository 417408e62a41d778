/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/jwks.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "signer/rsa.h"

/* The last second of the year 9999: milliseconds would be far beyond. */
#define TIME_MAX_S INT64_C(253402300799)

#define NUMBER_MAX (16 * 1024)

struct sg_jwks {
	struct sg_jwks_key *keys;
	size_t count;
};

struct sg_jwks *
sg_jwks_new(void)
{
	return calloc(1, sizeof(struct sg_jwks));
}

static void
clear_key(struct sg_jwks_key *key)
{
	sg_rsa_free(&key->rsa);
	sg_str_free(&key->kid);
}

void
sg_jwks_free(struct sg_jwks **set)
{
	size_t i;

	if (set == NULL || *set == NULL)
		return;
	for (i = 0; i < (*set)->count; i++)
		clear_key(&(*set)->keys[i]);
	free((*set)->keys);
	free(*set);
	*set = NULL;
}

static enum sg_rc
copy_rsa(const struct sg_rsa *rsa, struct sg_rsa **out_rsa, struct sg_err *err)
{
	SG_AUTO(sg_buf) n = sg_buf_new(NUMBER_MAX);
	SG_AUTO(sg_buf) e = sg_buf_new(NUMBER_MAX);
	enum sg_rc rc;

	rc = sg_rsa_modulus(rsa, n, err);
	if (rc == SG_OK)
		rc = sg_rsa_exponent(rsa, e, err);
	if (rc == SG_OK)
		rc = sg_buf_check(n, "a modulus", err);
	if (rc == SG_OK)
		rc = sg_buf_check(e, "an exponent", err);
	if (rc != SG_OK)
		return rc;
	return sg_rsa_new(n->data, n->len, e->data, e->len, out_rsa, err);
}

static struct sg_jwks_key *
find_kid(const struct sg_jwks *set, const char *kid)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (strcmp(set->keys[i].kid, kid) == 0)
			return &set->keys[i];
	return NULL;
}

/* It is there already: its time, or that of the other. */
static void
retire_earlier(struct sg_jwks_key *key, int64_t at_s)
{
	if (at_s != 0 && (key->retire_at_s == 0 || at_s < key->retire_at_s))
		key->retire_at_s = at_s;
}

static enum sg_rc
grow(struct sg_jwks *set, struct sg_err *err)
{
	struct sg_jwks_key *keys;

	if (set->count >= SG_JWKS_KEYS_MAX)
		return sg_fail(err, SG_E_INVALID,
		    "a JWK Set of more than %d keys", SG_JWKS_KEYS_MAX);
	keys = realloc(set->keys, (set->count + 1) * sizeof(*keys));
	if (keys == NULL)
		return sg_fail_nomem(err);
	set->keys = keys;
	return SG_OK;
}

/* A kid names one key, so that its order is that of the keys. */
static void
insert(struct sg_jwks *set, struct sg_jwks_key *key)
{
	size_t place = 0;

	while (place < set->count && strcmp(set->keys[place].kid, key->kid) < 0)
		place++;
	memmove(&set->keys[place + 1], &set->keys[place],
	    (set->count - place) * sizeof(*key));
	set->keys[place] = *key;
	set->count++;
}

enum sg_rc
sg_jwks_add(struct sg_jwks *set, const struct sg_rsa *rsa, const char *kid,
    int64_t retire_at_s, struct sg_err *err)
{
	struct sg_jwks_key key = {.retire_at_s = retire_at_s};
	struct sg_jwks_key *known;
	enum sg_rc rc;

	rc = sg_jwk_thumbprint(rsa, key.thumbprint, err);
	if (rc != SG_OK)
		return rc;
	if (kid == NULL)
		kid = key.thumbprint;
	known = find_kid(set, kid);
	if (known != NULL && strcmp(known->thumbprint, key.thumbprint) != 0)
		return sg_fail(err, SG_E_INVALID,
		    "the kid \"%s\" names two keys, %s and %s; give one of "
		    "them another kid",
		    kid, known->thumbprint, key.thumbprint);
	if (known != NULL) {
		retire_earlier(known, retire_at_s);
		return SG_OK;
	}
	rc = grow(set, err);
	if (rc == SG_OK)
		rc = copy_rsa(rsa, &key.rsa, err);
	if (rc == SG_OK)
		rc = sg_str_copy(kid, &key.kid, err);
	if (rc != SG_OK) {
		clear_key(&key);
		return rc;
	}
	insert(set, &key);
	return SG_OK;
}

static enum sg_rc
read_kid(const struct sg_json *jwk, const char **out_kid, struct sg_err *err)
{
	const struct sg_json *member = sg_json_get(jwk, "kid");
	const char *kid = sg_json_text(member);

	if (member != NULL && (kid == NULL || kid[0] == '\0'))
		return sg_fail(
		    err, SG_E_INVALID, "its \"kid\" is no text that names it");
	*out_kid = kid;
	return SG_OK;
}

static enum sg_rc
read_time(const struct sg_json *jwk, int64_t *out_s, struct sg_err *err)
{
	const struct sg_json *member = sg_json_get(jwk, "exp");
	int64_t at_s = 0;

	if (member != NULL &&
	    (!sg_json_int(member, &at_s) || at_s <= 0 || at_s > TIME_MAX_S))
		return sg_fail(err, SG_E_INVALID,
		    "its \"exp\" is no time in whole seconds since 1970");
	*out_s = at_s;
	return SG_OK;
}

static enum sg_rc
merge_key(struct sg_jwks *set, const struct sg_json *jwk, struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = NULL;
	const char *kid = NULL;
	int64_t retire_at_s = 0;
	enum sg_rc rc;

	rc = sg_jwk_read(jwk, &rsa, err);
	if (rc == SG_OK)
		rc = read_kid(jwk, &kid, err);
	if (rc == SG_OK)
		rc = read_time(jwk, &retire_at_s, err);
	if (rc != SG_OK)
		return rc;
	return sg_jwks_add(set, rsa, kid, retire_at_s, err);
}

enum sg_rc
sg_jwks_merge(
    struct sg_jwks *set, const void *text, size_t len, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	const struct sg_json *keys;
	enum sg_rc rc;
	size_t i;

	rc = sg_json_parse(text, len, &json, err);
	if (rc != SG_OK)
		return rc;
	keys = sg_json_get(json, "keys");
	if (!sg_json_is_array(keys))
		return sg_fail(err, SG_E_INVALID,
		    "not a JWK Set: it has no array \"keys\"");
	for (i = 0; i < sg_json_count(keys); i++) {
		rc = merge_key(set, sg_json_at(keys, i), err);
		if (rc != SG_OK)
			return sg_context(err, rc, "key %zu", i + 1);
	}
	return SG_OK;
}

enum sg_rc
sg_jwks_retire(
    struct sg_jwks *set, const char *name, int64_t at_s, struct sg_err *err)
{
	size_t found = 0;
	size_t i;

	for (i = 0; i < set->count; i++) {
		struct sg_jwks_key *key = &set->keys[i];

		if (strcmp(key->kid, name) != 0 &&
		    strcmp(key->thumbprint, name) != 0)
			continue;
		key->retire_at_s = at_s;
		found++;
	}
	if (found > 0)
		return SG_OK;
	return sg_fail(err, SG_E_USAGE,
	    "the set has no key with the kid or thumbprint \"%s\"", name);
}

int64_t
sg_jwks_next_retirement(const struct sg_jwks *set)
{
	int64_t next_s = 0;
	size_t i;

	for (i = 0; i < set->count; i++) {
		int64_t at_s = set->keys[i].retire_at_s;

		if (at_s != 0 && (next_s == 0 || at_s < next_s))
			next_s = at_s;
	}
	return next_s;
}

void
sg_jwks_drop_retired(struct sg_jwks *set, int64_t now_s)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < set->count; i++) {
		struct sg_jwks_key *key = &set->keys[i];

		if (key->retire_at_s != 0 && key->retire_at_s <= now_s)
			clear_key(key);
		else
			set->keys[kept++] = *key;
	}
	set->count = kept;
}

size_t
sg_jwks_count(const struct sg_jwks *set)
{
	return set->count;
}

const struct sg_jwks_key *
sg_jwks_at(const struct sg_jwks *set, size_t i)
{
	return i < set->count ? &set->keys[i] : NULL;
}

enum sg_rc
sg_jwks_write(const struct sg_jwks *set, struct sg_buf *out, struct sg_err *err)
{
	struct sg_jsonw w = {.out = out};
	enum sg_rc rc;
	size_t i;

	sg_jsonw_object(&w, NULL);
	sg_jsonw_array(&w, "keys");
	for (i = 0; i < set->count; i++) {
		const struct sg_jwks_key *key = &set->keys[i];

		rc = sg_jwk_write(
		    &w, NULL, key->rsa, key->kid, key->retire_at_s, err);
		if (rc != SG_OK)
			return rc;
	}
	sg_jsonw_array_end(&w);
	sg_jsonw_object_end(&w);
	sg_buf_add_byte(out, '\n');
	return sg_jsonw_check(&w, "the JWK Set", err);
}
