/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

static void
option_beats_the_setting_it_stands_for(void **state)
{
	static const struct {
		enum conf name;
		const char *line[5];
	} rows[] = {
	    {CONF_KEY, {"token", "list", "--key", "mine"}},
	    {CONF_MODULE, {"token", "list", "--module-path", "mine"}},
	    {CONF_PIN_SOURCE, {"token", "list", "--pin-source", "mine"}},
	    {CONF_TIMEOUT, {"token", "list", "--timeout", "mine"}},
	    {CONF_JWT_LIFETIME, {"jwt", "sign", "--lifetime", "mine"}},
	    {CONF_JWT_BACKDATE, {"jwt", "sign", "--backdate", "mine"}},
	    {CONF_USERNAME, {"jwt", "sign", "--user", "mine"}},
	    {CONF_ISSUER, {"jwt", "sign", "--issuer", "mine"}},
	    {CONF_KID, {"jwt", "sign", "--kid", "mine"}},
	    {CONF_USERNAME_CLAIM,
		{"uat", "create", "--username-claim", "mine"}},
	    {CONF_SITE_ID, {"login", "tableau", "--site", "mine"}},
	};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		const char *const *line = rows[i].line;
		const char *value = NULL;

		(void)setenv(conf_name(rows[i].name), "environment", 1);
		assert_ok(b, OPEN(b, line[0], line[1]));
		assert_int_equal(
		    conf_get(b->app.conf, rows[i].name, &value, NULL), SG_OK);
		assert_string_equal(value, "environment");
		assert_ok(b, OPEN(b, line[0], line[1], line[2], line[3]));
		assert_int_equal(
		    conf_get(b->app.conf, rows[i].name, &value, NULL), SG_OK);
		assert_string_equal(value, "mine");
		assert_int_equal(conf_origin_of(b->app.conf, rows[i].name),
		    CONF_COMMAND_LINE);
	}
}

static void
configuration_that_was_named_is_read(void **state)
{
	struct bench *b = *state;
	const char *value = NULL;

	put(".env", 0600, "SIGNET_KID=local\n");
	put("my.env", 0600, "SIGNET_KID=named\n");
	assert_ok(b, OPEN(b, "status", "--config", "my.env"));
	assert_int_equal(conf_get(b->app.conf, CONF_KID, &value, NULL), SG_OK);
	assert_string_equal(value, "named");
	assert_refused(b, OPEN(b, "status", "--config", "none.env"),
	    SG_E_CONFIG, "none.env");
}

static void
text_cannot_drive_a_terminal(void **state)
{
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "status"));
	app_text(&b->app, "a\x1b[31m\nb\r\t\x7f \xc2\x9b"
			  "31m \xff \xc3\xa9");
	assert_string_equal(product(b), "a?[31m?b??? ??31m ? \xc3\xa9");
	app_text(&b->app, "");
	app_text(&b->app, "\x1b");
	assert_string_equal(product(b), "a?[31m?b??? ??31m ? \xc3\xa9?");
}

static void
field_is_one_line_with_its_name(void **state)
{
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "status"));
	app_field(&b->app, "url", "https://x");
	app_field(&b->app, "absent", NULL);
	app_field(&b->app, "empty", "");
	app_field(&b->app, "a longer name", "x\nuser id      forged");
	assert_string_equal(product(b),
	    "url          https://x\n"
	    "empty        \n"
	    "a longer name x?user id      forged\n");
}

static void
json_is_one_object_with_its_version(void **state)
{
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "status", "--json"));
	assert_true(app_json(&b->app));
	app_json_begin(&b->app);
	sg_jsonw_str(&b->app.json, "a", "\x1b\n\"");
	assert_ok(b, app_json_end(&b->app, &b->err));
	assert_string_equal(
	    product(b), "{\"version\":1,\"a\":\"\\u001b\\n\\\"\"}\n");
	assert_ok(b, OPEN(b, "status"));
	assert_false(app_json(&b->app));
}

static void
json_that_is_no_utf8_is_not_handed_out(void **state)
{
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "status", "--json"));
	app_json_begin(&b->app);
	sg_jsonw_str(&b->app.json, "a", "\xff");
	assert_refused(
	    b, app_json_end(&b->app, &b->err), SG_E_USAGE, "the output");
}

static void
hints_are_heard_unless_quiet(void **state)
{
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "status", "--quiet"));
	app_hint(&b->app, "not this %d", 1);
	assert_ok(b, OPEN(b, "status"));
	app_hint(&b->app, "but \x1b[31m\nthis %d", 2);
	assert_string_equal(heard(b), "signet: but ?[31m?this 2\n");
}

static void
traces_are_heard_only_when_verbose(void **state)
{
	struct bench *b = *state;

	put("my.env", 0600, "");
	assert_ok(b, OPEN(b, "status"));
	app_trace(&b->app, "not this");
	assert_ok(b, OPEN(b, "status", "-v", "--config", "my.env"));
	app_trace(&b->app, "but this\x7f");
	assert_string_equal(
	    heard(b), "signet: configuration: my.env\nsignet: but this?\n");
}

static void
hint_of_any_length_ends_in_a_newline(void **state)
{
	struct bench *b = *state;
	char text[SG_ERR_TEXT_MAX * 2];
	size_t len;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_ok(b, OPEN(b, "status"));
	app_hint(&b->app, "%s", text);
	len = strlen(heard(b));
	assert_int_equal(len, strlen("signet: ") + SG_ERR_TEXT_MAX);
	assert_int_equal(heard(b)[len - 1], '\n');
}

static void
input_is_a_file_or_stdin(void **state)
{
	SG_AUTO(sg_buf) input = NULL;
	struct bench *b = *state;
	int before = dup(STDIN_FILENO);
	int fd;

	put("in", 0666, "a");
	assert_ok(b, app_read_input("in", "the input", 10, &input, &b->err));
	assert_string_equal(sg_buf_str(input), "a");
	sg_buf_free(&input);
	put("in", 0666, "from stdin");
	fd = open("in", O_RDONLY | O_CLOEXEC);
	assert_true(dup2(fd, STDIN_FILENO) >= 0);
	(void)close(fd);
	assert_ok(b, app_read_input("-", "the input", 10, &input, &b->err));
	assert_true(dup2(before, STDIN_FILENO) >= 0);
	(void)close(before);
	assert_string_equal(sg_buf_str(input), "from stdin");
}

static void
input_that_cannot_be_read_is_named(void **state)
{
	SG_AUTO(sg_buf) input = NULL;
	struct bench *b = *state;

	assert_refused(b, app_read_input("none", "--data", 9, &input, &b->err),
	    SG_E_IO, "read --data: open none");
	memset(&b->err, 0, sizeof(b->err));
	put("in", 0600, "0123456789");
	assert_refused(b, app_read_input("in", "--data", 9, &input, &b->err),
	    SG_E_USAGE, "read --data: in is larger than 9 bytes");
	assert_null(input);
}

static void
closing_what_was_never_opened_is_harmless(void **state)
{
	struct app app = {0};

	(void)state;
	app_close(&app);
	app_close(&app);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(option_beats_the_setting_it_stands_for),
	    TEST(configuration_that_was_named_is_read),
	    TEST(text_cannot_drive_a_terminal),
	    TEST(field_is_one_line_with_its_name),
	    TEST(json_is_one_object_with_its_version),
	    TEST(json_that_is_no_utf8_is_not_handed_out),
	    TEST(hints_are_heard_unless_quiet),
	    TEST(traces_are_heard_only_when_verbose),
	    TEST(hint_of_any_length_ends_in_a_newline),
	    TEST(input_is_a_file_or_stdin),
	    TEST(input_that_cannot_be_read_is_named),
	    TEST(closing_what_was_never_opened_is_harmless),
	};

	return cmocka_run_group_tests_name("app", tests, NULL, NULL);
}
