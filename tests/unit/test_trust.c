/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/trust.h"

#include "client/http/curl_lazy.h"
#include "fake_http.h"

#include <sys/stat.h>
#include <unistd.h>

/* That each setting does what it says is shown by test_transport.c; that a
 * token's key serves is shown by tests/cli/test_cli_client_key.py. */

/* Each setting that names a file is refused with this one, and is named. */
static void
assert_no_file(const char *path, const char *said)
{
	const struct sg_transport_opts cases[] = {
	    {.ca_file = path}, {.client_cert = path}, {.client_key = path}};
	static const char *const says[] = {
	    "SIGNET_CA_FILE", "SIGNET_CLIENT_CERT", "SIGNET_CLIENT_KEY"};
	size_t i;

	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_trust trust = {0};
		struct sg_err err = {0};

		assert_int_equal(
		    sg_trust_fill(&trust, &cases[i], &err), SG_E_CONFIG);
		assert_has(err.text, says[i]);
		assert_has(err.text, said);
		assert_has(err.text, path);
		sg_trust_clear(&trust);
	}
}

static void
files_that_are_not_there_are_named(void **state)
{
	(void)state;
	assert_no_file("/nowhere/a.pem", "No such file");
}

/* A FIFO would be waited for, each time anew. */
static void
what_is_no_regular_file_is_not_waited_for(void **state)
{
	char dir[] = "/tmp/signet-test-XXXXXX";
	char fifo[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_no_file(fifo, "must be a regular file");
	assert_no_file(dir, "must be a regular file");
	assert_no_file("/dev/null", "must be a regular file");
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
a_key_in_a_token_is_no_file(void **state)
{
	const struct sg_transport_opts opts = {
	    .client_key = "pkcs11:token=a;object=b"};
	struct sg_trust trust = {0};
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_trust_fill(&trust, &opts, &err), SG_E_CONFIG);
	assert_has(err.text, "SIGNET_CLIENT_KEY");
	assert_has(err.text, "PEM");
	sg_trust_clear(&trust);
}

static void
what_the_options_name_is_copied(void **state)
{
	char path[] = "/proc/self/exe";
	const struct sg_transport_opts opts = {
	    .ca_file = path, .client_cert = path, .client_key = path};
	struct sg_trust trust = {0};

	(void)state;
	assert_int_equal(sg_trust_fill(&trust, &opts, NULL), SG_OK);
	path[0] = 'x';
	assert_string_equal(trust.ca_file, "/proc/self/exe");
	assert_string_equal(trust.client_cert, "/proc/self/exe");
	assert_string_equal(trust.client_key, "/proc/self/exe");
	sg_trust_clear(&trust);
}

static void
libcurl_takes_every_setting(void **state)
{
	const struct sg_transport_opts opts = {.ca_file = "/proc/self/exe"};
	struct sg_trust trust = {0};
	CURL *curl;

	(void)state;
	assert_int_equal(sg_curl_lazy_load(NULL), SG_OK);
	curl = curl_easy_init();
	assert_non_null(curl);
	assert_int_equal(sg_trust_fill(&trust, &opts, NULL), SG_OK);
	assert_int_equal(sg_trust_set(&trust, curl), CURLE_OK);
	curl_easy_cleanup(curl);
	sg_trust_clear(&trust);
}

static void
without_a_key_in_a_token_nothing_is_said_of_one(void **state)
{
	const struct sg_trust trust = {0};

	(void)state;
	assert_string_equal(
	    sg_trust_limit(&trust, CURLE_SSL_CONNECT_ERROR), "");
	assert_string_equal(sg_trust_limit(&trust, CURLE_RECV_ERROR), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_that_are_not_there_are_named),
	    cmocka_unit_test(what_is_no_regular_file_is_not_waited_for),
	    cmocka_unit_test(a_key_in_a_token_is_no_file),
	    cmocka_unit_test(what_the_options_name_is_copied),
	    cmocka_unit_test(libcurl_takes_every_setting),
	    cmocka_unit_test(without_a_key_in_a_token_nothing_is_said_of_one),
	};

	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
