/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/door.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "tests/unit/fake_token.h"

static enum sg_rc
fail_with(int library, int reason, struct sg_err *err)
{
	ERR_clear_error();
	ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR);
	ERR_raise(library, reason);
	return sg_door_failed(err, "sign by %s", "libp11");
}

/* As libp11, its engine and the provider make theirs known. */
static int
library_named(const char *name)
{
	static ERR_STRING_DATA strings[4][2];
	static size_t count;
	int library = ERR_get_next_error_library();

	assert_true(count < SG_COUNT(strings));
	strings[count][0].error = ERR_PACK(library, 0, 0);
	strings[count][0].string = name;
	assert_int_equal(ERR_load_strings(library, strings[count++]), 1);
	return library;
}

static void
a_ck_rv_in_openssls_queue_is_told_as_one(void **state)
{
	int library = library_named("PKCS#11 module");
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    fail_with(library_named("pkcs11"), CKR_PIN_INCORRECT, NULL),
	    SG_E_PIN_WRONG);
	assert_int_equal(
	    fail_with(library, CKR_PIN_INCORRECT, &err), SG_E_PIN_WRONG);
	assert_int_equal(err.native, CKR_PIN_INCORRECT);
	assert_non_null(strstr(err.text, "sign by libp11: CKR_PIN_INCORRECT"));
	assert_int_equal(ERR_peek_error(), 0);
}

/* The same number, of a library that knows nothing of PKCS#11. */
static void
a_reason_of_openssls_own_is_no_ck_rv(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    fail_with(library_named("libp11"), CKR_PIN_INCORRECT, NULL),
	    SG_E_TOKEN);
	assert_int_equal(
	    fail_with(library_named("another"), CKR_PIN_INCORRECT, NULL),
	    SG_E_TOKEN);
	assert_int_equal(
	    fail_with(ERR_LIB_RSA, CKR_PIN_INCORRECT, &err), SG_E_TOKEN);
	assert_null(strstr(err.text, "CKR_"));
	assert_non_null(strstr(err.text, "OpenSSL: internal error"));
	assert_int_equal(ERR_peek_error(), 0);
}

static void
an_empty_queue_is_told_too(void **state)
{
	struct sg_err err = {0};

	(void)state;
	ERR_clear_error();
	assert_int_equal(sg_door_failed(&err, "sign"), SG_E_TOKEN);
	assert_non_null(strstr(err.text, "no reason given"));
}

static size_t
number_of(EVP_PKEY *pkey, const char *name, uint8_t *out)
{
	BIGNUM *number = NULL;
	int len;

	assert_int_equal(EVP_PKEY_get_bn_param(pkey, name, &number), 1);
	len = BN_bn2bin(number, out);
	BN_free(number);
	return (size_t)len;
}

static void
a_key_is_known_by_both_its_numbers(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	EVP_PKEY *curve = EVP_EC_gen("P-256");
	uint8_t n[256];
	uint8_t e[8];
	struct sg_key_info info = {.rsa = {.n = n, .e = e}};

	(void)state;
	info.rsa.n_len = number_of(pkey, OSSL_PKEY_PARAM_RSA_N, n);
	info.rsa.e_len = number_of(pkey, OSSL_PKEY_PARAM_RSA_E, e);
	assert_true(sg_door_is_key(pkey, &info));
	assert_false(sg_door_is_key(curve, &info));
	n[100] ^= 1;
	assert_false(sg_door_is_key(pkey, &info));
	n[100] ^= 1;
	e[0] ^= 2;
	assert_false(sg_door_is_key(pkey, &info));
	assert_int_equal(ERR_peek_error(), 0);
	EVP_PKEY_free(curve);
	EVP_PKEY_free(pkey);
}

static void
a_plug_in_that_is_absent_names_its_package(void **state)
{
	struct sg_err err = {0};
	char *path = NULL;

	(void)state;
	assert_int_equal(sg_door_plugin(OPENSSL_INFO_CONFIG_DIR,
			     SG_BACKEND_ENGINE, "the-package", &path, &err),
	    SG_E_CONFIG);
	assert_null(path);
	assert_non_null(strstr(err.text, "SIGNET_BACKEND=engine"));
	assert_non_null(strstr(err.text, "the-package"));
}

static void
a_library_that_is_absent_names_its_package(void **state)
{
	int (*function)(void) = NULL;
	const struct sg_door_symbol symbols[] = {{"none", &function}};
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_door_library("libnone.so.0", "the-package", symbols,
			     SG_COUNT(symbols), &err),
	    SG_E_CONFIG);
	assert_non_null(strstr(err.text, "the-package"));
	sg_err_clear(&err);
	assert_int_equal(sg_door_library("libssl.so.3", "the-package", symbols,
			     SG_COUNT(symbols), &err),
	    SG_E_CONFIG);
	assert_non_null(strstr(err.text, "another version"));
	assert_null(function);
}

static void
a_token_opens_each_door_once(void **state)
{
	struct sg_token *token = fake_open(NULL);
	struct sg_door *door = NULL;
	struct sg_door *again = NULL;
	unsigned int asked;

	(void)state;
	assert_int_equal(
	    sg_door_open(token, SG_BACKEND_LIBP11, &door, NULL), SG_OK);
	asked = fake->calls[FAKE_GET_SLOT_LIST];
	assert_int_equal(
	    sg_door_open(token, SG_BACKEND_LIBP11, &again, NULL), SG_OK);
	assert_ptr_equal(door, again);
	assert_int_equal(fake->calls[FAKE_GET_SLOT_LIST], asked);
	sg_token_free(&token);
}

static void
a_door_that_does_not_open_can_be_tried_again(void **state)
{
	struct sg_token *token = fake_open(NULL);
	struct sg_door *door = NULL;
	struct sg_err err = {0};

	(void)state;
	fake->faults[FAKE_GET_SLOT_LIST].rv = CKR_DEVICE_ERROR;
	assert_int_equal(
	    sg_door_open(token, SG_BACKEND_LIBP11, &door, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	assert_null(door);
	fake->faults[FAKE_GET_SLOT_LIST].rv = CKR_OK;
	assert_int_equal(
	    sg_door_open(token, SG_BACKEND_LIBP11, &door, NULL), SG_OK);
	assert_non_null(door);
	sg_token_free(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_ck_rv_in_openssls_queue_is_told_as_one),
	    cmocka_unit_test(a_reason_of_openssls_own_is_no_ck_rv),
	    cmocka_unit_test(an_empty_queue_is_told_too),
	    cmocka_unit_test(a_key_is_known_by_both_its_numbers),
	    cmocka_unit_test(a_plug_in_that_is_absent_names_its_package),
	    cmocka_unit_test(a_library_that_is_absent_names_its_package),
	    FAKE_TEST(a_token_opens_each_door_once),
	    FAKE_TEST(a_door_that_does_not_open_can_be_tried_again),
	};

	return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
