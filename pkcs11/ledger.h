/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_LEDGER_H
#define SG_PKCS11_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_secret;
struct sg_token_info;

/**
 * What is remembered of the PINs that one token refused, across processes.
 *
 * While it is open no other process sends that token a PIN, so that of many
 * started at once one alone spends a try on a wrong one. The file tells no
 * PIN: of each it has a salted PBKDF2 digest, mode 0600.
 */
struct sg_ledger;

/**
 * Open a token's ledger, and wait for another process that has it.
 *
 * @param dir  Made if absent, mode 0700.
 * @return SG_OK; SG_E_TIMEOUT; SG_E_CONFIG when nothing can be kept in @p dir:
 *         then no PIN may be sent.
 */
enum sg_rc sg_ledger_open(const char *dir, const struct sg_token_info *token,
    int64_t timeout_ms, struct sg_ledger **out_ledger, struct sg_err *err)
    SG_WARN_UNUSED;

/** What a PIN is about to be sent for. */
struct sg_ledger_try {
	bool may_have_counted; /* the token has counted a wrong try, or does not
				* tell */
	bool is_retry;	       /* send it though it was refused before ... */
	int64_t start_us;      /* then, by sg_clock_mono_us(): not since */
};

/**
 * May this PIN be sent?
 *
 * Not when the token refused it before; nor, where the token may have counted a
 * wrong try, when a process was cut off before the token's answer was written
 * down. A retry is let through, unless that happened since it started: of many
 * that start at once, one alone spends a try.
 *
 * @return SG_OK or SG_E_PIN_WITHHELD.
 */
enum sg_rc sg_ledger_check(struct sg_ledger *ledger,
    const struct sg_secret *pin, const struct sg_ledger_try *attempt,
    struct sg_err *err) SG_WARN_UNUSED;

/** Note that a PIN is about to be sent. SG_OK or SG_E_CONFIG. */
enum sg_rc sg_ledger_begin(struct sg_ledger *ledger, struct sg_err *err)
    SG_WARN_UNUSED;

/** Note that the token refused the PIN. Where that cannot be written, every
 * PIN is withheld from then on, until the token takes one. */
void sg_ledger_refused(struct sg_ledger *ledger, const struct sg_secret *pin);

/** Note that the token took the PIN, or gave an answer that says nothing of
 * it; a PIN that it took is no longer held to be refused. */
void sg_ledger_accepted(struct sg_ledger *ledger, const struct sg_secret *pin);
void sg_ledger_unjudged(struct sg_ledger *ledger);

/** Close it, and let other processes go on. Takes NULL; leaves NULL. */
void sg_ledger_free(struct sg_ledger **ledger);

#ifdef __cplusplus
}
#endif

#endif
