/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/keydel.h"

#include "pkcs11/call.h"
#include "pkcs11/object.h"
#include "pkcs11/p11.h"
#include "pkcs11/search.h"
#include "pkcs11/token.h"
#include "pkcs11/uri.h"

#define MOST 8

/* Before a login a token shows no private key, so that none is to be seen then
 * does not mean that it is gone. */
static bool
sees_private_keys(const struct sg_token_p11 *p11)
{
	CK_SESSION_INFO info = {0};

	if (sg_call_get_session_info(p11->module, p11->session, &info) !=
	    CKR_OK)
		return false;
	return (p11->info.flags & CKF_LOGIN_REQUIRED) == 0 ||
	       info.state == CKS_RO_USER_FUNCTIONS ||
	       info.state == CKS_RW_USER_FUNCTIONS;
}

/* The token said no, or its answer was lost: SG_OK when the key is gone. */
static enum sg_rc
look_again(const struct sg_token_p11 *p11, const struct sg_object *object,
    CK_RV rv, struct sg_err *err)
{
	SG_AUTO(sg_uri) uri = NULL;
	CK_OBJECT_HANDLE found[1];
	CK_ULONG count = 0;

	if (sg_uri_parse(object->uri, &uri, NULL) != SG_OK ||
	    sg_search_all(p11, uri, found, SG_COUNT(found), &count, NULL) !=
		SG_OK ||
	    (count == 0 && !sees_private_keys(p11)))
		return sg_fail_ckr(err, rv,
		    "delete the private key (it may be gone all the same; "
		    "look with: signet key list)");
	if (count > 0)
		return sg_fail_ckr(
		    err, rv, "delete the private key (nothing was deleted)");
	return SG_OK;
}

static enum sg_rc
delete_private(const struct sg_token_p11 *p11, const struct sg_object *object,
    struct sg_err *err)
{
	CK_RV rv;

	rv = sg_call_destroy_object(p11->module, p11->session, object->handle);
	return rv == CKR_OK ? SG_OK : look_again(p11, object, rv, err);
}

static void
add_part(CK_ATTRIBUTE *wanted, CK_ULONG *count, CK_ATTRIBUTE_TYPE type,
    const uint8_t *bytes, size_t len)
{
	if (len == 0)
		return;
	wanted[*count] = (CK_ATTRIBUTE){type, (void *)(uintptr_t)bytes, len};
	(*count)++;
}

static enum sg_rc
delete_public(const struct sg_token_p11 *p11, const struct sg_object *object,
    bool *out_stays, struct sg_err *err)
{
	const struct sg_key_info *key = &object->info;
	bool is_certain = key->id_len > 0 && key->rsa.n_len > 0;
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_ATTRIBUTE wanted[3] = {{CKA_CLASS, &class, sizeof(class)}};
	CK_OBJECT_HANDLE found[MOST];
	CK_ULONG parts = 1;
	CK_ULONG count = 0;
	enum sg_rc rc;
	CK_ULONG i;

	add_part(wanted, &parts, CKA_ID, key->id, key->id_len);
	add_part(wanted, &parts, CKA_MODULUS, key->rsa.n, key->rsa.n_len);
	rc = sg_attrs_find(p11, wanted, parts, found, MOST, &count, err);
	if (rc != SG_OK)
		return rc;
	*out_stays = !is_certain ? count > 0 : count == MOST;
	for (i = 0; is_certain && i < count; i++) {
		CK_RV rv =
		    sg_call_destroy_object(p11->module, p11->session, found[i]);

		if (rv != CKR_OK)
			return sg_fail_ckr(err, rv, "delete its public key");
	}
	return SG_OK;
}

enum sg_rc
sg_key_delete(struct sg_token *token, const struct sg_uri *uri,
    bool *out_public_stays, struct sg_err *err)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	SG_AUTO(sg_object) object = NULL;
	bool stays = false;
	enum sg_rc rc;

	rc = sg_search_one(p11, uri, &object, err);
	if (rc == SG_OK)
		rc = delete_private(p11, object, err);
	if (rc != SG_OK)
		return rc;
	rc = delete_public(p11, object, &stays, err);
	if (rc != SG_OK)
		return sg_context(err, rc,
		    "the private key was deleted, its public key may not be");
	*out_public_stays = stays;
	return SG_OK;
}
