/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pkcs11/p11.h"

/* PKCS#11 v2.40 base §4.2, from the standard's own list and not from the
 * header that the code is built with: p11-kit 0.24 has five of them wrong. */
static const struct {
	unsigned long rv;
	const char *name;
} standard[] = {
    {0x000, "CKR_OK"},
    {0x001, "CKR_CANCEL"},
    {0x002, "CKR_HOST_MEMORY"},
    {0x003, "CKR_SLOT_ID_INVALID"},
    {0x005, "CKR_GENERAL_ERROR"},
    {0x006, "CKR_FUNCTION_FAILED"},
    {0x007, "CKR_ARGUMENTS_BAD"},
    {0x008, "CKR_NO_EVENT"},
    {0x009, "CKR_NEED_TO_CREATE_THREADS"},
    {0x00a, "CKR_CANT_LOCK"},
    {0x010, "CKR_ATTRIBUTE_READ_ONLY"},
    {0x011, "CKR_ATTRIBUTE_SENSITIVE"},
    {0x012, "CKR_ATTRIBUTE_TYPE_INVALID"},
    {0x013, "CKR_ATTRIBUTE_VALUE_INVALID"},
    {0x01b, "CKR_ACTION_PROHIBITED"},
    {0x020, "CKR_DATA_INVALID"},
    {0x021, "CKR_DATA_LEN_RANGE"},
    {0x030, "CKR_DEVICE_ERROR"},
    {0x031, "CKR_DEVICE_MEMORY"},
    {0x032, "CKR_DEVICE_REMOVED"},
    {0x040, "CKR_ENCRYPTED_DATA_INVALID"},
    {0x041, "CKR_ENCRYPTED_DATA_LEN_RANGE"},
    {0x050, "CKR_FUNCTION_CANCELED"},
    {0x051, "CKR_FUNCTION_NOT_PARALLEL"},
    {0x054, "CKR_FUNCTION_NOT_SUPPORTED"},
    {0x060, "CKR_KEY_HANDLE_INVALID"},
    {0x062, "CKR_KEY_SIZE_RANGE"},
    {0x063, "CKR_KEY_TYPE_INCONSISTENT"},
    {0x064, "CKR_KEY_NOT_NEEDED"},
    {0x065, "CKR_KEY_CHANGED"},
    {0x066, "CKR_KEY_NEEDED"},
    {0x067, "CKR_KEY_INDIGESTIBLE"},
    {0x068, "CKR_KEY_FUNCTION_NOT_PERMITTED"},
    {0x069, "CKR_KEY_NOT_WRAPPABLE"},
    {0x06a, "CKR_KEY_UNEXTRACTABLE"},
    {0x070, "CKR_MECHANISM_INVALID"},
    {0x071, "CKR_MECHANISM_PARAM_INVALID"},
    {0x082, "CKR_OBJECT_HANDLE_INVALID"},
    {0x090, "CKR_OPERATION_ACTIVE"},
    {0x091, "CKR_OPERATION_NOT_INITIALIZED"},
    {0x0a0, "CKR_PIN_INCORRECT"},
    {0x0a1, "CKR_PIN_INVALID"},
    {0x0a2, "CKR_PIN_LEN_RANGE"},
    {0x0a3, "CKR_PIN_EXPIRED"},
    {0x0a4, "CKR_PIN_LOCKED"},
    {0x0b0, "CKR_SESSION_CLOSED"},
    {0x0b1, "CKR_SESSION_COUNT"},
    {0x0b3, "CKR_SESSION_HANDLE_INVALID"},
    {0x0b4, "CKR_SESSION_PARALLEL_NOT_SUPPORTED"},
    {0x0b5, "CKR_SESSION_READ_ONLY"},
    {0x0b6, "CKR_SESSION_EXISTS"},
    {0x0b7, "CKR_SESSION_READ_ONLY_EXISTS"},
    {0x0b8, "CKR_SESSION_READ_WRITE_SO_EXISTS"},
    {0x0c0, "CKR_SIGNATURE_INVALID"},
    {0x0c1, "CKR_SIGNATURE_LEN_RANGE"},
    {0x0d0, "CKR_TEMPLATE_INCOMPLETE"},
    {0x0d1, "CKR_TEMPLATE_INCONSISTENT"},
    {0x0e0, "CKR_TOKEN_NOT_PRESENT"},
    {0x0e1, "CKR_TOKEN_NOT_RECOGNIZED"},
    {0x0e2, "CKR_TOKEN_WRITE_PROTECTED"},
    {0x0f0, "CKR_UNWRAPPING_KEY_HANDLE_INVALID"},
    {0x0f1, "CKR_UNWRAPPING_KEY_SIZE_RANGE"},
    {0x0f2, "CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT"},
    {0x100, "CKR_USER_ALREADY_LOGGED_IN"},
    {0x101, "CKR_USER_NOT_LOGGED_IN"},
    {0x102, "CKR_USER_PIN_NOT_INITIALIZED"},
    {0x103, "CKR_USER_TYPE_INVALID"},
    {0x104, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN"},
    {0x105, "CKR_USER_TOO_MANY_TYPES"},
    {0x110, "CKR_WRAPPED_KEY_INVALID"},
    {0x112, "CKR_WRAPPED_KEY_LEN_RANGE"},
    {0x113, "CKR_WRAPPING_KEY_HANDLE_INVALID"},
    {0x114, "CKR_WRAPPING_KEY_SIZE_RANGE"},
    {0x115, "CKR_WRAPPING_KEY_TYPE_INCONSISTENT"},
    {0x120, "CKR_RANDOM_SEED_NOT_SUPPORTED"},
    {0x121, "CKR_RANDOM_NO_RNG"},
    {0x130, "CKR_DOMAIN_PARAMS_INVALID"},
    {0x140, "CKR_CURVE_NOT_SUPPORTED"},
    {0x150, "CKR_BUFFER_TOO_SMALL"},
    {0x160, "CKR_SAVED_STATE_INVALID"},
    {0x170, "CKR_INFORMATION_SENSITIVE"},
    {0x180, "CKR_STATE_UNSAVEABLE"},
    {0x190, "CKR_CRYPTOKI_NOT_INITIALIZED"},
    {0x191, "CKR_CRYPTOKI_ALREADY_INITIALIZED"},
    {0x1a0, "CKR_MUTEX_BAD"},
    {0x1a1, "CKR_MUTEX_NOT_LOCKED"},
    {0x1b0, "CKR_NEW_PIN_MODE"},
    {0x1b1, "CKR_NEXT_OTP"},
    {0x1b5, "CKR_EXCEEDED_MAX_ITERATIONS"},
    {0x1b6, "CKR_FIPS_SELF_TEST_FAILED"},
    {0x1b7, "CKR_LIBRARY_LOAD_FAILED"},
    {0x1b8, "CKR_PIN_TOO_WEAK"},
    {0x1b9, "CKR_PUBLIC_KEY_INVALID"},
    {0x200, "CKR_FUNCTION_REJECTED"},
};

static void
every_code_of_the_standard_has_its_name(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(standard); i++)
		assert_string_equal(
		    sg_ckr_name(standard[i].rv), standard[i].name);
}

static void
every_code_is_told_with_name_and_number(void **state)
{
	char number[32];
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(standard); i++) {
		struct sg_err err = {0};
		enum sg_rc rc;

		rc = sg_fail_ckr(&err, standard[i].rv, "do %s", "it");
		assert_int_not_equal(rc, SG_OK);
		assert_int_equal(err.rc, rc);
		assert_int_equal(err.native, standard[i].rv);
		assert_ptr_equal(strstr(err.text, "do it: "), err.text);
		assert_non_null(strstr(err.text, standard[i].name));
		(void)snprintf(
		    number, sizeof(number), "(0x%lx)", standard[i].rv);
		assert_non_null(strstr(err.text, number));
	}
}

static void
what_the_caller_can_act_on_has_its_own_class(void **state)
{
	static const struct {
		unsigned long rv;
		enum sg_rc rc;
	} rows[] = {
	    {0x0a0, SG_E_PIN_WRONG},
	    {0x0a1, SG_E_PIN_WRONG},
	    {0x0a2, SG_E_PIN_WRONG},
	    {0x0a3, SG_E_PIN_LOCKED},
	    {0x0a4, SG_E_PIN_LOCKED},
	    {0x101, SG_E_PIN_MISSING},
	    {0x102, SG_E_PIN_MISSING},
	    {0x070, SG_E_MECHANISM},
	    {0x054, SG_E_MECHANISM},
	    {0x062, SG_E_MECHANISM},
	    {0x068, SG_E_MECHANISM},
	    {0x0e0, SG_E_NOT_FOUND},
	    {0x002, SG_E_NOMEM},
	    {0x190, SG_E_MODULE},
	    {0x030, SG_E_TOKEN},
	    {0x005, SG_E_TOKEN},
	    {0x0b3, SG_E_TOKEN},
	    {0x201, SG_E_TOKEN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++)
		assert_int_equal(
		    sg_fail_ckr(NULL, rows[i].rv, "do it"), rows[i].rc);
}

static void
a_vendors_code_and_an_unknown_one_are_told_apart(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_fail_ckr(&err, 0x80000042UL, "sign with %s", "X"), SG_E_TOKEN);
	assert_int_equal(err.native, 0x80000042L);
	assert_string_equal(
	    err.text, "sign with X: a code of the vendor's own (0x80000042)");
	assert_string_equal(
	    sg_ckr_name(0x004), "a code unknown to PKCS#11 v2.40");
}

static void
advice_says_what_to_do_next(void **state)
{
	struct sg_err err = {0};

	(void)state;
	(void)sg_fail_ckr(&err, CKR_PIN_LOCKED, "log in");
	assert_string_equal(err.text,
	    "log in: CKR_PIN_LOCKED (0xa4): too many wrong PINs; unlock it "
	    "with the token's own tool");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_of_the_standard_has_its_name),
	    cmocka_unit_test(every_code_is_told_with_name_and_number),
	    cmocka_unit_test(what_the_caller_can_act_on_has_its_own_class),
	    cmocka_unit_test(a_vendors_code_and_an_unknown_one_are_told_apart),
	    cmocka_unit_test(advice_says_what_to_do_next),
	};

	return cmocka_run_group_tests_name("ckr", tests, NULL, NULL);
}
