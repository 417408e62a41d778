/* SPDX-License-Identifier: Apache-2.0 */
#include <libp11.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "pkcs11/door.h"

struct libp11 {
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
		PKCS11_release_all_slots(
		    door->ctx, door->slots, door->slot_count);
	if (door->ctx != NULL)
		PKCS11_CTX_free(door->ctx);
	free(door);
}

static enum sg_rc
load(struct libp11 *door, const struct sg_door_at *at, struct sg_err *err)
{
	door->slot = at->slot;
	door->ctx = PKCS11_CTX_new();
	if (door->ctx == NULL)
		return sg_fail_nomem(err);
	(void)PKCS11_set_ui_method(door->ctx, at->ui, at->token);
	/* It is initialised, so that an init string would not be looked at. */
	if (PKCS11_CTX_load(door->ctx, at->module_path) != 0)
		return sg_door_failed(
		    err, "load %s into libp11", at->module_path);
	if (PKCS11_enumerate_slots(
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
		if (PKCS11_get_slotid_from_slot(&door->slots[i]) == door->slot)
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
	PKCS11_TOKEN *token = find_token(impl);
	PKCS11_KEY *keys = NULL;
	unsigned int count = 0;
	unsigned int i;

	if (token == NULL)
		return SG_OK;
	ERR_clear_error();
	if (PKCS11_enumerate_keys(token, &keys, &count) != 0)
		return sg_door_failed(err, "list the keys through libp11");
	for (i = 0; i < count; i++) {
		EVP_PKEY *pkey = NULL;

		if (is_named_so(&keys[i], want))
			pkey = PKCS11_get_private_key(&keys[i]);
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
    .asks_by_ui = true,
};
