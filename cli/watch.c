/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watch.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "pkcs11/token.h"

#define LIMIT_MS      30000
#define LONG_LIMIT_MS 300000
#define FINISH_MS     5000
#define HOLD_MS	      2000
#define LOOK_MS	      200
#define NEVER	      INT64_MAX

/* Calls that may rightly be slow, what they have beyond --timeout, and what to
 * say when they are too slow. */
static const struct {
	const char *function;
	int64_t grace_ms;
	const char *advice;
} slow_calls[] = {
    {"C_GenerateKeyPair", 0,
	"the key may have been made all the same: look with signet key list"},
    {"C_DestroyObject", 0, "the key may be deleted: look with signet key list"},
    {"C_Login", 0, "the PIN may count as tried: look with signet token list"},
    /* The network's own limit ends it first, unless the module hangs. */
    {"TLS", 5000, "the key of SIGNET_CLIENT_KEY signs in it"},
};

/* What ends a program from outside. */
static const int endings[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

struct watch {
	struct sg_call_hooks hooks;
	struct watch_opts opts;
	int trace; /* -1: none */
	bool trace_failed;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const char *function; /* of the call under way; NULL: none is */
	int64_t end_ms;	      /* of that call */
	int64_t asked_ms;     /* when an ending was first seen to wait; 0 */
	bool holds;	      /* endings wait for that call */
	sigset_t before;      /* the caller's mask, while it holds */
	int64_t sleeps_until_ms;
	int exit_status;
	bool finished;
	bool stopped;
};

static int
slow_index(const char *function)
{
	size_t i;

	for (i = 0; i < SG_COUNT(slow_calls); i++)
		if (strcmp(slow_calls[i].function, function) == 0)
			return (int)i;
	return -1;
}

static int64_t
limit_of(const struct watch *watch, const char *function)
{
	int64_t limit_ms = watch->opts.limit_ms;
	int slow = slow_index(function);

	if (limit_ms == 0)
		limit_ms = slow >= 0 ? LONG_LIMIT_MS : LIMIT_MS;
	else if (slow >= 0)
		limit_ms += slow_calls[slow].grace_ms;
	if (watch->finished && limit_ms > FINISH_MS)
		limit_ms = FINISH_MS;
	return limit_ms;
}

static bool
write_all(int fd, const char *text, size_t len)
{
	ssize_t done;

	do {
		done = write(fd, text, len);
		if (done <= 0)
			return false;
		text += done;
		len -= (size_t)done;
	} while (len > 0);
	return true;
}

static void
trace_line(struct watch *watch, const char *text)
{
	char line[1024];
	struct timespec now;
	struct tm utc;
	int len;

	if (watch->trace < 0 || watch->trace_failed)
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &utc);
	len = snprintf(line, sizeof(line),
	    "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ %s\n", utc.tm_year + 1900,
	    utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
	    now.tv_nsec / 1000, text);
	if (len > 0)
		watch->trace_failed = !write_all(watch->trace, line,
		    (size_t)len < sizeof(line) ? (size_t)len
					       : sizeof(line) - 1);
}

/* The main thread is inside the module and will not come out: nothing is
 * released, and no handler of exit() could be trusted to return. */
static void SG_NORETURN
give_up(struct watch *watch, int64_t limit_ms)
{
	int slow = slow_index(watch->function);
	const char *advice = "it may have longer with --timeout";
	char line[512];
	int len;

	if (slow >= 0)
		advice = slow_calls[slow].advice;
	len = snprintf(line, sizeof(line),
	    "signet: the PKCS#11 module did not return from %s within %.3g s%s"
	    "%s\n",
	    watch->function, (double)limit_ms / 1000,
	    watch->finished ? "" : "; ", watch->finished ? "" : advice);
	if (len > 0)
		(void)write_all(STDERR_FILENO, line, (size_t)len);
	(void)snprintf(
	    line, sizeof(line), "%s did not return", watch->function);
	trace_line(watch, line);
	_exit(watch->exit_status);
}

static void
sleep_until(struct watch *watch, int64_t until_ms)
{
	const struct timespec at = sg_clock_timespec(until_ms);

	watch->sleeps_until_ms = until_ms;
	if (until_ms == NEVER)
		(void)pthread_cond_wait(&watch->changed, &watch->lock);
	else
		(void)pthread_cond_clockwait(
		    &watch->changed, &watch->lock, CLOCK_MONOTONIC, &at);
}

/* Modules write at a login, too: SoftHSM empties the file of the token and
 * fills it again, and whoever is ended in between has lost all its keys. Where
 * a module starts programs and threads nothing is held: they would inherit the
 * mask. */
static bool
may_write(const char *function)
{
	return strcmp(function, "EVP_DigestSign") == 0 ||
	       (sg_text_starts(function, "C_") &&
		   strcmp(function, "C_Initialize") != 0 &&
		   strcmp(function, "C_Finalize") != 0);
}

static sigset_t
ending_set(void)
{
	sigset_t set;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < SG_COUNT(endings); i++)
		(void)sigaddset(&set, endings[i]);
	return set;
}

static bool
ending_waits(void)
{
	sigset_t pending;
	size_t i;

	if (sigpending(&pending) != 0)
		return false;
	for (i = 0; i < SG_COUNT(endings); i++)
		if (sigismember(&pending, endings[i]) == 1)
			return true;
	return false;
}

/* A call that does not return keeps nobody from ending the program: after a
 * while the ending is taken by this thread. */
static void
heed_endings(struct watch *watch, int64_t now_ms)
{
	sigset_t set = ending_set();

	if (!watch->holds || !ending_waits())
		return;
	if (watch->asked_ms == 0)
		watch->asked_ms = now_ms;
	if (now_ms - watch->asked_ms < HOLD_MS)
		return;
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void *
keep_watch(void *ctx)
{
	struct watch *watch = ctx;
	int64_t now_ms;

	(void)pthread_mutex_lock(&watch->lock);
	while (!watch->stopped) {
		now_ms = sg_clock_mono_ms();
		if (watch->function == NULL) {
			sleep_until(watch, NEVER);
			continue;
		}
		if (now_ms >= watch->end_ms)
			give_up(watch, limit_of(watch, watch->function));
		heed_endings(watch, now_ms);
		sleep_until(watch, watch->end_ms < now_ms + LOOK_MS
				       ? watch->end_ms
				       : now_ms + LOOK_MS);
	}
	(void)pthread_mutex_unlock(&watch->lock);
	return NULL;
}

/* Signals are for the thread that does the work. */
static bool
start_thread(struct watch *watch)
{
	sigset_t all;
	sigset_t ours;
	bool started;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &ours);
	started = pthread_create(&watch->thread, NULL, keep_watch, watch) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &ours, NULL);
	return started;
}

/* The thread is woken only when it would sleep too long: calls are many and
 * quick, and each next one ends later than the last. */
static void
begin_call(void *ctx, const char *function)
{
	const sigset_t set = ending_set();
	struct watch *watch = ctx;

	(void)pthread_mutex_lock(&watch->lock);
	watch->function = function;
	watch->asked_ms = 0;
	watch->holds = may_write(function);
	if (watch->holds)
		(void)pthread_sigmask(SIG_BLOCK, &set, &watch->before);
	watch->end_ms = sg_clock_mono_ms() + limit_of(watch, function);
	if (watch->end_ms < watch->sleeps_until_ms)
		(void)pthread_cond_signal(&watch->changed);
	(void)pthread_mutex_unlock(&watch->lock);
}

static void
end_call(void *ctx, const char *line)
{
	struct watch *watch = ctx;
	sigset_t before;
	bool held;

	(void)pthread_mutex_lock(&watch->lock);
	watch->function = NULL;
	held = watch->holds;
	before = watch->before;
	watch->holds = false;
	if (line != NULL)
		trace_line(watch, line);
	(void)pthread_mutex_unlock(&watch->lock);
	if (held)
		(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

const struct sg_call_hooks *
watch_hooks(const struct watch *watch)
{
	return &watch->hooks;
}

void
watch_finish(struct watch *watch, int exit_status)
{
	if (watch == NULL)
		return;
	(void)pthread_mutex_lock(&watch->lock);
	watch->finished = true;
	watch->exit_status = exit_status;
	(void)pthread_mutex_unlock(&watch->lock);
}

static enum sg_rc
open_trace(struct watch *watch, struct sg_err *err)
{
	const char *path = watch->opts.trace_path;
	struct stat product;
	struct stat st;

	watch->trace = -1;
	if (path == NULL)
		return SG_OK;
	/* Not blocking: who does not read a trace must not stop signet. */
	watch->trace = open(
	    path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
	if (watch->trace < 0 || fstat(watch->trace, &st) != 0)
		return sg_fail_errno(err, SG_E_USAGE, "open --trace %s", path);
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return sg_fail(err, SG_E_USAGE,
		    "--trace wants a file or a terminal, and %s is neither",
		    path);
	if (fstat(STDOUT_FILENO, &product) == 0 && S_ISREG(st.st_mode) &&
	    st.st_dev == product.st_dev && st.st_ino == product.st_ino)
		return sg_fail(err, SG_E_USAGE,
		    "--trace %s would mix with what the command prints", path);
	if (S_ISREG(st.st_mode) && ftruncate(watch->trace, 0) != 0)
		return sg_fail_errno(err, SG_E_USAGE, "empty --trace %s", path);
	watch->hooks.wants_lines = true;
	return SG_OK;
}

enum sg_rc
watch_start(
    const struct watch_opts *opts, struct watch **out_watch, struct sg_err *err)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	enum sg_rc rc;

	if (watch == NULL)
		return sg_fail_nomem(err);
	watch->opts = *opts;
	watch->hooks.begin = begin_call;
	watch->hooks.end = end_call;
	watch->hooks.ctx = watch;
	watch->sleeps_until_ms = NEVER;
	watch->exit_status = sg_rc_exit_status(SG_E_TIMEOUT);
	(void)pthread_mutex_init(&watch->lock, NULL);
	(void)pthread_cond_init(&watch->changed, NULL);
	rc = open_trace(watch, err);
	if (rc == SG_OK && !start_thread(watch))
		rc = sg_fail(err, SG_E_NOMEM, "start a thread");
	if (rc != SG_OK) {
		if (watch->trace >= 0)
			(void)close(watch->trace);
		free(watch);
		return rc;
	}
	*out_watch = watch;
	return SG_OK;
}

void
watch_free(struct watch **watch)
{
	struct watch *w;

	if (watch == NULL || *watch == NULL)
		return;
	w = *watch;
	(void)pthread_mutex_lock(&w->lock);
	w->stopped = true;
	(void)pthread_cond_signal(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	(void)pthread_cond_destroy(&w->changed);
	(void)pthread_mutex_destroy(&w->lock);
	if (w->trace_failed)
		(void)fprintf(stderr,
		    "signet: the trace could not be written to its end\n");
	if (w->trace >= 0)
		(void)close(w->trace);
	free(w);
	*watch = NULL;
}
