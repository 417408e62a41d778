/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/openssl.h"

#define BACKEND SG_BACKEND_ENGINE
#include "tests/token/doors.h"

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signatures_are_those_of_the_native_backend),
	    cmocka_unit_test(openssl_takes_the_signature),
	    cmocka_unit_test(a_key_without_id_is_found_by_its_label),
	    cmocka_unit_test(
		another_key_of_the_same_id_never_signs_in_its_place),
	    cmocka_unit_test(an_absent_key_is_told_as_by_the_native_backend),
	    cmocka_unit_test(an_ambiguous_label_is_refused_with_the_candidates),
	    cmocka_unit_test(a_wrong_pin_is_refused_natively),
	    cmocka_unit_test(
		the_token_stays_usable_beside_the_backend_and_after_it),
	    cmocka_unit_test(a_key_is_found_among_300),
	    cmocka_unit_test(eight_threads_share_a_key),
	    cmocka_unit_test(a_thousand_signatures_leave_nothing_behind),
	};

	(void)must_getenv("SIGNET_MODULE");
	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
