/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_ERR_H
#define SG_BASE_ERR_H

#include "base/attr.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest error sentence with its NUL: room for a list of key URIs. */
#define SG_ERR_TEXT_MAX 2048

/**
 * What went wrong, as a class that a caller can act on.
 *
 * The numbers are API. Each maps to one exit status of the command line
 * (sg_rc_exit_status()).
 */
enum sg_rc {
	SG_OK = 0,
	SG_E_NOMEM = -1,    /* out of memory, or of locked memory */
	SG_E_IO = -2,	    /* a file could not be read or written */
	SG_E_INTERNAL = -3, /* a library failed in a way it should not */
	SG_E_INVALID = -4,  /* a token or signature does not verify */
	SG_E_USAGE = -5,    /* the caller asked for something malformed */
	SG_E_CONFIG = -6,   /* configuration: missing, malformed, untrusted */
	SG_E_PIN_MISSING = -10,	 /* a PIN is needed and there is none */
	SG_E_PIN_WRONG = -11,	 /* the token refused the PIN */
	SG_E_PIN_WITHHELD = -12, /* the PIN was not sent, to save a try */
	SG_E_PIN_LOCKED = -13,	 /* the token is locked */
	SG_E_MODULE = -20,	 /* the PKCS#11 module does not load */
	SG_E_TOKEN = -21,	 /* the token failed; CK_RV in err->native */
	SG_E_NOT_FOUND = -22,	 /* no such token or key */
	SG_E_AMBIGUOUS = -23,	 /* more than one token or key */
	SG_E_MECHANISM = -24,	 /* the token cannot do this */
	SG_E_REFUSED = -30,	 /* Tableau said no; HTTP status in native */
	SG_E_SESSION = -31,	 /* Tableau: session or credentials, HTTP 401 */
	SG_E_NETWORK = -40,	 /* no answer could be had */
	SG_E_TIMEOUT = -41,	 /* no answer in time */
	SG_E_POLICY = -50,	 /* signet's own rules refuse */
};

/** The caller's error object. Valid when zeroed; needs no release. */
struct sg_err {
	enum sg_rc rc;
	long native; /* CK_RV, HTTP status or errno; 0 when there is none */
	char text[SG_ERR_TEXT_MAX];
};

/**
 * Record a failure: what was being done, what happened, what to do next.
 *
 * The first failure wins: a later call on the same object changes nothing.
 * Bytes that could drive a terminal are replaced by '?'. Never pass a secret.
 *
 * @param err  May be NULL.
 * @return @p rc, so that a caller can return the call.
 */
enum sg_rc sg_fail(struct sg_err *err, enum sg_rc rc, const char *format, ...)
    SG_PRINTF(3, 4);

/** sg_fail() with the number that the failing library gave. */
enum sg_rc sg_fail_native(struct sg_err *err, enum sg_rc rc, long native,
    const char *format, ...) SG_PRINTF(4, 5);

/** sg_fail() for a failed system call: errno in native, its text appended. */
enum sg_rc sg_fail_errno(
    struct sg_err *err, enum sg_rc rc, const char *format, ...) SG_PRINTF(3, 4);

/**
 * Tell what another object recorded, where that one was kept apart until it was
 * clear that it is the answer.
 *
 * @param rc  Of the failure; SG_OK records nothing.
 * @return @p rc.
 */
enum sg_rc sg_fail_again(
    struct sg_err *err, enum sg_rc rc, const struct sg_err *failure);

/** sg_fail() for memory that could not be had. */
enum sg_rc sg_fail_nomem(struct sg_err *err);

/**
 * Put "what we were doing: " in front of a recorded failure.
 *
 * @return @p rc, unchanged.
 */
enum sg_rc sg_context(
    struct sg_err *err, enum sg_rc rc, const char *format, ...) SG_PRINTF(3, 4);

/**
 * Give a recorded failure another code, where the caller knows better what
 * class it is: what is malformed in a file is a fault of the configuration.
 *
 * @return @p rc.
 */
enum sg_rc sg_recast(struct sg_err *err, enum sg_rc rc);

/** Forget a failure that was handled, so that the object can be used again. */
void sg_err_clear(struct sg_err *err);

/** The exit status of the command line for a code: design "exit codes". */
int sg_rc_exit_status(enum sg_rc rc);

/** The code's name, such as "SG_E_PIN_WRONG"; never NULL. */
const char *sg_rc_name(enum sg_rc rc);

#ifdef __cplusplus
}
#endif

#endif
