/* SPDX-License-Identifier: Apache-2.0 */
#include "base/outfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#define NAME_TRIES 100

/* How long a reader may take to come to its end of a FIFO. */
#define READER_WAIT_MS 2000
#define READER_POLL_MS 20

/*
 * A temporary name is one that nobody gives a file of his own: a dot, the name
 * of the file as far as it fits, the mark and random digits.
 */
#define TEMP_MARK   ".signet-tmp-"
#define TEMP_DIGITS 16
#define TEMP_NAME   200
#define TEMP_OLD_S  300

struct sg_outfile {
	char *path; /* that it will have, links resolved */
	char *temp; /* its name until then; NULL: it has none */
	mode_t mode;
	int fd;
	bool is_direct; /* to a terminal, a FIFO and the like */
	bool was_written;
};

/* The folder that a file is in. */
static enum sg_rc
parent_of(const char *path, char **out_parent, struct sg_err *err)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return sg_str_copy(".", out_parent, err);
	*out_parent = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	return *out_parent != NULL ? SG_OK : sg_fail_nomem(err);
}

/* By this name a file without one can be linked, where /proc is there. */
static void
name_of_fd(int fd, char out[64])
{
	(void)snprintf(out, 64, "/proc/self/fd/%d", fd);
}

static int
open_nameless(const char *parent)
{
	int fd = open(parent, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	char name[64];
	struct stat st;

	if (fd < 0)
		return -1;
	name_of_fd(fd, name);
	if (stat(name, &st) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* Make up a name that stands beside the file. */
static enum sg_rc
make_temp_name(const char *path, char **out_name, struct sg_err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	uint64_t chance = 0;

	if (getentropy(&chance, sizeof(chance)) != 0)
		return sg_fail_errno(err, SG_E_IO, "get random bytes");
	if (asprintf(out_name, "%.*s.%.*s" TEMP_MARK "%0*" PRIx64,
		(int)(name - path), path, TEMP_NAME, name, TEMP_DIGITS,
		chance) >= 0)
		return SG_OK;
	*out_name = NULL; /* undefined after a failure */
	return sg_fail_nomem(err);
}

/* Give the file a name; false with errno, EEXIST when another has it. */
typedef bool take_name(struct sg_outfile *file, const char *name);

static bool
create_as(struct sg_outfile *file, const char *name)
{
	file->fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	return file->fd >= 0;
}

/* A link cannot replace what is there, hence a name beside it. */
static bool
link_as(struct sg_outfile *file, const char *name)
{
	char from[64];

	name_of_fd(file->fd, from);
	return linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Have a temporary name that nothing else has. */
static enum sg_rc
name_it(struct sg_outfile *file, take_name *take, struct sg_err *err)
{
	int tries;

	for (tries = 0; tries < NAME_TRIES; tries++) {
		SG_AUTO_STR name = NULL;
		enum sg_rc rc;

		rc = make_temp_name(file->path, &name, err);
		if (rc != SG_OK)
			return rc;
		if (take(file, name)) {
			file->temp = name;
			name = NULL; /* now the file's */
			return SG_OK;
		}
		if (errno != EEXIST)
			break;
	}
	return sg_fail_errno(err, SG_E_IO, "make a file beside %s", file->path);
}

static enum sg_rc
open_beside(struct sg_outfile *file, struct sg_err *err)
{
	SG_AUTO_STR parent = NULL;
	enum sg_rc rc;

	rc = parent_of(file->path, &parent, err);
	if (rc != SG_OK)
		return rc;
	file->fd = open_nameless(parent);
	return file->fd >= 0 ? SG_OK : name_it(file, create_as, err);
}

/* The open itself would wait for ever for who reads a FIFO; the writes may
 * wait for it, as they do for a terminal. */
static enum sg_rc
open_direct(struct sg_outfile *file, bool is_fifo, struct sg_err *err)
{
	const struct timespec pause = sg_clock_timespec(READER_POLL_MS);
	const int how = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int64_t end_ms = sg_clock_mono_ms() + READER_WAIT_MS;
	int flags;

	file->fd = open(file->path, how);
	while (file->fd < 0 && errno == ENXIO && is_fifo) {
		if (sg_clock_mono_ms() >= end_ms)
			return sg_fail_native(err, SG_E_IO, ENXIO,
			    "nobody reads the FIFO %s; start who reads it "
			    "first",
			    file->path);
		(void)nanosleep(&pause, NULL);
		file->fd = open(file->path, how);
	}
	flags = file->fd >= 0 ? fcntl(file->fd, F_GETFL) : -1;
	if (flags < 0 || fcntl(file->fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
		return sg_fail_errno(err, SG_E_IO, "open %s", file->path);
	return SG_OK;
}

static enum sg_rc
open_own_place(struct sg_outfile *file, const char *path, struct sg_err *err)
{
	file->path = strdup(path);
	return file->path != NULL ? open_beside(file, err) : sg_fail_nomem(err);
}

static enum sg_rc
open_place(struct sg_outfile *file, const char *path, struct sg_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		if (lstat(path, &st) == 0)
			return sg_fail_native(err, SG_E_IO, ENOENT,
			    "%s is a link to a file that is not there", path);
		return open_own_place(file, path, err);
	}
	if (S_ISDIR(st.st_mode))
		return sg_fail_native(
		    err, SG_E_IO, EISDIR, "%s is a folder, not a file", path);
	file->is_direct = !S_ISREG(st.st_mode);
	file->path = file->is_direct ? strdup(path) : realpath(path, NULL);
	if (file->path == NULL)
		return sg_fail_errno(err, SG_E_IO, "resolve %s", path);
	return file->is_direct ? open_direct(file, S_ISFIFO(st.st_mode), err)
			       : open_beside(file, err);
}

static enum sg_rc
open_as(const char *path, mode_t mode, bool is_own,
    struct sg_outfile **out_file, struct sg_err *err)
{
	SG_AUTO(sg_outfile) file = calloc(1, sizeof(*file));
	enum sg_rc rc;

	if (file == NULL)
		return sg_fail_nomem(err);
	file->fd = -1;
	file->mode = mode;
	rc = is_own ? open_own_place(file, path, err)
		    : open_place(file, path, err);
	if (rc != SG_OK)
		return rc;
	*out_file = file;
	file = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_outfile_open(const char *path, mode_t mode, struct sg_outfile **out_file,
    struct sg_err *err)
{
	return open_as(path, mode, false, out_file, err);
}

enum sg_rc
sg_outfile_open_own(
    const char *path, struct sg_outfile **out_file, struct sg_err *err)
{
	return open_as(path, 0600, true, out_file, err);
}

enum sg_rc
sg_outfile_write(
    struct sg_outfile *file, const void *data, size_t len, struct sg_err *err)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t done = write(file->fd, p, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return sg_fail_errno(
			    err, SG_E_IO, "write %s", file->path);
		file->was_written = true;
		p += done;
		len -= (size_t)done;
	}
	return SG_OK;
}

enum sg_rc
sg_outfile_restart(struct sg_outfile *file, struct sg_err *err)
{
	if (!file->was_written)
		return SG_OK;
	if (file->is_direct)
		return sg_fail(err, SG_E_IO,
		    "%s got the beginning already, and takes nothing back",
		    file->path);
	if (ftruncate(file->fd, 0) != 0 || lseek(file->fd, 0, SEEK_SET) != 0)
		return sg_fail_errno(err, SG_E_IO, "write %s", file->path);
	file->was_written = false;
	return SG_OK;
}

enum sg_rc
sg_outfile_give(
    struct sg_outfile *file, uid_t user, gid_t group, struct sg_err *err)
{
	struct stat st;

	if (fstat(file->fd, &st) == 0 && st.st_uid == user &&
	    st.st_gid == group)
		return SG_OK;
	if (fchown(file->fd, user, group) != 0)
		return sg_fail_errno(
		    err, SG_E_IO, "keep the owner of %s", file->path);
	return SG_OK;
}

static bool
is_temp_name(const char *name)
{
	size_t len = strlen(name);
	size_t end = strlen(TEMP_MARK) + TEMP_DIGITS;
	const char *mark;

	if (name[0] != '.' || len <= 1 + end)
		return false;
	mark = name + len - end;
	return sg_text_starts(mark, TEMP_MARK) &&
	       strspn(mark + strlen(TEMP_MARK), "0123456789abcdef") ==
		   TEMP_DIGITS;
}

static void
sweep_one(int dir_fd, const char *name)
{
	struct stat st;

	if (!is_temp_name(name) ||
	    fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_mtime > time(NULL) - TEMP_OLD_S)
		return;
	(void)unlinkat(dir_fd, name, 0);
}

void
sg_outfile_sweep(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *file;

	if (dir == NULL)
		return;
	for (file = readdir(dir); file != NULL; file = readdir(dir))
		sweep_one(dirfd(dir), file->d_name);
	(void)closedir(dir);
}

/* A rename, or a removal, must survive a power cut; old file systems may not
 * say. */
static void
finish_parent(const char *path)
{
	SG_AUTO_STR parent = NULL;
	int fd;

	if (parent_of(path, &parent, NULL) != SG_OK)
		return;
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}

enum sg_rc
sg_outfile_remove(const char *path, bool *out_was, struct sg_err *err)
{
	bool was = unlink(path) == 0;

	if (!was && errno != ENOENT && errno != ENOTDIR)
		return sg_fail_errno(err, SG_E_IO, "remove %s", path);
	if (was)
		finish_parent(path);
	if (out_was != NULL)
		*out_was = was;
	return SG_OK;
}

enum sg_rc
sg_outfile_commit(struct sg_outfile *file, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	if (file->is_direct)
		return SG_OK;
	if (fchmod(file->fd, file->mode) != 0)
		return sg_fail_errno(
		    err, SG_E_IO, "set the mode of %s", file->path);
	if (fsync(file->fd) != 0)
		return sg_fail_errno(err, SG_E_IO, "write %s", file->path);
	if (file->temp == NULL)
		rc = name_it(file, link_as, err);
	if (rc != SG_OK)
		return rc;
	if (rename(file->temp, file->path) != 0)
		return sg_fail_errno(
		    err, SG_E_IO, "put %s in place", file->path);
	free(file->temp);
	file->temp = NULL; /* now the file itself */
	finish_parent(file->path);
	return SG_OK;
}

void
sg_outfile_free(struct sg_outfile **file)
{
	if (file == NULL || *file == NULL)
		return;
	if ((*file)->temp != NULL)
		(void)unlink((*file)->temp);
	if ((*file)->fd >= 0)
		(void)close((*file)->fd);
	free((*file)->temp);
	free((*file)->path);
	free(*file);
	*file = NULL;
}
