/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/canary.h"

#include "fake_signer.h"

#include "cli/cloud/sign_in.h"

#define TCM "https://tcm.test"
#define POD "https://pod.test"
#define SIGN_IN(answer) \
	{ \
		.method = "POST", .url = TCM "/api/v1/jwt/login", \
		.status = answer, \
		.reply = "{\"sessionToken\":\"t0ken\",\"userId\":\"u-1\"," \
			 "\"tenantId\":\"" TENANT "\"}" \
	}
#define SIGN_OUT(answer) \
	{ \
		.method = "DELETE", .url = TCM "/api/v2/sessions", \
		.header = "x-tableau-session-token", .auth = "t0ken", \
		.status = answer \
	}
#define VERSION \
	{ \
		.method = "GET", .url = POD "/api/3.4/serverinfo", \
		.status = 200, \
		.reply = "{\"serverInfo\":{\"restApiVersion\":\"3.28\"}}" \
	}

static void
open_run(struct bench *b, struct fake_key *key)
{
	set_claims();
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	(void)setenv("TABLEAU_CLOUD_POD_URL", POD, 1);
	assert_ok(b, OPEN(b, "login", "tcm"));
	bench_give_key(b, key);
}

static void
what_was_signed_in_is_signed_out(void **state)
{
	static const struct step steps[] = {SIGN_IN(200), SIGN_OUT(204)};
	struct bench *b = *state;
	struct fake_key key;

	PLAY(b, steps);
	open_run(b, &key);
	assert_ok(b, canary_tcm(&b->app, &b->err));
	assert_played(b);
	assert_int_not_equal(access(".cache", F_OK), 0);
	bench_close(b);
}

static void
a_failed_sign_out_takes_nothing_back(void **state)
{
	static const struct step steps[] = {SIGN_IN(200), SIGN_OUT(500)};
	struct bench *b = *state;
	struct fake_key key;

	PLAY(b, steps);
	open_run(b, &key);
	assert_ok(b, canary_tcm(&b->app, &b->err));
	assert_played(b);
	bench_close(b);
}

static void
refused_and_unknown_are_told_apart(void **state)
{
	static const struct step refused[] = {{
	    .method = "POST",
	    .url = TCM "/api/v1/jwt/login",
	    .status = 401,
	    .reply = "{\"message\":\"no\"}",
	}};
	static const struct step by_another[] = {SIGN_IN(401)};
	static const struct step lost[] = {{
	    .method = "POST",
	    .url = TCM "/api/v1/jwt/login",
	    .rc = SG_E_NETWORK,
	    .fault = SG_HTTP_LOST,
	}};
	struct bench *b = *state;
	struct fake_key key;

	PLAY(b, refused);
	open_run(b, &key);
	assert_int_equal(canary_tcm(&b->app, &b->err), SG_E_SESSION);
	assert_played(b);
	PLAY(b, by_another);
	open_run(b, &key);
	assert_int_equal(canary_tcm(&b->app, &b->err), SG_E_REFUSED);
	assert_played(b);
	PLAY(b, lost);
	open_run(b, &key);
	assert_int_equal(canary_tcm(&b->app, &b->err), SG_E_NETWORK);
	assert_played(b);
	bench_close(b);
}

static void
a_site_is_the_one_named_or_the_configured_one(void **state)
{
	static const struct step steps[] = {VERSION,
	    {
		.method = "POST",
		.url = POD "/api/3.28/auth/signin",
		.status = 200,
		.reply = "{\"credentials\":{\"token\":\"t0ken\",\"site\":{"
			 "\"id\":\"" SITE "\",\"contentUrl\":\"mine\"},"
			 "\"user\":{\"id\":\"u-1\"}}}",
	    },
	    {
		.method = "POST",
		.url = POD "/api/3.28/auth/signout",
		.header = "X-Tableau-Auth",
		.auth = "t0ken",
		.status = 204,
	    }};
	const struct sign_in_site site = {
	    .pod_url = POD, .content_url = "mine", .id = SITE};
	struct bench *b = *state;
	struct fake_key key;

	PLAY(b, steps);
	open_run(b, &key);
	assert_refused(b, canary_tableau(&b->app, NULL, &b->err), SG_E_CONFIG,
	    "TABLEAU_CLOUD_SITE_ID");
	memset(&b->err, 0, sizeof(b->err));
	assert_ok(b, canary_tableau(&b->app, &site, &b->err));
	assert_played(b);
	bench_close(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		what_was_signed_in_is_signed_out, bench_setup, bench_teardown),
	    cmocka_unit_test_setup_teardown(
		a_failed_sign_out_takes_nothing_back, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(refused_and_unknown_are_told_apart,
		bench_setup, bench_teardown),
	    cmocka_unit_test_setup_teardown(
		a_site_is_the_one_named_or_the_configured_one, bench_setup,
		bench_teardown),
	};

	return cmocka_run_group_tests_name("canary", tests, NULL, NULL);
}
