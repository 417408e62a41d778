/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/pool.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "tests/unit/fake_token.h"

#define LONG_MS 120000

static struct sg_modules *modules;
static struct sg_pool *pool;

static int
set_up(void **state)
{
	(void)fake_set_up(state);
	modules = fake_start();
	return 0;
}

static int
tear_down(void **state)
{
	sg_pool_free(&pool);
	sg_modules_free(&modules);
	return fake_tear_down(state);
}

static void
new_pool(size_t limit)
{
	assert_int_equal(sg_pool_new(&modules->items[0], 7, CKF_SERIAL_SESSION,
			     limit, &pool, NULL),
	    SG_OK);
}

static CK_SESSION_HANDLE
take(void)
{
	CK_SESSION_HANDLE session = 0;
	struct sg_err err = {0};

	if (sg_pool_take(pool, LONG_MS, &session, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_true(session != 0);
	return session;
}

static void
sleep_ms(long ms)
{
	const struct timespec pause = {
	    .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L};

	(void)nanosleep(&pause, NULL);
}

static void
a_session_is_opened_on_demand_and_lent_again(void **state)
{
	CK_SESSION_HANDLE first;
	CK_SESSION_HANDLE second;

	(void)state;
	new_pool(0);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 0);
	first = take();
	second = take();
	assert_true(first != second);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 2);
	sg_pool_give(pool, first, true);
	assert_int_equal(take(), first);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 2);
	assert_int_equal(fake->calls[FAKE_CLOSE_SESSION], 0);
	sg_pool_give(pool, first, true);
	sg_pool_give(pool, second, true);
}

static void
a_full_pool_times_out_and_leaves_the_output_alone(void **state)
{
	CK_SESSION_HANDLE session;
	CK_SESSION_HANDLE none = 4711;
	struct sg_err err = {0};
	int64_t start_ms;

	(void)state;
	new_pool(1);
	session = take();
	start_ms = sg_clock_mono_ms();
	assert_int_equal(sg_pool_take(pool, 60, &none, &err), SG_E_TIMEOUT);
	assert_true(sg_clock_mono_ms() - start_ms >= 59);
	assert_true(sg_clock_mono_ms() - start_ms < LONG_MS / 2);
	assert_int_equal(none, 4711);
	assert_int_equal(err.native, 0);
	assert_non_null(strstr(err.text, "in use"));
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 1);
	sg_pool_give(pool, session, true);
	assert_int_equal(take(), session);
	sg_pool_give(pool, session, true);
}

static void
a_failure_to_open_takes_up_no_room(void **state)
{
	CK_SESSION_HANDLE session = 0;
	struct sg_err err = {0};
	int i;

	(void)state;
	new_pool(1);
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_DEVICE_ERROR;
	for (i = 0; i < 3; i++) {
		assert_int_equal(
		    sg_pool_take(pool, LONG_MS, &session, &err), SG_E_TOKEN);
		assert_int_equal(err.native, CKR_DEVICE_ERROR);
	}
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_OK;
	session = take();
	sg_pool_give(pool, session, true);
}

/* There is nothing of ours to wait for. */
static void
session_count_with_no_session_of_ours_is_told(void **state)
{
	CK_SESSION_HANDLE session = 0;
	struct sg_err err = {0};

	(void)state;
	new_pool(0);
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_SESSION_COUNT;
	assert_int_equal(
	    sg_pool_take(pool, LONG_MS, &session, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_SESSION_COUNT);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 1);
}

/* The threads that got into the queue so far. */
static atomic_int queued;

/* In place of the C library's, which it calls: a thread in the queue waits by
 * it, and has the pool's lock until it does. */
int
pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
    clockid_t clock, const struct timespec *end)
{
	static _Thread_local bool is_queued;
	int (*wait)(pthread_cond_t *, pthread_mutex_t *, clockid_t,
	    const struct timespec *);

	*(void **)&wait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
	if (!is_queued)
		(void)atomic_fetch_add(&queued, 1);
	is_queued = true;
	return wait(cond, mutex, clock, end);
}

/* One that takes a session in a thread of its own, and tells when. */
struct taker {
	pthread_t thread;
	int64_t timeout_ms;
	enum sg_rc rc;
	CK_SESSION_HANDLE session;
	int place;
	atomic_bool done;
};

static atomic_int places;

static void *
take_in_thread(void *ctx)
{
	struct taker *taker = ctx;

	taker->rc =
	    sg_pool_take(pool, taker->timeout_ms, &taker->session, NULL);
	taker->place = ++places;
	atomic_store(&taker->done, true);
	return NULL;
}

/* Until it is in the queue. */
static void
start(struct taker *taker, int64_t timeout_ms)
{
	int64_t end_ms = sg_clock_mono_ms() + LONG_MS;
	int before = atomic_load(&queued);

	taker->timeout_ms = timeout_ms;
	atomic_store(&taker->done, false);
	assert_int_equal(
	    pthread_create(&taker->thread, NULL, take_in_thread, taker), 0);
	while (atomic_load(&queued) == before && sg_clock_mono_ms() < end_ms)
		sleep_ms(1);
	assert_int_equal(atomic_load(&queued), before + 1);
}

static void
wait_for(struct taker *taker)
{
	int64_t end_ms = sg_clock_mono_ms() + LONG_MS;

	while (!atomic_load(&taker->done) && sg_clock_mono_ms() < end_ms)
		sleep_ms(1);
	assert_true(atomic_load(&taker->done));
	(void)pthread_join(taker->thread, NULL);
}

static void
who_waits_longest_is_served_first(void **state)
{
	enum { TAKERS = 5 };
	struct taker takers[TAKERS] = {0};
	CK_SESSION_HANDLE session;
	int i;

	(void)state;
	new_pool(1);
	session = take();
	atomic_store(&places, 0);
	for (i = 0; i < TAKERS; i++)
		start(&takers[i], LONG_MS);
	for (i = 0; i < TAKERS; i++) {
		assert_int_equal(atomic_load(&places), i);
		sg_pool_give(pool, session, true);
		wait_for(&takers[i]);
		assert_int_equal(takers[i].rc, SG_OK);
		assert_int_equal(takers[i].session, session);
		assert_int_equal(takers[i].place, i + 1);
	}
	sg_pool_give(pool, session, true);
}

/* Nobody who comes later overtakes those who wait. */
static void
a_late_comer_does_not_overtake_the_queue(void **state)
{
	struct taker early = {0};
	CK_SESSION_HANDLE session;
	CK_SESSION_HANDLE mine = 0;
	enum sg_rc rc;

	(void)state;
	new_pool(1);
	session = take();
	start(&early, LONG_MS);
	sg_pool_give(pool, session, true);
	/* Whether or not the early one woke up meanwhile. */
	rc = sg_pool_take(pool, 0, &mine, NULL);
	assert_int_equal(rc, SG_E_TIMEOUT);
	wait_for(&early);
	assert_int_equal(early.rc, SG_OK);
	sg_pool_give(pool, early.session, true);
}

static void
who_gives_up_waiting_does_not_block_the_next(void **state)
{
	struct taker hasty = {0};
	struct taker patient = {0};
	CK_SESSION_HANDLE session;

	(void)state;
	new_pool(1);
	session = take();
	start(&hasty, 60);
	start(&patient, LONG_MS);
	wait_for(&hasty);
	assert_int_equal(hasty.rc, SG_E_TIMEOUT);
	sg_pool_give(pool, session, true);
	wait_for(&patient);
	assert_int_equal(patient.rc, SG_OK);
	sg_pool_give(pool, patient.session, true);
}

static void
session_count_lowers_the_limit_and_waits(void **state)
{
	struct taker third = {0};
	struct taker fourth = {0};
	CK_SESSION_HANDLE one;
	CK_SESSION_HANDLE two;

	(void)state;
	new_pool(0);
	fake->session_limit = 2;
	one = take();
	two = take();
	start(&third, LONG_MS);
	assert_false(atomic_load(&third.done));
	start(&fourth, LONG_MS);
	sg_pool_give(pool, one, true);
	wait_for(&third);
	assert_int_equal(third.rc, SG_OK);
	assert_false(atomic_load(&fourth.done));
	sg_pool_give(pool, two, true);
	wait_for(&fourth);
	assert_int_equal(fourth.rc, SG_OK);
	/* The limit is known from the third on: the token is not asked again.
	 */
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 3);
	sg_pool_give(pool, one, true);
	sg_pool_give(pool, two, true);
}

static void
session_count_does_not_make_the_wait_longer(void **state)
{
	CK_SESSION_HANDLE session;
	CK_SESSION_HANDLE none = 0;
	int64_t start_ms;

	(void)state;
	new_pool(0);
	fake->session_limit = 1;
	session = take();
	start_ms = sg_clock_mono_ms();
	assert_int_equal(sg_pool_take(pool, 80, &none, NULL), SG_E_TIMEOUT);
	assert_true(sg_clock_mono_ms() - start_ms >= 79);
	assert_true(sg_clock_mono_ms() - start_ms < LONG_MS / 2);
	sg_pool_give(pool, session, true);
}

static void
an_unsound_session_is_closed_and_not_lent_again(void **state)
{
	CK_SESSION_HANDLE one;
	CK_SESSION_HANDLE two;
	CK_SESSION_HANDLE next;

	(void)state;
	new_pool(2);
	one = take();
	two = take();
	sg_pool_give(pool, one, false);
	assert_int_equal(fake->calls[FAKE_CLOSE_SESSION], 1);
	assert_int_equal(fake->open_sessions, 1);
	next = take();
	assert_true(next != one && next != two);
	sg_pool_give(pool, two, true);
	sg_pool_give(pool, next, true);
}

static void
the_last_session_stays_open_so_that_the_login_does(void **state)
{
	CK_SESSION_HANDLE one;
	CK_SESSION_HANDLE two;
	CK_SESSION_HANDLE next;

	(void)state;
	new_pool(0);
	one = take();
	two = take();
	fake->is_logged_in = true;
	sg_pool_give(pool, one, false);
	sg_pool_give(pool, two, false);
	assert_int_equal(fake->open_sessions, 1);
	assert_true(fake->is_logged_in);
	/* It goes when another is there. */
	next = take();
	assert_true(next != one && next != two);
	assert_int_equal(fake->open_sessions, 1);
	assert_true(fake->is_logged_in);
	assert_true(
	    fake->order[FAKE_OPEN_SESSION] < fake->order[FAKE_CLOSE_SESSION]);
	sg_pool_give(pool, next, true);
}

/* Else one failure of the token would lock everybody out. */
static void
an_unsound_session_takes_up_no_room(void **state)
{
	CK_SESSION_HANDLE session;
	int i;

	(void)state;
	new_pool(1);
	fake->session_limit = 1;
	for (i = 0; i < 3; i++) {
		session = take();
		sg_pool_give(pool, session, false);
		assert_int_equal(fake->open_sessions, 1);
	}
	assert_true(take() != session);
	assert_int_equal(fake->open_sessions, 1);
	sg_pool_give(pool, session + 1, true);
}

static void
an_unsound_session_calls_the_next_who_waits(void **state)
{
	struct taker waiting = {0};
	CK_SESSION_HANDLE session;

	(void)state;
	new_pool(1);
	session = take();
	start(&waiting, LONG_MS);
	assert_false(atomic_load(&waiting.done));
	sg_pool_give(pool, session, false);
	wait_for(&waiting);
	assert_int_equal(waiting.rc, SG_OK);
	assert_true(waiting.session != session);
	sg_pool_give(pool, waiting.session, true);
}

static void
renew_opens_before_it_closes(void **state)
{
	CK_SESSION_HANDLE one;
	CK_SESSION_HANDLE two;
	CK_SESSION_HANDLE next;

	(void)state;
	new_pool(0);
	one = take();
	two = take();
	fake->is_logged_in = true;
	sg_pool_give(pool, one, true);
	sg_pool_give(pool, two, false);
	assert_int_equal(sg_pool_renew(pool, NULL), SG_OK);
	assert_true(fake->is_logged_in);
	assert_int_equal(fake->open_sessions, 1);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 3);
	assert_int_equal(fake->calls[FAKE_CLOSE_SESSION], 2);
	next = take();
	assert_true(next != one && next != two);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 3);
	sg_pool_give(pool, next, true);
}

static void
renew_closes_first_where_the_token_has_no_room(void **state)
{
	CK_SESSION_HANDLE one;

	(void)state;
	new_pool(1);
	fake->session_limit = 1;
	one = take();
	sg_pool_give(pool, one, true);
	assert_int_equal(sg_pool_renew(pool, NULL), SG_OK);
	assert_int_equal(fake->open_sessions, 1);
	assert_true(take() != one);
	sg_pool_give(pool, one + 1, true);
}

static void
a_pool_that_could_not_be_renewed_is_tried_again(void **state)
{
	struct sg_err err = {0};
	CK_SESSION_HANDLE one;

	(void)state;
	new_pool(1);
	one = take();
	sg_pool_give(pool, one, true);
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_TOKEN_NOT_PRESENT;
	assert_true(sg_pool_renew(pool, &err) != SG_OK);
	assert_int_equal(err.native, CKR_TOKEN_NOT_PRESENT);
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_OK;
	one = take();
	sg_pool_give(pool, one, true);
}

static void
what_is_forgotten_is_not_closed(void **state)
{
	CK_SESSION_HANDLE one;

	(void)state;
	new_pool(1);
	one = take();
	sg_pool_give(pool, one, true);
	fake->slots[0].id = 9;
	fake_lose_sessions();
	sg_pool_forget(pool, 9);
	assert_int_equal(fake->calls[FAKE_CLOSE_SESSION], 0);
	one = take();
	assert_int_equal(fake->session_slot, 9);
	sg_pool_give(pool, one, true);
}

static void
free_closes_what_is_open(void **state)
{
	CK_SESSION_HANDLE one;
	CK_SESSION_HANDLE two;

	(void)state;
	new_pool(0);
	one = take();
	two = take();
	sg_pool_give(pool, one, true);
	sg_pool_give(pool, two, true);
	sg_pool_free(&pool);
	assert_null(pool);
	assert_int_equal(fake->open_sessions, 0);
	sg_pool_free(&pool);
	sg_pool_free(NULL);
}

#define WORKERS	   16
#define ROUNDS	   400
#define MOST_SHOWN 4096

/* Who has the session of a handle now. */
static atomic_int users[MOST_SHOWN];
static atomic_int faults_seen;

static void *
work(void *ctx)
{
	const int *number = ctx;
	CK_SESSION_HANDLE session;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		session = 0;
		if (sg_pool_take(pool, LONG_MS, &session, NULL) != SG_OK ||
		    session == 0 || session >= MOST_SHOWN) {
			(void)atomic_fetch_add(&faults_seen, 1);
			return NULL;
		}
		if (atomic_fetch_add(&users[session], 1) != 0)
			(void)atomic_fetch_add(&faults_seen, 1);
		(void)atomic_fetch_sub(&users[session], 1);
		sg_pool_give(pool, session, (i + *number) % 7 != 0);
	}
	return NULL;
}

static void
many_threads_share_few_sessions_and_none_at_one_time(void **state)
{
	pthread_t threads[WORKERS];
	int numbers[WORKERS];
	int i;

	(void)state;
	atomic_store(&faults_seen, 0);
	new_pool(0);
	fake->session_limit = 3;
	for (i = 0; i < WORKERS; i++) {
		numbers[i] = i;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, work, &numbers[i]), 0);
	}
	for (i = 0; i < WORKERS; i++)
		(void)pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&faults_seen), 0);
	assert_true(fake->most_sessions <= 3);
	assert_true(fake->open_sessions >= 1);
}

#define POOL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    POOL_TEST(a_session_is_opened_on_demand_and_lent_again),
	    POOL_TEST(a_full_pool_times_out_and_leaves_the_output_alone),
	    POOL_TEST(a_failure_to_open_takes_up_no_room),
	    POOL_TEST(session_count_with_no_session_of_ours_is_told),
	    POOL_TEST(who_waits_longest_is_served_first),
	    POOL_TEST(a_late_comer_does_not_overtake_the_queue),
	    POOL_TEST(who_gives_up_waiting_does_not_block_the_next),
	    POOL_TEST(session_count_lowers_the_limit_and_waits),
	    POOL_TEST(session_count_does_not_make_the_wait_longer),
	    POOL_TEST(an_unsound_session_is_closed_and_not_lent_again),
	    POOL_TEST(the_last_session_stays_open_so_that_the_login_does),
	    POOL_TEST(an_unsound_session_takes_up_no_room),
	    POOL_TEST(an_unsound_session_calls_the_next_who_waits),
	    POOL_TEST(renew_opens_before_it_closes),
	    POOL_TEST(renew_closes_first_where_the_token_has_no_room),
	    POOL_TEST(a_pool_that_could_not_be_renewed_is_tried_again),
	    POOL_TEST(what_is_forgotten_is_not_closed),
	    POOL_TEST(free_closes_what_is_open),
	    POOL_TEST(many_threads_share_few_sessions_and_none_at_one_time),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
