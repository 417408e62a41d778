/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <string.h>

#include "tests/fault/state.h"

/*
 * One signature, remembered. A pool of sessions is measured against a device
 * that takes its time and none of this host's: the last message that was
 * signed gets the same signature again (PKCS#1 v1.5 is deterministic), and
 * the real module hears nothing of it.
 */

#define MAX_SESSIONS 512

/* What C_SignInit was told in a session. */
struct begun {
	CK_SESSION_HANDLE session;
	CK_MECHANISM_TYPE mechanism;
	CK_OBJECT_HANDLE key;
	bool is_ours; /* the real module was not asked */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* All of it under the lock. */
static struct begun begun[MAX_SESSIONS];
static size_t begun_count;
static struct {
	CK_MECHANISM_TYPE mechanism;
	CK_OBJECT_HANDLE key;
	CK_BYTE message[1024];
	CK_ULONG message_len;
	CK_BYTE signature[1024];
	CK_ULONG signature_len; /* 0: nothing is remembered */
} memory;

static struct begun *
find(CK_SESSION_HANDLE session)
{
	size_t i;

	for (i = 0; i < begun_count; i++)
		if (begun[i].session == session)
			return &begun[i];
	return NULL;
}

/* @return true: there is a signature by this key in memory. */
static bool
note(const struct begun *now)
{
	struct begun *entry;
	bool is_ours = false;

	(void)pthread_mutex_lock(&lock);
	entry = find(now->session);
	if (entry == NULL && begun_count < MAX_SESSIONS)
		entry = &begun[begun_count++];
	if (entry != NULL) {
		*entry = *now;
		is_ours = memory.signature_len > 0 &&
			  memory.mechanism == now->mechanism &&
			  memory.key == now->key;
		entry->is_ours = is_ours;
	}
	(void)pthread_mutex_unlock(&lock);
	return is_ours;
}

CK_RV
fault_recall_init(const struct fault_call *call, CK_SESSION_HANDLE session,
    CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	const struct begun now = {session, mechanism->mechanism, key, false};

	if (call->acts[SG_FAULT_RECALL] && note(&now))
		return CKR_OK;
	return fault_real->C_SignInit(session, mechanism, key);
}

/* @return true: that was all. Else @p out_begun is what has gone before. */
static bool
recall(CK_SESSION_HANDLE session, const CK_BYTE *data, CK_ULONG len,
    CK_BYTE *signature, CK_ULONG *signature_len, struct begun *out_begun)
{
	struct begun *entry;
	bool is_known;

	(void)pthread_mutex_lock(&lock);
	entry = find(session);
	if (entry != NULL)
		*out_begun = *entry;
	is_known = entry != NULL && entry->is_ours &&
		   len == memory.message_len &&
		   memcmp(data, memory.message, len) == 0 &&
		   *signature_len >= memory.signature_len;
	if (is_known) {
		memcpy(signature, memory.signature, memory.signature_len);
		*signature_len = memory.signature_len;
	}
	(void)pthread_mutex_unlock(&lock);
	return is_known;
}

static void
remember(const struct begun *how, const CK_BYTE *data, CK_ULONG len,
    const CK_BYTE *signature, CK_ULONG signature_len)
{
	if (len > sizeof(memory.message) ||
	    signature_len > sizeof(memory.signature))
		return;
	(void)pthread_mutex_lock(&lock);
	memory.mechanism = how->mechanism;
	memory.key = how->key;
	memcpy(memory.message, data, len);
	memory.message_len = len;
	memcpy(memory.signature, signature, signature_len);
	memory.signature_len = signature_len;
	(void)pthread_mutex_unlock(&lock);
}

CK_RV
fault_recall_sign(const struct fault_call *call, CK_SESSION_HANDLE session,
    CK_BYTE *data, CK_ULONG data_len, CK_BYTE *signature,
    CK_ULONG *signature_len)
{
	struct begun how = {0};
	CK_RV rv = CKR_OK;

	if (!call->acts[SG_FAULT_RECALL] || signature == NULL)
		return fault_real->C_Sign(
		    session, data, data_len, signature, signature_len);
	if (recall(session, data, data_len, signature, signature_len, &how))
		return CKR_OK;
	if (how.is_ours) {
		CK_MECHANISM mechanism = {.mechanism = how.mechanism};

		rv = fault_real->C_SignInit(session, &mechanism, how.key);
	}
	if (rv == CKR_OK)
		rv = fault_real->C_Sign(
		    session, data, data_len, signature, signature_len);
	if (rv == CKR_OK)
		remember(&how, data, data_len, signature, *signature_len);
	return rv;
}
