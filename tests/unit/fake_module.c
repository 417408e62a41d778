/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fake_module.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct fake fake;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct fake *
fake_module(void)
{
	return &fake;
}

static int
take_lock(void)
{
	(void)pthread_mutex_lock(&lock);
	return 0;
}

static void
give_lock(int *taken)
{
	(void)taken;
	(void)pthread_mutex_unlock(&lock);
}

/* Until the end of the function: a module is used by many threads. */
#define HOLD_LOCK \
	__attribute__((cleanup(give_lock), unused)) int taken = take_lock()

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

/* As SoftHSM: a private key's handle is another one after each login. */
static void
log_out(void)
{
	size_t i;

	if (fake.wants_login && fake.is_logged_in)
		for (i = 0; i < FAKE_OBJECTS; i++)
			if (fake.objects[i].handle != 0)
				fake.objects[i].handle += 100;
	fake.is_logged_in = false;
}

static CK_SESSION_HANDLE *
session_of(CK_SESSION_HANDLE handle)
{
	size_t i;

	for (i = 0; handle != 0 && i < FAKE_SESSIONS; i++)
		if (fake.sessions[i] == handle)
			return &fake.sessions[i];
	return NULL;
}

/* Count the call, and say whether its session lets it go on. */
static CK_RV
begin_with(CK_SESSION_HANDLE session, enum fake_call call)
{
	CK_RV rv = begin(call);

	if (rv == CKR_OK && session_of(session) == NULL)
		return CKR_SESSION_HANDLE_INVALID;
	return rv;
}

static CK_RV
initialize(void *init_args)
{
	HOLD_LOCK;
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
	if (rv == CKR_OK && fake.pid == 0)
		fake.pid = getpid();
	return rv;
}

static CK_RV
finalize(void *reserved)
{
	CK_RV rv;
	HOLD_LOCK;

	(void)reserved;
	rv = begin(FAKE_FINALIZE);
	if (rv == CKR_OK && !fake.is_initialized)
		rv = CKR_CRYPTOKI_NOT_INITIALIZED;
	fake.is_initialized = false;
	fake.left_open += fake.open_sessions;
	fake.open_sessions = 0;
	memset(fake.sessions, 0, sizeof(fake.sessions));
	log_out();
	return rv;
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
	HOLD_LOCK;
	memset(info, 0, sizeof(*info));
	pad(info->manufacturerID, sizeof(info->manufacturerID), "fake");
	pad(info->libraryDescription, sizeof(info->libraryDescription),
	    "fake module");
	return begin(FAKE_GET_INFO);
}

static CK_RV
get_slot_list(CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *count)
{
	HOLD_LOCK;
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
	HOLD_LOCK;
	char name[] = "reader ?";

	if (slot_of(id) == NULL)
		return CKR_SLOT_ID_INVALID;
	name[7] = (char)('0' + id % 10);
	memset(info, 0, sizeof(*info));
	pad(info->slotDescription, sizeof(info->slotDescription), name);
	pad(info->manufacturerID, sizeof(info->manufacturerID), "fake");
	info->flags = CKF_TOKEN_PRESENT;
	return begin(FAKE_GET_SLOT_INFO);
}

static CK_RV
get_token_info(CK_SLOT_ID id, CK_TOKEN_INFO *info)
{
	HOLD_LOCK;
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
	HOLD_LOCK;
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
	if (list == NULL && fake.mechanisms_promised != 0)
		*count = fake.mechanisms_promised;
	return CKR_OK;
}

static CK_RV
get_mechanism_info(
    CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	HOLD_LOCK;
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
check_room(CK_SLOT_ID id)
{
	const struct fake_slot *slot = slot_of(id);

	if (slot == NULL)
		return CKR_SLOT_ID_INVALID;
	if (slot->info_rv != CKR_OK)
		return slot->info_rv;
	if (fake.session_limit != 0 && fake.open_sessions >= fake.session_limit)
		return CKR_SESSION_COUNT;
	return fake.open_sessions < FAKE_SESSIONS ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV
open_session(CK_SLOT_ID id, CK_FLAGS flags, void *application, CK_NOTIFY notify,
    CK_SESSION_HANDLE *session)
{
	CK_RV rv;
	size_t i = 0;
	HOLD_LOCK;

	(void)application;
	(void)notify;
	rv = begin(FAKE_OPEN_SESSION);
	if (rv == CKR_OK)
		rv = check_room(id);
	if (rv != CKR_OK)
		return rv;
	while (fake.sessions[i] != 0)
		i++;
	fake.session_flags = flags;
	fake.session_slot = id;
	fake.sessions[i] = 77 + fake.sessions_made++;
	fake.open_sessions++;
	if (fake.open_sessions > fake.most_sessions)
		fake.most_sessions = fake.open_sessions;
	*session = fake.sessions[i];
	return CKR_OK;
}

static CK_RV
close_session(CK_SESSION_HANDLE session)
{
	CK_RV rv;
	HOLD_LOCK;

	rv = begin_with(session, FAKE_CLOSE_SESSION);
	if (session_of(session) == NULL)
		return rv;
	*session_of(session) = 0;
	if (--fake.open_sessions == 0 && !fake.login_stays)
		log_out();
	return rv;
}

static CK_RV
close_all_sessions(CK_SLOT_ID id)
{
	HOLD_LOCK;

	(void)id;
	memset(fake.sessions, 0, sizeof(fake.sessions));
	fake.open_sessions = 0;
	log_out();
	return CKR_OK;
}

static CK_RV
get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
	CK_RV rv;
	HOLD_LOCK;

	if (getpid() != fake.pid && fake.hangs_in_child)
		(void)pause();
	if (getpid() != fake.pid && fake.dies_in_child)
		(void)raise(SIGKILL);
	rv = begin_with(session, FAKE_GET_SESSION_INFO);
	if (rv != CKR_OK)
		return rv;
	memset(info, 0, sizeof(*info));
	info->slotID = fake.session_slot;
	info->flags = fake.session_flags;
	info->state =
	    fake.is_logged_in ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION;
	return CKR_OK;
}

static bool
is_wrong(const CK_UTF8CHAR *pin, CK_ULONG len)
{
	return fake.right_pin != NULL &&
	       (pin == NULL || len != strlen(fake.right_pin) ||
		   memcmp(pin, fake.right_pin, len) != 0);
}

static CK_RV
login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin,
    CK_ULONG len)
{
	CK_RV rv;
	HOLD_LOCK;

	rv = begin_with(session, FAKE_LOGIN);
	fake.pin_was_null = pin == NULL;
	fake.pin_len = len;
	if (pin != NULL && len <= sizeof(fake.pin))
		memcpy(fake.pin, pin, len);
	if (rv == CKR_OK && is_wrong(pin, len))
		rv = CKR_PIN_INCORRECT;
	if (user == CKU_CONTEXT_SPECIFIC) {
		fake.context_logins++;
		return rv != CKR_OK ? rv : fake.context_login_rv;
	}
	if (rv == CKR_OK && fake.wants_login && fake.is_logged_in)
		return CKR_USER_ALREADY_LOGGED_IN;
	if (rv == CKR_OK)
		fake.is_logged_in = true;
	return rv;
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
	HOLD_LOCK;
	const struct fake_object *object = object_of(handle);
	CK_RV rv = begin_with(session, FAKE_GET_ATTRIBUTE_VALUE);
	CK_ULONG i;

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
	HOLD_LOCK;
	CK_RV rv = begin_with(session, FAKE_FIND_INIT);
	size_t i;

	if (rv != CKR_OK)
		return rv;
	fake.find_count = count;
	found_count = 0;
	given_count = 0;
	if (fake.wants_login && !fake.is_logged_in)
		return CKR_OK;
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
	HOLD_LOCK;
	CK_RV rv = begin_with(session, FAKE_FIND);

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
	HOLD_LOCK;

	return begin_with(session, FAKE_FIND_FINAL);
}

static CK_RV
sign_init(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	HOLD_LOCK;
	CK_RV rv = begin_with(session, FAKE_SIGN_INIT);

	if (rv != CKR_OK)
		return rv;
	if (fake.wants_login && (!fake.is_logged_in || object_of(key) == NULL))
		return CKR_OBJECT_HANDLE_INVALID;
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
	HOLD_LOCK;
	CK_RV rv = begin_with(session, FAKE_SIGN);

	if (rv != CKR_OK)
		return rv;
	fake.message_len = len;
	if (len <= sizeof(fake.message))
		memcpy(fake.message, data, len);
	memcpy(signature, fake.signature, fake.signature_len);
	*signature_len = fake.signature_len;
	if (fake.signature_lie != 0 &&
	    (fake.lies_with == 0 || fake.lies_with == fake.mechanism))
		*signature_len = fake.signature_lie;
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
	HOLD_LOCK;
	CK_ULONG bits = bits_of(public_attrs, public_count);
	CK_RV rv = begin_with(session, FAKE_GENERATE);
	struct fake_object *object;

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
	HOLD_LOCK;
	struct fake_object *object = object_of(handle);
	CK_RV rv = begin_with(session, FAKE_DESTROY_OBJECT);

	if (rv != CKR_OK)
		return rv;
	if (object == NULL)
		return CKR_OBJECT_HANDLE_INVALID;
	if (handle == fake.generated_private &&
	    fake.destroy_private_rv != CKR_OK)
		return fake.destroy_private_rv;
	if (fake.destroy_logs_out) {
		log_out();
		return CKR_USER_NOT_LOGGED_IN;
	}
	if (fake.destroyed_count < 4)
		fake.destroyed[fake.destroyed_count++] = handle;
	object->handle = 0;
	return fake.destroyed_count == 1 ? fake.destroy_lost_rv : CKR_OK;
}

/* pkcs11-provider asks each token for random bytes. */
static CK_RV
generate_random(CK_SESSION_HANDLE session, CK_BYTE *bytes, CK_ULONG len)
{
	(void)session;
	(void)bytes;
	(void)len;
	return CKR_RANDOM_NO_RNG;
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
    .C_CloseAllSessions = close_all_sessions,
    .C_GetSessionInfo = get_session_info,
    .C_Login = login,
    .C_DestroyObject = destroy_object,
    .C_GetAttributeValue = get_attribute_value,
    .C_FindObjectsInit = find_init,
    .C_FindObjects = find,
    .C_FindObjectsFinal = find_final,
    .C_SignInit = sign_init,
    .C_Sign = sign,
    .C_GenerateKeyPair = generate,
    .C_GenerateRandom = generate_random,
};

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	*list = &functions;
	return CKR_OK;
}
