/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cloud/child.h"
#include "default_signals.h"

static char sh[] = "sh";
static char dash_c[] = "-c";
static char path[] = "PATH=/usr/bin:/bin";
static char *env[] = {path, NULL};

static enum sg_rc
run_text(const char *text, int *out_status, struct sg_err *err)
{
	char *copy = strdup(text);
	char *argv[] = {sh, dash_c, copy, NULL};
	enum sg_rc rc;

	assert_non_null(copy);
	child_guard();
	rc = child_run(argv, env, 022, out_status, err);
	child_unguard();
	free(copy);
	return rc;
}

static void
assert_ends_with(const char *text, int wanted)
{
	int status = -1;

	assert_int_equal(run_text(text, &status, NULL), SG_OK);
	assert_int_equal(status, wanted);
}

static void
its_status_is_passed_on(void **state)
{
	(void)state;
	assert_ends_with("exit 0", 0);
	assert_ends_with("exit 77", 77);
	assert_ends_with("kill -TERM $$", 128 + SIGTERM);
	assert_ends_with("kill -KILL $$", 128 + SIGKILL);
}

static void
what_cannot_be_run_is_told_as_shells_do(void **state)
{
	static char nowhere[] = "signet-no-such-command";
	static char folder[] = "/tmp";
	static char *const words[] = {nowhere, folder};
	static const int wanted[] = {CHILD_NOT_FOUND, CHILD_NOT_EXECUTABLE};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(words); i++) {
		char *argv[] = {words[i], NULL};
		struct sg_err err = {0};
		int status = -1;

		child_guard();
		assert_int_equal(
		    child_run(argv, env, 022, &status, &err), SG_E_USAGE);
		child_unguard();
		assert_int_equal(status, wanted[i]);
		assert_non_null(strstr(err.text, words[i]));
	}
}

static void
it_has_the_umask_and_the_signals_that_signet_was_given(void **state)
{
	mode_t ours = umask(077);

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_ends_with("test $(umask) = 0022", 0);
	assert_int_equal(umask(ours), 077);
	/* SigIgn is a set of bits; that of SIGPIPE is 0x1000. */
	assert_ends_with("set -- $(grep SigIgn /proc/self/status); "
			 "test $((0x$2 & 0x1000)) = 0",
	    0);
	(void)signal(SIGPIPE, SIG_DFL);
}

static void
a_signal_that_is_ignored_stays_so(void **state)
{
	(void)state;
	(void)signal(SIGHUP, SIG_IGN);
	assert_ends_with("kill -HUP $$; exit 5", 5);
	(void)signal(SIGHUP, SIG_DFL);
}

static void
signals_are_passed_on_to_the_child(void **state)
{
	static const char *const names[] = {
	    "INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "WINCH"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(names); i++) {
		char text[256];

		/* The child sends it to us, and waits until it is back. */
		(void)snprintf(text, sizeof(text),
		    "trap 'exit 9' %s; kill -%s $PPID; n=0; "
		    "while [ $n -lt 1200 ]; do sleep 0.05; n=$((n+1)); done",
		    names[i], names[i]);
		assert_ends_with(text, 9);
	}
}

static void
a_signal_before_the_child_reaches_it_or_strikes_afterwards(void **state)
{
	pid_t pid;
	int status = 0;

	(void)state;
	child_guard();
	assert_false(child_guard_caught());
	(void)raise(SIGWINCH);
	assert_false(child_guard_caught());
	(void)raise(SIGTERM);
	assert_true(child_guard_caught());
	child_guard(); /* once more, and nothing is forgotten */
	assert_true(child_guard_caught());
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		child_unguard();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	{
		static char snooze[] = "sleep";
		static char long_s[] = "120";
		char *argv[] = {snooze, long_s, NULL};

		assert_int_equal(
		    child_run(argv, env, 022, &status, NULL), SG_OK);
	}
	assert_int_equal(status, 128 + SIGTERM);
	assert_false(child_guard_caught());
	child_unguard();
}

static void
unguarding_without_a_guard_does_nothing(void **state)
{
	struct sigaction action;

	(void)state;
	child_unguard();
	assert_int_equal(sigaction(SIGTERM, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, SIG_DFL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(its_status_is_passed_on),
	    cmocka_unit_test(what_cannot_be_run_is_told_as_shells_do),
	    cmocka_unit_test(
		it_has_the_umask_and_the_signals_that_signet_was_given),
	    cmocka_unit_test(a_signal_that_is_ignored_stays_so),
	    cmocka_unit_test(signals_are_passed_on_to_the_child),
	    cmocka_unit_test(
		a_signal_before_the_child_reaches_it_or_strikes_afterwards),
	    cmocka_unit_test(unguarding_without_a_guard_does_nothing),
	};

	return cmocka_run_group_tests(tests, default_signals, NULL);
}
