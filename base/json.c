/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <jansson.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "base/json_jansson.h"

/* Jansson frees without a size; the allocator knows it. */
static void
wiping_free(void *memory)
{
	if (memory == NULL)
		return;
	OPENSSL_cleanse(memory, malloc_usable_size(memory));
	free(memory);
}

void
sg_json_wipe_on_free(void)
{
	json_set_alloc_funcs(malloc, wiping_free);
}

/* Our const pointers are Jansson's plain ones; it changes nothing we ask. */
json_t *
sg_json_to_jansson(const struct sg_json *json)
{
	union {
		const struct sg_json *ours;
		json_t *theirs;
	} both = {.ours = json};

	return both.theirs;
}

static const struct sg_json *
from_jansson(json_t *value)
{
	return (const struct sg_json *)(const void *)value;
}

enum sg_rc
sg_json_parse(
    const void *text, size_t len, struct sg_json **out_json, struct sg_err *err)
{
	json_error_t failure;
	json_t *root;

	if (len == 0)
		return sg_fail(err, SG_E_INVALID, "not JSON: it is empty");
	root = json_loadb(
	    text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &failure);
	if (root == NULL &&
	    json_error_code(&failure) == json_error_out_of_memory)
		return sg_fail_nomem(err);
	if (root == NULL &&
	    json_error_code(&failure) == json_error_duplicate_key)
		return sg_fail(err, SG_E_INVALID,
		    "not strict JSON: a member is there twice (line %d)",
		    failure.line);
	/* The library's own text quotes the input, which may be a secret. */
	if (root == NULL)
		return sg_fail(err, SG_E_INVALID,
		    "not JSON (line %d, column %d)", failure.line,
		    failure.column);
	*out_json = (struct sg_json *)(void *)root;
	return SG_OK;
}

void
sg_json_free(struct sg_json **json)
{
	if (json == NULL || *json == NULL)
		return;
	json_decref((json_t *)(void *)*json);
	*json = NULL;
}

bool
sg_json_is_object(const struct sg_json *json)
{
	return json_is_object(sg_json_to_jansson(json));
}

bool
sg_json_is_array(const struct sg_json *json)
{
	return json_is_array(sg_json_to_jansson(json));
}

bool
sg_json_is_null(const struct sg_json *json)
{
	return json_is_null(sg_json_to_jansson(json));
}

bool
sg_json_equal(const struct sg_json *a, const struct sg_json *b)
{
	return json_equal(sg_json_to_jansson(a), sg_json_to_jansson(b)) != 0;
}

const struct sg_json *
sg_json_get(const struct sg_json *json, const char *name)
{
	return from_jansson(json_object_get(sg_json_to_jansson(json), name));
}

const char *
sg_json_text(const struct sg_json *json)
{
	return json_string_value(sg_json_to_jansson(json));
}

const char *
sg_json_get_text(const struct sg_json *json, const char *name)
{
	return sg_json_text(sg_json_get(json, name));
}

bool
sg_json_int(const struct sg_json *json, int64_t *out)
{
	const json_t *value = sg_json_to_jansson(json);

	if (!json_is_integer(value))
		return false;
	*out = (int64_t)json_integer_value(value);
	return true;
}

bool
sg_json_bool(const struct sg_json *json, bool *out)
{
	const json_t *value = sg_json_to_jansson(json);

	if (!json_is_boolean(value))
		return false;
	*out = json_is_true(value);
	return true;
}

size_t
sg_json_count(const struct sg_json *json)
{
	const json_t *value = sg_json_to_jansson(json);

	return json_is_array(value) ? json_array_size(value)
				    : json_object_size(value);
}

const struct sg_json *
sg_json_at(const struct sg_json *json, size_t i)
{
	return from_jansson(json_array_get(sg_json_to_jansson(json), i));
}

const char *
sg_json_next(const struct sg_json *json, const char *name,
    const struct sg_json **out_value)
{
	json_t *object = sg_json_to_jansson(json);
	void *iter;

	if (name == NULL)
		iter = json_object_iter(object);
	else
		iter = json_object_iter_next(
		    object, json_object_key_to_iter(name));
	if (iter == NULL)
		return NULL;
	*out_value = from_jansson(json_object_iter_value(iter));
	return json_object_iter_key(iter);
}
