/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "pkcs11/token.h"

static void
sleep_ms(long ms)
{
	const struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};

	(void)nanosleep(&pause, NULL);
}

static struct watch *
start(const struct watch_opts *opts)
{
	struct watch *watch = NULL;
	struct sg_err err = {0};

	if (watch_start(opts, &watch, &err) != SG_OK)
		fail_msg("%s", err.text);
	return watch;
}

static void
begin(struct watch *watch, const char *function)
{
	const struct sg_call_hooks *hooks = watch_hooks(watch);

	hooks->begin(hooks->ctx, function);
}

static void
end(struct watch *watch, const char *line)
{
	const struct sg_call_hooks *hooks = watch_hooks(watch);

	hooks->end(hooks->ctx, line);
}

/* What a child process told on stderr, and how it ended. */
struct ended {
	int status;
	char text[1024];
	int64_t took_ms;
};

static struct ended
in_child(void (*run)(void))
{
	int64_t start_ms = sg_clock_mono_ms();
	struct ended ended = {0};
	size_t used = 0;
	ssize_t got;
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(ends[1], STDERR_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		run();
		_exit(99);
	}
	(void)close(ends[1]);
	while ((got = read(ends[0], ended.text + used,
		    sizeof(ended.text) - 1 - used)) > 0)
		used += (size_t)got;
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, &ended.status, 0), pid);
	ended.took_ms = sg_clock_mono_ms() - start_ms;
	return ended;
}

/* Grows where the host stood still and a call took as long as that. */
static int64_t limit_ms;

static void
hang_in_sign(void)
{
	const struct watch_opts opts = {.limit_ms = limit_ms};
	struct watch *watch = start(&opts);

	begin(watch, "C_SignInit");
	end(watch, NULL);
	begin(watch, "C_Sign");
	for (;;)
		sleep_ms(1000);
}

static void
a_call_that_does_not_return_ends_the_program_with_one_line(void **state)
{
	struct ended ended = {0};
	char told[128];

	(void)state;
	for (limit_ms = 100; limit_ms <= 10000; limit_ms *= 10) {
		ended = in_child(hang_in_sign);
		if (strstr(ended.text, "C_SignInit") == NULL)
			break;
	}
	(void)snprintf(told, sizeof(told),
	    "signet: the PKCS#11 module did not return from C_Sign within %.3g "
	    "s; ",
	    (double)limit_ms / 1000);
	assert_true(WIFEXITED(ended.status));
	assert_int_equal(WEXITSTATUS(ended.status), 6);
	assert_true(sg_text_starts(ended.text, told));
	assert_ptr_equal(
	    strchr(ended.text, '\n'), ended.text + strlen(ended.text) - 1);
	assert_true(ended.took_ms >= limit_ms);
}

static void
hang_after_a_slow_call(void)
{
	const struct watch_opts opts = {0};
	struct watch *watch = start(&opts);

	begin(watch, "C_GenerateKeyPair"); /* has minutes */
	sleep_ms(20);
	end(watch, NULL);
	watch_finish(watch, 7);
	begin(watch, "C_Finalize"); /* has seconds, from now on */
	for (;;)
		sleep_ms(1000);
}

static void
a_module_that_does_not_let_go_leaves_the_status_as_it_is(void **state)
{
	struct ended ended = in_child(hang_after_a_slow_call);

	(void)state;
	assert_true(WIFEXITED(ended.status));
	assert_int_equal(WEXITSTATUS(ended.status), 7);
	assert_non_null(strstr(ended.text, "C_Finalize"));
	assert_null(strstr(ended.text, "--timeout")); /* it has no say */
	assert_true(ended.took_ms < 30000);
}

static void
hang_in_keygen(void)
{
	const struct watch_opts opts = {.limit_ms = 50};

	begin(start(&opts), "C_GenerateKeyPair");
	for (;;)
		sleep_ms(1000);
}

static void
a_key_that_may_have_been_made_is_told_of(void **state)
{
	struct ended ended = in_child(hang_in_keygen);

	(void)state;
	assert_int_equal(WEXITSTATUS(ended.status), 6);
	assert_non_null(strstr(ended.text, "signet key list"));
}

static void
hang_in_tls(void)
{
	const struct watch_opts opts = {.limit_ms = 1};

	begin(start(&opts), "TLS");
	sleep_ms(300); /* the network's own limit comes first */
	_exit(98);
}

static void
tls_has_longer_than_the_network(void **state)
{
	struct ended ended = in_child(hang_in_tls);

	(void)state;
	assert_true(WIFEXITED(ended.status));
	assert_int_equal(WEXITSTATUS(ended.status), 98);
	assert_string_equal(ended.text, "");
}

static void
restore_signals(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
}

static void
tell(const char *what)
{
	assert_int_equal(
	    write(STDERR_FILENO, what, strlen(what)), (ssize_t)strlen(what));
}

static void
be_ended_in_a_login(void)
{
	const struct watch_opts opts = {0};
	struct watch *watch = start(&opts);

	restore_signals();
	begin(watch, "C_Login");
	(void)kill(getpid(), SIGTERM);
	sleep_ms(300); /* the watching thread looks meanwhile */
	tell("written");
	end(watch, NULL);
	tell(", and on");
}

static void
who_ends_the_program_waits_for_the_module(void **state)
{
	struct ended ended;
	int tries = 0;

	(void)state;
	do /* on a host that stood still for so long it is ended in the call */
		ended = in_child(be_ended_in_a_login);
	while (ended.text[0] == '\0' && ended.took_ms >= 2000 && ++tries < 20);
	assert_true(WIFSIGNALED(ended.status));
	assert_int_equal(WTERMSIG(ended.status), SIGTERM);
	assert_string_equal(ended.text, "written");
}

static void
be_ended_in_a_hang(void)
{
	const struct watch_opts opts = {0};

	restore_signals();
	begin(start(&opts), "C_Sign");
	(void)kill(getpid(), SIGINT);
	for (;;)
		sleep_ms(1000);
}

static void
a_hanging_module_keeps_nobody_from_ending_the_program(void **state)
{
	struct ended ended = in_child(be_ended_in_a_hang);

	(void)state;
	assert_true(WIFSIGNALED(ended.status));
	assert_int_equal(WTERMSIG(ended.status), SIGINT);
	assert_string_equal(ended.text, "");
	assert_true(ended.took_ms >= 2000 && ended.took_ms < 30000);
}

static void
be_ended_where_programs_start(void)
{
	const struct watch_opts opts = {0};

	restore_signals();
	begin(start(&opts), "C_Initialize");
	(void)kill(getpid(), SIGHUP);
	tell("on");
}

static void
what_a_module_starts_inherits_no_mask(void **state)
{
	struct ended ended = in_child(be_ended_where_programs_start);

	(void)state;
	assert_true(WIFSIGNALED(ended.status));
	assert_int_equal(WTERMSIG(ended.status), SIGHUP);
	assert_string_equal(ended.text, "");
}

static void
the_mask_of_the_caller_comes_back(void **state)
{
	const struct watch_opts opts = {0};
	struct watch *watch = start(&opts);
	sigset_t mine;
	sigset_t after;

	(void)state;
	(void)sigemptyset(&mine);
	(void)sigaddset(&mine, SIGHUP);
	(void)pthread_sigmask(SIG_SETMASK, &mine, NULL);
	begin(watch, "C_Sign");
	(void)pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(sigismember(&after, SIGTERM), 1);
	end(watch, NULL);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(sigismember(&after, SIGTERM), 0);
	assert_int_equal(sigismember(&after, SIGHUP), 1);
	(void)sigemptyset(&mine);
	(void)pthread_sigmask(SIG_SETMASK, &mine, NULL);
	watch_free(&watch);
}

static void
return_in_time(void)
{
	const struct watch_opts opts = {.limit_ms = limit_ms};
	struct watch *watch = start(&opts);
	int i;

	for (i = 0; i < 8; i++) {
		begin(watch, "C_Sign");
		sleep_ms(limit_ms / 4);
		end(watch, NULL);
	}
	sleep_ms(limit_ms + limit_ms / 2); /* no call is under way */
	watch_free(&watch);
	_exit(watch == NULL ? 98 : 97);
}

static void
calls_that_return_in_time_are_left_alone(void **state)
{
	struct ended ended = {0};

	(void)state;
	for (limit_ms = 200; limit_ms <= 20000; limit_ms *= 10) {
		ended = in_child(return_in_time);
		if (strstr(ended.text, "did not return") == NULL)
			break;
	}
	assert_string_equal(ended.text, "");
	assert_true(WIFEXITED(ended.status));
	assert_int_equal(WEXITSTATUS(ended.status), 98);
}

static void
what_is_freed_may_be_freed_again(void **state)
{
	const struct watch_opts opts = {0};
	struct watch *watch = start(&opts);

	(void)state;
	watch_free(&watch);
	assert_null(watch);
	watch_free(&watch);
}

static void
a_trace_is_private_and_has_a_line_for_each_call(void **state)
{
	char path[] = "/tmp/signet-watch-XXXXXX";
	struct watch_opts opts = {.trace_path = path};
	struct watch *watch;
	char text[512] = "";
	struct stat st;
	FILE *file;
	size_t len;

	(void)state;
	(void)close(mkstemp(path));
	(void)unlink(path);
	watch = start(&opts);
	assert_true(watch_hooks(watch)->wants_lines);
	begin(watch, "C_Sign");
	end(watch, "C_Sign(a) = CKR_OK, 1 us");
	begin(watch, "C_Finalize");
	end(watch, "C_Finalize(b) = CKR_OK, 2 us");
	watch_free(&watch);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	(void)unlink(path);
	assert_true(len > 0);
	assert_non_null(strstr(text, "Z C_Sign(a) = CKR_OK, 1 us\n"));
	assert_true(sg_text_ends(text, "Z C_Finalize(b) = CKR_OK, 2 us\n"));
}

/* Whoever does not read it would stop signet, and the watch with it. */
static void
a_trace_goes_to_no_pipe(void **state)
{
	char path[] = "/tmp/signet-watch-XXXXXX";
	struct watch_opts opts = {.trace_path = path};
	struct watch *watch = NULL;
	int reader;

	(void)state;
	(void)close(mkstemp(path));
	(void)unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(watch_start(&opts, &watch, NULL), SG_E_USAGE);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	assert_int_equal(watch_start(&opts, &watch, NULL), SG_E_USAGE);
	assert_null(watch);
	(void)close(reader);
	(void)unlink(path);
}

static void
a_trace_that_cannot_be_written_is_an_error(void **state)
{
	const struct watch_opts opts = {.trace_path = "/nowhere/trace"};
	struct watch *watch = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(watch_start(&opts, &watch, &err), SG_E_USAGE);
	assert_null(watch);
	assert_non_null(strstr(err.text, "--trace /nowhere/trace"));
}

static void
a_trace_that_would_mix_with_the_product_leaves_it_as_it_is(void **state)
{
	char path[] = "/tmp/signet-watch-XXXXXX";
	const struct watch_opts opts = {.trace_path = path};
	int stdout_before = dup(STDOUT_FILENO);
	int fd = mkstemp(path);
	struct watch *watch = NULL;
	enum sg_rc rc;
	struct stat st;

	(void)state;
	assert_int_equal(write(fd, "kept", 4), 4);
	(void)fflush(stdout);
	(void)dup2(fd, STDOUT_FILENO);
	rc = watch_start(&opts, &watch, NULL);
	(void)dup2(stdout_before, STDOUT_FILENO);
	(void)close(stdout_before);
	assert_int_equal(rc, SG_E_USAGE);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 4);
	(void)close(fd);
	(void)unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_call_that_does_not_return_ends_the_program_with_one_line),
	    cmocka_unit_test(
		a_module_that_does_not_let_go_leaves_the_status_as_it_is),
	    cmocka_unit_test(a_key_that_may_have_been_made_is_told_of),
	    cmocka_unit_test(tls_has_longer_than_the_network),
	    cmocka_unit_test(who_ends_the_program_waits_for_the_module),
	    cmocka_unit_test(
		a_hanging_module_keeps_nobody_from_ending_the_program),
	    cmocka_unit_test(what_a_module_starts_inherits_no_mask),
	    cmocka_unit_test(the_mask_of_the_caller_comes_back),
	    cmocka_unit_test(calls_that_return_in_time_are_left_alone),
	    cmocka_unit_test(what_is_freed_may_be_freed_again),
	    cmocka_unit_test(a_trace_is_private_and_has_a_line_for_each_call),
	    cmocka_unit_test(a_trace_goes_to_no_pipe),
	    cmocka_unit_test(a_trace_that_cannot_be_written_is_an_error),
	    cmocka_unit_test(
		a_trace_that_would_mix_with_the_product_leaves_it_as_it_is),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
