/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_steps.h"

#include "fake_rotate.h"

#include "cli/uat/stopped.h"

#define DELETE_IT CALL("DELETE", ONE, NO_BODY)

/* The old configuration is looked at before it ends. */
#define LOOK \
	SIGN_IN, \
	    {CALL("GET", ONE, NO_BODY), .status = 200, \
		.reply = "{\"issuer\":\"" ISSUER "\"}"}, \
	    SIGN_OUT

#define SWITCHED "SIGNET_KEY='" NEW_URI "'\nSIGNET_ISSUER=" NEW_ISSUER "\n"

static enum sg_rc
take(struct bench *b, const char *settings, const struct step *steps,
    size_t count, enum sg_rotation_step step)
{
	struct rotate rotate;
	struct sg_err err;
	enum sg_rc rc;

	play(b, steps, count);
	open_rotate(b, &rotate, settings);
	rc = rotate_steps_take(&rotate, rotate.rotation, step, &b->err);
	assert_played(b);
	err = b->err;
	close_rotate(b, &rotate);
	b->err = err;
	return rc;
}

#define TAKE(b, settings, steps, step) \
	take(b, settings, steps, SG_COUNT(steps), step)

static void
a_configuration_that_is_gone_is_deleted(void **state)
{
	static const struct step there[] = {
	    LOOK, SIGN_IN, {DELETE_IT, .status = 204}, SIGN_OUT};
	static const struct step gone[] = {
	    LOOK, SIGN_IN, {DELETE_IT, .status = 404}, SIGN_OUT};
	static const struct step refused[] = {
	    LOOK, SIGN_IN, {DELETE_IT, .status = 403}, SIGN_OUT};
	static const struct step changed[] = {SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200,
		.reply = "{\"issuer\":\"https://other\"}"},
	    SIGN_OUT};
	struct bench *b = *state;

	assert_ok(b, TAKE(b, SWITCHED, there, SG_ROTATION_DELETE));
	assert_ok(b, TAKE(b, SWITCHED, gone, SG_ROTATION_DELETE));
	assert_int_equal(
	    TAKE(b, SWITCHED, refused, SG_ROTATION_DELETE), SG_E_REFUSED);
	assert_refused(b, TAKE(b, SWITCHED, changed, SG_ROTATION_DELETE),
	    SG_E_POLICY, "issuer");
	assert_refused(b, TAKE(b, SWITCHED, changed, SG_ROTATION_DISABLE),
	    SG_E_POLICY, "issuer");
}

static void
a_configuration_that_is_gone_cannot_be_enabled(void **state)
{
	static const struct step gone[] = {
	    SIGN_IN, {CALL("GET", ONE, NO_BODY), .status = 404}, SIGN_OUT};
	struct bench *b = *state;

	assert_int_equal(
	    TAKE(b, SETTINGS, gone, SG_ROTATION_ENABLE), SG_E_REFUSED);
}

/* Its id was never heard of: by name and key there is none. */
static void
what_was_not_made_is_not_deleted(void **state)
{
	static const struct step none[] = {SIGN_IN,
	    {CALL("GET", ALL, NO_BODY), .status = 200, .reply = "[]"},
	    SIGN_OUT};
	struct bench *b = *state;

	assert_ok(b, TAKE(b, SETTINGS, none, SG_ROTATION_UNCONFIGURE));
}

static void
each_step_is_told_with_what_it_does(void **state)
{
	static const struct step there[] = {
	    LOOK, SIGN_IN, {DELETE_IT, .status = 204}, SIGN_OUT};
	struct bench *b = *state;

	assert_ok(b, TAKE(b, SWITCHED, there, SG_ROTATION_DELETE));
	assert_has(heard(b), "step 7 of 7: delete the old configuration n");
}

/* The settings select that key (again): nothing is asked of anybody. */
static void
a_key_that_the_settings_select_is_not_ended(void **state)
{
	static const enum sg_rotation_step of_old[] = {SG_ROTATION_DISABLE,
	    SG_ROTATION_DELETE, SG_ROTATION_RETIRE, SG_ROTATION_DROP_OLD};
	static const enum sg_rotation_step of_new[] = {SG_ROTATION_UNCONFIGURE,
	    SG_ROTATION_UNPUBLISH, SG_ROTATION_DROP_NEW};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(of_old); i++)
		assert_refused(b, take(b, SETTINGS, NULL, 0, of_old[i]),
		    SG_E_CONFIG, "--resume");
	for (i = 0; i < SG_COUNT(of_new); i++)
		assert_refused(b, take(b, SWITCHED, NULL, 0, of_new[i]),
		    SG_E_CONFIG, "--rollback");
}

static void
the_switch_is_made_in_the_settings(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	rotate.rotation->settings_file = realpath("it.env", NULL);
	assert_ok(b, rotate_steps_take(&rotate, rotate.rotation,
			 SG_ROTATION_SWITCH, &b->err));
	assert_has(text_of("it.env"), NEW_URI);
	assert_ok(b, rotate_steps_take(&rotate, rotate.rotation,
			 SG_ROTATION_SWITCH_BACK, &b->err));
	assert_string_equal(text_of("it.env"), SETTINGS);
	close_rotate(b, &rotate);
}

static void
no_step_is_taken_while_signing_is_stopped(void **state)
{
	SG_AUTO(sg_buf) path = sg_buf_new(4096);
	struct bench *b = *state;
	struct rotate rotate;

	PLAY_NOTHING(b);
	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, stopped_set(&b->app, path, &b->err));
	assert_refused(b,
	    rotate_steps_take(
		&rotate, rotate.rotation, SG_ROTATION_ENABLE, &b->err),
	    SG_E_POLICY, "--lift");
	close_rotate(b, &rotate);
}

static void
the_old_key_is_lost_with_its_configuration(void **state)
{
	static const struct step gone[] = {
	    SIGN_IN, {CALL("GET", ONE, NO_BODY), .status = 404}, SIGN_OUT};
	static const struct step there[] = {SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	    SIGN_OUT};
	static const struct step other[] = {SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200,
		.reply = "{\"configId\":\"" ID "\",\"publicKeyActive\":"
			 "\"" RSA_PEM("\\n") "\"}"},
	    SIGN_OUT};
	struct bench *b = *state;
	struct rotate rotate;
	bool lost = false;

	PLAY(b, gone);
	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b,
	    rotate_steps_old_is_lost(&rotate, rotate.rotation, &lost, &b->err));
	assert_true(lost);
	close_rotate(b, &rotate);
	PLAY(b, other);
	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b,
	    rotate_steps_old_is_lost(&rotate, rotate.rotation, &lost, &b->err));
	assert_true(lost);
	close_rotate(b, &rotate);
	/* it may still be gone from the token */
	PLAY(b, there);
	open_rotate(b, &rotate, SETTINGS);
	assert_int_equal(
	    rotate_steps_old_is_lost(&rotate, rotate.rotation, &lost, &b->err),
	    TOKEN_WAS_OPENED);
	close_rotate(b, &rotate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_configuration_that_is_gone_is_deleted),
	    TEST(a_configuration_that_is_gone_cannot_be_enabled),
	    TEST(what_was_not_made_is_not_deleted),
	    TEST(each_step_is_told_with_what_it_does),
	    TEST(a_key_that_the_settings_select_is_not_ended),
	    TEST(the_switch_is_made_in_the_settings),
	    TEST(no_step_is_taken_while_signing_is_stopped),
	    TEST(the_old_key_is_lost_with_its_configuration),
	};

	return cmocka_run_group_tests_name("rotate_steps", tests, NULL, NULL);
}
