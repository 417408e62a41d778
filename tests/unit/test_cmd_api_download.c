/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#define URL    "https://bucket.test/log.json?X-Amz-Signature=5ecret"
#define GET_IT .method = "GET", .url = URL, .body = NO_BODY

static void
a_download_sends_no_credentials_whatever_is_set(void **state)
{
	static const struct step steps[] = {
	    {GET_IT, .status = 200, .reply = "line\n"}};
	struct bench *b = *state;

	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
	(void)setenv("CLOUD_MANAGER_URL", "https://bucket.test", 1);
	put("url", 0600, URL "\r\n\n");
	PLAY(b, steps);
	assert_ok(b, RUN(b, "api", "download", "url"));
	assert_played(b);
	assert_string_equal(product(b), "line\n");
	PLAY(b, steps);
	assert_ok(b, RUN(b, "api", "download", "url", "-o", "out", "--json"));
	assert_string_equal(text_of("out"), "line\n");
	assert_string_equal(product(b),
	    "{\"version\":1,\"status\":200,\"output\":\"out\",\"bytes\":5}\n");
}

static void
a_refusal_leaves_the_file_and_names_no_secret(void **state)
{
	static const struct {
		int status;
		const char *said;
	} cases[] = {
	    {302, "not followed"},
	    {307, "not followed"},
	    {401, "new one"},
	    {403, "new one"},
	    {429, "try again"},
	    {503, "try again"},
	    {404, "new one"},
	    {500, "HTTP 500"},
	};
	struct bench *b = *state;
	size_t i;

	put("url", 0600, URL);
	put("out", 0600, "old");
	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct step steps[] = {{GET_IT, .status = cases[i].status,
		    .retry_after_s = 3600, /* so that it is not repeated */
		    .reply = "<Error>5ecret</Error>",
		    .location = "https://else.test/?s=5ecret"}};

		PLAY(b, steps);
		assert_refused(b, RUN(b, "api", "download", "url", "-o", "out"),
		    SG_E_REFUSED, cases[i].said);
		assert_played(b);
		assert_has(b->err.text, "https://bucket.test");
		assert_has_not(b->err.text, "5ecret");
		assert_string_equal(text_of("out"), "old");
	}
}

static void
a_url_in_an_argument_or_of_another_kind_sends_nothing(void **state)
{
	static const char *const bad[] = {"", "\n",
	    "http://bucket.test/?s=5ecret", "file:///etc/passwd",
	    "https://u:5ecret@bucket.test/", URL "\n" URL, "no url 5ecret"};
	struct bench *b = *state;
	size_t i;

	PLAY_NOTHING(b);
	assert_refused(
	    b, RUN(b, "api", "download", URL), SG_E_USAGE, "stdin with -");
	assert_has_not(b->err.text, "5ecret");
	assert_refused(
	    b, RUN(b, "api", "download", "nowhere"), SG_E_IO, "nowhere");
	for (i = 0; i < SG_COUNT(bad); i++) {
		put("url", 0600, bad[i]);
		assert_refused(b, RUN(b, "api", "download", "url"), SG_E_USAGE,
		    "what is to be downloaded");
		assert_has_not(b->err.text, "5ecret");
	}
}

static void
a_name_that_begins_like_a_url_is_a_file(void **state)
{
	static const struct step steps[] = {{GET_IT, .status = 200}};
	struct bench *b = *state;

	put("https-url", 0600, URL);
	PLAY(b, steps);
	assert_ok(b, RUN(b, "api", "download", "https-url"));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_download_sends_no_credentials_whatever_is_set),
	    TEST(a_refusal_leaves_the_file_and_names_no_secret),
	    TEST(a_url_in_an_argument_or_of_another_kind_sends_nothing),
	    TEST(a_name_that_begins_like_a_url_is_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
