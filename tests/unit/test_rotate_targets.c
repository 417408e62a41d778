/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_targets.h"

#include "fake_rotate.h"
#include "fake_signer.h"

#include "client/session/api.h"
#include "client/uat/uat_config.h"

#define SITE_2 "e7cc4b0b-2222-4222-8333-944444444444"
#define POD    "https://pod.test"

/* A list of sites that cannot be had. */
static enum sg_rc
no_login(void *ctx, struct sg_session **out_session, struct sg_err *err)
{
	(void)ctx;
	(void)out_session;
	return sg_fail(err, SG_E_SESSION, "no session today");
}

static enum sg_rc
find(struct bench *b, struct rotate *rotate, const char *resources)
{
	struct sg_api api = {.login = no_login};
	struct sg_uat_config config = {0};
	enum sg_rc rc;

	api.clock = b->app.clock;
	assert_ok(
	    b, sg_list_add_words(&config.resource_ids, resources, &b->err));
	sg_list_clear(&rotate->rotation->targets);
	sg_err_clear(&b->err);
	rc = rotate_targets_find(rotate, &config, &api, &b->err);
	sg_list_clear(&config.resource_ids);
	return rc;
}

static void
set_site(void)
{
	(void)setenv("TABLEAU_CLOUD_POD_URL", POD, 1);
	(void)setenv("TABLEAU_CLOUD_SITE_ID", "harbor", 1);
	(void)setenv("TABLEAU_CLOUD_SITE_LUID", SITE, 1);
}

static void
tenant_and_configured_site_are_known(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	set_site();
	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, find(b, &rotate,
			 TENANT " E7CC4B0B-1111-4222-8333-"
				"944444444444"));
	assert_int_equal(rotate.rotation->targets.count, 2);
	assert_string_equal(rotate.rotation->targets.items[0], "tcm");
	assert_string_equal(rotate.rotation->targets.items[1],
	    "E7CC4B0B-1111-4222-8333-944444444444=harbor");
	close_rotate(b, &rotate);
}

static void
what_is_no_uuid_is_not_tried(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	set_site();
	(void)setenv("TABLEAU_CLOUD_SITE_LUID", "site-1", 1);
	open_rotate(b, &rotate, SETTINGS);
	assert_refused(b, find(b, &rotate, TENANT " site-1"), SG_E_REFUSED,
	    "\"site-1\", which is no UUID");
	close_rotate(b, &rotate);
}

static void
an_unknown_site_is_told_with_the_option(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	set_site();
	open_rotate(b, &rotate, SETTINGS);
	assert_refused(b, find(b, &rotate, TENANT " " SITE_2), SG_E_CONFIG,
	    "--canary-site " SITE_2 "=");
	assert_has(b->err.text, "no session today");
	assert_ok(b, sg_list_add(&b->app.args.lists[OPT_CANARY_SITE],
			 SITE_2 "=lantern", &b->err));
	assert_ok(b, find(b, &rotate, SITE_2));
	assert_string_equal(
	    rotate.rotation->targets.items[0], SITE_2 "=lantern");
	close_rotate(b, &rotate);
}

static void
what_cannot_be_tried_is_refused(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	assert_refused(
	    b, find(b, &rotate, SITE), SG_E_CONFIG, "TABLEAU_CLOUD_POD_URL");
	assert_refused(b, find(b, &rotate, ""), SG_E_POLICY, "--resource");
	assert_ok(b, sg_list_add(&b->app.args.lists[OPT_CANARY_SITE], "lantern",
			 &b->err));
	assert_refused(
	    b, find(b, &rotate, TENANT), SG_E_USAGE, "--canary-site");
	close_rotate(b, &rotate);
}

#define LOGIN(answer) \
	{ \
		.method = "POST", .url = TCM "/api/v1/jwt/login", \
		.status = answer, \
		.reply = \
		    "{\"sessionToken\":\"tok\",\"tenantId\":\"" TENANT "\"}" \
	}
#define LOGIN_REFUSED \
	{ \
		.method = "POST", .url = TCM "/api/v1/jwt/login", \
		.status = 401, .reply = "{\"errorCode\":\"401001\"}" \
	}
#define VERSION \
	{ \
		.method = "GET", .url = POD "/api/3.4/serverinfo", \
		.status = 200, \
		.reply = "{\"serverInfo\":{\"restApiVersion\":\"3.28\"}}" \
	}
#define SIGNIN_REFUSED \
	{ \
		.method = "POST", .url = POD "/api/3.28/auth/signin", \
		.status = 401, .reply = "{\"error\":{\"code\":\"401001\"}}" \
	}

static void
open_with_key(struct bench *b, struct rotate *rotate, struct fake_key *key)
{
	set_claims();
	set_site();
	open_rotate(b, rotate, SETTINGS);
	(void)unsetenv("SIGNET_KEY");
	bench_give_key(b, key);
	assert_ok(b, sg_list_add(&rotate->rotation->targets, "tcm", &b->err));
	assert_ok(b,
	    sg_list_add(&rotate->rotation->targets, SITE "=harbor", &b->err));
}

static void
where_the_old_key_is_refused_the_new_one_is_not_tried(void **state)
{
	static const struct step steps[] = {
	    LOGIN(200), SIGN_OUT, VERSION, SIGNIN_REFUSED};
	struct bench *b = *state;
	struct rotate rotate;
	struct fake_key key;

	PLAY(b, steps);
	open_with_key(b, &rotate, &key);
	assert_ok(b, rotate_targets_settle(&rotate, &b->err));
	assert_played(b);
	assert_int_equal(rotate.rotation->targets.count, 1);
	assert_string_equal(rotate.rotation->targets.items[0], "tcm");
	assert_has(heard(b), "harbor");
	close_rotate(b, &rotate);
}

static void
a_key_that_signs_in_nowhere_is_not_rotated(void **state)
{
	static const struct step steps[] = {
	    LOGIN_REFUSED, VERSION, SIGNIN_REFUSED};
	static const struct step lost[] = {{.method = "POST",
	    .url = TCM "/api/v1/jwt/login",
	    .rc = SG_E_NETWORK,
	    .fault = SG_HTTP_LOST}};
	struct bench *b = *state;
	struct rotate rotate;
	struct fake_key key;

	PLAY(b, steps);
	open_with_key(b, &rotate, &key);
	assert_int_equal(rotate_targets_settle(&rotate, &b->err), SG_E_SESSION);
	assert_has(b->err.text, "the key in use");
	assert_played(b);
	close_rotate(b, &rotate);
	/* no answer is no refusal */
	PLAY(b, lost);
	open_with_key(b, &rotate, &key);
	assert_int_equal(rotate_targets_settle(&rotate, &b->err), SG_E_NETWORK);
	close_rotate(b, &rotate);
}

/* A 503 says nothing of the key, so nothing is begun on it. */
static void
trouble_at_a_target_does_not_drop_it(void **state)
{
	static const struct step passing[] = {LOGIN(503), LOGIN(429),
	    LOGIN(200), SIGN_OUT, VERSION, SIGNIN_REFUSED};
	static const int lasting[] = {429, 500, 502, 503, 403, 401};
	struct bench *b = *state;
	struct rotate rotate;
	struct fake_key key;
	size_t i;

	PLAY(b, passing);
	open_with_key(b, &rotate, &key);
	rotate.rotation->publish_s = 60;
	assert_ok(b, rotate_targets_settle(&rotate, &b->err));
	assert_played(b);
	assert_int_equal(rotate.rotation->targets.count, 1);
	assert_string_equal(rotate.rotation->targets.items[0], "tcm");
	close_rotate(b, &rotate);
	for (i = 0; i < SG_COUNT(lasting); i++) {
		const struct step steps[] = {LOGIN(lasting[i])};

		PLAY(b, steps);
		open_with_key(b, &rotate, &key);
		assert_refused(b, rotate_targets_settle(&rotate, &b->err),
		    SG_E_REFUSED, "the key in use");
		assert_played(b);
		close_rotate(b, &rotate);
	}
}

static void
the_time_to_settle_is_bounded(void **state)
{
	struct sg_rotation r = {.publish_s = 900};

	(void)state;
	assert_int_equal(rotate_settle_s(&r), 30);
	r.publish_s = 7;
	assert_int_equal(rotate_settle_s(&r), 7);
}

/* Each key is opened anew: here there is no token to open it in. */
static void
a_try_opens_the_key_that_it_is_about(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;
	struct fake_key key;

	PLAY_NOTHING(b);
	open_with_key(b, &rotate, &key);
	assert_refused(b, rotate_targets_try(&rotate, true, 0, &b->err),
	    TOKEN_WAS_OPENED, "with the new key");
	close_rotate(b, &rotate);
}

static void
a_pause_grows(void **state)
{
	int64_t before_ms;
	int64_t took_ms;
	int tries = 0;

	(void)state;
	do { /* the host may stand still meanwhile, but not each time */
		before_ms = sg_clock_mono_ms();
		rotate_pause(0);
		took_ms = sg_clock_mono_ms() - before_ms;
	} while (took_ms > 900 && ++tries < 50);
	assert_in_range(took_ms, 240, 900);
	before_ms = sg_clock_mono_ms();
	rotate_pause(2);
	assert_true(sg_clock_mono_ms() - before_ms >= 960);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(tenant_and_configured_site_are_known),
	    TEST(what_is_no_uuid_is_not_tried),
	    TEST(an_unknown_site_is_told_with_the_option),
	    TEST(what_cannot_be_tried_is_refused),
	    TEST(where_the_old_key_is_refused_the_new_one_is_not_tried),
	    TEST(a_key_that_signs_in_nowhere_is_not_rotated),
	    TEST(trouble_at_a_target_does_not_drop_it),
	    TEST(the_time_to_settle_is_bounded),
	    TEST(a_try_opens_the_key_that_it_is_about),
	    TEST(a_pause_grows),
	};

	return cmocka_run_group_tests_name("rotate_targets", tests, NULL, NULL);
}
