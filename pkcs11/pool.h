/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_POOL_H
#define SG_PKCS11_POOL_H

#include "pkcs11/p11.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Most sessions of one pool, whatever the token allows. */
#define SG_POOL_MAX 1024

/**
 * The sessions of one slot, each lent to one thread at a time.
 *
 * Opened on demand up to what the token allows; who waits longest is served
 * first; the last one stays open, since closing it would log out (PKCS#11
 * v2.40 base §5.6, C_CloseSession). Any thread, unless said otherwise.
 */
struct sg_pool;

/**
 * @param module  Borrowed.
 * @param flags   Of C_OpenSession.
 * @param limit   Most sessions; 0 for SG_POOL_MAX. Less where the token says
 *                CKR_SESSION_COUNT.
 */
enum sg_rc sg_pool_new(const struct sg_module *module, CK_SLOT_ID slot,
    CK_FLAGS flags, size_t limit, struct sg_pool **out_pool, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Borrow a session, waiting for one where all are lent.
 *
 * @return SG_OK; SG_E_TIMEOUT after @p timeout_ms; SG_E_TOKEN.
 */
enum sg_rc sg_pool_take(struct sg_pool *pool, int64_t timeout_ms,
    CK_SESSION_HANDLE *out_session, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Give a session back.
 *
 * @param is_sound  False after a call that failed as if the session, or the
 *                  token behind it, were gone: it is not lent again, and
 *                  closed, the last one when another has been opened.
 */
void sg_pool_give(
    struct sg_pool *pool, CK_SESSION_HANDLE session, bool is_sound);

/**
 * Open a new session, then close every other. None may be lent.
 *
 * In this order, so that a login that is still good survives.
 */
enum sg_rc sg_pool_renew(struct sg_pool *pool, struct sg_err *err)
    SG_WARN_UNUSED;

/** Forget every session without closing it: they died with their module, or
 * belong to the parent process. None may be lent. */
void sg_pool_forget(struct sg_pool *pool, CK_SLOT_ID slot);

/** Set up the locks anew in a child process, where a thread that is not there
 * may hold them. For the one thread that a child begins with. */
void sg_pool_after_fork(struct sg_pool *pool);

/** Close what is open. Takes NULL; leaves NULL. */
void sg_pool_free(struct sg_pool **pool);

#ifdef __cplusplus
}
#endif

#endif
