/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/fds.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static void
close_folder(DIR **folder)
{
	if (*folder != NULL)
		(void)closedir(*folder);
}

#define AUTO_DIR __attribute__((cleanup(close_folder))) DIR *

static bool
is_noted(const struct fds *fds, int fd)
{
	size_t i;

	for (i = 0; i < fds->count; i++)
		if (fds->items[i] == fd)
			return true;
	return false;
}

/* The next descriptor of the list; -1 at its end. */
static int
next_fd(DIR *folder)
{
	const struct dirent *entry;

	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		return (int)strtol(entry->d_name, NULL, 10);
	}
	return -1;
}

static enum sg_rc
open_list(DIR **out_folder, struct sg_err *err)
{
	*out_folder = opendir("/proc/self/fd");
	return *out_folder != NULL
		   ? SG_OK
		   : sg_fail_errno(err, SG_E_IO, "list what is open");
}

enum sg_rc
fds_note(struct fds *fds, struct sg_err *err)
{
	AUTO_DIR folder = NULL;
	enum sg_rc rc;
	int *longer;
	int fd;

	rc = open_list(&folder, err);
	if (rc != SG_OK)
		return rc;
	while ((fd = next_fd(folder)) >= 0) {
		if (fd == dirfd(folder))
			continue;
		longer = reallocarray(
		    fds->items, fds->count + 1, sizeof(*fds->items));
		if (longer == NULL)
			return sg_fail_nomem(err);
		fds->items = longer;
		fds->items[fds->count++] = fd;
	}
	return SG_OK;
}

void
fds_forget(struct fds *fds, int fd)
{
	size_t i;

	for (i = 0; i < fds->count; i++)
		if (fds->items[i] == fd)
			fds->items[i] = -1;
}

enum sg_rc
fds_keep_only(const struct fds *fds, struct sg_err *err)
{
	AUTO_DIR folder = NULL;
	enum sg_rc rc;
	int fd;

	rc = open_list(&folder, err);
	if (rc != SG_OK)
		return rc;
	while ((fd = next_fd(folder)) >= 0) {
		if (fd <= STDERR_FILENO || is_noted(fds, fd))
			continue;
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
			return sg_fail_errno(
			    err, SG_E_IO, "keep descriptor %d back", fd);
	}
	return SG_OK;
}

void
fds_clear(struct fds *fds)
{
	free(fds->items);
	fds->items = NULL;
	fds->count = 0;
}
