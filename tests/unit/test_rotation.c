/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "client/rotation/rotation.h"

#define WAIT_S 300
#define NEVER  1000

/* Keys, configurations and settings as they would be outside; each call on
 * them can be where the process is killed. */
struct world {
	enum sg_rotation_mode mode;
	bool old_key;
	bool new_key;
	bool old_config;
	bool old_enabled;
	bool new_config;
	bool old_published;
	bool new_published;
	bool new_is_set;
	int64_t left_s; /* when the settings last left a key */
	int64_t now_s;
	struct sg_buf *saved;
	size_t calls;
	size_t killed_at;  /* this call ... */
	bool killed_after; /* ... with its effect, or without */
	enum sg_rotation_step taken[64];
	size_t taken_count;
	int64_t until_s; /* of the last wait */
};

static bool
signs_in(const struct world *w, bool new)
{
	if (w->mode == SG_ROTATION_BY_JWKS)
		return new ? w->new_key && w->new_published
			   : w->old_key && w->old_published;
	return new ? w->new_key && w->new_config
		   : w->old_key && w->old_config && w->old_enabled;
}

/* The promise: the key that is set signs in, and the one that was left does as
 * long as its last JWT lives. */
static void
check_promise(const struct world *w)
{
	assert_true(signs_in(w, w->new_is_set));
	if (w->left_s != 0 && w->now_s < w->left_s + WAIT_S)
		assert_true(signs_in(w, !w->new_is_set));
}

static void
set_new(struct world *w, bool new)
{
	if (w->new_is_set != new)
		w->left_s = w->now_s;
	w->new_is_set = new;
}

static void
have_effect(struct world *w, enum sg_rotation_step step)
{
	bool by_jwks = w->mode == SG_ROTATION_BY_JWKS;

	if (step == SG_ROTATION_GENERATE)
		w->new_key = true;
	else if (step == SG_ROTATION_CONFIGURE && w->new_key)
		w->new_config = true;
	else if (step == SG_ROTATION_PUBLISH)
		w->old_published = w->new_published = true;
	else if (step == SG_ROTATION_CHECK)
		assert_true(w->old_published && w->new_published);
	else if (step == SG_ROTATION_TRY)
		assert_true(signs_in(w, true) && signs_in(w, false));
	else if (step == SG_ROTATION_SWITCH)
		set_new(w, true);
	else if (step == SG_ROTATION_DISABLE)
		w->old_enabled = false;
	else if (step == SG_ROTATION_DELETE)
		w->old_config = false;
	else if (step == SG_ROTATION_RETIRE)
		w->old_published = false;
	else if (step == SG_ROTATION_DROP_OLD)
		w->old_key = false;
	else if (step == SG_ROTATION_ENABLE)
		w->old_enabled = true;
	else if (step == SG_ROTATION_TRY_OLD)
		assert_true(signs_in(w, false));
	else if (step == SG_ROTATION_SWITCH_BACK)
		set_new(w, false);
	else if (step == SG_ROTATION_UNCONFIGURE && !by_jwks)
		w->new_config = false;
	else if (step == SG_ROTATION_UNPUBLISH && by_jwks)
		w->new_published = false;
	else if (step == SG_ROTATION_DROP_NEW)
		w->new_key = false;
	else
		fail_msg(
		    "step %s has no place here", sg_rotation_step_name(step));
	check_promise(w);
}

static bool
is_killed(struct world *w, bool after)
{
	if (!after)
		w->calls++;
	return w->calls == w->killed_at && w->killed_after == after;
}

static enum sg_rc
killed(struct sg_err *err)
{
	return sg_fail(err, SG_E_NETWORK, "killed");
}

static enum sg_rc
take(void *ctx, struct sg_rotation *r, enum sg_rotation_step step,
    struct sg_err *err)
{
	struct world *w = ctx;

	/* What may have been asked for, the way back has to look for. */
	if (step == SG_ROTATION_UNCONFIGURE && w->new_config)
		assert_true(r->published);
	if (is_killed(w, false))
		return killed(err);
	w->now_s++;
	w->taken[w->taken_count++ % SG_COUNT(w->taken)] = step;
	have_effect(w, step);
	return is_killed(w, true) ? killed(err) : SG_OK;
}

static enum sg_rc
save(void *ctx, const struct sg_rotation *r, struct sg_err *err)
{
	struct world *w = ctx;
	struct sg_jsonw json = {.out = w->saved};

	if (is_killed(w, false))
		return killed(err);
	w->now_s++;
	sg_buf_reset(w->saved);
	sg_rotation_write(&json, NULL, r);
	assert_int_equal(sg_jsonw_check(&json, "it", NULL), SG_OK);
	return is_killed(w, true) ? killed(err) : SG_OK;
}

static enum sg_rc
old_is_lost(
    void *ctx, const struct sg_rotation *r, bool *out_lost, struct sg_err *err)
{
	struct world *w = ctx;

	(void)r;
	if (is_killed(w, false))
		return killed(err);
	*out_lost =
	    w->mode == SG_ROTATION_BY_KEY ? !w->old_config : !w->old_key;
	return SG_OK;
}

static int64_t
now_s(void *ctx)
{
	const struct world *w = ctx;

	return w->now_s;
}

static enum sg_rc
wait_until(void *ctx, int64_t until_s, struct sg_err *err)
{
	struct world *w = ctx;

	w->until_s = until_s;
	if (is_killed(w, false))
		return killed(err);
	if (w->now_s < until_s)
		w->now_s = until_s;
	return is_killed(w, true) ? killed(err) : SG_OK;
}

static struct sg_rotation_ops
ops_of(struct world *w)
{
	return (struct sg_rotation_ops){.ctx = w,
	    .take = take,
	    .save = save,
	    .old_is_lost = old_is_lost,
	    .now_s = now_s,
	    .wait = wait_until};
}

static void
world_open(struct world *w, enum sg_rotation_mode mode)
{
	*w = (struct world){
	    .mode = mode,
	    .old_key = true,
	    .old_config = true,
	    .old_enabled = true,
	    .old_published = true,
	    .now_s = 1000000,
	    .killed_at = NEVER,
	    .saved = sg_buf_new(65536),
	};
}

static void
set(char **member, const char *text)
{
	assert_int_equal(sg_str_copy(text, member, NULL), SG_OK);
}

static struct sg_rotation *
begin(enum sg_rotation_mode mode, bool drop_old)
{
	struct sg_rotation *r = sg_rotation_new();

	assert_non_null(r);
	r->mode = mode;
	r->drop_old = drop_old;
	r->wait_s = WAIT_S;
	set(&r->config_id, "id");
	set(&r->key_setting, "SIGNET_KEY");
	set(&r->old_setting, "pkcs11:object=a");
	set(&r->old_uri, "pkcs11:object=a");
	set(&r->old_thumbprint, "t");
	set(&r->old_issuer, "i");
	set(&r->new_label, "b");
	set(&r->new_id, "02");
	return r;
}

/* What the next process finds: the record as it was saved last. */
static struct sg_rotation *
find(const struct world *w)
{
	SG_AUTO(sg_json) json = NULL;
	struct sg_rotation *r = NULL;

	assert_int_equal(
	    sg_json_parse(w->saved->data, w->saved->len, &json, NULL), SG_OK);
	assert_int_equal(sg_rotation_read(json, &r, NULL), SG_OK);
	return r;
}

static void
is_rotated(const struct world *w, bool drop_old)
{
	assert_true(w->new_is_set && signs_in(w, true) && !signs_in(w, false));
	assert_int_equal(w->old_key, !drop_old);
}

static void
is_as_before(const struct world *w)
{
	assert_true(!w->new_is_set && signs_in(w, false));
	assert_false(w->new_key || w->new_config || w->new_published);
}

/* Save the beginning, as the caller does before the first step. */
static void
start(struct world *w, const struct sg_rotation *r)
{
	const size_t killed_at = w->killed_at;

	w->killed_at = NEVER;
	assert_int_equal(save(w, r, NULL), SG_OK);
	w->calls = 0;
	w->killed_at = killed_at;
}

static void
each_mode_takes_its_steps_in_order(void **state)
{
	static const enum sg_rotation_step steps[2][8] = {
	    {SG_ROTATION_GENERATE, SG_ROTATION_CONFIGURE, SG_ROTATION_TRY,
		SG_ROTATION_SWITCH, SG_ROTATION_DISABLE, SG_ROTATION_DELETE,
		SG_ROTATION_DROP_OLD},
	    {SG_ROTATION_GENERATE, SG_ROTATION_PUBLISH, SG_ROTATION_CHECK,
		SG_ROTATION_TRY, SG_ROTATION_SWITCH, SG_ROTATION_RETIRE,
		SG_ROTATION_DROP_OLD},
	};
	enum sg_rotation_mode mode;

	(void)state;
	for (mode = SG_ROTATION_BY_KEY; mode <= SG_ROTATION_BY_JWKS; mode++) {
		SG_AUTO(sg_rotation) r = begin(mode, true);
		struct world w;
		const struct sg_rotation_ops ops = ops_of(&w);
		int64_t begun_s;

		world_open(&w, mode);
		begun_s = w.now_s;
		assert_int_equal(sg_rotation_run(r, &ops, NULL), SG_OK);
		assert_int_equal(w.taken_count, 7);
		assert_memory_equal(w.taken, steps[mode], 7 * sizeof(*w.taken));
		assert_true(w.now_s - begun_s >= WAIT_S);
		is_rotated(&w, true);
		assert_int_equal(r->step, SG_ROTATION_DONE);
		sg_buf_free(&w.saved);
	}
}

/* Killed at the n-th call, for every n, with and without its effect, the next
 * process finishes what the first began. */
static void
killed_anywhere_it_is_finished(void **state)
{
	size_t runs = 0;
	enum sg_rotation_mode mode;
	int after;
	size_t n;

	(void)state;
	for (mode = SG_ROTATION_BY_KEY; mode <= SG_ROTATION_BY_JWKS; mode++)
		for (after = 0; after < 2; after++)
			for (n = 1;; n++) {
				SG_AUTO(sg_rotation) r = begin(mode, true);
				SG_AUTO(sg_rotation) again = NULL;
				struct world w;
				const struct sg_rotation_ops ops = ops_of(&w);
				struct sg_err err = {0};
				enum sg_rc rc;

				world_open(&w, mode);
				w.killed_at = n;
				w.killed_after = after == 1;
				start(&w, r);
				rc = sg_rotation_run(r, &ops, &err);
				again = find(&w);
				w.killed_at = NEVER;
				assert_int_equal(
				    sg_rotation_run(again, &ops, NULL), SG_OK);
				is_rotated(&w, true);
				sg_buf_free(&w.saved);
				runs++;
				if (rc == SG_OK)
					break;
			}
	assert_true(runs > 4 * 20);
}

/* ... or goes back, and is itself killed at the m-th call and goes back once
 * more; unless the old key is lost. */
static bool
go_back(struct world *w, size_t m, bool after)
{
	SG_AUTO(sg_rotation) r = find(w);
	SG_AUTO(sg_rotation) again = NULL;
	const struct sg_rotation_ops ops = ops_of(w);
	struct sg_err err = {0};
	bool killed_now = false;
	enum sg_rc rc;

	w->calls = 0;
	w->killed_at = m;
	w->killed_after = after;
	rc = sg_rotation_turn_back(r, &ops, &err);
	if (rc == SG_OK)
		rc = sg_rotation_run(r, &ops, &err);
	killed_now = rc == SG_E_NETWORK;
	again = find(w);
	w->killed_at = NEVER;
	if (killed_now) {
		sg_err_clear(&err);
		rc = sg_rotation_turn_back(again, &ops, &err);
	}
	if (killed_now && rc == SG_OK)
		rc = sg_rotation_run(again, &ops, &err);
	if (rc == SG_OK) {
		is_as_before(w);
		return killed_now;
	}
	assert_int_equal(rc, SG_E_POLICY);
	assert_non_null(strstr(err.text, "too late"));
	assert_false(again->back);
	assert_false(
	    w->mode == SG_ROTATION_BY_KEY ? w->old_config : w->old_key);
	assert_int_equal(sg_rotation_run(again, &ops, NULL), SG_OK);
	is_rotated(w, true);
	return killed_now;
}

static bool
killed_and_back(enum sg_rotation_mode mode, size_t n, size_t m, bool after,
    bool *out_killed_back)
{
	SG_AUTO(sg_rotation) r = begin(mode, true);
	struct world w;
	const struct sg_rotation_ops ops = ops_of(&w);
	enum sg_rc rc;

	world_open(&w, mode);
	w.killed_at = n;
	w.killed_after = after;
	start(&w, r);
	rc = sg_rotation_run(r, &ops, NULL);
	*out_killed_back = go_back(&w, m, after);
	sg_buf_free(&w.saved);
	return rc != SG_OK;
}

static void
killed_anywhere_it_is_turned_back(void **state)
{
	size_t runs = 0;
	bool was_killed;
	bool killed_back;
	enum sg_rotation_mode mode;
	int after;
	size_t n;
	size_t m;

	(void)state;
	for (mode = SG_ROTATION_BY_KEY; mode <= SG_ROTATION_BY_JWKS; mode++)
		for (after = 0; after < 2; after++) {
			was_killed = true;
			for (n = 1; was_killed; n++) {
				killed_back = true;
				for (m = 1; killed_back; m++, runs++)
					was_killed = killed_and_back(mode, n, m,
					    after == 1, &killed_back);
			}
		}
	assert_true(runs > 500);
}

/* Killed at its n-th call, and the old key lost meanwhile. */
static struct sg_rotation *
killed_and_lost(struct world *w, enum sg_rotation_mode mode, size_t n)
{
	SG_AUTO(sg_rotation) r = begin(mode, false);
	const struct sg_rotation_ops ops = ops_of(w);

	world_open(w, mode);
	w->killed_at = n;
	start(w, r);
	assert_int_equal(sg_rotation_run(r, &ops, NULL), SG_E_NETWORK);
	w->killed_at = NEVER;
	w->old_key = w->old_config = false;
	return find(w);
}

/* The promise cannot be kept where the key in use is lost; then what matters
 * is that the new one stays. */
static void
there_is_no_way_back_to_a_key_that_is_lost(void **state)
{
	size_t refused = 0;
	unsigned int mode;
	size_t n;

	(void)state;
	for (mode = 0; mode < 2; mode++)
		for (n = 1; n < 15; n++) {
			struct world w;
			SG_AUTO(sg_rotation) r = killed_and_lost(&w, mode, n);
			const struct sg_rotation_ops ops = ops_of(&w);
			struct sg_err err = {0};

			if (r->step >= SG_ROTATION_TRY) {
				assert_int_equal(
				    sg_rotation_turn_back(r, &ops, &err),
				    SG_E_POLICY);
				assert_non_null(strstr(err.text, "--resume"));
				assert_false(r->back);
				refused++;
			} else {
				/* and there is one only through a sign-in */
				assert_int_equal(
				    sg_rotation_turn_back(r, &ops, &err),
				    SG_OK);
				assert_int_equal(
				    r->step, w.new_config || w.new_published
						 ? SG_ROTATION_TRY_OLD
						 : r->step);
			}
			sg_buf_free(&w.saved);
		}
	assert_true(refused > 12);
}

/* ... and one that was begun is left, as long as the new key is whole. */
static void
a_way_back_to_nothing_is_left(void **state)
{
	static const struct {
		enum sg_rotation_step step;
		bool in_step;
		bool may;
	} rows[] = {
	    {SG_ROTATION_ENABLE, true, true},
	    {SG_ROTATION_TRY_OLD, true, true},
	    {SG_ROTATION_SWITCH_BACK, true, true},
	    {SG_ROTATION_WAIT, true, true},
	    {SG_ROTATION_UNCONFIGURE, false, true},
	    {SG_ROTATION_UNCONFIGURE, true, false},
	    {SG_ROTATION_UNPUBLISH, false, true},
	    {SG_ROTATION_UNPUBLISH, true, false},
	    {SG_ROTATION_DROP_NEW, false, false},
	    {SG_ROTATION_DONE, false, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows) * 2; i++) {
		SG_AUTO(sg_rotation) r = begin(SG_ROTATION_BY_KEY, false);
		SG_AUTO(sg_rotation) saved = NULL;
		bool lost = i % 2 == 1;
		bool may = rows[i / 2].may && lost;
		struct world w;
		const struct sg_rotation_ops ops = ops_of(&w);

		world_open(&w, SG_ROTATION_BY_KEY);
		w.old_config = !lost;
		r->back = true;
		r->step = rows[i / 2].step;
		r->in_step = rows[i / 2].in_step;
		start(&w, r);
		assert_int_equal(sg_rotation_turn_forward(r, &ops, NULL),
		    may ? SG_OK : SG_E_POLICY);
		saved = find(&w);
		assert_int_equal(saved->back, !may);
		assert_int_equal(
		    saved->step, may ? SG_ROTATION_TRY : rows[i / 2].step);
		assert_int_equal(sg_rotation_turn_forward(saved, &ops, NULL),
		    may ? SG_OK : SG_E_POLICY);
		sg_buf_free(&w.saved);
	}
}

/* Before the switch there is nothing to wait for, after it there is. */
static void
the_way_back_waits_only_after_a_switch(void **state)
{
	static const struct {
		size_t killed_at;
		bool waits;
	} rows[] = {{6, false}, {14, true}};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_rotation) r = begin(SG_ROTATION_BY_KEY, false);
		struct world w;
		const struct sg_rotation_ops ops = ops_of(&w);
		int64_t back_s;

		world_open(&w, SG_ROTATION_BY_KEY);
		w.killed_at = rows[i].killed_at;
		assert_int_equal(sg_rotation_run(r, &ops, NULL), SG_E_NETWORK);
		back_s = w.now_s;
		(void)go_back(&w, NEVER, false);
		assert_int_equal(w.now_s - back_s >= WAIT_S, rows[i].waits);
		sg_buf_free(&w.saved);
	}
}

static void
keys_are_kept_where_that_is_asked(void **state)
{
	SG_AUTO(sg_rotation) r = begin(SG_ROTATION_BY_KEY, false);
	enum sg_rotation_step way[SG_ROTATION_STEPS_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sg_rotation_way(r, way); i++)
		assert_int_not_equal(way[i], SG_ROTATION_DROP_OLD);
	assert_int_equal(way[i - 1], SG_ROTATION_DELETE);
	r->drop_old = true;
	i = sg_rotation_way(r, way);
	assert_int_equal(way[i - 1], SG_ROTATION_DROP_OLD);
	r->back = true;
	i = sg_rotation_way(r, way);
	assert_int_equal(way[i - 1], SG_ROTATION_DROP_NEW);
	r->keep_new = true;
	assert_int_equal(sg_rotation_way(r, way), i - 1);
}

static void
the_wait_counts_from_the_switch(void **state)
{
	static const struct {
		int64_t switched_s;
		int64_t now_s;
		int64_t until_s;
	} rows[] = {
	    {0, 5000, 0}, {4900, 5000, 5200}, {4900, 9000, 5200},
	    {4900, 100, 400}, /* the clock was put back */
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_rotation) r = begin(SG_ROTATION_BY_KEY, false);
		struct world w;
		const struct sg_rotation_ops ops = ops_of(&w);

		world_open(&w, SG_ROTATION_BY_KEY);
		w.killed_at = 1;
		w.now_s = rows[i].now_s;
		r->step = SG_ROTATION_WAIT;
		r->in_step = true;
		r->switched_s = rows[i].switched_s;
		r->wait_s = 300;
		assert_int_equal(sg_rotation_run(r, &ops, NULL), SG_E_NETWORK);
		assert_int_equal(w.until_s, rows[i].until_s);
		sg_buf_free(&w.saved);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_mode_takes_its_steps_in_order),
	    cmocka_unit_test(killed_anywhere_it_is_finished),
	    cmocka_unit_test(killed_anywhere_it_is_turned_back),
	    cmocka_unit_test(there_is_no_way_back_to_a_key_that_is_lost),
	    cmocka_unit_test(a_way_back_to_nothing_is_left),
	    cmocka_unit_test(the_way_back_waits_only_after_a_switch),
	    cmocka_unit_test(keys_are_kept_where_that_is_asked),
	    cmocka_unit_test(the_wait_counts_from_the_switch),
	};

	return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
