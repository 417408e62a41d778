/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "cli/cloud/fds.h"

static bool
is_kept_back(int fd)
{
	return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

static void
only_what_was_open_is_passed_on(void **state)
{
	struct fds fds = {0};
	int old = open("/dev/null", O_RDONLY);
	int pin = open("/dev/null", O_RDONLY);
	int new;

	(void)state;
	assert_int_equal(fds_note(&fds, NULL), SG_OK);
	new = open("/dev/null", O_RDONLY);
	fds_forget(&fds, pin);
	fds_forget(&fds, 12345);
	assert_int_equal(fds_keep_only(&fds, NULL), SG_OK);
	assert_false(is_kept_back(old));
	assert_true(is_kept_back(pin));
	assert_true(is_kept_back(new));
	assert_false(is_kept_back(STDERR_FILENO));
	fds_clear(&fds);
	assert_null(fds.items);
	(void)close(old);
	(void)close(pin);
	(void)close(new);
}

static void
standard_streams_are_always_passed_on(void **state)
{
	const struct fds none = {0};

	(void)state;
	assert_int_equal(fds_keep_only(&none, NULL), SG_OK);
	assert_false(is_kept_back(STDIN_FILENO));
	assert_false(is_kept_back(STDOUT_FILENO));
	assert_false(is_kept_back(STDERR_FILENO));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_what_was_open_is_passed_on),
	    cmocka_unit_test(standard_streams_are_always_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
