/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Preloaded: sends the process a signal at the n-th time that a file whose
 * path holds a given text is renamed into place or removed, just before that
 * or just after. KILL_PATH, KILL_AT and KILL_AFTER say which, and KILL_WITH
 * the number of the signal.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int calls;

static void
kill_here(const char *path, bool after)
{
	const char *part = getenv("KILL_PATH");
	const char *at = getenv("KILL_AT");
	const char *with = getenv("KILL_WITH");
	bool wants_after = getenv("KILL_AFTER") != NULL;

	if (part == NULL || at == NULL || with == NULL ||
	    strstr(path, part) == NULL)
		return;
	if (!after)
		calls++;
	if (calls == (int)strtol(at, NULL, 10) && wants_after == after)
		(void)kill(getpid(), (int)strtol(with, NULL, 10));
}

int
rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *);
	int result;

	*(void **)&real = dlsym(RTLD_NEXT, "rename");
	kill_here(to, false);
	result = real(from, to);
	kill_here(to, true);
	return result;
}

int
unlink(const char *path)
{
	int (*real)(const char *);
	int result;

	*(void **)&real = dlsym(RTLD_NEXT, "unlink");
	kill_here(path, false);
	result = real(path);
	kill_here(path, true);
	return result;
}
