/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include "fake_app.h"

#include <stdlib.h>

#define TCM "https://tcm.test"

#define SIGN_IN \
	{ \
		.method = "POST", .url = TCM "/api/v1/pat/login", \
		.status = 200, .reply = "{\"sessionToken\":\"t0ken\"}" \
	}
/* A session that is not kept is given back. */
#define SIGN_OUT \
	{ \
		CALL("DELETE", "/api/v2/sessions", NO_BODY), .status = 204 \
	}
#define CALL(what, where, sent) \
	.method = what, .url = TCM where, .body = sent, \
	.header = "x-tableau-session-token", .auth = "t0ken"

static void
set_tcm(void)
{
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
}

#define API(b, ...) RUN(b, "api", "tcm", "--no-cache", __VA_ARGS__)

static int
open_null(void)
{
	return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* The terminal's side of a pair; its other side is left open. */
static int
open_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	return open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* Run a line while stdout is this descriptor, which is then closed. */
static enum sg_rc
with_stdout(struct bench *b, int fd, const char *const *line)
{
	int before = dup(STDOUT_FILENO);
	enum sg_rc rc;

	assert_true(fd >= 0 && before >= 0);
	(void)fflush(stdout);
	(void)dup2(fd, STDOUT_FILENO);
	(void)close(fd);
	rc = bench_run(b, line);
	(void)fflush(stdout);
	(void)dup2(before, STDOUT_FILENO);
	(void)close(before);
	return rc;
}

static void
reply_is_the_product(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/tenants", NO_BODY), .status = 200,
		.reply = "{ \"a\": 1 }"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, with_stdout(b, open_null(),
			 LINE("api", "tcm", "--no-cache", "get", "/tenants")));
	assert_played(b);
	assert_string_equal(product(b), "{ \"a\": 1 }");
}

static void
newline_is_added_only_at_a_terminal_and_where_there_is_none(void **state)
{
	static const struct {
		const char *reply;
		const char *at_terminal;
	} rows[] = {{"a\n", "a\n"}, {"a", "a\n"}, {"", ""}};
	struct bench *b = *state;
	size_t i;

	set_tcm();
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct step steps[] = {
		    SIGN_IN,
		    {CALL("GET", "/api/v1/x", NO_BODY), .status = 200,
			.reply = rows[i].reply},
		    SIGN_OUT,
		};

		PLAY(b, steps);
		assert_ok(
		    b, with_stdout(b, open_null(),
			   LINE("api", "tcm", "--no-cache", "GET", "/x")));
		assert_played(b);
		assert_string_equal(product(b), rows[i].reply);
		PLAY(b, steps);
		assert_ok(
		    b, with_stdout(b, open_terminal(),
			   LINE("api", "tcm", "--no-cache", "GET", "/x")));
		assert_string_equal(product(b), rows[i].at_terminal);
	}
}

static void
json_holds_status_and_body(void **state)
{
	static const struct step json[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/x", NO_BODY), .status = 200,
		.reply = "{ \"a\": [1] }"},
	    SIGN_OUT,
	};
	static const struct step text[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/x", NO_BODY), .status = 202, .reply = "<a/>"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, json);
	assert_ok(b, API(b, "GET", "/x", "--json"));
	assert_string_equal(product(b),
	    "{\"version\":1,\"status\":200,\"body\":{\"a\":[1]}}\n");
	PLAY(b, text);
	assert_ok(b, API(b, "GET", "/x", "--json"));
	assert_string_equal(
	    product(b), "{\"version\":1,\"status\":202,\"text\":\"<a/>\"}\n");
}

static void
data_is_sent_as_it_is(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("POST", "/api/v1/x?y=1", "{ \"a\" : 1 }\n"), .status = 200},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	put("body.json", 0600, "{ \"a\" : 1 }\n");
	PLAY(b, steps);
	assert_ok(b, API(b, "POST", "/x?y=1", "--data", "body.json"));
	assert_played(b);
}

static void
output_file_is_private_and_leaves_stdout_empty(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/x", NO_BODY), .status = 200, .reply = "a"},
	    SIGN_OUT,
	};
	struct bench *b = *state;
	struct stat st;

	set_tcm();
	put("out", 0644, "old");
	PLAY(b, steps);
	assert_ok(b, API(b, "GET", "/x", "-o", "out"));
	assert_string_equal(product(b), "");
	assert_string_equal(text_of("out"), "a");
	assert_int_equal(stat("out", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
bad_method_or_data_sends_nothing(void **state)
{
	static const char *const methods[] = {"", "GE T", "GET\r\nX: y", "G3T",
	    "GET /", "AVERYLONGMETHODNAME", "-"};
	static const struct {
		const char *file;
		enum sg_rc rc;
		const char *said;
	} data[] = {
	    {"none", SG_E_IO, "read --data: open none"},
	    {"empty", SG_E_USAGE, "read the body of --data"},
	    {"text", SG_E_USAGE, "read the body of --data"},
	    {"twice", SG_E_USAGE, "read the body of --data"},
	};
	struct bench *b = *state;
	size_t i;

	set_tcm();
	put("empty", 0600, "");
	put("text", 0600, "a=b");
	put("twice", 0600, "{\"a\":1,\"a\":2}");
	PLAY_NOTHING(b);
	for (i = 0; i < SG_COUNT(methods); i++)
		assert_refused(b, API(b, methods[i], "/x"), SG_E_USAGE,
		    "is no HTTP method");
	for (i = 0; i < SG_COUNT(data); i++)
		assert_refused(b, API(b, "POST", "/x", "--data", data[i].file),
		    data[i].rc, data[i].said);
}

static void
token_goes_to_no_other_host(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_refused(b, API(b, "GET", "https://other.test/api/v1/x"),
	    SG_E_POLICY, "other.test");
	assert_played(b);
}

static void
pages_are_given_as_one(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/x?a=1", NO_BODY), .status = 200,
		.reply = "{\"files\":[{\"n\":1}],\"pageToken\":\"+/\"}"},
	    {CALL("GET", "/api/v1/x?a=1&pageToken=%2B%2F", NO_BODY),
		.status = 200,
		.reply = "{\"files\":[{\"n\":2}],\"pageToken\":null}"},
	    SIGN_OUT,
	};
	static const char one[] = "{\"files\":[{\"n\":1},{\"n\":2}]}";
	struct bench *b = *state;
	char json[128];
	char line[64];

	set_tcm();
	(void)snprintf(line, sizeof(line), "%s\n", one);
	(void)snprintf(json, sizeof(json),
	    "{\"version\":1,\"status\":200,\"pages\":2,\"body\":%s}\n", one);
	PLAY(b, steps);
	assert_ok(b, API(b, "GET", "/x?a=1", "--paginate"));
	assert_played(b);
	assert_string_equal(product(b), line);
	PLAY(b, steps);
	assert_ok(b, API(b, "get", "/x?a=1", "--paginate", "--json"));
	assert_string_equal(product(b), json);
	PLAY(b, steps);
	assert_ok(b, API(b, "GET", "/x?a=1", "--paginate", "-o", "out"));
	assert_string_equal(product(b), "");
	assert_string_equal(text_of("out"), line);
}

static void
no_page_is_no_product(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/x", NO_BODY), .status = 204},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, API(b, "GET", "/x", "--paginate"));
	assert_string_equal(product(b), "");
	PLAY(b, steps);
	assert_ok(b, API(b, "GET", "/x", "--paginate", "--json"));
	assert_string_equal(product(b),
	    "{\"version\":1,\"status\":204,\"pages\":0,\"body\":null}\n");
}

static void
only_a_get_has_pages(void **state)
{
	struct bench *b = *state;

	set_tcm();
	put("body.json", 0600, "{}");
	PLAY_NOTHING(b);
	assert_refused(b, API(b, "POST", "/x", "--paginate"), SG_E_USAGE,
	    "--paginate is for a GET");
	assert_refused(b,
	    API(b, "GET", "/x", "--paginate", "--data", "body.json"),
	    SG_E_USAGE, "--paginate is for a GET");
}

static void
refused_call_gives_no_product(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/x", NO_BODY), .status = 403, .reply = "no"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	put("out", 0600, "old");
	PLAY(b, steps);
	assert_refused(
	    b, API(b, "GET", "/x", "-o", "out"), SG_E_REFUSED, "403");
	assert_string_equal(product(b), "");
	assert_string_equal(text_of("out"), "old");
	assert_has_not(b->err.text, "t0ken");
	assert_has_not(b->err.text, "s3cret");
}

static void
one_sign_in_serves_many_calls(void **state)
{
	static const struct step first[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/x", NO_BODY), .status = 200},
	};
	static const struct step second[] = {
	    {CALL("GET", "/api/v1/x", NO_BODY), .status = 200}};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, first);
	assert_ok(b, RUN(b, "api", "tcm", "GET", "/x"));
	assert_played(b);
	PLAY(b, second);
	assert_ok(b, RUN(b, "api", "tcm", "GET", "/x"));
	assert_played(b);
}

static void
tableau_needs_its_settings_before_anything_is_sent(void **state)
{
	struct bench *b = *state;

	PLAY_NOTHING(b);
	assert_refused(b, RUN(b, "api", "tableau", "GET", "/x"), SG_E_CONFIG,
	    "TABLEAU_CLOUD_POD_URL");
	(void)setenv("TABLEAU_CLOUD_POD_URL", "https://pod.test", 1);
	assert_refused(b,
	    RUN(b, "api", "tableau", "G3T", "/x", "--site", "mysite"),
	    SG_E_USAGE, "is no HTTP method");
}

static void
body_that_is_no_text_is_base64url_in_json(void **state)
{
	static const struct {
		const char *reply;
		size_t len;
		const char *shown;
	} rows[] = {
	    {"\xff\xfe", 2, "\"base64url\":\"__4\""},
	    {"a\0b", 3, "\"base64url\":\"YQBi\""},
	    {"a\xc3\xbc", 3, "\"text\":\"a\xc3\xbc\""},
	};
	struct bench *b = *state;
	char expected[128];
	size_t i;

	set_tcm();
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct step steps[] = {
		    SIGN_IN,
		    {CALL("GET", "/api/v1/x", NO_BODY), .status = 200,
			.reply = rows[i].reply, .reply_len = rows[i].len},
		    SIGN_OUT,
		};

		PLAY(b, steps);
		assert_ok(b, API(b, "GET", "/x", "--json"));
		(void)snprintf(expected, sizeof(expected),
		    "{\"version\":1,\"status\":200,%s}\n", rows[i].shown);
		assert_string_equal(product(b), expected);
	}
}

static void
bytes_come_out_as_they_came_in(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/x", NO_BODY), .status = 200,
		.reply = "a\0\xff\r", .reply_len = 4},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, with_stdout(b, open_null(),
			 LINE("api", "tcm", "--no-cache", "GET", "/x")));
	assert_int_equal(b->app.out->len, 4);
	assert_memory_equal(b->app.out->data, "a\0\xff\r", 4);
}

static void
output_may_be_stdout_by_name(void **state)
{
	static const char *const names[] = {"-", "/dev/stdout"};
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", "/api/v1/x", NO_BODY), .status = 200, .reply = "[1]"},
	    SIGN_OUT,
	};
	struct bench *b = *state;
	struct stat st;
	size_t i;

	set_tcm();
	for (i = 0; i < SG_COUNT(names); i++) {
		PLAY(b, steps);
		assert_ok(b, with_stdout(b, open_null(),
				 LINE("api", "tcm", "--no-cache", "GET", "/x",
				     "-o", names[i])));
		assert_string_equal(product(b), "[1]");
		PLAY(b, steps);
		assert_ok(b, API(b, "GET", "/x", "--json", "-o", names[i]));
		assert_string_equal(product(b),
		    "{\"version\":1,\"status\":200,\"body\":[1]}\n");
	}
	assert_int_equal(stat("-", &st), -1);
}

static void
output_that_cannot_be_written_sends_nothing(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_refused(b, API(b, "POST", "/x", "-o", "nowhere/out"), SG_E_IO,
	    "write to nowhere/out");
	assert_refused(
	    b, API(b, "POST", "/x", "-o", "."), SG_E_IO, "is a folder");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(reply_is_the_product),
	    TEST(newline_is_added_only_at_a_terminal_and_where_there_is_none),
	    TEST(json_holds_status_and_body),
	    TEST(data_is_sent_as_it_is),
	    TEST(output_file_is_private_and_leaves_stdout_empty),
	    TEST(bad_method_or_data_sends_nothing),
	    TEST(token_goes_to_no_other_host),
	    TEST(pages_are_given_as_one),
	    TEST(no_page_is_no_product),
	    TEST(only_a_get_has_pages),
	    TEST(refused_call_gives_no_product),
	    TEST(one_sign_in_serves_many_calls),
	    TEST(tableau_needs_its_settings_before_anything_is_sent),
	    TEST(body_that_is_no_text_is_base64url_in_json),
	    TEST(bytes_come_out_as_they_came_in),
	    TEST(output_may_be_stdout_by_name),
	    TEST(output_that_cannot_be_written_sends_nothing),
	};

	return cmocka_run_group_tests_name("cmd_api", tests, NULL, NULL);
}
