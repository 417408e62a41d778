/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "cli/opt.h"

static bool
is_same(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

/* Options of a command, up to its end mark, which must be there. */
static size_t
count_opts(const struct command *c)
{
	size_t i;

	for (i = 0; i < SG_COUNT(c->opts); i++)
		if (c->opts[i] == OPT_END)
			return i;
	fail_msg("the options of %s %s have no end", c->noun, c->verb);
	return 0;
}

static void
every_command_is_there_once(void **state)
{
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < command_count; i++)
		for (k = i + 1; k < command_count; k++) {
			assert_false(
			    is_same(commands[i].noun, commands[k].noun) &&
			    is_same(commands[i].verb, commands[k].verb));
			assert_true(commands[i].run != commands[k].run);
		}
}

static void
every_command_is_found_by_its_words(void **state)
{
	size_t i;

	(void)state;
	assert_true(command_count > 0);
	for (i = 0; i < command_count; i++)
		assert_ptr_equal(
		    command_find(commands[i].noun, commands[i].verb),
		    &commands[i]);
	assert_null(command_find("nope", NULL));
	assert_null(command_find("jwt", NULL));
	assert_null(command_find("jwt", "nope"));
}

static void
noun_with_verbs_does_not_stand_alone(void **state)
{
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < command_count; i++)
		for (k = 0; k < command_count; k++)
			if (is_same(commands[i].noun, commands[k].noun))
				assert_int_equal(commands[i].verb == NULL,
				    commands[k].verb == NULL);
}

static void
verbs_of_a_noun_stand_together(void **state)
{
	size_t i;
	size_t k;

	(void)state;
	for (i = 1; i < command_count; i++) {
		if (is_same(commands[i].noun, commands[i - 1].noun))
			continue;
		for (k = 0; k < i; k++)
			assert_false(
			    is_same(commands[k].noun, commands[i].noun));
	}
}

static void
every_command_says_what_it_does_and_takes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		assert_non_null(c->run);
		assert_true(c->noun[0] != '\0');
		assert_true(c->summary[0] != '\0');
		/* The help puts a full stop behind it. */
		assert_true(c->summary[strlen(c->summary) - 1] != '.');
		assert_true(c->operands_min <= c->operands_max);
		assert_true(c->operands_max <= OPT_OPERANDS_MAX ||
			    c->operands_max == OPT_OPERANDS_REST);
		assert_int_equal(c->operands[0] == '\0', c->operands_max == 0);
		if (c->operands_max > 0)
			assert_int_equal(
			    c->operands[0] == '[', c->operands_min == 0);
	}
}

static void
option_lists_end_and_name_each_option_once(void **state)
{
	size_t i;
	size_t k;
	size_t m;

	(void)state;
	for (i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		size_t count = count_opts(c);

		for (k = 0; k < count; k++) {
			assert_true(c->opts[k] < OPT_COUNT);
			assert_true(c->opts[k] > OPT_LAST_GLOBAL);
			for (m = k + 1; m < count; m++)
				if (c->opts[k] == c->opts[m])
					fail_msg("%s %s has --%s twice",
					    c->noun, c->verb,
					    opt_rows[c->opts[k]].name);
		}
	}
}

static void
every_option_belongs_to_some_command(void **state)
{
	bool used[OPT_COUNT] = {false};
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < command_count; i++)
		for (k = 0; k < count_opts(&commands[i]); k++)
			used[commands[i].opts[k]] = true;
	for (i = OPT_LAST_GLOBAL + 1; i < OPT_COUNT; i++)
		if (!used[i])
			fail_msg("no command takes --%s", opt_rows[i].name);
}

static void
option_rows_are_whole_and_differ(void **state)
{
	size_t i;
	size_t k;

	(void)state;
	for (i = OPT_CONFIG; i < OPT_COUNT; i++) {
		const struct opt_row *row = &opt_rows[i];

		assert_non_null(row->name);
		assert_true(row->name[0] != '\0' && row->name[0] != '-');
		assert_non_null(row->help);
		assert_true(row->help[0] != '\0');
		/* Only values can be collected. */
		assert_true(!row->many || row->arg != NULL);
		for (k = i + 1; k < OPT_COUNT; k++) {
			assert_string_not_equal(row->name, opt_rows[k].name);
			assert_true(row->letter == 0 ||
				    row->letter != opt_rows[k].letter);
		}
	}
}

static void
no_option_takes_a_secret(void **state)
{
	static const char *const secret[] = {
	    "pin", "password", "secret", "session-token", "token"};
	size_t i;
	size_t k;

	(void)state;
	for (i = OPT_CONFIG; i < OPT_COUNT; i++)
		for (k = 0; k < SG_COUNT(secret); k++)
			assert_string_not_equal(opt_rows[i].name, secret[k]);
	/* These two sound like one, and only choose. */
	assert_null(opt_rows[OPT_PAT].arg);
	assert_null(opt_rows[OPT_JWT].arg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_command_is_there_once),
	    cmocka_unit_test(every_command_is_found_by_its_words),
	    cmocka_unit_test(noun_with_verbs_does_not_stand_alone),
	    cmocka_unit_test(verbs_of_a_noun_stand_together),
	    cmocka_unit_test(every_command_says_what_it_does_and_takes),
	    cmocka_unit_test(option_lists_end_and_name_each_option_once),
	    cmocka_unit_test(every_option_belongs_to_some_command),
	    cmocka_unit_test(option_rows_are_whole_and_differ),
	    cmocka_unit_test(no_option_takes_a_secret),
	};

	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
