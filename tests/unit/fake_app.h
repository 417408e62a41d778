/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_APP_H
#define SG_TESTS_FAKE_APP_H

/*
 * A place to run commands in: an empty folder that is also the home, an
 * environment without any setting, a clock that stands still, no terminal.
 */
#include "fake_http.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/app.h"
#include "cli/cloud/services.h"
#include "cli/key/keys.h"

#define NOW    1781532000 /* 2026-06-15T14:00:00Z */
#define TENANT "36a9d526-1111-4222-8333-944444444444"
#define SITE   "e7cc4b0b-1111-4222-8333-944444444444"

/* No token is there: who gets as far as opening one fails with this. */
#define MODULE		 "/nowhere/signet-test.so"
#define TOKEN_WAS_OPENED SG_E_MODULE

#define WORDS_MAX	 40

struct bench {
	char dir[64];
	int err_was; /* the real stderr */
	struct test_clock clock;
	struct fake fake; /* what answers, if anything does */
	bool plays;
	struct app app;
	struct sg_err err;
	char *words[WORDS_MAX];
};

static inline void
put(const char *path, mode_t mode, const char *text)
{
	FILE *file;

	(void)unlink(path); /* its mode may forbid writing */
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* The text of a small file; the next call overwrites it. */
static inline const char *
text_of(const char *path)
{
	static char text[16384];
	FILE *file = fopen(path, "r");
	size_t len;

	if (file == NULL)
		fail_msg("%s is not there", path);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	(void)fclose(file);
	return text;
}

static inline void
unset_settings(void)
{
	static const char *const others[] = {"SIGNET_CONFIG", "UAT_TENANT_ID",
	    "UAT_ISSUER", "UAT_USERNAME_CLAIM", "UAT_USERNAME_CLAIM_NAME",
	    "UAT_KEY_ID", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
	    "CREDENTIALS_DIRECTORY", "POSIXLY_CORRECT"};
	size_t i;

	for (i = 0; i < CONF_COUNT; i++)
		(void)unsetenv(conf_name((enum conf)i));
	for (i = 0; i < SG_COUNT(others); i++)
		(void)unsetenv(others[i]);
}

static inline void
leave_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)ioctl(fd, TIOCNOTTY);
	(void)close(fd);
}

static inline int
bench_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return -1;
	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/signet-test-XXXXXX");
	if (mkdtemp(b->dir) == NULL || chdir(b->dir) != 0)
		return -1;
	leave_terminal();
	unset_settings();
	(void)setenv("HOME", b->dir, 1);
	/* What is said on stderr is kept for heard(). */
	b->err_was = dup(STDERR_FILENO);
	if (freopen("stderr.txt", "w", stderr) == NULL)
		return -1;
	(void)setvbuf(stderr, NULL, _IONBF, 0);
	test_clock_set(&b->clock, NOW);
	b->clock.clock.random = sg_clock_system()->random;
	*state = b;
	return 0;
}

static inline int
bench_remove(
    const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static inline void
bench_close(struct bench *b)
{
	size_t i;

	services_close(&b->app);
	keys_close(&b->app);
	app_close(&b->app);
	memset(&b->app, 0, sizeof(b->app));
	memset(&b->err, 0, sizeof(b->err));
	for (i = 0; i < WORDS_MAX; i++) {
		free(b->words[i]);
		b->words[i] = NULL;
	}
}

static inline int
bench_teardown(void **state)
{
	struct bench *b = *state;

	bench_close(b);
	unset_settings();
	(void)fflush(stderr);
	(void)dup2(b->err_was, STDERR_FILENO);
	(void)close(b->err_was);
	if (chdir("/") != 0)
		return -1;
	(void)nftw(b->dir, bench_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(b);
	return 0;
}

/* All that was said on stderr so far. */
static inline const char *
heard(const struct bench *b)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/stderr.txt", b->dir);
	return text_of(path);
}

/* Read a command line and the configuration, as far as running it. */
static inline enum sg_rc
bench_open(struct bench *b, const char *const *words)
{
	enum sg_rc rc;
	int count;

	bench_close(b);
	for (count = 0; words[count] != NULL; count++) {
		assert_true(count < WORDS_MAX - 1);
		b->words[count] = strdup(words[count]);
		assert_non_null(b->words[count]);
	}
	rc = args_parse(count, b->words, &b->app.args, &b->err);
	if (rc == SG_OK)
		rc = app_open(&b->app, &b->err);
	if (rc == SG_OK)
		rc = app_configure(&b->app, &b->err);
	if (rc != SG_OK)
		return rc;
	b->app.clock = &b->clock.clock;
	if (b->plays)
		b->app.http = fake_http(&b->fake);
	return SG_OK;
}

static inline enum sg_rc
bench_run(struct bench *b, const char *const *words)
{
	enum sg_rc rc;

	rc = bench_open(b, words);
	if (rc != SG_OK)
		return rc;
	return b->app.args.command->run(&b->app, &b->err);
}

/* From now on these requests must come, in this order, and no others. */
static inline void
play(struct bench *b, const struct step *steps, size_t count)
{
	bench_close(b);
	b->fake = (struct fake){.steps = steps, .count = count};
	b->plays = true;
}

#define PLAY(b, steps)	 play(b, steps, SG_COUNT(steps))
#define PLAY_NOTHING(b)	 play(b, NULL, 0)
#define assert_played(b) assert_int_equal((b)->fake.done, (b)->fake.count)

#define LINE(...)	 ((const char *const[]){"signet", __VA_ARGS__, NULL})
#define OPEN(b, ...)	 bench_open(b, LINE(__VA_ARGS__))
#define RUN(b, ...)	 bench_run(b, LINE(__VA_ARGS__))

/* The product of the last command. */
static inline const char *
product(const struct bench *b)
{
	return sg_buf_str(b->app.out);
}

#define assert_ok(b, rc) \
	do { \
		if ((rc) != SG_OK) \
			fail_msg("%s", (b)->err.text); \
	} while (0)

/* It failed with this code, and said so once in words that hold this. */
#define assert_refused(b, got, code, part) \
	do { \
		enum sg_rc seen = (got); \
		if (seen != (code)) \
			fail_msg("%s instead of %s: %s", sg_rc_name(seen), \
			    sg_rc_name(code), (b)->err.text); \
		assert_int_equal((b)->err.rc, code); \
		assert_has((b)->err.text, part); \
	} while (0)

/* The settings that a JWT needs, with a token that is not there. */
static inline void
set_claims(void)
{
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	(void)setenv("SIGNET_ISSUER", "https://signet.example.com", 1);
	(void)setenv("TABLEAU_CLOUD_USERNAME", "ann@example.com", 1);
	(void)setenv("SIGNET_SCOPES", "tableau:content:read", 1);
	(void)setenv("SIGNET_KEY", "pkcs11:token=none;object=none", 1);
	(void)setenv("SIGNET_MODULE", MODULE, 1);
}

#endif
