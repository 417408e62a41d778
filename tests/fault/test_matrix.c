/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "tests/fault/cell.h"

/*
 * Every PKCS#11 function that a signature needs, with every CK_RV of PKCS#11
 * v2.40, at each of its calls: cold, at a later signature, and while a lost
 * module is recovered. Which functions those are is found by counting.
 *
 * A child process has one function in one phase; a few run at a time, each in
 * a copy of the token, as SoftHSM's own files are none of this test's business.
 */

#define LANES		3
#define HANG_S		120
#define LONG_TIMEOUT_MS 60000
#define MOST_SHOWN	12

/* Shared with the child that fills it in. */
struct tally {
	unsigned int cells;
	unsigned int unhurt;
	unsigned int refused;
	unsigned int wrong;
	long took_ms;
	char now[200];
};

/* By a wrong PIN there is no first JWT, so nothing is later. */
enum { KINDS = PHASE_COUNT + 1 };

static const struct {
	enum phase phase;
	bool wrong_pin;
} kinds[KINDS] = {
    {COLD, false}, {COLD, true}, {LATER, false}, {RECOVERY, false}};

struct job {
	enum sg_fault_fn fn;
	enum phase phase;
	bool wrong_pin;
	pid_t pid;
	struct tally *tally;
};

/* Calls of each function in each phase, with nothing wrong. */
static unsigned int usual[PHASE_COUNT][SG_FAULT_FN_COUNT];

/* --- one function's cells ------------------------------------------------ */

static void
name_cell(const struct cell *cell, char *out, size_t size)
{
	(void)snprintf(out, size, "%s %s=%s %s%s, from call %u%s",
	    fault->name(cell->rule.fn),
	    cell->rule.act == SG_FAULT_FAIL ? "fail" : "lose",
	    codes[cell->code].name, phases[cell->phase],
	    cell->wrong_pin ? ", wrong PIN" : "", cell->rule.from,
	    is_once(cell) ? " once" : "");
}

/* Of a host that was slow, perhaps: then more time helps. */
static const char *
play_and_judge(const struct cell *cell, struct outcome *out)
{
	static const long timeouts_ms[] = {TIMEOUT_MS, 3000, LONG_TIMEOUT_MS};
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i < SG_COUNT(timeouts_ms); i++) {
		(void)alarm(HANG_S);
		play(cell, timeouts_ms[i], out);
		wrong = judge(cell, out);
		if (wrong == NULL || out->took_ms < timeouts_ms[i])
			break;
	}
	(void)alarm(0);
	return wrong;
}

static void
try_cell(const struct cell *cell, struct tally *tally)
{
	struct outcome out;
	const char *wrong;

	name_cell(cell, tally->now, sizeof(tally->now));
	wrong = play_and_judge(cell, &out);
	tally->took_ms += out.took_ms;
	tally->cells++;
	if (out.failed_at == STAGE_COUNT)
		tally->unhurt++;
	else
		tally->refused++;
	if (wrong == NULL)
		return;
	tally->wrong++;
	if (tally->wrong > MOST_SHOWN)
		return;
	(void)printf("# %s: %s; %ld ms; %s: %s: %s; again %s: %s: %s\n",
	    tally->now, wrong, out.took_ms,
	    out.failed_at < STAGE_COUNT ? stages[out.failed_at].name : "-",
	    sg_rc_name(out.first.rc), out.first.text,
	    out.stuck_at < STAGE_COUNT ? stages[out.stuck_at].name : "-",
	    sg_rc_name(out.again.rc), out.again.text);
	(void)fflush(stdout);
}

static void
try_codes(struct cell *cell, struct tally *tally)
{
	size_t i;

	for (i = 0; i < SG_COUNT(codes); i++) {
		cell->code = i;
		cell->rule.value = codes[i].rv;
		cell->rule.act = SG_FAULT_FAIL;
		/* p11-kit itself calls what it was not given then. */
		if (cell->rule.fn == SG_FAULT_C_GetFunctionList &&
		    codes[i].rv == CKR_OK)
			continue;
		try_cell(cell, tally);
		/* An answer that is lost each time is no other story, and a
		 * wrong PIN's alone is one. */
		if (!is_once(cell) || codes[i].rv == CKR_OK ||
		    (cell->wrong_pin && cell->rule.fn != SG_FAULT_C_Login))
			continue;
		cell->rule.act = SG_FAULT_LOSE;
		try_cell(cell, tally);
	}
}

static void
do_job(const struct job *job)
{
	struct cell cell = {
	    .rule = {.fn = job->fn, .times = 1},
	    .phase = job->phase,
	    .wrong_pin = job->wrong_pin,
	};

	for (cell.rule.from = 1; cell.rule.from <= usual[job->phase][job->fn];
	     cell.rule.from++)
		try_codes(&cell, job->tally);
	cell.rule.from = 1;
	cell.rule.times = 0;
	try_codes(&cell, job->tally);
}

/* --- all of them --------------------------------------------------------- */

/* The token as it is now, for a process that shares it with no other. */
static void
copy_token(int lane)
{
	char name[32];
	char folder[PATH_MAX];
	char tokens[PATH_MAX];
	char out[PATH_MAX];
	char conf[PATH_MAX + 80];
	const char *const argv[] = {
	    "cp", "-a", scratch("tokens", tokens), folder, NULL};

	(void)snprintf(name, sizeof(name), "lane-%d", lane);
	(void)scratch(name, folder);
	assert_int_equal(run_to_file(argv, environ, scratch("out", out)), 0);
	(void)snprintf(conf, sizeof(conf),
	    "directories.tokendir = %s\nobjectstore.backend = file\n"
	    "log.level = ERROR\n",
	    folder);
	(void)snprintf(name, sizeof(name), "lane-%d.conf", lane);
	write_file(scratch(name, out), conf, strlen(conf));
}

static void
enter_lane(int lane)
{
	char name[32];
	char path[PATH_MAX];

	(void)snprintf(name, sizeof(name), "lane-%d.conf", lane);
	(void)setenv("SOFTHSM2_CONF", scratch(name, path), 1);
}

static void
start_job(struct job *job, int lane)
{
	const struct rlimit no_core = {0};

	(void)fflush(NULL);
	job->pid = fork();
	assert_true(job->pid >= 0);
	if (job->pid > 0)
		return;
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)signal(SIGSEGV, SIG_DFL); /* cmocka would go on in the child */
	(void)signal(SIGBUS, SIG_DFL);
	(void)signal(SIGFPE, SIG_DFL);
	(void)signal(SIGILL, SIG_DFL);
	enter_lane(lane);
	do_job(job);
	exit(0); /* and not _exit(): the leaks are told now */
}

static unsigned int
end_job(const struct job *job, int status)
{
	const struct tally *tally = job->tally;

	print_message("# %-20s %-8s %s PIN: %5u cells, %5u unhurt, "
		      "%5u refused, %u wrong, %ld ms\n",
	    fault->name(job->fn), phases[job->phase],
	    job->wrong_pin ? "wrong" : "right", tally->cells, tally->unhurt,
	    tally->refused, tally->wrong, tally->took_ms);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return tally->wrong;
	print_message("# %s: %s %d\n", tally->now,
	    WIFSIGNALED(status) ? "signal" : "a leak, or exit status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return tally->wrong + 1;
}

static struct job *
wait_for_one(struct job *lanes[LANES], int *out_lane, int *out_status)
{
	pid_t pid = wait(out_status);
	int i;

	for (i = 0; i < LANES; i++)
		if (lanes[i] != NULL && lanes[i]->pid == pid) {
			*out_lane = i;
			return lanes[i];
		}
	fail_msg("a child that is none");
	return NULL;
}

static unsigned int
run_jobs(struct job *jobs, size_t count)
{
	struct job *lanes[LANES] = {NULL};
	unsigned int wrong = 0;
	size_t started = 0;
	size_t ended = 0;
	struct job *done;
	int status;
	int lane;

	for (lane = 0; lane < LANES && started < count; lane++) {
		lanes[lane] = &jobs[started++];
		start_job(lanes[lane], lane);
	}
	while (ended < count) {
		done = wait_for_one(lanes, &lane, &status);
		wrong += end_job(done, status);
		ended++;
		lanes[lane] = NULL;
		if (started == count)
			continue;
		lanes[lane] = &jobs[started++];
		start_job(lanes[lane], lane);
	}
	return wrong;
}

static void
count_usual(enum phase phase)
{
	const struct cell nothing = {.phase = phase};
	struct outcome out;
	int i;

	play(&nothing, LONG_TIMEOUT_MS, &out);
	assert_int_equal(out.failed_at, STAGE_COUNT);
	for (i = 0; i < SG_FAULT_FN_COUNT; i++)
		usual[phase][i] = out.counts.calls[i] - out.before.calls[i];
	if (phase == RECOVERY) /* the call that finds it lost */
		usual[phase][SG_FAULT_C_SignInit]--;
}

/* NULL: every function. */
static const char *only;

static bool
is_wanted(int fn)
{
	return only == NULL ||
	       strcmp(only, fault->name((enum sg_fault_fn)fn)) == 0;
}

static size_t
list_jobs(struct job *jobs, struct tally *tallies)
{
	size_t count = 0;
	int fn;
	int i;

	for (fn = SG_FAULT_ANY + 1; fn < SG_FAULT_FN_COUNT; fn++)
		for (i = 0; i < KINDS; i++) {
			if (usual[kinds[i].phase][fn] == 0 || !is_wanted(fn))
				continue;
			jobs[count] = (struct job){
			    .fn = (enum sg_fault_fn)fn,
			    .phase = kinds[i].phase,
			    .wrong_pin = kinds[i].wrong_pin,
			    .tally = &tallies[count],
			};
			count++;
		}
	return count;
}

static void
every_failure_of_every_call(void **state)
{
	static struct job jobs[KINDS * SG_FAULT_FN_COUNT];
	struct tally *tallies = mmap(NULL, sizeof(*tallies) * SG_COUNT(jobs),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int cells = 0;
	unsigned int wrong;
	size_t count;
	size_t i;

	(void)state;
	assert_ptr_not_equal(tallies, MAP_FAILED);
	count = list_jobs(jobs, tallies);
	wrong = run_jobs(jobs, count);
	for (i = 0; i < count; i++)
		cells += tallies[i].cells;
	print_message("# %u cells, %u wrong\n", cells, wrong);
	assert_true(cells > 0);
	assert_int_equal(wrong, 0);
}

static int
set_up(void **state)
{
	CK_C_GetFunctionList get_list;
	int i;

	(void)state;
	public_key = make_key();
	*(void **)&get_list = fault_symbol("C_GetFunctionList");
	fault = fault_control();
	if (get_list(&fn_list) != CKR_OK)
		return -1;
	for (i = 0; i < LANES; i++)
		copy_token(i);
	for (i = COLD; i < PHASE_COUNT; i++)
		count_usual((enum phase)i);
	for (i = 0; i < SG_FAULT_FN_COUNT; i++)
		if (usual[COLD][i] > 0)
			print_message("# %-20s %u %u %u\n",
			    fault->name((enum sg_fault_fn)i), usual[COLD][i],
			    usual[LATER][i], usual[RECOVERY][i]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(public_key);
	return 0;
}

/* With an argument: that function alone. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_failure_of_every_call),
	};

	only = argc > 1 ? argv[1] : NULL;
	return cmocka_run_group_tests_name("matrix", tests, set_up, tear_down);
}
