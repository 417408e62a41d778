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
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/outfile.h"

#define SKIPPED 77

/* Each test runs in an empty folder of its own, as the working directory. */
static char folder[] = "/tmp/signet-outfile-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
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
	(void)state;
	return chdir("/") == 0 &&
		       nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0
		   ? 0
		   : -1;
}

static void
put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static bool
holds(const char *path, const char *text)
{
	SG_AUTO(sg_buf) buf = NULL;

	return sg_file_read(path, SG_FILE_ANY, 100000, NULL, &buf, NULL) ==
		   SG_OK &&
	       strcmp(sg_buf_str(buf), text) == 0;
}

static size_t
entries_here(void)
{
	DIR *here = opendir(".");
	size_t count = 0;

	assert_non_null(here);
	while (readdir(here) != NULL)
		count++;
	(void)closedir(here);
	return count - 2; /* . and .. */
}

/* Write two pieces in place of what is there. */
static enum sg_rc
write_two(const char *path, struct sg_err *err)
{
	SG_AUTO(sg_outfile) file = NULL;
	enum sg_rc rc;

	rc = sg_outfile_open(path, 0640, &file, err);
	if (rc == SG_OK)
		rc = sg_outfile_write(file, "one ", 4, err);
	if (rc == SG_OK)
		rc = sg_outfile_write(file, "two", 3, err);
	if (rc == SG_OK)
		rc = sg_outfile_commit(file, err);
	return rc;
}

static void
pieces_appear_as_one_file_at_the_commit(void **state)
{
	struct sg_outfile *file = NULL;
	struct stat st;

	(void)state;
	put("f", "old");
	assert_int_equal(sg_outfile_open("f", 0640, &file, NULL), SG_OK);
	assert_int_equal(sg_outfile_write(file, "new", 3, NULL), SG_OK);
	assert_true(holds("f", "old"));
	assert_int_equal(sg_outfile_commit(file, NULL), SG_OK);
	sg_outfile_free(&file);
	assert_null(file);
	assert_true(holds("f", "new"));
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(entries_here(), 1);
}

static void
what_is_not_committed_leaves_nothing(void **state)
{
	struct sg_outfile *file = NULL;

	(void)state;
	assert_int_equal(sg_outfile_open("f", 0600, &file, NULL), SG_OK);
	assert_int_equal(sg_outfile_write(file, "new", 3, NULL), SG_OK);
	sg_outfile_free(&file);
	assert_int_equal(entries_here(), 0);
}

static void
a_restart_takes_back_what_was_written(void **state)
{
	struct sg_outfile *file = NULL;

	(void)state;
	assert_int_equal(sg_outfile_open("f", 0600, &file, NULL), SG_OK);
	assert_int_equal(sg_outfile_restart(file, NULL), SG_OK);
	assert_int_equal(sg_outfile_write(file, "too much", 8, NULL), SG_OK);
	assert_int_equal(sg_outfile_restart(file, NULL), SG_OK);
	assert_int_equal(sg_outfile_write(file, "new", 3, NULL), SG_OK);
	assert_int_equal(sg_outfile_commit(file, NULL), SG_OK);
	sg_outfile_free(&file);
	assert_true(holds("f", "new"));
}

static void
a_device_takes_nothing_back(void **state)
{
	struct sg_outfile *file = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_outfile_open("/dev/null", 0600, &file, NULL), SG_OK);
	assert_int_equal(sg_outfile_restart(file, NULL), SG_OK);
	assert_int_equal(sg_outfile_write(file, "x", 1, NULL), SG_OK);
	assert_int_equal(sg_outfile_restart(file, &err), SG_E_IO);
	assert_non_null(strstr(err.text, "/dev/null"));
	assert_int_equal(sg_outfile_commit(file, NULL), SG_OK);
	sg_outfile_free(&file);
}

static void
a_link_is_followed_and_a_dangling_one_refused(void **state)
{
	struct sg_outfile *file = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("sub", 0700), 0);
	put("sub/f", "old");
	assert_int_equal(symlink("sub/f", "link"), 0);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(write_two("link", NULL), SG_OK);
	assert_true(holds("sub/f", "one two"));
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(
	    sg_outfile_open("dangling", 0600, &file, NULL), SG_E_IO);
	assert_null(file);
}

static void
a_place_that_is_none_is_told(void **state)
{
	static const struct {
		const char *path;
		int number;
	} cases[] = {{"sub/f", ENOENT}, {".", EISDIR}, {"old/f", ENOTDIR}};
	size_t i;

	(void)state;
	put("old", "");
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_outfile *file = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    sg_outfile_open(cases[i].path, 0600, &file, &err), SG_E_IO);
		assert_null(file);
		assert_int_equal(err.native, cases[i].number);
		assert_non_null(strstr(err.text, cases[i].path));
	}
}

/* Run in a child of its own; what it returns. */
static int
in_child(int (*run)(void))
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0)
		_exit(run());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
be_killed_while_writing(void)
{
	struct sg_outfile *file = NULL;

	if (sg_outfile_open("f", 0600, &file, NULL) != SG_OK ||
	    sg_outfile_write(file, "half", 4, NULL) != SG_OK)
		return 1;
	return raise(SIGKILL);
}

static void
sigkill_leaves_the_old_file_and_no_other(void **state)
{
	(void)state;
	put("f", "old");
	assert_int_equal(in_child(be_killed_while_writing), -SIGKILL);
	assert_true(holds("f", "old"));
	assert_int_equal(entries_here(), 1);
}

/* As signet runs: no other process of the user may look into it. */
static int
write_undumpable(void)
{
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 1;
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		return 2;
	return write_two("f", NULL) == SG_OK && holds("f", "one two") ? 0 : 3;
}

static void
a_hardened_process_without_rights_can_write(void **state)
{
	(void)state;
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(in_child(write_undumpable), 0);
	assert_int_equal(entries_here(), 1);
}

/* Where there is no /proc the file has a name from the start. */
static int
write_without_proc(void)
{
	SG_AUTO(sg_outfile) file = NULL;

	if (geteuid() != 0 && unshare(CLONE_NEWUSER) != 0)
		return SKIPPED;
	if (chroot(".") != 0)
		return SKIPPED;
	if (write_two("f", NULL) != SG_OK || !holds("f", "one two") ||
	    entries_here() != 1)
		return 1;
	if (sg_outfile_open("f", 0600, &file, NULL) != SG_OK ||
	    entries_here() != 2)
		return 2;
	sg_outfile_free(&file);
	return entries_here() == 1 ? 0 : 3;
}

static void
a_file_with_a_name_of_its_own_is_put_in_place_or_removed(void **state)
{
	int rc = in_child(write_without_proc);

	(void)state;
	if (rc == SKIPPED)
		skip();
	assert_int_equal(rc, 0);
}

/* Of an age that no writer at work has. */
static void
put_old(const char *name)
{
	const struct timespec times[2] = {
	    {.tv_sec = time(NULL) - 600}, {.tv_sec = time(NULL) - 600}};
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

#define TEMP ".signet-tmp-0123456789abcdef"

/* A name that somebody may have given a file of his. */
static const char *const no_temps[] = {"app.signet-config", "a.signet-AbC123",
    "a" TEMP, TEMP, ".a.signet-tmp-0123456789abcde",
    ".a.signet-tmp-0123456789abcdef0", ".a.signet-tmp-0123456789abcdeF",
    ".a" TEMP ".json", "a.backup"};

static void
what_a_killed_writer_left_is_swept_away(void **state)
{
	static const char *const left[] = {
	    ".a" TEMP, ".b.json" TEMP, ".a.signet-x" TEMP};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(left); i++)
		put_old(left[i]);
	for (i = 0; i < SG_COUNT(no_temps); i++)
		put_old(no_temps[i]);
	put(".young" TEMP, "");
	assert_int_equal(mkdir(".d" TEMP, 0700), 0);
	assert_int_equal(symlink("a.backup", ".l" TEMP), 0);
	sg_outfile_sweep(".");
	for (i = 0; i < SG_COUNT(left); i++)
		assert_int_equal(access(left[i], F_OK), -1);
	for (i = 0; i < SG_COUNT(no_temps); i++)
		assert_int_equal(access(no_temps[i], F_OK), 0);
	assert_int_equal(access(".young" TEMP, F_OK), 0);
	assert_int_equal(access(".d" TEMP, F_OK), 0);
	assert_int_equal(access(".l" TEMP, F_OK), 0);
	for (i = 0; i < SG_COUNT(no_temps); i++)
		assert_int_equal(unlink(no_temps[i]), 0);
	assert_int_equal(unlink(".young" TEMP), 0);
	assert_int_equal(unlink(".l" TEMP), 0);
	assert_int_equal(rmdir(".d" TEMP), 0);
	sg_outfile_sweep("not-there"); /* and nothing happens */
}

/* SIGALRM ends the test where an open waits for ever. */
static void
a_fifo_without_a_reader_is_not_waited_for(void **state)
{
	SG_AUTO(sg_outfile) file = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	(void)alarm(120);
	assert_int_equal(sg_outfile_open("fifo", 0600, &file, &err), SG_E_IO);
	(void)alarm(0);
	assert_null(file);
	assert_int_equal(err.native, ENXIO);
	assert_non_null(strstr(err.text, "nobody reads the FIFO fifo"));
}

/* Where the host stood still, the reader may come after the two seconds that
 * it is waited for; they are waited for each time. */
static enum sg_rc
open_in_the_end(const char *path, struct sg_outfile **out_file)
{
	int64_t from_ms;
	int tries = 0;
	enum sg_rc rc;

	do {
		from_ms = sg_clock_mono_ms();
		rc = sg_outfile_open(path, 0600, out_file, NULL);
	} while (rc != SG_OK && sg_clock_mono_ms() - from_ms >= 2000 &&
		 ++tries < 30);
	return rc;
}

/* Who reads later than it is opened, and slower than it is written. */
static void
a_fifo_is_written_to_at_the_pace_of_its_reader(void **state)
{
	static const uint8_t data[256 * 1024];
	const struct timespec pause = {0, 200 * 1000 * 1000};
	SG_AUTO(sg_outfile) file = NULL;
	uint8_t in[4096];
	size_t total = 0;
	ssize_t got = 1;
	pid_t pid;
	int status;
	int fd;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)nanosleep(&pause, NULL);
		fd = open("fifo", O_RDONLY | O_CLOEXEC);
		(void)nanosleep(&pause, NULL);
		while (fd >= 0 && got > 0) {
			got = read(fd, in, sizeof(in));
			total += got > 0 ? (size_t)got : 0;
		}
		_exit(total == sizeof(data) ? 0 : 1);
	}
	assert_int_equal(open_in_the_end("fifo", &file), SG_OK);
	assert_int_equal(
	    sg_outfile_write(file, data, sizeof(data), NULL), SG_OK);
	assert_int_equal(sg_outfile_commit(file, NULL), SG_OK);
	sg_outfile_free(&file);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The folder may be anybody's. */
static void
a_commit_removes_no_file_beside_its_own(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(no_temps); i++)
		put_old(no_temps[i]);
	put_old(".a" TEMP);
	assert_int_equal(sg_file_replace("f", "x", 1, 0600, NULL), SG_OK);
	assert_int_equal(entries_here(), SG_COUNT(no_temps) + 2);
	for (i = 0; i < SG_COUNT(no_temps); i++)
		assert_int_equal(unlink(no_temps[i]), 0);
	assert_int_equal(unlink(".a" TEMP), 0);
}

static void
a_name_as_long_as_can_be_is_written_all_the_same(void **state)
{
	char name[NAME_MAX + 1];

	(void)state;
	memset(name, 'n', NAME_MAX);
	name[NAME_MAX] = '\0';
	assert_int_equal(write_two(name, NULL), SG_OK);
	assert_true(holds(name, "one two"));
	assert_int_equal(entries_here(), 1);
}

static void
what_is_removed_is_gone_and_told(void **state)
{
	struct sg_err err = {0};
	bool was = false;

	(void)state;
	put("f", "a");
	assert_int_equal(sg_outfile_remove("f", &was, NULL), SG_OK);
	assert_true(was);
	assert_int_equal(access("f", F_OK), -1);
	assert_int_equal(sg_outfile_remove("f", &was, NULL), SG_OK);
	assert_false(was);
	assert_int_equal(sg_outfile_remove("f/g", NULL, NULL), SG_OK);
	assert_int_equal(mkdir("d", 0700), 0);
	was = true;
	assert_int_equal(sg_outfile_remove("d", &was, &err), SG_E_IO);
	assert_true(was); /* as it was */
	assert_non_null(strstr(err.text, "remove d"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(pieces_appear_as_one_file_at_the_commit),
	    TEST(what_is_not_committed_leaves_nothing),
	    TEST(a_restart_takes_back_what_was_written),
	    TEST(a_device_takes_nothing_back),
	    TEST(a_fifo_without_a_reader_is_not_waited_for),
	    TEST(a_fifo_is_written_to_at_the_pace_of_its_reader),
	    TEST(a_link_is_followed_and_a_dangling_one_refused),
	    TEST(a_place_that_is_none_is_told),
	    TEST(sigkill_leaves_the_old_file_and_no_other),
	    TEST(what_a_killed_writer_left_is_swept_away),
	    TEST(a_commit_removes_no_file_beside_its_own),
	    TEST(what_is_removed_is_gone_and_told),
	    TEST(a_name_as_long_as_can_be_is_written_all_the_same),
	    TEST(a_hardened_process_without_rights_can_write),
	    TEST(a_file_with_a_name_of_its_own_is_put_in_place_or_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
