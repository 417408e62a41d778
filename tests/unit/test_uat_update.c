/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat.h"

#include <unistd.h>

#include "base/file.h"

#define PUT_BODY \
	"{\"name\":\"n\",\"issuer\":\"i\",\"publicKey\":\"" PEM "\"," \
	"\"usernameClaim\":\"email\",\"resourceIds\":[\"" UUID_1 "\"]," \
	"\"enabled\":false}"
#define SHOWN_OFF \
	"{\"configId\":\"" ID "\",\"name\":\"n\",\"issuer\":\"i\"," \
	"\"publicKeyActive\":\"" PEM "\",\"publicKey\":null," \
	"\"usernameClaim\":\"email\",\"resourceIds\":[\"" UUID_1 "\"]," \
	"\"enabled\":false}"
#define SHOWN_OTHER \
	"{\"configId\":\"" ID "\",\"name\":\"n\",\"issuer\":\"j\"," \
	"\"publicKeyActive\":\"" PEM "\",\"usernameClaim\":\"email\"," \
	"\"resourceIds\":[\"" UUID_1 "\"],\"enabled\":true}"
#define FETCH(shown) \
	{ \
		STEP("GET", ONE, NO_BODY), .status = 200, .reply = shown \
	}
#define PUT STEP("PUT", ONE, PUT_BODY)

static const bool off = false;
static const struct sg_uat_change change_off = {.enabled = &off};

static enum sg_rc
switch_off(const struct step *steps, size_t count,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	struct fake fake = {.steps = steps, .count = count};
	struct door door;
	enum sg_rc rc;

	door_open(&door, &fake);
	rc = sg_uat_update(&door.uat, ID, &change_off, out_config, err);
	door_close(&door, &fake);
	return rc;
}

#define SWITCH_OFF(steps, c, err) switch_off(steps, SG_COUNT(steps), c, err)

/* With a body, without one, and with one that cannot be read. */
static void
update_fetches_merges_and_puts_the_whole(void **state)
{
	static const char *const answers[] = {
	    SHOWN_OFF, "", "<html>", "[]", "{\"status\":\"soon\"}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {
		    FETCH(SHOWN), FETCH(SHOWN),
		    {PUT, .status = 200, .reply = answers[i]},
		    FETCH(SHOWN_OFF), /* where the answer shows nothing */
		};
		struct sg_uat_config *c = NULL;

		assert_int_equal(
		    switch_off(steps, i == 0 ? 3 : 4, &c, NULL), SG_OK);
		assert_string_equal(c->config_id, ID);
		assert_false(c->enabled);
		sg_uat_config_free(&c);
	}
}

static void
update_that_a_page_answers_is_in_doubt(void **state)
{
	static const struct step steps[] = {
	    FETCH(SHOWN),
	    FETCH(SHOWN),
	    {PUT, .status = 200, .reply = "<html>"},
	    FETCH("<html>"),
	};
	struct sg_uat_config *c = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(SWITCH_OFF(steps, &c, &err), SG_E_REFUSED);
	assert_null(c);
	assert_has(err.text, "may have been changed all the same");
}

static void
update_that_cannot_be_read_back_gives_what_was_sent(void **state)
{
	static const struct step steps[] = {
	    FETCH(SHOWN),
	    FETCH(SHOWN),
	    {PUT, .status = 204},
	    {STEP("GET", ONE, NO_BODY), .status = 403},
	};
	struct sg_uat_config *c = NULL;

	(void)state;
	assert_int_equal(SWITCH_OFF(steps, &c, NULL), SG_OK);
	assert_string_equal(c->config_id, ID);
	assert_false(c->enabled);
	sg_uat_config_free(&c);
}

static void
update_of_what_changed_meanwhile_sends_nothing(void **state)
{
	static const char *const changed[] = {SHOWN_OTHER, SHOWN_OFF, "{}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(changed); i++) {
		const struct step steps[] = {FETCH(SHOWN), FETCH(changed[i])};
		struct sg_uat_config *c = NULL;
		struct sg_err err = {0};

		assert_int_equal(SWITCH_OFF(steps, &c, &err), SG_E_REFUSED);
		assert_null(c);
		assert_has(err.text, "changed by someone else meanwhile");
		assert_has(err.text, "signet uat get " ID);
	}
}

/* Nobody knows what it means: it goes back as it was shown last. */
static void
what_moves_by_itself_is_no_change(void **state)
{
	static const struct step steps[] = {
	    {STEP("GET", ONE, NO_BODY), .status = 200, .etag = "\"7\"",
		.reply = "{\"name\":\"n\",\"jwksUri\":\"https://k\","
			 "\"enabled\":true,\"lastUsedAt\":\"1\"}"},
	    {STEP("GET", ONE, NO_BODY), .status = 200, .etag = "\"8\"",
		.reply = "{\"name\":\"n\",\"jwksUri\":\"https://k\","
			 "\"enabled\":true,\"lastUsedAt\":\"2\"}"},
	    {STEP("PUT", ONE,
		 "{\"name\":\"n\",\"jwksUri\":\"https://k\",\"enabled\":"
		 "false,\"lastUsedAt\":\"2\"}"),
		.if_match = "\"8\"", .status = 200,
		.reply = "{\"configId\":\"" ID "\",\"name\":\"n\","
			 "\"enabled\":false,\"lastUsedAt\":\"3\"}"},
	};
	struct sg_uat_config *c = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(SWITCH_OFF(steps, &c, &err), SG_OK);
	assert_false(c->enabled);
	sg_uat_config_free(&c);
}

/* The service may write its sets and its members in any order. */
static void
another_order_is_no_change(void **state)
{
	static const struct step steps[] = {
	    FETCH("{\"name\":\"n\",\"jwksUri\":\"https://k\",\"scopes\":"
		  "[\"a\",\"b\"],\"enabled\":true}"),
	    FETCH("{\"publicKey\":null,\"enabled\":true,\"scopes\":"
		  "[\"b\",\"a\"],\"jwksUri\":\"https://k\",\"name\":\"n\"}"),
	    {STEP("PUT", ONE,
		 "{\"name\":\"n\",\"jwksUri\":\"https://k\",\"scopes\":"
		 "[\"b\",\"a\"],\"enabled\":false}"),
		.status = 200,
		.reply = "{\"scopes\":[\"b\",\"a\"],\"enabled\":false,"
			 "\"configId\":\"" ID "\"}"},
	};
	struct sg_uat_config *c = NULL;

	(void)state;
	assert_int_equal(SWITCH_OFF(steps, &c, NULL), SG_OK);
	assert_false(c->enabled);
	sg_uat_config_free(&c);
}

static void
entity_tag_makes_the_put_conditional(void **state)
{
	static const struct step steps[] = {
	    {STEP("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN,
		.etag = "\"7\""},
	    FETCH(SHOWN),
	    {PUT, .if_match = "\"7\"", .status = 412},
	};
	struct sg_uat_config *c = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(SWITCH_OFF(steps, &c, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 412);
	assert_has(err.text, "changed by someone else meanwhile");
}

static void
weak_entity_tag_makes_no_condition(void **state)
{
	static const struct step steps[] = {
	    {STEP("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN,
		.etag = "W/\"7\""},
	    FETCH(SHOWN),
	    {PUT, .status = 200, .reply = SHOWN_OFF},
	};
	struct sg_uat_config *c = NULL;

	(void)state;
	assert_int_equal(SWITCH_OFF(steps, &c, NULL), SG_OK);
	sg_uat_config_free(&c);
}

static void
answer_that_shows_something_else_is_an_error(void **state)
{
	static const struct step steps[] = {
	    FETCH(SHOWN),
	    FETCH(SHOWN),
	    {PUT, .status = 200, .reply = SHOWN_OTHER},
	};
	struct sg_uat_config *c = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(SWITCH_OFF(steps, &c, &err), SG_E_REFUSED);
	assert_null(c);
	assert_has(err.text, "shows another issuer");
}

static void
lost_answer_is_looked_for(void **state)
{
	static const struct step losses[] = {
	    {PUT, .rc = SG_E_TIMEOUT, .fault = SG_HTTP_LOST},
	    {PUT, .rc = SG_E_NETWORK, .fault = SG_HTTP_LOST},
	    {PUT, .status = 502},
	    {PUT, .status = 504},
	};
	static const struct {
		struct step look;
		const char *said; /* NULL: it has been done */
	} rows[] = {
	    {FETCH(SHOWN_OFF), NULL},
	    {FETCH(SHOWN), "has not changed"},
	    {FETCH(SHOWN_OTHER), "but not into what was sent"},
	    {{STEP("GET", ONE, NO_BODY), .status = 403},
		"may have been changed all the same"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(losses) * SG_COUNT(rows); i++) {
		const struct step *loss = &losses[i / SG_COUNT(rows)];
		const char *said = rows[i % SG_COUNT(rows)].said;
		const struct step steps[] = {FETCH(SHOWN), FETCH(SHOWN), *loss,
		    rows[i % SG_COUNT(rows)].look};
		struct sg_uat_config *c = NULL;
		struct sg_err err = {0};
		enum sg_rc rc = SWITCH_OFF(steps, &c, &err);

		if (said == NULL) {
			assert_int_equal(rc, SG_OK);
			assert_false(c->enabled);
		} else {
			assert_int_equal(
			    rc, loss->status ? SG_E_REFUSED : loss->rc);
			assert_null(c);
			assert_has(err.text, said);
		}
		sg_uat_config_free(&c);
	}
}

static void
put_that_was_refused_is_not_looked_for(void **state)
{
	static const struct step steps[] = {
	    FETCH(SHOWN), FETCH(SHOWN), {PUT, .status = 400}};
	struct sg_uat_config *c = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(SWITCH_OFF(steps, &c, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 400);
}

static void
preview_of_an_update_reads_and_does_not_write(void **state)
{
	static const struct step steps[] = {FETCH(SHOWN)};
	struct sg_uat_preview preview = {0};
	struct sg_uat_config *c = NULL;
	struct fake fake = SCRIPT(steps);
	struct door door;

	(void)state;
	door_open(&door, &fake);
	door.uat.configs_url = ALL;
	door.uat.preview = &preview;
	assert_int_equal(
	    sg_uat_update(&door.uat, ID, &change_off, &c, NULL), SG_OK);
	assert_null(c);
	assert_string_equal(preview.method, "PUT");
	assert_string_equal(preview.url, ONE);
	assert_string_equal(preview.body, PUT_BODY);
	sg_uat_preview_clear(&preview);
	door_close(&door, &fake);
}

/* Is the lock held while the service is asked? */
static void
expect_locked(void *ctx)
{
	struct sg_lock *lock = NULL;

	assert_int_equal(sg_lock_take(ctx, 0, &lock, NULL), SG_E_TIMEOUT);
}

static void
update_holds_the_lock_from_fetch_to_answer(void **state)
{
	static char path[] = "/tmp/signet-uat-lock-XXXXXX";
	int fd = mkstemp(path);
	const struct step steps[] = {
	    {STEP("GET", ONE, NO_BODY), .status = 200, .reply = SHOWN,
		.before = expect_locked, .before_ctx = path},
	    FETCH(SHOWN),
	    {PUT, .status = 200, .reply = SHOWN_OFF, .before = expect_locked,
		.before_ctx = path},
	};
	struct sg_uat_config *c = NULL;
	struct sg_lock *lock = NULL;
	struct fake fake = SCRIPT(steps);
	struct door door;

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	door_open(&door, &fake);
	door.uat.lock_path = path;
	assert_int_equal(
	    sg_uat_update(&door.uat, ID, &change_off, &c, NULL), SG_OK);
	assert_int_equal(sg_lock_take(path, 0, &lock, NULL), SG_OK);
	sg_lock_free(&lock);
	sg_uat_config_free(&c);
	door_close(&door, &fake);
	(void)unlink(path);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(update_fetches_merges_and_puts_the_whole),
	    cmocka_unit_test(update_that_a_page_answers_is_in_doubt),
	    cmocka_unit_test(
		update_that_cannot_be_read_back_gives_what_was_sent),
	    cmocka_unit_test(update_of_what_changed_meanwhile_sends_nothing),
	    cmocka_unit_test(what_moves_by_itself_is_no_change),
	    cmocka_unit_test(another_order_is_no_change),
	    cmocka_unit_test(entity_tag_makes_the_put_conditional),
	    cmocka_unit_test(weak_entity_tag_makes_no_condition),
	    cmocka_unit_test(answer_that_shows_something_else_is_an_error),
	    cmocka_unit_test(lost_answer_is_looked_for),
	    cmocka_unit_test(put_that_was_refused_is_not_looked_for),
	    cmocka_unit_test(preview_of_an_update_reads_and_does_not_write),
	    cmocka_unit_test(update_holds_the_lock_from_fetch_to_answer),
	    cmocka_unit_test(update_without_a_key_stops_before_the_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
