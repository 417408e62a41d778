/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include <sys/wait.h>

#include "cli/secret_source.h"

static void
assert_secret(const char *source, const char *expected)
{
	SG_AUTO(sg_secret) secret = NULL;
	struct sg_err err = {0};

	if (secret_source_read(source, "PIN", 0, &secret, &err) != SG_OK)
		fail_msg("%s: %s", source, err.text);
	assert_int_equal(sg_secret_len(secret), strlen(expected));
	assert_string_equal(sg_secret_reveal(secret), expected);
}

static void
assert_none(const char *source, enum sg_rc rc, const char *said)
{
	SG_AUTO(sg_secret) secret = NULL;
	struct sg_err err = {0};
	enum sg_rc got;

	got = secret_source_read(
	    source, "PIN of token \"dev\"", 0, &secret, &err);
	if (got != rc)
		fail_msg("%s: %s: %s", source, sg_rc_name(got), err.text);
	assert_null(secret);
	assert_int_equal(err.rc, rc);
	assert_has(err.text, "PIN of token \"dev\"");
	assert_has(err.text, said);
}

static void
file_is_read_by_name_or_path_alone(void **state)
{
	struct bench *b = *state;
	char path[128];

	put("pin", 0600, "1234");
	assert_secret("file:pin", "1234");
	assert_secret("file:./pin", "1234");
	(void)snprintf(path, sizeof(path), "%s/pin", b->dir);
	assert_secret(path, "1234");
	(void)snprintf(path, sizeof(path), "file:%s/pin", b->dir);
	assert_secret(path, "1234");
}

static void
one_newline_at_the_end_is_not_meant(void **state)
{
	static const struct {
		const char *text;
		const char *secret;
	} rows[] = {
	    {"1234\n", "1234"},
	    {"1234\r\n", "1234"},
	    {" 12 34 \n", " 12 34 "},
	    {"\t12\xC3\xA9\n", "\t12\xC3\xA9"},
	    {"\n", ""},
	    {"\r\n", ""},
	    {"", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		put("pin", 0600, rows[i].text);
		assert_secret("file:pin", rows[i].secret);
	}
}

static void
what_can_be_no_pin_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *said;
	} rows[] = {
	    {"1234\n\n", 6, "more than one line"},
	    {"1234\r", 5, "more than one line"},
	    {"1234\r\n\r\n", 8, "more than one line"},
	    {"\n1234", 5, "more than one line"},
	    {"1234\n5678\n", 10, "more than one line"},
	    {"12\0"
	     "34",
		5, "NUL byte"},
	    {"1234\0", 5, "NUL byte"},
	    {"\xFF\xFE"
	     "1\0002\0",
		6, "NUL byte"},
	    {"\xEF\xBB\xBF"
	     "1234",
		7, "byte order mark"},
	    {"\xEF\xBB\xBF\r\n", 5, "byte order mark"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		FILE *file = fopen("pin", "w");

		assert_non_null(file);
		assert_int_equal(
		    fwrite(rows[i].bytes, 1, rows[i].len, file), rows[i].len);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(chmod("pin", 0600), 0);
		assert_none("file:pin", SG_E_PIN_MISSING, rows[i].said);
		assert_none("cmd:cat pin", SG_E_PIN_MISSING, rows[i].said);
	}
	(void)setenv("SIGNET_TEST_PIN", "12\n34", 1);
	assert_none("env:SIGNET_TEST_PIN", SG_E_PIN_MISSING,
	    "SIGNET_TEST_PIN holds more than one line");
	(void)unsetenv("SIGNET_TEST_PIN");
}

static void
file_that_others_can_reach_is_refused(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0660, 0644, 0610, 0601};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(modes); i++) {
		put("pin", modes[i], "s3cret");
		assert_none("file:pin", SG_E_CONFIG, "chmod 600 pin");
	}
	put("pin", 0400, "1234");
	assert_secret("file:pin", "1234");
}

static void
absent_or_wrong_kind_of_file_is_a_missing_pin(void **state)
{
	(void)state;
	assert_none("file:none", SG_E_PIN_MISSING, "none");
	assert_none("/nowhere/pin", SG_E_PIN_MISSING, "/nowhere/pin");
	assert_none("file:", SG_E_PIN_MISSING, "");
	assert_none("file:.", SG_E_PIN_MISSING, "folder");
}

static void
file_of_absurd_size_is_refused(void **state)
{
	SG_AUTO(sg_buf) text = sg_buf_new(8192);

	(void)state;
	while (text->len < 4096)
		sg_buf_add_byte(text, 'x');
	put("pin", 0600, sg_buf_str(text));
	assert_secret("file:pin", sg_buf_str(text));
	sg_buf_add_byte(text, 'x');
	put("pin", 0600, sg_buf_str(text));
	assert_none("file:pin", SG_E_PIN_MISSING, "4096");
	(void)setenv("SIGNET_TEST_PIN", sg_buf_str(text), 1);
	assert_none("env:SIGNET_TEST_PIN", SG_E_PIN_MISSING, "4096");
	(void)unsetenv("SIGNET_TEST_PIN");
}

static void
fifo_is_read_once_to_its_end(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(mkfifo("pin", 0600), 0);
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open("pin", O_WRONLY);
		bool ok = fd >= 0 && write(fd, "12", 2) == 2;

		(void)usleep(20000);
		ok = ok && write(fd, "34\n", 3) == 3;
		/* A second reading would wait for ever; this tells it. */
		_exit(ok ? 0 : 1);
	}
	(void)alarm(120);
	assert_secret("file:pin", "1234");
	(void)alarm(0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
source_that_does_not_come_to_its_end_is_given_up(void **state)
{
	static const char *const sources[] = {
	    "file:fifo", "cmd:sleep 1000", NULL};
	char descriptor[16];
	int ends[2];
	size_t i;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(pipe(ends), 0); /* of which the writing end is open */
	(void)snprintf(descriptor, sizeof(descriptor), "fd:%d", ends[0]);
	for (i = 0; i < SG_COUNT(sources); i++) {
		SG_AUTO(sg_secret) secret = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    secret_source_read(
			sources[i] != NULL ? sources[i] : descriptor, "PIN", 50,
			&secret, &err),
		    SG_E_TIMEOUT);
		assert_null(secret);
		assert_has(err.text, "get the PIN: ");
		assert_has(err.text, "--timeout");
	}
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
fifo_that_others_can_reach_is_refused(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkfifo("pin", 0600), 0);
	assert_int_equal(chmod("pin", 0644), 0);
	fd = open("pin", O_RDWR | O_CLOEXEC); /* else opening it would wait */
	assert_true(fd >= 0);
	assert_none("file:pin", SG_E_CONFIG, "chmod 600 pin");
	(void)close(fd);
}

/* "fd:N" of a pipe that holds this text. */
static void
name_pipe(char source[16], int *out_fd, const char *text)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
	(void)close(ends[1]);
	(void)snprintf(source, 16, "fd:%d", ends[0]);
	*out_fd = ends[0];
}

static void
descriptor_is_read_to_its_end(void **state)
{
	char source[16];
	int fd;

	(void)state;
	name_pipe(source, &fd, "1234\n");
	assert_secret(source, "1234");
	(void)close(fd);
}

static void
descriptor_that_is_not_open_is_a_missing_pin(void **state)
{
	char source[16];
	int fd;

	(void)state;
	name_pipe(source, &fd, "1234");
	(void)close(fd);
	assert_none(source, SG_E_PIN_MISSING, "is not open");
	assert_none("fd:65535", SG_E_PIN_MISSING, "is not open");
}

static void
descriptor_must_be_a_number(void **state)
{
	static const char *const sources[] = {"fd:", "fd:x", "fd:3x", "fd:-1",
	    "fd:65536", "fd:99999999999999999999", "fd:0x3", "fd:3 "};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(sources); i++)
		assert_none(sources[i], SG_E_CONFIG, "fd: needs the number");
}

static void
variable_may_end_in_a_newline(void **state)
{
	(void)state;
	(void)setenv("SIGNET_TEST_PIN", "12 34\n", 1);
	assert_secret("env:SIGNET_TEST_PIN", "12 34");
	(void)unsetenv("SIGNET_TEST_PIN");
	assert_none("env:SIGNET_TEST_PIN", SG_E_PIN_MISSING, "SIGNET_TEST_PIN");
	assert_none("env:", SG_E_PIN_MISSING, "not set");
}

static void
commands_output_is_the_secret(void **state)
{
	(void)state;
	assert_secret("cmd:echo 1234", "1234");
	assert_secret("cmd:printf '12 34\\r\\n'", "12 34");
	assert_none("cmd:false", SG_E_PIN_MISSING, "failed");
	assert_none("cmd:/nowhere/helper", SG_E_PIN_MISSING, "/nowhere/helper");
	assert_none("cmd:", SG_E_CONFIG, "needs a command");
	assert_none("cmd:echo 'a", SG_E_CONFIG, "not closed");
}

static void
credential_is_a_file_of_systemds_folder(void **state)
{
	struct bench *b = *state;

	assert_none("cred:pin", SG_E_PIN_MISSING, "CREDENTIALS_DIRECTORY");
	(void)setenv("CREDENTIALS_DIRECTORY", b->dir, 1);
	put("pin", 0400, "1234\n");
	assert_secret("cred:pin", "1234");
	assert_none("cred:none", SG_E_PIN_MISSING, "none");
	put("pin", 0644, "1234\n");
	assert_none("cred:pin", SG_E_CONFIG, "chmod 600");
}

static void
credential_is_no_path(void **state)
{
	static const char *const sources[] = {
	    "cred:", "cred:../pin", "cred:/etc/passwd", "cred:a/b", "cred:.x"};
	struct bench *b = *state;
	size_t i;

	(void)setenv("CREDENTIALS_DIRECTORY", b->dir, 1);
	put("pin", 0600, "1234");
	put(".x", 0600, "1234");
	for (i = 0; i < SG_COUNT(sources); i++)
		assert_none(
		    sources[i], SG_E_CONFIG, "is no name of a credential");
}

static void
without_a_terminal_prompt_is_a_missing_pin(void **state)
{
	(void)state;
	assert_none("prompt", SG_E_PIN_MISSING, "there is no terminal");
	assert_none(NULL, SG_E_PIN_MISSING, "there is no terminal");
}

static void
anything_else_is_no_source_and_is_not_repeated(void **state)
{
	/* Who puts the PIN itself there does not want to read it again. */
	static const char *const sources[] = {"s3cret", "", "pin:s3cret",
	    "FILE:s3cret", "prompt:s3cret", "prompts3cret", "./s3cret",
	    " file:s3cret", "|s3cret", "file", "env"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(sources); i++) {
		SG_AUTO(sg_secret) secret = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    secret_source_read(sources[i], "PIN", 0, &secret, &err),
		    SG_E_CONFIG);
		assert_null(secret);
		assert_has(err.text, "prompt, file:PATH, fd:N, env:NAME");
		assert_has_not(err.text, "s3cret");
	}
}

static void
error_never_holds_the_secret(void **state)
{
	SG_AUTO(sg_secret) secret = NULL;
	struct sg_err err = {0};

	(void)state;
	put("pin", 0644, "s3cret");
	assert_int_equal(
	    secret_source_read("file:pin", "PIN", 0, &secret, &err),
	    SG_E_CONFIG);
	assert_has_not(err.text, "s3cret");
}

static void
only_cmd_runs_a_command(void **state)
{
	(void)state;
	assert_true(secret_source_runs_command("cmd:echo 1"));
	assert_true(secret_source_runs_command("|echo 1"));
	assert_false(secret_source_runs_command("file:cmd:"));
	assert_false(secret_source_runs_command("prompt"));
	assert_false(secret_source_runs_command(""));
}

static void
descriptor_of_signets_own_is_none(void **state)
{
	char source[16];
	int fd;

	(void)state;
	name_pipe(source, &fd, "1234");
	assert_int_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	assert_none(source, SG_E_PIN_MISSING, "was not given to signet");
	/* Nothing was read from it. */
	assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
	assert_secret(source, "1234");
	(void)close(fd);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(file_is_read_by_name_or_path_alone),
	    TEST(one_newline_at_the_end_is_not_meant),
	    TEST(what_can_be_no_pin_is_refused),
	    TEST(file_that_others_can_reach_is_refused),
	    TEST(absent_or_wrong_kind_of_file_is_a_missing_pin),
	    TEST(file_of_absurd_size_is_refused),
	    TEST(fifo_is_read_once_to_its_end),
	    TEST(source_that_does_not_come_to_its_end_is_given_up),
	    TEST(fifo_that_others_can_reach_is_refused),
	    TEST(descriptor_is_read_to_its_end),
	    TEST(descriptor_that_is_not_open_is_a_missing_pin),
	    TEST(descriptor_must_be_a_number),
	    TEST(variable_may_end_in_a_newline),
	    TEST(commands_output_is_the_secret),
	    TEST(credential_is_a_file_of_systemds_folder),
	    TEST(credential_is_no_path),
	    TEST(without_a_terminal_prompt_is_a_missing_pin),
	    TEST(anything_else_is_no_source_and_is_not_repeated),
	    TEST(error_never_holds_the_secret),
	    TEST(only_cmd_runs_a_command),
	    TEST(descriptor_of_signets_own_is_none),
	};

	return cmocka_run_group_tests_name("secret_source", tests, NULL, NULL);
}
