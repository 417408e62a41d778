/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "pkcs11/call.h"
#include "pkcs11/key.h"
#include "pkcs11/login.h"
#include "pkcs11/mechanisms.h"
#include "pkcs11/object.h"
#include "pkcs11/p11.h"
#include "pkcs11/policy.h"
#include "pkcs11/search.h"
#include "pkcs11/token.h"

/* The native door: PKCS#11 called directly. */
struct native_key {
	struct sg_token *token; /* borrowed */
	struct sg_object *object;
	_Atomic(CK_MECHANISM_TYPE) mechanism;
};

/* One signature that is being made. */
struct signing {
	struct native_key *key;
	const uint8_t *msg;
	size_t len;
	struct sg_buf *sig;
	bool is_begun; /* C_SignInit was called, and C_Sign not yet */
};

/* A key with CKA_ALWAYS_AUTHENTICATE wants the PIN before each signature:
 * PKCS#11 v2.40 §4.9 and CKU_CONTEXT_SPECIFIC of C_Login. */
static bool
wants_pin(const struct native_key *key)
{
	return key->object->info.facts[SG_KEY_ALWAYS_AUTHENTICATE] ==
	       SG_FACT_YES;
}

static CK_RV
sign_init(struct native_key *key, const struct sg_token_p11 *p11,
    CK_MECHANISM_TYPE *mechanism)
{
	CK_RV rv;

	*mechanism = key->mechanism;
	rv = sg_call_sign_init(
	    p11->module, p11->session, *mechanism, key->object->handle);
	if (rv != CKR_MECHANISM_INVALID || *mechanism != CKM_SHA256_RSA_PKCS)
		return rv;
	/* The token offers it, this key does not (CKA_ALLOWED_MECHANISMS). */
	*mechanism = CKM_RSA_PKCS;
	key->mechanism = CKM_RSA_PKCS;
	return sg_call_sign_init(
	    p11->module, p11->session, CKM_RSA_PKCS, key->object->handle);
}

static CK_RV
sign_bytes(const struct sg_token_p11 *p11, CK_MECHANISM_TYPE mechanism,
    const struct signing *signing, uint8_t *sig, CK_ULONG *sig_len)
{
	uint8_t info[SG_DIGEST_INFO_SIZE];

	if (mechanism == CKM_SHA256_RSA_PKCS)
		return sg_call_sign(p11->module, p11->session, signing->msg,
		    signing->len, sig, sig_len);
	sg_mechanisms_digest_info(signing->msg, signing->len, info);
	return sg_call_sign(
	    p11->module, p11->session, info, sizeof(info), sig, sig_len);
}

static enum sg_rc
take_signature(const struct native_key *key, struct signing *signing,
    const uint8_t *bytes, CK_ULONG len, struct sg_err *err)
{
	SG_AUTO(sg_buf) sig = sg_buf_new(SG_MODULUS_MAX);
	enum sg_rc rc;

	if (len != key->object->info.rsa.n_len)
		return sg_fail(err, SG_E_TOKEN,
		    "the token gave a signature of %lu bytes for a key of %zu",
		    len, key->object->info.rsa.n_len);
	sg_buf_add(sig, bytes, len);
	rc = sg_buf_check(sig, "a signature", err);
	if (rc != SG_OK)
		return rc;
	signing->sig = sig;
	sig = NULL; /* now the signing's */
	return SG_OK;
}

static enum sg_rc
sign_with(void *ctx, const struct sg_token_p11 *p11, struct sg_err *err)
{
	struct signing *signing = ctx;
	struct native_key *key = signing->key;
	struct sg_login *login = sg_token_login_of(key->token);
	CK_MECHANISM_TYPE mechanism = 0;
	uint8_t bytes[SG_MODULUS_MAX];
	CK_ULONG sig_len = sizeof(bytes);
	enum sg_rc rc;
	CK_RV rv;

	signing->is_begun = false;
	if (key->object->starts != p11->starts)
		return sg_fail_ckr(err, CKR_KEY_HANDLE_INVALID,
		    "sign after the module was started again");
	/* Before C_SignInit: the session is lost to an operation that was begun
	 * and does not come to its end. */
	if (wants_pin(key)) {
		rc = sg_login_check_key(login, err);
		if (rc != SG_OK)
			return rc;
	}
	rv = sign_init(key, p11, &mechanism);
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "start a signature with %s",
		    sg_policy_mechanism_name(mechanism));
	signing->is_begun = true;
	if (wants_pin(key)) {
		rc = sg_login_for_key(login, p11, err);
		if (rc != SG_OK)
			return rc;
	}
	signing->is_begun = false;
	rv = sign_bytes(p11, mechanism, signing, bytes, &sig_len);
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "sign with %s",
		    sg_policy_mechanism_name(mechanism));
	return take_signature(key, signing, bytes, sig_len, err);
}

static enum sg_rc
find_again(void *ctx, const struct sg_token_p11 *p11, struct sg_err *err)
{
	const struct signing *signing = ctx;

	return sg_search_again(p11, signing->key->object, err);
}

static enum sg_rc
native_sign(void *impl, const uint8_t *msg, size_t len, struct sg_buf **out_sig,
    struct sg_err *err)
{
	struct native_key *key = impl;
	struct signing signing = {.key = key, .msg = msg, .len = len};
	const struct sg_work work = {
	    .run = sign_with,
	    .find_again = find_again,
	    .ctx = &signing,
	    .leaves_operation = &signing.is_begun,
	};
	enum sg_rc rc;

	rc = sg_token_run(key->token, &work, err);
	if (rc != SG_OK)
		return rc;
	*out_sig = signing.sig;
	return SG_OK;
}

static const struct sg_key_info *
native_info(void *impl)
{
	const struct native_key *key = impl;

	return &key->object->info;
}

static void
native_release(void *impl)
{
	struct native_key *key = impl;

	sg_object_free(&key->object);
	free(key);
}

static const struct sg_key_ops native_ops = {
    .sign = native_sign,
    .info = native_info,
    .release = native_release,
};

static enum sg_rc
choose_mechanism(const struct sg_token *token, CK_MECHANISM_TYPE *out_type,
    struct sg_err *err)
{
	if (sg_token_can(token, CKM_SHA256_RSA_PKCS, CKF_SIGN))
		*out_type = CKM_SHA256_RSA_PKCS;
	else if (sg_token_can(token, CKM_RSA_PKCS, CKF_SIGN))
		*out_type = CKM_RSA_PKCS;
	else
		return sg_fail(err, SG_E_MECHANISM,
		    "token \"%s\" offers neither CKM_SHA256_RSA_PKCS nor "
		    "CKM_RSA_PKCS, so it cannot sign RS256",
		    sg_token_info(token)->label);
	return SG_OK;
}

static enum sg_rc
check_signs(const struct sg_key_info *info, struct sg_err *err)
{
	if (strcmp(info->type, "other") == 0)
		return sg_fail(err, SG_E_MECHANISM,
		    "%s is of no type that signs RS256, or the token does not "
		    "tell its type; RS256 needs an RSA key",
		    info->uri);
	if (strcmp(info->type, "RSA") != 0)
		return sg_fail(err, SG_E_MECHANISM,
		    "%s is a key of type %s; RS256 needs an RSA key", info->uri,
		    info->type);
	if (info->facts[SG_KEY_SIGN] == SG_FACT_NO)
		return sg_fail(err, SG_E_MECHANISM,
		    "%s may not sign (CKA_SIGN is false)", info->uri);
	if (info->rsa.n_len == 0 || info->rsa.e_len == 0)
		return sg_fail(err, SG_E_NOT_FOUND,
		    "%s does not tell its public key and no public key object "
		    "has its id",
		    info->uri);
	return SG_OK;
}

enum sg_rc
sg_key_find(struct sg_token *token, const struct sg_uri *uri,
    struct sg_key **out_key, struct sg_err *err)
{
	SG_AUTO(sg_object) object = NULL;
	CK_MECHANISM_TYPE mechanism = 0;
	struct native_key *key;
	enum sg_rc rc;

	rc = sg_search_token(token, uri, &object, err);
	if (rc != SG_OK)
		return rc;
	rc = check_signs(&object->info, err);
	if (rc != SG_OK)
		return rc;
	rc = choose_mechanism(token, &mechanism, err);
	if (rc != SG_OK)
		return rc;
	key = calloc(1, sizeof(*key));
	if (key == NULL)
		return sg_fail_nomem(err);
	key->token = token;
	key->mechanism = mechanism;
	key->object = object;
	object = NULL; /* now the key's */
	return sg_key_new(&native_ops, key, out_key, err);
}

enum sg_rc
sg_key_list(struct sg_token *token, const struct sg_uri *uri,
    enum sg_rc (*each)(
	void *ctx, const struct sg_key_info *key, struct sg_err *err),
    void *ctx, struct sg_err *err)
{
	enum { MOST = 4096 };
	CK_OBJECT_HANDLE *handles = calloc(MOST, sizeof(*handles));
	CK_ULONG count = 0;
	enum sg_rc rc;
	CK_ULONG i;

	if (handles == NULL)
		return sg_fail_nomem(err);
	rc =
	    sg_search_all(sg_token_p11(token), uri, handles, MOST, &count, err);
	if (rc == SG_OK && count == MOST)
		rc = sg_fail(err, SG_E_TOKEN,
		    "the token holds %d keys or more; name fewer with --key",
		    MOST);
	for (i = 0; rc == SG_OK && i < count; i++) {
		SG_AUTO(sg_object) object = NULL;

		rc = sg_object_read(
		    sg_token_p11(token), handles[i], &object, err);
		if (rc == SG_OK)
			rc = each(ctx, &object->info, err);
	}
	free(handles);
	return rc;
}

enum sg_rc
sg_key_describe(struct sg_token *token, const struct sg_uri *uri,
    enum sg_rc (*each)(
	void *ctx, const struct sg_key_info *key, struct sg_err *err),
    void *ctx, struct sg_err *err)
{
	SG_AUTO(sg_object) object = NULL;
	enum sg_rc rc;

	rc = sg_search_token(token, uri, &object, err);
	if (rc != SG_OK)
		return rc;
	return each(ctx, &object->info, err);
}
