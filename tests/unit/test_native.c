/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fake_token.h"

static const uint8_t msg[] = "abc";

/* What CKM_RSA_PKCS must be given for "abc": the DigestInfo of RFC 8017 §9.2
 * and the digest of FIPS 180-4's first example. */
static const uint8_t abc_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde,
    0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
    0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};

static struct sg_key *
find_key(struct sg_token *token)
{
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	if (sg_key_find(token, NULL, &key, &err) != SG_OK)
		fail_msg("%s", err.text);
	return key;
}

static enum sg_rc
sign_abc(struct sg_key *key, struct sg_buf **out_sig, struct sg_err *err)
{
	return sg_key_sign(key, msg, 3, out_sig, err);
}

static void
a_warm_signature_costs_two_calls(void **state)
{
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	struct sg_key *key = find_key(token);
	SG_AUTO(sg_buf) sig = NULL;
	unsigned int before = fake->now;

	(void)state;
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	assert_int_equal(fake->now - before, 2);
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 1);
	assert_int_equal(fake->calls[FAKE_SIGN], 1);
	assert_int_equal(fake->sign_key, object->handle);
	assert_int_equal(sig->len, 256);
	assert_memory_equal(sig->data, fake->signature, 256);
	sg_key_free(&key);
	sg_token_free(&token);
}

/* Handles are numbered anew: what was this key's may be another's then. */
static void
a_handle_from_before_a_restart_is_never_signed_with(void **state)
{
	struct fake_object *first = fake_add_key("first", fake_id, 2);
	struct fake_object *other = fake_add_key("other", (uint8_t *)"xy", 2);
	SG_AUTO(sg_uri) uri = fake_uri("pkcs11:object=first");
	SG_AUTO(sg_uri) other_uri = fake_uri("pkcs11:object=other");
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_buf) sig = NULL;
	SG_AUTO(sg_buf) again = NULL;
	struct sg_key *key = NULL;
	struct sg_key *restarts = NULL;
	CK_OBJECT_HANDLE swapped = first->handle;

	(void)state;
	assert_int_equal(sg_key_find(token, uri, &key, NULL), SG_OK);
	assert_int_equal(sg_key_find(token, other_uri, &restarts, NULL), SG_OK);
	fake->faults[FAKE_SIGN_INIT].rv = CKR_CRYPTOKI_NOT_INITIALIZED;
	fake->faults[FAKE_SIGN_INIT].times = 1;
	assert_int_equal(sign_abc(restarts, &sig, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 1);
	first->handle = other->handle;
	other->handle = swapped;
	assert_int_equal(sign_abc(key, &again, NULL), SG_OK);
	assert_int_equal(fake->sign_key, first->handle);
	sg_key_free(&key);
	sg_key_free(&restarts);
	fake->left_open = 0;
	sg_token_free(&token);
}

static void
the_token_hashes_where_it_can(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	SG_AUTO(sg_buf) sig = NULL;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = fake_open(NULL);
	key = find_key(token);
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	assert_int_equal(fake->mechanism, CKM_SHA256_RSA_PKCS);
	assert_int_equal(fake->message_len, 3);
	assert_memory_equal(fake->message, "abc", 3);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
check_digest_is_signed(void)
{
	assert_int_equal(fake->mechanism, CKM_RSA_PKCS);
	assert_int_equal(fake->message_len, sizeof(abc_info));
	assert_memory_equal(fake->message, abc_info, sizeof(abc_info));
}

static void
a_token_without_the_mechanism_signs_the_digest(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	SG_AUTO(sg_buf) sig = NULL;

	(void)state;
	fake->slots[0].mechanisms[0] = CKM_SHA1_RSA_PKCS;
	(void)fake_add_key("uat", fake_id, 2);
	token = fake_open(NULL);
	key = find_key(token);
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	check_digest_is_signed();
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 1);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_key_that_refuses_the_mechanism_signs_the_digest_from_then_on(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	SG_AUTO(sg_buf) first = NULL;
	SG_AUTO(sg_buf) second = NULL;

	(void)state;
	fake->key_refuses = CKM_SHA256_RSA_PKCS;
	(void)fake_add_key("uat", fake_id, 2);
	token = fake_open(NULL);
	key = find_key(token);
	assert_int_equal(sign_abc(key, &first, NULL), SG_OK);
	check_digest_is_signed();
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 2);
	assert_int_equal(sign_abc(key, &second, NULL), SG_OK);
	check_digest_is_signed();
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 3);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_token_that_can_neither_is_told_before_it_is_asked(void **state)
{
	struct sg_token *token;
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	fake->slots[0].mechanism_flags[0] = CKF_VERIFY;
	fake->slots[0].mechanism_flags[1] = CKF_DECRYPT;
	(void)fake_add_key("uat", fake_id, 2);
	token = fake_open(NULL);
	assert_int_equal(sg_key_find(token, NULL, &key, &err), SG_E_MECHANISM);
	assert_null(key);
	assert_non_null(strstr(err.text, "CKM_RSA_PKCS"));
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 0);
	sg_token_free(&token);
}

static void
a_refusal_to_start_is_told_with_the_mechanism(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	struct sg_buf *sig = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = fake_open(NULL);
	key = find_key(token);
	fake->faults[FAKE_SIGN_INIT].rv = CKR_KEY_FUNCTION_NOT_PERMITTED;
	assert_int_equal(sign_abc(key, &sig, &err), SG_E_MECHANISM);
	assert_null(sig);
	assert_int_equal(err.native, CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_non_null(strstr(err.text, "CKM_SHA256_RSA_PKCS"));
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 1);
	assert_int_equal(fake->calls[FAKE_SIGN], 0);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_failed_signature_starts_anew_the_next_time(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	struct sg_buf *sig = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = fake_open(NULL);
	key = find_key(token);
	fake->faults[FAKE_SIGN].rv = CKR_FUNCTION_REJECTED;
	assert_int_equal(sign_abc(key, &sig, &err), SG_E_TOKEN);
	assert_null(sig);
	assert_int_equal(err.native, CKR_FUNCTION_REJECTED);
	fake->faults[FAKE_SIGN].rv = CKR_OK;
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 2);
	sg_buf_free(&sig);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_signature_of_the_wrong_length_is_refused(void **state)
{
	static const CK_ULONG lengths[] = {0, 1, 255, 257, 512};
	struct sg_token *token;
	struct sg_key *key;
	size_t i;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = fake_open(NULL);
	key = find_key(token);
	for (i = 0; i < SG_COUNT(lengths); i++) {
		struct sg_buf *sig = NULL;
		struct sg_err err = {0};

		fake->signature_len = lengths[i];
		assert_int_equal(sign_abc(key, &sig, &err), SG_E_TOKEN);
		assert_null(sig);
		assert_non_null(strstr(err.text, "for a key of 256"));
	}
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
what_cannot_sign_rs256_is_told(void **state)
{
	CK_KEY_TYPE ec = CKK_EC;
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	fake_put_flag(object, CKA_SIGN, false);
	assert_int_equal(sg_key_find(token, NULL, &key, &err), SG_E_MECHANISM);
	assert_non_null(strstr(err.text, "CKA_SIGN is false"));
	fake_put_flag(object, CKA_SIGN, true);
	fake_put(object, CKA_KEY_TYPE, &ec, sizeof(ec));
	sg_err_clear(&err);
	assert_int_equal(sg_key_find(token, NULL, &key, &err), SG_E_MECHANISM);
	assert_non_null(strstr(err.text, "type EC"));
	assert_null(key);
	sg_token_free(&token);
}

static void
a_key_without_public_key_anywhere_is_told(void **state)
{
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	fake_drop(object, CKA_PUBLIC_EXPONENT);
	assert_int_equal(sg_key_find(token, NULL, &key, &err), SG_E_NOT_FOUND);
	assert_null(key);
	assert_non_null(strstr(err.text, "no public key object"));
	sg_token_free(&token);
}

static void
log_in(struct sg_token *token)
{
	struct fake_pin pin = {.pin = "831920"};

	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
}

static void
a_key_that_wants_its_pin_gets_it_before_each_signature(void **state)
{
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	struct sg_key *key;
	unsigned int i;

	(void)state;
	fake_put_flag(object, CKA_ALWAYS_AUTHENTICATE, true);
	log_in(token);
	key = find_key(token);
	for (i = 1; i <= 2; i++) {
		SG_AUTO(sg_buf) sig = NULL;

		memset(fake->pin, 0, sizeof(fake->pin));
		assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
		assert_int_equal(fake->context_logins, i);
		assert_memory_equal(fake->pin, "831920", 6);
		assert_true(
		    fake->order[FAKE_SIGN_INIT] < fake->order[FAKE_LOGIN]);
		assert_true(fake->order[FAKE_LOGIN] < fake->order[FAKE_SIGN]);
	}
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_key_that_wants_its_pin_at_the_pad_gets_none(void **state)
{
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	SG_AUTO(sg_buf) sig = NULL;
	struct sg_token *token;
	struct sg_key *key;

	(void)state;
	fake->slots[0].info.flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	fake_put_flag(object, CKA_ALWAYS_AUTHENTICATE, true);
	token = fake_open(NULL);
	log_in(token);
	key = find_key(token);
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	assert_int_equal(fake->context_logins, 1);
	assert_true(fake->pin_was_null);
	sg_key_free(&key);
	sg_token_free(&token);
}

/* Nor is an operation begun, which the session would then be stuck in. */
static void
a_key_that_wants_a_pin_that_was_not_given_is_told(void **state)
{
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	struct sg_buf *sig = NULL;
	struct sg_err err = {0};
	struct sg_token *token;
	struct sg_key *key;

	(void)state;
	fake_put_flag(object, CKA_ALWAYS_AUTHENTICATE, true);
	token = fake_open(NULL);
	key = find_key(token);
	assert_int_equal(sign_abc(key, &sig, &err), SG_E_PIN_MISSING);
	assert_null(sig);
	assert_non_null(strstr(err.text, "SIGNET_PIN_SOURCE"));
	assert_int_equal(fake->calls[FAKE_LOGIN], 0);
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 0);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_last_try_is_not_spent_on_a_signature(void **state)
{
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	struct sg_buf *sig = NULL;
	struct sg_key *key;

	(void)state;
	fake_put_flag(object, CKA_ALWAYS_AUTHENTICATE, true);
	log_in(token);
	key = find_key(token);
	fake->slots[0].info.flags |= CKF_USER_PIN_FINAL_TRY;
	assert_int_equal(sign_abc(key, &sig, NULL), SG_E_PIN_WITHHELD);
	fake->slots[0].info.flags |= CKF_USER_PIN_LOCKED;
	assert_int_equal(sign_abc(key, &sig, NULL), SG_E_PIN_LOCKED);
	assert_int_equal(fake->context_logins, 0);
	assert_int_equal(fake->calls[FAKE_SIGN], 0);
	sg_key_free(&key);
	sg_token_free(&token);
}

/* An operation is begun there, which would be in the way of the next. */
static void
a_session_where_a_key_got_no_pin_is_not_lent_again(void **state)
{
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	struct sg_token *token = fake_open(NULL);
	CK_SESSION_HANDLE first = fake->sessions[0];
	struct sg_buf *sig = NULL;
	struct sg_key *key;

	(void)state;
	fake_put_flag(object, CKA_ALWAYS_AUTHENTICATE, true);
	log_in(token);
	key = find_key(token);
	fake->slots[0].info.flags |= CKF_USER_PIN_FINAL_TRY;
	assert_int_equal(sign_abc(key, &sig, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 1);
	fake->slots[0].info.flags &= ~CKF_USER_PIN_FINAL_TRY;
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	assert_true(fake->sessions[0] != first);
	assert_int_equal(fake->open_sessions, 1);
	sg_buf_free(&sig);
	/* Nor is one thrown away that is sound. */
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_OPEN_SESSION], 2);
	sg_buf_free(&sig);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_pin_that_a_key_refused_is_not_sent_again(void **state)
{
	struct fake_object *object = fake_add_key("uat", fake_id, 2);
	struct fake_pin pin = {.pin = "831920"};
	struct sg_buf *sig = NULL;
	struct sg_err err = {0};
	struct sg_token *token;
	struct sg_key *key;

	(void)state;
	fake_put_flag(object, CKA_ALWAYS_AUTHENTICATE, true);
	fake->context_login_rv = CKR_PIN_INCORRECT;
	token = fake_open(NULL);
	log_in(token);
	key = find_key(token);
	assert_int_equal(sign_abc(key, &sig, &err), SG_E_PIN_WRONG);
	assert_int_equal(fake->calls[FAKE_SIGN], 0);
	sg_err_clear(&err);
	assert_int_equal(sign_abc(key, &sig, &err), SG_E_PIN_WITHHELD);
	assert_int_equal(err.rc, SG_E_PIN_WITHHELD);
	assert_int_equal(fake->context_logins, 1);
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 1);
	assert_null(sig);
	sg_key_free(&key);
	/* It is the same PIN that any key of the token would be sent. */
	key = find_key(token);
	assert_int_equal(sign_abc(key, &sig, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(fake->context_logins, 1);
	assert_int_equal(fake_login(token, &pin, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(pin.asked, 0);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
a_key_is_found_as_it_is_named(void **state)
{
	SG_AUTO(sg_uri) uri = fake_uri("pkcs11:id=%09");
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_key) key = NULL;
	uint8_t id = 9;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	(void)fake_add_key("uat", &id, 1);
	assert_int_equal(sg_key_find(token, uri, &key, NULL), SG_OK);
	assert_int_equal(sg_key_info(key)->id[0], 9);
	sg_key_free(&key);
	assert_int_equal(sg_key_find(token, NULL, &key, NULL), SG_E_AMBIGUOUS);
	assert_null(key);
	sg_token_free(&token);
}

struct seen {
	size_t count;
	size_t most;
	char last[8];
};

static enum sg_rc
see(void *ctx, const struct sg_key_info *info, struct sg_err *err)
{
	struct seen *seen = ctx;

	seen->count++;
	(void)snprintf(seen->last, sizeof(seen->last), "%s", info->label);
	if (seen->count == seen->most)
		return sg_fail(err, SG_E_IO, "enough");
	return SG_OK;
}

static void
a_list_tells_of_each_key_and_no_other_object(void **state)
{
	SG_AUTO(sg_uri) uri = fake_uri("pkcs11:object=b");
	struct sg_token *token = fake_open(NULL);
	struct seen seen = {0};

	(void)state;
	assert_int_equal(sg_key_list(token, NULL, see, &seen, NULL), SG_OK);
	assert_int_equal(seen.count, 0);
	(void)fake_add_key("a", fake_id, 2);
	(void)fake_add_object(CKO_PUBLIC_KEY, "a", fake_id, 2);
	(void)fake_add_key("b", fake_id, 2);
	assert_int_equal(sg_key_list(token, NULL, see, &seen, NULL), SG_OK);
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.last, "b");
	seen.count = 0;
	assert_int_equal(sg_key_list(token, uri, see, &seen, NULL), SG_OK);
	assert_int_equal(seen.count, 1);
	sg_token_free(&token);
}

static void
a_list_ends_when_it_is_told_to_or_fails(void **state)
{
	struct sg_token *token = fake_open(NULL);
	struct seen seen = {.most = 1};
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_key("a", fake_id, 2);
	(void)fake_add_key("b", fake_id, 2);
	assert_int_equal(sg_key_list(token, NULL, see, &seen, &err), SG_E_IO);
	assert_int_equal(seen.count, 1);
	fake->faults[FAKE_GET_ATTRIBUTE_VALUE].rv = CKR_DEVICE_REMOVED;
	assert_int_equal(
	    sg_key_list(token, NULL, see, &seen, NULL), SG_E_TOKEN);
	assert_int_equal(seen.count, 1);
	sg_token_free(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(a_warm_signature_costs_two_calls),
	    FAKE_TEST(a_handle_from_before_a_restart_is_never_signed_with),
	    FAKE_TEST(the_token_hashes_where_it_can),
	    FAKE_TEST(a_token_without_the_mechanism_signs_the_digest),
	    FAKE_TEST(
		a_key_that_refuses_the_mechanism_signs_the_digest_from_then_on),
	    FAKE_TEST(a_token_that_can_neither_is_told_before_it_is_asked),
	    FAKE_TEST(a_refusal_to_start_is_told_with_the_mechanism),
	    FAKE_TEST(a_failed_signature_starts_anew_the_next_time),
	    FAKE_TEST(a_signature_of_the_wrong_length_is_refused),
	    FAKE_TEST(what_cannot_sign_rs256_is_told),
	    FAKE_TEST(a_key_without_public_key_anywhere_is_told),
	    FAKE_TEST(a_key_that_wants_its_pin_gets_it_before_each_signature),
	    FAKE_TEST(a_key_that_wants_its_pin_at_the_pad_gets_none),
	    FAKE_TEST(a_key_that_wants_a_pin_that_was_not_given_is_told),
	    FAKE_TEST(a_last_try_is_not_spent_on_a_signature),
	    FAKE_TEST(a_session_where_a_key_got_no_pin_is_not_lent_again),
	    FAKE_TEST(a_pin_that_a_key_refused_is_not_sent_again),
	    FAKE_TEST(a_key_is_found_as_it_is_named),
	    FAKE_TEST(a_list_tells_of_each_key_and_no_other_object),
	    FAKE_TEST(a_list_ends_when_it_is_told_to_or_fails),
	};

	return cmocka_run_group_tests_name("native", tests, NULL, NULL);
}
