/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_signer.h"

#include "signer/jwks.h"

#define URL "https://keys.test/jwks.json"

static char published[8192];

/* The set of the key that runs have, under this kid. */
static void
publish(const char *kid)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	SG_AUTO(sg_jwks) set = sg_jwks_new();
	SG_AUTO(sg_buf) text = sg_buf_new(sizeof(published) - 1);

	assert_int_equal(sg_jwks_add(set, rsa, kid, 0, NULL), SG_OK);
	assert_int_equal(sg_jwks_write(set, text, NULL), SG_OK);
	memcpy(published, text->data, text->len + 1);
}

static const struct step steps[] = {{.method = "GET",
    .url = URL,
    .body = NO_BODY,
    .status = 200,
    .content_type = "application/json",
    .cache_control = "max-age=60",
    .reply = published}};

static enum sg_rc
check(struct bench *b, const char *const *line)
{
	static struct fake_key key;

	PLAY(b, steps);
	set_claims();
	assert_ok(b, bench_open(b, line));
	bench_give_key(b, &key);
	return b->app.args.command->run(&b->app, &b->err);
}

static void
a_published_key_passes(void **state)
{
	struct bench *b = *state;

	publish(NULL);
	assert_ok(b, check(b, LINE("jwks", "check", URL)));
	assert_played(b);
	assert_has_not(product(b), "FAIL");
	assert_has_not(product(b), "unknown");
	assert_ok(b, check(b, LINE("jwks", "check", URL, "--json")));
	assert_has(product(b), "\"url\":\"" URL "\",\"result\":\"pass\"");
	bench_close(b);
}

static void
what_fails_is_told_with_the_points(void **state)
{
	struct bench *b = *state;

	publish("other");
	assert_refused(b, check(b, LINE("jwks", "check", URL)), SG_E_INVALID,
	    "fails at: kid");
	assert_true(b->app.out_stands);
	assert_has(product(b), "FAIL");
	assert_ok(b, check(b, LINE("jwks", "check", URL, "--kid", "other")));
	assert_refused(b, check(b, LINE("jwks", "check", URL, "--kid", "none")),
	    SG_E_INVALID, "fails at: kid");
	bench_close(b);
}

static void
no_answer_is_the_networks_fault(void **state)
{
	static const struct step lost[] = {{.method = "GET",
	    .url = URL,
	    .rc = SG_E_TIMEOUT,
	    .fault = SG_HTTP_LOST}};
	struct bench *b = *state;

	PLAY(b, lost);
	assert_refused(
	    b, RUN(b, "jwks", "check", URL), SG_E_TIMEOUT, "cannot be had");
	assert_has(heard(b), "no key is configured");
	assert_has(product(b), "no answer could be had");
}

static void
a_bad_url_or_key_is_told_before_anything_is_asked(void **state)
{
	struct bench *b = *state;

	PLAY_NOTHING(b);
	assert_refused(b, RUN(b, "jwks", "check", "http://keys.test/"),
	    SG_E_USAGE, "https");
	put("key.pem", 0644, "nothing");
	assert_refused(b,
	    RUN(b, "jwks", "check", URL, "--public-key", "key.pem"), SG_E_USAGE,
	    "take the key of --public-key");
	set_claims();
	assert_refused(
	    b, RUN(b, "jwks", "check", URL), TOKEN_WAS_OPENED, MODULE);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_published_key_passes),
	    TEST(what_fails_is_told_with_the_points),
	    TEST(no_answer_is_the_networks_fault),
	    TEST(a_bad_url_or_key_is_told_before_anything_is_asked),
	};

	return cmocka_run_group_tests_name("cmd_jwks_check", tests, NULL, NULL);
}
