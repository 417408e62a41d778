/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/mhd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static int
is_loaded(void)
{
	char line[4096];
	FILE *maps = fopen("/proc/self/maps", "r");
	int found = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, "libmicrohttpd") != NULL)
			found = 1;
	(void)fclose(maps);
	return found;
}

static void
it_is_loaded_when_it_is_asked_for(void **state)
{
	struct sg_mhd mhd;

	(void)state;
	assert_false(is_loaded());
	assert_int_equal(sg_mhd_load(&mhd, NULL), SG_OK);
	assert_true(is_loaded());
	assert_int_equal(sg_mhd_load(&mhd, NULL), SG_OK);
}

static void
each_function_is_its_own(void **state)
{
	struct sg_mhd mhd;
	void *table[sizeof(mhd) / sizeof(void *)];
	size_t i;
	size_t k;

	(void)state;
	assert_int_equal(sg_mhd_load(&mhd, NULL), SG_OK);
	memcpy(table, &mhd, sizeof(mhd));
	for (i = 0; i < SG_COUNT(table); i++) {
		assert_non_null(table[i]);
		for (k = 0; k < i; k++)
			assert_ptr_not_equal(table[i], table[k]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_loaded_when_it_is_asked_for),
	    cmocka_unit_test(each_function_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
