/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat.h"

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

static const struct step losses[] = {
    {STEP("POST", ALL, SENT), .rc = SG_E_TIMEOUT, .fault = SG_HTTP_LOST},
    {STEP("POST", ALL, SENT), .rc = SG_E_NETWORK, .fault = SG_HTTP_LOST},
    {STEP("POST", ALL, SENT), .rc = SG_E_NETWORK, .fault = SG_HTTP_BROKEN},
    {STEP("POST", ALL, SENT), .status = 504},
    {STEP("POST", ALL, SENT), .status = 502},
    {STEP("POST", ALL, SENT), .status = 500},
    {STEP("POST", ALL, SENT), .status = 503},
    {STEP("POST", ALL, SENT), .status = 201},
    {STEP("POST", ALL, SENT), .status = 204},
    {STEP("POST", ALL, SENT), .status = 200, .reply = "<html>"},
    {STEP("POST", ALL, SENT), .status = 201, .reply = "[]"},
    {STEP("POST", ALL, SENT), .status = 202, .reply = "{"},
    {STEP("POST", ALL, SENT), .status = 202, .reply = "{\"status\":\"soon\"}"},
};

#define LOOK(shown) \
	{ \
		STEP("GET", ALL, NO_BODY), .status = 200, .reply = shown \
	}

/* The same, its key written in another way and its lists in another order. */
static void
create_whose_answer_is_lost_is_found_again(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(losses); i++) {
		const struct step steps[] = {
		    losses[i],
		    LOOK("[]"), /* not yet */
		    LOOK("[{\"name\":\"m\",\"configId\":\"x\"}," SHOWN "]"),
		};
		struct fake fake = SCRIPT(steps);
		struct sg_uat_config *c = NULL;
		struct sg_err err = {0};

		assert_int_equal(create(&fake, &spec, &c, &err), SG_OK);
		assert_string_equal(c->config_id, ID);
		assert_true(fake.slept_ms > 0);
		sg_uat_config_free(&c);
	}
}

static void
create_that_is_not_found_again_is_not_repeated(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(losses); i++) {
		const struct step steps[] = {
		    losses[i], LOOK("[]"), LOOK("[]"), LOOK("[]")};
		struct fake fake = SCRIPT(steps);
		struct sg_uat_config *c = NULL;
		struct sg_err err = {0};

		assert_true(create(&fake, &spec, &c, &err) != SG_OK);
		assert_null(c);
		assert_has(err.text, "it was looked for and is not there");
		assert_has(err.text, "signet uat list");
	}
}

static void
create_that_cannot_be_looked_for_says_so(void **state)
{
	static const struct step steps[] = {
	    {STEP("POST", ALL, SENT), .status = 504},
	    {STEP("GET", ALL, NO_BODY), .status = 403},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_uat_config *c = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(create(&fake, &spec, &c, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 504);
	assert_has(err.text, "it may exist all the same");
}

/* An older one of this name and key, or two of them, are not taken for it. */
static void
what_is_only_like_it_is_not_taken_for_it(void **state)
{
	static const struct {
		const char *shown;
		const char *said;
	} rows[] = {
	    {"[{\"configId\":\"c1\",\"name\":\"n\",\"issuer\":\"i\","
	     "\"publicKeyActive\":\"" PEM "\",\"usernameClaim\":\"sub\","
	     "\"resourceIds\":[\"" UUID_1 "\"],\"enabled\":false}]",
		"c1 has the name \"n\" and differs in: username claim, "
		"enabled or not"},
	    {"[" SHOWN "," SHOWN "]", ID " has the name \"n\" and is what"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct step steps[] = {losses[0], LOOK(rows[i].shown)};
		struct fake fake = SCRIPT(steps);
		struct sg_uat_config *c = NULL;
		struct sg_err err = {0};

		assert_int_equal(create(&fake, &spec, &c, &err), SG_E_TIMEOUT);
		assert_null(c);
		assert_has(err.text, "this may be it: ");
		assert_has(err.text, rows[i].said);
	}
}

static void
conflict_says_what_exists(void **state)
{
	static const struct {
		const char *shown;
		const char *said;
	} rows[] = {
	    {"[" SHOWN "]", ID " has the name \"n\" and is what was asked for"},
	    {"[{\"configId\":\"c1\",\"name\":\"n\",\"issuer\":\"j\"}]",
		"c1 has the name \"n\" and differs in: key, issuer, username "
		"claim, resources"},
	    {"[{\"configId\":\"c1\",\"name\":\"m\"}]", "\"taken\""},
	    {"{}", "\"taken\""}, /* no list at all */
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct step steps[] = {
		    {STEP("POST", ALL, SENT), .status = 409,
			.reply = "{\"message\":\"taken\"}"},
		    LOOK(rows[i].shown),
		};
		struct fake fake = SCRIPT(steps);
		struct sg_uat_config *c = NULL;
		struct sg_err err = {0};

		assert_int_equal(create(&fake, &spec, &c, &err), SG_E_REFUSED);
		assert_int_equal(err.native, 409);
		assert_has(err.text, rows[i].said);
	}
}

static void
create_that_was_surely_not_done_is_not_looked_for(void **state)
{
	const struct step cases[] = {
	    {STEP("POST", ALL, SENT), .rc = SG_E_NETWORK,
		.fault = SG_HTTP_NOT_SENT},
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
		assert_has_not(err.text, "looked for");
	}
}

static enum sg_rc
ensure(struct fake *fake, bool *out_made, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	struct door door;
	enum sg_rc rc;

	door_open(&door, fake);
	rc = sg_uat_ensure(&door.uat, &spec, out_made, out_config, err);
	door_close(&door, fake);
	return rc;
}

static void
ensure_makes_nothing_where_it_is_there(void **state)
{
	static const struct step steps[] = {LOOK("[" SHOWN "]")};
	struct fake fake = SCRIPT(steps);
	struct sg_uat_config *c = NULL;
	bool made = true;

	(void)state;
	assert_int_equal(ensure(&fake, &made, &c, NULL), SG_OK);
	assert_false(made);
	assert_string_equal(c->config_id, ID);
	sg_uat_config_free(&c);
}

static void
ensure_makes_what_is_not_there(void **state)
{
	static const struct step steps[] = {
	    LOOK("[{\"name\":\"m\"}]"),
	    {STEP("POST", ALL, SENT), .status = 201, .reply = SHOWN},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_uat_config *c = NULL;
	bool made = false;

	(void)state;
	assert_int_equal(ensure(&fake, &made, &c, NULL), SG_OK);
	assert_true(made);
	assert_string_equal(c->config_id, ID);
	sg_uat_config_free(&c);
}

/* Another host made it between our look and our POST. */
static void
ensure_that_came_second_finds_what_came_first(void **state)
{
	static const struct step steps[] = {
	    LOOK("[]"),
	    {STEP("POST", ALL, SENT), .status = 409},
	    LOOK("[" SHOWN "]"), /* for the error */
	    LOOK("[" SHOWN "]"),
	};
	struct fake fake = SCRIPT(steps);
	struct sg_uat_config *c = NULL;
	bool made = true;

	(void)state;
	assert_int_equal(ensure(&fake, &made, &c, NULL), SG_OK);
	assert_false(made);
	assert_string_equal(c->config_id, ID);
	sg_uat_config_free(&c);
}

static void
ensure_refuses_what_differs_and_what_is_ambiguous(void **state)
{
	static const struct {
		const char *shown;
		enum sg_rc rc;
		const char *said;
	} rows[] = {
	    {"[{\"configId\":\"c1\",\"name\":\"n\",\"issuer\":\"i\","
	     "\"publicKeyActive\":\"other\",\"usernameClaim\":\"email\","
	     "\"resourceIds\":[\"" UUID_1 "\"],\"scopes\":[\"s\"]}]",
		SG_E_REFUSED, "differs in: key, scopes;"},
	    {"[" SHOWN ",{\"configId\":\"c2\",\"name\":\"n\"}]", SG_E_USAGE,
		"c2 has the name"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct step steps[] = {LOOK(rows[i].shown)};
		struct fake fake = SCRIPT(steps);
		struct sg_uat_config *c = NULL;
		struct sg_err err = {0};
		bool made = true;

		assert_int_equal(ensure(&fake, &made, &c, &err), rows[i].rc);
		assert_null(c);
		assert_has(err.text, "nothing was made");
		assert_has(err.text, rows[i].said);
	}
}

static void
preview_of_a_create_sends_nothing(void **state)
{
	struct sg_uat_preview preview = {0};
	struct sg_uat_config *c = NULL;
	struct fake fake = {0};
	struct door door;

	(void)state;
	door_open(&door, &fake);
	door.uat.configs_url = ALL;
	door.uat.preview = &preview;
	assert_int_equal(sg_uat_create(&door.uat, &spec, &c, NULL), SG_OK);
	assert_null(c);
	assert_string_equal(preview.method, "POST");
	assert_string_equal(preview.url, ALL);
	assert_string_equal(preview.body, SENT);
	sg_uat_preview_clear(&preview);
	door_close(&door, &fake);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(create_gives_what_the_service_shows),
	    cmocka_unit_test(create_whose_answer_is_lost_is_found_again),
	    cmocka_unit_test(create_that_is_not_found_again_is_not_repeated),
	    cmocka_unit_test(create_that_cannot_be_looked_for_says_so),
	    cmocka_unit_test(what_is_only_like_it_is_not_taken_for_it),
	    cmocka_unit_test(conflict_says_what_exists),
	    cmocka_unit_test(create_that_was_surely_not_done_is_not_looked_for),
	    cmocka_unit_test(ensure_makes_nothing_where_it_is_there),
	    cmocka_unit_test(ensure_makes_what_is_not_there),
	    cmocka_unit_test(ensure_that_came_second_finds_what_came_first),
	    cmocka_unit_test(ensure_refuses_what_differs_and_what_is_ambiguous),
	    cmocka_unit_test(preview_of_a_create_sends_nothing),
	    cmocka_unit_test(bad_create_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
