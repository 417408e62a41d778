/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/outfile.h"
#include "base/text.h"

#define LOCK_POLL_MS 20
#define NEVER	     INT64_MAX

struct sg_lock {
	int fd;
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

#define AUTO_FD __attribute__((cleanup(close_fd))) int

static enum sg_rc
check_trust(const char *path, const struct stat *st, enum sg_file_trust trust,
    struct sg_err *err)
{
	if (trust == SG_FILE_ANY)
		return SG_OK;
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return sg_fail(err, SG_E_CONFIG,
		    "%s belongs to another user; it must be yours or root's",
		    path);
	if (trust == SG_FILE_SECRET && (st->st_mode & 077) != 0)
		return sg_fail(err, SG_E_CONFIG,
		    "%s holds a secret and others can reach it (mode %04o); "
		    "run: chmod %s %s",
		    path, (unsigned int)(st->st_mode & 07777),
		    S_ISDIR(st->st_mode) ? "700" : "600", path);
	if ((st->st_mode & 022) != 0)
		return sg_fail(err, SG_E_CONFIG,
		    "others can write %s (mode %04o), and it can name code to "
		    "load; run: chmod go-w %s",
		    path, (unsigned int)(st->st_mode & 07777), path);
	return SG_OK;
}

/* False when the time is over; of other failures, reading tells. */
static bool
wait_for_input(int fd, int64_t end_ms)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};
	int64_t left_ms;
	int ready;

	if (fd < 0)
		return true; /* poll() would wait for nothing */
	do {
		left_ms = end_ms - sg_clock_mono_ms();
		if (left_ms <= 0)
			return false;
		ready =
		    poll(&input, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX);
	} while (ready == 0 || (ready < 0 && errno == EINTR));
	return true;
}

enum sg_rc
sg_file_read_fd(int fd, const char *name, size_t max, int64_t limit_ms,
    struct sg_buf **out_buf, struct sg_err *err)
{
	int64_t end_ms = limit_ms > 0 ? sg_clock_mono_ms() + limit_ms : NEVER;
	SG_AUTO(sg_buf) buf = sg_buf_new(max);
	enum sg_rc rc = SG_OK;
	char chunk[4096];
	ssize_t got;

	do {
		if (!wait_for_input(fd, end_ms)) {
			rc = sg_fail(err, SG_E_TIMEOUT,
			    "%s did not come to its end within %.3g s", name,
			    (double)limit_ms / 1000);
			break;
		}
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			rc = sg_fail_errno(err, SG_E_IO, "read %s", name);
		if (got > 0)
			sg_buf_add(buf, chunk, (size_t)got);
	} while (
	    rc == SG_OK && got != 0 && sg_buf_check(buf, name, NULL) == SG_OK);
	explicit_bzero(chunk, sizeof(chunk));
	if (rc == SG_OK)
		rc = sg_buf_check(buf, name, err);
	if (rc != SG_OK)
		return rc;
	*out_buf = buf;
	buf = NULL; /* now the caller's */
	return SG_OK;
}

static enum sg_rc
open_checked(const char *path, enum sg_file_trust trust, struct stat *st,
    int *out_fd, struct sg_err *err)
{
	AUTO_FD fd = -1;
	enum sg_rc rc;

	/* First, since only looking at it is without any effect. */
	if (stat(path, st) != 0)
		return sg_fail_errno(err, SG_E_IO, "open %s", path);
	if (S_ISDIR(st->st_mode))
		return sg_fail_native(
		    err, SG_E_IO, EISDIR, "%s is a folder, not a file", path);
	if (trust == SG_FILE_CONFIG && !S_ISREG(st->st_mode))
		return sg_fail(err, SG_E_CONFIG, "%s is no file", path);
	rc = check_trust(path, st, trust, err);
	if (rc != SG_OK)
		return rc;
	/* Opening a FIFO would wait for who writes to it. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return sg_fail_errno(err, SG_E_IO, "open %s", path);
	if (fstat(fd, st) != 0)
		return sg_fail_errno(err, SG_E_IO, "look at %s", path);
	if (S_ISDIR(st->st_mode))
		return sg_fail_native(
		    err, SG_E_IO, EISDIR, "%s is a folder, not a file", path);
	rc = check_trust(path, st, trust, err);
	if (rc != SG_OK)
		return rc;
	*out_fd = fd;
	fd = -1; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_file_open(
    const char *path, enum sg_file_trust trust, int *out_fd, struct sg_err *err)
{
	struct stat st;

	return open_checked(path, trust, &st, out_fd, err);
}

enum sg_rc
sg_file_read(const char *path, enum sg_file_trust trust, size_t max,
    bool *out_others_read, struct sg_buf **out_buf, struct sg_err *err)
{
	AUTO_FD fd = -1;
	struct stat st;
	enum sg_rc rc;

	rc = open_checked(path, trust, &st, &fd, err);
	if (rc == SG_OK)
		rc = sg_file_read_fd(fd, path, max, 0, out_buf, err);
	if (rc == SG_OK && out_others_read != NULL)
		*out_others_read = (st.st_mode & 044) != 0;
	return rc;
}

static enum sg_rc
fill(struct sg_outfile *file, const void *data, size_t len, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_outfile_write(file, data, len, err);
	return rc == SG_OK ? sg_outfile_commit(file, err) : rc;
}

enum sg_rc
sg_file_replace(const char *path, const void *data, size_t len, mode_t mode,
    struct sg_err *err)
{
	SG_AUTO(sg_outfile) file = NULL;
	enum sg_rc rc;

	rc = sg_outfile_open(path, mode, &file, err);
	return rc == SG_OK ? fill(file, data, len, err) : rc;
}

enum sg_rc
sg_file_keep(const char *path, const void *data, size_t len, struct sg_err *err)
{
	SG_AUTO(sg_outfile) file = NULL;
	enum sg_rc rc;

	rc = sg_outfile_open_own(path, &file, err);
	return rc == SG_OK ? fill(file, data, len, err) : rc;
}

enum sg_rc
sg_file_rewrite(
    const char *path, const void *data, size_t len, struct sg_err *err)
{
	SG_AUTO(sg_outfile) file = NULL;
	struct stat st;
	enum sg_rc rc;

	if (stat(path, &st) != 0)
		return sg_fail_errno(err, SG_E_IO, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return sg_fail_native(
		    err, SG_E_IO, EINVAL, "%s is no regular file", path);
	rc = sg_outfile_open(path, st.st_mode & 07777, &file, err);
	if (rc == SG_OK)
		rc = sg_outfile_write(file, data, len, err);
	if (rc == SG_OK)
		rc = sg_outfile_give(file, st.st_uid, st.st_gid, err);
	if (rc == SG_OK)
		rc = sg_outfile_commit(file, err);
	return rc;
}

enum sg_rc
sg_file_check_replace(const char *path, struct sg_err *err)
{
	SG_AUTO_STR place = realpath(path, NULL);
	struct stat st;
	bool here = false;
	char *slash;
	int mode = W_OK;

	if (place == NULL)
		place = strdup(path);
	if (place == NULL)
		return sg_fail_nomem(err);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return sg_fail_native(
		    err, SG_E_IO, EISDIR, "%s is a folder, not a file", path);
	if (stat(path, &st) != 0 || S_ISREG(st.st_mode)) {
		/* The new file is made beside the old one. */
		slash = strrchr(place, '/');
		if (slash != NULL)
			slash[slash == place ? 1 : 0] = '\0';
		here = slash == NULL;
		mode = W_OK | X_OK;
	}
	if (access(here ? "." : place, mode) != 0)
		return sg_fail_errno(err, SG_E_IO, "write to %s", path);
	return SG_OK;
}

enum sg_rc
sg_file_check_dir(const char *path, struct sg_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return sg_fail_native(
		    err, SG_E_IO, ENOTDIR, "%s is not a folder", path);
	return check_trust(path, &st, SG_FILE_SECRET, err);
}

enum sg_rc
sg_file_make_dir(const char *path, struct sg_err *err)
{
	SG_AUTO_STR copy = strdup(path);
	char *p;

	if (copy == NULL)
		return sg_fail_nomem(err);
	for (p = copy + 1; *copy != '\0' && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(copy, 0700); /* the last one reports */
		*p = '/';
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return sg_fail_errno(err, SG_E_IO, "make the folder %s", path);
	return sg_file_check_dir(path, err);
}

enum sg_rc
sg_lock_take(const char *path, int64_t timeout_ms, struct sg_lock **out_lock,
    struct sg_err *err)
{
	const struct timespec pause = sg_clock_timespec(LOCK_POLL_MS);
	int64_t end_ms = sg_clock_mono_ms() + timeout_ms;
	AUTO_FD fd = -1;
	struct sg_lock *lock;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return sg_fail_errno(err, SG_E_IO, "open %s", path);
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return sg_fail_errno(err, SG_E_IO, "lock %s", path);
		if (sg_clock_mono_ms() >= end_ms)
			return sg_fail(err, SG_E_TIMEOUT,
			    "another process has held %s for too long", path);
		(void)nanosleep(&pause, NULL);
	}
	lock = malloc(sizeof(*lock));
	if (lock == NULL)
		return sg_fail_nomem(err);
	lock->fd = fd;
	fd = -1; /* now the lock's */
	*out_lock = lock;
	return SG_OK;
}

void
sg_lock_free(struct sg_lock **lock)
{
	if (lock == NULL || *lock == NULL)
		return;
	close_fd(&(*lock)->fd); /* closing releases the lock */
	free(*lock);
	*lock = NULL;
}
