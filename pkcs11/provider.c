/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/buf.h"
#include "base/text.h"
#include "pkcs11/door.h"
#include "pkcs11/mechanisms.h"

/* The first that tells a provider its module without a configuration file. */
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <stdlib.h>
#include <string.h>

#define URI_MAX 4096

struct provider {
	OSSL_LIB_CTX *libctx; /* of its own: the process's stays as it is */
	OSSL_PROVIDER *defaults;
	OSSL_PROVIDER *pkcs11;
	struct sg_door_at at;
	bool hash_here;
};

static void
close_provider(void *impl)
{
	struct provider *door = impl;

	if (door->pkcs11 != NULL)
		(void)OSSL_PROVIDER_unload(door->pkcs11);
	if (door->defaults != NULL)
		(void)OSSL_PROVIDER_unload(door->defaults);
	OSSL_LIB_CTX_free(door->libctx);
	free(door);
}

/* OpenSSL takes texts by plain pointers and only reads. */
static OSSL_PARAM
text_param(const char *name, const char *text)
{
	return OSSL_PARAM_construct_utf8_string(
	    name, (char *)(uintptr_t)text, 0);
}

static enum sg_rc
load(struct provider *door, struct sg_err *err)
{
	/* Without no-deinit, it would finalise the module that others use;
	 * with cached keys, it copies them where the token allows that. */
	OSSL_PARAM params[] = {
	    text_param("pkcs11-module-path", door->at.module_path),
	    text_param("pkcs11-module-quirks", "no-deinit"),
	    text_param("pkcs11-module-cache-pins", ""),
	    text_param("pkcs11-module-cache-keys", "never"),
	    OSSL_PARAM_construct_end(),
	};

	door->libctx = OSSL_LIB_CTX_new();
	if (door->libctx == NULL)
		return sg_fail_nomem(err);
	/* Named, so that the environment does not choose what is loaded. */
	if (OSSL_PROVIDER_set_default_search_path(
		door->libctx, OPENSSL_info(OPENSSL_INFO_MODULES_DIR)) != 1)
		return sg_door_failed(err, "prepare OpenSSL's providers");
	door->defaults = OSSL_PROVIDER_load(door->libctx, "default");
	if (door->defaults == NULL)
		return sg_door_failed(err, "load OpenSSL's default provider");
	door->pkcs11 = OSSL_PROVIDER_load_ex(door->libctx, "pkcs11", params);
	if (door->pkcs11 == NULL)
		return sg_door_failed(
		    err, "load pkcs11-provider with %s", door->at.module_path);
	return SG_OK;
}

/* By the list, as pkcs11-provider decides it. Where the token does not hash,
 * 1.0 signs the digest without its DigestInfo:
 * openssl-projects/pkcs11-provider#592. */
static bool
lists_rs256(const struct sg_token_p11 *p11)
{
	CK_ULONG count = 0;
	CK_MECHANISM_TYPE *list =
	    sg_mechanisms_list(p11->module, p11->slot, &count);
	bool is_listed = list != NULL && sg_mechanisms_may_have(
					     list, count, CKM_SHA256_RSA_PKCS);

	free(list);
	return is_listed;
}

static enum sg_rc
open_provider(const struct sg_door_at *at, void **out_impl, struct sg_err *err)
{
	SG_AUTO_STR path = NULL;
	struct provider *door;
	enum sg_rc rc;

	rc = sg_door_plugin(OPENSSL_INFO_MODULES_DIR, SG_BACKEND_PROVIDER,
	    "pkcs11-provider", &path, err);
	if (rc != SG_OK)
		return rc;
	door = calloc(1, sizeof(*door));
	if (door == NULL)
		return sg_fail_nomem(err);
	ERR_clear_error();
	door->at = *at;
	door->hash_here = !lists_rs256(sg_token_p11(at->token));
	rc = load(door, err);
	if (rc != SG_OK) {
		close_provider(door);
		return rc;
	}
	*out_impl = door;
	return SG_OK;
}

static void
add_escaped(struct sg_buf *uri, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t i;

	for (i = 0; i < len; i++)
		sg_buf_addf(uri, "%%%02x", bytes[i]);
}

static enum sg_rc
name_key(const struct provider *door, const struct sg_key_info *want,
    struct sg_buf *uri, struct sg_err *err)
{
	sg_buf_addf(uri, "pkcs11:type=private;slot-id=%lu;", door->at.slot);
	sg_buf_add_str(uri, want->id_len > 0 ? "id=" : "object=");
	if (want->id_len > 0)
		add_escaped(uri, want->id, want->id_len);
	else
		add_escaped(uri, want->label, strlen(want->label));
	return sg_buf_check(uri, "the provider's URI of the key", err);
}

/* The first of what the store holds that is the key. */
static EVP_PKEY *
pick(OSSL_STORE_CTX *store, const struct sg_key_info *want)
{
	EVP_PKEY *pkey = NULL;

	while (pkey == NULL && OSSL_STORE_eof(store) != 1) {
		OSSL_STORE_INFO *item = OSSL_STORE_load(store);

		if (item == NULL && OSSL_STORE_error(store) == 1)
			return NULL;
		if (item == NULL)
			continue;
		if (OSSL_STORE_INFO_get_type(item) == OSSL_STORE_INFO_PKEY)
			pkey = OSSL_STORE_INFO_get1_PKEY(item);
		OSSL_STORE_INFO_free(item);
		if (pkey == NULL || sg_door_is_key(pkey, want))
			continue;
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return pkey;
}

static enum sg_rc
find_in_provider(void *impl, const struct sg_key_info *want,
    EVP_PKEY **out_pkey, struct sg_err *err)
{
	SG_AUTO(sg_buf) uri = sg_buf_new(URI_MAX);
	struct provider *door = impl;
	OSSL_STORE_CTX *store;
	EVP_PKEY *pkey;
	enum sg_rc rc;

	rc = name_key(door, want, uri, err);
	if (rc != SG_OK)
		return rc;
	ERR_clear_error();
	store = OSSL_STORE_open_ex(sg_buf_str(uri), door->libctx, NULL,
	    door->at.ui, NULL, NULL, NULL, NULL);
	if (store == NULL)
		return sg_door_failed(err, "open the token by pkcs11-provider");
	(void)OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
	pkey = pick(store, want);
	(void)OSSL_STORE_close(store);
	if (pkey == NULL && ERR_peek_error() != 0)
		return sg_door_failed(err, "find the key by pkcs11-provider");
	if (pkey != NULL)
		*out_pkey = pkey;
	return SG_OK;
}

static OSSL_LIB_CTX *
provider_libctx(const void *impl)
{
	return ((const struct provider *)impl)->libctx;
}

static bool
provider_hashes_here(const void *impl)
{
	return ((const struct provider *)impl)->hash_here;
}

const struct sg_door_ops sg_provider_ops = {
    .open = open_provider,
    .find = find_in_provider,
    .libctx = provider_libctx,
    .close = close_provider,
    .hash_here = provider_hashes_here,
};

#else

static enum sg_rc
open_provider(const struct sg_door_at *at, void **out_impl, struct sg_err *err)
{
	(void)at;
	(void)out_impl;
	return sg_fail(err, SG_E_CONFIG,
	    "SIGNET_BACKEND=provider needs the package pkcs11-provider and "
	    "OpenSSL 3.2 or later (Debian 13); this is %s; use native or "
	    "libp11",
	    OPENSSL_VERSION_TEXT);
}

const struct sg_door_ops sg_provider_ops = {.open = open_provider};

#endif
