/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/ossl_internal.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <string.h>

static void
first_reason_is_told_and_none_is_left(void **state)
{
	struct sg_err err = {0};

	(void)state;
	ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
	ERR_raise(ERR_LIB_USER, ERR_R_PASSED_NULL_PARAMETER);
	assert_int_equal(sg_ossl_failed("try", &err), SG_E_INTERNAL);
	assert_int_equal(
	    ERR_GET_REASON((unsigned long)err.native), ERR_R_MALLOC_FAILURE);
	assert_non_null(strstr(err.text, "try: OpenSSL: malloc failure"));
	assert_int_equal(ERR_peek_error(), 0);
}

static void
without_a_reason_that_is_said(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_ossl_failed("try", &err), SG_E_INTERNAL);
	assert_string_equal(err.text, "try: OpenSSL: no reason given");
	assert_int_equal(sg_ossl_failed("try", NULL), SG_E_INTERNAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_reason_is_told_and_none_is_left),
	    cmocka_unit_test(without_a_reason_that_is_said),
	};

	return cmocka_run_group_tests_name("ossl", tests, NULL, NULL);
}
