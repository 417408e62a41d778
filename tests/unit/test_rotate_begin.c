/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_begin.h"

#include "fake_rotate.h"

static enum sg_rc
take(struct bench *b, struct rotate *rotate, enum sg_rotation_mode mode,
    const char *const *words)
{
	enum sg_rc rc;

	set_tcm();
	(void)setenv("SIGNET_KEY", OLD_URI, 1);
	assert_ok(b, bench_open(b, words));
	*rotate = (struct rotate){.app = &b->app};
	rotate->rotation = fake_rotation();
	rotate->rotation->mode = mode;
	rc = rotate_take_options(rotate, &b->err);
	return rc;
}

#define TAKE(b, rotate, mode, ...) \
	take(b, rotate, mode, LINE("uat", "rotate", __VA_ARGS__))

static void
options_count_at_any_time(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;
	const struct sg_rotation *r;

	assert_ok(b, TAKE(b, &rotate, SG_ROTATION_BY_KEY, "--wait", "7m",
			 "--publish-timeout", "9", "--delete-old-key",
			 "--keep-new-key"));
	r = rotate.rotation;
	assert_int_equal(r->wait_s, 420);
	assert_int_equal(r->publish_s, 9);
	assert_true(r->drop_old && r->keep_new);
	close_rotate(b, &rotate);
}

static void
what_is_not_given_stays(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	assert_ok(b, TAKE(b, &rotate, SG_ROTATION_BY_KEY, "--resume"));
	assert_int_equal(rotate.rotation->wait_s, 330);
	assert_false(rotate.rotation->drop_old || rotate.rotation->keep_new);
	close_rotate(b, &rotate);
}

static void
a_malformed_time_is_told_with_its_option(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	assert_refused(b,
	    TAKE(b, &rotate, SG_ROTATION_BY_KEY, "--wait", "soon"), SG_E_USAGE,
	    "--wait");
	close_rotate(b, &rotate);
}

/* It is found again by a run in another folder. */
static void
the_file_of_the_key_set_is_kept_from_the_root(void **state)
{
	struct bench *b = *state;
	SG_AUTO_STR here = realpath(".", NULL);
	struct rotate rotate;

	assert_ok(b,
	    TAKE(b, &rotate, SG_ROTATION_BY_JWKS, "--jwks-output", "set.json"));
	assert_int_equal(
	    strncmp(rotate.rotation->jwks_output, here, strlen(here)), 0);
	assert_has(rotate.rotation->jwks_output, "/set.json");
	close_rotate(b, &rotate);
	assert_refused(b,
	    TAKE(b, &rotate, SG_ROTATION_BY_KEY, "--jwks-output", "x"),
	    SG_E_USAGE, "jwksUri");
	close_rotate(b, &rotate);
	assert_refused(b,
	    TAKE(b, &rotate, SG_ROTATION_BY_JWKS, "--jwks-output", "no/such/x"),
	    SG_E_IO, "no/such");
	close_rotate(b, &rotate);
}

static void
another_id_gets_a_label_to_go_with_it(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;
	struct sg_rotation *r;

	assert_ok(b, TAKE(b, &rotate, SG_ROTATION_BY_KEY, "--resume"));
	r = rotate.rotation;
	set_text(&r->new_id, "0123456789abcdef0123456789abcdef");
	set_text(&r->new_label, "uat-01234567");
	assert_ok(b, rotate_choose_again(&rotate, &b->err));
	assert_int_equal(strlen(r->new_id), 2 * SG_ROTATION_ID_SIZE);
	assert_int_not_equal(strncmp(r->new_id, "0123456789", 10), 0);
	assert_int_equal(strlen(r->new_label), strlen("uat-01234567"));
	assert_int_equal(strncmp(r->new_label + 4, r->new_id, 8), 0);
	close_rotate(b, &rotate);
}

/* The key comes first: without it nothing is asked of the service. */
static void
a_rotation_begins_with_the_key_in_use(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	PLAY_NOTHING(b);
	open_rotate(b, &rotate, SETTINGS);
	sg_rotation_free(&rotate.rotation);
	assert_int_equal(
	    rotate_begin(&rotate, NULL, &b->err), TOKEN_WAS_OPENED);
	close_rotate(b, &rotate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(options_count_at_any_time),
	    TEST(what_is_not_given_stays),
	    TEST(a_malformed_time_is_told_with_its_option),
	    TEST(the_file_of_the_key_set_is_kept_from_the_root),
	    TEST(another_id_gets_a_label_to_go_with_it),
	    TEST(a_rotation_begins_with_the_key_in_use),
	};

	return cmocka_run_group_tests_name("rotate_begin", tests, NULL, NULL);
}
