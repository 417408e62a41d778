/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/openssl.h"

#define BACKEND SG_BACKEND_PROVIDER
#include "tests/token/doors.h"

int
main(void)
{
	static const struct token_case cases[] = {
	    TOKEN_CASE_IF(signatures_are_those_of_the_native_backend, "!apart"),
	    TOKEN_CASE_IF(openssl_takes_the_signature, "!apart"),
	    TOKEN_CASE_IF(
		a_key_without_id_is_found_by_its_label, "imports !apart"),
	    TOKEN_CASE_IF(another_key_of_the_same_id_never_signs_in_its_place,
		"imports doubles !apart"),
	    TOKEN_CASE(an_absent_key_is_told_as_by_the_native_backend),
	    TOKEN_CASE_IF(
		an_ambiguous_label_is_refused_with_the_candidates, "imports"),
	    TOKEN_CASE_IF(a_wrong_pin_is_refused_natively, "pin hides"),
	    TOKEN_CASE_IF(
		the_token_stays_usable_beside_the_backend_and_after_it,
		"!apart"),
	    TOKEN_CASE_IF(a_key_is_found_among_300, "imports !apart"),
	    TOKEN_CASE_IF(eight_threads_share_a_key, "!apart"),
	    TOKEN_CASE_IF(a_thousand_signatures_leave_nothing_behind, "!apart"),
	};

	return run_cases("provider", cases, SG_COUNT(cases));
}
