/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/text.h"
#include "client/api.h"
#include "client/uat.h"

#define NOW    1800000000
#define HOST   "https://tcm.test"
#define ALL    HOST "/api/v1/uat-configurations"
#define ID     "d06c826a-0000-4000-8000-000000000001"
#define ONE    ALL "/" ID
#define UUID_1 "36a9d526-0000-4000-8000-000000000001"
#define PEM    "-----BEGIN PUBLIC KEY-----"

#define STEP(method, url, body) \
	method, url, body, "x-tableau-session-token", "tok"

#define SENT \
	"{\"name\":\"n\",\"issuer\":\"i\",\"publicKey\":\"" PEM "\"," \
	"\"usernameClaim\":\"email\",\"resourceIds\":[\"" UUID_1 "\"]," \
	"\"enabled\":true}"

#define SHOWN \
	"{\"configId\":\"" ID "\",\"name\":\"n\",\"issuer\":\"i\"," \
	"\"publicKeyActive\":\"" PEM "\",\"publicKey\":null," \
	"\"usernameClaim\":\"email\",\"resourceIds\":[\"" UUID_1 "\"]," \
	"\"enabled\":true}"

static char uuid[] = UUID_1;
static char *uuids[] = {uuid};
static const struct sg_list ids = {uuids, 1};

static const struct sg_uat_spec spec = {
    .name = "n",
    .issuer = "i",
    .public_key_pem = PEM,
    .username_claim = "email",
    .resource_ids = &ids,
    .enabled = true,
};

static enum sg_rc
login(void *ctx, struct sg_session **out_session, struct sg_err *err)
{
	enum sg_rc rc;

	(void)ctx;
	rc = sg_session_new(
	    SG_SERVICE_TCM, SG_SESSION_PAT, "tok", NOW, out_session, err);
	(*out_session)->base_url = strdup(HOST);
	return rc;
}

/* The service by a script. */
struct door {
	struct test_clock clock;
	struct sg_http *http;
	struct sg_api api;
	struct sg_uat uat;
};

static void
door_open(struct door *door, struct fake *fake)
{
	memset(door, 0, sizeof(*door));
	test_clock_set(&door->clock, NOW);
	door->http = fake_http(fake);
	door->api.service = SG_SERVICE_TCM;
	door->api.http = door->http;
	door->api.clock = &door->clock.clock;
	door->api.login = login;
	door->uat.api = &door->api;
}

static void
door_close(struct door *door, struct fake *fake)
{
	sg_api_close(&door->api);
	fake_end(fake, &door->http);
}

static enum sg_rc
create(struct fake *fake, const struct sg_uat_spec *what,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	struct door door;
	enum sg_rc rc;

	door_open(&door, fake);
	rc = sg_uat_create(&door.uat, what, out_config, err);
	door_close(&door, fake);
	return rc;
}

static void
create_gives_what_the_service_shows(void **state)
{
	static const int statuses[] = {200, 201};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(statuses); i++) {
		const struct step steps[] = {{STEP("POST", ALL, SENT),
		    .status = statuses[i], .reply = SHOWN}};
		struct fake fake = SCRIPT(steps);
		struct sg_uat_config *c = NULL;

		assert_int_equal(create(&fake, &spec, &c, NULL), SG_OK);
		assert_string_equal(c->config_id, ID);
		assert_string_equal(c->public_key_active, PEM);
		sg_uat_config_free(&c);
	}
}

static void
create_without_an_answers_body_gives_what_was_sent(void **state)
{
	static const struct step steps[] = {
	    {STEP("POST", ALL, SENT), .status = 204}};
	struct fake fake = SCRIPT(steps);
	struct sg_uat_config *c = NULL;

	(void)state;
	assert_int_equal(create(&fake, &spec, &c, NULL), SG_OK);
	assert_null(c->config_id);
	assert_string_equal(c->name, "n");
	assert_string_equal(c->public_key_active, PEM);
	sg_uat_config_free(&c);
}

static void
create_whose_answer_is_lost_is_not_repeated(void **state)
{
	const struct step cases[] = {
	    {STEP("POST", ALL, SENT), .rc = SG_E_TIMEOUT,
		.fault = SG_HTTP_LOST},
	    {STEP("POST", ALL, SENT), .rc = SG_E_NETWORK,
		.fault = SG_HTTP_LOST},
	    {STEP("POST", ALL, SENT), .rc = SG_E_NETWORK,
		.fault = SG_HTTP_BROKEN},
	    {STEP("POST", ALL, SENT), .status = 504},
	    {STEP("POST", ALL, SENT), .status = 502},
	    {STEP("POST", ALL, SENT), .status = 200, .reply = "<html>"},
	    {STEP("POST", ALL, SENT), .status = 201, .reply = "[]"},
	    {STEP("POST", ALL, SENT), .status = 202, .reply = "{"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct fake fake = {.steps = &cases[i], .count = 1};
		struct sg_uat_config *c = NULL;
		struct sg_err err = {0};

		assert_true(create(&fake, &spec, &c, &err) != SG_OK);
		assert_null(c);
		assert_has(err.text, "it may exist all the same");
		assert_has(err.text, "signet uat list");
	}
}

static void
create_that_was_surely_not_done_raises_no_doubt(void **state)
{
	const struct step cases[] = {
	    {STEP("POST", ALL, SENT), .rc = SG_E_NETWORK,
		.fault = SG_HTTP_NOT_SENT},
	    {STEP("POST", ALL, SENT), .status = 409,
		.reply = "{\"message\":\"taken\"}"},
	    {STEP("POST", ALL, SENT), .status = 400},
	    {STEP("POST", ALL, SENT), .status = 401},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct fake fake = {.steps = &cases[i], .count = 1};
		struct sg_uat_config *c = NULL;
		struct sg_err err = {0};

		assert_true(create(&fake, &spec, &c, &err) != SG_OK);
		assert_has(err.text, "create the UAT configuration: ");
		assert_has_not(err.text, "may exist");
	}
}

static void
bad_create_sends_nothing(void **state)
{
	struct fake fake = {0};
	struct sg_uat_spec bad = spec;
	struct sg_uat_config *c = NULL;

	(void)state;
	bad.name = "";
	assert_int_equal(create(&fake, &bad, &c, NULL), SG_E_USAGE);
}

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
update_fetches_merges_and_puts_the_whole(void **state)
{
	static const char *const answers[] = {SHOWN, ""};
	static const bool off = false;
	const struct sg_uat_change change = {.enabled = &off};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {
		    {STEP("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN},
		    {STEP("PUT", ONE,
			 "{\"name\":\"n\",\"issuer\":\"i\",\"publicKey\":"
			 "\"" PEM "\",\"usernameClaim\":\"email\","
			 "\"resourceIds\":[\"" UUID_1 "\"],"
			 "\"enabled\":false}"),
			.status = i == 0 ? 200 : 204, .reply = answers[i]},
		};
		struct fake fake = SCRIPT(steps);
		struct door door;
		struct sg_uat_config *c = NULL;

		door_open(&door, &fake);
		assert_int_equal(
		    sg_uat_update(&door.uat, ID, &change, &c, NULL), SG_OK);
		assert_string_equal(c->config_id, ID);
		assert_int_equal(c->enabled, i == 0); /* else as sent */
		sg_uat_config_free(&c);
		door_close(&door, &fake);
	}
}

static void
update_without_a_key_stops_before_the_put(void **state)
{
	static const char *const shown[] = {"{\"name\":\"n\"}", "[]"};
	static const enum sg_rc codes[] = {SG_E_USAGE, SG_E_REFUSED};
	const struct sg_uat_change change = {.name = "m"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(shown); i++) {
		const struct step steps[] = {{STEP("GET", ONE, NO_BODY),
		    .status = 200, .reply = shown[i]}};
		struct fake fake = SCRIPT(steps);
		struct door door;
		struct sg_uat_config *c = NULL;

		door_open(&door, &fake);
		assert_int_equal(
		    sg_uat_update(&door.uat, ID, &change, &c, NULL), codes[i]);
		assert_null(c);
		door_close(&door, &fake);
	}
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
	door_close(&door, &fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(create_gives_what_the_service_shows),
	    cmocka_unit_test(
		create_without_an_answers_body_gives_what_was_sent),
	    cmocka_unit_test(create_whose_answer_is_lost_is_not_repeated),
	    cmocka_unit_test(create_that_was_surely_not_done_raises_no_doubt),
	    cmocka_unit_test(bad_create_sends_nothing),
	    cmocka_unit_test(list_is_read_from_the_configured_url),
	    cmocka_unit_test(list_that_is_none_says_what_was_done),
	    cmocka_unit_test(id_costs_no_listing_and_a_name_does),
	    cmocka_unit_test(odd_id_from_the_service_stays_one_segment),
	    cmocka_unit_test(update_fetches_merges_and_puts_the_whole),
	    cmocka_unit_test(update_without_a_key_stops_before_the_put),
	    cmocka_unit_test(delete_takes_any_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
