/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAULT_CASES_H
#define SG_TESTS_FAULT_CASES_H

/* Cases that begin with a token in use, and end with its three promises. */
#include <time.h>

#include "tests/fault/scene.h"

/* Of a token that is there, nothing takes as long. */
#define LONG_TIMEOUT_MS 120000

static struct sg_fault *fault;
static EVP_PKEY *public_key;
static struct scene scene;

static inline void
told(const char *rules)
{
	const char *wrong = fault->script(rules);

	if (wrong != NULL)
		fail_msg("%s: %s", rules, wrong);
}

static inline struct sg_fault_counts
counts(void)
{
	struct sg_fault_counts now;

	fault->counts(&now);
	return now;
}

static inline void
pause_ms(long ms)
{
	const struct timespec pause = {
	    .tv_sec = ms / 1000,
	    .tv_nsec = ms % 1000 * 1000000,
	};

	(void)nanosleep(&pause, NULL);
}

static inline void
must(enum sg_rc rc, const struct sg_err *err)
{
	if (rc != SG_OK)
		fail_msg("%s: %s", sg_rc_name(rc), err->text);
}

static inline void
must_sign(void)
{
	struct sg_err err = {0};

	must(scene_mint(&scene, &err), &err);
}

static inline void
must_open(int64_t timeout_ms)
{
	struct sg_err err = {0};

	scene = (struct scene){
	    .public_key = public_key,
	    .timeout_ms = timeout_ms,
	};
	must(scene_open(&scene, &err), &err);
	must(scene_login(&scene, &err), &err);
	must(scene_find(&scene, &err), &err);
	must_sign();
}

static inline int
start(void **state)
{
	(void)state;
	fault->reset();
	must_open(LONG_TIMEOUT_MS);
	fault->reset();
	return 0;
}

/* Nothing may ever have done one of these. */
static inline int
stop(void **state)
{
	struct sg_fault_counts now = counts();

	(void)state;
	scene_close(&scene);
	fault->reset();
	return now.pins_after_failure == 0 && now.shared_sessions == 0 &&
		       !scene.bad_came_out
		   ? 0
		   : -1;
}

static inline int
set_up(void **state)
{
	(void)state;
	public_key = make_key();
	fault = fault_control();
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(public_key);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
