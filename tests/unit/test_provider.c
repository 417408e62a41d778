/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>

#include "pkcs11/openssl.h"

#define BACKEND SG_BACKEND_PROVIDER
#include "tests/unit/fake_door.h"

/* pkcs11-provider asks for more of a module than the fake one has: that it
 * signs, also where the token does not hash, is shown on real ones by
 * tests/token/test_door_provider.c. */

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
	    FAKE_TEST(a_key_that_wants_its_pin_each_time_is_refused),
	};

	if (!is_here())
		return cmocka_run_group_tests_name(
		    "provider", absent, NULL, NULL);
	return cmocka_run_group_tests_name("provider", tests, NULL, NULL);
}
