/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/text.h"
#include "pkcs11/call.h"
#include "pkcs11/p11.h"
#include "pkcs11/slots.h"
#include "pkcs11/uri.h"

#define LOOK_AGAIN_MS 150

struct sg_token {
	struct sg_slots *slots; /* owns the modules and the infos */
	struct sg_slot *slot;
	struct sg_token_p11 p11;
	struct sg_secret *pin;
	bool session_open;
};

enum sg_rc
sg_token_list(const struct sg_token_opts *opts,
    enum sg_rc (*each)(
	void *ctx, const struct sg_token_info *token, struct sg_err *err),
    void *ctx, struct sg_err *err)
{
	SG_AUTO(sg_slots) slots = NULL;
	struct sg_token_info info;
	enum sg_rc rc;
	size_t i;

	rc = sg_slots_scan(opts, &slots, err);
	for (i = 0; rc == SG_OK && i < slots->count; i++) {
		info = slots->items[i].description;
		sg_slot_mechanisms(&slots->items[i], &info);
		rc = each(ctx, &info, err);
	}
	return rc;
}

static enum sg_rc
open_session(struct sg_token *token, bool writable, struct sg_err *err)
{
	const struct sg_slot *slot = token->slot;
	CK_FLAGS flags = CKF_SERIAL_SESSION;
	CK_RV rv;

	if (writable && (slot->info.flags & CKF_WRITE_PROTECTED) != 0)
		return sg_fail(err, SG_E_TOKEN,
		    "token \"%s\" is write-protected",
		    token->slot->description.label);
	if (writable)
		flags |= CKF_RW_SESSION;
	rv = sg_call_open_session(
	    slot->module, slot->id, flags, &token->p11.session);
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "open a session with token \"%s\"",
		    slot->description.label);
	token->session_open = true;
	return SG_OK;
}

static enum sg_rc
scan_for_one(const struct sg_token_opts *opts, struct sg_slots **out_slots,
    size_t *out_index, struct sg_err *err)
{
	SG_AUTO(sg_slots) slots = NULL;
	enum sg_rc rc;

	rc = sg_slots_scan(opts, &slots, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_slots_pick(slots, out_index, err);
	if (rc != SG_OK)
		return rc;
	*out_slots = slots;
	slots = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
find_slot(const struct sg_token_opts *opts, struct sg_slots **out_slots,
    size_t *out_index, struct sg_err *err)
{
	const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};
	struct sg_err first = {0};
	enum sg_rc rc;

	rc = scan_for_one(opts, out_slots, out_index, &first);
	if (rc != SG_E_NOT_FOUND) {
		if (rc != SG_OK)
			return sg_fail_native(
			    err, rc, first.native, "%s", first.text);
		return SG_OK;
	}
	(void)nanosleep(&pause, NULL);
	return scan_for_one(opts, out_slots, out_index, err);
}

enum sg_rc
sg_token_open(const struct sg_token_opts *opts, struct sg_token **out_token,
    struct sg_err *err)
{
	SG_AUTO(sg_token) token = calloc(1, sizeof(*token));
	enum sg_rc rc;
	size_t index;

	if (token == NULL)
		return sg_fail_nomem(err);
	rc = find_slot(opts, &token->slots, &index, err);
	if (rc != SG_OK)
		return rc;
	token->slot = &token->slots->items[index];
	token->p11.module = token->slot->module;
	token->p11.label = token->slot->description.label;
	token->p11.slot = token->slot->id;
	token->p11.info = token->slot->info;
	if (token->slot->has_twin)
		token->p11.uri_slot = &token->slot->id;
	rc = open_session(token, opts->writable, err);
	if (rc != SG_OK)
		return rc;
	*out_token = token;
	token = NULL; /* now the caller's */
	return SG_OK;
}

void
sg_token_free(struct sg_token **token)
{
	struct sg_token *t;

	if (token == NULL || *token == NULL)
		return;
	t = *token;
	if (t->session_open)
		(void)sg_call_close_session(t->p11.module, t->p11.session);
	sg_slots_free(&t->slots);
	sg_secret_free(&t->pin);
	free(t);
	*token = NULL;
}

const struct sg_token_info *
sg_token_info(const struct sg_token *token)
{
	return &token->slot->description;
}

const struct sg_token_p11 *
sg_token_p11(const struct sg_token *token)
{
	return &token->p11;
}

void
sg_token_pin_refused(struct sg_token *token)
{
	token->p11.pin_refused = true;
}

bool
sg_token_can(
    const struct sg_token *token, CK_MECHANISM_TYPE mechanism, CK_FLAGS what)
{
	return sg_slot_can(token->slot, mechanism, what);
}

/* Everything that can be known to go wrong before a try is spent. */
static enum sg_rc
check_pin_flags(const struct sg_token *token, struct sg_err *err)
{
	const struct sg_token_info *info = &token->slot->description;

	if (token->p11.pin_refused)
		return sg_fail(err, SG_E_PIN_WITHHELD,
		    "token \"%s\" already refused a PIN in this run",
		    info->label);
	if (info->pin_locked)
		return sg_fail(err, SG_E_PIN_LOCKED,
		    "token \"%s\" is locked after too many wrong PINs; unlock "
		    "it with the token's own tool",
		    info->label);
	if (!info->pin_set)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "token \"%s\" has no user PIN yet; set one with the "
		    "token's own tool",
		    info->label);
	if (info->pin_final_try)
		return sg_fail(err, SG_E_PIN_WITHHELD,
		    "token \"%s\" has one PIN try left, which signet does not "
		    "spend; log in once with the token's own tool first",
		    info->label);
	return SG_OK;
}

/* A PIN that cannot be right would cost a try all the same. */
static enum sg_rc
check_pin_len(const struct sg_token *token, size_t len, struct sg_err *err)
{
	const struct sg_token_info *info = &token->slot->description;
	CK_ULONG min = token->p11.info.ulMinPinLen;
	CK_ULONG max = token->p11.info.ulMaxPinLen;

	if (len == 0 && min > 0)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "the PIN of token \"%s\" is empty; it was not sent",
		    info->label);
	if (max == 0 || max < min || (len >= min && len <= max))
		return SG_OK; /* or the token does not know its own limits */
	return sg_fail(err, SG_E_PIN_WITHHELD,
	    "the PIN is shorter or longer than token \"%s\" takes (%lu to "
	    "%lu bytes); it was not sent",
	    info->label, min, max);
}

static enum sg_rc
send_pin(
    struct sg_token *token, const struct sg_secret *pin, struct sg_err *err)
{
	enum sg_rc rc;
	CK_RV rv;

	rv =
	    sg_call_login(token->p11.module, token->p11.session, CKU_USER, pin);
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return SG_OK;
	rc = sg_fail_ckr(
	    err, rv, "log in to token \"%s\"", token->slot->description.label);
	if (rc == SG_E_PIN_WRONG || rc == SG_E_PIN_LOCKED)
		sg_token_pin_refused(token);
	return rc;
}

enum sg_rc
sg_token_login(struct sg_token *token, const struct sg_pin_source *source,
    struct sg_err *err)
{
	const struct sg_token_info *info = &token->slot->description;
	SG_AUTO(sg_secret) pin = NULL;
	enum sg_rc rc;

	if (!info->login_required)
		return SG_OK;
	rc = check_pin_flags(token, err);
	if (rc != SG_OK)
		return rc;
	if (info->protected_path)
		return send_pin(token, NULL, err);
	rc = source->get(source->ctx, info, &pin, err);
	if (rc != SG_OK)
		return rc;
	/* Asking took its time, and others may have spent tries in it. */
	sg_slot_refresh(token->slot);
	rc = check_pin_flags(token, err);
	if (rc != SG_OK)
		return rc;
	rc = check_pin_len(token, sg_secret_len(pin), err);
	if (rc != SG_OK)
		return rc;
	rc = send_pin(token, pin, err);
	if (rc != SG_OK)
		return rc;
	/* Kept for keys that want the PIN again for each signature. */
	sg_secret_free(&token->pin);
	token->pin = pin;
	token->p11.pin = pin;
	pin = NULL; /* now the token's */
	return SG_OK;
}
