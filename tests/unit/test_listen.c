/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/listen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
the_kernel_picks_a_port_and_it_is_told(void **state)
{
	char where[SG_LISTEN_SIZE];
	int fd = -1;
	int listens = 0;
	socklen_t len = sizeof(listens);

	(void)state;
	assert_int_equal(sg_listen_tcp("127.0.0.1:0", &fd, where, NULL), SG_OK);
	assert_int_equal(strncmp(where, "127.0.0.1:", 10), 0);
	assert_string_not_equal(where, "127.0.0.1:0");
	assert_int_equal(
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len), 0);
	assert_true(listens != 0);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	(void)close(fd);
}

static void
a_port_in_use_is_told(void **state)
{
	struct sg_err err = {0};
	char where[SG_LISTEN_SIZE];
	char again[SG_LISTEN_SIZE] = "untouched";
	int fd = -1;
	int other = -1;

	(void)state;
	assert_int_equal(sg_listen_tcp("127.0.0.1:0", &fd, where, NULL), SG_OK);
	assert_int_equal(sg_listen_tcp(where, &other, again, &err), SG_E_IO);
	assert_int_equal(err.native, EADDRINUSE);
	assert_non_null(strstr(err.text, where));
	assert_int_equal(other, -1);
	(void)close(fd);
}

static void
ipv6_stands_in_brackets(void **state)
{
	struct sg_err err = {0};
	char where[SG_LISTEN_SIZE];
	int fd = -1;

	(void)state;
	if (sg_listen_tcp("[::1]:0", &fd, where, &err) != SG_OK) {
		/* A host without IPv6, and not a malformed address. */
		assert_int_equal(err.rc, SG_E_IO);
		return;
	}
	assert_int_equal(strncmp(where, "[::1]:", 6), 0);
	(void)close(fd);
}

/* Longer than any address. */
#define LONG \
	"[::1::::::::::::::::::::::::::::::::::::::::::::::::::::" \
	"::::::::::::::::::::::::::::::::::::::::::::::::::::]:80"

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {"", ":", ":80", "127.0.0.1",
	    "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:80x", "127.0.0.1:-1",
	    "127.0.0.1:+1", "127.0.0.1: 0", "127.0.0.1:65536",
	    "127.0.0.1:99999", "127.0.0.1:000000", "localhost:80", "::1:80",
	    "[::1]", "[::1]80", "[127.0.0.1]:80", "[]:80", "1.2.3:4:5",
	    " 127.0.0.1:80", LONG};
	char where[SG_LISTEN_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(bad); i++) {
		struct sg_err err = {0};
		int fd = -1;

		if (sg_listen_tcp(bad[i], &fd, where, &err) != SG_E_USAGE ||
		    strstr(err.text, bad[i]) == NULL || fd != -1)
			fail_msg("\"%s\": %s", bad[i], err.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_kernel_picks_a_port_and_it_is_told),
	    cmocka_unit_test(a_port_in_use_is_told),
	    cmocka_unit_test(ipv6_stands_in_brackets),
	    cmocka_unit_test(what_is_no_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
