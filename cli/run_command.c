/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#define WORDS_MAX 64
#define POLL_MS	  5
#define END_MS	  2000

/* The words of a command, in one buffer, NUL behind each. */
struct words {
	struct sg_buf *bytes;
	size_t starts[WORDS_MAX];
	size_t count;
};

/* One word, its quotes taken off; NULL when a quote is not closed. */
static const char *
split_word(struct sg_buf *bytes, const char *text)
{
	char quote = 0;

	for (; *text != '\0'; text++) {
		if (quote == 0 && (*text == ' ' || *text == '\t'))
			break;
		if (quote == 0 && (*text == '\'' || *text == '"')) {
			quote = *text;
		} else if (*text == quote) {
			quote = 0;
		} else if (*text == '\\' && quote != '\'') {
			if (*++text == '\0')
				return NULL;
			sg_buf_add_byte(bytes, (uint8_t)*text);
		} else {
			sg_buf_add_byte(bytes, (uint8_t)*text);
		}
	}
	sg_buf_add_byte(bytes, '\0');
	return quote == 0 ? text : NULL;
}

static enum sg_rc
split(const char *text, struct words *words, struct sg_err *err)
{
	for (;;) {
		text += strspn(text, " \t");
		if (*text == '\0')
			break;
		if (words->count == WORDS_MAX - 1)
			return sg_fail(
			    err, SG_E_CONFIG, "the command has too many words");
		words->starts[words->count++] =
		    words->bytes != NULL ? words->bytes->len : 0;
		text = split_word(words->bytes, text);
		if (text == NULL)
			return sg_fail(err, SG_E_CONFIG,
			    "the command has a quote that is not closed");
	}
	if (words->count == 0)
		return sg_fail(
		    err, SG_E_CONFIG, "cmd: needs a command behind it");
	return sg_buf_check(words->bytes, "the command", err);
}

/* We ignore SIGPIPE; the command is to have it as every command does. */
static int
set_signals(posix_spawnattr_t *attributes)
{
	sigset_t defaults;

	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGPIPE);
	if (posix_spawnattr_setsigdefault(attributes, &defaults) != 0)
		return ENOMEM;
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
}

static int
set_files(posix_spawn_file_actions_t *actions, int output)
{
	int failure;

	failure = posix_spawn_file_actions_addopen(
	    actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (failure != 0)
		return failure;
	return posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
}

static int
spawn(char *const *argv, int output, pid_t *out_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failure;

	failure = posix_spawn_file_actions_init(&actions);
	if (failure != 0)
		return failure;
	failure = posix_spawnattr_init(&attributes);
	if (failure == 0) {
		failure = set_signals(&attributes);
		if (failure == 0)
			failure = set_files(&actions, output);
		if (failure == 0)
			failure = posix_spawnp(out_pid, argv[0], &actions,
			    &attributes, argv, environ);
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return failure;
}

/* Has it ended by then? */
static bool
wait_until(pid_t pid, int64_t end_ms, int *out_status)
{
	const struct timespec pause = sg_clock_timespec(POLL_MS);
	pid_t ended;

	for (;;) {
		ended = waitpid(pid, out_status, WNOHANG);
		if (ended == pid || (ended < 0 && errno != EINTR))
			return true;
		if (sg_clock_mono_ms() >= end_ms)
			return false;
		(void)nanosleep(&pause, NULL);
	}
}

/* It may have put a terminal into another state, and is to put it back. */
static void
end_child(pid_t pid, int *out_status)
{
	(void)kill(pid, SIGTERM);
	if (wait_until(pid, sg_clock_mono_ms() + END_MS, out_status))
		return;
	(void)kill(pid, SIGKILL);
	(void)wait_until(pid, INT64_MAX, out_status);
}

static enum sg_rc
start(char *const *argv, pid_t *out_pid, int *out_output, struct sg_err *err)
{
	int failure;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return sg_fail_errno(err, SG_E_IO, "make a pipe");
	failure = spawn(argv, ends[1], out_pid);
	(void)close(ends[1]);
	if (failure != 0) {
		(void)close(ends[0]);
		errno = failure;
		return sg_fail_errno(err, SG_E_PIN_MISSING, "run %s", argv[0]);
	}
	*out_output = ends[0];
	return SG_OK;
}

static enum sg_rc
collect(char *const *argv, size_t max, int64_t limit_ms,
    struct sg_buf **out_output, struct sg_err *err)
{
	int64_t end_ms =
	    limit_ms > 0 ? sg_clock_mono_ms() + limit_ms : INT64_MAX;
	SG_AUTO(sg_buf) output = NULL;
	struct sg_err failed = {0};
	int status = -1; /* failed, should nobody tell how it ended */
	int from = -1;
	pid_t pid = 0;
	enum sg_rc rc;

	rc = start(argv, &pid, &from, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_file_read_fd(
	    from, "the command's output", max, limit_ms, &output, &failed);
	(void)close(from);
	if (rc == SG_OK && !wait_until(pid, end_ms, &status))
		rc = SG_E_TIMEOUT;
	if (rc != SG_OK)
		end_child(pid, &status);
	if (rc == SG_E_TIMEOUT)
		return sg_fail(err, rc,
		    "the command %s did not end within %.3g s, and was ended; "
		    "it may have longer with --timeout",
		    argv[0], (double)limit_ms / 1000);
	if (rc != SG_OK)
		return sg_fail_again(err, SG_E_PIN_MISSING, &failed);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return sg_fail(
		    err, SG_E_PIN_MISSING, "the command %s failed", argv[0]);
	*out_output = output;
	output = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
run_command(const char *text, size_t max, int64_t limit_ms,
    struct sg_buf **out_output, struct sg_err *err)
{
	SG_AUTO(sg_buf) bytes = sg_buf_new(16 * 1024);
	struct words words = {.bytes = bytes};
	char *argv[WORDS_MAX] = {NULL};
	enum sg_rc rc;
	size_t i;

	rc = split(text, &words, err);
	if (rc != SG_OK)
		return rc;
	for (i = 0; i < words.count; i++)
		argv[i] = (char *)bytes->data + words.starts[i];
	return collect(argv, max, limit_ms, out_output, err);
}
