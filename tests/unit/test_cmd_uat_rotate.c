/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_rotate.h"

#include "cli/rotate/rotate_journal.h"

#define ROTATE(b, ...) UAT(b, "rotate", __VA_ARGS__)

static void
set_settings(void)
{
	set_tcm();
	(void)setenv("SIGNET_KEY", OLD_URI, 1);
}

static void
one_thing_at_a_time(void **state)
{
	struct bench *b = *state;

	set_settings();
	PLAY_NOTHING(b);
	assert_refused(b, ROTATE(b, "--plan", "--resume"), SG_E_USAGE,
	    "exclude each other");
	assert_refused(b, ROTATE(b, "--resume", "--label", "x"), SG_E_USAGE,
	    "--label was decided");
	assert_refused(b, ROTATE(b, "--rollback", "--issuer", "https://x"),
	    SG_E_USAGE, "--issuer was decided");
}

static void
without_a_rotation_there_is_nothing_to_finish(void **state)
{
	struct bench *b = *state;

	set_settings();
	PLAY_NOTHING(b);
	assert_refused(b, ROTATE(b, "--resume"), SG_E_POLICY, "no rotation");
	assert_refused(b, ROTATE(b, "--rollback"), SG_E_POLICY, "no rotation");
}

static void
what_selects_the_key_must_be_set(void **state)
{
	struct bench *b = *state;

	set_settings();
	(void)unsetenv("SIGNET_KEY");
	assert_refused(b, ROTATE(b, "--plan"), SG_E_CONFIG, "SIGNET_KEY");
	set_settings();
	(void)unsetenv("SIGNET_ISSUER");
	assert_refused(b, ROTATE(b, "--plan"), SG_E_CONFIG, "SIGNET_ISSUER");
}

static void
leave_unfinished(struct bench *b)
{
	struct rotate rotate;

	open_rotate(b, &rotate, NULL);
	rotate.rotation->step = SG_ROTATION_WAIT;
	assert_ok(b, rotate_journal_lock(&rotate, &b->err));
	assert_ok(b, rotate_journal_save(&rotate, rotate.rotation, &b->err));
	close_rotate(b, &rotate);
}

static void
a_second_rotation_is_refused_with_the_way_on(void **state)
{
	struct bench *b = *state;

	leave_unfinished(b);
	PLAY_NOTHING(b);
	assert_refused(b, UAT(b, "rotate"), SG_E_POLICY, "--resume");
	assert_has(b->err.text, "--rollback");
	assert_ok(b, ROTATE(b, "--plan"));
	assert_has(product(b), "switch       done ");
	assert_has(product(b), "wait         to do");
}

static void
another_run_is_kept_out(void **state)
{
	struct bench *b = *state;
	struct rotate first = {0};

	set_settings();
	open_rotate(b, &first, NULL);
	assert_ok(b, rotate_journal_lock(&first, &b->err));
	sg_rotation_free(&first.rotation);
	assert_refused(b, UAT(b, "rotate"), SG_E_POLICY, "another");
	/* a plan changes nothing, and may be looked at meanwhile */
	assert_int_equal(ROTATE(b, "--plan"), TOKEN_WAS_OPENED);
	rotate_clear(&first);
	assert_int_equal(UAT(b, "rotate"), TOKEN_WAS_OPENED);
}

/* Nothing of the run is left in the settings that were borrowed. */
static void
a_run_that_fails_leaves_its_record(void **state)
{
	struct bench *b = *state;

	leave_unfinished(b);
	PLAY_NOTHING(b);
	assert_int_equal(ROTATE(b, "--resume"), TOKEN_WAS_OPENED);
	assert_int_equal(
	    access(".local/state/signet/rotation-" ID ".json", F_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_thing_at_a_time),
	    TEST(without_a_rotation_there_is_nothing_to_finish),
	    TEST(what_selects_the_key_must_be_set),
	    TEST(a_second_rotation_is_refused_with_the_way_on),
	    TEST(another_run_is_kept_out),
	    TEST(a_run_that_fails_leaves_its_record),
	};

	return cmocka_run_group_tests_name("cmd_uat_rotate", tests, NULL, NULL);
}
