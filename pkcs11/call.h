/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_CALL_H
#define SG_PKCS11_CALL_H

/*
 * Every call into a module, so that one place tells of it: who watches for a
 * call that never returns, and who keeps a trace, sees all of them. Each takes
 * what the PKCS#11 function takes: v2.40 base §5.
 */
#include "pkcs11/p11.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One call that is under way. */
struct sg_call {
	const struct sg_module *module;
	const char *function;
	int64_t start_us;
};

/** Tell of a call that is about to be made, also of one through OpenSSL. */
struct sg_call sg_call_begin(
    const struct sg_module *module, const char *function);

/**
 * Tell that it returned, with its arguments for the trace. Never a PIN, never
 * what is signed.
 *
 * @return @p rv.
 */
CK_RV sg_call_end(const struct sg_call *call, CK_RV rv, const char *format, ...)
    SG_PRINTF(3, 4);

/** A module of p11-kit's registry is started and stopped by p11-kit. */
CK_RV sg_call_initialize(
    const struct sg_module *module, CK_C_INITIALIZE_ARGS *args);
CK_RV sg_call_finalize(const struct sg_module *module);

CK_RV sg_call_get_info(const struct sg_module *module, CK_INFO *info);
CK_RV sg_call_get_slot_list(
    const struct sg_module *module, CK_SLOT_ID *slots, CK_ULONG *count);
CK_RV sg_call_get_slot_info(
    const struct sg_module *module, CK_SLOT_ID slot, CK_SLOT_INFO *info);
CK_RV sg_call_get_token_info(
    const struct sg_module *module, CK_SLOT_ID slot, CK_TOKEN_INFO *info);
CK_RV sg_call_get_mechanism_list(const struct sg_module *module,
    CK_SLOT_ID slot, CK_MECHANISM_TYPE *mechanisms, CK_ULONG *count);
CK_RV sg_call_get_mechanism_info(const struct sg_module *module,
    CK_SLOT_ID slot, CK_MECHANISM_TYPE mechanism, CK_MECHANISM_INFO *info);

CK_RV sg_call_open_session(const struct sg_module *module, CK_SLOT_ID slot,
    CK_FLAGS flags, CK_SESSION_HANDLE *session);
CK_RV sg_call_close_session(
    const struct sg_module *module, CK_SESSION_HANDLE session);
CK_RV sg_call_get_session_info(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_SESSION_INFO *info);

/** @param pin  NULL where the PIN is entered at the token. */
CK_RV sg_call_login(const struct sg_module *module, CK_SESSION_HANDLE session,
    CK_USER_TYPE user, const struct sg_secret *pin);

CK_RV sg_call_find_objects_init(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_ATTRIBUTE *wanted, CK_ULONG count);
CK_RV sg_call_find_objects(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG max,
    CK_ULONG *count);
CK_RV sg_call_find_objects_final(
    const struct sg_module *module, CK_SESSION_HANDLE session);
CK_RV sg_call_get_attribute_value(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attrs,
    CK_ULONG count);
CK_RV sg_call_destroy_object(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);

CK_RV sg_call_sign_init(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_MECHANISM_TYPE mechanism,
    CK_OBJECT_HANDLE key);
CK_RV sg_call_sign(const struct sg_module *module, CK_SESSION_HANDLE session,
    const uint8_t *data, size_t len, uint8_t *sig, CK_ULONG *sig_len);

/** Two templates and the handles of the pair that was made. */
struct sg_call_pair {
	CK_ATTRIBUTE *public_template;
	CK_ULONG public_count;
	CK_ATTRIBUTE *private_template;
	CK_ULONG private_count;
	CK_OBJECT_HANDLE public_key;
	CK_OBJECT_HANDLE private_key;
};

CK_RV sg_call_generate_key_pair(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_MECHANISM_TYPE mechanism,
    struct sg_call_pair *pair);

#ifdef __cplusplus
}
#endif

#endif
