/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/openssl.h"

#define BACKEND SG_BACKEND_LIBP11
#include "tests/unit/fake_door.h"

/* libp11 hashes, and hands over the DigestInfo. */
static void
what_is_signed_is_the_digest(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	SG_AUTO(sg_buf) sig = NULL;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	key = must_find(token);
	assert_int_equal(sign_abc(key, &sig, NULL), SG_OK);
	assert_int_equal(fake->mechanism, CKM_RSA_PKCS);
	assert_int_equal(fake->message_len, 51);
	assert_memory_equal(fake->message + 19, "\xba\x78\x16\xbf", 4);
	sg_key_free(&key);
	sg_token_free(&token);
}

static void
closing_it_leaves_the_module_to_the_token(void **state)
{
	struct sg_token *token;
	struct sg_key *key;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	key = must_find(token);
	sg_key_free(&key);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 0);
	sg_token_free(&token);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(the_token_signs_and_no_pin_is_sent),
	    FAKE_TEST(what_is_signed_is_the_digest),
	    FAKE_TEST(a_key_with_another_modulus_never_signs),
	    FAKE_TEST(a_failure_of_the_token_keeps_its_ck_rv),
	    FAKE_TEST(a_signature_of_the_wrong_length_is_refused),
	    FAKE_TEST(a_token_without_a_session_to_spare_is_told),
	    FAKE_TEST(a_key_that_wants_its_pin_each_time_is_refused),
	    FAKE_TEST(closing_it_leaves_the_module_to_the_token),
	};

	return cmocka_run_group_tests_name("libp11", tests, NULL, NULL);
}
