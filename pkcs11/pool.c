/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>

#include "base/clock.h"
#include "pkcs11/call.h"

/* A thread in the queue, on its own stack. */
struct waiter {
	pthread_cond_t turn;
	STAILQ_ENTRY(waiter) next;
};

struct handles {
	CK_SESSION_HANDLE items[SG_POOL_MAX];
	size_t count;
};

struct sg_pool {
	const struct sg_module *module;
	CK_SLOT_ID slot;
	CK_FLAGS flags;
	pthread_mutex_t lock;
	STAILQ_HEAD(, waiter) queue;
	struct handles idle;
	struct handles unsound;
	size_t open;	/* idle, unsound, lent, being opened or closed */
	size_t opening; /* being opened */
	size_t closing; /* being closed */
	size_t limit;
};

enum sg_rc
sg_pool_new(const struct sg_module *module, CK_SLOT_ID slot, CK_FLAGS flags,
    size_t limit, struct sg_pool **out_pool, struct sg_err *err)
{
	struct sg_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return sg_fail_nomem(err);
	pool->module = module;
	pool->slot = slot;
	pool->flags = flags;
	pool->limit = limit == 0 || limit > SG_POOL_MAX ? SG_POOL_MAX : limit;
	STAILQ_INIT(&pool->queue);
	(void)pthread_mutex_init(&pool->lock, NULL);
	*out_pool = pool;
	return SG_OK;
}

void
sg_pool_after_fork(struct sg_pool *pool)
{
	(void)pthread_mutex_init(&pool->lock, NULL);
	STAILQ_INIT(&pool->queue);
}

static bool
has_one(const struct sg_pool *pool)
{
	return pool->idle.count > 0 ||
	       pool->open - pool->unsound.count < pool->limit;
}

/* With the lock held. */
static void
call_next(struct sg_pool *pool)
{
	struct waiter *first = STAILQ_FIRST(&pool->queue);

	if (first != NULL && has_one(pool))
		(void)pthread_cond_signal(&first->turn);
}

static bool
has_turn(const struct sg_pool *pool, const struct waiter *waiter)
{
	return STAILQ_FIRST(&pool->queue) == waiter && has_one(pool);
}

/* With the lock held: false when the time is over. Who had a turn before, and
 * got nothing, has it again before the others. */
static bool
wait_for_turn(struct sg_pool *pool, const struct timespec *end, bool had_turn)
{
	struct waiter me;
	int failed = 0;
	bool mine;

	if (has_one(pool) && (had_turn || STAILQ_EMPTY(&pool->queue)))
		return true;
	(void)pthread_cond_init(&me.turn, NULL);
	if (had_turn)
		STAILQ_INSERT_HEAD(&pool->queue, &me, next);
	else
		STAILQ_INSERT_TAIL(&pool->queue, &me, next);
	while (failed == 0 && !has_turn(pool, &me))
		failed = pthread_cond_clockwait(
		    &me.turn, &pool->lock, CLOCK_MONOTONIC, end);
	mine = has_turn(pool, &me);
	STAILQ_REMOVE(&pool->queue, &me, waiter, next);
	(void)pthread_cond_destroy(&me.turn);
	return mine;
}

/* With the lock held, but not while the token works. */
static void
close_one(struct sg_pool *pool, CK_SESSION_HANDLE session)
{
	pool->closing++;
	(void)pthread_mutex_unlock(&pool->lock);
	(void)sg_call_close_session(pool->module, session);
	(void)pthread_mutex_lock(&pool->lock);
	pool->closing--;
	pool->open--;
	call_next(pool);
}

/* Was there one? */
static bool
close_unsound(struct sg_pool *pool)
{
	bool had_one;

	(void)pthread_mutex_lock(&pool->lock);
	had_one = pool->unsound.count > 0;
	while (pool->unsound.count > 0)
		close_one(pool, pool->unsound.items[--pool->unsound.count]);
	(void)pthread_mutex_unlock(&pool->lock);
	return had_one;
}

/* A handle that is none would be sent a PIN with, and cost the only login. */
static CK_RV
open_session(const struct sg_pool *pool, CK_SESSION_HANDLE *out_session)
{
	CK_RV rv;

	*out_session = CK_INVALID_HANDLE;
	rv = sg_call_open_session(
	    pool->module, pool->slot, pool->flags, out_session);
	if (rv == CKR_OK && *out_session == CK_INVALID_HANDLE)
		return CKR_GENERAL_ERROR; /* a module that lies */
	return rv;
}

/* Without the lock: the token may be slow. True in can_wait when the token
 * allows no more sessions than ours, of which one will be given back. */
static CK_RV
open_one(struct sg_pool *pool, CK_SESSION_HANDLE *out_session, bool *can_wait)
{
	CK_RV rv;

	*can_wait = false;
	rv = open_session(pool, out_session);
	/* Closed after the new one was opened, where there is room for both. */
	if ((rv == CKR_OK || rv == CKR_SESSION_COUNT) && close_unsound(pool) &&
	    rv == CKR_SESSION_COUNT)
		rv = open_session(pool, out_session);
	(void)pthread_mutex_lock(&pool->lock);
	pool->opening--;
	if (rv == CKR_OK) {
		(void)pthread_mutex_unlock(&pool->lock);
		return rv;
	}
	pool->open--;
	if (rv == CKR_SESSION_COUNT && pool->open > 0) {
		pool->limit = pool->open;
		*can_wait = true;
	}
	call_next(pool);
	(void)pthread_mutex_unlock(&pool->lock);
	return rv;
}

static enum sg_rc
fail_open(CK_RV rv, struct sg_err *err)
{
	return sg_fail_ckr(err, rv, "open a session with the token");
}

enum sg_rc
sg_pool_take(struct sg_pool *pool, int64_t timeout_ms,
    CK_SESSION_HANDLE *out_session, struct sg_err *err)
{
	const struct timespec end =
	    sg_clock_timespec(sg_clock_mono_ms() + timeout_ms);
	bool can_wait = false;
	bool mine;
	CK_RV rv;

	do {
		(void)pthread_mutex_lock(&pool->lock);
		mine = wait_for_turn(pool, &end, can_wait);
		if (mine && pool->idle.count > 0) {
			*out_session = pool->idle.items[--pool->idle.count];
			call_next(pool);
			(void)pthread_mutex_unlock(&pool->lock);
			return SG_OK;
		}
		if (mine) {
			pool->open++;
			pool->opening++;
		}
		call_next(pool);
		(void)pthread_mutex_unlock(&pool->lock);
		if (!mine)
			return sg_fail(err, SG_E_TIMEOUT,
			    "every session with the token is in use");
		rv = open_one(pool, out_session, &can_wait);
	} while (can_wait);
	return rv == CKR_OK ? SG_OK : fail_open(rv, err);
}

/* With the lock held: is there another that keeps the login? */
static bool
is_last(const struct sg_pool *pool)
{
	return pool->open - pool->unsound.count - pool->opening -
		   pool->closing <=
	       1;
}

void
sg_pool_give(struct sg_pool *pool, CK_SESSION_HANDLE session, bool is_sound)
{
	(void)pthread_mutex_lock(&pool->lock);
	if (is_sound)
		pool->idle.items[pool->idle.count++] = session;
	else if (is_last(pool))
		pool->unsound.items[pool->unsound.count++] = session;
	else
		close_one(pool, session);
	call_next(pool);
	(void)pthread_mutex_unlock(&pool->lock);
}

static void
close_all(struct sg_pool *pool, struct handles *handles)
{
	while (handles->count > 0) {
		(void)sg_call_close_session(
		    pool->module, handles->items[--handles->count]);
		pool->open--;
	}
}

enum sg_rc
sg_pool_renew(struct sg_pool *pool, struct sg_err *err)
{
	CK_SESSION_HANDLE session = 0;
	CK_RV rv;

	rv = open_session(pool, &session);
	if (rv == CKR_OK || rv == CKR_SESSION_COUNT) {
		close_all(pool, &pool->unsound);
		close_all(pool, &pool->idle);
	}
	if (rv == CKR_SESSION_COUNT) /* ours were all that it allows */
		rv = open_session(pool, &session);
	if (rv != CKR_OK)
		return fail_open(rv, err);
	pool->open++;
	pool->idle.items[pool->idle.count++] = session;
	return SG_OK;
}

void
sg_pool_forget(struct sg_pool *pool, CK_SLOT_ID slot)
{
	pool->slot = slot;
	pool->idle.count = 0;
	pool->unsound.count = 0;
	pool->open = 0;
	pool->opening = 0;
	pool->closing = 0;
}

void
sg_pool_free(struct sg_pool **pool)
{
	if (pool == NULL || *pool == NULL)
		return;
	close_all(*pool, &(*pool)->unsound);
	close_all(*pool, &(*pool)->idle);
	(void)pthread_mutex_destroy(&(*pool)->lock);
	free(*pool);
	*pool = NULL;
}
