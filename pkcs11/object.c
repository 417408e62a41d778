/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "pkcs11/quirks.h"

/* Of the attributes read, those before the facts. */
enum { KEY_TYPE, LABEL, ID, MODULUS, EXPONENT, MECHANISMS, FIRST_FACT };

#define FACT(name) \
	{ \
		name, #name \
	}

static const struct {
	CK_ATTRIBUTE_TYPE type;
	const char *name;
} facts[SG_KEY_FACT_COUNT] = {
    [SG_KEY_SENSITIVE] = FACT(CKA_SENSITIVE),
    [SG_KEY_EXTRACTABLE] = FACT(CKA_EXTRACTABLE),
    [SG_KEY_ALWAYS_SENSITIVE] = FACT(CKA_ALWAYS_SENSITIVE),
    [SG_KEY_NEVER_EXTRACTABLE] = FACT(CKA_NEVER_EXTRACTABLE),
    [SG_KEY_LOCAL] = FACT(CKA_LOCAL),
    [SG_KEY_PRIVATE] = FACT(CKA_PRIVATE),
    [SG_KEY_TOKEN] = FACT(CKA_TOKEN),
    [SG_KEY_MODIFIABLE] = FACT(CKA_MODIFIABLE),
    [SG_KEY_SIGN] = FACT(CKA_SIGN),
    [SG_KEY_DECRYPT] = FACT(CKA_DECRYPT),
    [SG_KEY_UNWRAP] = FACT(CKA_UNWRAP),
    [SG_KEY_SIGN_RECOVER] = FACT(CKA_SIGN_RECOVER),
    [SG_KEY_DERIVE] = FACT(CKA_DERIVE),
    [SG_KEY_ALWAYS_AUTHENTICATE] = FACT(CKA_ALWAYS_AUTHENTICATE),
};

const char *
sg_key_fact_name(enum sg_key_fact fact)
{
	return facts[fact].name;
}

CK_ATTRIBUTE_TYPE
sg_object_fact_type(enum sg_key_fact fact)
{
	return facts[fact].type;
}

void
sg_object_free(struct sg_object **object)
{
	if (object == NULL || *object == NULL)
		return;
	free((*object)->uri);
	free(*object);
	*object = NULL;
}

static size_t
length_of(const CK_ATTRIBUTE *attr)
{
	return attr->ulValueLen == CK_UNAVAILABLE_INFORMATION
		   ? 0
		   : (size_t)attr->ulValueLen;
}

/* Big numbers may come with leading zeros; JOSE wants none (RFC 7518 §6.3). */
static void
trim_number(const CK_ATTRIBUTE *attr, const uint8_t **out, size_t *out_len)
{
	const uint8_t *bytes = attr->pValue;
	size_t len = length_of(attr);

	while (len > 0 && bytes[0] == 0) {
		bytes++;
		len--;
	}
	*out = bytes;
	*out_len = len;
}

static unsigned int
bits_of(const struct sg_rsa_public *rsa)
{
	unsigned int bits = (unsigned int)rsa->n_len * 8;
	uint8_t top;

	if (rsa->n_len == 0)
		return 0;
	for (top = rsa->n[0]; (top & 0x80) == 0; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

static void
take_label(struct sg_object *object)
{
	size_t i;

	for (i = 0; i < object->label_len; i++)
		object->label_text[i] =
		    object->label[i] == '\0' ? '?' : (char)object->label[i];
	object->label_text[object->label_len] = '\0';
	sg_utf8_make_safe(object->label_text);
	object->info.label = object->label_text;
}

static const char *
type_name(const CK_ATTRIBUTE *attr, CK_KEY_TYPE type)
{
	if (length_of(attr) != sizeof(type))
		return "other";
	if (type == CKK_RSA)
		return "RSA";
	return type == CKK_EC ? "EC" : "other";
}

/* A public key is paired with its private one by CKA_ID: §4.8. */
static enum sg_rc
read_public_object(const struct sg_token_p11 *p11, struct sg_object *object,
    struct sg_err *err)
{
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_ATTRIBUTE wanted[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_ID, object->id, object->info.id_len},
	};
	CK_ATTRIBUTE attrs[] = {
	    {CKA_MODULUS, object->modulus, sizeof(object->modulus)},
	    {CKA_PUBLIC_EXPONENT, object->exponent, sizeof(object->exponent)},
	};
	CK_OBJECT_HANDLE found[2];
	CK_ULONG count = 0;
	bool is_unclear = false;
	enum sg_rc rc;

	if (object->info.id_len == 0)
		return SG_OK; /* nothing to pair them by */
	rc = sg_attrs_find(
	    p11, wanted, SG_COUNT(wanted), found, SG_COUNT(found), &count, err);
	if (rc != SG_OK || count != 1)
		return rc;
	rc = sg_attrs_read(
	    p11, found[0], attrs, SG_COUNT(attrs), &is_unclear, err);
	if (rc != SG_OK)
		return rc;
	trim_number(&attrs[0], &object->info.rsa.n, &object->info.rsa.n_len);
	trim_number(&attrs[1], &object->info.rsa.e, &object->info.rsa.e_len);
	object->info.rsa_is_unproven = true;
	return SG_OK;
}

static enum sg_rc
name_object(const struct sg_token_p11 *p11, struct sg_object *object,
    struct sg_err *err)
{
	const struct sg_uri_key key = {
	    .object_class = CKO_PRIVATE_KEY,
	    .id = object->id,
	    .id_len = object->info.id_len,
	    .label = object->label,
	    .label_len = object->label_len,
	};
	enum sg_rc rc;

	rc = sg_uri_format(&p11->info, p11->uri_slot, &key, &object->uri, err);
	object->info.uri = object->uri;
	return rc;
}

static void
take_facts(
    struct sg_key_info *info, const CK_ATTRIBUTE *attrs, const CK_BBOOL *values)
{
	size_t i;

	for (i = 0; i < SG_KEY_FACT_COUNT; i++) {
		if (length_of(&attrs[i]) != sizeof(CK_BBOOL) || values[i] > 1)
			continue; /* not told, or no boolean */
		info->facts[i] = values[i] != 0 ? SG_FACT_YES : SG_FACT_NO;
	}
}

/* A list that is there and cannot be read limits the key to nobody knows what;
 * a key that has none is another thing. */
static enum sg_rc
take_mechanisms(const struct sg_token_p11 *p11, struct sg_object *object,
    CK_ATTRIBUTE *attr, bool is_unclear, struct sg_err *err)
{
	struct sg_key_info *info = &object->info;
	size_t size = sizeof(info->mechanisms[0]);
	bool too_long = false;
	enum sg_rc rc = SG_OK;

	if (attr->ulValueLen == CK_UNAVAILABLE_INFORMATION && is_unclear)
		rc = sg_attrs_read_alone(p11, object->handle, attr,
		    sizeof(info->mechanisms), &too_long, err);
	if (rc != SG_OK)
		return rc;
	info->mechanisms_unreadable = too_long || length_of(attr) % size != 0;
	info->mechanisms_told = !info->mechanisms_unreadable &&
				attr->ulValueLen != CK_UNAVAILABLE_INFORMATION;
	if (info->mechanisms_told)
		info->mechanism_count = attr->ulValueLen / size;
	return SG_OK;
}

static enum sg_rc
read_attributes(const struct sg_token_p11 *p11, struct sg_object *object,
    struct sg_err *err)
{
	struct sg_key_info *info = &object->info;
	CK_KEY_TYPE type = 0;
	CK_BBOOL values[SG_KEY_FACT_COUNT] = {0};
	CK_ATTRIBUTE attrs[FIRST_FACT + SG_KEY_FACT_COUNT] = {
	    [KEY_TYPE] = {CKA_KEY_TYPE, &type, sizeof(type)},
	    [LABEL] = {CKA_LABEL, object->label, sizeof(object->label)},
	    [ID] = {CKA_ID, object->id, sizeof(object->id)},
	    [MODULUS] = {CKA_MODULUS, object->modulus, SG_MODULUS_MAX},
	    [EXPONENT] = {CKA_PUBLIC_EXPONENT, object->exponent,
		SG_EXPONENT_MAX},
	    [MECHANISMS] = {CKA_ALLOWED_MECHANISMS, info->mechanisms,
		sizeof(info->mechanisms)},
	};
	bool is_unclear = false;
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < SG_KEY_FACT_COUNT; i++) {
		attrs[FIRST_FACT + i].type = facts[i].type;
		attrs[FIRST_FACT + i].pValue = &values[i];
		attrs[FIRST_FACT + i].ulValueLen = sizeof(values[i]);
	}
	rc = sg_attrs_read(
	    p11, object->handle, attrs, SG_COUNT(attrs), &is_unclear, err);
	if (rc != SG_OK)
		return rc;
	info->type = type_name(&attrs[KEY_TYPE], type);
	object->label_len = length_of(&attrs[LABEL]);
	take_label(object);
	info->id = object->id;
	info->id_len = length_of(&attrs[ID]);
	trim_number(&attrs[MODULUS], &info->rsa.n, &info->rsa.n_len);
	trim_number(&attrs[EXPONENT], &info->rsa.e, &info->rsa.e_len);
	take_facts(info, attrs + FIRST_FACT, values);
	if (info->facts[SG_KEY_LOCAL] == SG_FACT_NO &&
	    sg_quirk_at(p11, SG_QUIRK_DENIES_LOCAL))
		info->facts[SG_KEY_LOCAL] = SG_FACT_UNKNOWN;
	return take_mechanisms(
	    p11, object, &attrs[MECHANISMS], is_unclear, err);
}

enum sg_rc
sg_object_read(const struct sg_token_p11 *p11, CK_OBJECT_HANDLE handle,
    struct sg_object **out_object, struct sg_err *err)
{
	SG_AUTO(sg_object) object = calloc(1, sizeof(*object));
	struct sg_rsa_public *rsa;
	enum sg_rc rc;

	if (object == NULL)
		return sg_fail_nomem(err);
	object->handle = handle;
	object->starts = p11->starts;
	rc = read_attributes(p11, object, err);
	if (rc != SG_OK)
		return rc;
	rsa = &object->info.rsa;
	if (strcmp(object->info.type, "RSA") == 0 &&
	    (rsa->n_len == 0 || rsa->e_len == 0)) {
		rc = read_public_object(p11, object, err);
		if (rc != SG_OK)
			return rc;
	}
	object->info.bits = bits_of(rsa);
	rc = name_object(p11, object, err);
	if (rc != SG_OK)
		return rc;
	*out_object = object;
	object = NULL; /* now the caller's */
	return SG_OK;
}
