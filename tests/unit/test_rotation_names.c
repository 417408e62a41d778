/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/text.h"
#include "client/rotation/rotation_names.h"

#define OLD "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
#define NEW "-9jDmYzKpPn4G2hVbnE1WlIPxe4MUuLLlTXJBuFkUvo"

struct row {
	const char *old;
	const char *new;
};

static void
an_issuer_gets_the_mark_of_the_new_key(void **state)
{
	static const struct row rows[] = {
	    {"https://a.example", "https://a.example/key--9jDmYzKpPn4"},
	    {"https://a.example/", "https://a.example/key--9jDmYzKpPn4"},
	    {"https://a.example/b", "https://a.example/b/key--9jDmYzKpPn4"},
	    {"https://a.example/b/key-NzbLsXh8uDCc",
		"https://a.example/b/key--9jDmYzKpPn4"},
	    /* another key's mark is none of ours */
	    {"https://a.example/key-AAAAAAAAAAAA",
		"https://a.example/key-AAAAAAAAAAAA/key--9jDmYzKpPn4"},
	    {"https://a.example/monkey-NzbLsXh8uDCc",
		"https://a.example/monkey-NzbLsXh8uDCc/key--9jDmYzKpPn4"},
	    {"urn:a:b", "urn:a:b:key--9jDmYzKpPn4"},
	    {"urn:a:b:key-NzbLsXh8uDCc", "urn:a:b:key--9jDmYzKpPn4"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO_STR got = NULL;

		assert_int_equal(
		    sg_rotation_issuer(rows[i].old, OLD, NEW, &got, NULL),
		    SG_OK);
		assert_string_equal(got, rows[i].new);
	}
}

static void
a_name_does_not_grow_with_each_rotation(void **state)
{
	static const struct row rows[] = {
	    {"prod", "prod--9jDmYzKpPn4"},
	    {"prod-NzbLsXh8uDCc", "prod--9jDmYzKpPn4"},
	    {"-NzbLsXh8uDCc", "-NzbLsXh8uDCc--9jDmYzKpPn4"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO_STR got = NULL;

		assert_int_equal(
		    sg_rotation_name(rows[i].old, OLD, NEW, &got, NULL), SG_OK);
		assert_string_equal(got, rows[i].new);
	}
}

static void
a_label_ends_with_the_start_of_its_id(void **state)
{
	static const struct row rows[] = {
	    {"uat", "uat-0123abcd"},
	    {"uat-9f9f9f9f", "uat-0123abcd"},
	    {"uat-9f9f9f00", "uat-9f9f9f00-0123abcd"},
	    {"", "-0123abcd"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO_STR got = NULL;

		assert_int_equal(sg_rotation_label(rows[i].old, "9f9f9f9f9f",
				     "0123abcdef", &got, NULL),
		    SG_OK);
		assert_string_equal(got, rows[i].new);
	}
}

/* Some keys have an id that is shorter than the mark, or none. */
static void
a_short_old_id_is_no_mark(void **state)
{
	SG_AUTO_STR got = NULL;

	(void)state;
	assert_int_equal(
	    sg_rotation_label("uat-01", "01", "0123abcdef", &got, NULL), SG_OK);
	assert_string_equal(got, "uat-01-0123abcd");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_issuer_gets_the_mark_of_the_new_key),
	    cmocka_unit_test(a_name_does_not_grow_with_each_rotation),
	    cmocka_unit_test(a_label_ends_with_the_start_of_its_id),
	    cmocka_unit_test(a_short_old_id_is_no_mark),
	};

	return cmocka_run_group_tests_name("rotation_names", tests, NULL, NULL);
}
