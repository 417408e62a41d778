/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include <pty.h>

#include "base/clock.h"
#include "cli/cloud/progress.h"

static char shown[1024];

/* A terminal in the place of stderr, for as long as the function runs; how long
 * the job took. */
static int64_t
show(struct bench *b, int64_t total, bool is_late)
{
	int64_t from_ms = sg_clock_mono_ms();
	int64_t took_ms;
	struct progress progress = {0};
	int before = dup(STDERR_FILENO);
	size_t len = 0;
	int master = -1;
	int slave = -1;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	(void)dup2(slave, STDERR_FILENO);
	progress_start(&progress, &b->app);
	if (is_late)
		progress.next_ms -= PROGRESS_FIRST_MS + 1;
	progress_tell(&progress, 3 * 1024 * 1024, total);
	progress_tell(&progress, 4 * 1024 * 1024, total); /* too soon */
	took_ms = sg_clock_mono_ms() - from_ms;
	progress_end(&progress);
	assert_int_equal(write(slave, "\n", 1), 1);
	do { /* it comes in pieces */
		ssize_t got =
		    read(master, shown + len, sizeof(shown) - 1 - len);

		assert_true(got > 0);
		len += (size_t)got;
	} while (shown[len - 1] != '\n');
	(void)dup2(before, STDERR_FILENO);
	(void)close(before);
	(void)close(slave);
	(void)close(master);
	shown[len] = '\0';
	return took_ms;
}

/* Again where the host stood still: the second was not too soon then. */
static const char *
shown_by(struct bench *b, const char *option, int64_t total, bool is_late)
{
	int tries = 0;

	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x", option));
	while (show(b, total, is_late) >= 250 && ++tries < 100)
		continue;
	return shown;
}

static void
a_long_job_shows_how_far_it_is_and_clears_its_line(void **state)
{
	struct bench *b = *state;

	assert_string_equal(shown_by(b, "--json", 12 * 1024 * 1024, true),
	    "\rsignet: 3.0 of 12.0 MiB (25 %)\r\033[K\r\n");
	assert_string_equal(
	    shown_by(b, "--json", -1, true), "\rsignet: 3.0 MiB\r\033[K\r\n");
}

static void
a_short_or_quiet_job_shows_nothing(void **state)
{
	struct bench *b = *state;

	assert_string_equal(shown_by(b, "--json", -1, false), "\r\n");
	assert_string_equal(shown_by(b, "--quiet", -1, true), "\r\n");
}

static void
what_is_no_terminal_gets_nothing(void **state)
{
	struct bench *b = *state;
	struct progress progress = {0};

	assert_ok(b, OPEN(b, "api", "tcm", "GET", "/x"));
	progress_start(&progress, &b->app);
	progress.next_ms = 0;
	progress_tell(&progress, 1, 2);
	progress_end(&progress);
	assert_string_equal(heard(b), "");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_long_job_shows_how_far_it_is_and_clears_its_line),
	    TEST(a_short_or_quiet_job_shows_nothing),
	    TEST(what_is_no_terminal_gets_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
