/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "tests/fault/cases.h"

/* Threads and processes that share a token, which may be lost meanwhile. */

#define THREADS 4

struct work {
	enum sg_rc (*sign)(struct scene *scene, struct sg_err *err);
	atomic_bool *is_over;
	unsigned int least; /* to make, whatever the time */
	atomic_uint made;
	atomic_bool has_failed;
	pthread_t thread;
	struct sg_err err;
};

static void *
sign_until_over(void *ctx)
{
	struct work *work = ctx;

	while (!*work->is_over || work->made < work->least) {
		if (work->sign(&scene, &work->err) != SG_OK) {
			work->has_failed = true;
			return NULL;
		}
		work->made++;
	}
	return NULL;
}

static void
start_threads(struct work *works, size_t count, const struct work *how)
{
	size_t i;

	for (i = 0; i < count; i++) {
		works[i] = *how;
		assert_int_equal(pthread_create(&works[i].thread, NULL,
				     sign_until_over, &works[i]),
		    0);
	}
}

static void
join_threads(struct work *works, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		assert_int_equal(pthread_join(works[i].thread, NULL), 0);
	for (i = 0; i < count; i++)
		if (works[i].err.rc != SG_OK)
			fail_msg(
			    "after %u: %s", works[i].made, works[i].err.text);
	assert_false(scene.bad_came_out);
	assert_int_equal(counts().shared_sessions, 0);
}

/* The second JWT was begun when the first was made. */
static void
wait_for_two_more(const struct work *works)
{
	unsigned int before[THREADS];
	int64_t end_ms = sg_clock_mono_ms() + LONG_TIMEOUT_MS;
	int i;

	for (i = 0; i < THREADS; i++)
		before[i] = works[i].made;
	for (i = 0; i < THREADS; i++)
		while (works[i].made < before[i] + 2 && !works[i].has_failed &&
		       sg_clock_mono_ms() < end_ms)
			pause_ms(2);
}

/* One loss at a time: a ladder has no more than one in it. */
static void
threads_sign_while(const char *loss)
{
	struct work works[THREADS];
	atomic_bool is_over = false;
	const struct work how = {scene_mint, &is_over, 1, 0, false, 0, {0}};
	int i;

	start_threads(works, THREADS, &how);
	for (i = 0; i < 12; i++) {
		wait_for_two_more(works);
		told(loss);
	}
	wait_for_two_more(works);
	is_over = true;
	join_threads(works, THREADS);
	must_sign();
}

static void
threads_sign_while_the_token_comes_and_goes(void **state)
{
	(void)state;
	threads_sign_while("C_SignInit remove-ms=40 times=1");
}

static void
threads_sign_while_sessions_are_dropped(void **state)
{
	(void)state;
	threads_sign_while("C_SignInit drop times=1");
}

static void
threads_sign_while_another_logs_out(void **state)
{
	(void)state;
	threads_sign_while("C_Sign logout times=1");
}

static void
threads_sign_while_the_module_is_restarted(void **state)
{
	(void)state;
	threads_sign_while("C_SignInit restart times=1");
}

static void
threads_share_what_sessions_there_are(void **state)
{
	struct work works[THREADS];
	atomic_bool is_over = true;
	const struct work how = {scene_mint, &is_over, 25, 0, false, 0, {0}};

	(void)state;
	told("C_OpenSession limit=2");
	start_threads(works, THREADS, &how);
	join_threads(works, THREADS);
	assert_true(counts().most_sessions <= 2);
}

/* The host may stand still meanwhile, but not each time. */
static void
threads_do_not_wait_for_a_slow_token_one_by_one(void **state)
{
	enum { EACH = 5, MS = 50 };
	struct work works[THREADS];
	atomic_bool is_over = true;
	const struct work how = {scene_mint, &is_over, EACH, 0, false, 0, {0}};
	int64_t took_ms;
	int tries = 0;

	(void)state;
	told("C_Sign sleep=50");
	do {
		took_ms = -sg_clock_mono_ms();
		start_threads(works, THREADS, &how);
		join_threads(works, THREADS);
		took_ms += sg_clock_mono_ms();
	} while (took_ms >= THREADS * EACH * MS && ++tries < 50);
	assert_true(took_ms < THREADS * EACH * MS);
	assert_true(counts().most_sessions > 1);
}

static void
sign_some(int count)
{
	while (count-- > 0)
		if (scene_mint(&scene, NULL) != SG_OK || scene.bad_came_out)
			_exit(1);
}

static void
parent_and_child_both_sign(void **state)
{
	int status = -1;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		sign_some(5);
		scene_close(&scene);
		_exit(counts().pins_after_failure == 0 ? 0 : 1);
	}
	sign_some(5);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	must_sign();
}

static void
a_child_that_only_ends_takes_nothing_away(void **state)
{
	int status = -1;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		scene_close(&scene);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	must_sign();
}

/* Without OpenSSL, which has locks of its own that a child may find held. */
static enum sg_rc
only_sign(struct scene *with, struct sg_err *err)
{
	static const uint8_t message[] = "what is signed";
	SG_AUTO(sg_buf) sig = NULL;

	return sg_key_sign(with->key, message, sizeof(message), &sig, err);
}

/* Other threads may hold every lock of ours when one forks. */
static void
a_child_of_a_busy_process_signs(void **state)
{
	struct work works[THREADS];
	atomic_bool is_over = false;
	const struct work how = {only_sign, &is_over, 1, 0, false, 0, {0}};
	int status;
	pid_t pid;
	int i;

	(void)state;
	start_threads(works, THREADS, &how);
	for (i = 0; i < 5; i++) {
		pause_ms(20);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			(void)alarm(120);
			sign_some(1);
			_exit(0);
		}
		status = -1;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	is_over = true;
	join_threads(works, THREADS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(threads_sign_while_the_token_comes_and_goes),
	    CASE(threads_sign_while_sessions_are_dropped),
	    CASE(threads_sign_while_another_logs_out),
	    CASE(threads_sign_while_the_module_is_restarted),
	    CASE(threads_share_what_sessions_there_are),
	    CASE(threads_do_not_wait_for_a_slow_token_one_by_one),
	    CASE(parent_and_child_both_sign),
	    CASE(a_child_that_only_ends_takes_nothing_away),
	    CASE(a_child_of_a_busy_process_signs),
	};

	return cmocka_run_group_tests_name("crowd", tests, set_up, tear_down);
}
