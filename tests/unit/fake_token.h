/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_TOKEN_H
#define SG_TESTS_FAKE_TOKEN_H

/*
 * The fake module as a test uses it: one good token, and keys by the line.
 * The module lies beside the folder of the test programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/text.h"
#include "pkcs11/key.h"
#include "pkcs11/p11.h"
#include "pkcs11/token.h"
#include "pkcs11/uri.h"
#include "tests/unit/fake_module.h"

static struct fake *fake;
static char fake_path[PATH_MAX];

/* Keys have this id unless a test says otherwise. */
static const uint8_t fake_id[] = {0x0a, 0x0b};

static inline void
fake_load(void)
{
	struct fake *(*state)(void);
	void *module;
	char *slash;
	ssize_t len;
	int up;

	len = readlink("/proc/self/exe", fake_path, sizeof(fake_path) - 32);
	assert_true(len > 0);
	fake_path[len] = '\0';
	for (up = 0; up < 2; up++) {
		slash = strrchr(fake_path, '/');
		assert_non_null(slash);
		*slash = '\0';
	}
	memcpy(fake_path + strlen(fake_path), "/fake_module.so",
	    sizeof("/fake_module.so"));
	/* Held until the end, so that its state outlives what is tested. */
	module = dlopen(fake_path, RTLD_NOW);
	if (module == NULL)
		fail_msg("%s", dlerror());
	*(void **)&state = dlsym(module, "fake_module");
	assert_non_null(state);
	fake = state();
}

static inline void
fake_pad(CK_UTF8CHAR *field, size_t size, const char *text)
{
	memset(field, ' ', size);
	memcpy(field, text, strlen(text));
}

/* The module alone, for what is below a token. */
static inline struct sg_modules *
fake_start(void)
{
	struct sg_modules *modules = NULL;
	struct sg_err err = {0};

	if (sg_modules_open(fake_path, NULL, NULL, &modules, &err) != SG_OK)
		fail_msg("%s", err.text);
	return modules;
}

/* A token in its own slot that is initialised, wants a PIN, and does RS256. */
static inline struct fake_slot *
fake_add_slot(CK_SLOT_ID id, const char *label, const char *serial)
{
	struct fake_slot *slot = &fake->slots[fake->slot_count++];
	CK_TOKEN_INFO *info = &slot->info;

	memset(slot, 0, sizeof(*slot));
	slot->id = id;
	fake_pad(info->label, sizeof(info->label), label);
	fake_pad(info->manufacturerID, sizeof(info->manufacturerID), "fake");
	fake_pad(info->model, sizeof(info->model), "m1");
	fake_pad(info->serialNumber, sizeof(info->serialNumber), serial);
	info->flags = CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED |
		      CKF_USER_PIN_INITIALIZED;
	slot->mechanisms[0] = CKM_SHA256_RSA_PKCS;
	slot->mechanism_flags[0] = CKF_SIGN;
	slot->mechanisms[1] = CKM_RSA_PKCS;
	slot->mechanism_flags[1] = CKF_SIGN;
	slot->mechanisms[2] = CKM_RSA_PKCS_KEY_PAIR_GEN;
	slot->mechanism_flags[2] = CKF_GENERATE_KEY_PAIR;
	slot->mechanism_count = 3;
	return slot;
}

/* The set-up of each test. */
static inline int
fake_set_up(void **state)
{
	(void)state;
	if (fake == NULL)
		fake_load();
	memset(fake, 0, sizeof(*fake));
	(void)fake_add_slot(7, "dev", "0001");
	fake->signature_len = 256;
	memset(fake->signature, 0x5a, sizeof(fake->signature));
	return 0;
}

/* Nothing that was opened may stay open. */
static inline int
fake_tear_down(void **state)
{
	(void)state;
	if (fake->open_sessions != 0 || fake->left_open != 0 ||
	    fake->is_initialized)
		return -1;
	return 0;
}

/* The token forgets every session, and with them the login; keys then have
 * other handles. */
static inline void
fake_lose_sessions(void)
{
	size_t i;

	for (i = 0; fake->wants_login && i < FAKE_OBJECTS; i++)
		if (fake->objects[i].handle != 0)
			fake->objects[i].handle += 100;
	memset(fake->sessions, 0, sizeof(fake->sessions));
	fake->open_sessions = 0;
	fake->is_logged_in = false;
}

#define FAKE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

static inline struct fake_value *
fake_value(struct fake_object *object, CK_ATTRIBUTE_TYPE type)
{
	size_t i;

	for (i = 0; i < object->count; i++)
		if (object->values[i].type == type)
			return &object->values[i];
	return NULL;
}

static inline void
fake_put(struct fake_object *object, CK_ATTRIBUTE_TYPE type, const void *bytes,
    size_t len)
{
	struct fake_value *value = fake_value(object, type);

	if (value == NULL)
		value = &object->values[object->count++];
	assert_true(object->count <= FAKE_VALUES);
	value->type = type;
	value->len = len;
	memcpy(value->bytes, bytes, len);
}

static inline void
fake_put_flag(struct fake_object *object, CK_ATTRIBUTE_TYPE type, bool flag)
{
	CK_BBOOL value = flag ? CK_TRUE : CK_FALSE;

	fake_put(object, type, &value, sizeof(value));
}

/* The object no longer knows the attribute. */
static inline void
fake_drop(struct fake_object *object, CK_ATTRIBUTE_TYPE type)
{
	struct fake_value *value = fake_value(object, type);

	assert_non_null(value);
	value->type = CKA_VENDOR_DEFINED;
}

static inline struct fake_object *
fake_add_object(
    CK_OBJECT_CLASS class, const char *label, const uint8_t *id, size_t id_len)
{
	static const uint8_t exponent[] = {1, 0, 1};
	CK_KEY_TYPE type = CKK_RSA;
	uint8_t modulus[256];
	size_t i = 0;

	while (fake->objects[i].handle != 0)
		assert_true(++i < FAKE_OBJECTS);
	memset(&fake->objects[i], 0, sizeof(fake->objects[i]));
	fake->objects[i].handle = 500 + i;
	memset(modulus, 0xc5, sizeof(modulus));
	fake_put(&fake->objects[i], CKA_CLASS, &class, sizeof(class));
	fake_put(&fake->objects[i], CKA_KEY_TYPE, &type, sizeof(type));
	fake_put(&fake->objects[i], CKA_LABEL, label, strlen(label));
	fake_put(&fake->objects[i], CKA_ID, id, id_len);
	fake_put(&fake->objects[i], CKA_MODULUS, modulus, sizeof(modulus));
	fake_put(
	    &fake->objects[i], CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
	return &fake->objects[i];
}

/* A private key as it should be. */
static inline struct fake_object *
fake_add_key(const char *label, const uint8_t *id, size_t id_len)
{
	struct fake_object *key =
	    fake_add_object(CKO_PRIVATE_KEY, label, id, id_len);

	fake_put_flag(key, CKA_TOKEN, true);
	fake_put_flag(key, CKA_PRIVATE, true);
	fake_put_flag(key, CKA_SENSITIVE, true);
	fake_put_flag(key, CKA_EXTRACTABLE, false);
	fake_put_flag(key, CKA_ALWAYS_SENSITIVE, true);
	fake_put_flag(key, CKA_NEVER_EXTRACTABLE, true);
	fake_put_flag(key, CKA_LOCAL, true);
	fake_put_flag(key, CKA_MODIFIABLE, false);
	fake_put_flag(key, CKA_SIGN, true);
	fake_put_flag(key, CKA_DECRYPT, false);
	fake_put_flag(key, CKA_UNWRAP, false);
	fake_put_flag(key, CKA_SIGN_RECOVER, false);
	fake_put_flag(key, CKA_DERIVE, false);
	fake_put_flag(key, CKA_ALWAYS_AUTHENTICATE, false);
	fake_put(key, CKA_ALLOWED_MECHANISMS, "", 0);
	return key;
}

static inline struct sg_uri *
fake_uri(const char *text)
{
	struct sg_uri *uri = NULL;
	struct sg_err err = {0};

	if (sg_uri_parse(text, &uri, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
	return uri;
}

/* The token that a URI names; NULL for the only one. */
static inline struct sg_token *
fake_open(const char *text)
{
	SG_AUTO(sg_uri) uri = text != NULL ? fake_uri(text) : NULL;
	struct sg_token_opts opts = {.module_path = fake_path, .uri = uri};
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	if (sg_token_open(&opts, &token, &err) != SG_OK)
		fail_msg("%s", err.text);
	return token;
}

/* A PIN source that counts how often it is asked. */
struct fake_pin {
	const char *pin; /* NULL: it has none */
	unsigned int asked;
};

static inline enum sg_rc
fake_pin_get(void *ctx, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err)
{
	struct fake_pin *source = ctx;

	(void)token;
	source->asked++;
	if (source->pin == NULL)
		return sg_fail(err, SG_E_PIN_MISSING, "no PIN here");
	return sg_secret_new(source->pin, strlen(source->pin), out_pin, err);
}

static inline enum sg_rc
fake_login(struct sg_token *token, struct fake_pin *pin, struct sg_err *err)
{
	const struct sg_pin_source source = {.get = fake_pin_get, .ctx = pin};

	return sg_token_login(token, &source, err);
}

/* The texts that follow "pkcs11:" in an error, each up to a blank or comma. */
static inline size_t
fake_uris_in(const char *text, char (*out)[SG_ERR_TEXT_MAX], size_t max)
{
	size_t count = 0;

	for (text = strstr(text, " pkcs11:"); text != NULL && count < max;
	     text = strstr(text + 1, " pkcs11:")) {
		size_t len = strcspn(text + 1, " ,");

		memcpy(out[count], text + 1, len);
		out[count++][len] = '\0';
	}
	return count;
}

#endif
