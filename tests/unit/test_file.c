/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

/* Each test runs in an empty folder of its own, as the working directory. */
struct place {
	char folder[64];
	int home;
};

static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	if (place == NULL)
		return -1;
	(void)snprintf(
	    place->folder, sizeof(place->folder), "/tmp/signet-file-XXXXXX");
	place->home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->home < 0 || mkdtemp(place->folder) == NULL ||
	    chdir(place->folder) != 0)
		return -1;
	(void)umask(022);
	*state = place;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static int
tear_down(void **state)
{
	struct place *place = *state;
	int rc;

	rc = fchdir(place->home);
	(void)close(place->home);
	if (nftw(place->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
		rc = -1;
	free(place);
	return rc;
}

static void
put(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
assert_holds(const char *path, const char *text)
{
	SG_AUTO(sg_buf) buf = NULL;

	assert_int_equal(
	    sg_file_read(path, SG_FILE_ANY, 100000, NULL, &buf, NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf), text);
}

static unsigned int
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return (unsigned int)st.st_mode & 07777;
}

static size_t
entries_here(void)
{
	DIR *folder = opendir(".");
	size_t count = 0;

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		count++;
	(void)closedir(folder);
	return count - 2; /* . and .. */
}

static void
nap_ms(long ms)
{
	const struct timespec pause = {.tv_nsec = ms * 1000000L};

	(void)nanosleep(&pause, NULL);
}

static enum sg_rc
read_as(const char *path, enum sg_file_trust trust, struct sg_err *err)
{
	SG_AUTO(sg_buf) buf = NULL;
	enum sg_rc rc;

	rc = sg_file_read(path, trust, 1000, NULL, &buf, err);
	if (rc != SG_OK)
		assert_null(buf);
	return rc;
}

/* Reading */

static void
a_file_is_read_whole(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;
	char text[10001];

	(void)state;
	memset(text, 'a', 10000);
	text[10000] = '\0';
	put("f", text, 0600);
	assert_int_equal(
	    sg_file_read("f", SG_FILE_SECRET, 10000, NULL, &buf, NULL), SG_OK);
	assert_int_equal(buf->len, 10000);
	assert_string_equal(sg_buf_str(buf), text);
}

static void
an_empty_file_is_read(void **state)
{
	(void)state;
	put("f", "", 0600);
	assert_holds("f", "");
}

static void
a_file_longer_than_the_maximum_is_refused(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;
	struct sg_err err = {0};

	(void)state;
	put("f", "12345", 0600);
	assert_int_equal(
	    sg_file_read("f", SG_FILE_ANY, 4, NULL, &buf, &err), SG_E_USAGE);
	assert_null(buf);
	assert_string_equal(err.text, "f is larger than 4 bytes");
}

static void
a_stream_without_end_is_refused(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;

	(void)state;
	assert_int_equal(
	    sg_file_read("/dev/zero", SG_FILE_ANY, 100000, NULL, &buf, NULL),
	    SG_E_USAGE);
	assert_null(buf);
}

static void
a_file_that_is_not_there_is_named_with_errno(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(read_as("absent", SG_FILE_ANY, &err), SG_E_IO);
	assert_int_equal(err.native, ENOENT);
	assert_string_equal(err.text, "open absent: No such file or directory");
}

static void
a_folder_is_not_read(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(read_as(".", SG_FILE_ANY, &err), SG_E_IO);
	assert_int_equal(err.native, EISDIR);
}

static void
a_secret_that_others_can_reach_is_refused(void **state)
{
	static const mode_t modes[] = {
	    0644, 0640, 0604, 0660, 0620, 0602, 0610, 0601};
	size_t i;

	(void)state;
	put("f", "hunter2", 0600);
	for (i = 0; i < SG_COUNT(modes); i++) {
		struct sg_err err = {0};

		assert_int_equal(chmod("f", modes[i]), 0);
		assert_int_equal(
		    read_as("f", SG_FILE_SECRET, &err), SG_E_CONFIG);
		assert_non_null(strstr(err.text, "chmod 600 f"));
		assert_null(strstr(err.text, "hunter2"));
	}
}

static void
a_secret_of_its_owner_alone_is_read(void **state)
{
	(void)state;
	put("f", "x", 0600);
	assert_int_equal(read_as("f", SG_FILE_SECRET, NULL), SG_OK);
	assert_int_equal(chmod("f", 0400), 0);
	assert_int_equal(read_as("f", SG_FILE_SECRET, NULL), SG_OK);
}

static void
a_configuration_that_others_can_write_is_refused(void **state)
{
	static const mode_t modes[] = {0660, 0606, 0620, 0602, 0666};
	size_t i;

	(void)state;
	put("f", "x", 0600);
	for (i = 0; i < SG_COUNT(modes); i++) {
		struct sg_err err = {0};

		assert_int_equal(chmod("f", modes[i]), 0);
		assert_int_equal(
		    read_as("f", SG_FILE_CONFIG, &err), SG_E_CONFIG);
		assert_non_null(strstr(err.text, "chmod go-w f"));
	}
}

static void
a_configuration_that_others_can_read_is_read_and_told(void **state)
{
	SG_AUTO(sg_buf) open_buf = NULL;
	SG_AUTO(sg_buf) closed_buf = NULL;
	bool others_read = false;

	(void)state;
	put("f", "x", 0644);
	assert_int_equal(sg_file_read("f", SG_FILE_CONFIG, 10, &others_read,
			     &open_buf, NULL),
	    SG_OK);
	assert_true(others_read);
	assert_int_equal(chmod("f", 0600), 0);
	assert_int_equal(sg_file_read("f", SG_FILE_CONFIG, 10, &others_read,
			     &closed_buf, NULL),
	    SG_OK);
	assert_false(others_read);
}

static void
a_failed_read_leaves_every_output_alone(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;
	bool others_read = false;

	(void)state;
	put("f", "12345", 0644);
	assert_int_equal(
	    sg_file_read("f", SG_FILE_ANY, 4, &others_read, &buf, NULL),
	    SG_E_USAGE);
	assert_false(others_read);
	assert_null(buf);
}

static void
trusting_anyone_takes_every_mode(void **state)
{
	(void)state;
	put("f", "x", 0666);
	assert_int_equal(read_as("f", SG_FILE_ANY, NULL), SG_OK);
}

/*
 * A file of somebody else: made by root, or found by a user who looks at
 * root's from a user namespace in which root has no number.
 */
static const char *
foreign_file(void)
{
	char map[32];
	int fd;

	if (geteuid() == 0) {
		put("foreign", "x", 0600);
		return chown("foreign", 65534, 65534) == 0 ? "foreign" : NULL;
	}
	(void)snprintf(map, sizeof(map), "0 %u 1", (unsigned int)geteuid());
	if (unshare(CLONE_NEWUSER) != 0)
		return NULL;
	fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, map, strlen(map)) < 0)
		return NULL;
	(void)close(fd);
	return "/etc/passwd";
}

static void
a_file_of_another_user_is_refused(void **state)
{
	int status = 0;
	pid_t child;

	(void)state;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const char *path = foreign_file();
		struct sg_err err = {0};

		if (path == NULL)
			_exit(77);
		if (read_as(path, SG_FILE_CONFIG, &err) != SG_E_CONFIG ||
		    strstr(err.text, "belongs to another user") == NULL ||
		    read_as(path, SG_FILE_SECRET, NULL) != SG_E_CONFIG)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void
the_target_of_a_link_is_what_must_be_trusted(void **state)
{
	(void)state;
	put("target", "x", 0644);
	assert_int_equal(symlink("target", "link"), 0);
	assert_int_equal(read_as("link", SG_FILE_SECRET, NULL), SG_E_CONFIG);
	assert_int_equal(chmod("target", 0600), 0);
	assert_int_equal(read_as("link", SG_FILE_SECRET, NULL), SG_OK);
}

static void
a_fifo_is_read_until_its_end(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;
	int status = 0;
	pid_t child;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int fd = open("fifo", O_WRONLY | O_CLOEXEC);

		if (write(fd, "12", 2) != 2)
			_exit(1);
		nap_ms(30);
		_exit(write(fd, "34", 2) == 2 ? 0 : 1);
	}
	assert_int_equal(
	    sg_file_read("fifo", SG_FILE_SECRET, 100, NULL, &buf, NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf), "1234");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
a_descriptor_is_read_to_its_end_and_stays_open(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "1234", 4), 4);
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(
	    sg_file_read_fd(ends[0], "descriptor 3", 4, 0, &buf, NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf), "1234");
	assert_int_equal(close(ends[0]), 0);
}

static void
a_fifo_that_nobody_writes_to_is_given_up(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;
	struct sg_err err = {0};
	int fd = -1;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(
	    sg_file_open("fifo", SG_FILE_SECRET, &fd, NULL), SG_OK);
	assert_int_equal(
	    sg_file_read_fd(fd, "fifo", 100, 50, &buf, &err), SG_E_TIMEOUT);
	assert_non_null(strstr(err.text, "fifo did not come to its end"));
	assert_null(buf);
	assert_int_equal(close(fd), 0);
}

static void
a_writer_that_does_not_close_is_given_up(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "1234", 4), 4);
	assert_int_equal(sg_file_read_fd(ends[0], "pipe", 100, 50, &buf, NULL),
	    SG_E_TIMEOUT);
	assert_null(buf);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(close(ends[1]), 0);
}

static void
what_is_not_to_be_trusted_is_not_opened(void **state)
{
	struct sg_err err = {0};
	int fd = -1;

	(void)state;
	put("f", "a", 0644);
	assert_int_equal(
	    sg_file_open("f", SG_FILE_SECRET, &fd, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "chmod 600 f"));
	assert_int_equal(fd, -1);
}

static void
a_descriptor_that_cannot_be_read_is_named(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_file_read_fd(-1, "descriptor 9", 4, 0, &buf, &err), SG_E_IO);
	assert_int_equal(err.native, EBADF);
	assert_non_null(strstr(err.text, "read descriptor 9"));
	assert_null(buf);
}

/* Replacing */

static void
a_new_file_has_the_mode_asked_for_whatever_the_umask(void **state)
{
	(void)state;
	(void)umask(077);
	assert_int_equal(sg_file_replace("public", "a", 1, 0644, NULL), SG_OK);
	(void)umask(0);
	assert_int_equal(sg_file_replace("private", "b", 1, 0600, NULL), SG_OK);
	assert_int_equal(mode_of("public"), 0644);
	assert_int_equal(mode_of("private"), 0600);
	assert_holds("public", "a");
	assert_int_equal(entries_here(), 2);
}

static void
an_old_file_is_replaced_whole(void **state)
{
	struct stat before;
	struct stat after;

	(void)state;
	put("f", "a long old text", 0644);
	assert_int_equal(stat("f", &before), 0);
	assert_int_equal(sg_file_replace("f", "new", 3, 0600, NULL), SG_OK);
	assert_int_equal(stat("f", &after), 0);
	assert_true(before.st_ino != after.st_ino);
	assert_holds("f", "new");
	assert_int_equal(mode_of("f"), 0600);
	assert_int_equal(entries_here(), 1);
}

static void
a_reader_of_the_old_file_keeps_it(void **state)
{
	SG_AUTO(sg_buf) buf = NULL;
	int fd;

	(void)state;
	put("f", "old", 0600);
	fd = open("f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(sg_file_replace("f", "new", 3, 0600, NULL), SG_OK);
	assert_int_equal(sg_file_read_fd(fd, "f", 10, 0, &buf, NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf), "old");
	assert_int_equal(close(fd), 0);
}

static void
nothing_at_all_can_be_written(void **state)
{
	(void)state;
	put("f", "old", 0600);
	assert_int_equal(sg_file_replace("f", NULL, 0, 0600, NULL), SG_OK);
	assert_holds("f", "");
}

static void
a_path_with_folders_is_written_there(void **state)
{
	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(sg_file_replace("sub/f", "x", 1, 0600, NULL), SG_OK);
	assert_holds("sub/f", "x");
	assert_int_equal(entries_here(), 1);
}

static void
a_link_is_followed_and_stays_a_link(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	put("sub/target", "old", 0600);
	assert_int_equal(symlink("sub/target", "link"), 0);
	assert_int_equal(sg_file_replace("link", "new", 3, 0600, NULL), SG_OK);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_holds("sub/target", "new");
	assert_int_equal(entries_here(), 2);
}

static void
a_link_to_nothing_is_not_turned_into_a_file(void **state)
{
	struct sg_err err = {0};
	struct stat st;

	(void)state;
	assert_int_equal(symlink("absent", "link"), 0);
	assert_int_equal(
	    sg_file_replace("link", "new", 3, 0600, &err), SG_E_IO);
	assert_int_equal(err.native, ENOENT);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(entries_here(), 1);
}

static void
a_file_of_ours_takes_the_place_of_a_link(void **state)
{
	struct stat st;

	(void)state;
	put("victim", "theirs", 0644);
	assert_int_equal(symlink("victim", "ours"), 0);
	assert_int_equal(sg_file_keep("ours", "new", 3, NULL), SG_OK);
	assert_holds("victim", "theirs");
	assert_int_equal(mode_of("victim"), 0644);
	assert_holds("ours", "new");
	assert_int_equal(lstat("ours", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
a_folder_is_not_replaced(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(sg_file_replace("sub", "x", 1, 0600, &err), SG_E_IO);
	assert_int_equal(err.native, EISDIR);
	assert_int_equal(entries_here(), 1);
}

static void
a_missing_folder_is_told_with_errno(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_file_replace("sub/f", "x", 1, 0600, &err), SG_E_IO);
	assert_int_equal(err.native, ENOENT);
	assert_non_null(strstr(err.text, "sub/f"));
}

/* A file that may not grow fails like a full disk, with another errno. */
static enum sg_rc
replace_on_a_full_disk(
    const char *path, const void *data, size_t len, struct sg_err *err)
{
	void (*old_action)(int) = signal(SIGXFSZ, SIG_IGN);
	struct rlimit old;
	struct rlimit tight;
	enum sg_rc rc;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	rc = sg_file_replace(path, data, len, 0600, err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	(void)signal(SIGXFSZ, old_action);
	return rc;
}

static void
a_full_disk_leaves_the_old_file_and_no_other(void **state)
{
	struct sg_err err = {0};
	char data[8192] = {0};

	(void)state;
	put("f", "old", 0640);
	assert_int_equal(
	    replace_on_a_full_disk("f", data, sizeof(data), &err), SG_E_IO);
	assert_int_equal(err.native, EFBIG);
	assert_holds("f", "old");
	assert_int_equal(mode_of("f"), 0640);
	assert_int_equal(entries_here(), 1);
}

static void
a_full_disk_leaves_nothing_where_nothing_was(void **state)
{
	struct sg_err err = {0};
	char data[8192] = {0};

	(void)state;
	assert_int_equal(
	    replace_on_a_full_disk("f", data, sizeof(data), &err), SG_E_IO);
	assert_int_equal(entries_here(), 0);
}

static void
a_device_is_written_to_directly(void **state)
{
	struct sg_err err = {0};
	struct stat st;

	(void)state;
	assert_int_equal(
	    sg_file_replace("/dev/null", "x", 1, 0600, NULL), SG_OK);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(
	    sg_file_replace("/dev/full", "x", 1, 0600, &err), SG_E_IO);
	assert_int_equal(err.native, ENOSPC);
}

static void
a_fifo_is_written_to_directly(void **state)
{
	struct stat st;
	char got[8] = {0};
	int fd;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(sg_file_replace("fifo", "1234", 4, 0644, NULL), SG_OK);
	assert_int_equal(read(fd, got, sizeof(got)), 4);
	assert_memory_equal(got, "1234", 4);
	assert_int_equal(close(fd), 0);
	assert_int_equal(lstat("fifo", &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(entries_here(), 1);
}

/* Rewriting */

static void
a_rewritten_file_keeps_its_mode_and_owner(void **state)
{
	const uid_t owner = geteuid() == 0 ? 65534 : geteuid();
	struct stat st;

	(void)state;
	put("file", "old", 0640);
	assert_int_equal(chown("file", owner, (gid_t)-1), 0);
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(sg_file_rewrite("link", "new", 3, NULL), SG_OK);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_uid, owner);
	assert_int_equal(st.st_size, 3);
	assert_int_equal(entries_here(), 2);
}

static void
only_a_regular_file_is_rewritten(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_file_rewrite("absent", "new", 3, &err), SG_E_IO);
	assert_int_equal(err.native, ENOENT);
	sg_err_clear(&err);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(sg_file_rewrite("fifo", "new", 3, &err), SG_E_IO);
	assert_int_equal(entries_here(), 1);
}

/* Folders */

static void
a_folder_and_its_parents_are_made_private(void **state)
{
	(void)state;
	(void)umask(0);
	assert_int_equal(sg_file_make_dir("a/b//c/", NULL), SG_OK);
	assert_int_equal(mode_of("a"), 0700);
	assert_int_equal(mode_of("a/b"), 0700);
	assert_int_equal(mode_of("a/b/c"), 0700);
	assert_int_equal(sg_file_make_dir("a/b/c", NULL), SG_OK);
}

static void
an_absolute_path_is_made(void **state)
{
	const struct place *place = *state;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/x/y", place->folder);
	assert_int_equal(sg_file_make_dir(path, NULL), SG_OK);
	assert_int_equal(mode_of("x/y"), 0700);
}

static void
a_folder_that_others_can_reach_is_refused_with_what_mends_it(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	assert_int_equal(sg_file_check_dir("d", NULL), SG_E_CONFIG);
	assert_int_equal(sg_file_make_dir("d", &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "chmod 700 d"));
	assert_int_equal(chmod("d", 0700), 0);
	assert_int_equal(sg_file_make_dir("d", NULL), SG_OK);
	assert_int_equal(sg_file_check_dir("d", NULL), SG_OK);
	assert_int_equal(sg_file_check_dir("none", NULL), SG_E_IO);
	assert_int_equal(access("none", F_OK), -1);
}

static void
a_file_in_the_way_of_a_folder_is_told(void **state)
{
	struct sg_err err = {0};
	struct sg_err below = {0};

	(void)state;
	put("f", "x", 0600);
	assert_int_equal(sg_file_make_dir("f", &err), SG_E_IO);
	assert_int_equal(err.native, ENOTDIR);
	assert_int_equal(sg_file_make_dir("f/g", &below), SG_E_IO);
	assert_int_equal(below.native, ENOTDIR);
	assert_int_equal(sg_file_make_dir("", NULL), SG_E_IO);
}

/* Locks */

static void
a_lock_is_taken_freed_and_taken_again(void **state)
{
	struct sg_lock *lock = NULL;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(sg_lock_take("lock", 0, &lock, NULL), SG_OK);
		assert_non_null(lock);
		sg_lock_free(&lock);
		assert_null(lock);
	}
	assert_int_equal(mode_of("lock"), 0600);
	sg_lock_free(&lock);
	sg_lock_free(NULL);
}

static void
a_second_holder_waits_as_long_as_asked(void **state)
{
	struct sg_lock *first = NULL;
	struct sg_lock *second = NULL;
	struct sg_err err = {0};
	int64_t start_ms;

	(void)state;
	assert_int_equal(sg_lock_take("lock", 0, &first, NULL), SG_OK);
	start_ms = sg_clock_mono_ms();
	assert_int_equal(
	    sg_lock_take("lock", 100, &second, &err), SG_E_TIMEOUT);
	assert_true(sg_clock_mono_ms() - start_ms >= 100);
	assert_null(second);
	assert_non_null(strstr(err.text, "lock"));
	sg_lock_free(&first);
}

/* Start a process that holds the lock, and wait until it does. */
static pid_t
start_holder(const char *path, long hold_ms)
{
	char ready = 0;
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct sg_lock *lock = NULL;

		if (sg_lock_take(path, 0, &lock, NULL) != SG_OK ||
		    write(ends[1], "r", 1) != 1)
			_exit(1);
		while (hold_ms < 0)
			(void)pause();
		nap_ms(hold_ms);
		_exit(0);
	}
	assert_int_equal(close(ends[1]), 0);
	assert_int_equal(read(ends[0], &ready, 1), 1);
	assert_int_equal(close(ends[0]), 0);
	return child;
}

static void
a_lock_of_another_process_times_out(void **state)
{
	struct sg_lock *lock = NULL;
	pid_t holder = start_holder("lock", -1);

	(void)state;
	assert_int_equal(sg_lock_take("lock", 60, &lock, NULL), SG_E_TIMEOUT);
	assert_null(lock);
	assert_int_equal(kill(holder, SIGKILL), 0);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
}

static void
a_lock_ends_with_its_process(void **state)
{
	struct sg_lock *lock = NULL;
	pid_t holder = start_holder("lock", -1);

	(void)state;
	assert_int_equal(kill(holder, SIGKILL), 0);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
	assert_int_equal(sg_lock_take("lock", 0, &lock, NULL), SG_OK);
	sg_lock_free(&lock);
}

static void
a_waiter_gets_the_lock_when_the_holder_ends(void **state)
{
	struct sg_lock *lock = NULL;
	pid_t holder = start_holder("lock", 80);

	(void)state;
	assert_int_equal(sg_lock_take("lock", 60000, &lock, NULL), SG_OK);
	sg_lock_free(&lock);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
}

static void
a_lock_is_not_taken_through_a_link(void **state)
{
	struct sg_lock *lock = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(symlink("elsewhere", "lock"), 0);
	assert_int_equal(sg_lock_take("lock", 0, &lock, &err), SG_E_IO);
	assert_int_equal(err.native, ELOOP);
	assert_null(lock);
	assert_int_equal(entries_here(), 1);
}

static void
a_lock_in_a_missing_folder_is_an_error(void **state)
{
	struct sg_lock *lock = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_lock_take("sub/lock", 0, &lock, &err), SG_E_IO);
	assert_int_equal(err.native, ENOENT);
	assert_null(lock);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void
a_configuration_is_a_regular_file(void **state)
{
	struct sg_err err = {0};

	(void)state;
	/* Nobody writes to it: who opened it would wait for ever. */
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(read_as("fifo", SG_FILE_CONFIG, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "fifo is no file"));
	assert_int_equal(
	    read_as("/dev/null", SG_FILE_CONFIG, NULL), SG_E_CONFIG);
}

static void
trust_is_checked_before_a_file_is_opened(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(chmod("fifo", 0644), 0);
	assert_int_equal(read_as("fifo", SG_FILE_SECRET, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "chmod 600 fifo"));
}

static void
what_could_not_be_replaced_is_told_before(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_file_check_replace("f", &err), SG_OK);
	assert_int_equal(entries_here(), 0); /* nothing is made */
	put("f", "x", 0400);
	assert_int_equal(sg_file_check_replace("f", &err), SG_OK);
	assert_int_equal(sg_file_check_replace("./f", &err), SG_OK);
	assert_int_equal(sg_file_check_replace("/tmp/f", &err), SG_OK);
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(sg_file_check_replace("sub", &err), SG_E_IO);
	assert_int_equal(err.native, EISDIR);
	sg_err_clear(&err);
	assert_int_equal(sg_file_check_replace("none/f", &err), SG_E_IO);
	assert_int_equal(err.native, ENOENT);
	assert_non_null(strstr(err.text, "write to none/f"));
	sg_err_clear(&err);
	assert_int_equal(sg_file_check_replace("f/g", &err), SG_E_IO);
	/* What is written to directly needs no room beside it. */
	assert_int_equal(sg_file_check_replace("/dev/null", NULL), SG_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_PLACE(a_file_is_read_whole),
	    IN_PLACE(an_empty_file_is_read),
	    IN_PLACE(a_file_longer_than_the_maximum_is_refused),
	    IN_PLACE(a_stream_without_end_is_refused),
	    IN_PLACE(a_file_that_is_not_there_is_named_with_errno),
	    IN_PLACE(a_folder_is_not_read),
	    IN_PLACE(a_secret_that_others_can_reach_is_refused),
	    IN_PLACE(a_secret_of_its_owner_alone_is_read),
	    IN_PLACE(a_configuration_that_others_can_write_is_refused),
	    IN_PLACE(a_configuration_that_others_can_read_is_read_and_told),
	    IN_PLACE(a_failed_read_leaves_every_output_alone),
	    IN_PLACE(trusting_anyone_takes_every_mode),
	    IN_PLACE(a_file_of_another_user_is_refused),
	    IN_PLACE(the_target_of_a_link_is_what_must_be_trusted),
	    IN_PLACE(a_fifo_is_read_until_its_end),
	    IN_PLACE(a_descriptor_is_read_to_its_end_and_stays_open),
	    IN_PLACE(a_fifo_that_nobody_writes_to_is_given_up),
	    IN_PLACE(a_writer_that_does_not_close_is_given_up),
	    IN_PLACE(what_is_not_to_be_trusted_is_not_opened),
	    IN_PLACE(a_descriptor_that_cannot_be_read_is_named),
	    IN_PLACE(a_new_file_has_the_mode_asked_for_whatever_the_umask),
	    IN_PLACE(an_old_file_is_replaced_whole),
	    IN_PLACE(a_reader_of_the_old_file_keeps_it),
	    IN_PLACE(nothing_at_all_can_be_written),
	    IN_PLACE(a_path_with_folders_is_written_there),
	    IN_PLACE(a_link_is_followed_and_stays_a_link),
	    IN_PLACE(a_link_to_nothing_is_not_turned_into_a_file),
	    IN_PLACE(a_file_of_ours_takes_the_place_of_a_link),
	    IN_PLACE(a_folder_is_not_replaced),
	    IN_PLACE(a_missing_folder_is_told_with_errno),
	    IN_PLACE(a_full_disk_leaves_the_old_file_and_no_other),
	    IN_PLACE(a_full_disk_leaves_nothing_where_nothing_was),
	    IN_PLACE(a_device_is_written_to_directly),
	    IN_PLACE(a_fifo_is_written_to_directly),
	    IN_PLACE(a_rewritten_file_keeps_its_mode_and_owner),
	    IN_PLACE(only_a_regular_file_is_rewritten),
	    IN_PLACE(a_folder_and_its_parents_are_made_private),
	    IN_PLACE(an_absolute_path_is_made),
	    IN_PLACE(
		a_folder_that_others_can_reach_is_refused_with_what_mends_it),
	    IN_PLACE(a_file_in_the_way_of_a_folder_is_told),
	    IN_PLACE(a_lock_is_taken_freed_and_taken_again),
	    IN_PLACE(a_second_holder_waits_as_long_as_asked),
	    IN_PLACE(a_lock_of_another_process_times_out),
	    IN_PLACE(a_lock_ends_with_its_process),
	    IN_PLACE(a_waiter_gets_the_lock_when_the_holder_ends),
	    IN_PLACE(a_lock_is_not_taken_through_a_link),
	    IN_PLACE(a_lock_in_a_missing_folder_is_an_error),
	    IN_PLACE(a_configuration_is_a_regular_file),
	    IN_PLACE(trust_is_checked_before_a_file_is_opened),
	    IN_PLACE(what_could_not_be_replaced_is_told_before),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
