/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "signer/scope.h"

static void
the_grammar_takes_a_resource_and_an_action(void **state)
{
	static const char *const good[] = {"tableau:users:read",
	    "tableau:tcm_users:*", "tableau:a:b", "tableau:a1_:b_2",
	    "tableau:not_documented:at_all"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(good); i++)
		assert_int_equal(sg_scope_check(good[i], NULL), SG_OK);
}

static void
what_the_grammar_does_not_take_is_refused_by_name(void **state)
{
	static const char *const bad[] = {"", "tableau",
	    "tableau:", "tableau:users", "tableau:users:", "tableau::read",
	    "tableau:*", "tableau:*:read", "tableau:*:*", "tableau:users:**",
	    "tableau:users:*read", "tableau:users:read*",
	    "tableau:users:read:more", "tableau:users: read",
	    "tableau:users:read ", " tableau:users:read", "tableau:Users:read",
	    "tableau:users:READ", "Tableau:users:read", "tableau.users.read",
	    "tableau:users-read", "tableau:users.read", "tableau:us-ers:read",
	    "tableau:users:r\"ead", "tableau:us\xc3\xa9rs:read",
	    "other:users:read"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(bad); i++) {
		struct sg_err err = {0};

		if (sg_scope_check(bad[i], &err) != SG_E_USAGE)
			fail_msg("\"%s\" is taken", bad[i]);
		assert_int_equal(err.rc, SG_E_USAGE);
		assert_non_null(strstr(err.text, bad[i]));
	}
}

static void
a_star_for_a_resource_is_told_as_that(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_scope_check("tableau:*:read", &err), SG_E_USAGE);
	assert_non_null(strstr(err.text, "an action only"));
}

static void
documented_scopes_and_wildcards_are_known(void **state)
{
	(void)state;
	assert_true(sg_scope_is_known("tableau:workbooks:read"));
	assert_true(sg_scope_is_known("tableau:tcm_users:*"));
	assert_true(sg_scope_is_known("tableau:tcm_uat_configs:create"));
	assert_false(sg_scope_is_known("tableau:workbooks:fly"));
	assert_false(sg_scope_is_known("tableau:workbook:*"));
	assert_false(sg_scope_is_known("tableau:tcm_user:*"));
	assert_false(sg_scope_is_known("tableau:workbooks"));
	assert_false(sg_scope_is_known(""));
}

static void
a_slip_of_the_pen_finds_what_was_meant(void **state)
{
	char long_text[300];

	(void)state;
	assert_string_equal(sg_scope_nearest("tableau:tcm_users:raed"),
	    "tableau:tcm_users:read");
	assert_string_equal(
	    sg_scope_nearest("tableau:webhook:read"), "tableau:webhooks:read");
	assert_string_equal(sg_scope_nearest("tableau:workbooks:download"),
	    "tableau:workbooks:download");
	assert_null(sg_scope_nearest("something else altogether"));
	assert_null(sg_scope_nearest(""));
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_null(sg_scope_nearest(long_text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_grammar_takes_a_resource_and_an_action),
	    cmocka_unit_test(what_the_grammar_does_not_take_is_refused_by_name),
	    cmocka_unit_test(a_star_for_a_resource_is_told_as_that),
	    cmocka_unit_test(documented_scopes_and_wildcards_are_known),
	    cmocka_unit_test(a_slip_of_the_pen_finds_what_was_meant),
	};

	return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
