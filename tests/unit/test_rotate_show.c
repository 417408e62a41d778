/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_show.h"

#include "fake_rotate.h"

static void
a_plan_is_a_line_for_each_step(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	rotate.rotation->step = SG_ROTATION_SWITCH;
	rotate.rotation->in_step = true;
	rotate.rotation->switched_s = 1781533800; /* or may be, later */
	set_text(&rotate.rotation->settings_file, "/etc/it.env");
	assert_ok(b, rotate_show_plan(&rotate, &b->err));
	assert_has(product(b), "generate     done   generate a key of 2048 "
			       "bits in the token, label new, id 02\n");
	assert_has(product(b),
	    "switch       begun  set in /etc/it.env, in one "
	    "step: SIGNET_KEY=" NEW_URI " SIGNET_ISSUER=" NEW_ISSUER "\n");
	assert_has(product(b), "wait         to do  wait 330 s for the last "
			       "JWT of the other key to end\n");
	assert_has(product(b), "delete       to do  delete the old "
			       "configuration n (" ID ")\n");
	rotate.rotation->step = SG_ROTATION_WAIT;
	assert_ok(b, rotate_show_plan(&rotate, &b->err));
	assert_has(product(b), "wait 330 s, until 2026-06-15T14:35:30Z, for");
	close_rotate(b, &rotate);
}

static void
what_is_named_after_the_new_key_is_to_come(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	sg_str_free(&rotate.rotation->new_name);
	sg_str_free(&rotate.rotation->new_issuer);
	assert_ok(b, rotate_show_plan(&rotate, &b->err));
	assert_has(product(b), "make the configuration (named after the new "
			       "key) with issuer (named after the new key)");
	assert_has(product(b), "stop, for you to set what is not in a file");
	close_rotate(b, &rotate);
}

static void
a_plan_in_json_has_the_same_steps(void **state)
{
	struct bench *b = *state;
	SG_AUTO(sg_json) json = NULL;
	const struct sg_json *plan;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	rotate.rotation->mode = SG_ROTATION_BY_JWKS;
	set_text(&rotate.rotation->jwks_uri, "https://k.test/j");
	rotate.rotation->back = true;
	rotate.rotation->step = SG_ROTATION_PUBLISH;
	b->app.args.given[OPT_JSON] = true;
	assert_ok(b, rotate_show_plan(&rotate, &b->err));
	assert_int_equal(
	    sg_json_parse(product(b), strlen(product(b)), &json, NULL), SG_OK);
	assert_string_equal(
	    sg_json_get_text(sg_json_get(json, "rotation"), "configId"), ID);
	plan = sg_json_get(json, "plan");
	assert_int_equal(sg_json_count(plan), 7);
	assert_string_equal(
	    sg_json_get_text(sg_json_at(plan, 5), "step"), "unpublish");
	assert_string_equal(
	    sg_json_get_text(sg_json_at(plan, 5), "state"), "to do");
	assert_has(sg_json_get_text(sg_json_at(plan, 5), "does"),
	    "take the new key out of the key set of https://k.test/j");
	close_rotate(b, &rotate);
}

static void
a_step_is_told_by_its_place(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, sg_list_add(&rotate.rotation->targets, "tcm", &b->err));
	rotate_show_step(&rotate, rotate.rotation, SG_ROTATION_TRY);
	assert_has(heard(b), "signet: step 3 of 7: sign in with the new key "
			     "and the old one at tcm\n");
	close_rotate(b, &rotate);
}

static void
the_end_tells_the_key_that_signs(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	set_text(&rotate.rotation->new_config_id, "new-id");
	assert_ok(b, rotate_show_end(&rotate, &b->err));
	assert_has(product(b), "key          " NEW_URI "\n");
	assert_has(product(b), "kid          new-thumbprint\n");
	assert_has(product(b), "id           new-id\n");
	assert_has(product(b), "old key      " OLD_URI "\n");
	sg_buf_reset(b->app.out);
	rotate.rotation->back = true;
	b->app.args.given[OPT_JSON] = true;
	assert_ok(b, rotate_show_end(&rotate, &b->err));
	assert_has(product(b), "\"way\":\"back\",\"key\":\"" OLD_URI "\"");
	assert_has(product(b), "\"configId\":\"" ID "\"");
	assert_null(strstr(product(b), "oldKey"));
	close_rotate(b, &rotate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_plan_is_a_line_for_each_step),
	    TEST(what_is_named_after_the_new_key_is_to_come),
	    TEST(a_plan_in_json_has_the_same_steps),
	    TEST(a_step_is_told_by_its_place),
	    TEST(the_end_tells_the_key_that_signs),
	};

	return cmocka_run_group_tests_name("rotate_show", tests, NULL, NULL);
}
