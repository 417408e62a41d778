/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/fault/state.h"

#define MAX_SLOTS 64

/*
 * Held for reading while the real module works, and for writing by what goes
 * on behind the caller: SoftHSM does not bear a session that is closed while
 * it signs. Nobody sleeps or hangs with it.
 */
#define AT_REST PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP

static pthread_rwlock_t at_work = AT_REST;

/* A child is to find the real module at rest, whatever threads there were. */
static void
before_fork(void)
{
	(void)pthread_rwlock_wrlock(&at_work);
	fault_lock_rules();
}

static void
after_fork(void)
{
	fault_unlock_rules();
	(void)pthread_rwlock_unlock(&at_work);
}

/* A lock for writing knows its thread by a number, which is another now. */
static void
in_child(void)
{
	static const pthread_rwlock_t at_rest = AT_REST;

	fault_unlock_rules();
	at_work = at_rest;
}

__attribute__((constructor)) static void
watch_forks(void)
{
	(void)pthread_atfork(before_fork, after_fork, in_child);
}

static pthread_once_t count_opened = PTHREAD_ONCE_INIT;
static int count_file = -1;

static void
open_count(void)
{
	const char *path = getenv("SG_FAULT_COUNT");

	if (path != NULL)
		count_file =
		    open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* One write a line, so that processes do not mix theirs. */
static void
write_count(const struct fault_call *call)
{
	char line[80];
	int len;

	(void)pthread_once(&count_opened, open_count);
	if (count_file < 0)
		return;
	len = snprintf(line, sizeof(line), "%ld %s%s\n", (long)getpid(),
	    fault_name(call->fn), call->with_pin ? " pin" : "");
	if (write(count_file, line, (size_t)len) != len)
		abort(); /* a count that is wrong proves nothing */
}

static void
sleep_ms(CK_ULONG ms)
{
	struct timespec left = {
	    .tv_sec = (time_t)(ms / 1000),
	    .tv_nsec = (long)(ms % 1000) * 1000000,
	};

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

static void
close_sessions(CK_SLOT_ID slot)
{
	(void)fault_real->C_CloseAllSessions(slot);
}

/* The login is the application's and not the session's: any will do. */
static void
log_out(CK_SLOT_ID slot)
{
	CK_SESSION_HANDLE session;

	if (fault_real->C_OpenSession(
		slot, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
		return; /* no token in it */
	(void)fault_real->C_Logout(session);
	(void)fault_real->C_CloseSession(session);
}

static void
for_each_slot(void (*what)(CK_SLOT_ID slot))
{
	CK_SLOT_ID slots[MAX_SLOTS];
	CK_ULONG count = MAX_SLOTS;
	CK_ULONG i;

	if (fault_real->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
		return;
	for (i = 0; i < count; i++)
		what(slots[i]);
}

static void
go_behind(const struct fault_call *call)
{
	const bool *acts = call->acts;
	bool removes = acts[SG_FAULT_REMOVE] || acts[SG_FAULT_REMOVE_MS];

	if (!removes && !acts[SG_FAULT_DROP] && !acts[SG_FAULT_LOGOUT] &&
	    !acts[SG_FAULT_RESTART])
		return;
	(void)pthread_rwlock_wrlock(&at_work);
	if (acts[SG_FAULT_LOGOUT])
		for_each_slot(log_out);
	if (removes || acts[SG_FAULT_DROP]) {
		for_each_slot(close_sessions);
		fault_give_sessions(ALL_SESSIONS);
	}
	if (acts[SG_FAULT_RESTART]) {
		(void)fault_real->C_Finalize(NULL);
		fault_give_sessions(ALL_SESSIONS);
	}
	(void)pthread_rwlock_unlock(&at_work);
}

/* Does the call end here? */
static bool
is_refused(const struct fault_call *call, CK_RV *answer)
{
	if (call->acts[SG_FAULT_HANG])
		*answer = CKR_GENERAL_ERROR;
	else if (call->acts[SG_FAULT_FAIL])
		*answer = call->values[SG_FAULT_FAIL];
	else if (call->token_out && call->on == ON_SESSION)
		*answer = CKR_DEVICE_REMOVED;
	else if (call->token_out && call->on == ON_SLOT &&
		 call->fn != SG_FAULT_C_GetSlotInfo)
		*answer = CKR_TOKEN_NOT_PRESENT;
	else
		return false;
	return true;
}

bool
fault_begin(struct fault_call *call, CK_RV *answer)
{
	fault_enter(call); /* a call that is counted is under way */
	fault_look(call);
	write_count(call);
	if (call->acts[SG_FAULT_SLEEP])
		sleep_ms(call->values[SG_FAULT_SLEEP]);
	if (call->acts[SG_FAULT_DIE])
		(void)kill(getpid(), SIGKILL);
	if (call->acts[SG_FAULT_HANG])
		fault_hang(call);
	go_behind(call);
	if (is_refused(call, answer)) {
		if (call->with_pin)
			fault_note_pin(*answer);
		fault_leave(call);
		return false;
	}
	(void)pthread_rwlock_rdlock(&at_work);
	return true;
}

CK_RV
fault_end(const struct fault_call *call, CK_RV rv)
{
	(void)pthread_rwlock_unlock(&at_work);
	fault_leave(call);
	if (call->acts[SG_FAULT_LOSE])
		rv = call->values[SG_FAULT_LOSE];
	if (call->with_pin)
		fault_note_pin(rv);
	return rv;
}
