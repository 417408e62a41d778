/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/terminal.h"
#include "default_signals.h"

#define WAIT_MS 60000

/* The asking process exits with 0 when it got this, and else with its code. */
#define ANSWER "a \"b\" 4 "

/* A terminal of our own, and who asks on it. */
struct seat {
	int master;
	pid_t asker;
	char shown[4096]; /* all that came up on the screen */
	size_t len;
};

static int
ask_secret(void)
{
	struct sg_secret *secret = NULL;
	struct sg_err err = {0};
	enum sg_rc rc;

	rc = terminal_ask_secret("PIN of token \"dev\"", &secret, &err);
	if (rc == SG_OK && (sg_secret_len(secret) != strlen(ANSWER) ||
			       strcmp(sg_secret_reveal(secret), ANSWER) != 0))
		rc = SG_E_INTERNAL;
	if (rc != SG_OK && secret != NULL)
		rc = SG_E_INTERNAL;
	if (rc != SG_OK && strstr(err.text, "PIN of token \"dev\"") == NULL)
		rc = SG_E_INTERNAL;
	sg_secret_free(&secret);
	return -rc;
}

/* When a session's leader ends, what it wrote last may never reach the screen:
 * it stays until one more line is typed. */
static int
ask_secret_and_stay(void)
{
	int code = ask_secret();
	char line[16];

	return read(STDIN_FILENO, line, sizeof(line)) > 0 ? code : 100;
}

/* Asks only after something was typed. */
static int
ask_late(void)
{
	struct pollfd typed = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&typed, 1, WAIT_MS) == 1 ? ask_secret() : 100;
}

static int
ask_empty(void)
{
	struct sg_secret *secret = NULL;
	enum sg_rc rc;

	rc = terminal_ask_secret("PIN", &secret, NULL);
	if (rc == SG_OK && sg_secret_len(secret) != 0)
		rc = SG_E_INTERNAL;
	sg_secret_free(&secret);
	return -rc;
}

static int
ask_confirm(void)
{
	struct sg_err err = {0};
	enum sg_rc rc;

	rc = terminal_confirm("Delete \"it\"?", &err);
	if (rc == SG_E_POLICY &&
	    strstr(err.text, "nothing was changed") == NULL)
		rc = SG_E_INTERNAL;
	return -rc;
}

/* As after Ctrl-S: the question itself does not come through. */
static int
ask_with_output_stopped(void)
{
	if (tcflow(STDIN_FILENO, TCOOFF) != 0)
		return 100;
	return ask_secret();
}

static int
ask_with_interrupts_ignored(void)
{
	struct sigaction before;

	if (sigaction(SIGINT, NULL, &before) != 0 ||
	    before.sa_handler != SIG_IGN)
		return 100;
	return ask_secret();
}

/* A thread, such as one of a module, that a signal comes to. */
static void *
be_hit(void *ctx)
{
	(void)ctx;
	(void)usleep(300 * 1000); /* the question is there by then */
	(void)pthread_kill(pthread_self(), SIGINT);
	return NULL;
}

static int
ask_while_another_thread_is_hit(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, be_hit, NULL) != 0)
		return 100;
	return ask_secret();
}

/* Start who asks, with the new terminal as its controlling one. */
static void
sit_down(struct seat *seat, int (*ask)(void))
{
	memset(seat, 0, sizeof(*seat));
	(void)fflush(NULL);
	seat->asker = forkpty(&seat->master, NULL, NULL, NULL);
	assert_true(seat->asker >= 0);
	if (seat->asker == 0)
		_exit(ask());
}

/* Read the screen until the text is on it. */
static void
see(struct seat *seat, const char *text)
{
	struct pollfd ready = {.fd = seat->master, .events = POLLIN};

	while (strstr(seat->shown, text) == NULL) {
		ssize_t got = -1;

		if (poll(&ready, 1, WAIT_MS) > 0)
			got = read(seat->master, seat->shown + seat->len,
			    sizeof(seat->shown) - 1 - seat->len);
		if (got <= 0)
			fail_msg("\"%s\" did not come after \"%s\"", text,
			    seat->shown);
		seat->len += (size_t)got;
	}
}

static void
type(const struct seat *seat, const char *text)
{
	assert_int_equal(write(seat->master, text, strlen(text)), strlen(text));
}

static bool
echoes(const struct seat *seat)
{
	struct termios now;

	assert_int_equal(tcgetattr(seat->master, &now), 0);
	return (now.c_lflag & ECHO) != 0;
}

/* How the asker ended, as wait() tells it; the screen is read to its end. */
static int
leave(struct seat *seat)
{
	int status = -1;
	ssize_t got;

	do {
		got = read(seat->master, seat->shown + seat->len,
		    sizeof(seat->shown) - 1 - seat->len);
		if (got > 0)
			seat->len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	assert_int_equal(waitpid(seat->asker, &status, 0), seat->asker);
	(void)close(seat->master);
	return status;
}

static void
assert_ended(struct seat *seat, enum sg_rc rc)
{
	int status = leave(seat);

	assert_true(WIFEXITED(status));
	assert_int_equal(-WEXITSTATUS(status), rc);
}

/* A signal ended it, and soon. */
static void
assert_signalled(struct seat *seat, int number)
{
	int status = 0;
	int tries;

	for (tries = 0; waitpid(seat->asker, &status, WNOHANG) == 0; tries++) {
		if (tries == WAIT_MS) {
			(void)kill(seat->asker, SIGKILL);
			fail_msg("signal %d ends nothing", number);
		}
		(void)usleep(1000);
	}
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
}

/* A second hold on the terminal, so that its state outlives the asker. */
static int
hold(const struct seat *seat)
{
	int fd = open(ptsname(seat->master), O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void
assert_echo(int fd, bool expected)
{
	struct termios now;

	assert_int_equal(tcgetattr(fd, &now), 0);
	assert_int_equal((now.c_lflag & ECHO) != 0, expected);
}

static void
secret_is_read_without_being_shown(void **state)
{
	struct seat seat;

	(void)state;
	sit_down(&seat, ask_secret_and_stay);
	see(&seat, "PIN of token \"dev\": ");
	assert_false(echoes(&seat));
	type(&seat, ANSWER "\n");
	see(&seat, "\n");
	assert_null(strstr(seat.shown, "a \"b\""));
	assert_string_equal(seat.shown, "PIN of token \"dev\": \r\n");
	type(&seat, "\n");
	assert_ended(&seat, SG_OK);
}

static void
what_was_typed_before_the_question_is_no_answer(void **state)
{
	struct seat seat;

	(void)state;
	sit_down(&seat, ask_late);
	type(&seat, "early\n");
	see(&seat, "PIN of token \"dev\": ");
	type(&seat, ANSWER "\n");
	assert_ended(&seat, SG_OK);
}

static void
terminal_echoes_again_after_the_answer(void **state)
{
	struct seat seat;
	int fd;

	(void)state;
	sit_down(&seat, ask_secret);
	see(&seat, ": ");
	fd = hold(&seat);
	assert_echo(fd, false);
	type(&seat, ANSWER "\n");
	see(&seat, "\n");
	assert_int_equal(waitpid(seat.asker, NULL, 0), seat.asker);
	assert_echo(fd, true);
	(void)close(fd);
	(void)close(seat.master);
}

static void
terminal_echoes_again_after_a_signal_that_still_ends_us(void **state)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(numbers); i++) {
		struct seat seat;
		int fd;

		sit_down(&seat, ask_secret);
		see(&seat, ": ");
		fd = hold(&seat);
		assert_echo(fd, false);
		assert_int_equal(kill(seat.asker, numbers[i]), 0);
		assert_signalled(&seat, numbers[i]);
		assert_echo(fd, true);
		(void)close(fd);
		(void)close(seat.master);
	}
}

static void
signal_that_another_thread_gets_is_not_lost(void **state)
{
	struct seat seat;
	int fd;

	(void)state;
	sit_down(&seat, ask_while_another_thread_is_hit);
	fd = hold(&seat);
	assert_signalled(&seat, SIGINT);
	assert_echo(fd, true);
	(void)close(fd);
	(void)close(seat.master);
}

static void
signal_before_the_reading_is_not_lost(void **state)
{
	struct seat seat;
	int tries;
	int fd;

	(void)state;
	sit_down(&seat, ask_with_output_stopped);
	fd = hold(&seat);
	for (tries = 0; echoes(&seat) && tries < WAIT_MS; tries++)
		(void)usleep(1000);
	assert_echo(fd, false);
	assert_int_equal(kill(seat.asker, SIGINT), 0);
	assert_int_equal(tcflow(fd, TCOON), 0);
	assert_signalled(&seat, SIGINT);
	assert_echo(fd, true);
	(void)close(fd);
	(void)close(seat.master);
}

static void
interrupt_key_works_while_asked(void **state)
{
	struct seat seat;
	int status;

	(void)state;
	sit_down(&seat, ask_secret);
	see(&seat, ": ");
	type(&seat, "half\x03");
	status = leave(&seat);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
	assert_null(strstr(seat.shown, "half"));
}

static void
stopped_question_has_no_answer_and_leaves_the_echo_on(void **state)
{
	struct seat seat;
	int status = 0;
	int fd;

	(void)state;
	sit_down(&seat, ask_secret);
	see(&seat, ": ");
	fd = hold(&seat);
	/* SIGTSTP stops no orphaned group: it goes on at once, unanswered. */
	assert_int_equal(kill(seat.asker, SIGTSTP), 0);
	assert_int_equal(waitpid(seat.asker, &status, WUNTRACED), seat.asker);
	assert_echo(fd, true);
	if (WIFSTOPPED(status)) {
		assert_int_equal(kill(seat.asker, SIGCONT), 0);
		assert_int_equal(waitpid(seat.asker, &status, 0), seat.asker);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(-WEXITSTATUS(status), SG_E_PIN_MISSING);
	(void)close(fd);
	(void)close(seat.master);
}

static void
ignored_signal_stays_ignored_afterwards(void **state)
{
	struct seat seat;

	(void)state;
	(void)signal(SIGINT, SIG_IGN);
	sit_down(&seat, ask_with_interrupts_ignored);
	(void)signal(SIGINT, SIG_DFL);
	see(&seat, ": ");
	assert_int_equal(kill(seat.asker, SIGINT), 0);
	/* It ends the question and not the process. */
	assert_ended(&seat, SG_E_PIN_MISSING);
}

static void
end_of_input_is_no_answer(void **state)
{
	struct seat seat;

	(void)state;
	sit_down(&seat, ask_secret);
	see(&seat, ": ");
	type(&seat, "\x04");
	assert_ended(&seat, SG_E_PIN_MISSING);
}

static void
answer_of_absurd_length_is_none(void **state)
{
	char part[513];
	struct seat seat;

	(void)state;
	memset(part, 'x', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	sit_down(&seat, ask_secret);
	see(&seat, ": ");
	type(&seat, part);
	type(&seat, part);
	type(&seat, "x\n");
	assert_ended(&seat, SG_E_PIN_MISSING);
	assert_null(strstr(seat.shown, "x"));
}

static void
empty_line_is_an_empty_answer(void **state)
{
	struct seat seat;

	(void)state;
	sit_down(&seat, ask_empty);
	see(&seat, "PIN: ");
	type(&seat, "\n");
	assert_ended(&seat, SG_OK);
}

static void
only_yes_confirms(void **state)
{
	static const struct {
		const char *typed;
		enum sg_rc rc;
	} rows[] = {
	    {"yes\n", SG_OK},
	    {"no\n", SG_E_POLICY},
	    {"y\n", SG_E_POLICY},
	    {"Yes\n", SG_E_POLICY},
	    {"yes \n", SG_E_POLICY},
	    {"yesyes\n", SG_E_POLICY},
	    {"\n", SG_E_POLICY},
	    {"\x04", SG_E_POLICY},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct seat seat;

		sit_down(&seat, ask_confirm);
		see(&seat, "Delete \"it\"? Type yes to go on: ");
		assert_true(echoes(&seat));
		type(&seat, rows[i].typed);
		assert_ended(&seat, rows[i].rc);
	}
}

/* Run it in a session without a terminal; its exit status. */
static int
run_without_terminal(int (*ask)(void))
{
	int status = 0;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)setsid();
		_exit(ask());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
says_how_to_do_without(void)
{
	struct sg_secret *secret = NULL;
	struct sg_err err = {0};

	if (terminal_ask_secret("PIN", &secret, &err) != SG_E_PIN_MISSING ||
	    secret != NULL || strstr(err.text, "SIGNET_PIN_SOURCE") == NULL)
		return 1;
	memset(&err, 0, sizeof(err));
	if (terminal_confirm("Sure?", &err) != SG_E_USAGE ||
	    strstr(err.text, "--yes") == NULL)
		return 2;
	return 0;
}

static void
without_a_terminal_the_other_ways_are_named(void **state)
{
	(void)state;
	assert_int_equal(run_without_terminal(says_how_to_do_without), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secret_is_read_without_being_shown),
	    cmocka_unit_test(what_was_typed_before_the_question_is_no_answer),
	    cmocka_unit_test(terminal_echoes_again_after_the_answer),
	    cmocka_unit_test(
		terminal_echoes_again_after_a_signal_that_still_ends_us),
	    cmocka_unit_test(signal_that_another_thread_gets_is_not_lost),
	    cmocka_unit_test(signal_before_the_reading_is_not_lost),
	    cmocka_unit_test(interrupt_key_works_while_asked),
	    cmocka_unit_test(
		stopped_question_has_no_answer_and_leaves_the_echo_on),
	    cmocka_unit_test(ignored_signal_stays_ignored_afterwards),
	    cmocka_unit_test(end_of_input_is_no_answer),
	    cmocka_unit_test(answer_of_absurd_length_is_none),
	    cmocka_unit_test(empty_line_is_an_empty_answer),
	    cmocka_unit_test(only_yes_confirms),
	    cmocka_unit_test(without_a_terminal_the_other_ways_are_named),
	};

	return cmocka_run_group_tests_name(
	    "terminal", tests, default_signals, NULL);
}
