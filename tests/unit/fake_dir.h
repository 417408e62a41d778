/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_DIR_H
#define SG_TESTS_FAKE_DIR_H

/* A folder that lasts as long as a test, and what is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char fake_dir[PATH_MAX];

static inline void
fake_make_dir(void)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(fake_dir, sizeof(fake_dir), "%s/signet-XXXXXX",
	    base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(fake_dir));
}

static inline int
fake_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void
fake_remove_dir(void)
{
	(void)nftw(fake_dir, fake_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* How many files have this ending; the path of the last in @p path. */
static inline int
fake_files(const char *ending, char path[PATH_MAX])
{
	DIR *dir = opendir(fake_dir);
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	for (entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		size_t len = strlen(entry->d_name);

		if (len < strlen(ending) ||
		    strcmp(entry->d_name + len - strlen(ending), ending) != 0)
			continue;
		count++;
		(void)snprintf(
		    path, PATH_MAX, "%.2000s/%s", fake_dir, entry->d_name);
	}
	(void)closedir(dir);
	return count;
}

#endif
