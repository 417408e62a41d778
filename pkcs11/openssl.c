/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/openssl.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "pkcs11/call.h"
#include "pkcs11/door.h"
#include "pkcs11/mechanisms.h"
#include "pkcs11/object.h"
#include "pkcs11/token.h"

static const char *const names[SG_BACKEND_COUNT] = {
    [SG_BACKEND_NATIVE] = "native",
    [SG_BACKEND_LIBP11] = "libp11",
    [SG_BACKEND_ENGINE] = "engine",
    [SG_BACKEND_PROVIDER] = "provider",
};

const char *
sg_backend_name(enum sg_backend backend)
{
	return names[backend];
}

enum sg_rc
sg_backend_parse(
    const char *name, enum sg_backend *out_backend, struct sg_err *err)
{
	int i;

	for (i = 0; i < SG_BACKEND_COUNT; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*out_backend = (enum sg_backend)i;
		return SG_OK;
	}
	return sg_fail(err, SG_E_CONFIG,
	    "\"%s\" is no backend; there are native, libp11, engine and "
	    "provider",
	    name);
}

void
sg_openssl_key_free(struct sg_openssl_key **key)
{
	if (key == NULL || *key == NULL)
		return;
	EVP_PKEY_free((*key)->pkey);
	sg_key_free(&(*key)->native);
	free(*key);
	*key = NULL;
}

/* It would be sent by OpenSSL, past the token's flags and the ledger. */
static enum sg_rc
check_wants_no_pin(const struct sg_key_info *info, struct sg_err *err)
{
	if (info->facts[SG_KEY_ALWAYS_AUTHENTICATE] != SG_FACT_YES)
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "%s wants its PIN for each signature, and OpenSSL is given none; "
	    "it signs with SIGNET_BACKEND=native, but not for TLS",
	    info->uri);
}

static enum sg_rc
find_behind(struct sg_openssl_key *key, struct sg_err *err)
{
	const struct sg_key_info *want = sg_key_info(key->native);
	struct sg_door *door = key->door;
	struct sg_call call;
	enum sg_rc rc;

	(void)pthread_mutex_lock(&door->lock);
	call = sg_call_begin(sg_token_p11(key->token)->module, door->name);
	rc = door->ops->find(door->impl, want, &key->pkey, err);
	(void)sg_call_end(&call, rc == SG_OK ? CKR_OK : CKR_GENERAL_ERROR,
	    "find %s", want->uri);
	(void)pthread_mutex_unlock(&door->lock);
	ERR_clear_error();
	if (rc != SG_OK || key->pkey != NULL)
		return rc;
	return sg_fail(err, SG_E_NOT_FOUND,
	    "SIGNET_BACKEND=%s does not show %s, or shows another public key "
	    "for it, or wants a login of its own; use native",
	    door->name, want->uri);
}

enum sg_rc
sg_openssl_key_open(struct sg_token *token, const struct sg_uri *uri,
    enum sg_backend backend, struct sg_openssl_key **out_key,
    struct sg_err *err)
{
	SG_AUTO(sg_openssl_key) key = calloc(1, sizeof(*key));
	enum sg_rc rc;

	if (key == NULL)
		return sg_fail_nomem(err);
	key->token = token;
	rc = sg_key_find(token, uri, &key->native, err);
	if (rc == SG_OK)
		rc = check_wants_no_pin(sg_key_info(key->native), err);
	if (rc == SG_OK)
		rc = sg_door_open(token, backend, &key->door, err);
	if (rc == SG_OK)
		rc = find_behind(key, err);
	if (rc != SG_OK)
		return rc;
	*out_key = key;
	key = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
check_process(const struct sg_door *door, struct sg_err *err)
{
	if (door->pid == getpid())
		return SG_OK;
	return sg_fail(err, SG_E_TOKEN,
	    "SIGNET_BACKEND=%s cannot go on in a child process; open the token "
	    "there, or use native",
	    door->name);
}

static OSSL_LIB_CTX *
libctx_of(const struct sg_door *door)
{
	return door->ops->libctx != NULL ? door->ops->libctx(door->impl) : NULL;
}

static bool
digest_sign(const struct sg_openssl_key *key, int padding, const uint8_t *msg,
    size_t len, uint8_t *sig, size_t *sig_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options = NULL; /* the other's */
	bool done;

	done = ctx != NULL &&
	       EVP_DigestSignInit_ex(ctx, &options, "SHA256",
		   libctx_of(key->door), NULL, key->pkey, NULL) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(options, padding) == 1 &&
	       (padding != RSA_PKCS1_PSS_PADDING ||
		   EVP_PKEY_CTX_set_rsa_pss_saltlen(
		       options, RSA_PSS_SALTLEN_DIGEST) == 1) &&
	       EVP_DigestSign(ctx, sig, sig_len, msg, len) == 1;
	EVP_MD_CTX_free(ctx);
	return done;
}

/* RSASSA-PKCS1-v1_5 with everything but the padding and the power done here. */
static bool
hash_and_sign(const struct sg_openssl_key *key, int padding, const uint8_t *msg,
    size_t len, uint8_t *sig, size_t *sig_len)
{
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_pkey(libctx_of(key->door), key->pkey, NULL);
	uint8_t info[SG_DIGEST_INFO_SIZE];
	bool done;

	sg_mechanisms_digest_info(msg, len, info);
	done = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1 &&
	       EVP_PKEY_sign(ctx, sig, sig_len, info, sizeof(info)) == 1;
	EVP_PKEY_CTX_free(ctx);
	return done;
}

static enum sg_rc
signed_or_not(const struct sg_openssl_key *key, bool done, struct sg_err *err)
{
	if (!done)
		return sg_door_failed(err, "sign by %s", key->door->name);
	ERR_clear_error();
	return SG_OK;
}

static enum sg_rc
sign_locked(struct sg_openssl_key *key, bool hash_here, int padding,
    const uint8_t *msg, size_t len, struct sg_buf **out_sig, struct sg_err *err)
{
	size_t whole = sg_key_info(key->native)->rsa.n_len;
	SG_AUTO(sg_buf) sig = sg_buf_new(whole);
	uint8_t bytes[SG_MODULUS_MAX];
	size_t sig_len = whole;
	struct sg_call call;
	enum sg_rc rc;
	bool done;

	rc = check_process(key->door, err);
	if (rc != SG_OK)
		return rc;
	(void)pthread_mutex_lock(&key->door->lock);
	ERR_clear_error();
	call =
	    sg_call_begin(sg_token_p11(key->token)->module, "EVP_DigestSign");
	done = (hash_here ? hash_and_sign : digest_sign)(
	    key, padding, msg, len, bytes, &sig_len);
	rc = signed_or_not(key, done, err);
	(void)sg_call_end(&call, done ? CKR_OK : CKR_FUNCTION_FAILED, "by %s",
	    key->door->name);
	(void)pthread_mutex_unlock(&key->door->lock);
	if (rc != SG_OK)
		return rc;
	if (sig_len != whole)
		return sg_fail(err, SG_E_TOKEN,
		    "the token gave a signature of %zu bytes for a key of %zu",
		    sig_len, whole);
	sg_buf_add(sig, bytes, sig_len);
	rc = sg_buf_check(sig, "a signature", err);
	if (rc != SG_OK)
		return rc;
	*out_sig = sig;
	sig = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_openssl_key_sign(struct sg_openssl_key *key, int padding, const uint8_t *msg,
    size_t len, struct sg_buf **out_sig, struct sg_err *err)
{
	return sign_locked(key, false, padding, msg, len, out_sig, err);
}

static enum sg_rc
sign(void *impl, const uint8_t *msg, size_t len, struct sg_buf **out_sig,
    struct sg_err *err)
{
	struct sg_openssl_key *key = impl;
	const struct sg_door *door = key->door;
	bool hash_here =
	    door->ops->hash_here != NULL && door->ops->hash_here(door->impl);

	return sign_locked(
	    key, hash_here, RSA_PKCS1_PADDING, msg, len, out_sig, err);
}

static const struct sg_key_info *
info(void *impl)
{
	const struct sg_openssl_key *key = impl;

	return sg_key_info(key->native);
}

static void
release(void *impl)
{
	struct sg_openssl_key *key = impl;

	sg_openssl_key_free(&key);
}

enum sg_rc
sg_openssl_key_find(struct sg_token *token, const struct sg_uri *uri,
    enum sg_backend backend, struct sg_key **out_key, struct sg_err *err)
{
	static const struct sg_key_ops ops = {
	    .sign = sign,
	    .info = info,
	    .release = release,
	};
	struct sg_openssl_key *key = NULL;
	enum sg_rc rc;

	if (backend == SG_BACKEND_NATIVE)
		return sg_key_find(token, uri, out_key, err);
	rc = sg_openssl_key_open(token, uri, backend, &key, err);
	if (rc != SG_OK)
		return rc;
	return sg_key_new(&ops, key, out_key, err);
}
