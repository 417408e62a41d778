/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/call.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/secret.h"
#include "pkcs11/policy.h"
#include "pkcs11/token.h"

#define ARGS_MAX 512
#define LINE_MAX (ARGS_MAX + 256)

struct sg_call
sg_call_begin(const struct sg_module *module, const char *function)
{
	const struct sg_call_hooks *hooks = module->hooks;
	struct sg_call call = {.module = module, .function = function};

	if (hooks == NULL)
		return call;
	call.start_us = sg_clock_mono_us();
	hooks->begin(hooks->ctx, function);
	return call;
}

CK_RV
sg_call_end(const struct sg_call *call, CK_RV rv, const char *format, ...)
{
	const struct sg_call_hooks *hooks = call->module->hooks;
	char args[ARGS_MAX];
	char line[LINE_MAX];
	va_list list;

	if (hooks == NULL)
		return rv;
	if (!hooks->wants_lines) {
		hooks->end(hooks->ctx, NULL);
		return rv;
	}
	va_start(list, format);
	(void)vsnprintf(args, sizeof(args), format, list);
	va_end(list);
	(void)snprintf(line, sizeof(line), "%s(%s) = %s (0x%lx), %lld us",
	    call->function, args, sg_ckr_name(rv), rv,
	    (long long)(sg_clock_mono_us() - call->start_us));
	hooks->end(hooks->ctx, line);
	return rv;
}

static bool
has_trace(const struct sg_module *module)
{
	return module->hooks != NULL && module->hooks->wants_lines;
}

/* The attributes that signet speaks of. */
static const struct {
	CK_ATTRIBUTE_TYPE type;
	const char *name;
} attribute_names[] = {
    {CKA_CLASS, "CLASS"},
    {CKA_TOKEN, "TOKEN"},
    {CKA_PRIVATE, "PRIVATE"},
    {CKA_LABEL, "LABEL"},
    {CKA_KEY_TYPE, "KEY_TYPE"},
    {CKA_ID, "ID"},
    {CKA_SENSITIVE, "SENSITIVE"},
    {CKA_ENCRYPT, "ENCRYPT"},
    {CKA_DECRYPT, "DECRYPT"},
    {CKA_WRAP, "WRAP"},
    {CKA_UNWRAP, "UNWRAP"},
    {CKA_SIGN, "SIGN"},
    {CKA_SIGN_RECOVER, "SIGN_RECOVER"},
    {CKA_VERIFY, "VERIFY"},
    {CKA_VERIFY_RECOVER, "VERIFY_RECOVER"},
    {CKA_DERIVE, "DERIVE"},
    {CKA_MODULUS, "MODULUS"},
    {CKA_MODULUS_BITS, "MODULUS_BITS"},
    {CKA_PUBLIC_EXPONENT, "PUBLIC_EXPONENT"},
    {CKA_EXTRACTABLE, "EXTRACTABLE"},
    {CKA_LOCAL, "LOCAL"},
    {CKA_NEVER_EXTRACTABLE, "NEVER_EXTRACTABLE"},
    {CKA_ALWAYS_SENSITIVE, "ALWAYS_SENSITIVE"},
    {CKA_MODIFIABLE, "MODIFIABLE"},
    {CKA_ALWAYS_AUTHENTICATE, "ALWAYS_AUTHENTICATE"},
    {CKA_ALLOWED_MECHANISMS, "ALLOWED_MECHANISMS"},
};

static const char *
mechanism_name(CK_MECHANISM_TYPE type)
{
	const char *name = sg_policy_mechanism_name(type);

	return name != NULL ? name : "another mechanism";
}

/* Which attributes and how long each is; never what is in them. */
static const char *
attributes_text(const struct sg_module *module, const CK_ATTRIBUTE *attrs,
    CK_ULONG count, char text[ARGS_MAX])
{
	size_t used = 0;
	CK_ULONG i;
	size_t k;

	text[0] = '\0';
	if (!has_trace(module))
		return text;
	for (i = 0; i < count && used < ARGS_MAX - 48; i++) {
		for (k = 0; k < SG_COUNT(attribute_names); k++)
			if (attribute_names[k].type == attrs[i].type)
				break;
		used += (size_t)snprintf(text + used, ARGS_MAX - used,
		    "%s%s:%ld", i > 0 ? " " : "",
		    k < SG_COUNT(attribute_names) ? attribute_names[k].name
						  : "?",
		    (long)attrs[i].ulValueLen);
	}
	return text;
}

CK_RV
sg_call_initialize(const struct sg_module *module, CK_C_INITIALIZE_ARGS *args)
{
	struct sg_call call = sg_call_begin(module, "C_Initialize");
	CK_RV rv = module->managed ? p11_kit_module_initialize(module->fn)
				   : module->fn->C_Initialize(args);

	return sg_call_end(&call, rv, "%s", module->name);
}

CK_RV
sg_call_finalize(const struct sg_module *module)
{
	struct sg_call call = sg_call_begin(module, "C_Finalize");
	CK_RV rv = module->managed ? p11_kit_module_finalize(module->fn)
				   : module->fn->C_Finalize(NULL);

	return sg_call_end(&call, rv, "%s", module->name);
}

CK_RV
sg_call_get_info(const struct sg_module *module, CK_INFO *info)
{
	struct sg_call call = sg_call_begin(module, "C_GetInfo");

	return sg_call_end(
	    &call, module->fn->C_GetInfo(info), "%s", module->name);
}

CK_RV
sg_call_get_slot_list(
    const struct sg_module *module, CK_SLOT_ID *slots, CK_ULONG *count)
{
	struct sg_call call = sg_call_begin(module, "C_GetSlotList");
	CK_RV rv = module->fn->C_GetSlotList(CK_TRUE, slots, count);

	return sg_call_end(&call, rv, "count=%lu", *count);
}

CK_RV
sg_call_get_slot_info(
    const struct sg_module *module, CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	struct sg_call call = sg_call_begin(module, "C_GetSlotInfo");
	CK_RV rv = module->fn->C_GetSlotInfo(slot, info);

	return sg_call_end(&call, rv, "slot=0x%lx", slot);
}

CK_RV
sg_call_get_token_info(
    const struct sg_module *module, CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	struct sg_call call = sg_call_begin(module, "C_GetTokenInfo");
	CK_RV rv = module->fn->C_GetTokenInfo(slot, info);

	return sg_call_end(
	    &call, rv, "slot=0x%lx, flags=0x%lx", slot, info->flags);
}

CK_RV
sg_call_get_mechanism_list(const struct sg_module *module, CK_SLOT_ID slot,
    CK_MECHANISM_TYPE *mechanisms, CK_ULONG *count)
{
	struct sg_call call = sg_call_begin(module, "C_GetMechanismList");
	CK_RV rv = module->fn->C_GetMechanismList(slot, mechanisms, count);

	return sg_call_end(&call, rv, "slot=0x%lx, count=%lu", slot, *count);
}

CK_RV
sg_call_get_mechanism_info(const struct sg_module *module, CK_SLOT_ID slot,
    CK_MECHANISM_TYPE mechanism, CK_MECHANISM_INFO *info)
{
	struct sg_call call = sg_call_begin(module, "C_GetMechanismInfo");
	CK_RV rv = module->fn->C_GetMechanismInfo(slot, mechanism, info);

	return sg_call_end(&call, rv, "slot=0x%lx, %s, flags=0x%lx", slot,
	    mechanism_name(mechanism), info->flags);
}

CK_RV
sg_call_open_session(const struct sg_module *module, CK_SLOT_ID slot,
    CK_FLAGS flags, CK_SESSION_HANDLE *session)
{
	struct sg_call call = sg_call_begin(module, "C_OpenSession");
	CK_RV rv = module->fn->C_OpenSession(slot, flags, NULL, NULL, session);

	/* A call that fails says nothing of the handle. */
	return sg_call_end(&call, rv, "slot=0x%lx, flags=0x%lx, session=0x%lx",
	    slot, flags, rv == CKR_OK ? *session : CK_INVALID_HANDLE);
}

CK_RV
sg_call_close_session(const struct sg_module *module, CK_SESSION_HANDLE session)
{
	struct sg_call call = sg_call_begin(module, "C_CloseSession");
	CK_RV rv = module->fn->C_CloseSession(session);

	return sg_call_end(&call, rv, "session=0x%lx", session);
}

CK_RV
sg_call_get_session_info(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
	struct sg_call call = sg_call_begin(module, "C_GetSessionInfo");
	CK_RV rv = module->fn->C_GetSessionInfo(session, info);

	return sg_call_end(
	    &call, rv, "session=0x%lx, state=%lu", session, info->state);
}

CK_RV
sg_call_login(const struct sg_module *module, CK_SESSION_HANDLE session,
    CK_USER_TYPE user, const struct sg_secret *pin)
{
	struct sg_call call = sg_call_begin(module, "C_Login");
	CK_UTF8CHAR *bytes = NULL;
	CK_ULONG len = 0;
	CK_RV rv;

	if (pin != NULL) {
		/* PKCS#11 takes the PIN by a plain pointer and only reads. */
		bytes = (CK_UTF8CHAR *)(uintptr_t)sg_secret_reveal(pin);
		len = sg_secret_len(pin);
	}
	rv = module->fn->C_Login(session, user, bytes, len);
	return sg_call_end(&call, rv, "session=0x%lx, user=%lu, PIN %s",
	    session, user, pin != NULL ? "given" : "at the token");
}

CK_RV
sg_call_find_objects_init(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_ATTRIBUTE *wanted, CK_ULONG count)
{
	struct sg_call call = sg_call_begin(module, "C_FindObjectsInit");
	char text[ARGS_MAX];
	CK_RV rv = module->fn->C_FindObjectsInit(session, wanted, count);

	return sg_call_end(&call, rv, "session=0x%lx, %s", session,
	    attributes_text(module, wanted, count, text));
}

CK_RV
sg_call_find_objects(const struct sg_module *module, CK_SESSION_HANDLE session,
    CK_OBJECT_HANDLE *objects, CK_ULONG max, CK_ULONG *count)
{
	struct sg_call call = sg_call_begin(module, "C_FindObjects");
	CK_RV rv = module->fn->C_FindObjects(session, objects, max, count);

	return sg_call_end(&call, rv, "session=0x%lx, room=%lu, found=%lu",
	    session, max, *count);
}

CK_RV
sg_call_find_objects_final(
    const struct sg_module *module, CK_SESSION_HANDLE session)
{
	struct sg_call call = sg_call_begin(module, "C_FindObjectsFinal");
	CK_RV rv = module->fn->C_FindObjectsFinal(session);

	return sg_call_end(&call, rv, "session=0x%lx", session);
}

CK_RV
sg_call_get_attribute_value(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attrs,
    CK_ULONG count)
{
	struct sg_call call = sg_call_begin(module, "C_GetAttributeValue");
	char text[ARGS_MAX];
	CK_RV rv =
	    module->fn->C_GetAttributeValue(session, object, attrs, count);

	return sg_call_end(&call, rv, "session=0x%lx, object=0x%lx, %s",
	    session, object, attributes_text(module, attrs, count, text));
}

CK_RV
sg_call_destroy_object(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	struct sg_call call = sg_call_begin(module, "C_DestroyObject");
	CK_RV rv = module->fn->C_DestroyObject(session, object);

	return sg_call_end(
	    &call, rv, "session=0x%lx, object=0x%lx", session, object);
}

CK_RV
sg_call_sign_init(const struct sg_module *module, CK_SESSION_HANDLE session,
    CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key)
{
	struct sg_call call = sg_call_begin(module, "C_SignInit");
	CK_MECHANISM mechanism = {.mechanism = type};
	CK_RV rv = module->fn->C_SignInit(session, &mechanism, key);

	return sg_call_end(&call, rv, "session=0x%lx, %s, key=0x%lx", session,
	    mechanism_name(type), key);
}

CK_RV
sg_call_sign(const struct sg_module *module, CK_SESSION_HANDLE session,
    const uint8_t *data, size_t len, uint8_t *sig, CK_ULONG *sig_len)
{
	struct sg_call call = sg_call_begin(module, "C_Sign");
	/* C_Sign reads its input through a plain pointer. */
	CK_RV rv = module->fn->C_Sign(
	    session, (CK_BYTE *)(uintptr_t)data, len, sig, sig_len);

	return sg_call_end(&call, rv,
	    "session=0x%lx, data of %zu bytes, signature of %lu bytes", session,
	    len, *sig_len);
}

CK_RV
sg_call_generate_key_pair(const struct sg_module *module,
    CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type,
    struct sg_call_pair *pair)
{
	struct sg_call call = sg_call_begin(module, "C_GenerateKeyPair");
	CK_MECHANISM mechanism = {.mechanism = type};
	char text[ARGS_MAX];
	CK_RV rv = module->fn->C_GenerateKeyPair(session, &mechanism,
	    pair->public_template, pair->public_count, pair->private_template,
	    pair->private_count, &pair->public_key, &pair->private_key);

	return sg_call_end(&call, rv, "session=0x%lx, %s, private key with %s",
	    session, mechanism_name(type),
	    attributes_text(
		module, pair->private_template, pair->private_count, text));
}
