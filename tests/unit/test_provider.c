/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>

#include "pkcs11/openssl.h"

#define BACKEND SG_BACKEND_PROVIDER
#include "tests/unit/fake_door.h"

static void
a_key_that_wants_its_pin_each_time_is_refused(void **state)
{
	struct fake_object *object;
	struct sg_token *token;
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	object = fake_add_key("uat", fake_id, 2);
	fake_put_flag(object, CKA_ALWAYS_AUTHENTICATE, true);
	token = open_logged_in("1234");
	assert_int_equal(find_by_backend(token, &key, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "at the terminal"));
	assert_null(key);
	sg_token_free(&token);
}

/* openssl-projects/pkcs11-provider#592: 1.0 would sign the bare digest. */
static void
a_token_that_does_not_hash_is_given_the_digest_info(void **state)
{
	struct sg_token *token;
	struct sg_key *key;
	SG_AUTO(sg_buf) sig = NULL;

	(void)state;
	fake->slots[0].mechanisms[0] = CKM_SHA1_RSA_PKCS;
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
its_absence_names_the_package(void **state)
{
	struct sg_token *token;
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	assert_int_equal(find_by_backend(token, &key, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "pkcs11-provider"));
	assert_null(key);
	sg_token_free(&token);
}

static bool
is_here(void)
{
	char path[PATH_MAX];

	if (OPENSSL_VERSION_NUMBER < 0x30200000L)
		return false;
	(void)snprintf(path, sizeof(path), "%s/pkcs11.so",
	    OPENSSL_info(OPENSSL_INFO_MODULES_DIR));
	return access(path, R_OK) == 0;
}

int
main(void)
{
	const struct CMUnitTest absent[] = {
	    FAKE_TEST(its_absence_names_the_package),
	};
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(the_token_signs_and_no_pin_is_sent),
	    FAKE_TEST(a_key_with_another_modulus_never_signs),
	    FAKE_TEST(a_failure_of_the_token_keeps_its_ck_rv),
	    FAKE_TEST(a_signature_of_the_wrong_length_is_refused),
	    FAKE_TEST(a_token_without_a_session_to_spare_is_told),
	    FAKE_TEST(a_key_that_wants_its_pin_each_time_is_refused),
	    FAKE_TEST(a_token_that_does_not_hash_is_given_the_digest_info),
	};

	if (!is_here())
		return cmocka_run_group_tests_name(
		    "provider", absent, NULL, NULL);
	return cmocka_run_group_tests_name("provider", tests, NULL, NULL);
}
