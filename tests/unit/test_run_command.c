/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/run_command.h"

#define OUTPUT_MAX 4096

static void
assert_prints(const char *text, const char *expected)
{
	SG_AUTO(sg_buf) output = NULL;
	struct sg_err err = {0};

	if (run_command(text, OUTPUT_MAX, 0, &output, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(sg_buf_str(output), expected);
}

static void
assert_fails(const char *text, enum sg_rc rc, const char *said)
{
	SG_AUTO(sg_buf) output = NULL;
	struct sg_err err = {0};

	assert_int_equal(run_command(text, OUTPUT_MAX, 0, &output, &err), rc);
	assert_null(output);
	if (strstr(err.text, said) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", said, err.text);
}

static void
words_are_split_at_blanks(void **state)
{
	(void)state;
	assert_prints("printf <%s> a b", "<a><b>");
	assert_prints("  printf \t <%s>  a\tb \t", "<a><b>");
	assert_prints("echo", "\n");
}

static void
quotes_keep_blanks_and_may_be_empty(void **state)
{
	(void)state;
	assert_prints("printf <%s> 'a b' \"c  d\"", "<a b><c  d>");
	assert_prints("printf <%s> '' \"\" x", "<><><x>");
	assert_prints("printf <%s> a'b c'd\"e f\"", "<ab cde f>");
	assert_prints("'printf' \"<%s>\" a", "<a>");
}

static void
one_kind_of_quote_keeps_the_other(void **state)
{
	(void)state;
	assert_prints("printf <%s> 'a\"b' \"c'd\"", "<a\"b><c'd>");
}

static void
backslash_takes_the_next_character(void **state)
{
	(void)state;
	assert_prints(
	    "printf <%s> a\\ b \\'c \\\"d \\\\", "<a b><'c><\"d><\\>");
	assert_prints("printf <%s> \"a\\\"b\"", "<a\"b>");
	/* But not between these: as in a shell. */
	assert_prints("printf <%s> 'a\\b'", "<a\\b>");
}

static void
nothing_is_expanded_and_no_shell_runs(void **state)
{
	(void)state;
	(void)setenv("SIGNET_TEST", "x", 1);
	assert_prints("printf <%s> $SIGNET_TEST ${SIGNET_TEST} \"$HOME\" ~ *",
	    "<$SIGNET_TEST><${SIGNET_TEST}><$HOME><~><*>");
	assert_prints("printf <%s> a;b a|b a>b a&b `id` $(id) #c",
	    "<a;b><a|b><a>b><a&b><`id`><$(id)><#c>");
	(void)unsetenv("SIGNET_TEST");
}

static void
command_that_cannot_be_split_is_refused(void **state)
{
	(void)state;
	assert_fails("echo 'a", SG_E_CONFIG, "not closed");
	assert_fails("echo \"a", SG_E_CONFIG, "not closed");
	assert_fails("echo \"a\\\"", SG_E_CONFIG, "not closed");
	assert_fails("echo a\\", SG_E_CONFIG, "not closed");
	assert_fails("", SG_E_CONFIG, "needs a command");
	assert_fails(" \t ", SG_E_CONFIG, "needs a command");
}

/* "echo" and this many words behind it. */
static struct sg_buf *
echo_of(size_t words)
{
	struct sg_buf *text = sg_buf_new(65536);

	sg_buf_add_str(text, "echo");
	while (words-- > 0)
		sg_buf_add_str(text, " x");
	return text;
}

static void
number_and_length_of_words_are_bounded(void **state)
{
	SG_AUTO(sg_buf) most = echo_of(62);
	SG_AUTO(sg_buf) more = echo_of(63);
	SG_AUTO(sg_buf) longer = sg_buf_new(65536);
	SG_AUTO(sg_buf) output = NULL;

	(void)state;
	assert_int_equal(
	    run_command(sg_buf_str(most), OUTPUT_MAX, 0, &output, NULL), SG_OK);
	assert_int_equal(output->len, 2 * 62);
	assert_fails(sg_buf_str(more), SG_E_CONFIG, "too many words");
	sg_buf_add_str(longer, "echo ");
	while (longer->len < 20000)
		sg_buf_add_byte(longer, 'x');
	assert_fails(sg_buf_str(longer), SG_E_USAGE, "the command");
}

static void
command_that_fails_gives_nothing(void **state)
{
	(void)state;
	assert_fails("false", SG_E_PIN_MISSING, "the command false failed");
	assert_fails("sh -c 'echo s3cret; exit 3'", SG_E_PIN_MISSING, "failed");
	assert_fails(
	    "sh -c 'echo s3cret; kill -9 $$'", SG_E_PIN_MISSING, "failed");
}

static void
error_holds_neither_arguments_nor_output(void **state)
{
	SG_AUTO(sg_buf) output = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(run_command("sh -c 'echo s3cret; exit 1' s3cret",
			     OUTPUT_MAX, 0, &output, &err),
	    SG_E_PIN_MISSING);
	assert_null(strstr(err.text, "s3cret"));
}

static void
command_that_is_absent_is_named(void **state)
{
	(void)state;
	assert_fails(
	    "/nowhere/pin-helper a", SG_E_PIN_MISSING, "/nowhere/pin-helper");
	assert_fails(
	    "signet-no-such-helper", SG_E_PIN_MISSING, "signet-no-such-helper");
	assert_fails("/tmp", SG_E_PIN_MISSING, "/tmp");
}

static void
output_is_taken_whole_and_as_it_is(void **state)
{
	SG_AUTO(sg_buf) output = NULL;

	(void)state;
	assert_int_equal(
	    run_command("printf 'a\\0b\\n\\n'", OUTPUT_MAX, 0, &output, NULL),
	    SG_OK);
	assert_int_equal(output->len, 5);
	assert_memory_equal(output->data, "a\0b\n\n", 5);
	assert_prints("true", "");
}

static void
output_is_bounded(void **state)
{
	SG_AUTO(sg_buf) output = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    run_command("printf 12345678", 8, 0, &output, NULL), SG_OK);
	assert_int_equal(output->len, 8);
	sg_buf_free(&output);
	assert_int_equal(run_command("printf 123456789", 8, 0, &output, &err),
	    SG_E_PIN_MISSING);
	assert_int_equal(err.rc, SG_E_PIN_MISSING);
	assert_null(output);
	assert_non_null(strstr(err.text, "the command's output"));
	/* Nor does one that never ends keep us. */
	assert_int_equal(
	    run_command("yes", 8, 0, &output, NULL), SG_E_PIN_MISSING);
}

static void
command_reads_nothing_of_ours(void **state)
{
	int before = dup(STDIN_FILENO);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "ours", 4), 4);
	assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
	assert_prints("cat", "");
	assert_true(dup2(before, STDIN_FILENO) >= 0);
	(void)close(before);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
command_inherits_no_descriptor_of_ours(void **state)
{
	char text[128];
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd > STDERR_FILENO);
	(void)snprintf(text, sizeof(text),
	    "sh -c 'test -e /proc/self/fd/%d && echo open || echo shut'", fd);
	assert_prints(text, "shut\n");
	(void)close(fd);
}

static void
nothing_is_left_running_or_open(void **state)
{
	int before = dup(STDIN_FILENO);
	int after;

	(void)state;
	(void)close(before);
	assert_prints("echo a", "a\n");
	assert_fails("false", SG_E_PIN_MISSING, "");
	assert_fails("/nowhere/helper", SG_E_PIN_MISSING, "");
	after = dup(STDIN_FILENO);
	(void)close(after);
	assert_int_equal(after, before);
}

static void
assert_given_up(const char *text, enum sg_rc rc, const char *said)
{
	SG_AUTO(sg_buf) output = NULL;
	struct sg_err err = {0};

	assert_int_equal(run_command(text, 8, 100, &output, &err), rc);
	assert_null(output);
	if (strstr(err.text, said) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", said, err.text);
	/* No child of ours is left, neither running nor to be waited for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
command_that_does_not_end_is_ended(void **state)
{
	(void)state;
	assert_given_up("sleep 1000", SG_E_TIMEOUT, "sleep did not end within");
	assert_given_up(
	    "sh -c 'echo 1234; exec sleep 1000'", SG_E_TIMEOUT, "did not end");
	assert_given_up("sh -c 'echo 1234; exec sleep 1000 >&-'", SG_E_TIMEOUT,
	    "did not end");
}

static void
command_that_will_not_end_is_killed(void **state)
{
	(void)state;
	assert_given_up("sh -c 'trap \"\" TERM; while :; do sleep 0.1; done'",
	    SG_E_TIMEOUT, "did not end");
}

static void
command_that_prints_without_end_is_ended(void **state)
{
	SG_AUTO(sg_buf) output = NULL;

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(
	    run_command("sh -c 'trap \"\" PIPE; while :; do echo x; done "
			"2>/dev/null'",
		8, 0, &output, NULL),
	    SG_E_PIN_MISSING);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_split_at_blanks),
	    cmocka_unit_test(quotes_keep_blanks_and_may_be_empty),
	    cmocka_unit_test(one_kind_of_quote_keeps_the_other),
	    cmocka_unit_test(backslash_takes_the_next_character),
	    cmocka_unit_test(nothing_is_expanded_and_no_shell_runs),
	    cmocka_unit_test(command_that_cannot_be_split_is_refused),
	    cmocka_unit_test(number_and_length_of_words_are_bounded),
	    cmocka_unit_test(command_that_fails_gives_nothing),
	    cmocka_unit_test(error_holds_neither_arguments_nor_output),
	    cmocka_unit_test(command_that_is_absent_is_named),
	    cmocka_unit_test(output_is_taken_whole_and_as_it_is),
	    cmocka_unit_test(output_is_bounded),
	    cmocka_unit_test(command_reads_nothing_of_ours),
	    cmocka_unit_test(command_inherits_no_descriptor_of_ours),
	    cmocka_unit_test(nothing_is_left_running_or_open),
	    cmocka_unit_test(command_that_does_not_end_is_ended),
	    cmocka_unit_test(command_that_will_not_end_is_killed),
	    cmocka_unit_test(command_that_prints_without_end_is_ended),
	};

	return cmocka_run_group_tests_name("run_command", tests, NULL, NULL);
}
