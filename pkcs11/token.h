/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_TOKEN_H
#define SG_PKCS11_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_secret;
struct sg_uri;

/** A token with an open session. Once logged in, any thread may use it through
 * its keys. */
struct sg_token;

/** What a token says of itself. Strings are without padding, and safe to show:
 * what is no UTF-8 in them is '?'. */
struct sg_token_info {
	char label[33];
	char manufacturer[33];
	char model[17];
	char serial[17];
	char firmware[16];
	const char *module; /* path or registered name */
	const char *uri;
	bool initialized;
	bool login_required;
	bool protected_path; /* the PIN is entered at the token itself */
	bool pin_set;
	bool pin_count_low;
	bool pin_final_try;
	bool pin_locked;
	bool write_protected;
	bool signs_rs256;   /* CKM_SHA256_RSA_PKCS */
	bool signs_digest;  /* CKM_RSA_PKCS */
	bool generates_rsa; /* CKM_RSA_PKCS_KEY_PAIR_GEN */
};

/** Told of each call into a module; called by the thread that makes it. */
struct sg_call_hooks {
	/** @p function, such as "C_Sign", is about to be called. */
	void (*begin)(void *ctx, const char *function);
	/** It returned. @p line tells of arguments, result and time; NULL
	 * unless lines are wanted. Never holds a PIN, nor what is signed. */
	void (*end)(void *ctx, const char *line);
	bool wants_lines;
	void *ctx;
};

/** Where to look for a token. Valid when zeroed: any token anywhere. */
struct sg_token_opts {
	const char *module_path;  /* NULL: the URI's, else p11-kit's registry */
	const char *module_args;  /* init string, for NSS; may be NULL */
	const struct sg_uri *uri; /* token part picks; may be NULL */
	bool writable;		  /* open a session that can make keys */
	const struct sg_call_hooks *hooks; /* may be NULL; outlive the token */
	/* Where refused PINs are remembered across processes; NULL: they are
	 * not. Outlives the token. */
	const char *ledger_dir;
	bool retry_pin;	     /* send a PIN that was refused before */
	size_t max_sessions; /* 0: as many as the token allows */
	int64_t timeout_ms;  /* longest wait for a session, for another
			      * process that logs in, or until the last step
			      * to mend a loss begins; 0: 30 s */
};

/**
 * Asks for the PIN of one token, at most once a run.
 *
 * Called only when a PIN is really going to be sent.
 */
struct sg_pin_source {
	enum sg_rc (*get)(void *ctx, const struct sg_token_info *token,
	    struct sg_secret **out_pin, struct sg_err *err);
	void *ctx;
};

/**
 * Tell of each token that fits, uninitialised ones included.
 *
 * @param each  Gets a borrowed info that is valid during the call; what it
 *              returns other than SG_OK ends the walk and is returned.
 * @return SG_OK also when there are none. Opens no session, sends no PIN.
 * PKCS#11 v2.40 §5.5: C_GetSlotList, C_GetTokenInfo, C_GetMechanismList.
 */
enum sg_rc sg_token_list(const struct sg_token_opts *opts,
    enum sg_rc (*each)(
	void *ctx, const struct sg_token_info *token, struct sg_err *err),
    void *ctx, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Open a session with the one token that fits.
 *
 * An absent token is looked for once more, since a module that starts while
 * another process writes may miss it; for a second with SG_QUIRK_HIDES_TOKENS.
 *
 * @return SG_OK; SG_E_MODULE; SG_E_NOT_FOUND; SG_E_AMBIGUOUS with the
 *         candidates' URIs; SG_E_TOKEN.
 */
enum sg_rc sg_token_open(const struct sg_token_opts *opts,
    struct sg_token **out_token, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Log in as the token's user, spending as little as possible.
 *
 * The flags are read before any PIN is asked for: a locked token and a last
 * try are refused without a call, a PIN-less token needs none, a token with
 * its own PIN pad is given none. A refused PIN is never sent again, in this
 * run, and with a ledger in any other.
 *
 * @return SG_OK; SG_E_PIN_MISSING, _WRONG, _WITHHELD or _LOCKED; SG_E_CONFIG
 *         when the ledger cannot be kept; SG_E_TIMEOUT; what the PIN source
 *         returned.
 * PKCS#11 v2.40 §5.6, C_Login.
 */
enum sg_rc sg_token_login(struct sg_token *token,
    const struct sg_pin_source *pin, struct sg_err *err) SG_WARN_UNUSED;

/** Borrowed from the token. */
const struct sg_token_info *sg_token_info(const struct sg_token *token);

/** Close the session and the module. Takes NULL; leaves NULL. */
void sg_token_free(struct sg_token **token);

#ifdef __cplusplus
}
#endif

#endif
