/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_LOGIN_H
#define SG_PKCS11_LOGIN_H

#include <pthread.h>

#include "pkcs11/p11.h"
#include "pkcs11/slots.h"
#include "pkcs11/token.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The PIN rules of one open token. Any thread. */
struct sg_login {
	struct sg_slot *slot;	/* borrowed: its flags are read again */
	const char *ledger_dir; /* NULL: no memory beyond this run */
	bool retry_pin;		/* send a PIN though it was refused ... */
	int64_t start_us;	/* before this: see ledger.h */
	int64_t timeout_ms;	/* for another process that logs in */
	struct sg_secret *pin;	/* that the token took; owned */
	bool done;		/* a C_Login went well */
	bool failed;		/* a C_Login failed: none follows */
	CK_RV failed_rv;	/* what it answered */
	pthread_mutex_t one;	/* one C_Login at a time, so that of two
				 * threads one alone spends a try */
};

/**
 * Log in: see sg_token_login().
 *
 * @param source  Asked for the PIN; NULL logs in as before, if that was done.
 */
enum sg_rc sg_login_user(struct sg_login *login, const struct sg_token_p11 *p11,
    const struct sg_pin_source *source, struct sg_err *err) SG_WARN_UNUSED;

/** May sg_login_for_key() be called? Asked before an operation begins. */
enum sg_rc sg_login_check_key(struct sg_login *login, struct sg_err *err)
    SG_WARN_UNUSED;

/** Send the PIN for one signature of a key with CKA_ALWAYS_AUTHENTICATE:
 * PKCS#11 v2.40 base §4.9. */
enum sg_rc sg_login_for_key(struct sg_login *login,
    const struct sg_token_p11 *p11, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Log in a second time, with the PIN that the token took, to see its answer.
 *
 * @return SG_OK when the PIN was sent, whatever came of it; else why it was
 * not.
 */
enum sg_rc sg_login_for_probe(struct sg_login *login,
    const struct sg_token_p11 *p11, CK_RV *out_rv, struct sg_err *err)
    SG_WARN_UNUSED;

/** Did a C_Login fail? None follows then. */
bool sg_login_has_failed(struct sg_login *login);

/** Did a login fail since the module saw no token, or no PIN of it, that is
 * there? It may be started again then: see SG_QUIRK_HIDES_TOKENS.
 *
 * @param err  What sg_login_user() said. */
bool sg_login_saw_none(struct sg_login *login, const struct sg_token_p11 *p11,
    const struct sg_err *err);

/** Fill in what does not come from the caller. */
void sg_login_set_up(struct sg_login *login);

void sg_login_clear(struct sg_login *login);

#ifdef __cplusplus
}
#endif

#endif
