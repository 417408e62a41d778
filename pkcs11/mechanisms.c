/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/mechanisms.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pkcs11/call.h"
#include "pkcs11/slots.h"
#include "pkcs11/token.h"

#define MOST 4096 /* more is no answer */

bool
sg_mechanisms_can(
    const struct sg_slot *slot, CK_MECHANISM_TYPE mechanism, CK_FLAGS what)
{
	CK_MECHANISM_INFO info = {0};

	return sg_call_get_mechanism_info(
		   slot->module, slot->id, mechanism, &info) == CKR_OK &&
	       (info.flags & what) == what;
}

CK_MECHANISM_TYPE *
sg_mechanisms_list(
    const struct sg_module *module, CK_SLOT_ID slot, CK_ULONG *out_count)
{
	CK_MECHANISM_TYPE *list;
	CK_ULONG count = 0;
	CK_ULONG room;

	if (sg_call_get_mechanism_list(module, slot, NULL, &count) != CKR_OK ||
	    count > MOST)
		return NULL;
	room = count;
	/* p11-kit-client 0.24 reads one entry past the room that it is given.
	 */
	list = calloc(room + 1, sizeof(*list));
	if (list == NULL ||
	    sg_call_get_mechanism_list(module, slot, list, &count) != CKR_OK ||
	    count > room) {
		free(list);
		return NULL;
	}
	*out_count = count;
	return list;
}

/* SoftHSM describes mechanisms that its configuration has taken away; its list
 * leaves them out. A token that gives no list is asked for each alone. */
bool
sg_mechanisms_may_have(
    const CK_MECHANISM_TYPE *list, CK_ULONG count, CK_MECHANISM_TYPE mechanism)
{
	CK_ULONG i;

	for (i = 0; list != NULL && i < count; i++)
		if (list[i] == mechanism)
			return true;
	return list == NULL;
}

void
sg_mechanisms_describe(const struct sg_slot *slot, struct sg_token_info *info)
{
	const struct {
		CK_MECHANISM_TYPE type;
		CK_FLAGS use;
		bool *out;
	} rows[] = {
	    {CKM_SHA256_RSA_PKCS, CKF_SIGN, &info->signs_rs256},
	    {CKM_RSA_PKCS, CKF_SIGN, &info->signs_digest},
	    {CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR,
		&info->generates_rsa},
	};
	CK_ULONG count = 0;
	CK_MECHANISM_TYPE *list =
	    sg_mechanisms_list(slot->module, slot->id, &count);
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++)
		*rows[i].out =
		    sg_mechanisms_may_have(list, count, rows[i].type) &&
		    sg_mechanisms_can(slot, rows[i].type, rows[i].use);
	free(list);
}

void
sg_mechanisms_digest_info(
    const uint8_t *msg, size_t len, uint8_t out[SG_DIGEST_INFO_SIZE])
{
	/* RFC 8017 §9.2 note 1: the DER that precedes the digest. */
	static const uint8_t der[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
	    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
	    0x20};

	_Static_assert(sizeof(der) + SG_SHA256_SIZE == SG_DIGEST_INFO_SIZE,
	    "the digest comes last");
	memcpy(out, der, sizeof(der));
	sg_sha256(msg, len, out + sizeof(der));
}
