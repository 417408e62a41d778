/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"

#define ANSWER_MAX 1024

static volatile sig_atomic_t caught_signal;
static pthread_t asker;

/* A signal goes to any thread that lets it in, such as one of a module, and
 * would not end the wait of the one that asks. */
static void
note_signal(int number)
{
	if (pthread_equal(pthread_self(), asker) == 0)
		(void)pthread_kill(asker, number);
	else
		caught_signal = number;
}

static const int watched[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP};

/* Let a signal end read() instead of the process, which would leave the
 * terminal without echo. */
static void
watch_signals(struct sigaction *before)
{
	struct sigaction action = {.sa_handler = note_signal};
	size_t i;

	caught_signal = 0;
	asker = pthread_self();
	(void)sigemptyset(&action.sa_mask);
	for (i = 0; i < SG_COUNT(watched); i++)
		(void)sigaction(watched[i], &action, &before[i]);
}

static void
unwatch_signals(const struct sigaction *before)
{
	size_t i;

	for (i = 0; i < SG_COUNT(watched); i++)
		(void)sigaction(watched[i], &before[i], NULL);
	if (caught_signal != 0)
		(void)raise(
		    caught_signal); /* now it does what it always does */
}

static void
say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return; /* a terminal that is gone; reading will say so */
}

/* Wait for input; false on a signal. One that comes between a look and read()
 * would be lost, so only ppoll() lets them in. */
static bool
wait_for_input(int fd)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};
	sigset_t blocked;
	sigset_t before;
	int ready = -1;
	size_t i;

	(void)sigemptyset(&blocked);
	for (i = 0; i < SG_COUNT(watched); i++)
		(void)sigaddset(&blocked, watched[i]);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	while (caught_signal == 0 && ready < 0) {
		ready = ppoll(&input, 1, NULL, &before);
		if (ready < 0 && errno != EINTR)
			break; /* reading will say so */
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return caught_signal == 0;
}

/* Read one line; false at its end, on a signal, or when it is too long. */
static bool
read_line(int fd, char *line, size_t size, size_t *out_len)
{
	size_t len = 0;
	ssize_t got;
	char c;

	for (;;) {
		if (!wait_for_input(fd))
			return false;
		got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR && caught_signal == 0)
			continue;
		if (got <= 0)
			return false;
		if (c == '\n')
			break;
		if (len == size)
			return false;
		line[len++] = c;
	}
	*out_len = len;
	return true;
}

static bool
ask(int fd, const char *question, bool echo, char *answer, size_t *out_len)
{
	struct sigaction before[SG_COUNT(watched)];
	struct termios shown;
	struct termios hidden;
	bool answered = false;

	if (tcgetattr(fd, &shown) != 0)
		return false;
	hidden = shown;
	if (!echo)
		hidden.c_lflag &= ~(tcflag_t)ECHO;
	watch_signals(before);
	if (tcsetattr(fd, TCSAFLUSH, &hidden) == 0) {
		say(fd, question);
		answered = read_line(fd, answer, ANSWER_MAX, out_len);
		(void)tcsetattr(fd, TCSAFLUSH, &shown);
		if (!echo || !answered)
			say(fd, "\n");
	}
	unwatch_signals(before);
	return answered;
}

enum sg_rc
terminal_ask_secret(
    const char *what, struct sg_secret **out_secret, struct sg_err *err)
{
	char question[256] = "";
	char answer[ANSWER_MAX];
	enum sg_rc rc;
	size_t len = 0;
	bool answered;
	int fd;

	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return sg_fail(err, SG_E_PIN_MISSING,
		    "the %s must be asked for and there is no terminal; name "
		    "its source, as in SIGNET_PIN_SOURCE=file:PATH",
		    what);
	(void)snprintf(question, sizeof(question), "%s: ", what);
	answered = ask(fd, question, false, answer, &len);
	(void)close(fd);
	if (answered)
		rc = sg_secret_new(answer, len, out_secret, err);
	else
		rc = sg_fail(err, SG_E_PIN_MISSING,
		    "no answer was given for the %s", what);
	explicit_bzero(answer, sizeof(answer));
	return rc;
}

enum sg_rc
terminal_confirm(const char *question, struct sg_err *err)
{
	char answer[ANSWER_MAX];
	size_t len = 0;
	bool answered;
	int fd;

	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return sg_fail(err, SG_E_USAGE,
		    "this must be confirmed and there is no terminal; say "
		    "--yes if you are sure");
	say(fd, question);
	answered = ask(fd, " Type yes to go on: ", true, answer, &len);
	(void)close(fd);
	if (answered && len == 3 && memcmp(answer, "yes", 3) == 0)
		return SG_OK;
	return sg_fail(err, SG_E_POLICY, "not confirmed; nothing was changed");
}
