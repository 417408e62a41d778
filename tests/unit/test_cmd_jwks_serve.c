/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/fake_rfc.h"

#define SET_A \
	"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" RFC7638_N \
	"\",\"e\":\"AQAB\",\"kid\":\"a\"}]}"

/* Serve in a process of its own, whose stdout is read here. */
static pid_t
start(struct bench *b, const char *const *line, int *out_fd)
{
	int ends[2];
	pid_t pid;

	put("a.json", 0644, SET_A);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)close(ends[0]);
		(void)close(ends[1]);
		_exit(bench_run(b, line) == SG_OK ? 0 : 1);
	}
	(void)close(ends[1]);
	*out_fd = ends[0];
	return pid;
}

static void
ends_well(
    struct bench *b, const char *const *line, int number, const char *part)
{
	char said[512] = "";
	size_t len = 0;
	int status = -1;
	int fd = -1;
	pid_t pid = start(b, line, &fd);

	do { /* it may come in pieces */
		ssize_t got = read(fd, said + len, sizeof(said) - 1 - len);

		assert_true(got > 0);
		len += (size_t)got;
	} while (said[len - 1] != '\n');
	assert_has(said, part);
	assert_int_equal(kill(pid, number), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	(void)close(fd);
}

static void
the_url_is_told_and_a_signal_ends_it(void **state)
{
	struct bench *b = *state;

	ends_well(b,
	    LINE("jwks", "serve", "--merge", "a.json", "--listen",
		"127.0.0.1:0"),
	    SIGTERM, "http://127.0.0.1:");
	ends_well(b,
	    LINE("jwks", "serve", "--merge", "a.json", "--listen",
		"127.0.0.1:0", "--json"),
	    SIGINT, "/.well-known/jwks.json\",\"kids\":[\"a\"]}\n");
}

static void
a_bad_address_or_set_is_told(void **state)
{
	struct bench *b = *state;

	put("a.json", 0644, SET_A);
	assert_refused(b,
	    RUN(b, "jwks", "serve", "--merge", "a.json", "--listen", "here"),
	    SG_E_USAGE, "read --listen: \"here\"");
	put("none.json", 0644, "{\"keys\":[]}");
	assert_refused(b, RUN(b, "jwks", "serve", "--merge", "none.json"),
	    SG_E_INVALID, "no key is left");
	set_claims();
	assert_refused(b, RUN(b, "jwks", "serve"), TOKEN_WAS_OPENED, MODULE);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_url_is_told_and_a_signal_ends_it),
	    TEST(a_bad_address_or_set_is_told),
	};

	return cmocka_run_group_tests_name("cmd_jwks_serve", tests, NULL, NULL);
}
