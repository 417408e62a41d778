/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const int guarded[] = {
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};

/* What signet sets for itself, and a child is not to inherit. */
static const int reset[] = {SIGPIPE, SIGXFSZ};

static struct sigaction before[SG_COUNT(guarded)];
static bool is_guarded;
static volatile sig_atomic_t caught; /* that no child got */
static volatile sig_atomic_t child;  /* its process id; 0: there is none */

/* The kernel sends what the terminal's keys mean to the whole group. */
static void
pass_on(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	if (child == 0 && number != SIGWINCH)
		caught = number;
	else if (child != 0 && info->si_code != SI_KERNEL)
		(void)kill((pid_t)child, number);
	errno = saved;
}

void
child_guard(void)
{
	struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART};
	size_t i;

	if (is_guarded)
		return;
	action.sa_sigaction = pass_on;
	(void)sigfillset(&action.sa_mask);
	caught = 0;
	is_guarded = true;
	for (i = 0; i < SG_COUNT(guarded); i++) {
		(void)sigaction(guarded[i], NULL, &before[i]);
		if (before[i].sa_handler != SIG_IGN)
			(void)sigaction(guarded[i], &action, NULL);
	}
}

bool
child_guard_caught(void)
{
	return caught != 0;
}

void
child_unguard(void)
{
	int number;
	size_t i;

	for (i = 0; is_guarded && i < SG_COUNT(guarded); i++)
		(void)sigaction(guarded[i], &before[i], NULL);
	is_guarded = false;
	number = caught;
	caught = 0;
	if (number != 0)
		(void)raise(number);
}

static int
set_attributes(posix_spawnattr_t *attributes, const sigset_t *mask)
{
	sigset_t defaults;
	size_t i;
	int rc;

	(void)sigemptyset(&defaults);
	for (i = 0; i < SG_COUNT(reset); i++)
		(void)sigaddset(&defaults, reset[i]);
	rc = posix_spawnattr_setsigdefault(attributes, &defaults);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(attributes, mask);
	if (rc == 0)
		rc = posix_spawnattr_setflags(
		    attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return rc;
}

/* posix_spawn() and not fork(): PKCS#11 modules have handlers for that. */
static int
spawn(char *const *argv, char *const *env, mode_t mask, const sigset_t *signals)
{
	posix_spawnattr_t attributes;
	mode_t ours;
	pid_t pid = 0;
	int rc;

	rc = posix_spawnattr_init(&attributes);
	if (rc != 0)
		return rc;
	rc = set_attributes(&attributes, signals);
	if (rc == 0) {
		ours = umask(mask);
		rc = posix_spawnp(&pid, argv[0], NULL, &attributes, argv, env);
		(void)umask(ours);
	}
	(void)posix_spawnattr_destroy(&attributes);
	if (rc == 0)
		child = pid;
	return rc;
}

/* A signal that comes while the child is made is the child's, too. */
static int
spawn_guarded(char *const *argv, char *const *env, mode_t mask)
{
	sigset_t blocked;
	sigset_t ours;
	size_t i;
	int rc;

	(void)sigemptyset(&blocked);
	for (i = 0; i < SG_COUNT(guarded); i++)
		(void)sigaddset(&blocked, guarded[i]);
	(void)pthread_sigmask(SIG_BLOCK, &blocked, &ours);
	rc = spawn(argv, env, mask, &ours);
	if (rc == 0 && caught != 0) {
		(void)kill((pid_t)child, caught);
		caught = 0;
	}
	(void)pthread_sigmask(SIG_SETMASK, &ours, NULL);
	return rc;
}

static int
wait_for_child(void)
{
	pid_t pid = (pid_t)child;
	siginfo_t info;
	int status = -1; /* 255, should nobody tell how it ended */

	/* Left as it is until no signal can go to who gets its number next. */
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0 &&
	       errno == EINTR)
		continue;
	child = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

enum sg_rc
child_run(char *const *argv, char *const *env, mode_t mask, int *out_status,
    struct sg_err *err)
{
	int rc;

	rc = spawn_guarded(argv, env, mask);
	if (rc == 0) {
		*out_status = wait_for_child();
		return SG_OK;
	}
	*out_status = rc == ENOENT || rc == ENOTDIR ? CHILD_NOT_FOUND
						    : CHILD_NOT_EXECUTABLE;
	return sg_fail_native(
	    err, SG_E_USAGE, rc, "run %s: %s", argv[0], strerror(rc));
}
