/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat.h"

static void
list_is_read_from_the_configured_url(void **state)
{
	static const struct step steps[] = {
	    {STEP("GET", HOST "/api/v9/uats/", NO_BODY), .status = 200,
		.reply = "[" SHOWN "]"},
	    {STEP("GET", HOST "/api/v9/uats/" ID, NO_BODY), .status = 200,
		.reply = SHOWN},
	};
	struct fake fake = SCRIPT(steps);
	struct door door;
	struct sg_uat_configs *all = NULL;
	struct sg_uat_config *c = NULL;

	(void)state;
	door_open(&door, &fake);
	door.uat.configs_url = HOST "/api/v9/uats/";
	assert_int_equal(sg_uat_list(&door.uat, &all, NULL), SG_OK);
	assert_int_equal(all->count, 1);
	assert_int_equal(sg_uat_get(&door.uat, ID, &c, NULL), SG_OK);
	sg_uat_configs_free(&all);
	sg_uat_config_free(&c);
	door_close(&door, &fake);
}

#define OTHER \
	"{\"configId\":\"d06c826a-0000-4000-8000-000000000002\"," \
	"\"name\":\"m\"}"

static void
list_is_read_to_its_last_page(void **state)
{
	static const struct step steps[] = {
	    {STEP("GET", ALL, NO_BODY), .status = 200,
		.reply = "{\"items\":[" OTHER "],\"nextPageToken\":\"+1/=\"}"},
	    {STEP("GET", ALL "?pageToken=%2B1%2F%3D", NO_BODY), .status = 200,
		.reply = "{\"items\":[" SHOWN "],\"nextPageToken\":null}"},
	};
	struct fake fake = SCRIPT(steps);
	struct door door;
	struct sg_uat_configs *all = NULL;

	(void)state;
	door_open(&door, &fake);
	assert_int_equal(sg_uat_list(&door.uat, &all, NULL), SG_OK);
	assert_int_equal(all->count, 2);
	assert_string_equal(all->items[1]->config_id, ID);
	sg_uat_configs_free(&all);
	door_close(&door, &fake);
}

static void
list_whose_last_page_fails_is_none(void **state)
{
	static const struct step steps[] = {
	    {STEP("GET", ALL, NO_BODY), .status = 200,
		.reply = "{\"items\":[" OTHER "],\"nextPageToken\":\"2\"}"},
	    {STEP("GET", ALL "?pageToken=2", NO_BODY), .status = 500,
		.reply = ""},
	};
	struct fake fake = SCRIPT(steps);
	struct door door;
	struct sg_uat_configs *all = NULL;
	struct sg_err err = {0};

	(void)state;
	door_open(&door, &fake);
	assert_int_equal(sg_uat_list(&door.uat, &all, &err), SG_E_REFUSED);
	assert_null(all);
	assert_has(err.text, "list the UAT configurations: ");
	door_close(&door, &fake);
}

static void
list_that_is_none_says_what_was_done(void **state)
{
	static const struct step steps[] = {
	    {STEP("GET", ALL, NO_BODY), .status = 200, .reply = "{}"}};
	struct fake fake = SCRIPT(steps);
	struct door door;
	struct sg_uat_configs *all = NULL;
	struct sg_err err = {0};

	(void)state;
	door_open(&door, &fake);
	assert_int_equal(sg_uat_list(&door.uat, &all, &err), SG_E_REFUSED);
	assert_has(err.text, "list the UAT configurations: ");
	door_close(&door, &fake);
}

static void
id_costs_no_listing_and_a_name_does(void **state)
{
	static const struct step steps[] = {
	    {STEP("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	    {STEP("GET", ALL, NO_BODY), .status = 200,
		.reply = "{\"uatConfigurations\":[" SHOWN "]}"},
	    {STEP("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	};
	static const char *const names[] = {ID, "n"};
	struct fake fake = SCRIPT(steps);
	struct door door;
	size_t i;

	(void)state;
	door_open(&door, &fake);
	for (i = 0; i < SG_COUNT(names); i++) {
		struct sg_uat_config *c = NULL;

		assert_int_equal(
		    sg_uat_get(&door.uat, names[i], &c, NULL), SG_OK);
		assert_string_equal(c->config_id, ID);
		sg_uat_config_free(&c);
	}
	door_close(&door, &fake);
}

static void
odd_id_from_the_service_stays_one_segment(void **state)
{
	static const struct step steps[] = {
	    {STEP("GET", ALL, NO_BODY), .status = 200,
		.reply = "[{\"configId\":\"../x?y\",\"name\":\"odd\"},"
			 "{\"configId\":\"..\",\"name\":\"dots\"},"
			 "{\"name\":\"none\"}]"},
	    {STEP("DELETE", ALL "/..%2Fx%3Fy", NO_BODY), .status = 204},
	    {STEP("GET", ALL, NO_BODY), .status = 200,
		.reply = "[{\"configId\":\"..\",\"name\":\"dots\"}]"},
	    {STEP("GET", ALL, NO_BODY), .status = 200,
		.reply = "[{\"name\":\"none\"}]"},
	};
	struct fake fake = SCRIPT(steps);
	struct door door;

	(void)state;
	door_open(&door, &fake);
	assert_int_equal(sg_uat_delete(&door.uat, "odd", NULL), SG_OK);
	assert_int_equal(sg_uat_delete(&door.uat, "dots", NULL), SG_E_REFUSED);
	assert_int_equal(sg_uat_delete(&door.uat, "none", NULL), SG_E_REFUSED);
	door_close(&door, &fake);
}

static void
delete_takes_any_success(void **state)
{
	static const struct step steps[] = {
	    {STEP("DELETE", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	    {STEP("DELETE", ONE, NO_BODY), .status = 204},
	    {STEP("DELETE", ONE, NO_BODY), .status = 404},
	};
	struct fake fake = SCRIPT(steps);
	struct door door;
	struct sg_err err = {0};

	(void)state;
	door_open(&door, &fake);
	assert_int_equal(sg_uat_delete(&door.uat, ID, NULL), SG_OK);
	assert_int_equal(sg_uat_delete(&door.uat, ID, NULL), SG_OK);
	assert_int_equal(sg_uat_delete(&door.uat, ID, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 404);
	assert_has(err.text, "it is not there, or no longer");
	door_close(&door, &fake);
}

static void
delete_whose_answer_is_lost_is_looked_at_again(void **state)
{
	static const struct {
		int status; /* of the look */
		enum sg_rc rc;
		const char *said;
	} rows[] = {
	    {404, SG_OK, ""},
	    {200, SG_E_TIMEOUT, "is still there"},
	    {403, SG_E_TIMEOUT, "may be gone all the same"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct step steps[] = {
		    {STEP("DELETE", ONE, NO_BODY), .rc = SG_E_TIMEOUT,
			.fault = SG_HTTP_LOST},
		    {STEP("GET", ONE, NO_BODY), .status = rows[i].status,
			.reply = SHOWN},
		};
		struct fake fake = SCRIPT(steps);
		struct door door;
		struct sg_err err = {0};

		door_open(&door, &fake);
		assert_int_equal(
		    sg_uat_delete(&door.uat, ID, &err), rows[i].rc);
		assert_has(err.text, rows[i].said);
		door_close(&door, &fake);
	}
}

/* A page of some proxy is a success of nobody's. */
static void
delete_that_a_page_answers_is_looked_at_again(void **state)
{
	static const struct step steps[] = {
	    {STEP("DELETE", ONE, NO_BODY), .status = 200, .reply = "<html>"},
	    {STEP("GET", ONE, NO_BODY), .status = 404},
	    {STEP("DELETE", ONE, NO_BODY), .status = 200, .reply = "<html>"},
	    {STEP("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
	};
	struct fake fake = SCRIPT(steps);
	struct door door;
	struct sg_err err = {0};

	(void)state;
	door_open(&door, &fake);
	assert_int_equal(sg_uat_delete(&door.uat, ID, NULL), SG_OK);
	assert_int_equal(sg_uat_delete(&door.uat, ID, &err), SG_E_REFUSED);
	assert_has(err.text, "is still there");
	door_close(&door, &fake);
}

static void
preview_of_a_delete_sends_nothing(void **state)
{
	struct sg_uat_preview preview = {0};
	struct fake fake = {0};
	struct door door;

	(void)state;
	door_open(&door, &fake);
	door.uat.preview = &preview;
	assert_int_equal(sg_uat_delete(&door.uat, ID, NULL), SG_OK);
	assert_string_equal(preview.method, "DELETE");
	assert_string_equal(preview.url, "/uat-configurations/" ID);
	assert_null(preview.body);
	sg_uat_preview_clear(&preview);
	assert_null(preview.method);
	door_close(&door, &fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(list_is_read_from_the_configured_url),
	    cmocka_unit_test(list_is_read_to_its_last_page),
	    cmocka_unit_test(list_whose_last_page_fails_is_none),
	    cmocka_unit_test(list_that_is_none_says_what_was_done),
	    cmocka_unit_test(id_costs_no_listing_and_a_name_does),
	    cmocka_unit_test(odd_id_from_the_service_stays_one_segment),
	    cmocka_unit_test(delete_takes_any_success),
	    cmocka_unit_test(delete_whose_answer_is_lost_is_looked_at_again),
	    cmocka_unit_test(delete_that_a_page_answers_is_looked_at_again),
	    cmocka_unit_test(preview_of_a_delete_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
