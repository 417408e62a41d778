/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

#include <sys/stat.h>

#include "base/file.h"
#include "cli/uat/uat_door.h"

static void
set_state(const struct bench *b, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", b->dir, name);
	(void)setenv("SIGNET_STATE_DIR", path, 1);
}

static void
reading_takes_no_lock_and_changing_does(void **state)
{
	AUTO_UAT_DOOR reads = {0};
	AUTO_UAT_DOOR changes = {0};
	struct bench *b = *state;

	set_tcm();
	set_state(b, "kept");
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "disable", "n"));
	assert_ok(b, uat_door_open(&b->app, &reads, &b->err));
	assert_null(reads.uat.lock_path);
	assert_int_equal(access("kept", F_OK), -1);
	assert_ok(b, uat_door_open_to_change(&b->app, &changes, &b->err));
	assert_true(sg_text_ends(changes.uat.lock_path, "/kept/uat.lock"));
	assert_int_equal(access("kept", F_OK), 0);
	assert_null(changes.uat.preview);
	assert_string_equal(changes.uat.configs_url, ALL);
}

static void
no_place_for_the_lock_is_told_and_no_error(void **state)
{
	AUTO_UAT_DOOR door = {0};
	struct bench *b = *state;

	set_tcm();
	put("file", 0600, "");
	set_state(b, "file");
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "disable", "n"));
	assert_ok(b, uat_door_open_to_change(&b->app, &door, &b->err));
	assert_null(door.uat.lock_path);
	assert_has(heard(b), "is not kept out: ");
}

static void
what_cannot_wait_holds_the_lock_as_long_as_it_is_open(void **state)
{
	SG_AUTO(sg_lock) other = NULL;
	struct uat_door door = {0};
	struct bench *b = *state;

	set_tcm();
	set_state(b, "kept");
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "stop", "n"));
	assert_ok(b, uat_door_open_at_once(&b->app, &door, &b->err));
	assert_null(door.uat.lock_path);
	assert_int_equal(
	    sg_lock_take("kept/uat.lock", 0, &other, NULL), SG_E_TIMEOUT);
	uat_door_close(&door);
	assert_ok(b, sg_lock_take("kept/uat.lock", 0, &other, &b->err));
	assert_string_equal(heard(b), "");
}

/* Another has it; what is there is no file; the folder is none. */
static void
what_cannot_wait_goes_on_without_the_lock(void **state)
{
	static const char *const places[] = {"held", "folder", "file"};
	SG_AUTO(sg_lock) other = NULL;
	struct bench *b = *state;
	size_t i;

	set_tcm();
	assert_int_equal(mkdir("held", 0700), 0);
	assert_ok(b, sg_lock_take("held/uat.lock", 0, &other, &b->err));
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(mkdir("folder/uat.lock", 0700), 0);
	put("file", 0600, "");
	for (i = 0; i < SG_COUNT(places); i++) {
		AUTO_UAT_DOOR door = {0};

		set_state(b, places[i]);
		PLAY_NOTHING(b);
		assert_ok(b, OPEN(b, "uat", "stop", "n"));
		assert_ok(b, uat_door_open_at_once(&b->app, &door, &b->err));
		assert_null(door.lock);
		assert_null(door.uat.lock_path);
		assert_has(heard(b), "is not kept out: ");
		assert_has(heard(b), places[i]);
		uat_door_close(&door);
		door = (struct uat_door){0};
		bench_close(b);
	}
}

static void
dry_run_opens_a_preview_and_no_lock(void **state)
{
	AUTO_UAT_DOOR door = {0};
	struct bench *b = *state;

	set_tcm();
	set_state(b, "kept");
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "disable", "n", "--dry-run", "--json"));
	assert_ok(b, uat_door_open_to_change(&b->app, &door, &b->err));
	assert_ptr_equal(door.uat.preview, &door.preview);
	assert_null(door.uat.lock_path);
	assert_int_equal(access("kept", F_OK), -1);
	assert_ok(b, uat_door_show_preview(&b->app, &door, &b->err));
	assert_string_equal(product(b), "{\"version\":1,\"dryRun\":true}\n");
}

static void
preview_cannot_drive_a_terminal(void **state)
{
	AUTO_UAT_DOOR door = {0};
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "disable", "n", "--dry-run"));
	assert_ok(b, uat_door_open_to_change(&b->app, &door, &b->err));
	door.preview.method = strdup("PUT");
	door.preview.url = strdup(ONE);
	door.preview.body = strdup("{\"name\":\"\xc2\x9b"
				   "2J\"}");
	assert_ok(b, uat_door_show_preview(&b->app, &door, &b->err));
	assert_has(product(b), "PUT " ONE "\n{\"name\":\"");
	assert_has_not(product(b), "\xc2\x9b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(reading_takes_no_lock_and_changing_does),
	    TEST(no_place_for_the_lock_is_told_and_no_error),
	    TEST(what_cannot_wait_holds_the_lock_as_long_as_it_is_open),
	    TEST(what_cannot_wait_goes_on_without_the_lock),
	    TEST(dry_run_opens_a_preview_and_no_lock),
	    TEST(preview_cannot_drive_a_terminal),
	};

	return cmocka_run_group_tests_name("uat_door", tests, NULL, NULL);
}
