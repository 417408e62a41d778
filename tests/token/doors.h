/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_TOKEN_DOORS_H
#define SG_TESTS_TOKEN_DOORS_H

/*
 * What every backend of OpenSSL promises beside the native one. The programs
 * test_door_*.c run the same cases, each with its own BACKEND.
 */
#include <malloc.h>
#include <pthread.h>

#include "pkcs11/openssl.h"
#include "tests/token/harness.h"
#include "tests/token/import.h"

/* By the back door, while the token is not open. */
static inline void
put_key(const struct import *import)
{
	struct raw raw = raw_open();

	import_key(&raw, import);
	raw_close(&raw);
}

static inline struct sg_key *
find_by(struct sg_token *token, const char *uri_text)
{
	SG_AUTO(sg_uri) uri = parse_uri(uri_text);
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	if (sg_openssl_key_find(token, uri, BACKEND, &key, &err) != SG_OK)
		fail_msg("%s: %s", uri_text, err.text);
	sg_key_allow(key, ~0U); /* some are not as signet makes them */
	return key;
}

static inline struct sg_buf *
sign_with(struct sg_key *key, const void *msg, size_t len)
{
	struct sg_buf *sig = NULL;
	struct sg_err err = {0};

	if (sg_key_sign(key, msg, len, &sig, &err) != SG_OK)
		fail_msg("%s", err.text);
	return sig;
}

/* The same bytes as by the native backend, which has its own tests. */
static inline void
check_equal(struct sg_token *token, struct sg_key *key, const char *uri,
    const void *msg, size_t len)
{
	struct sg_key *native = find_imported(token, uri);
	SG_AUTO(sg_buf) want = sign_with(native, msg, len);
	SG_AUTO(sg_buf) got = sign_with(key, msg, len);

	assert_int_equal(got->len, want->len);
	assert_memory_equal(got->data, want->data, want->len);
	sg_key_free(&native);
}

static void
signatures_are_those_of_the_native_backend(void **state)
{
	static const size_t lengths[] = {0, 1, 300, SG_MSG_MAX};
	static const uint8_t msg[SG_MSG_MAX] = {'s', 'i', 'g', 'n'};
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "equal", "equal");
	struct sg_key *key = find_by(token, uri);
	size_t i;

	(void)state;
	assert_string_equal(sg_key_info(key)->uri, uri);
	for (i = 0; i < SG_COUNT(lengths); i++)
		check_equal(token, key, uri, msg, lengths[i]);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
openssl_takes_the_signature(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "verified", "verified");
	struct sg_key *key = find_by(token, uri);
	SG_AUTO(sg_buf) sig = sign_with(key, "message", 7);

	(void)state;
	check_by_openssl(key, "message", 7, sig);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_key_without_id_is_found_by_its_label(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	EVP_PKEY *other = EVP_RSA_gen(2048);
	const struct import import = {.pkey = pkey, .label = "no id", .id = ""};
	const struct import decoy = {
	    .pkey = other, .label = "no id either", .id = ""};
	struct sg_token *token;
	struct sg_key *key;

	(void)state;
	put_key(&decoy);
	put_key(&import);
	token = log_in();
	key = find_by(token, "pkcs11:object=no%20id");
	check_equal(token, key, "pkcs11:object=no%20id", "message", 7);
	sg_key_free(&key);
	sg_token_free(&token);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(other);
}

/* Two keys of one id: another than the one that was found natively may come
 * from the backend, and must then not sign in its place. */
static void
another_key_of_the_same_id_never_signs_in_its_place(void **state)
{
	static const char *const labels[] = {"twin-1", "twin-2"};
	struct sg_token *token;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(labels); i++) {
		EVP_PKEY *pkey = EVP_RSA_gen(2048);
		const struct import import = {
		    .pkey = pkey, .label = labels[i], .id = "twin"};

		put_key(&import);
		EVP_PKEY_free(pkey);
	}
	token = log_in();
	for (i = 0; i < SG_COUNT(labels); i++) {
		char text[64];
		SG_AUTO(sg_uri) uri = NULL;
		struct sg_key *key = NULL;
		struct sg_err err = {0};
		enum sg_rc rc;

		(void)snprintf(
		    text, sizeof(text), "pkcs11:object=%s", labels[i]);
		uri = parse_uri(text);
		rc = sg_openssl_key_find(token, uri, BACKEND, &key, &err);
		assert_true(rc == SG_OK || rc == SG_E_NOT_FOUND);
		if (rc == SG_OK) {
			sg_key_allow(key, ~0U);
			check_equal(token, key, text, "message", 7);
		}
		sg_key_free(&key);
	}
	sg_token_free(&token);
}

static void
an_absent_key_is_told_as_by_the_native_backend(void **state)
{
	SG_AUTO(sg_uri) uri = parse_uri("pkcs11:object=absent");
	struct sg_token *token = log_in();
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_openssl_key_find(token, uri, BACKEND, &key, &err),
	    SG_E_NOT_FOUND);
	assert_non_null(strstr(err.text, "no private key on token"));
	assert_null(key);
	sg_token_free(&token);
}

static void
an_ambiguous_label_is_refused_with_the_candidates(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	const struct import one = {
	    .pkey = pkey, .label = "double", .id = "double-1"};
	const struct import other = {
	    .pkey = pkey, .label = "double", .id = "double-2"};
	SG_AUTO(sg_uri) uri = parse_uri("pkcs11:object=double");
	struct sg_token *token;
	struct sg_key *key = NULL;
	struct sg_err err = {0};
	const char *first;

	(void)state;
	put_key(&one);
	put_key(&other);
	token = log_in();
	assert_int_equal(sg_openssl_key_find(token, uri, BACKEND, &key, &err),
	    SG_E_AMBIGUOUS);
	first = strstr(err.text, "object=double");
	assert_non_null(first);
	assert_non_null(strstr(first + 1, "object=double"));
	sg_token_free(&token);
	EVP_PKEY_free(pkey);
}

/* The backend is never asked for a login: there is no second try. */
static void
a_wrong_pin_is_refused_natively(void **state)
{
	char wrong[PIN_SIZE];
	const struct sg_pin_source source = {.get = get_pin, .ctx = wrong};
	struct sg_token *token = log_in();
	SG_AUTO_STR text = generate(token, "locked", "locked");
	SG_AUTO(sg_uri) uri = parse_uri(text);
	struct sg_key *key = NULL;

	(void)state;
	sg_token_free(&token);
	assert_int_equal(
	    open_token(NULL, must_getenv("SIGNET_KEY"), &token, NULL), SG_OK);
	(void)wrong_pin(wrong);
	assert_int_equal(sg_token_login(token, &source, NULL), SG_E_PIN_WRONG);
	assert_int_equal(sg_openssl_key_find(token, uri, BACKEND, &key, NULL),
	    SG_E_NOT_FOUND);
	assert_null(key);
	sg_token_free(&token);
}

static void
the_token_stays_usable_beside_the_backend_and_after_it(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "beside", "beside");
	struct sg_key *key = find_by(token, uri);
	struct sg_key *again = find_by(token, uri);

	(void)state;
	check_equal(token, key, uri, "one", 3);
	sg_key_free(&key);
	check_equal(token, again, uri, "two", 3);
	sg_key_free(&again);
	key = find_key(token, uri);
	sg_key_free(&key);
	key = find_by(token, uri);
	check_equal(token, key, uri, "three", 5);
	sg_key_free(&key);
	sg_token_free(&token);
	token = log_in();
	key = find_by(token, uri);
	check_equal(token, key, uri, "four", 4);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_key_is_found_among_300(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	const struct import many = {
	    .pkey = pkey, .label = "many", .copies = 299};
	struct sg_token *token;
	SG_AUTO_STR uri = NULL;
	struct sg_key *key;

	(void)state;
	put_key(&many);
	token = log_in();
	uri = generate(token, "one-of-300", "one-of-300");
	key = find_by(token, uri);
	check_equal(token, key, uri, "message", 7);
	sg_key_free(&key);
	sg_token_free(&token);
	EVP_PKEY_free(pkey);
}

enum { THREADS = 8, EACH = 50 };

struct signs {
	struct sg_key *key;
	const struct sg_buf *want;
	unsigned int good;
};

static void *
sign_many(void *ctx)
{
	struct signs *signs = ctx;
	int i;

	for (i = 0; i < EACH; i++) {
		SG_AUTO(sg_buf) sig = NULL;

		if (sg_key_sign(signs->key, (const uint8_t *)"message", 7, &sig,
			NULL) == SG_OK &&
		    sig->len == signs->want->len &&
		    memcmp(sig->data, signs->want->data, sig->len) == 0)
			signs->good++;
	}
	return NULL;
}

static void
eight_threads_share_a_key(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "shared", "shared");
	struct sg_key *key = find_by(token, uri);
	SG_AUTO(sg_buf) want = sign_with(key, "message", 7);
	struct signs signs[THREADS];
	pthread_t threads[THREADS];
	int i;

	(void)state;
	for (i = 0; i < THREADS; i++) {
		signs[i] = (struct signs){.key = key, .want = want};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, sign_many, &signs[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(signs[i].good, EACH);
	}
	sg_key_free(&key);
	sg_token_free(&token);
}

/* What the sanitizer sees at the end is what nothing points to any more; this
 * sees what is kept and grows. */
static void
a_thousand_signatures_leave_nothing_behind(void **state)
{
	struct sg_token *token = log_in();
	SG_AUTO_STR uri = generate(token, "thousand", "thousand");
	struct sg_key *key = find_by(token, uri);
	size_t before = 0;
	int i;

	(void)state;
	for (i = 0; i < 1100; i++) {
		SG_AUTO(sg_buf) sig = sign_with(key, &i, sizeof(i));

		assert_int_equal(sig->len, 256);
		if (i == 100)
			before = mallinfo2().uordblks;
	}
	assert_in_range(mallinfo2().uordblks, 0, before + 16 * 1024);
	sg_key_free(&key);
	sg_token_free(&token);
}

#endif
