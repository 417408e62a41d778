/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

#include "cli/uat/stop_effect.h"

/* The token of these tests is not there: what it would sign is never sent. */
static void
without_a_jwt_nothing_is_known(void **state)
{
	struct bench *b = *state;
	struct sg_err answer = {0};

	set_tcm();
	set_claims();
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "stop"));
	assert_int_equal(
	    stop_effect(&b->app, SG_SERVICE_TCM, &answer), STOP_EFFECT_UNKNOWN);
	assert_int_equal(answer.rc, TOKEN_WAS_OPENED);
}

static void
site_whose_version_is_refused_shows_nothing(void **state)
{
	static const struct step steps[] = {
	    {.method = "GET",
		.url = "https://pod.test/api/3.4/serverinfo",
		.body = NO_BODY,
		.status = 403},
	};
	struct bench *b = *state;
	struct sg_err answer = {0};

	set_tcm();
	set_claims();
	(void)setenv("TABLEAU_CLOUD_POD_URL", "https://pod.test", 1);
	(void)setenv("TABLEAU_CLOUD_SITE_ID", "acme", 1);
	PLAY(b, steps);
	assert_ok(b, OPEN(b, "uat", "stop"));
	assert_int_equal(stop_effect(&b->app, SG_SERVICE_TABLEAU, &answer),
	    STOP_EFFECT_UNKNOWN);
	assert_played(b);
	assert_int_equal(answer.rc, SG_E_NETWORK);
	assert_has(answer.text, "403");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(without_a_jwt_nothing_is_known),
	    TEST(site_whose_version_is_refused_shows_nothing),
	};

	return cmocka_run_group_tests_name("stop_effect", tests, NULL, NULL);
}
