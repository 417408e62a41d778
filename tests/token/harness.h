/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_TOKEN_HARNESS_H
#define SG_TESTS_TOKEN_HARNESS_H

/*
 * A test in the throw-away token that tests/token/run made: what its module
 * can do, opening it, and asking other programs. raw.h is the back door.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "pkcs11/key.h"
#include "pkcs11/keygen.h"
#include "pkcs11/token.h"
#include "pkcs11/uri.h"
#include "signer/rsa.h"

#define EXIT_SKIP 77

extern char **environ;

/* What the environment says; the test cannot go on without. */
static inline const char *
must_getenv(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL) {
		(void)fprintf(stderr,
		    "%s is not set; run this by tests/token/run\n", name);
		exit(EXIT_SKIP);
	}
	return value;
}

/* Is a word in the module's row of tests/token/modules/table? */
static inline bool
token_can(const char *word)
{
	const char *can = must_getenv("SG_TOKEN_CAN");
	size_t len = strlen(word);
	const char *p;

	for (p = can; *p != '\0'; p += strcspn(p, " "), p += strspn(p, " "))
		if (strcspn(p, " ") == len && strncmp(p, word, len) == 0)
			return true;
	return false;
}

/* The N of NAME=N in the module's row. */
static inline unsigned int
token_number(const char *name)
{
	const char *p = strstr(must_getenv("SG_TOKEN_CAN"), name);

	assert_non_null(p);
	p += strlen(name);
	assert_int_equal(*p, '=');
	return (unsigned int)strtoul(p + 1, NULL, 10);
}

/* A test, and what of the module it needs: words, with "!" those that the row
 * must lack. tests/token/test_token.py reads these lines too. */
struct token_case {
	const char *needs;
	struct CMUnitTest test;
};

#define TOKEN_CASE(function) \
	{ \
		"", cmocka_unit_test(function) \
	}
#define TOKEN_CASE_IF(function, needs) \
	{ \
		needs, cmocka_unit_test(function) \
	}

static inline bool
fits_module(const char *needs)
{
	char word[32];
	size_t len;

	for (; *needs != '\0'; needs += len, needs += strspn(needs, " ")) {
		bool absent = *needs == '!';

		needs += absent;
		len = strcspn(needs, " ");
		assert_true(len < sizeof(word));
		memcpy(word, needs, len);
		word[len] = '\0';
		if (token_can(word) == absent)
			return false;
	}
	return true;
}

/* Those that fit the module; the exit status. */
static inline int
run_cases(const char *name, const struct token_case *cases, size_t count)
{
	struct CMUnitTest *tests = calloc(count, sizeof(*tests));
	size_t fitting = 0;
	int failed;
	size_t i;

	if (tests == NULL)
		return 1;
	for (i = 0; i < count; i++)
		if (fits_module(cases[i].needs))
			tests[fitting++] = cases[i].test;
	failed = _cmocka_run_group_tests(name, tests, fitting, NULL, NULL);
	free(tests);
	return failed;
}

static inline const char *
pin_path(void)
{
	const char *source = must_getenv("SIGNET_PIN_SOURCE");

	assert_true(sg_text_starts(source, "file:"));
	return source + strlen("file:");
}

/* The path of a file in the token's own folder, which is removed with it. */
static inline const char *
scratch(const char *name, char out[PATH_MAX])
{
	const char *slash = strrchr(pin_path(), '/');

	(void)snprintf(out, PATH_MAX, "%.*s/%s", (int)(slash - pin_path()),
	    pin_path(), name);
	return out;
}

static inline struct sg_buf *
read_file(const char *path)
{
	struct sg_buf *text = NULL;
	struct sg_err err = {0};

	if (sg_file_read(path, SG_FILE_ANY, 16 * 1024 * 1024, NULL, &text,
		&err) != SG_OK)
		fail_msg("%s", err.text);
	return text;
}

#define PIN_SIZE 16

static inline const char *
right_pin(char out[PIN_SIZE])
{
	SG_AUTO(sg_buf) text = read_file(pin_path());
	size_t len = strcspn(sg_buf_str(text), "\r\n");

	assert_true(len < PIN_SIZE);
	memcpy(out, text->data, len);
	out[len] = '\0';
	return out;
}

/* As long as the right one, so that it is sent. */
static inline const char *
wrong_pin(char out[PIN_SIZE])
{
	(void)right_pin(out);
	out[0] = out[0] == '9' ? '0' : (char)(out[0] + 1);
	return out;
}

/* A PIN source: the right PIN, or the one that ctx points to. */
static inline enum sg_rc
get_pin(void *ctx, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err)
{
	char pin[PIN_SIZE];

	(void)token;
	if (ctx == NULL)
		ctx = (void *)(uintptr_t)right_pin(pin);
	return sg_secret_new(ctx, strlen(ctx), out_pin, err);
}

static inline struct sg_uri *
parse_uri(const char *text)
{
	struct sg_uri *uri = NULL;
	struct sg_err err = {0};

	if (sg_uri_parse(text, &uri, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
	return uri;
}

/* Open by a module, or NULL for the token's; writable, not logged in. */
static inline enum sg_rc
open_token(const char *module, const char *uri_text,
    struct sg_token **out_token, struct sg_err *err)
{
	SG_AUTO(sg_uri) uri = parse_uri(uri_text);
	const struct sg_token_opts opts = {
	    .module_path =
		module != NULL ? module : must_getenv("SIGNET_MODULE"),
	    .module_args = getenv("SIGNET_MODULE_ARGS"),
	    .uri = uri,
	    .writable = true,
	};

	return sg_token_open(&opts, out_token, err);
}

static inline struct sg_token *
log_in_by(const char *module, const char *uri_text)
{
	const struct sg_pin_source pin = {.get = get_pin};
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	if (open_token(module, uri_text, &token, &err) != SG_OK ||
	    sg_token_login(token, &pin, &err) != SG_OK)
		fail_msg("%s: %s", uri_text, err.text);
	return token;
}

static inline struct sg_token *
log_in(void)
{
	return log_in_by(NULL, must_getenv("SIGNET_KEY"));
}

/* The text of a new key's URI. Free with free(). */
static inline char *
generate(struct sg_token *token, const char *label, const char *id)
{
	const struct sg_keygen_opts opts = {
	    .label = label,
	    .id = (const uint8_t *)id,
	    .id_len = strlen(id),
	    .bits = 2048,
	    .clock = sg_clock_system(),
	};
	struct sg_err err = {0};
	char *uri = NULL;

	if (sg_key_generate(token, &opts, &uri, &err) != SG_OK)
		fail_msg("%s", err.text);
	return uri;
}

static inline struct sg_key *
find_key(struct sg_token *token, const char *uri_text)
{
	SG_AUTO(sg_uri) uri = parse_uri(uri_text);
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	if (sg_key_find(token, uri, &key, &err) != SG_OK)
		fail_msg("%s: %s", uri_text, err.text);
	return key;
}

/* A key from outside is not local, and so signs only when it is allowed to. */
static inline struct sg_key *
find_imported(struct sg_token *token, const char *uri_text)
{
	struct sg_key *key = find_key(token, uri_text);

	sg_key_allow(key, ~0U);
	return key;
}

/* Run a program with its output in a file; its exit status. */
static inline int
run_to_file(
    const char *const *argv, char *const *environment, const char *out_path)
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;
	int failed;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(
			     &actions, STDIN_FILENO, "/dev/null", 0, 0),
	    0);
	assert_int_equal(posix_spawn_file_actions_addopen(&actions,
			     STDOUT_FILENO, out_path, 0101 | 01000, 0600),
	    0);
	failed = posix_spawnp(&pid, argv[0], &actions, NULL,
	    (char *const *)(uintptr_t)argv, environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (failed != 0) {
		print_message("%s cannot be run\n", argv[0]);
		skip();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static inline void
write_file(const char *path, const void *data, size_t len)
{
	struct sg_err err = {0};

	if (sg_file_replace(path, data, len, 0600, &err) != SG_OK)
		fail_msg("%s", err.text);
}

static inline struct sg_buf *
pem_of(const struct sg_key *key)
{
	const struct sg_rsa_public *numbers = &sg_key_info(key)->rsa;
	struct sg_buf *pem = sg_buf_new(4096);
	SG_AUTO(sg_rsa) rsa = NULL;

	assert_int_equal(sg_rsa_new(numbers->n, numbers->n_len, numbers->e,
			     numbers->e_len, &rsa, NULL),
	    SG_OK);
	assert_int_equal(sg_rsa_to_pem(rsa, pem, NULL), SG_OK);
	return pem;
}

/* Does openssl, and not our own code, take the signature for the key's? */
static inline void
check_by_openssl(const struct sg_key *key, const void *msg, size_t len,
    const struct sg_buf *sig)
{
	char key_path[PATH_MAX];
	char msg_path[PATH_MAX];
	char sig_path[PATH_MAX];
	char out_path[PATH_MAX];
	const char *const argv[] = {"openssl", "dgst", "-sha256", "-verify",
	    scratch("public.pem", key_path), "-signature",
	    scratch("sig", sig_path), scratch("msg", msg_path), NULL};
	SG_AUTO(sg_buf) public_pem = pem_of(key);
	SG_AUTO(sg_buf) out = NULL;

	write_file(key_path, public_pem->data, public_pem->len);
	write_file(msg_path, msg, len);
	write_file(sig_path, sig->data, sig->len);
	assert_int_equal(
	    run_to_file(argv, environ, scratch("out", out_path)), 0);
	out = read_file(out_path);
	assert_string_equal(sg_buf_str(out), "Verified OK\n");
}

#endif
