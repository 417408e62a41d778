/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/openssl.h"

#define BACKEND SG_BACKEND_ENGINE
#include "tests/token/doors.h"

int
main(void)
{
	static const struct token_case cases[] = {
	    TOKEN_CASE_IF(
		signatures_are_those_of_the_native_backend, "digests !apart"),
	    TOKEN_CASE_IF(openssl_takes_the_signature, "digests !apart"),
	    TOKEN_CASE_IF(a_key_without_id_is_found_by_its_label,
		"imports digests !apart"),
	    TOKEN_CASE_IF(another_key_of_the_same_id_never_signs_in_its_place,
		"imports doubles digests !apart"),
	    TOKEN_CASE(an_absent_key_is_told_as_by_the_native_backend),
	    TOKEN_CASE_IF(
		an_ambiguous_label_is_refused_with_the_candidates, "imports"),
	    TOKEN_CASE_IF(a_wrong_pin_is_refused_natively, "pin hides"),
	    TOKEN_CASE_IF(
		the_token_stays_usable_beside_the_backend_and_after_it,
		"digests !apart"),
	    TOKEN_CASE_IF(a_key_is_found_among_300, "imports digests !apart"),
	    TOKEN_CASE_IF(eight_threads_share_a_key, "digests !apart"),
	    TOKEN_CASE_IF(
		a_thousand_signatures_leave_nothing_behind, "digests !apart"),
	};

	return run_cases("engine", cases, SG_COUNT(cases));
}
