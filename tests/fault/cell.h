/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAULT_CELL_H
#define SG_TESTS_FAULT_CELL_H

/*
 * One cell of the matrix: a function that answers a CK_RV at one of its calls,
 * what comes of it, and whether that is right.
 */
#include "pkcs11/ladder.h"
#include "tests/fault/scene.h"

#define LIMIT_MS    6000 /* beyond the timeout */
#define VENDOR_CODE (CKR_VENDOR_DEFINED + 7)
#define NO_CODE	    0x7777

static const struct {
	const char *name;
	CK_RV rv;
} codes[] = {
#define CODE(name, number) {#name, number},
#include "tests/fault/ckr.def"
#undef CODE
    {"a vendor's code", VENDOR_CODE},
    {"no code", NO_CODE},
};

enum phase {
	COLD,	  /* from the start */
	LATER,	  /* from the second JWT on */
	RECOVERY, /* there the module has lost everything, too */
	PHASE_COUNT,
};

static const char *const phases[PHASE_COUNT] = {"cold", "later", "recovery"};

/* One cell of the matrix. */
struct cell {
	struct sg_fault_rule rule;
	enum phase phase;
	size_t code;
	bool wrong_pin;
};

enum stage {
	OPEN,
	LOGIN,
	FIND,
	FIRST,
	SECOND,
	STAGE_COUNT,
};

static const struct {
	const char *name;
	enum sg_rc (*run)(struct scene *scene, struct sg_err *err);
} stages[STAGE_COUNT] = {
    [OPEN] = {"open", scene_open},
    [LOGIN] = {"login", scene_login},
    [FIND] = {"find", scene_find},
    [FIRST] = {"first JWT", scene_mint},
    [SECOND] = {"second JWT", scene_mint},
};

/* What came of a cell. */
struct outcome {
	enum stage failed_at; /* first; STAGE_COUNT: nowhere */
	struct sg_err first;
	enum stage stuck_at; /* failed once more; STAGE_COUNT: nowhere */
	struct sg_err again;
	bool minted;
	bool bad_came_out;
	bool output_touched;
	long timeout_ms;
	long took_ms;
	struct sg_fault_counts before; /* the rules */
	struct sg_fault_counts counts;
};

static struct sg_fault *fault;
static CK_FUNCTION_LIST *fn_list;
static EVP_PKEY *public_key;

static inline long
now_ms(void)
{
	return (long)sg_clock_mono_ms();
}

static inline void
add_rules(const struct cell *cell)
{
	struct sg_fault_rule rule = cell->rule;
	const struct sg_fault_rule restart = {
	    .fn = SG_FAULT_C_SignInit,
	    .act = SG_FAULT_RESTART,
	    .times = 1,
	};

	if (cell->phase == RECOVERY) {
		(void)fault->add(&restart);
		if (rule.fn == SG_FAULT_C_SignInit)
			rule.from++; /* the first is lost already */
	}
	if (rule.fn != SG_FAULT_ANY)
		(void)fault->add(&rule);
}

static inline bool
is_untouched(const struct scene *scene, enum stage stage)
{
	if (stage == OPEN)
		return scene->token == NULL;
	return stage != FIND || (scene->key == NULL && scene->signer == NULL);
}

/* A failure must leave behind what works at the next try. A login that failed
 * goes on as well, as a program may: that must cost no second try. */
static inline bool
play_stage(struct scene *scene, enum stage stage, struct outcome *out)
{
	struct sg_err again = {0};
	struct sg_err err = {0};

	if (stages[stage].run(scene, &err) == SG_OK)
		return true;
	if (!is_untouched(scene, stage))
		out->output_touched = true;
	if (out->failed_at == STAGE_COUNT) {
		out->failed_at = stage;
		out->first = err;
	}
	if (stages[stage].run(scene, &again) == SG_OK)
		return true;
	if (out->stuck_at == STAGE_COUNT) {
		out->stuck_at = stage;
		out->again = again;
	}
	return stage == LOGIN;
}

static inline void
play(const struct cell *cell, long timeout_ms, struct outcome *out)
{
	struct scene scene = {
	    .timeout_ms = timeout_ms,
	    .wrong_pin = cell->wrong_pin ? "00000000" : NULL,
	    .public_key = public_key,
	};
	int stage = OPEN;
	long from = now_ms();

	memset(out, 0, sizeof(*out));
	out->timeout_ms = timeout_ms;
	out->failed_at = STAGE_COUNT;
	out->stuck_at = STAGE_COUNT;
	fault->reset();
	if (cell->phase == COLD)
		add_rules(cell);
	while (stage < STAGE_COUNT) {
		if (stage == SECOND && cell->phase != COLD) {
			fault->counts(&out->before);
			add_rules(cell);
		}
		if (!play_stage(&scene, (enum stage)stage, out))
			break;
		stage++;
	}
	out->minted = stage > FIRST;
	out->bad_came_out = scene.bad_came_out;
	scene_close(&scene);
	out->took_ms = now_ms() - from;
	fault->counts(&out->counts);
	fault->reset();
	(void)fn_list->C_Finalize(NULL);
}

/* --- what is right ----------------------------------------------------- */

static inline bool
is_once(const struct cell *cell)
{
	return cell->rule.times == 1;
}

/* "fail=CKR_OK": it says that it is done and is not. */
static inline bool
is_silent(const struct cell *cell)
{
	return cell->rule.value == CKR_OK;
}

static inline int
status_of(CK_RV rv)
{
	return sg_rc_exit_status(sg_fail_ckr(NULL, rv, "x"));
}

/* Where the failure of a call means something else than its CK_RV. */
static const struct {
	enum sg_fault_fn fn;
	int status;
} otherwise[] = {
    /* A module that does not start. */
    {SG_FAULT_C_GetFunctionList, 4},
    {SG_FAULT_C_Initialize, 4},
    /* A slot that gives no answer is passed over: no token. */
    {SG_FAULT_C_GetTokenInfo, 4},
    /* No information is no mechanism. */
    {SG_FAULT_C_GetMechanismInfo, 4},
};

static inline bool
is_right_status(const struct cell *cell, const struct sg_err *err)
{
	int status = sg_rc_exit_status(err->rc);
	size_t i;

	if (is_silent(cell))
		return status == 3 || status == 4;
	for (i = 0; i < SG_COUNT(otherwise); i++)
		if (otherwise[i].fn == cell->rule.fn &&
		    otherwise[i].status == status)
			return true;
	return status == status_of(cell->rule.value);
}

static inline bool
is_right_text(const struct cell *cell, const struct sg_err *err)
{
	if (err->text[0] == '\0')
		return false;
	return is_silent(cell) || (CK_RV)err->native != cell->rule.value ||
	       strstr(err->text, sg_ckr_name(cell->rule.value)) != NULL;
}

/* NULL, or what is wrong with a run by the wrong PIN. */
static const char *
judge_wrong_pin(const struct cell *cell, const struct outcome *out)
{
	(void)cell;
	if (out->minted)
		return "signed with a wrong PIN";
	if (out->counts.pins > 1)
		return "a wrong PIN was sent twice";
	return NULL;
}

static inline bool
is_mended(CK_RV rv)
{
	struct sg_ladder ladder = sg_ladder_start(TIMEOUT_MS);

	return sg_ladder_next(&ladder, rv) != SG_RUNG_NONE;
}

/* Whatever failed once must work when it is asked for once more; what the
 * ladder mends must not fail at all. While it recovers it has no rung left. */
static const char *
judge_right_pin(const struct cell *cell, const struct outcome *out)
{
	bool spoils_login = cell->rule.fn == SG_FAULT_C_Login;

	if (!is_once(cell) || spoils_login)
		return NULL;
	if (out->stuck_at != STAGE_COUNT)
		return "it did not work the next time either";
	if (cell->phase != RECOVERY && out->failed_at >= FIND &&
	    out->failed_at != STAGE_COUNT && is_mended(cell->rule.value))
		return "the ladder did not mend it";
	return NULL;
}

static const char *
judge(const struct cell *cell, const struct outcome *out)
{
	if (out->bad_came_out)
		return "a bad signature came out";
	if (out->counts.pins_after_failure > 0)
		return "a PIN was sent after one that failed";
	if (out->counts.shared_sessions > 0)
		return "two threads shared a session";
	if (out->output_touched)
		return "an output was touched";
	if (out->took_ms > LIMIT_MS + out->timeout_ms)
		return "took too long";
	if (out->failed_at != STAGE_COUNT && !cell->wrong_pin &&
	    !is_right_status(cell, &out->first))
		return "another exit status than the code's";
	if (out->failed_at != STAGE_COUNT && !is_right_text(cell, &out->first))
		return "the text does not tell";
	return cell->wrong_pin ? judge_wrong_pin(cell, out)
			       : judge_right_pin(cell, out);
}

#endif
