/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "cli/cloud/child_env.h"

static char a_1[] = "A=1";
static char b[] = "B=x=y";
static char a_2[] = "A=2";
static char ab[] = "AB=3";
static char odd[] = "A";
static char *from[] = {a_1, b, a_2, ab, odd, NULL};

static void
assert_vars(const struct child_env *env, const char *const *wanted)
{
	char *const *vars = child_env_vars(env);
	size_t i;

	for (i = 0; wanted[i] != NULL; i++) {
		assert_non_null(vars[i]);
		assert_string_equal(vars[i], wanted[i]);
	}
	assert_null(vars[i]);
}

#define assert_has_vars(env, ...) \
	assert_vars(env, (const char *const[]){__VA_ARGS__, NULL})

static struct child_env *
env_of(char *const *vars)
{
	struct child_env *env = NULL;

	assert_int_equal(child_env_new(vars, &env, NULL), SG_OK);
	return env;
}

static void
what_is_there_is_taken_over(void **state)
{
	static char *const none[] = {NULL};
	SG_AUTO(child_env) env = env_of(from);
	SG_AUTO(child_env) empty = env_of(none);

	(void)state;
	assert_has_vars(env, "A=1", "B=x=y", "A=2", "AB=3", "A");
	assert_null(child_env_vars(empty)[0]);
}

static void
a_variable_is_unset_as_often_as_it_is_there(void **state)
{
	SG_AUTO(child_env) env = env_of(from);

	(void)state;
	child_env_unset(env, "A");
	child_env_unset(env, "nowhere");
	assert_has_vars(env, "B=x=y", "AB=3", "A");
}

static void
what_is_set_stands_once(void **state)
{
	SG_AUTO(child_env) env = env_of(from);

	(void)state;
	assert_int_equal(child_env_set(env, "A", "new", NULL), SG_OK);
	assert_int_equal(child_env_set(env, "C", "", NULL), SG_OK);
	assert_int_equal(child_env_set(env, "B", NULL, NULL), SG_OK);
	assert_has_vars(env, "AB=3", "A", "A=new", "C=");
	assert_int_equal(child_env_set(env, "A", "newer", NULL), SG_OK);
	assert_has_vars(env, "AB=3", "A", "C=", "A=newer");
	assert_string_equal(a_1, "A=1");
}

static void
a_secret_is_a_variable_like_any(void **state)
{
	SG_AUTO(child_env) env = env_of(from);
	SG_AUTO(sg_secret) secret = NULL;

	(void)state;
	assert_int_equal(sg_secret_new("t+k/=", 5, &secret, NULL), SG_OK);
	assert_int_equal(child_env_set_secret(env, "B", secret, NULL), SG_OK);
	assert_has_vars(env, "A=1", "A=2", "AB=3", "A", "B=t+k/=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_there_is_taken_over),
	    cmocka_unit_test(a_variable_is_unset_as_often_as_it_is_there),
	    cmocka_unit_test(what_is_set_stands_once),
	    cmocka_unit_test(a_secret_is_a_variable_like_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
