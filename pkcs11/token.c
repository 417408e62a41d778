/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/token.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "pkcs11/door.h"
#include "pkcs11/ladder.h"
#include "pkcs11/login.h"
#include "pkcs11/mechanisms.h"
#include "pkcs11/p11.h"
#include "pkcs11/pool.h"
#include "pkcs11/quirks.h"
#include "pkcs11/slots.h"

#define TIMEOUT_MS 30000

/*
 * Work holds the gate for reading; what mends a loss holds it for writing, so
 * that it is alone. Each mending counts, so that of many threads that meet
 * one loss, one mends it.
 */
struct sg_token {
	struct sg_slots *slots; /* owns the modules and the infos */
	struct sg_slot *slot;
	struct sg_token_p11 p11;
	struct sg_login login;
	struct sg_pool *pool;
	struct sg_doors *doors; /* of OpenSSL */
	int64_t timeout_ms;
	pthread_rwlock_t gate;
	unsigned long mended;
	_Atomic(pid_t) pid;	 /* that opened the sessions */
	_Atomic(pid_t) locks_of; /* the process that set up the locks */
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
		sg_mechanisms_describe(&slots->items[i], &info);
		rc = each(ctx, &info, err);
	}
	return rc;
}

static size_t
sessions_allowed(const CK_TOKEN_INFO *info, bool writable, size_t wanted)
{
	CK_ULONG most =
	    writable ? info->ulMaxRwSessionCount : info->ulMaxSessionCount;

	if (most == CK_EFFECTIVELY_INFINITE ||
	    most == CK_UNAVAILABLE_INFORMATION)
		return wanted;
	return wanted == 0 || most < wanted ? most : wanted;
}

/* Which session work of a single thread uses: the first, and after a loss
 * another, as the one that was had may be among those that were lost. */
static enum sg_rc
choose_session(struct sg_token *token, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_pool_take(
	    token->pool, token->timeout_ms, &token->p11.session, err);
	if (rc != SG_OK)
		return rc;
	sg_pool_give(token->pool, token->p11.session, true);
	return SG_OK;
}

static enum sg_rc
open_pool(struct sg_token *token, const struct sg_token_opts *opts,
    struct sg_err *err)
{
	const struct sg_slot *slot = token->slot;
	CK_FLAGS flags = CKF_SERIAL_SESSION;
	enum sg_rc rc;

	if (opts->writable && (slot->info.flags & CKF_WRITE_PROTECTED) != 0)
		return sg_fail(err, SG_E_TOKEN,
		    "token \"%s\" is write-protected%s",
		    slot->description.label, sg_quirk_hint(&token->p11));
	if (opts->writable)
		flags |= CKF_RW_SESSION;
	rc = sg_pool_new(slot->module, slot->id, flags,
	    sessions_allowed(&slot->info, opts->writable, opts->max_sessions),
	    &token->pool, err);
	if (rc == SG_OK)
		rc = choose_session(token, err);
	return rc;
}

/* A thread that mends must not wait for ever behind others that work. */
static void
set_up_gate(struct sg_token *token)
{
	pthread_rwlockattr_t attr;

	(void)pthread_rwlockattr_init(&attr);
	(void)pthread_rwlockattr_setkind_np(
	    &attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	(void)pthread_rwlock_init(&token->gate, &attr);
	(void)pthread_rwlockattr_destroy(&attr);
}

/* What work is told of the slot that the token is in. */
static void
describe_slot(struct sg_token *token)
{
	token->p11.slot = token->slot->id;
	token->p11.info = token->slot->info;
	token->p11.label = token->slot->description.label;
}

/* A module that saw the token's file empty as it opened the session shows an
 * empty token until it is started again. */
static enum sg_rc
check_opened(struct sg_token *token, int64_t *out_look_ms, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	if (sg_quirk_in(token->slot->module, SG_QUIRK_HIDES_TOKENS))
		rc = sg_slot_refresh(token->slot, err);
	if (rc != SG_OK)
		*out_look_ms = SG_SLOTS_HIDDEN_MS;
	return rc;
}

static enum sg_rc
open_once(const struct sg_token_opts *opts, struct sg_token **out_token,
    int64_t *out_look_ms, struct sg_err *err)
{
	SG_AUTO(sg_token) token = calloc(1, sizeof(*token));
	enum sg_rc rc;
	size_t index;

	if (token == NULL)
		return sg_fail_nomem(err);
	set_up_gate(token);
	sg_login_set_up(&token->login);
	token->pid = getpid();
	token->locks_of = getpid();
	token->timeout_ms =
	    opts->timeout_ms > 0 ? opts->timeout_ms : TIMEOUT_MS;
	rc = sg_slots_find(opts, &token->slots, &index, out_look_ms, err);
	if (rc != SG_OK)
		return rc;
	token->slot = &token->slots->items[index];
	token->p11.module = token->slot->module;
	if (token->slot->has_twin)
		token->p11.uri_slot = &token->slot->id;
	describe_slot(token);
	token->login.slot = token->slot;
	token->login.ledger_dir = opts->ledger_dir;
	token->login.retry_pin = opts->retry_pin;
	token->login.timeout_ms = token->timeout_ms;
	rc = open_pool(token, opts, err);
	if (rc == SG_OK)
		rc = check_opened(token, out_look_ms, err);
	if (rc != SG_OK)
		return rc;
	*out_token = token;
	token = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_token_open(const struct sg_token_opts *opts, struct sg_token **out_token,
    struct sg_err *err)
{
	const struct timespec pause = sg_clock_timespec(SG_SLOTS_PAUSE_MS);
	int64_t start_us = sg_clock_mono_us(); /* loading takes its time */
	struct sg_err failed = {0};
	int64_t look_ms = 0;
	int64_t failed_ms;
	enum sg_rc rc;

	rc = open_once(opts, out_token, &look_ms, &failed);
	failed_ms = sg_clock_mono_ms();
	while (rc != SG_OK && sg_clock_mono_ms() - failed_ms < look_ms) {
		(void)nanosleep(&pause, NULL);
		sg_err_clear(&failed);
		look_ms = 0;
		rc = open_once(opts, out_token, &look_ms, &failed);
	}
	if (rc != SG_OK)
		return sg_fail_again(err, rc, &failed);
	(*out_token)->login.start_us = start_us;
	return SG_OK;
}

void
sg_token_free(struct sg_token **token)
{
	struct sg_token *t;

	if (token == NULL || *token == NULL)
		return;
	t = *token;
	if (t->pid == getpid())
		sg_doors_free(&t->doors);
	/* A child that did nothing with the token has nothing to close. */
	if (t->pool != NULL && t->pid != getpid())
		sg_pool_forget(t->pool, t->slot->id);
	sg_pool_free(&t->pool);
	sg_slots_free(&t->slots);
	sg_login_clear(&t->login);
	(void)pthread_rwlock_destroy(&t->gate);
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

struct sg_doors **
sg_token_doors(struct sg_token *token)
{
	return &token->doors;
}

struct sg_login *
sg_token_login_of(struct sg_token *token)
{
	return &token->login;
}

bool
sg_token_can(
    const struct sg_token *token, CK_MECHANISM_TYPE mechanism, CK_FLAGS what)
{
	return sg_mechanisms_can(token->slot, mechanism, what);
}

static enum sg_rc
log_in_again(struct sg_token *token, struct sg_err *err)
{
	return sg_login_user(&token->login, &token->p11, NULL, err);
}

static enum sg_rc
find_key_again(
    struct sg_token *token, const struct sg_work *work, struct sg_err *err)
{
	if (work->find_again == NULL)
		return SG_OK;
	return work->find_again(work->ctx, &token->p11, err);
}

/* A module that is not signet's to start keeps its sessions, which are closed
 * then; of one that is started again they are gone. */
static enum sg_rc
start_again(struct sg_token *token, struct sg_err *err)
{
	CK_SLOT_ID slot = token->slot->id;
	bool is_ours =
	    token->slot->module->owner != 0 || token->pid != getpid();
	enum sg_rc rc;

	if (is_ours) {
		sg_pool_forget(token->pool, slot);
		token->pid = getpid();
		token->p11.starts++;
	}
	rc = sg_module_restart(token->slot->module, err);
	if (rc == SG_OK)
		rc = sg_slot_find_again(token->slot, err);
	if (rc != SG_OK)
		return rc;
	describe_slot(token);
	if (!is_ours && token->slot->id == slot)
		return sg_pool_renew(token->pool, err);
	sg_pool_forget(token->pool, token->slot->id);
	return SG_OK;
}

static enum sg_rc
restart(struct sg_token *token, const struct sg_work *work, struct sg_err *err)
{
	enum sg_rc rc;

	if (token->slot->module->owner == getpid() &&
	    sg_quirk_at(&token->p11, SG_QUIRK_CLOSES_AGAIN))
		return sg_fail(err, SG_E_TOKEN,
		    "token \"%s\" was lost, and its module cannot be started "
		    "again in one process; run again",
		    token->p11.label);
	rc = start_again(token, err);
	if (rc == SG_OK)
		rc = choose_session(token, err);
	if (rc == SG_OK)
		rc = log_in_again(token, err);
	if (rc == SG_OK)
		rc = find_key_again(token, work, err);
	return rc;
}

static enum sg_rc
climb(struct sg_token *token, const struct sg_work *work, enum sg_rung rung,
    struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	if (rung == SG_RUNG_MODULE)
		return restart(token, work, err);
	if (rung == SG_RUNG_SESSION)
		rc = sg_pool_renew(token->pool, err);
	if (rc == SG_OK)
		rc = choose_session(token, err);
	/* Also before a key is looked for: a new session may be logged out. */
	if (rc == SG_OK && rung >= SG_RUNG_LOGIN)
		rc = log_in_again(token, err);
	if (rc == SG_OK && rung == SG_RUNG_KEY)
		rc = find_key_again(token, work, err);
	return rc;
}

/* When another thread has mended since @p seen, what may be missing is this
 * work's own key, and a login, where it mended another loss in part. */
static enum sg_rc
mend(struct sg_token *token, const struct sg_work *work, enum sg_rung rung,
    unsigned long seen, int64_t end_ms, struct sg_err *err)
{
	const struct timespec end = sg_clock_timespec(end_ms);
	enum sg_rc rc = SG_OK;

	if (pthread_rwlock_clockwrlock(&token->gate, CLOCK_MONOTONIC, &end) !=
	    0)
		return sg_fail(err, SG_E_TIMEOUT,
		    "token \"%s\" was lost, and other work with it does not "
		    "end",
		    token->p11.label);
	if (token->mended == seen) {
		rc = climb(token, work, rung, err);
		if (rc == SG_OK)
			token->mended++;
	} else if (rung >= SG_RUNG_KEY) {
		rc = log_in_again(token, err);
		if (rc == SG_OK)
			rc = find_key_again(token, work, err);
	}
	(void)pthread_rwlock_unlock(&token->gate);
	return rc;
}

/* A module that has read the token's file while it was empty is of no use until
 * it is started again. */
enum sg_rc
sg_token_login(struct sg_token *token, const struct sg_pin_source *source,
    struct sg_err *err)
{
	const struct timespec pause = sg_clock_timespec(SG_SLOTS_PAUSE_MS);
	struct sg_err failed = {0};
	int64_t failed_ms;
	enum sg_rc rc;

	rc = sg_login_user(&token->login, &token->p11, source, &failed);
	failed_ms = sg_clock_mono_ms();
	while (rc != SG_OK &&
	       sg_login_saw_none(&token->login, &token->p11, &failed) &&
	       sg_clock_mono_ms() - failed_ms < SG_SLOTS_HIDDEN_MS) {
		(void)nanosleep(&pause, NULL);
		sg_err_clear(&failed);
		rc = mend(token, &(struct sg_work){0}, SG_RUNG_MODULE,
		    token->mended, failed_ms + token->timeout_ms, &failed);
		if (rc == SG_OK)
			rc = sg_login_user(
			    &token->login, &token->p11, source, &failed);
	}
	return sg_fail_again(err, rc, &failed);
}

/* In a child process the sessions are the parent's, and threads that held the
 * locks are not there: PKCS#11 v2.40 usage guide §2.5.2. */
static bool
is_orphaned(struct sg_token *token)
{
	pid_t me = getpid();
	pid_t before = token->locks_of;

	if (token->pid == me)
		return false;
	/* One thread of the child sets them up, and the others wait. */
	if (before != me && before != -me &&
	    atomic_compare_exchange_strong(&token->locks_of, &before, -me)) {
		set_up_gate(token);
		sg_login_set_up(&token->login);
		sg_pool_after_fork(token->pool);
		token->locks_of = me;
	}
	while (token->locks_of != me)
		(void)sched_yield();
	return true;
}

/* The CK_RV of a failure; 0 where its number is an errno, or none. */
static CK_RV
ckr_of(enum sg_rc rc, const struct sg_err *err)
{
	return rc == SG_E_CONFIG || rc == SG_E_IO ? CKR_OK : (CK_RV)err->native;
}

static bool
is_session_sound(
    const struct sg_work *work, enum sg_rc rc, const struct sg_err *err)
{
	if (work->leaves_operation != NULL && *work->leaves_operation)
		return false;
	return rc == SG_OK || !sg_ladder_ends_session(ckr_of(rc, err));
}

static enum sg_rc
try_once(struct sg_token *token, const struct sg_work *work,
    unsigned long *out_seen, struct sg_err *err)
{
	struct sg_token_p11 p11;
	bool is_sound;
	enum sg_rc rc;

	if (is_orphaned(token)) {
		*out_seen = token->mended;
		return sg_fail_ckr(err, CKR_CRYPTOKI_NOT_INITIALIZED,
		    "use token \"%s\" in a child process", token->p11.label);
	}
	(void)pthread_rwlock_rdlock(&token->gate);
	*out_seen = token->mended;
	p11 = token->p11;
	rc = sg_pool_take(token->pool, token->timeout_ms, &p11.session, err);
	if (rc == SG_OK) {
		rc = work->run(work->ctx, &p11, err);
		is_sound = is_session_sound(work, rc, err);
		sg_pool_give(token->pool, p11.session, is_sound);
	}
	(void)pthread_rwlock_unlock(&token->gate);
	return rc;
}

enum sg_rc
sg_token_run(
    struct sg_token *token, const struct sg_work *work, struct sg_err *err)
{
	struct sg_ladder ladder;
	struct sg_err failure = {0};
	enum sg_rung rung;
	unsigned long seen = 0;
	bool had_failed;
	enum sg_rc rc;

	rc = try_once(token, work, &seen, &failure);
	if (rc == SG_OK)
		return SG_OK;
	had_failed = sg_login_has_failed(&token->login);
	/* From now on: the token may have been slow. */
	ladder = sg_ladder_start(token->timeout_ms);
	while (rc != SG_OK) {
		rung = sg_ladder_next(&ladder, ckr_of(rc, &failure));
		if (rung == SG_RUNG_NONE)
			break;
		sg_err_clear(&failure);
		rc = mend(token, work, rung, seen, ladder.end_ms, &failure);
		/* No login follows one that failed: that is the answer, and
		 * not what would come of it. */
		if (sg_login_has_failed(&token->login) != had_failed)
			break;
		if (rc == SG_OK)
			rc = try_once(token, work, &seen, &failure);
	}
	return sg_fail_again(err, rc, &failure);
}
