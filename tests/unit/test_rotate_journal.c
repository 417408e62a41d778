/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_journal.h"

#include "fake_rotate.h"

#define STATE	".local/state/signet"
#define JOURNAL STATE "/rotation-" ID ".json"
#define OTHER	STATE "/rotation-other.json"

static void
what_was_saved_is_found(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;
	struct rotate next = {0};
	struct stat st;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, rotate_journal_lock(&rotate, &b->err));
	rotate.rotation->step = SG_ROTATION_SWITCH;
	assert_ok(b, rotate_journal_save(&rotate, rotate.rotation, &b->err));
	assert_int_equal(stat(JOURNAL, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	next.app = &b->app;
	assert_ok(b, rotate_journal_find(&next, NULL, &b->err));
	assert_non_null(next.rotation);
	assert_int_equal(next.rotation->step, SG_ROTATION_SWITCH);
	/* what is saved next goes to the same file, and that goes */
	next.rotation->step = SG_ROTATION_WAIT;
	assert_ok(b, rotate_journal_save(&next, next.rotation, &b->err));
	assert_has(text_of(JOURNAL), "\"step\":\"wait\"");
	assert_ok(b, rotate_journal_remove(&next, &b->err));
	assert_int_equal(access(JOURNAL, F_OK), -1);
	assert_ok(b, rotate_journal_remove(&next, &b->err));
	rotate_clear(&next);
	close_rotate(b, &rotate);
}

static void
there_may_be_none(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	sg_rotation_free(&rotate.rotation);
	assert_ok(b, rotate_journal_find(&rotate, NULL, &b->err));
	assert_null(rotate.rotation);
	close_rotate(b, &rotate);
}

static enum sg_rc
find(struct bench *b, const char *named, bool *out_found)
{
	struct rotate rotate = {.app = &b->app};
	enum sg_rc rc;

	sg_err_clear(&b->err);
	rc = rotate_journal_find(&rotate, named, &b->err);
	*out_found = rotate.rotation != NULL;
	rotate_clear(&rotate);
	return rc;
}

static void
one_of_several_is_named(void **state)
{
	static const char *const names[] = {ID, "n", "n-new", "other"};
	struct bench *b = *state;
	struct rotate rotate;
	bool found = false;
	size_t i;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, rotate_journal_lock(&rotate, &b->err));
	assert_ok(b, rotate_journal_save(&rotate, rotate.rotation, &b->err));
	assert_ok(b, find(b, NULL, &found));
	assert_true(found);
	set_text(&rotate.rotation->config_id, "other");
	set_text(&rotate.rotation->config_name, "o");
	set_text(&rotate.rotation->new_name, "o-new");
	sg_buf_free(&rotate.journal);
	assert_ok(b, rotate_journal_save(&rotate, rotate.rotation, &b->err));
	assert_int_equal(access(OTHER, F_OK), 0);
	assert_refused(b, find(b, NULL, &found), SG_E_USAGE, ID);
	for (i = 0; i < SG_COUNT(names); i++) {
		assert_ok(b, find(b, names[i], &found));
		assert_true(found);
	}
	assert_ok(b, find(b, "third", &found));
	assert_false(found);
	close_rotate(b, &rotate);
}

/* An id of the service's own making is no path. */
static void
an_odd_id_stays_in_the_folder(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, rotate_journal_lock(&rotate, &b->err));
	set_text(&rotate.rotation->config_id, "../../x y");
	assert_ok(b, rotate_journal_save(&rotate, rotate.rotation, &b->err));
	assert_int_equal(access(STATE "/rotation-------x-y.json", F_OK), 0);
	close_rotate(b, &rotate);
}

static void
a_broken_record_is_not_passed_over(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;
	bool found = false;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, rotate_journal_lock(&rotate, &b->err));
	put(JOURNAL, 0600, "{\"version\":1,");
	assert_refused(b, find(b, NULL, &found), SG_E_CONFIG, "rotation-" ID);
	assert_has(b->err.text, "uat list");
	assert_has(b->err.text, "remove");
	put(JOURNAL, 0600, "{\"version\":0}");
	assert_refused(b, find(b, NULL, &found), SG_E_CONFIG, "version");
	assert_has(b->err.text, "remove");
	/* of which it is not said that it may go */
	put(JOURNAL, 0600, "{\"version\":2}");
	assert_refused(
	    b, find(b, NULL, &found), SG_E_CONFIG, "newer version of signet");
	assert_has(b->err.text, "rotation-" ID);
	assert_has_not(b->err.text, "remove");
	/* what a killed writer left beside it is none */
	assert_int_equal(rename(JOURNAL, JOURNAL ".AbCdEf"), 0);
	assert_ok(b, find(b, NULL, &found));
	assert_false(found);
	close_rotate(b, &rotate);
}

static void
configurations_of_open_rotations_are_told(void **state)
{
	struct bench *b = *state;
	struct sg_list ids = {0};
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, rotate_journal_open_configs(&b->app, &ids, &b->err));
	assert_int_equal(ids.count, 0); /* there is no folder yet */
	assert_ok(b, rotate_journal_lock(&rotate, &b->err));
	assert_ok(b, rotate_journal_save(&rotate, rotate.rotation, &b->err));
	assert_ok(b, rotate_journal_open_configs(&b->app, &ids, &b->err));
	assert_int_equal(ids.count, 1); /* the new one is not made yet */
	assert_string_equal(ids.items[0], ID);
	set_text(&rotate.rotation->new_config_id, "second");
	assert_ok(b, rotate_journal_save(&rotate, rotate.rotation, &b->err));
	put(OTHER, 0600, text_of(JOURNAL));
	assert_ok(b, rotate_journal_open_configs(&b->app, &ids, &b->err));
	assert_int_equal(ids.count, 4); /* two rotations, two of each */
	assert_true(sg_list_has(&ids, ID) && sg_list_has(&ids, "second"));
	put(OTHER, 0600, "{");
	assert_refused(b, rotate_journal_open_configs(&b->app, &ids, &b->err),
	    SG_E_CONFIG, "rotation-other.json");
	assert_int_equal(ids.count, 4); /* untouched */
	sg_list_clear(&ids);
	close_rotate(b, &rotate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_saved_is_found),
	    TEST(there_may_be_none),
	    TEST(one_of_several_is_named),
	    TEST(an_odd_id_stays_in_the_folder),
	    TEST(a_broken_record_is_not_passed_over),
	    TEST(configurations_of_open_rotations_are_told),
	};

	return cmocka_run_group_tests_name("rotate_journal", tests, NULL, NULL);
}
