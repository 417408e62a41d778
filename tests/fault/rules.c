/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "tests/fault/state.h"

#define MAX_RULES 64
#define MAX_BUSY  512

/* A rule, and how many calls it has seen. */
struct told {
	struct sg_fault_rule rule;
	unsigned int seen;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t was_reset = PTHREAD_COND_INITIALIZER;

/* All of it under the lock. */
static struct {
	struct told rules[MAX_RULES];
	size_t rule_count;
	struct sg_fault_counts counts;
	bool pin_failed;
	CK_SLOT_ID slot_offset;
	CK_ULONG out_calls;	 /* the token is out for so many calls more */
	CK_ULONG out_until;	 /* or until then */
	CK_ULONG busy[MAX_BUSY]; /* the sessions in use */
	size_t busy_count;
	unsigned int resets;
} state;

void
fault_lock_rules(void)
{
	(void)pthread_mutex_lock(&lock);
}

void
fault_unlock_rules(void)
{
	(void)pthread_mutex_unlock(&lock);
}

static CK_ULONG
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (CK_ULONG)now.tv_sec * 1000 + (CK_ULONG)now.tv_nsec / 1000000;
}

static bool
is_hit(struct told *told, enum sg_fault_fn fn)
{
	const struct sg_fault_rule *rule = &told->rule;
	unsigned int from = rule->from > 0 ? rule->from : 1;

	if (rule->fn != SG_FAULT_ANY && rule->fn != fn)
		return false;
	told->seen++;
	return told->seen >= from &&
	       (rule->times == 0 || told->seen - from < rule->times);
}

static void
apply(const struct sg_fault_rule *rule, struct fault_call *call)
{
	call->acts[rule->act] = true;
	call->values[rule->act] = rule->value;
	if (rule->act == SG_FAULT_LIE) {
		call->one_attr = rule->one_attr;
		call->attr = rule->attr;
	}
	if (rule->act == SG_FAULT_REMOVE)
		state.out_calls = rule->value;
	if (rule->act == SG_FAULT_REMOVE_MS)
		state.out_until = now_ms() + rule->value;
	if (rule->act == SG_FAULT_SLOTS)
		state.slot_offset += rule->value;
}

void
fault_look(struct fault_call *call)
{
	size_t i;

	(void)pthread_mutex_lock(&lock);
	call->resets = state.resets;
	state.counts.calls[SG_FAULT_ANY]++;
	state.counts.calls[call->fn]++;
	for (i = 0; i < state.rule_count; i++)
		if (is_hit(&state.rules[i], call->fn))
			apply(&state.rules[i].rule, call);
	call->token_out = state.out_calls > 0 ||
			  (state.out_until != 0 && now_ms() < state.out_until);
	if (state.out_calls > 0)
		state.out_calls--;
	(void)pthread_mutex_unlock(&lock);
}

bool
fault_take_session(const struct fault_call *call)
{
	struct sg_fault_counts *counts = &state.counts;
	bool has_room;

	(void)pthread_mutex_lock(&lock);
	has_room = !call->acts[SG_FAULT_LIMIT] ||
		   counts->sessions < call->values[SG_FAULT_LIMIT];
	if (has_room)
		counts->sessions++;
	if (counts->most_sessions < counts->sessions)
		counts->most_sessions = counts->sessions;
	(void)pthread_mutex_unlock(&lock);
	return has_room;
}

void
fault_give_sessions(unsigned int count)
{
	(void)pthread_mutex_lock(&lock);
	state.counts.sessions -=
	    count < state.counts.sessions ? count : state.counts.sessions;
	(void)pthread_mutex_unlock(&lock);
}

void
fault_enter(const struct fault_call *call)
{
	size_t i;

	if (call->on != ON_SESSION)
		return;
	(void)pthread_mutex_lock(&lock);
	for (i = 0; i < state.busy_count; i++)
		if (state.busy[i] == call->handle)
			state.counts.shared_sessions++;
	if (state.busy_count < MAX_BUSY)
		state.busy[state.busy_count++] = call->handle;
	(void)pthread_mutex_unlock(&lock);
}

void
fault_leave(const struct fault_call *call)
{
	size_t i;

	if (call->on != ON_SESSION)
		return;
	(void)pthread_mutex_lock(&lock);
	for (i = 0; i < state.busy_count; i++)
		if (state.busy[i] == call->handle)
			break;
	if (i < state.busy_count)
		state.busy[i] = state.busy[--state.busy_count];
	(void)pthread_mutex_unlock(&lock);
}

void
fault_note_pin(CK_RV rv)
{
	(void)pthread_mutex_lock(&lock);
	state.counts.pins++;
	if (state.pin_failed)
		state.counts.pins_after_failure++;
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		state.pin_failed = true;
	(void)pthread_mutex_unlock(&lock);
}

CK_SLOT_ID
fault_slot_offset(void)
{
	CK_SLOT_ID offset;

	(void)pthread_mutex_lock(&lock);
	offset = state.slot_offset;
	(void)pthread_mutex_unlock(&lock);
	return offset;
}

void
fault_hang(const struct fault_call *call)
{
	(void)pthread_mutex_lock(&lock);
	while (state.resets == call->resets)
		(void)pthread_cond_wait(&was_reset, &lock);
	(void)pthread_mutex_unlock(&lock);
}

/* What is open and in use stays so, whatever is forgotten. */
static void
reset(void)
{
	unsigned int sessions;

	(void)pthread_mutex_lock(&lock);
	sessions = state.counts.sessions;
	memset(&state.counts, 0, sizeof(state.counts));
	state.counts.sessions = sessions;
	state.counts.most_sessions = sessions;
	state.rule_count = 0;
	state.pin_failed = false;
	state.slot_offset = 0;
	state.out_calls = 0;
	state.out_until = 0;
	state.resets++;
	(void)pthread_cond_broadcast(&was_reset);
	(void)pthread_mutex_unlock(&lock);
}

static bool
add(const struct sg_fault_rule *rule)
{
	bool has_room;

	(void)pthread_mutex_lock(&lock);
	has_room = state.rule_count < MAX_RULES;
	if (has_room)
		state.rules[state.rule_count++] = (struct told){.rule = *rule};
	(void)pthread_mutex_unlock(&lock);
	return has_room;
}

static const char *
script(const char *text)
{
	return fault_script(text, add);
}

static void
get_counts(struct sg_fault_counts *out_counts)
{
	(void)pthread_mutex_lock(&lock);
	*out_counts = state.counts;
	(void)pthread_mutex_unlock(&lock);
}

__attribute__((visibility("default"))) struct sg_fault *
sg_fault_control(void)
{
	static struct sg_fault control = {
	    .reset = reset,
	    .add = add,
	    .script = script,
	    .counts = get_counts,
	    .name = fault_name,
	};

	return &control;
}
