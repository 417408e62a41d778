/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate.h"

#include "fake_rotate.h"

#include "cli/rotate/rotate_journal.h"

static void
a_cleared_run_holds_nothing(void **state)
{
	struct bench *b = *state;
	struct rotate first;
	struct rotate second = {0};

	open_rotate(b, &first, SETTINGS);
	assert_ok(b, rotate_journal_lock(&first, &b->err));
	assert_ok(b, rotate_journal_save(&first, first.rotation, &b->err));
	second.app = first.app;
	assert_int_equal(rotate_journal_lock(&second, NULL), SG_E_POLICY);
	rotate_clear(&first);
	assert_null(first.rotation);
	assert_null(first.lock);
	assert_null(first.journal);
	assert_ok(b, rotate_journal_lock(&second, &b->err));
	rotate_clear(&second);
	rotate_clear(&second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_cleared_run_holds_nothing),
	};

	return cmocka_run_group_tests_name("rotate", tests, NULL, NULL);
}
