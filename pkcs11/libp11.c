/* SPDX-License-Identifier: Apache-2.0 */
#include <libp11.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "pkcs11/door.h"

/* libp11's functions, once it is loaded. */
struct calls {
	__typeof__(PKCS11_CTX_new) *ctx_new;
	__typeof__(PKCS11_CTX_load) *ctx_load;
	__typeof__(PKCS11_CTX_free) *ctx_free;
	__typeof__(PKCS11_set_ui_method) *set_ui_method;
	__typeof__(PKCS11_enumerate_slots) *enumerate_slots;
	__typeof__(PKCS11_release_all_slots) *release_all_slots;
	__typeof__(PKCS11_get_slotid_from_slot) *get_slotid_from_slot;
	__typeof__(PKCS11_enumerate_keys) *enumerate_keys;
	__typeof__(PKCS11_get_private_key) *get_private_key;
};

struct libp11 {
	struct calls calls;
	PKCS11_CTX *ctx;
	PKCS11_SLOT *slots;
	unsigned int slot_count;
	unsigned long slot;
};

/*
 * Without PKCS11_CTX_unload(), which would finalise the module that others in
 * this process use. It stays mapped until the process ends.
 */
static void
close_libp11(void *impl)
{
	struct libp11 *door = impl;

	if (door->slots != NULL)
		door->calls.release_all_slots(
		    door->ctx, door->slots, door->slot_count);
	if (door->ctx != NULL)
		door->calls.ctx_free(door->ctx);
	free(door);
}

static enum sg_rc
load_library(struct calls *calls, struct sg_err *err)
{
	const struct sg_door_symbol symbols[] = {
	    {"PKCS11_CTX_new", &calls->ctx_new},
	    {"PKCS11_CTX_load", &calls->ctx_load},
	    {"PKCS11_CTX_free", &calls->ctx_free},
	    {"PKCS11_set_ui_method", &calls->set_ui_method},
	    {"PKCS11_enumerate_slots", &calls->enumerate_slots},
	    {"PKCS11_release_all_slots", &calls->release_all_slots},
	    {"PKCS11_get_slotid_from_slot", &calls->get_slotid_from_slot},
	    {"PKCS11_enumerate_keys", &calls->enumerate_keys},
	    {"PKCS11_get_private_key", &calls->get_private_key},
	};

	return sg_door_library(
	    "libp11.so.3", "libp11-3", symbols, SG_COUNT(symbols), err);
}

static enum sg_rc
load(struct libp11 *door, const struct sg_door_at *at, struct sg_err *err)
{
	enum sg_rc rc;

	rc = load_library(&door->calls, err);
	if (rc != SG_OK)
		return rc;
	door->slot = at->slot;
	door->ctx = door->calls.ctx_new();
	if (door->ctx == NULL)
		return sg_fail_nomem(err);
	(void)door->calls.set_ui_method(door->ctx, at->ui, NULL);
	/* It is initialised, so that an init string would not be looked at. */
	if (door->calls.ctx_load(door->ctx, at->module_path) != 0)
		return sg_door_failed(
		    err, "load %s into libp11", at->module_path);
	if (door->calls.enumerate_slots(
		door->ctx, &door->slots, &door->slot_count) != 0)
		return sg_door_failed(err, "list the slots through libp11");
	return SG_OK;
}

static enum sg_rc
open_libp11(const struct sg_door_at *at, void **out_impl, struct sg_err *err)
{
	struct libp11 *door = calloc(1, sizeof(*door));
	enum sg_rc rc;

	if (door == NULL)
		return sg_fail_nomem(err);
	ERR_clear_error();
	rc = load(door, at, err);
	if (rc != SG_OK) {
		close_libp11(door);
		return rc;
	}
	*out_impl = door;
	return SG_OK;
}

static PKCS11_TOKEN *
find_token(const struct libp11 *door)
{
	unsigned int i;

	for (i = 0; i < door->slot_count; i++)
		if (door->calls.get_slotid_from_slot(&door->slots[i]) ==
		    door->slot)
			return door->slots[i].token;
	return NULL;
}

static bool
is_named_so(const PKCS11_KEY *key, const struct sg_key_info *want)
{
	if (want->id_len > 0)
		return key->id_len == want->id_len &&
		       memcmp(key->id, want->id, want->id_len) == 0;
	return key->label != NULL && strcmp(key->label, want->label) == 0;
}

/* Never PKCS11_get_public_key(): it leaks in 0.4.12. The private key's handle
 * knows the public numbers too. */
static enum sg_rc
find_in_libp11(void *impl, const struct sg_key_info *want, EVP_PKEY **out_pkey,
    struct sg_err *err)
{
	struct libp11 *door = impl;
	PKCS11_TOKEN *token = find_token(door);
	PKCS11_KEY *keys = NULL;
	unsigned int count = 0;
	unsigned int i;

	if (token == NULL)
		return SG_OK;
	ERR_clear_error();
	if (door->calls.enumerate_keys(token, &keys, &count) != 0)
		return sg_door_failed(err, "list the keys through libp11");
	for (i = 0; i < count; i++) {
		EVP_PKEY *pkey = NULL;

		if (is_named_so(&keys[i], want))
			pkey = door->calls.get_private_key(&keys[i]);
		if (pkey != NULL && sg_door_is_key(pkey, want)) {
			*out_pkey = pkey;
			return SG_OK;
		}
		EVP_PKEY_free(pkey);
	}
	return SG_OK;
}

const struct sg_door_ops sg_libp11_ops = {
    .open = open_libp11,
    .find = find_in_libp11,
    .close = close_libp11,
};
