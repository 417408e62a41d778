/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/keygen.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "pkcs11/call.h"
#include "pkcs11/object.h"
#include "pkcs11/p11.h"
#include "pkcs11/token.h"

#define RANDOM_ID_SIZE 16

/* What a private key must be, and whether the token may not know of it. Not
 * CKA_LOCAL: NSS denies it of a key that we have just seen it make. */
static const struct {
	enum sg_key_fact fact;
	enum sg_fact must_be;
	bool stated;   /* part of the template; else read back alone */
	bool optional; /* a token may not know it, and not tell of it */
} rules[] = {
    {SG_KEY_TOKEN, SG_FACT_YES, true, false},
    {SG_KEY_PRIVATE, SG_FACT_YES, true, false},
    {SG_KEY_SENSITIVE, SG_FACT_YES, true, false},
    {SG_KEY_EXTRACTABLE, SG_FACT_NO, true, false},
    {SG_KEY_SIGN, SG_FACT_YES, true, false},
    {SG_KEY_DECRYPT, SG_FACT_NO, true, false},
    {SG_KEY_UNWRAP, SG_FACT_NO, true, false},
    {SG_KEY_SIGN_RECOVER, SG_FACT_NO, true, true},
    {SG_KEY_DERIVE, SG_FACT_NO, true, true},
    {SG_KEY_MODIFIABLE, SG_FACT_NO, true, true},
    {SG_KEY_ALWAYS_SENSITIVE, SG_FACT_YES, false, true},
    {SG_KEY_NEVER_EXTRACTABLE, SG_FACT_YES, false, true},
};

static const CK_BBOOL yes = CK_TRUE;
static const CK_BBOOL no = CK_FALSE;

/* PKCS#11 takes the values of a template by plain pointers and only reads. */
static CK_ATTRIBUTE
stated(CK_ATTRIBUTE_TYPE type, const void *value, size_t len)
{
	CK_ATTRIBUTE attr = {type, (void *)(uintptr_t)value, len};

	return attr;
}

static CK_ATTRIBUTE
flag(CK_ATTRIBUTE_TYPE type, bool value)
{
	return stated(type, value ? &yes : &no, sizeof(yes));
}

/* What is left out of the templates, step by step, until a token takes them. */
struct omission {
	bool mechanisms;  /* NSS fails on CKA_ALLOWED_MECHANISMS */
	bool optional;	  /* what a token need not know of */
	bool public_uses; /* and the private key alone says what it is for */
};

/* A TPM has one flag for signing and encrypting, and one for decrypting and
 * verifying: tpm2-pkcs11 fails where the two halves of a pair differ. */
static const struct omission omissions[] = {
    {false, false, false},
    {.mechanisms = true},
    {.public_uses = true},
    {.mechanisms = true, .optional = true},
    {true, true, true},
};

/* NSS says CKR_GENERAL_ERROR where it means the template. */
static bool
rejects_template(CK_RV rv)
{
	return rv == CKR_ATTRIBUTE_TYPE_INVALID ||
	       rv == CKR_ATTRIBUTE_VALUE_INVALID ||
	       rv == CKR_TEMPLATE_INCONSISTENT ||
	       rv == CKR_ATTRIBUTE_READ_ONLY || rv == CKR_GENERAL_ERROR ||
	       rv == CKR_FUNCTION_FAILED;
}

static CK_ULONG
fill_private(
    CK_ATTRIBUTE *attrs, CK_ULONG count, const struct omission *without)
{
	static const CK_MECHANISM_TYPE allowed[] = {
	    CKM_SHA256_RSA_PKCS, CKM_RSA_PKCS};
	size_t i;

	for (i = 0; i < SG_COUNT(rules); i++) {
		if (!rules[i].stated ||
		    (rules[i].optional && without->optional))
			continue;
		attrs[count++] = flag(sg_object_fact_type(rules[i].fact),
		    rules[i].must_be == SG_FACT_YES);
	}
	if (!without->mechanisms)
		attrs[count++] =
		    stated(CKA_ALLOWED_MECHANISMS, allowed, sizeof(allowed));
	return count;
}

static CK_ULONG
fill_public(CK_ATTRIBUTE *attrs, CK_ULONG count, const struct omission *without)
{
	attrs[count++] = flag(CKA_TOKEN, true);
	attrs[count++] = flag(CKA_PRIVATE, false);
	attrs[count++] = flag(CKA_WRAP, false);
	if (!without->public_uses) {
		attrs[count++] = flag(CKA_VERIFY, true);
		attrs[count++] = flag(CKA_ENCRYPT, false);
	}
	if (!without->optional) {
		attrs[count++] = flag(CKA_VERIFY_RECOVER, false);
		attrs[count++] = flag(CKA_MODIFIABLE, false);
	}
	return count;
}

static CK_RV
generate_with(struct sg_token *token, const struct sg_keygen_opts *opts,
    const struct omission *without, struct sg_call_pair *out)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	CK_ULONG bits = opts->bits;
	static const CK_BYTE exponent[] = {0x01, 0x00, 0x01};
	CK_ATTRIBUTE label =
	    stated(CKA_LABEL, opts->label, strlen(opts->label));
	CK_ATTRIBUTE id = stated(CKA_ID, opts->id, opts->id_len);
	CK_ATTRIBUTE public_template[4 + 7] = {label, id,
	    stated(CKA_MODULUS_BITS, &bits, sizeof(bits)),
	    stated(CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent))};
	CK_ATTRIBUTE private_template[SG_COUNT(rules) + 3] = {label, id};

	out->public_template = public_template;
	out->public_count = fill_public(public_template, 4, without);
	out->private_template = private_template;
	out->private_count = fill_private(private_template, 2, without);
	return sg_call_generate_key_pair(
	    p11->module, p11->session, CKM_RSA_PKCS_KEY_PAIR_GEN, out);
}

static enum sg_rc
check_opts(const struct sg_keygen_opts *opts, struct sg_err *err)
{
	size_t label_len = strlen(opts->label);

	if (label_len == 0 || label_len > SG_LABEL_MAX ||
	    !sg_utf8_is_valid(opts->label, label_len))
		return sg_fail(err, SG_E_USAGE,
		    "a key needs a label of 1 to %d bytes of UTF-8",
		    SG_LABEL_MAX);
	if (opts->bits != 2048 && opts->bits != 3072 && opts->bits != 4096)
		return sg_fail(err, SG_E_USAGE,
		    "a key has 2048, 3072 or 4096 bits, not %u", opts->bits);
	/* Without an id the public key object could not be paired with it. */
	if (opts->id != NULL && (opts->id_len == 0 || opts->id_len > SG_ID_MAX))
		return sg_fail(
		    err, SG_E_USAGE, "a key id has 1 to %d bytes", SG_ID_MAX);
	return SG_OK;
}

/* A second key with the label or the id would make both hard to name. */
static enum sg_rc
check_unused(struct sg_token *token, CK_ATTRIBUTE_TYPE type, const void *value,
    size_t len, const char *what, struct sg_err *err)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE wanted[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    stated(type, value, len),
	};
	CK_OBJECT_HANDLE found[1];
	CK_ULONG count = 0;
	enum sg_rc rc;

	rc = sg_attrs_find(
	    p11, wanted, SG_COUNT(wanted), found, SG_COUNT(found), &count, err);
	if (rc != SG_OK || count == 0)
		return rc;
	return sg_fail(err, SG_E_AMBIGUOUS,
	    "token \"%s\" has a key with this %s already; choose another, or "
	    "look with: signet key list",
	    sg_token_info(token)->label, what);
}

static const char *
fact_text(enum sg_fact fact)
{
	if (fact == SG_FACT_UNKNOWN)
		return "a value that it does not tell";
	return fact == SG_FACT_YES ? "true" : "false";
}

static enum sg_rc
check_stored(
    const struct sg_key_info *info, unsigned int bits, struct sg_err *err)
{
	size_t i;

	for (i = 0; i < SG_COUNT(rules); i++) {
		enum sg_fact got = info->facts[rules[i].fact];

		if (got == rules[i].must_be ||
		    (got == SG_FACT_UNKNOWN && rules[i].optional))
			continue;
		return sg_fail(err, SG_E_POLICY,
		    "the token stored the new key with %s = %s",
		    sg_key_fact_name(rules[i].fact), fact_text(got));
	}
	if (info->bits != bits)
		return sg_fail(err, SG_E_POLICY,
		    "the token made a key of %u bits, not %u", info->bits,
		    bits);
	return SG_OK;
}

/* Take back a pair that must not stay, and say how that went. */
static enum sg_rc
take_back(struct sg_token *token, const struct sg_call_pair *pair,
    enum sg_rc rc, struct sg_err *err)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	CK_RV rv_private;
	CK_RV rv_public;

	rv_private = sg_call_destroy_object(
	    p11->module, p11->session, pair->private_key);
	rv_public =
	    sg_call_destroy_object(p11->module, p11->session, pair->public_key);
	if (rv_private == CKR_OK && rv_public == CKR_OK)
		return sg_context(err, rc, "the new key was destroyed again");
	return sg_context(err, rc,
	    "the new key could not be destroyed (%s), remove it by hand",
	    sg_ckr_name(rv_private != CKR_OK ? rv_private : rv_public));
}

static enum sg_rc
read_back(struct sg_token *token, const struct sg_call_pair *pair,
    unsigned int bits, char **out_uri, struct sg_err *err)
{
	SG_AUTO(sg_object) object = NULL;
	enum sg_rc rc;

	rc = sg_object_read(
	    sg_token_p11(token), pair->private_key, &object, err);
	if (rc == SG_OK)
		rc = check_stored(&object->info, bits, err);
	if (rc != SG_OK)
		return take_back(token, pair, rc, err);
	*out_uri = object->uri;
	object->uri = NULL; /* now the caller's */
	return SG_OK;
}

static bool
destroy_leftovers(struct sg_token *token, const struct sg_keygen_opts *opts,
    CK_OBJECT_CLASS class)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	CK_ATTRIBUTE wanted[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    stated(CKA_ID, opts->id, opts->id_len),
	    stated(CKA_LABEL, opts->label, strlen(opts->label)),
	};
	CK_OBJECT_HANDLE found[4];
	CK_ULONG count = 0;
	bool all = true;
	CK_ULONG i;

	if (sg_attrs_find(p11, wanted, SG_COUNT(wanted), found, SG_COUNT(found),
		&count, NULL) != SG_OK)
		return false;
	for (i = 0; i < count; i++)
		if (sg_call_destroy_object(
			p11->module, p11->session, found[i]) != CKR_OK)
			all = false;
	return all;
}

/*
 * A token may fail after it made the pair: its answer was lost. Label and id
 * were free before, so what has both is ours. False when something may stay.
 */
static bool
clear_leftovers(struct sg_token *token, const struct sg_keygen_opts *opts)
{
	bool private_gone = destroy_leftovers(token, opts, CKO_PRIVATE_KEY);
	bool public_gone = destroy_leftovers(token, opts, CKO_PUBLIC_KEY);

	return private_gone && public_gone;
}

static enum sg_rc
generation_failed(
    const struct sg_token *token, CK_RV rv, bool clean, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_fail_ckr(err, rv, "generate a key on token \"%s\"",
	    sg_token_info(token)->label);
	if (clean)
		return rc;
	return sg_context(err, rc,
	    "a key may have been made all the same, look with signet key "
	    "list");
}

static enum sg_rc
generate(struct sg_token *token, const struct sg_keygen_opts *opts,
    char **out_uri, struct sg_err *err)
{
	struct sg_call_pair pair = {0};
	bool clean = true;
	enum sg_rc rc;
	CK_RV rv = CKR_OK;
	size_t i;

	rc = check_unused(
	    token, CKA_LABEL, opts->label, strlen(opts->label), "label", err);
	if (rc == SG_OK)
		rc = check_unused(
		    token, CKA_ID, opts->id, opts->id_len, "id", err);
	if (rc != SG_OK)
		return rc;
	for (i = 0; i < SG_COUNT(omissions); i++) {
		rv = generate_with(token, opts, &omissions[i], &pair);
		if (rv == CKR_OK)
			break;
		clean = clear_leftovers(token, opts);
		if (!rejects_template(rv) || !clean)
			break;
	}
	if (rv != CKR_OK)
		return generation_failed(token, rv, clean, err);
	return read_back(token, &pair, opts->bits, out_uri, err);
}

enum sg_rc
sg_key_generate(struct sg_token *token, const struct sg_keygen_opts *opts,
    char **out_uri, struct sg_err *err)
{
	struct sg_keygen_opts filled = *opts;
	uint8_t random_id[RANDOM_ID_SIZE];
	enum sg_rc rc;

	rc = check_opts(opts, err);
	if (rc != SG_OK)
		return rc;
	if (opts->id == NULL) {
		rc = opts->clock->random(
		    opts->clock->ctx, random_id, sizeof(random_id), err);
		if (rc != SG_OK)
			return rc;
		filled.id = random_id;
		filled.id_len = sizeof(random_id);
	}
	return generate(token, &filled, out_uri, err);
}
