/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "pkcs11/object.h"
#include "pkcs11/quirks.h"
#include "pkcs11/uri.h"

#define MAX_CANDIDATES 8

/* The rest of an error is for the words around the list. */
#define CANDIDATES_TEXT_MAX (SG_ERR_TEXT_MAX - 512)

/* A URI of a certificate or a public key is not taken for its private key. */
static enum sg_rc
check_class(const struct sg_uri *uri, struct sg_err *err)
{
	const CK_ATTRIBUTE *attr;
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;

	if (uri == NULL)
		return SG_OK;
	attr = p11_kit_uri_get_attribute(sg_uri_p11(uri), CKA_CLASS);
	if (attr != NULL && attr->ulValueLen == sizeof(class))
		memcpy(&class, attr->pValue, sizeof(class));
	if (class == CKO_PRIVATE_KEY)
		return SG_OK;
	return sg_fail(err, SG_E_USAGE,
	    "the PKCS#11 URI does not name a private key; leave its type "
	    "out, or write type=private");
}

enum sg_rc
sg_search_all(const struct sg_token_p11 *p11, const struct sg_uri *uri,
    CK_OBJECT_HANDLE *out_handles, CK_ULONG max, CK_ULONG *out_count,
    struct sg_err *err)
{
	static const CK_ATTRIBUTE_TYPE by[] = {CKA_LABEL, CKA_ID};
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE wanted[1 + SG_COUNT(by)] = {
	    {CKA_CLASS, &class, sizeof(class)},
	};
	CK_ATTRIBUTE *attr;
	CK_ULONG count = 1;
	enum sg_rc rc;
	size_t i;

	rc = check_class(uri, err);
	if (rc != SG_OK)
		return rc;
	for (i = 0; uri != NULL && i < SG_COUNT(by); i++) {
		attr = p11_kit_uri_get_attribute(sg_uri_p11(uri), by[i]);
		if (attr != NULL)
			wanted[count++] = *attr;
	}
	return sg_attrs_find(
	    p11, wanted, count, out_handles, max, out_count, err);
}

static enum sg_rc
none_found(const struct sg_token_p11 *p11, const struct sg_uri *uri,
    struct sg_err *err)
{
	enum sg_rc rc = SG_E_NOT_FOUND;
	char *asked = NULL;

	if (uri != NULL)
		(void)p11_kit_uri_format(
		    sg_uri_p11(uri), P11_KIT_URI_FOR_OBJECT, &asked);
	(void)sg_fail(err, rc,
	    "no private key on token \"%s\" is \"%s\"; see what is there with: "
	    "signet key list%s",
	    p11->label, asked != NULL ? asked : "pkcs11:", sg_quirk_hint(p11));
	free(asked);
	return rc;
}

/* As many as an error has room for: a URI that is cut names no key. */
static enum sg_rc
many_found(const struct sg_token_p11 *p11, const CK_OBJECT_HANDLE *handles,
    CK_ULONG count, bool more, struct sg_err *err)
{
	SG_AUTO(sg_buf) list = sg_buf_new(CANDIDATES_TEXT_MAX);
	bool has_twins = false;
	enum sg_rc rc;
	CK_ULONG i;

	for (i = 0; i < count; i++) {
		SG_AUTO(sg_object) object = NULL;

		rc = sg_object_read(p11, handles[i], &object, err);
		if (rc != SG_OK)
			return rc;
		has_twins |= i > 0 && strstr(sg_buf_str(list), object->uri);
		if (list != NULL &&
		    list->len + strlen(object->uri) + 2 > list->max) {
			more = true;
			break;
		}
		sg_buf_addf(list, "%s %s", i > 0 ? "," : "", object->uri);
	}
	rc = sg_buf_check(list, "the list of keys", err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_AMBIGUOUS,
	    "more than one key fits; name one with --key or SIGNET_KEY:%s%s%s",
	    sg_buf_str(list), more ? ", and more" : "",
	    has_twins ? "; give twins another id, with the token's own tool"
		      : "");
}

enum sg_rc
sg_search_one(const struct sg_token_p11 *p11, const struct sg_uri *uri,
    struct sg_object **out_object, struct sg_err *err)
{
	CK_OBJECT_HANDLE handles[MAX_CANDIDATES + 1];
	CK_ULONG count = 0;
	bool more;
	enum sg_rc rc;

	rc = sg_search_all(p11, uri, handles, SG_COUNT(handles), &count, err);
	if (rc != SG_OK)
		return rc;
	if (count == 0)
		return none_found(p11, uri, err);
	more = count > MAX_CANDIDATES;
	if (count > 1)
		return many_found(
		    p11, handles, more ? MAX_CANDIDATES : count, more, err);
	return sg_object_read(p11, handles[0], out_object, err);
}

static bool
is_same_number(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static bool
is_same_key(const struct sg_rsa_public *a, const struct sg_rsa_public *b)
{
	return is_same_number(a->n, a->n_len, b->n, b->n_len) &&
	       is_same_number(a->e, a->e_len, b->e, b->e_len);
}

static enum sg_rc
find_twin(const struct sg_token_p11 *p11, const struct sg_object *object,
    CK_OBJECT_HANDLE *out_handle, struct sg_err *err)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE wanted[3] = {{CKA_CLASS, &class, sizeof(class)}};
	CK_ULONG parts = 1;
	CK_OBJECT_HANDLE found[2];
	CK_ULONG count = 0;
	enum sg_rc rc;

	if (object->info.id_len > 0)
		wanted[parts++] = (CK_ATTRIBUTE){
		    CKA_ID, (void *)(uintptr_t)object->id, object->info.id_len};
	if (object->label_len > 0)
		wanted[parts++] = (CK_ATTRIBUTE){CKA_LABEL,
		    (void *)(uintptr_t)object->label, object->label_len};
	rc = sg_attrs_find(
	    p11, wanted, parts, found, SG_COUNT(found), &count, err);
	if (rc != SG_OK)
		return rc;
	if (count != 1)
		return sg_fail(err, SG_E_NOT_FOUND,
		    count == 0 ? "%s is no longer there"
			       : "%s is no longer the only one",
		    object->info.uri);
	*out_handle = found[0];
	return SG_OK;
}

enum sg_rc
sg_search_again(const struct sg_token_p11 *p11, struct sg_object *object,
    struct sg_err *err)
{
	SG_AUTO(sg_object) now = NULL;
	CK_OBJECT_HANDLE handle = 0;
	enum sg_rc rc;

	rc = find_twin(p11, object, &handle, err);
	if (rc == SG_OK)
		rc = sg_object_read(p11, handle, &now, err);
	if (rc != SG_OK)
		return rc;
	if (!is_same_key(&now->info.rsa, &object->info.rsa))
		return sg_fail(err, SG_E_NOT_FOUND, "%s is another key now",
		    object->info.uri);
	if (memcmp(now->info.facts, object->info.facts,
		sizeof(now->info.facts)) != 0 ||
	    now->info.mechanisms_unreadable !=
		object->info.mechanisms_unreadable ||
	    now->info.mechanism_count != object->info.mechanism_count ||
	    memcmp(now->info.mechanisms, object->info.mechanisms,
		now->info.mechanism_count * sizeof(now->info.mechanisms[0])) !=
		0)
		return sg_fail(err, SG_E_POLICY,
		    "the attributes of %s have changed; look at it with: "
		    "signet key audit",
		    object->info.uri);
	object->handle = handle;
	object->starts = p11->starts;
	return SG_OK;
}

/* A search for one key, and what it found. */
struct one {
	const struct sg_uri *uri;
	struct sg_object *object;
};

static enum sg_rc
run_one(void *ctx, const struct sg_token_p11 *p11, struct sg_err *err)
{
	struct one *one = ctx;

	return sg_search_one(p11, one->uri, &one->object, err);
}

enum sg_rc
sg_search_token(struct sg_token *token, const struct sg_uri *uri,
    struct sg_object **out_object, struct sg_err *err)
{
	struct one wanted = {.uri = uri};
	const struct sg_work work = {.run = run_one, .ctx = &wanted};
	enum sg_rc rc;

	rc = sg_token_run(token, &work, err);
	if (rc == SG_OK)
		*out_object = wanted.object;
	return rc;
}
