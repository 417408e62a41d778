/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

#include "cli/uat/stopped.h"

static void
set_state(const struct bench *b)
{
	(void)setenv("SIGNET_STATE_DIR", b->dir, 1);
}

static void
stop_refuses_and_lifting_allows(void **state)
{
	SG_AUTO(sg_buf) path = sg_buf_new(4096);
	struct bench *b = *state;
	bool was = false;

	set_state(b);
	assert_ok(b, OPEN(b, "jwt", "sign"));
	assert_ok(b, stopped_check(&b->app, &b->err));
	assert_ok(b, stopped_set(&b->app, path, &b->err));
	assert_true(sg_text_ends(sg_buf_str(path), "/stopped.json"));
	assert_int_equal(access(sg_buf_str(path), F_OK), 0);
	assert_refused(b, stopped_check(&b->app, &b->err), SG_E_POLICY,
	    "2026-06-15T14:00:00Z");
	b->app.is_stopping = true; /* uat stop itself */
	assert_int_equal(stopped_check(&b->app, NULL), SG_OK);
	b->app.is_stopping = false;
	assert_int_equal(stopped_lift(&b->app, &was, NULL), SG_OK);
	assert_true(was);
	assert_int_equal(stopped_check(&b->app, NULL), SG_OK);
}

static void
without_a_place_nothing_is_stopped_and_nothing_can_be(void **state)
{
	SG_AUTO(sg_buf) path = sg_buf_new(4096);
	struct bench *b = *state;

	(void)unsetenv("HOME");
	assert_ok(b, OPEN(b, "jwt", "sign"));
	assert_ok(b, stopped_check(&b->app, &b->err));
	assert_refused(b, stopped_set(&b->app, path, &b->err), SG_E_CONFIG,
	    "stop signing here: ");
	(void)setenv("HOME", b->dir, 1);
}

/* Each command that signs says so before it asks for a PIN. */
static void
no_command_signs(void **state)
{
	SG_AUTO(sg_buf) path = sg_buf_new(4096);
	struct bench *b = *state;

	set_claims();
	set_state(b);
	assert_ok(b, OPEN(b, "jwt", "sign"));
	assert_ok(b, stopped_set(&b->app, path, &b->err));
	PLAY_NOTHING(b);
	assert_refused(b, RUN(b, "jwt", "sign"), SG_E_POLICY, "stopped");
	assert_refused(
	    b, RUN(b, "login", "tcm", "--jwt"), SG_E_POLICY, "stopped");
	assert_refused(b, RUN(b, "key", "evidence"), SG_E_POLICY, "stopped");
	assert_refused(
	    b, RUN(b, "key", "csr", "--subject=CN=x"), SG_E_POLICY, "stopped");
	assert_refused(
	    b, RUN(b, "key", "cert", "--subject=CN=x"), SG_E_POLICY, "stopped");
	assert_refused(b, RUN(b, "doctor", "--module"), SG_E_POLICY, "stopped");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(stop_refuses_and_lifting_allows),
	    TEST(without_a_place_nothing_is_stopped_and_nothing_can_be),
	    TEST(no_command_signs),
	};

	return cmocka_run_group_tests_name("stopped", tests, NULL, NULL);
}
