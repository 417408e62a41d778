/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_TOKEN_HARNESS_H
#define SG_TESTS_TOKEN_HARNESS_H

/*
 * A test in the throw-away token that tests/token/run made: opening it,
 * putting keys into it by the back door, and asking other programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
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
#include "pkcs11/p11.h"
#include "pkcs11/token.h"
#include "pkcs11/uri.h"

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

/* A PIN source: the right PIN, or the one that ctx points to. */
static inline enum sg_rc
get_pin(void *ctx, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;

	(void)token;
	if (ctx != NULL)
		return sg_secret_new(ctx, strlen(ctx), out_pin, err);
	text = read_file(pin_path());
	return sg_secret_new(
	    text->data, strcspn(sg_buf_str(text), "\r\n"), out_pin, err);
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

/* One number of a private key as an attribute; the bytes are kept in store. */
static inline CK_ATTRIBUTE
number_of(const EVP_PKEY *pkey, const char *param, CK_ATTRIBUTE_TYPE type,
    struct sg_buf *store)
{
	CK_ATTRIBUTE attr = {type, store->data + store->len, 0};
	BIGNUM *number = NULL;
	uint8_t bytes[1024];

	assert_int_equal(EVP_PKEY_get_bn_param(pkey, param, &number), 1);
	attr.ulValueLen = (CK_ULONG)BN_bn2bin(number, bytes);
	sg_buf_add(store, bytes, attr.ulValueLen);
	BN_clear_free(number);
	return attr;
}

/* How a test puts a key into the token that signet would not make. */
struct import {
	const EVP_PKEY *pkey;
	const char *label;
	const char *id;
	CK_MECHANISM_TYPE only_mechanism; /* 0: any */
	unsigned int copies;		  /* with ids from 0001 on; 0: one */
};

static inline CK_ULONG
fill_template(
    const struct import *key, CK_ATTRIBUTE *attrs, struct sg_buf *numbers)
{
	static CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	static CK_KEY_TYPE type = CKK_RSA;
	static CK_BBOOL yes = CK_TRUE;
	static CK_BBOOL no = CK_FALSE;
	static CK_MECHANISM_TYPE only;
	static const struct {
		const char *param;
		CK_ATTRIBUTE_TYPE type;
	} parts[] = {
	    {OSSL_PKEY_PARAM_RSA_N, CKA_MODULUS},
	    {OSSL_PKEY_PARAM_RSA_E, CKA_PUBLIC_EXPONENT},
	    {OSSL_PKEY_PARAM_RSA_D, CKA_PRIVATE_EXPONENT},
	    {OSSL_PKEY_PARAM_RSA_FACTOR1, CKA_PRIME_1},
	    {OSSL_PKEY_PARAM_RSA_FACTOR2, CKA_PRIME_2},
	    {OSSL_PKEY_PARAM_RSA_EXPONENT1, CKA_EXPONENT_1},
	    {OSSL_PKEY_PARAM_RSA_EXPONENT2, CKA_EXPONENT_2},
	    {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, CKA_COEFFICIENT},
	};
	CK_ULONG count = 0;
	size_t i;

	attrs[count++] = (CK_ATTRIBUTE){CKA_CLASS, &class, sizeof(class)};
	attrs[count++] = (CK_ATTRIBUTE){CKA_KEY_TYPE, &type, sizeof(type)};
	attrs[count++] = (CK_ATTRIBUTE){CKA_TOKEN, &yes, sizeof(yes)};
	attrs[count++] = (CK_ATTRIBUTE){CKA_PRIVATE, &yes, sizeof(yes)};
	attrs[count++] = (CK_ATTRIBUTE){CKA_SENSITIVE, &yes, sizeof(yes)};
	attrs[count++] = (CK_ATTRIBUTE){CKA_EXTRACTABLE, &no, sizeof(no)};
	attrs[count++] = (CK_ATTRIBUTE){CKA_SIGN, &yes, sizeof(yes)};
	attrs[count++] = (CK_ATTRIBUTE){
	    CKA_LABEL, (void *)(uintptr_t)key->label, strlen(key->label)};
	for (i = 0; i < SG_COUNT(parts); i++)
		attrs[count++] = number_of(
		    key->pkey, parts[i].param, parts[i].type, numbers);
	if (key->only_mechanism != 0) {
		only = key->only_mechanism;
		attrs[count++] =
		    (CK_ATTRIBUTE){CKA_ALLOWED_MECHANISMS, &only, sizeof(only)};
	}
	return count;
}

static inline void
import_key(struct sg_token *token, const struct import *key)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);
	SG_AUTO(sg_buf) numbers = sg_buf_new(16 * 1024);
	unsigned int copies = key->copies > 0 ? key->copies : 1;
	CK_ATTRIBUTE attrs[24];
	CK_OBJECT_HANDLE object;
	CK_ULONG count;
	char id[64];
	unsigned int i;

	/* Room for all at once, as the attributes point into it. */
	numbers->data = realloc(numbers->data, numbers->max);
	assert_non_null(numbers->data);
	numbers->cap = numbers->max;
	count = fill_template(key, attrs, numbers);
	for (i = 1; i <= copies; i++) {
		if (key->copies > 0)
			(void)snprintf(id, sizeof(id), "%04u", i);
		else
			(void)snprintf(id, sizeof(id), "%s", key->id);
		attrs[count] = (CK_ATTRIBUTE){CKA_ID, id, strlen(id)};
		assert_int_equal(p11->module->fn->C_CreateObject(
				     p11->session, attrs, count + 1, &object),
		    CKR_OK);
	}
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

/* Does openssl, and not our own code, take the signature for the key's? */
static inline void
check_by_openssl(const struct sg_buf *public_pem, const void *msg, size_t len,
    const struct sg_buf *sig)
{
	char key_path[PATH_MAX];
	char msg_path[PATH_MAX];
	char sig_path[PATH_MAX];
	char out_path[PATH_MAX];
	const char *const argv[] = {"openssl", "dgst", "-sha256", "-verify",
	    scratch("public.pem", key_path), "-signature",
	    scratch("sig", sig_path), scratch("msg", msg_path), NULL};
	SG_AUTO(sg_buf) out = NULL;

	write_file(key_path, public_pem->data, public_pem->len);
	write_file(msg_path, msg, len);
	write_file(sig_path, sig->data, sig->len);
	assert_int_equal(
	    run_to_file(argv, environ, scratch("out", out_path)), 0);
	out = read_file(out_path);
	assert_string_equal(sg_buf_str(out), "Verified OK\n");
}

/* Does the token of this run do CKM_SHA256_RSA_PKCS itself? */
static inline bool
token_hashes(void)
{
	return must_getenv("SG_TOKEN_MECHANISMS")[0] == '\0';
}

#endif
