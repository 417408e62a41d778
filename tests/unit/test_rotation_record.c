/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "client/rotation/rotation_record.h"

#define LEAST \
	"{\"version\":1,\"mode\":\"key\",\"step\":\"try\",\"dropOld\":true," \
	"\"keepNew\":false,\"published\":true,\"back\":false,\"inStep\":true,\"begunAt\":1," \
	"\"switchedAt\":2,\"waitSeconds\":3,\"publishSeconds\":4," \
	"\"bits\":2048,\"configId\":\"c\",\"keySetting\":\"SIGNET_KEY\"," \
	"\"oldSetting\":\"s\",\"oldUri\":\"u\",\"oldThumbprint\":\"t\"," \
	"\"oldIssuer\":\"i\",\"newLabel\":\"l\",\"newId\":\"02\"," \
	"\"newIssuer\":null,\"targets\":[\"tcm\",\"u=site\"]}"

static enum sg_rc
read_text(
    const char *text, struct sg_rotation **out_rotation, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;

	assert_int_equal(sg_json_parse(text, strlen(text), &json, NULL), SG_OK);
	return sg_rotation_read(json, out_rotation, err);
}

static struct sg_rotation *
write_and_read(const struct sg_rotation *rotation)
{
	SG_AUTO(sg_buf) text = sg_buf_new(65536);
	struct sg_jsonw w = {.out = text};
	struct sg_rotation *again = NULL;

	sg_rotation_write(&w, NULL, rotation);
	assert_int_equal(read_text(sg_buf_str(text), &again, NULL), SG_OK);
	return again;
}

static void
what_was_written_is_read(void **state)
{
	SG_AUTO(sg_rotation) first = NULL;
	SG_AUTO(sg_rotation) second = NULL;
	SG_AUTO(sg_buf) one = sg_buf_new(65536);
	SG_AUTO(sg_buf) two = sg_buf_new(65536);
	struct sg_jsonw w = {.out = one};

	(void)state;
	assert_int_equal(read_text(LEAST, &first, NULL), SG_OK);
	assert_int_equal(first->step, SG_ROTATION_TRY);
	assert_true(first->drop_old && first->in_step && first->published);
	assert_int_equal(first->switched_s, 2);
	assert_string_equal(first->old_thumbprint, "t");
	assert_null(first->new_issuer);
	assert_int_equal(first->targets.count, 2);
	sg_rotation_write(&w, NULL, first);
	assert_int_equal(read_text(sg_buf_str(one), &second, NULL), SG_OK);
	w = (struct sg_jsonw){.out = two};
	sg_rotation_write(&w, NULL, second);
	assert_string_equal(sg_buf_str(one), sg_buf_str(two));
}

/* Each member that is there is needed, and of its own kind. */
static void
a_member_that_is_missing_or_odd_is_told(void **state)
{
	static const char *const members[] = {"version", "mode", "step",
	    "dropOld", "published", "inStep", "switchedAt", "waitSeconds",
	    "configId", "oldSetting", "oldThumbprint", "newId", "targets"};
	struct sg_err err;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(members); i++) {
		SG_AUTO(sg_rotation) r = NULL;
		SG_AUTO_STR copy = NULL;
		char *at;

		assert_int_equal(sg_str_copy(LEAST, &copy, NULL), SG_OK);
		at = strstr(copy, members[i]);
		assert_non_null(at);
		at[0] = 'X';
		memset(&err, 0, sizeof(err));
		assert_int_equal(read_text(copy, &r, &err), SG_E_INVALID);
		assert_non_null(strstr(err.text, members[i]));
		assert_null(r);
	}
}

static void
another_version_mode_or_step_is_not_guessed_at(void **state)
{
	static const char *const texts[] = {
	    "[]", "{\"version\":0}", "{\"version\":1,\"mode\":\"other\"}"};
	SG_AUTO(sg_rotation) r = NULL;
	SG_AUTO_STR copy = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++)
		assert_int_equal(read_text(texts[i], &r, NULL), SG_E_INVALID);
	assert_int_equal(sg_str_copy(LEAST, &copy, NULL), SG_OK);
	memcpy(strstr(copy, "\"try\""), "\"tri\"", 5);
	assert_int_equal(read_text(copy, &r, NULL), SG_E_INVALID);
	assert_null(r);
}

/* Whatever else it may hold by then. */
static void
a_newer_version_is_whole_but_not_for_us(void **state)
{
	static const char *const texts[] = {"{\"version\":2}",
	    "{\"version\":9007199254740991,\"mode\":[\"other\"]}"};
	SG_AUTO(sg_rotation) r = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++) {
		struct sg_err err = {0};

		assert_int_equal(read_text(texts[i], &r, &err), SG_E_CONFIG);
		assert_non_null(strstr(err.text, "newer version of signet"));
		assert_null(r);
	}
}

static void
each_step_has_a_name_of_its_own(void **state)
{
	SG_AUTO(sg_rotation) r = NULL;
	int i;

	(void)state;
	assert_int_equal(read_text(LEAST, &r, NULL), SG_OK);
	for (i = 0; i <= SG_ROTATION_DONE; i++) {
		SG_AUTO(sg_rotation) again = NULL;

		r->step = (enum sg_rotation_step)i;
		again = write_and_read(r);
		assert_int_equal(again->step, i);
	}
	assert_string_equal(
	    sg_rotation_step_name(SG_ROTATION_SWITCH_BACK), "switch-back");
}

static void
each_mode_has_a_name_of_its_own(void **state)
{
	SG_AUTO(sg_rotation) r = NULL;
	SG_AUTO(sg_rotation) again = NULL;

	(void)state;
	assert_int_equal(read_text(LEAST, &r, NULL), SG_OK);
	assert_int_equal(r->mode, SG_ROTATION_BY_KEY);
	r->mode = SG_ROTATION_BY_JWKS;
	again = write_and_read(r);
	assert_int_equal(again->mode, SG_ROTATION_BY_JWKS);
}

static void
free_leaves_null(void **state)
{
	struct sg_rotation *r = sg_rotation_new();

	(void)state;
	assert_non_null(r);
	sg_rotation_free(&r);
	assert_null(r);
	sg_rotation_free(&r);
	sg_rotation_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_written_is_read),
	    cmocka_unit_test(a_member_that_is_missing_or_odd_is_told),
	    cmocka_unit_test(another_version_mode_or_step_is_not_guessed_at),
	    cmocka_unit_test(a_newer_version_is_whole_but_not_for_us),
	    cmocka_unit_test(each_step_has_a_name_of_its_own),
	    cmocka_unit_test(each_mode_has_a_name_of_its_own),
	    cmocka_unit_test(free_leaves_null),
	};

	return cmocka_run_group_tests_name(
	    "rotation_record", tests, NULL, NULL);
}
