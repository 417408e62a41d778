/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "pkcs11/call.h"
#include "pkcs11/p11.h"

/* With these the module has filled in what it could: PKCS#11 v2.40 §5.7. */
static bool
batch_was_filled(CK_RV rv)
{
	return rv == CKR_OK || rv == CKR_ATTRIBUTE_SENSITIVE ||
	       rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_BUFFER_TOO_SMALL;
}

/* The session or the module is gone: asking again attribute by attribute
 * would only repeat that. */
static bool
is_about_one_attribute(CK_RV rv)
{
	return rv == CKR_FUNCTION_FAILED || rv == CKR_GENERAL_ERROR ||
	       rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_ARGUMENTS_BAD;
}

/* No value that we read consists of these bytes alone. */
#define UNFILLED 0xff

static bool
is_unfilled(const CK_ATTRIBUTE *attr, CK_ULONG size)
{
	const uint8_t *bytes = attr->pValue;
	CK_ULONG i;

	if (attr->ulValueLen != size)
		return false;
	for (i = 0; i < size; i++)
		if (bytes[i] != UNFILLED)
			return false;
	return true;
}

/* That the token does not tell it, which no later try would change. What may
 * be otherwise next time is no answer: a rule must not pass by it. */
static bool
is_answer(CK_RV rv)
{
	return batch_was_filled(rv) || is_about_one_attribute(rv);
}

static CK_RV
read_one(const struct sg_token_p11 *p11, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *attr, CK_ULONG size)
{
	CK_RV rv;

	attr->ulValueLen = size;
	rv = sg_call_get_attribute_value(
	    p11->module, p11->session, object, attr, 1);
	if (rv != CKR_OK)
		attr->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	return rv;
}

/* Each attribute alone, or only those that the batch did not come to: a module
 * may stop at the first that it does not know. CKR_OK when one was had. */
static CK_RV
read_one_by_one(const struct sg_token_p11 *p11, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *attrs, CK_ULONG count, const CK_ULONG *sizes, CK_RV batch_rv)
{
	bool only_unfilled = batch_was_filled(batch_rv);
	bool had_one = only_unfilled;
	CK_ULONG i;
	CK_RV rv;

	for (i = 0; i < count; i++) {
		if (only_unfilled && !is_unfilled(&attrs[i], sizes[i]))
			continue;
		rv = read_one(p11, object, &attrs[i], sizes[i]);
		if (!is_answer(rv))
			return rv;
		had_one = had_one || rv == CKR_OK;
	}
	return had_one ? CKR_OK : batch_rv;
}

/* Where one alone was not had, the CK_RV of the batch is about that one: then
 * it may say that it is not there. */
static bool
is_unclear(const CK_ATTRIBUTE *attrs, CK_ULONG count, CK_RV batch_rv)
{
	CK_ULONG missing = 0;
	CK_ULONG i;

	for (i = 0; i < count; i++)
		if (attrs[i].ulValueLen == CK_UNAVAILABLE_INFORMATION)
			missing++;
	return missing > 1 ||
	       (missing == 1 && batch_rv != CKR_ATTRIBUTE_TYPE_INVALID &&
		   batch_rv != CKR_ATTRIBUTE_SENSITIVE);
}

enum sg_rc
sg_attrs_read(const struct sg_token_p11 *p11, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *attrs, CK_ULONG count, bool *out_unclear, struct sg_err *err)
{
	CK_ULONG sizes[32];
	CK_ULONG i;
	CK_RV batch_rv;
	CK_RV rv;

	if (count > SG_COUNT(sizes))
		return sg_fail(err, SG_E_INTERNAL, "too many attributes");
	for (i = 0; i < count; i++) {
		sizes[i] = attrs[i].ulValueLen;
		memset(attrs[i].pValue, UNFILLED, sizes[i]);
	}
	batch_rv = sg_call_get_attribute_value(
	    p11->module, p11->session, object, attrs, count);
	rv = batch_rv;
	if (rv != CKR_OK && is_answer(rv))
		rv = read_one_by_one(p11, object, attrs, count, sizes, rv);
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "read the attributes of a key");
	for (i = 0; i < count; i++)
		if (attrs[i].ulValueLen > sizes[i]) /* a module that lies */
			attrs[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
	*out_unclear = is_unclear(attrs, count, batch_rv);
	return SG_OK;
}

/* Not by a length without a buffer: of a list of mechanisms, p11-kit's client
 * 0.24 takes no answer to that. */
enum sg_rc
sg_attrs_read_alone(const struct sg_token_p11 *p11, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *attr, CK_ULONG size, bool *out_too_long, struct sg_err *err)
{
	bool lies;
	CK_RV rv;

	rv = read_one(p11, object, attr, size);
	if (!is_answer(rv))
		return sg_fail_ckr(err, rv, "read the attributes of a key");
	lies = rv == CKR_OK && attr->ulValueLen != CK_UNAVAILABLE_INFORMATION &&
	       attr->ulValueLen > size;
	if (lies)
		attr->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	*out_too_long = lies || rv == CKR_BUFFER_TOO_SMALL;
	return SG_OK;
}

enum sg_rc
sg_attrs_find(const struct sg_token_p11 *p11, CK_ATTRIBUTE *wanted,
    CK_ULONG count, CK_OBJECT_HANDLE *out_objects, CK_ULONG max,
    CK_ULONG *out_count, struct sg_err *err)
{
	CK_ULONG found = 0;
	CK_ULONG got = 0;
	CK_RV rv;
	CK_RV final;

	rv =
	    sg_call_find_objects_init(p11->module, p11->session, wanted, count);
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "search the token");
	do {
		got = 0;
		rv = sg_call_find_objects(p11->module, p11->session,
		    out_objects + found, max - found, &got);
		if (rv == CKR_OK && got > max - found)
			rv = CKR_GENERAL_ERROR; /* a module that lies */
		if (rv == CKR_OK)
			found += got;
		/* A module may hand them out in portions: §5.7, C_FindObjects.
		 */
	} while (rv == CKR_OK && got > 0 && found < max);
	final = sg_call_find_objects_final(p11->module, p11->session);
	if (rv == CKR_OK)
		rv = final;
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "search the token");
	*out_count = found;
	return SG_OK;
}
