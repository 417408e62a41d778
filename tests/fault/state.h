/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAULT_STATE_H
#define SG_TESTS_FAULT_STATE_H

/* What the files of the fault module share. */

#include "tests/fault/fault.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/** What the first parameter of a function is. */
enum fault_on {
	ON_NOTHING,
	ON_SLOT,
	ON_SESSION,
};

#define ALL_SESSIONS (~0U)

/** One call, and what the rules say about it. */
struct fault_call {
	enum sg_fault_fn fn;
	enum fault_on on;
	CK_ULONG handle; /* the slot or session; 0 for ON_NOTHING */
	bool with_pin;
	bool token_out;
	unsigned int resets; /* when it began */
	bool acts[SG_FAULT_ACT_COUNT];
	CK_ULONG values[SG_FAULT_ACT_COUNT];
	bool one_attr; /* of SG_FAULT_LIE */
	CK_ATTRIBUTE_TYPE attr;
};

/* rules.c: what is told, and what was seen; each takes the one lock */

/** Around a fork. */
void fault_lock_rules(void);
void fault_unlock_rules(void);

/** Note the call and find the rules that are about it. */
void fault_look(struct fault_call *call);

/** Room for one session more below the rule's limit? It is then taken. */
bool fault_take_session(const struct fault_call *call);
/** That many sessions were closed; ALL_SESSIONS: whoever holds them. */
void fault_give_sessions(unsigned int count);

/** A call is in a session; two at a time share it, which is against the
 * rules. PKCS#11 v2.40 §2.6.7. */
void fault_enter(const struct fault_call *call);
void fault_leave(const struct fault_call *call);

/** A PIN was sent, and this is what came of it. */
void fault_note_pin(CK_RV rv);

/** Until the next reset after the call began. */
void fault_hang(const struct fault_call *call);

CK_SLOT_ID fault_slot_offset(void);

/* calls.c: a call from its first to its last */

/**
 * Do what comes first.
 *
 * @return true: the real module may be called, and fault_end() has to follow;
 *         false: *answer is the answer.
 */
bool fault_begin(struct fault_call *call, CK_RV *answer);

/** The answer, given the real module's. */
CK_RV fault_end(const struct fault_call *call, CK_RV rv);

/* recall.c: C_SignInit and C_Sign, where SG_FAULT_RECALL may answer */

CK_RV fault_recall_init(const struct fault_call *call,
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
CK_RV fault_recall_sign(const struct fault_call *call,
    CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG data_len,
    CK_BYTE *signature, CK_ULONG *signature_len);

/* script.c */

/** Read rules one by one. @return NULL, or what is wrong. */
const char *fault_script(
    const char *text, bool (*add)(const struct sg_fault_rule *rule));

const char *fault_name(enum sg_fault_fn fn);

/* module.c */

/** The real module; loaded when the list of functions was asked for. */
extern CK_FUNCTION_LIST *fault_real;

/* lies.c: lie_C_X(call, arguments) for each LIE of functions.def */

/** A twin's handle is the object's with this bit. */
#define TWIN_BIT (1UL << 30)

#define PASS_PROTOTYPE(name, params)
#define LIE_PROTOTYPE(name, params) \
	CK_RV lie_##name(const struct fault_call *call, UNWRAP params);
#define UNWRAP(...)			__VA_ARGS__
#define ROW(name, on, how, params, ...) how##_PROTOTYPE(name, params)
#include "tests/fault/functions.def"
#undef ROW

#endif
