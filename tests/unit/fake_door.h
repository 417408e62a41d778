/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_DOOR_H
#define SG_TESTS_FAKE_DOOR_H

/*
 * What a backend of OpenSSL does to the module behind it, on the fake one. A
 * test includes it with its own BACKEND; what SoftHSM can show is in
 * tests/token/doors.h.
 */
#include "pkcs11/door.h"
#include "pkcs11/openssl.h"
#include "tests/unit/fake_token.h"

static inline enum sg_rc
find_by_backend(
    struct sg_token *token, struct sg_key **out_key, struct sg_err *err)
{
	return sg_openssl_key_find(token, NULL, BACKEND, out_key, err);
}

static inline struct sg_key *
must_find(struct sg_token *token)
{
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	if (find_by_backend(token, &key, &err) != SG_OK)
		fail_msg("%s", err.text);
	return key;
}

static inline enum sg_rc
sign_abc(struct sg_key *key, struct sg_buf **out_sig, struct sg_err *err)
{
	return sg_key_sign(key, (const uint8_t *)"abc", 3, out_sig, err);
}

static inline struct sg_token *
open_logged_in(const char *text)
{
	struct fake_pin pin = {.pin = text};
	struct sg_token *token = fake_open(NULL);
	struct sg_err err = {0};

	if (fake_login(token, &pin, &err) != SG_OK)
		fail_msg("%s", err.text);
	return token;
}

static inline void
the_token_signs_and_no_pin_is_sent(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	SG_AUTO(sg_buf) sig = NULL;
	unsigned int logins;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	logins = fake->calls[FAKE_LOGIN];
	key = must_find(token);
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	assert_int_equal(sig->len, 256);
	assert_memory_equal(sig->data, fake->signature, 256);
	assert_int_equal(fake->calls[FAKE_SIGN], 1);
	assert_int_equal(fake->calls[FAKE_LOGIN], logins);
	sg_key_free(&key);
	sg_token_free(&token);
}

/* Of two keys with one id the backend may show the other one first, or alone:
 * then none signs. */
static inline void
a_key_with_another_modulus_never_signs(void **state)
{
	struct sg_uri *uri = fake_uri("pkcs11:object=first");
	struct fake_object *first = fake_add_key("first", fake_id, 2);
	struct fake_object *second = fake_add_key("second", fake_id, 2);
	struct sg_token *token;
	struct sg_key *key = NULL;
	struct sg_buf *sig = NULL;
	uint8_t modulus[256];
	enum sg_rc rc;

	(void)state;
	memset(modulus, 0xd7, sizeof(modulus));
	fake_put(second, CKA_MODULUS, modulus, sizeof(modulus));
	token = open_logged_in("1234");
	rc = sg_openssl_key_find(token, uri, BACKEND, &key, NULL);
	if (rc == SG_OK) {
		assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
		assert_int_equal(fake->sign_key, first->handle);
	} else {
		assert_int_equal(rc, SG_E_NOT_FOUND);
	}
	sg_buf_free(&sig);
	sg_key_free(&key);
	sg_token_free(&token);
	sg_uri_free(&uri);
}

static inline void
a_failure_of_the_token_keeps_its_ck_rv(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	struct sg_buf *sig = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	key = must_find(token);
	fake->faults[FAKE_SIGN].rv = CKR_FUNCTION_REJECTED;
	assert_int_equal(sign_abc(key, &sig, &err), SG_E_TOKEN);
	assert_null(sig);
	assert_int_equal(err.native, CKR_FUNCTION_REJECTED);
	assert_non_null(strstr(err.text, "CKR_FUNCTION_REJECTED"));
	fake->faults[FAKE_SIGN].rv = CKR_OK;
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	sg_buf_free(&sig);
	sg_key_free(&key);
	sg_token_free(&token);
}

static inline void
a_signature_of_the_wrong_length_is_refused(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	struct sg_buf *sig = NULL;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	key = must_find(token);
	fake->signature_len = 128;
	assert_int_not_equal(sign_abc(key, &sig, NULL), SG_OK);
	assert_null(sig);
	sg_key_free(&key);
	sg_token_free(&token);
}

/* libp11 would wait for ever for a first session. */
static inline void
a_token_without_a_session_to_spare_is_told(void **state)
{
	struct sg_token *token;
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_SESSION_COUNT;
	assert_int_equal(find_by_backend(token, &key, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_SESSION_COUNT);
	assert_null(key);
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_OK;
	key = must_find(token);
	sg_key_free(&key);
	sg_token_free(&token);
}

static inline void
a_key_that_wants_its_pin_each_time_is_refused(void **state)
{
	struct fake_object *object;
	struct sg_token *token;
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	object = fake_add_key("uat", fake_id, 2);
	fake_put_flag(object, CKA_ALWAYS_AUTHENTICATE, true);
	token = open_logged_in("123456");
	assert_int_equal(find_by_backend(token, &key, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "SIGNET_BACKEND=native"));
	assert_null(key);
	assert_null(*sg_token_doors(token));
	assert_int_equal(fake->context_logins, 0);
	sg_token_free(&token);
}

#endif
