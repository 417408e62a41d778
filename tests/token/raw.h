/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_TOKEN_RAW_H
#define SG_TESTS_TOKEN_RAW_H

/*
 * The back door to the token: PKCS#11 itself, without any code of signet, for
 * objects that signet would not make and for what it does not tell. Opened
 * while signet has the module closed: a module is initialised once a process.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include "tests/token/harness.h"

/* Also the most that raw_find() is asked for. */
#define RAW_OBJECTS_MAX 16

struct raw {
	CK_FUNCTION_LIST *fn;
	CK_SLOT_ID slot;
	CK_SESSION_HANDLE session;
};

/* It stays loaded, as loading it again for each case takes time. */
static inline CK_FUNCTION_LIST *
raw_load(void)
{
	void *library = dlopen(must_getenv("SIGNET_MODULE"), RTLD_NOW);
	CK_RV (*get)(CK_FUNCTION_LIST * *list) = NULL;
	CK_FUNCTION_LIST *list = NULL;
	void *symbol;

	if (library == NULL)
		fail_msg("%s", dlerror());
	symbol = dlsym(library, "C_GetFunctionList");
	assert_non_null(symbol);
	memcpy(&get, &symbol, sizeof(get));
	assert_int_equal(get(&list), CKR_OK);
	return list;
}

static inline CK_SLOT_ID
raw_slot(CK_FUNCTION_LIST *fn, CK_ULONG *out_count)
{
	const char *label = must_getenv("SG_TOKEN_LABEL");
	CK_UTF8CHAR padded[32];
	CK_SLOT_ID slots[RAW_OBJECTS_MAX];
	CK_ULONG count = 0;
	CK_TOKEN_INFO info;
	CK_ULONG i;

	memset(padded, ' ', sizeof(padded));
	memcpy(padded, label, strlen(label));
	/* First without room, which makes a module look: §5.5. */
	assert_int_equal(fn->C_GetSlotList(CK_TRUE, NULL, &count), CKR_OK);
	assert_true(count <= SG_COUNT(slots));
	assert_int_equal(fn->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
	*out_count = count;
	for (i = 0; i < count; i++)
		if (fn->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    memcmp(info.label, padded, sizeof(padded)) == 0)
			return slots[i];
	fail_msg("the module shows no token \"%s\"", label);
	return 0;
}

static inline void
raw_start(struct raw *raw)
{
	char *args = getenv("SIGNET_MODULE_ARGS");
	CK_C_INITIALIZE_ARGS init = {
	    .flags = CKF_OS_LOCKING_OK, .pReserved = args};
	CK_ULONG slots;

	raw->fn = raw_load();
	assert_int_equal(raw->fn->C_Initialize(&init), CKR_OK);
	raw->slot = raw_slot(raw->fn, &slots);
	assert_int_equal(
	    raw->fn->C_OpenSession(raw->slot,
		CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &raw->session),
	    CKR_OK);
}

static inline void
raw_close(struct raw *raw)
{
	(void)raw->fn->C_CloseSession(raw->session);
	assert_int_equal(raw->fn->C_Finalize(NULL), CKR_OK);
}

static inline CK_RV
raw_login(struct raw *raw, const char *pin)
{
	return raw->fn->C_Login(
	    raw->session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)pin, strlen(pin));
}

/* Logged in, where the token asks for that. */
static inline struct raw
raw_open(void)
{
	struct raw raw;
	char pin[PIN_SIZE];

	raw_start(&raw);
	if (token_can("pin"))
		assert_int_equal(raw_login(&raw, right_pin(pin)), CKR_OK);
	return raw;
}

static inline CK_ATTRIBUTE
raw_text(CK_ATTRIBUTE_TYPE type, const char *text)
{
	CK_ATTRIBUTE attr = {type, (void *)(uintptr_t)text, strlen(text)};

	return attr;
}

static inline CK_ATTRIBUTE
raw_flag(CK_ATTRIBUTE_TYPE type, bool value)
{
	static CK_BBOOL yes = CK_TRUE;
	static CK_BBOOL no = CK_FALSE;
	CK_ATTRIBUTE attr = {type, value ? &yes : &no, sizeof(yes)};

	return attr;
}

/** A pair that signet would not make. Valid when only its names are set. */
struct raw_pair {
	const char *label;
	const char *id;
	bool extractable;
	bool no_sign; /* decrypts instead */
};

static inline void
raw_generate(struct raw *raw, const struct raw_pair *pair)
{
	CK_MECHANISM mechanism = {.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN};
	CK_ULONG bits = 2048;
	CK_BYTE exponent[] = {1, 0, 1};
	CK_ATTRIBUTE public_template[] = {raw_text(CKA_LABEL, pair->label),
	    raw_text(CKA_ID, pair->id), raw_flag(CKA_TOKEN, true),
	    {CKA_MODULUS_BITS, &bits, sizeof(bits)},
	    {CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent)}};
	CK_ATTRIBUTE private_template[] = {raw_text(CKA_LABEL, pair->label),
	    raw_text(CKA_ID, pair->id), raw_flag(CKA_TOKEN, true),
	    raw_flag(CKA_PRIVATE, true),
	    raw_flag(CKA_SENSITIVE, !pair->extractable),
	    raw_flag(CKA_EXTRACTABLE, pair->extractable),
	    raw_flag(CKA_SIGN, !pair->no_sign),
	    raw_flag(CKA_DECRYPT, pair->no_sign)};
	CK_OBJECT_HANDLE keys[2];

	assert_int_equal(
	    raw->fn->C_GenerateKeyPair(raw->session, &mechanism,
		public_template, SG_COUNT(public_template), private_template,
		SG_COUNT(private_template), &keys[0], &keys[1]),
	    CKR_OK);
}

/* The objects of a class that carry a label; how many. */
static inline CK_ULONG
raw_find(struct raw *raw, CK_OBJECT_CLASS class, const char *label,
    CK_OBJECT_HANDLE *out_objects)
{
	CK_ATTRIBUTE wanted[] = {
	    {CKA_CLASS, &class, sizeof(class)}, raw_text(CKA_LABEL, label)};
	CK_ULONG count = 0;

	assert_int_equal(
	    raw->fn->C_FindObjectsInit(raw->session, wanted, SG_COUNT(wanted)),
	    CKR_OK);
	assert_int_equal(raw->fn->C_FindObjects(raw->session, out_objects,
			     RAW_OBJECTS_MAX, &count),
	    CKR_OK);
	assert_int_equal(raw->fn->C_FindObjectsFinal(raw->session), CKR_OK);
	return count;
}

/* The only one of its label. */
static inline CK_OBJECT_HANDLE
raw_find_one(struct raw *raw, CK_OBJECT_CLASS class, const char *label)
{
	CK_OBJECT_HANDLE found[RAW_OBJECTS_MAX];

	assert_int_equal(raw_find(raw, class, label, found), 1);
	return found[0];
}

static inline void
raw_destroy(struct raw *raw, CK_OBJECT_CLASS class, const char *label)
{
	CK_OBJECT_HANDLE object = raw_find_one(raw, class, label);

	assert_int_equal(
	    raw->fn->C_DestroyObject(raw->session, object), CKR_OK);
}

/* A signature of the mechanism over the bytes as they are. */
static inline struct sg_buf *
raw_sign(struct raw *raw, CK_MECHANISM_TYPE type, const char *label,
    const void *data, size_t len)
{
	CK_MECHANISM mechanism = {.mechanism = type};
	CK_OBJECT_HANDLE key = raw_find_one(raw, CKO_PRIVATE_KEY, label);
	uint8_t bytes[512];
	CK_ULONG size = sizeof(bytes);
	struct sg_buf *sig = sg_buf_new(sizeof(bytes));

	assert_int_equal(
	    raw->fn->C_SignInit(raw->session, &mechanism, key), CKR_OK);
	assert_int_equal(raw->fn->C_Sign(raw->session,
			     (CK_BYTE *)(uintptr_t)data, len, bytes, &size),
	    CKR_OK);
	sg_buf_add(sig, bytes, size);
	return sig;
}

#endif
