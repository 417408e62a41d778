/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_SESSION_CACHE_H
#define SG_CLIENT_SESSION_CACHE_H

#include "base/attr.h"
#include "base/err.h"
#include "client/session/identity.h"
#include "client/session/session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_clock;
struct sg_lock;

/* How long to wait for another process that is signing in. */
#define SG_CACHE_LOCK_MS 120000

/** Sessions in a folder of ours, one file (0600) each. */
struct sg_cache;

/** A cached session as sg_cache_list() shows it. Borrowed. */
struct sg_cache_entry {
	const struct sg_identity *identity;
	const struct sg_session *session; /* may have expired */
};

/**
 * Name a folder as the cache. Nothing is made or read yet.
 *
 * @param dir    Made with mode 0700 at the first write. Copied.
 * @param clock  Must outlive the cache.
 * @return SG_OK or SG_E_NOMEM. Free with sg_cache_free().
 */
enum sg_rc sg_cache_open(const char *dir, const struct sg_clock *clock,
    struct sg_cache **out_cache, struct sg_err *err) SG_WARN_UNUSED;

void sg_cache_free(struct sg_cache **cache);

/**
 * Look for a session of this identity that may be used now.
 *
 * A file that is absent, unreadable, corrupt, of another identity, open to
 * other users, or whose session ended, is a miss and no error: signing in
 * again mends them all.
 *
 * @param out_session  NULL on a miss. Free with sg_session_free().
 * @return SG_OK or SG_E_NOMEM.
 */
enum sg_rc sg_cache_load(struct sg_cache *cache,
    const struct sg_identity *identity, struct sg_session **out_session,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Keep a session, in place of what was kept for this identity.
 *
 * @return SG_OK; SG_E_IO when it cannot be written, a full disk included, and
 *         then the old entry is intact; SG_E_CONFIG when the folder is open
 *         to other users; SG_E_NOMEM.
 */
enum sg_rc sg_cache_store(struct sg_cache *cache,
    const struct sg_identity *identity, const struct sg_session *session,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Note that a session was used now, at most once a minute.
 *
 * What fails is let go: the entry then merely ends earlier. An entry that
 * another process has replaced, dropped or locked meanwhile is left alone.
 */
void sg_cache_touch(struct sg_cache *cache, const struct sg_identity *identity,
    struct sg_session *session);

/**
 * Forget a session, unless another process has put a newer one in its place.
 *
 * It is no error if there is none.
 *
 * @return SG_OK; as sg_cache_lock(); SG_E_IO when it cannot be removed.
 */
enum sg_rc sg_cache_forget(struct sg_cache *cache,
    const struct sg_identity *identity, const struct sg_session *session,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Keep other processes from signing in with this identity.
 *
 * @param out_lock  Free with sg_lock_free().
 * @return SG_OK; SG_E_TIMEOUT after SG_CACHE_LOCK_MS; SG_E_IO; SG_E_CONFIG as
 *         sg_cache_store(); SG_E_NOMEM.
 *
 * Blocks while another process holds it.
 */
enum sg_rc sg_cache_lock(struct sg_cache *cache,
    const struct sg_identity *identity, struct sg_lock **out_lock,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Could a session be kept there, as far as the folder tells? One that is absent
 * would be made.
 *
 * @return SG_OK; SG_E_IO; SG_E_CONFIG as sg_cache_store().
 */
enum sg_rc sg_cache_check(const struct sg_cache *cache, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Show every readable entry, sorted by name; an absent folder has none. What
 * a killed process left of its writing is removed: see sg_outfile_sweep().
 *
 * @param each  Called for each; it may forget the entry it is shown. What it
 *              returns other than SG_OK ends the walk and is returned.
 * @return SG_OK; SG_E_IO when the folder cannot be read; SG_E_NOMEM.
 */
enum sg_rc sg_cache_list(struct sg_cache *cache,
    enum sg_rc (*each)(void *ctx, const struct sg_cache_entry *entry),
    void *ctx, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
