/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "signer/scope.h"

static void
each_listed_scope_obeys_the_grammar_and_is_no_wildcard(void **state)
{
	size_t i;

	(void)state;
	assert_true(sg_scope_known_count > 200);
	for (i = 0; i < sg_scope_known_count; i++) {
		assert_int_equal(
		    sg_scope_check(sg_scope_known[i], NULL), SG_OK);
		assert_null(strchr(sg_scope_known[i], '*'));
	}
}

static void
none_is_listed_twice(void **state)
{
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < sg_scope_known_count; i++)
		for (k = 0; k < i; k++)
			assert_string_not_equal(
			    sg_scope_known[i], sg_scope_known[k]);
}

/* What signet itself needs to work, and one of each service. */
static void
the_scopes_of_both_services_are_listed(void **state)
{
	static const char *const wanted[] = {"tableau:tcm_tenants:read",
	    "tableau:tcm_sites:read", "tableau:tcm_users:create",
	    "tableau:tcm_uat_configs:create", "tableau:tcm_uat_configs:read",
	    "tableau:tcm_uat_configs:update", "tableau:tcm_uat_configs:delete",
	    "tableau:tcm_uat_revocations:create",
	    "tableau:tcm_oidc_configs:update", "tableau:workbooks:read",
	    "tableau:webhooks:create", "tableau:views:embed"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(wanted); i++)
		if (!sg_scope_is_known(wanted[i]))
			fail_msg("%s is not listed", wanted[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		each_listed_scope_obeys_the_grammar_and_is_no_wildcard),
	    cmocka_unit_test(none_is_listed_twice),
	    cmocka_unit_test(the_scopes_of_both_services_are_listed),
	};

	return cmocka_run_group_tests_name("scope_list", tests, NULL, NULL);
}
