/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pages/page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"

/* What an answer says of its place in the listing, and not of the listing. */
static const char *const place_members[] = {
    "nextPageToken", "pageToken", "pagination"};

static bool
is_place(const char *name)
{
	size_t i;

	for (i = 0; i < SG_COUNT(place_members); i++)
		if (strcmp(name, place_members[i]) == 0)
			return true;
	return false;
}

/* An array of objects in a value or, @p depth levels deeper, in a member. */
static const struct sg_json *
search_list(const struct sg_json *json, int depth, bool take_empty)
{
	const struct sg_json *member = NULL;
	const struct sg_json *found = NULL;
	const char *name;

	if (sg_json_is_array(json)) {
		if (sg_json_is_object(sg_json_at(json, 0)))
			return json;
		return take_empty && sg_json_count(json) == 0 ? json : NULL;
	}
	if (depth == 0 || !sg_json_is_object(json))
		return NULL;
	for (name = sg_json_next(json, NULL, &member);
	     name != NULL && found == NULL;
	     name = sg_json_next(json, name, &member))
		if (!is_place(name))
			found = search_list(member, depth - 1, take_empty);
	return found;
}

const struct sg_json *
sg_page_list(const struct sg_json *page, const char *member)
{
	/* An error's details are no list of what has a name. */
	const int depth = member != NULL ? 1 : 2;
	const struct sg_json *named = NULL;
	const struct sg_json *found;

	if (sg_json_is_array(page))
		return page;
	if (member != NULL)
		named = sg_json_get(page, member);
	if (sg_json_is_array(named))
		return named;
	found = search_list(page, depth, false);
	return found != NULL ? found : search_list(page, depth, true);
}

/* What an element goes by. */
static const char *
name_of(const struct sg_json *element)
{
	static const char *const names[] = {
	    "configId", "siteUUID", "userId", "userID", "uuid", "id", "path"};
	const char *name = NULL;
	size_t i;

	for (i = 0; name == NULL && i < SG_COUNT(names); i++)
		name = sg_json_get_text(element, names[i]);
	return name;
}

static bool
is_same(const struct sg_json *one, const struct sg_json *other)
{
	const char *one_name = name_of(one);
	const char *other_name = name_of(other);

	if (one_name == NULL || other_name == NULL)
		return sg_json_equal(one, other);
	return strcmp(one_name, other_name) == 0;
}

/* FNV-1a, of 64 bits. */
static uint64_t
hash_text(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

/* Equal values have equal hashes, whatever the order of their members. */
static uint64_t
hash_value(const struct sg_json *value)
{
	const struct sg_json *member = NULL;
	const char *text = sg_json_text(value);
	const char *name = NULL;
	int64_t number = 0;
	uint64_t hash = 0;
	size_t i;

	if (text != NULL)
		return hash_text(text);
	if (sg_json_int(value, &number))
		return (uint64_t)number;
	for (i = 0; i < sg_json_count(value); i++) {
		if (sg_json_is_array(value)) {
			hash = hash * 31 + hash_value(sg_json_at(value, i));
			continue;
		}
		name = sg_json_next(value, name, &member);
		hash += hash_text(name) * 31 + hash_value(member);
	}
	return hash;
}

struct element {
	uint64_t hash;
	const struct sg_json *json;
};

static struct element
element_of(const struct sg_json *json)
{
	const char *name = name_of(json);

	return (struct element){
	    name != NULL ? hash_text(name) : hash_value(json), json};
}

static int
compare(const void *a, const void *b)
{
	const struct element *one = a;
	const struct element *other = b;

	return (one->hash > other->hash) - (one->hash < other->hash);
}

static bool
holds_element(const struct element *all, size_t count, struct element wanted)
{
	const struct element *found =
	    bsearch(&wanted, all, count, sizeof(*all), compare);

	if (found == NULL || is_same(found->json, wanted.json))
		return found != NULL;
	while (found > all && found[-1].hash == wanted.hash)
		found--;
	for (; found < all + count && found->hash == wanted.hash; found++)
		if (is_same(found->json, wanted.json))
			return true;
	return false;
}

static void
free_elements(struct element **elements)
{
	free(*elements);
}

enum sg_rc
sg_page_adds_nothing(const struct sg_json *list,
    const struct sg_json *const *items, size_t count, bool *out_nothing,
    struct sg_err *err)
{
	__attribute__((cleanup(free_elements))) struct element *all =
	    calloc(count + 1, sizeof(*all));
	bool nothing = true;
	size_t i;

	if (all == NULL)
		return sg_fail_nomem(err);
	for (i = 0; i < count; i++)
		all[i] = element_of(items[i]);
	qsort(all, count, sizeof(*all), compare);
	for (i = 0; nothing && i < sg_json_count(list); i++)
		nothing =
		    holds_element(all, count, element_of(sg_json_at(list, i)));
	*out_nothing = nothing;
	return SG_OK;
}

static void
write_items(struct sg_jsonw *w, const char *name,
    const struct sg_json *const *items, size_t count)
{
	size_t i;

	sg_jsonw_array(w, name);
	for (i = 0; i < count; i++)
		sg_jsonw_value(w, NULL, items[i]);
	sg_jsonw_array_end(w);
}

static bool
holds(const struct sg_json *json, const struct sg_json *list)
{
	const struct sg_json *member = NULL;
	const char *key;

	if (!sg_json_is_object(json))
		return false;
	for (key = sg_json_next(json, NULL, &member); key != NULL;
	     key = sg_json_next(json, key, &member))
		if (member == list)
			return true;
	return false;
}

/* An object that holds the list, itself or one level deeper. */
static void
write_around(struct sg_jsonw *w, const char *name, const struct sg_json *json,
    const struct sg_json *list, const struct sg_json *const *items,
    size_t count)
{
	const struct sg_json *member = NULL;
	const char *key;

	sg_jsonw_object(w, name);
	for (key = sg_json_next(json, NULL, &member); key != NULL;
	     key = sg_json_next(json, key, &member)) {
		if (member == list)
			write_items(w, key, items, count);
		else if (is_place(key))
			continue;
		else if (holds(member, list))
			write_around(w, key, member, list, items, count);
		else
			sg_jsonw_value(w, key, member);
	}
	sg_jsonw_object_end(w);
}

void
sg_page_write(struct sg_jsonw *w, const char *name, const struct sg_json *page,
    const struct sg_json *list, const struct sg_json *const *items,
    size_t count)
{
	if (list == NULL)
		sg_jsonw_value(w, name, page);
	else if (list == page)
		write_items(w, name, items, count);
	else
		write_around(w, name, page, list, items, count);
}
