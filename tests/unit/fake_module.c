/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fake_module.h"

#include <stdio.h>
#include <string.h>

static struct fake fake;

struct fake *
fake_module(void)
{
	return &fake;
}

/* Count the call, and say whether it is to fail. */
static CK_RV
begin(enum fake_call call)
{
	const struct fake_fault *fault = &fake.faults[call];
	unsigned int before = fake.calls[call]++;

	fake.order[call] = ++fake.now;
	if (fault->rv == CKR_OK || before < fault->skip)
		return CKR_OK;
	if (fault->times != 0 && before >= fault->skip + fault->times)
		return CKR_OK;
	return fault->rv;
}

static CK_RV
initialize(void *init_args)
{
	const CK_C_INITIALIZE_ARGS *args = init_args;
	CK_RV rv = begin(FAKE_INITIALIZE);

	fake.init_args_were_null = args == NULL;
	if (args != NULL) {
		fake.init_flags = args->flags;
		(void)snprintf(fake.init_reserved, sizeof(fake.init_reserved),
		    "%s",
		    args->pReserved != NULL ? (const char *)args->pReserved
					    : "");
	}
	if (rv == CKR_OK && fake.is_initialized)
		return CKR_CRYPTOKI_ALREADY_INITIALIZED;
	if (rv == CKR_OK)
		fake.is_initialized = true;
	return rv;
}

static CK_RV
finalize(void *reserved)
{
	(void)reserved;
	fake.is_initialized = false;
	return begin(FAKE_FINALIZE);
}

static void
pad(CK_UTF8CHAR *field, size_t size, const char *text)
{
	memset(field, ' ', size);
	memcpy(field, text, strlen(text));
}

static CK_RV
get_info(CK_INFO *info)
{
	memset(info, 0, sizeof(*info));
	pad(info->manufacturerID, sizeof(info->manufacturerID), "fake");
	pad(info->libraryDescription, sizeof(info->libraryDescription),
	    "fake module");
	return begin(FAKE_GET_INFO);
}

static CK_RV
get_slot_list(CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *count)
{
	CK_RV rv = begin(FAKE_GET_SLOT_LIST);
	size_t i;

	(void)present;
	if (rv != CKR_OK)
		return rv;
	for (i = 0; list != NULL && i < fake.slot_count; i++)
		list[i] = fake.slots[i].id;
	*count = fake.slot_count;
	if (list != NULL && fake.slots_told != 0)
		*count = fake.slots_told;
	return CKR_OK;
}

static struct fake_slot *
slot_of(CK_SLOT_ID id)
{
	size_t i;

	for (i = 0; i < fake.slot_count; i++)
		if (fake.slots[i].id == id)
			return &fake.slots[i];
	return NULL;
}

static CK_RV
get_slot_info(CK_SLOT_ID id, CK_SLOT_INFO *info)
{
	char name[] = "reader ?";

	if (slot_of(id) == NULL)
		return CKR_SLOT_ID_INVALID;
	name[7] = (char)('0' + id % 10);
	memset(info, 0, sizeof(*info));
	pad(info->slotDescription, sizeof(info->slotDescription), name);
	pad(info->manufacturerID, sizeof(info->manufacturerID), "fake");
	return begin(FAKE_GET_SLOT_INFO);
}

static CK_RV
get_token_info(CK_SLOT_ID id, CK_TOKEN_INFO *info)
{
	const struct fake_slot *slot = slot_of(id);
	CK_RV rv = begin(FAKE_GET_TOKEN_INFO);

	if (rv != CKR_OK)
		return rv;
	if (slot == NULL)
		return CKR_SLOT_ID_INVALID;
	*info = slot->info;
	return slot->info_rv;
}

static CK_RV
get_mechanism_list(CK_SLOT_ID id, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
	const struct fake_slot *slot = slot_of(id);
	CK_RV rv = begin(FAKE_GET_MECHANISM_LIST);
	size_t i;

	if (rv != CKR_OK)
		return rv;
	*count = slot->mechanism_count - slot->hidden_count;
	for (i = 0; list != NULL && i < *count; i++)
		list[i] = slot->mechanisms[slot->hidden_count + i];
	if (list != NULL && fake.mechanisms_told != 0)
		*count = fake.mechanisms_told;
	return CKR_OK;
}

static CK_RV
get_mechanism_info(
    CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	const struct fake_slot *slot = slot_of(id);
	CK_RV rv = begin(FAKE_GET_MECHANISM_INFO);
	size_t i;

	if (rv != CKR_OK)
		return rv;
	for (i = 0; slot != NULL && i < slot->mechanism_count; i++) {
		if (slot->mechanisms[i] != type)
			continue;
		memset(info, 0, sizeof(*info));
		info->flags = slot->mechanism_flags[i];
		return CKR_OK;
	}
	return CKR_MECHANISM_INVALID;
}

static CK_RV
open_session(CK_SLOT_ID id, CK_FLAGS flags, void *application, CK_NOTIFY notify,
    CK_SESSION_HANDLE *session)
{
	CK_RV rv = begin(FAKE_OPEN_SESSION);

	(void)application;
	(void)notify;
	if (rv != CKR_OK)
		return rv;
	fake.session_flags = flags;
	fake.session_slot = id;
	fake.open_sessions++;
	*session = 77;
	return CKR_OK;
}

static CK_RV
close_session(CK_SESSION_HANDLE session)
{
	if (session == 77)
		fake.open_sessions--;
	return begin(FAKE_CLOSE_SESSION);
}

static CK_RV
login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin,
    CK_ULONG len)
{
	CK_RV rv = begin(FAKE_LOGIN);

	(void)session;
	fake.pin_was_null = pin == NULL;
	fake.pin_len = len;
	if (pin != NULL && len <= sizeof(fake.pin))
		memcpy(fake.pin, pin, len);
	if (user != CKU_CONTEXT_SPECIFIC)
		return rv;
	fake.context_logins++;
	return fake.context_login_rv;
}

static struct fake_object *
object_of(CK_OBJECT_HANDLE handle)
{
	size_t i;

	for (i = 0; handle != 0 && i < FAKE_OBJECTS; i++)
		if (fake.objects[i].handle == handle)
			return &fake.objects[i];
	return NULL;
}

static const struct fake_value *
value_of(const struct fake_object *object, CK_ATTRIBUTE_TYPE type)
{
	size_t i;

	for (i = 0; i < object->count; i++)
		if (object->values[i].type == type)
			return &object->values[i];
	return NULL;
}

static CK_RV
read_one(const struct fake_object *object, CK_ATTRIBUTE *attr)
{
	const struct fake_value *value = value_of(object, attr->type);
	CK_ULONG room = attr->ulValueLen;

	attr->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	if (value == NULL)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (fake.one_rv != CKR_OK && attr->type == fake.one_type)
		return fake.one_rv;
	if (attr->pValue != NULL && room < value->len)
		return CKR_BUFFER_TOO_SMALL;
	if (attr->pValue != NULL)
		memcpy(attr->pValue, value->bytes, value->len);
	attr->ulValueLen = value->len;
	if (fake.lie_len != 0 && attr->type == fake.lie_type)
		attr->ulValueLen = fake.lie_len;
	return CKR_OK;
}

static CK_RV
get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle,
    CK_ATTRIBUTE *attrs, CK_ULONG count)
{
	const struct fake_object *object = object_of(handle);
	CK_RV rv = begin(FAKE_GET_ATTRIBUTE_VALUE);
	CK_ULONG i;

	(void)session;
	if (rv != CKR_OK)
		return rv;
	if (object == NULL)
		return CKR_OBJECT_HANDLE_INVALID;
	if (count > 1 && fake.batch_rv != CKR_OK)
		return fake.batch_rv;
	for (i = 0; i < count; i++) {
		CK_RV one = read_one(object, &attrs[i]);

		rv = one != CKR_OK ? one : rv;
		if (one != CKR_OK && fake.batch_stops)
			break;
	}
	return rv;
}

static bool
matches(
    const struct fake_object *object, const CK_ATTRIBUTE *attrs, CK_ULONG count)
{
	CK_ULONG i;

	for (i = 0; i < count; i++) {
		const struct fake_value *value =
		    value_of(object, attrs[i].type);

		if (value == NULL || value->len != attrs[i].ulValueLen ||
		    memcmp(value->bytes, attrs[i].pValue, value->len) != 0)
			return false;
	}
	return true;
}

static CK_OBJECT_HANDLE found[FAKE_OBJECTS];
static CK_ULONG found_count;
static CK_ULONG given_count;

static CK_RV
find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attrs, CK_ULONG count)
{
	CK_RV rv = begin(FAKE_FIND_INIT);
	size_t i;

	(void)session;
	if (rv != CKR_OK)
		return rv;
	fake.find_count = count;
	found_count = 0;
	given_count = 0;
	for (i = 0; i < FAKE_OBJECTS; i++)
		if (fake.objects[i].handle != 0 &&
		    matches(&fake.objects[i], attrs, count))
			found[found_count++] = fake.objects[i].handle;
	return CKR_OK;
}

static CK_RV
find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG max,
    CK_ULONG *count)
{
	CK_RV rv = begin(FAKE_FIND);

	(void)session;
	if (rv != CKR_OK)
		return rv;
	if (fake.portion != 0 && max > fake.portion)
		max = fake.portion;
	*count = 0;
	while (*count < max && given_count < found_count)
		objects[(*count)++] = found[given_count++];
	/* A test that hangs says less than one that fails. */
	if (fake.find_lie != 0 && fake.calls[FAKE_FIND] < 1000)
		*count = fake.find_lie;
	return CKR_OK;
}

static CK_RV
find_final(CK_SESSION_HANDLE session)
{
	(void)session;
	return begin(FAKE_FIND_FINAL);
}

static CK_RV
sign_init(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_RV rv = begin(FAKE_SIGN_INIT);

	(void)session;
	if (rv != CKR_OK)
		return rv;
	if (fake.key_refuses != 0 && mechanism->mechanism == fake.key_refuses)
		return CKR_MECHANISM_INVALID;
	fake.mechanism = mechanism->mechanism;
	fake.sign_key = key;
	return CKR_OK;
}

static CK_RV
sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *signature,
    CK_ULONG *signature_len)
{
	CK_RV rv = begin(FAKE_SIGN);

	(void)session;
	if (rv != CKR_OK)
		return rv;
	fake.message_len = len;
	if (len <= sizeof(fake.message))
		memcpy(fake.message, data, len);
	memcpy(signature, fake.signature, fake.signature_len);
	*signature_len = fake.signature_len;
	return CKR_OK;
}

static struct fake_object *
new_object(void)
{
	size_t i;

	for (i = 0; i < FAKE_OBJECTS; i++) {
		if (fake.objects[i].handle != 0)
			continue;
		memset(&fake.objects[i], 0, sizeof(fake.objects[i]));
		fake.objects[i].handle = 1000 + i;
		return &fake.objects[i];
	}
	return NULL;
}

static void
store(struct fake_object *object, CK_ATTRIBUTE_TYPE type, const void *bytes,
    CK_ULONG len)
{
	struct fake_value *value = &object->values[object->count++];

	value->type = type;
	value->len = len;
	memcpy(value->bytes, bytes, len);
}

static void
store_flag(struct fake_object *object, CK_ATTRIBUTE_TYPE type, CK_BBOOL value)
{
	if (fake.hides_type != 0 && type == fake.hides_type)
		return;
	if (type == fake.stores_type)
		value = fake.stores_value;
	store(object, type, &value, sizeof(value));
}

/* What the template says, but for flags that the test wants otherwise. */
static void
store_template(
    struct fake_object *object, const CK_ATTRIBUTE *attrs, CK_ULONG count)
{
	CK_ULONG i;

	for (i = 0; i < count; i++) {
		if (attrs[i].ulValueLen == sizeof(CK_BBOOL) &&
		    attrs[i].type != CKA_LABEL && attrs[i].type != CKA_ID)
			store_flag(object, attrs[i].type,
			    *(const CK_BBOOL *)attrs[i].pValue);
		else
			store(object, attrs[i].type, attrs[i].pValue,
			    attrs[i].ulValueLen);
	}
}

static void
store_common(struct fake_object *object, CK_OBJECT_CLASS class, CK_ULONG bits)
{
	static const CK_BYTE exponent[] = {1, 0, 1};
	CK_KEY_TYPE type = CKK_RSA;
	CK_BYTE modulus[512];

	memset(modulus, 0xc5, sizeof(modulus));
	store(object, CKA_CLASS, &class, sizeof(class));
	store(object, CKA_KEY_TYPE, &type, sizeof(type));
	store(object, CKA_MODULUS, modulus, bits / 8);
	store(object, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
}

static void
remember(struct fake_try *try, const CK_ATTRIBUTE *public_attrs,
    CK_ULONG public_count, const CK_ATTRIBUTE *private_attrs,
    CK_ULONG private_count)
{
	CK_ULONG i;

	try->public_count = public_count;
	try->private_count = private_count;
	for (i = 0; i < public_count; i++)
		try->public_types[i] = public_attrs[i].type;
	for (i = 0; i < private_count; i++)
		try->private_types[i] = private_attrs[i].type;
}

static bool
has_type(const CK_ATTRIBUTE *attrs, CK_ULONG count, CK_ATTRIBUTE_TYPE type)
{
	CK_ULONG i;

	for (i = 0; i < count; i++)
		if (attrs[i].type == type)
			return true;
	return false;
}

static CK_ULONG
bits_of(const CK_ATTRIBUTE *attrs, CK_ULONG count)
{
	CK_ULONG i;

	for (i = 0; i < count; i++)
		if (attrs[i].type == CKA_MODULUS_BITS)
			return *(const CK_ULONG *)attrs[i].pValue;
	return 0;
}

static CK_RV
generate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_ATTRIBUTE *public_attrs, CK_ULONG public_count,
    CK_ATTRIBUTE *private_attrs, CK_ULONG private_count,
    CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
	CK_ULONG bits = bits_of(public_attrs, public_count);
	CK_RV rv = begin(FAKE_GENERATE);
	struct fake_object *object;

	(void)session;
	fake.mechanism = mechanism->mechanism;
	if (fake.try_count < FAKE_TRIES)
		remember(&fake.tries[fake.try_count++], public_attrs,
		    public_count, private_attrs, private_count);
	if (rv != CKR_OK)
		return rv;
	if (fake.template_rv != CKR_OK &&
	    (has_type(private_attrs, private_count, fake.template_refuses) ||
		has_type(public_attrs, public_count, fake.template_refuses)))
		return fake.template_rv;
	object = new_object();
	store_template(object, private_attrs, private_count);
	store_common(object, CKO_PRIVATE_KEY,
	    fake.stores_bits != 0 ? fake.stores_bits : bits);
	store_flag(object, CKA_LOCAL, CK_TRUE);
	store_flag(object, CKA_ALWAYS_SENSITIVE, CK_TRUE);
	store_flag(object, CKA_NEVER_EXTRACTABLE, CK_TRUE);
	fake.generated_private = object->handle;
	object = new_object();
	store_template(object, public_attrs, public_count);
	store_common(object, CKO_PUBLIC_KEY, bits);
	fake.generated_public = object->handle;
	if (fake.lost_rv != CKR_OK)
		return fake.lost_rv;
	*private_key = fake.generated_private;
	*public_key = fake.generated_public;
	return CKR_OK;
}

static CK_RV
destroy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle)
{
	struct fake_object *object = object_of(handle);
	CK_RV rv = begin(FAKE_DESTROY_OBJECT);

	(void)session;
	if (rv != CKR_OK)
		return rv;
	if (object == NULL)
		return CKR_OBJECT_HANDLE_INVALID;
	if (handle == fake.generated_private &&
	    fake.destroy_private_rv != CKR_OK)
		return fake.destroy_private_rv;
	if (fake.destroyed_count < 4)
		fake.destroyed[fake.destroyed_count++] = handle;
	object->handle = 0;
	return CKR_OK;
}

static CK_FUNCTION_LIST functions = {
    .version = {2, 40},
    .C_Initialize = initialize,
    .C_Finalize = finalize,
    .C_GetInfo = get_info,
    .C_GetFunctionList = C_GetFunctionList,
    .C_GetSlotList = get_slot_list,
    .C_GetSlotInfo = get_slot_info,
    .C_GetTokenInfo = get_token_info,
    .C_GetMechanismList = get_mechanism_list,
    .C_GetMechanismInfo = get_mechanism_info,
    .C_OpenSession = open_session,
    .C_CloseSession = close_session,
    .C_Login = login,
    .C_DestroyObject = destroy_object,
    .C_GetAttributeValue = get_attribute_value,
    .C_FindObjectsInit = find_init,
    .C_FindObjects = find,
    .C_FindObjectsFinal = find_final,
    .C_SignInit = sign_init,
    .C_Sign = sign,
    .C_GenerateKeyPair = generate,
};

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	*list = &functions;
	return CKR_OK;
}
