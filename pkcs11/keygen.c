/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/keygen.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "pkcs11/call.h"
#include "pkcs11/object.h"
#include "pkcs11/p11.h"
#include "pkcs11/policy.h"
#include "pkcs11/quirks.h"
#include "pkcs11/token.h"

#define RANDOM_ID_SIZE 16
#define ANSWER_MAX     512

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

/* What is left out of the templates, step by step, until a token takes them;
 * one that is known to want less is asked for less at once. */
struct omission {
	bool mechanisms;	 /* CKA_ALLOWED_MECHANISMS */
	bool optional;		 /* what a token need not know of */
	bool public_uses;	 /* and the private key alone says its own */
	enum sg_quirk known_for; /* SG_QUIRK_COUNT: no module */
};

static const struct omission omissions[] = {
    {false, false, false, SG_QUIRK_COUNT},
    {true, false, false, SG_QUIRK_NO_ALLOWED_MECHANISMS},
    {false, false, true, SG_QUIRK_VERIFY_IS_DECRYPT},
    {true, true, false, SG_QUIRK_COUNT},
    {true, true, true, SG_QUIRK_COUNT},
};

static size_t
first_omission(const struct sg_token_p11 *p11)
{
	size_t i;

	for (i = 0; i < SG_COUNT(omissions); i++)
		if (omissions[i].known_for != SG_QUIRK_COUNT &&
		    sg_quirk_at(p11, omissions[i].known_for))
			return i;
	return 0;
}

/* Some say CKR_GENERAL_ERROR where they mean the template. */
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

	for (i = 0; i < sg_policy_row_count; i++) {
		const struct sg_policy_row *row = &sg_policy_rows[i];

		if (!row->stated || (row->optional && without->optional))
			continue;
		attrs[count++] = flag(sg_object_fact_type(row->fact),
		    row->must_be == SG_FACT_YES);
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
	static const CK_BYTE exponent[] = {0x01, 0x00, 0x01};
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	CK_ULONG bits = opts->bits;
	CK_ATTRIBUTE label =
	    stated(CKA_LABEL, opts->label, strlen(opts->label));
	CK_ATTRIBUTE id = stated(CKA_ID, opts->id, opts->id_len);
	CK_ATTRIBUTE public_template[4 + 7] = {label, id,
	    stated(CKA_MODULUS_BITS, &bits, sizeof(bits)),
	    stated(CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent))};
	CK_ATTRIBUTE private_template[SG_KEY_FACT_COUNT + 3] = {label, id};

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

static enum sg_rc
check_none_is(struct sg_token *token, CK_OBJECT_CLASS class,
    const CK_ATTRIBUTE *named, const char *what, struct sg_err *err)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof(class)}, *named};
	CK_OBJECT_HANDLE found[1];
	CK_ULONG count = 0;
	enum sg_rc rc;

	rc = sg_attrs_find(
	    p11, wanted, SG_COUNT(wanted), found, SG_COUNT(found), &count, err);
	if (rc != SG_OK || count == 0)
		return rc;
	return sg_fail(err, SG_E_AMBIGUOUS,
	    "token \"%s\" has %s already; choose another, or look with: signet "
	    "key list",
	    sg_token_info(token)->label, what);
}

/* A second key with the label or the id would make both hard to name, and a
 * public one with the id would be taken for its own. */
static enum sg_rc
check_unused(struct sg_token *token, const struct sg_keygen_opts *opts,
    struct sg_err *err)
{
	const CK_ATTRIBUTE label =
	    stated(CKA_LABEL, opts->label, strlen(opts->label));
	const CK_ATTRIBUTE id = stated(CKA_ID, opts->id, opts->id_len);
	enum sg_rc rc;

	rc = check_none_is(
	    token, CKO_PRIVATE_KEY, &label, "a key with this label", err);
	if (rc == SG_OK)
		rc = check_none_is(
		    token, CKO_PRIVATE_KEY, &id, "a key with this id", err);
	if (rc == SG_OK)
		rc = check_none_is(token, CKO_PUBLIC_KEY, &id,
		    "a public key with this id", err);
	return rc;
}

static enum sg_rc
check_stored(
    const struct sg_key_info *info, unsigned int bits, struct sg_err *err)
{
	size_t i;

	if (info->bits != bits)
		return sg_fail(err, SG_E_POLICY,
		    "the token made a key of %u bits, not %u", info->bits,
		    bits);
	for (i = 0; i < sg_policy_row_count; i++) {
		const struct sg_policy_row *row = &sg_policy_rows[i];
		SG_AUTO(sg_buf) answer = NULL;

		if (sg_policy_verdict(row, info) != SG_VERDICT_FAIL)
			continue;
		answer = sg_buf_new(ANSWER_MAX);
		sg_policy_add_answer(answer, row, info);
		return sg_fail(err, SG_E_POLICY,
		    "the token stored the new key with %s = %s",
		    sg_policy_attribute(row), sg_buf_str(answer));
	}
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
 * A token may fail after it made the pair: its answer was lost. The id was
 * free before, so what has it and the label is ours. False when something may
 * stay.
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
	size_t i = first_omission(sg_token_p11(token));
	bool clean = true;
	enum sg_rc rc;
	CK_RV rv = CKR_OK;

	rc = check_unused(token, opts, err);
	if (rc != SG_OK)
		return rc;
	for (; i < SG_COUNT(omissions); i++) {
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
