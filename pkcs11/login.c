/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/login.h"

#include "base/secret.h"
#include "pkcs11/call.h"
#include "pkcs11/ledger.h"
#include "pkcs11/quirks.h"

void
sg_login_set_up(struct sg_login *login)
{
	(void)pthread_mutex_init(&login->one, NULL);
}

void
sg_login_clear(struct sg_login *login)
{
	(void)pthread_mutex_destroy(&login->one);
	sg_secret_free(&login->pin);
}

bool
sg_login_has_failed(struct sg_login *login)
{
	bool failed;

	(void)pthread_mutex_lock(&login->one);
	failed = login->failed;
	(void)pthread_mutex_unlock(&login->one);
	return failed;
}

static const char *
label_of(const struct sg_login *login)
{
	return login->slot->description.label;
}

static enum sg_rc
check_failed(const struct sg_login *login, struct sg_err *err)
{
	if (!login->failed)
		return SG_OK;
	return sg_fail(err, SG_E_PIN_WITHHELD,
	    "a login to token \"%s\" failed before in this run with %s "
	    "(0x%lx), and none is tried again",
	    label_of(login), sg_ckr_name(login->failed_rv), login->failed_rv);
}

/* Locked outranks a last try: both flags are set on some tokens. */
static enum sg_rc
check_flags(const struct sg_login *login, struct sg_err *err)
{
	const struct sg_token_info *info = &login->slot->description;

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

/* What was known of the token is from before it was lost, the PIN asked for, or
 * another process waited for: others may have spent tries since. */
static enum sg_rc
check_flags_anew(const struct sg_login *login, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_slot_refresh(login->slot, err);
	return rc == SG_OK ? check_flags(login, err) : rc;
}

/* A PIN that cannot be right would cost a try all the same. */
static enum sg_rc
check_len(const struct sg_login *login, size_t len, struct sg_err *err)
{
	CK_ULONG min = login->slot->info.ulMinPinLen;
	CK_ULONG max = login->slot->info.ulMaxPinLen;

	/* tpm2-pkcs11 says that it takes none, and counts it as a wrong one. */
	if (len == 0)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "the PIN of token \"%s\" is empty; it was not sent",
		    label_of(login));
	if (max == 0 || max < min || (len >= min && len <= max))
		return SG_OK; /* or the token does not know its own limits */
	return sg_fail(err, SG_E_PIN_WITHHELD,
	    "the PIN is shorter or longer than token \"%s\" takes (%lu to "
	    "%lu bytes); it was not sent",
	    label_of(login), min, max);
}

/* Answers of a module that read the file of its token while it was empty. They
 * judge no PIN. */
static bool
sees_none(const struct sg_token_p11 *p11, CK_RV rv)
{
	return sg_quirk_at(p11, SG_QUIRK_HIDES_TOKENS) &&
	       (rv == CKR_USER_PIN_NOT_INITIALIZED || rv == CKR_GENERAL_ERROR ||
		   rv == CKR_TOKEN_NOT_PRESENT);
}

bool
sg_login_saw_none(struct sg_login *login, const struct sg_token_p11 *p11,
    const struct sg_err *err)
{
	return !sg_login_has_failed(login) &&
	       sees_none(p11, (CK_RV)err->native);
}

static enum sg_rc
send(struct sg_login *login, const struct sg_token_p11 *p11, CK_USER_TYPE user,
    const struct sg_secret *pin, CK_RV *out_rv, struct sg_err *err)
{
	CK_RV rv;

	rv = sg_call_login(p11->module, p11->session, user, pin);
	*out_rv = rv;
	if (rv == CKR_OK ||
	    (user == CKU_USER && rv == CKR_USER_ALREADY_LOGGED_IN)) {
		login->done = true;
		return SG_OK;
	}
	login->failed = !sees_none(p11, rv);
	login->failed_rv = rv;
	if (user == CKU_CONTEXT_SPECIFIC)
		return sg_fail_ckr(err, rv, "give the key its PIN");
	return sg_fail_ckr(err, rv, "log in to token \"%s\"", label_of(login));
}

static enum sg_rc
send_none(struct sg_login *login, const struct sg_token_p11 *p11,
    CK_USER_TYPE user, struct sg_err *err)
{
	enum sg_rc rc;
	CK_RV rv;

	rc = check_flags_anew(login, err);
	return rc == SG_OK ? send(login, p11, user, NULL, &rv, err) : rc;
}

/* An answer that says nothing of the PIN leaves the ledger as if this process
 * had been cut off. */
static void
write_down(struct sg_ledger *ledger, const struct sg_secret *pin, enum sg_rc rc,
    CK_RV rv)
{
	if (rv == CKR_OK)
		sg_ledger_accepted(ledger, pin);
	else if (rc == SG_E_PIN_WRONG)
		sg_ledger_refused(ledger, pin);
	else if (rc == SG_OK || rc == SG_E_PIN_LOCKED || rc == SG_E_PIN_MISSING)
		sg_ledger_unjudged(ledger); /* or logged in already */
}

/* All that may keep a PIN from being sent. */
static enum sg_rc
check_pin(struct sg_login *login, const struct sg_secret *pin,
    struct sg_ledger **out_ledger, struct sg_err *err)
{
	const struct sg_token_info *info = &login->slot->description;
	SG_AUTO(sg_ledger) ledger = NULL;
	struct sg_ledger_try try;
	enum sg_rc rc = SG_OK;

	if (login->ledger_dir != NULL)
		rc = sg_ledger_open(
		    login->ledger_dir, info, login->timeout_ms, &ledger, err);
	if (rc == SG_OK)
		rc = check_flags_anew(login, err);
	if (rc == SG_OK)
		rc = check_len(login, sg_secret_len(pin), err);
	try = (struct sg_ledger_try){
	    .may_have_counted = info->pin_count_low ||
				sg_quirk_has(info, SG_QUIRK_NO_PIN_FLAGS),
	    .is_retry = login->retry_pin,
	    .start_us = login->start_us,
	};
	if (rc == SG_OK && ledger != NULL)
		rc = sg_ledger_check(ledger, pin, &try, err);
	if (rc == SG_OK && ledger != NULL)
		rc = sg_ledger_begin(ledger, err);
	if (rc != SG_OK)
		return rc;
	*out_ledger = ledger;
	ledger = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
send_and_note(struct sg_login *login, const struct sg_token_p11 *p11,
    CK_USER_TYPE user, const struct sg_secret *pin, struct sg_ledger *ledger,
    CK_RV *out_rv, struct sg_err *err)
{
	enum sg_rc rc;

	rc = send(login, p11, user, pin, out_rv, err);
	if (ledger != NULL)
		write_down(ledger, pin, rc, *out_rv);
	return rc;
}

static enum sg_rc
send_by_ledger(struct sg_login *login, const struct sg_token_p11 *p11,
    CK_USER_TYPE user, const struct sg_secret *pin, struct sg_err *err)
{
	SG_AUTO(sg_ledger) ledger = NULL;
	enum sg_rc rc;
	CK_RV rv;

	rc = check_pin(login, pin, &ledger, err);
	if (rc != SG_OK)
		return rc;
	return send_and_note(login, p11, user, pin, ledger, &rv, err);
}

/* A C_Login that fails is the last, so none is made where the session is gone,
 * or the login still good. */
static enum sg_rc
look_for_login(const struct sg_login *login, const struct sg_token_p11 *p11,
    bool *out_is_in, struct sg_err *err)
{
	CK_SESSION_INFO info = {0};
	CK_RV rv;

	rv = sg_call_get_session_info(p11->module, p11->session, &info);
	if (rv != CKR_OK && rv != CKR_FUNCTION_NOT_SUPPORTED)
		return sg_fail_ckr(err, rv,
		    "look at a session with token \"%s\"", label_of(login));
	*out_is_in = info.state == CKS_RO_USER_FUNCTIONS ||
		     info.state == CKS_RW_USER_FUNCTIONS;
	return SG_OK;
}

static enum sg_rc
log_in_again(
    struct sg_login *login, const struct sg_token_p11 *p11, struct sg_err *err)
{
	bool is_in = false;
	enum sg_rc rc;

	if (!login->slot->description.login_required || !login->done)
		return SG_OK;
	rc = look_for_login(login, p11, &is_in, err);
	if (rc != SG_OK || is_in)
		return rc;
	rc = check_failed(login, err);
	if (rc != SG_OK)
		return rc;
	if (login->slot->description.protected_path)
		return send_none(login, p11, CKU_USER, err);
	return send_by_ledger(login, p11, CKU_USER, login->pin, err);
}

static enum sg_rc
log_in_user(struct sg_login *login, const struct sg_token_p11 *p11,
    const struct sg_pin_source *source, struct sg_err *err)
{
	const struct sg_token_info *info = &login->slot->description;
	SG_AUTO(sg_secret) pin = NULL;
	enum sg_rc rc;

	if (!info->login_required)
		return SG_OK;
	rc = check_failed(login, err);
	if (rc == SG_OK)
		rc = check_flags(login, err);
	if (rc != SG_OK)
		return rc;
	if (info->protected_path)
		return send_none(login, p11, CKU_USER, err);
	rc = source->get(source->ctx, info, &pin, err);
	if (rc == SG_OK)
		rc = send_by_ledger(login, p11, CKU_USER, pin, err);
	if (rc != SG_OK)
		return rc;
	/* Kept to log in again, and for keys that want it each time. */
	sg_secret_free(&login->pin);
	login->pin = pin;
	pin = NULL; /* now the login's */
	return SG_OK;
}

enum sg_rc
sg_login_user(struct sg_login *login, const struct sg_token_p11 *p11,
    const struct sg_pin_source *source, struct sg_err *err)
{
	enum sg_rc rc;

	(void)pthread_mutex_lock(&login->one);
	rc = source != NULL ? log_in_user(login, p11, source, err)
			    : log_in_again(login, p11, err);
	(void)pthread_mutex_unlock(&login->one);
	return rc;
}

static enum sg_rc
check_key(const struct sg_login *login, struct sg_err *err)
{
	enum sg_rc rc;

	rc = check_failed(login, err);
	if (rc != SG_OK)
		return rc;
	if (login->pin == NULL && !login->slot->description.protected_path)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "the key wants its PIN for each signature and none was "
		    "given; name it with SIGNET_PIN_SOURCE");
	return SG_OK;
}

enum sg_rc
sg_login_check_key(struct sg_login *login, struct sg_err *err)
{
	enum sg_rc rc;

	(void)pthread_mutex_lock(&login->one);
	rc = check_key(login, err);
	(void)pthread_mutex_unlock(&login->one);
	return rc;
}

enum sg_rc
sg_login_for_key(
    struct sg_login *login, const struct sg_token_p11 *p11, struct sg_err *err)
{
	enum sg_rc rc;

	(void)pthread_mutex_lock(&login->one);
	rc = check_key(login, err);
	if (rc == SG_OK && login->pin == NULL)
		rc = send_none(login, p11, CKU_CONTEXT_SPECIFIC, err);
	else if (rc == SG_OK)
		rc = send_by_ledger(
		    login, p11, CKU_CONTEXT_SPECIFIC, login->pin, err);
	(void)pthread_mutex_unlock(&login->one);
	return rc;
}

static enum sg_rc
log_in_twice(struct sg_login *login, const struct sg_token_p11 *p11,
    CK_RV *out_rv, struct sg_err *err)
{
	SG_AUTO(sg_ledger) ledger = NULL;
	enum sg_rc rc;

	rc = check_failed(login, err);
	if (rc == SG_OK && (!login->done || login->pin == NULL))
		rc = sg_fail(err, SG_E_PIN_MISSING,
		    "token \"%s\" took no PIN in this run", label_of(login));
	if (rc == SG_OK)
		rc = check_pin(login, login->pin, &ledger, err);
	if (rc == SG_OK)
		(void)send_and_note(
		    login, p11, CKU_USER, login->pin, ledger, out_rv, NULL);
	return rc;
}

enum sg_rc
sg_login_for_probe(struct sg_login *login, const struct sg_token_p11 *p11,
    CK_RV *out_rv, struct sg_err *err)
{
	enum sg_rc rc;

	(void)pthread_mutex_lock(&login->one);
	rc = log_in_twice(login, p11, out_rv, err);
	(void)pthread_mutex_unlock(&login->one);
	return rc;
}
