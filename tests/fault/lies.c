/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/state.h"

/*
 * The functions whose arguments or answers a rule may change, and those that
 * the books are kept of. Slots and objects come as the real module has them.
 */

static void
lie_about(const struct fault_call *call, CK_ULONG *length)
{
	if (call->acts[SG_FAULT_LIE])
		*length = call->values[SG_FAULT_LIE];
}

CK_RV
lie_C_Finalize(const struct fault_call *call, void *reserved)
{
	CK_RV rv = fault_real->C_Finalize(reserved);

	(void)call;
	if (rv == CKR_OK)
		fault_give_sessions(ALL_SESSIONS);
	return rv;
}

CK_RV
lie_C_GetSlotList(const struct fault_call *call, CK_BYTE token_present,
    CK_SLOT_ID *slot_list, CK_ULONG *count)
{
	CK_RV rv;
	CK_ULONG i;

	if (call->token_out && token_present != CK_FALSE) {
		*count = 0;
		return CKR_OK;
	}
	rv = fault_real->C_GetSlotList(token_present, slot_list, count);
	if (rv != CKR_OK)
		return rv;
	for (i = 0; slot_list != NULL && i < *count; i++)
		slot_list[i] += fault_slot_offset();
	lie_about(call, count);
	return CKR_OK;
}

CK_RV
lie_C_GetSlotInfo(
    const struct fault_call *call, CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	CK_RV rv = fault_real->C_GetSlotInfo(slot, info);

	if (rv == CKR_OK && call->token_out)
		info->flags &= ~(CK_FLAGS)CKF_TOKEN_PRESENT;
	return rv;
}

CK_RV
lie_C_GetTokenInfo(
    const struct fault_call *call, CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = fault_real->C_GetTokenInfo(slot, info);

	if (rv != CKR_OK)
		return rv;
	if (call->acts[SG_FAULT_FLAGS])
		info->flags |= call->values[SG_FAULT_FLAGS];
	if (call->acts[SG_FAULT_LIMIT])
		info->ulMaxSessionCount = call->values[SG_FAULT_LIMIT];
	return CKR_OK;
}

CK_RV
lie_C_GetMechanismList(const struct fault_call *call, CK_SLOT_ID slot,
    CK_MECHANISM_TYPE *mechanism_list, CK_ULONG *count)
{
	CK_RV rv = fault_real->C_GetMechanismList(slot, mechanism_list, count);

	if (rv == CKR_OK)
		lie_about(call, count);
	return rv;
}

CK_RV
lie_C_OpenSession(const struct fault_call *call, CK_SLOT_ID slot,
    CK_FLAGS flags, void *application, CK_NOTIFY notify,
    CK_SESSION_HANDLE *session)
{
	CK_RV rv;

	if (!fault_take_session(call))
		return CKR_SESSION_COUNT;
	rv = fault_real->C_OpenSession(
	    slot, flags, application, notify, session);
	if (rv != CKR_OK)
		fault_give_sessions(1);
	return rv;
}

CK_RV
lie_C_CloseSession(const struct fault_call *call, CK_SESSION_HANDLE session)
{
	CK_RV rv = fault_real->C_CloseSession(session);

	(void)call;
	if (rv == CKR_OK)
		fault_give_sessions(1);
	return rv;
}

CK_RV
lie_C_CloseAllSessions(const struct fault_call *call, CK_SLOT_ID slot)
{
	CK_RV rv = fault_real->C_CloseAllSessions(slot);

	(void)call;
	if (rv == CKR_OK)
		fault_give_sessions(ALL_SESSIONS);
	return rv;
}

CK_RV
lie_C_GetSessionInfo(const struct fault_call *call, CK_SESSION_HANDLE session,
    CK_SESSION_INFO *info)
{
	CK_RV rv = fault_real->C_GetSessionInfo(session, info);

	(void)call;
	if (rv == CKR_OK)
		info->slotID += fault_slot_offset();
	return rv;
}

CK_RV
lie_C_GetAttributeValue(const struct fault_call *call,
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attrs,
    CK_ULONG count)
{
	CK_RV rv =
	    fault_real->C_GetAttributeValue(session, object, attrs, count);
	CK_ULONG i;

	for (i = 0; i < count; i++)
		if (!call->one_attr || call->attr == attrs[i].type)
			lie_about(call, &attrs[i].ulValueLen);
	return rv;
}

CK_RV
lie_C_FindObjects(const struct fault_call *call, CK_SESSION_HANDLE session,
    CK_OBJECT_HANDLE *object, CK_ULONG max_object_count, CK_ULONG *object_count)
{
	bool doubled = call->acts[SG_FAULT_TWIN] || call->acts[SG_FAULT_TWICE];
	CK_RV rv = fault_real->C_FindObjects(
	    session, object, max_object_count, object_count);

	if (rv != CKR_OK)
		return rv;
	if (doubled && *object_count > 0 && *object_count < max_object_count) {
		object[*object_count] = object[0];
		if (call->acts[SG_FAULT_TWIN])
			object[*object_count] |= TWIN_BIT;
		(*object_count)++;
	}
	lie_about(call, object_count);
	return CKR_OK;
}

/* Without a buffer the caller only asks for the length. */
static void
spoil_signature(
    const struct fault_call *call, CK_BYTE *signature, CK_ULONG *length)
{
	CK_ULONG bit = call->values[SG_FAULT_FLIP];

	if (signature != NULL && call->acts[SG_FAULT_FLIP] && bit / 8 < *length)
		signature[bit / 8] ^= (CK_BYTE)(1U << bit % 8);
	lie_about(call, length);
}

CK_RV
lie_C_SignInit(const struct fault_call *call, CK_SESSION_HANDLE session,
    CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return fault_recall_init(call, session, mechanism, key);
}

CK_RV
lie_C_Sign(const struct fault_call *call, CK_SESSION_HANDLE session,
    CK_BYTE *data, CK_ULONG data_len, CK_BYTE *signature,
    CK_ULONG *signature_len)
{
	CK_RV rv = fault_recall_sign(
	    call, session, data, data_len, signature, signature_len);

	if (rv == CKR_OK)
		spoil_signature(call, signature, signature_len);
	return rv;
}

CK_RV
lie_C_SignFinal(const struct fault_call *call, CK_SESSION_HANDLE session,
    CK_BYTE *signature, CK_ULONG *signature_len)
{
	CK_RV rv = fault_real->C_SignFinal(session, signature, signature_len);

	if (rv == CKR_OK)
		spoil_signature(call, signature, signature_len);
	return rv;
}

CK_RV
lie_C_WaitForSlotEvent(const struct fault_call *call, CK_FLAGS flags,
    CK_SLOT_ID *slot, void *reserved)
{
	CK_RV rv = fault_real->C_WaitForSlotEvent(flags, slot, reserved);

	(void)call;
	if (rv == CKR_OK)
		*slot += fault_slot_offset();
	return rv;
}
