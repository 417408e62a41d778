/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>

#include "pkcs11/openssl.h"

#define BACKEND SG_BACKEND_ENGINE
#include "tests/unit/fake_door.h"

static void
one_token_at_a_time_is_served(void **state)
{
	struct sg_token *token;
	struct sg_token *other;
	struct sg_key *key;
	struct sg_key *none = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	token = open_logged_in("1234");
	other = open_logged_in("1234");
	key = must_find(token);
	assert_int_equal(find_by_backend(other, &none, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "one token at a time"));
	assert_null(none);
	sg_key_free(&key);
	sg_token_free(&token);
	key = must_find(other);
	sg_key_free(&key);
	sg_token_free(&other);
}

static void
an_id_that_it_cannot_name_is_told(void **state)
{
	uint8_t id[120];
	struct sg_token *token;
	struct sg_key *key = NULL;
	struct sg_err err = {0};

	(void)state;
	memset(id, 0x11, sizeof(id));
	(void)fake_add_key("uat", id, sizeof(id));
	token = open_logged_in("1234");
	assert_int_equal(find_by_backend(token, &key, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "use native"));
	assert_null(key);
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
	assert_non_null(strstr(err.text, "libengine-pkcs11-openssl"));
	assert_null(key);
	sg_token_free(&token);
}

static bool
is_here(void)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/pkcs11.so",
	    OPENSSL_info(OPENSSL_INFO_ENGINES_DIR));
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
	    FAKE_TEST(one_token_at_a_time_is_served),
	    FAKE_TEST(an_id_that_it_cannot_name_is_told),
	};

	if (!is_here())
		return cmocka_run_group_tests_name(
		    "engine", absent, NULL, NULL);
	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
