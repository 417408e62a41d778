/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/opt.h"

struct parsed {
	struct args args;
	struct sg_err err;
};

static enum sg_rc
parse(struct parsed *p, char **argv)
{
	int argc = 0;

	args_clear(&p->args);
	memset(p, 0, sizeof(*p));
	while (argv[argc] != NULL)
		argc++;
	return args_parse(argc, argv, &p->args, &p->err);
}

#define PARSE(p, ...) parse(p, (char *[]){"signet", __VA_ARGS__, NULL})

#define assert_usage(p, rc, said) \
	do { \
		assert_int_equal(rc, SG_E_USAGE); \
		assert_string_equal((p)->err.text, said); \
	} while (0)

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct parsed));
	return *state == NULL;
}

static int
teardown(void **state)
{
	struct parsed *p = *state;

	args_clear(&p->args);
	free(p);
	return 0;
}

static void
command_and_its_options_are_found(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(
	    PARSE(p, "key", "generate", "--label", "a", "--bits=3072"), SG_OK);
	assert_ptr_equal(p->args.command, command_find("key", "generate"));
	assert_true(p->args.given[OPT_LABEL]);
	assert_string_equal(p->args.value[OPT_LABEL], "a");
	assert_string_equal(p->args.value[OPT_BITS], "3072");
	assert_false(p->args.given[OPT_ID]);
	assert_null(p->args.value[OPT_ID]);
}

static void
global_options_stand_before_or_behind_the_command(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(PARSE(p, "--json", "--timeout", "5s", "jwt", "sign",
			     "--key", "k", "-v"),
	    SG_OK);
	assert_true(p->args.given[OPT_JSON]);
	assert_true(p->args.given[OPT_VERBOSE]);
	assert_string_equal(p->args.value[OPT_TIMEOUT], "5s");
	assert_string_equal(p->args.value[OPT_KEY], "k");
}

static void
commands_options_do_not_stand_before_it(void **state)
{
	struct parsed *p = *state;

	assert_usage(p, PARSE(p, "--scope", "a", "jwt", "sign"),
	    "there is no option --scope here");
}

static void
another_commands_option_is_refused(void **state)
{
	struct parsed *p = *state;

	assert_usage(p, PARSE(p, "key", "list", "--label", "a"),
	    "there is no option --label here");
	assert_usage(p, PARSE(p, "key", "list", "-o", "a"),
	    "there is no option -o here");
}

static void
repeated_option_is_an_error(void **state)
{
	struct parsed *p = *state;

	assert_usage(p, PARSE(p, "jwt", "sign", "--kid", "a", "--kid", "a"),
	    "--kid is given twice");
	assert_usage(p, PARSE(p, "--json", "jwt", "sign", "--json"),
	    "--json is given twice");
	assert_usage(p, PARSE(p, "-qq", "status"), "--quiet is given twice");
	assert_usage(p, PARSE(p, "key", "export", "-o", "a", "--output", "b"),
	    "--output is given twice");
}

static void
option_that_takes_many_keeps_all_in_order(void **state)
{
	const struct sg_list *scopes;
	struct parsed *p = *state;

	assert_int_equal(PARSE(p, "jwt", "sign", "--scope", "b", "--scope=a",
			     "--scope", "b"),
	    SG_OK);
	scopes = &p->args.lists[OPT_SCOPE];
	assert_int_equal(scopes->count, 3);
	assert_string_equal(scopes->items[0], "b");
	assert_string_equal(scopes->items[1], "a");
	assert_string_equal(scopes->items[2], "b");
}

static void
unknown_option_is_named(void **state)
{
	struct parsed *p = *state;

	assert_usage(p, PARSE(p, "jwt", "sign", "--nope"),
	    "there is no option --nope here");
	assert_usage(p, PARSE(p, "--nope", "jwt", "sign"),
	    "there is no option --nope here");
	assert_usage(
	    p, PARSE(p, "jwt", "sign", "-x"), "there is no option -x here");
	assert_usage(
	    p, PARSE(p, "jwt", "sign", "-qx"), "there is no option -x here");
}

static void
missing_value_is_named(void **state)
{
	struct parsed *p = *state;

	assert_usage(
	    p, PARSE(p, "jwt", "sign", "--kid"), "--kid needs a value");
	assert_usage(p, PARSE(p, "key", "export", "-o"), "-o needs a value");
	assert_usage(p, PARSE(p, "--config"), "--config needs a value");
}

static void
value_may_look_like_an_option(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(PARSE(p, "jwt", "sign", "--kid", "--json"), SG_OK);
	assert_string_equal(p->args.value[OPT_KID], "--json");
	assert_false(p->args.given[OPT_JSON]);
}

static void
empty_value_is_a_usage_error(void **state)
{
	struct parsed *p = *state;

	assert_usage(
	    p, PARSE(p, "jwt", "sign", "--user="), "--user has an empty value");
	assert_usage(p, PARSE(p, "jwt", "sign", "--user", ""),
	    "--user has an empty value");
	assert_usage(p, PARSE(p, "key", "export", "-o", ""),
	    "--output has an empty value");
	/* Also of what may be given more than once, and before the noun. */
	assert_usage(p, PARSE(p, "jwt", "sign", "--scope", "a", "--scope="),
	    "--scope has an empty value");
	assert_usage(p, PARSE(p, "--config=", "jwt", "sign"),
	    "--config has an empty value");
}

static void
no_option_ends_every_session(void **state)
{
	struct parsed *p = *state;

	assert_usage(p, PARSE(p, "logout", "--all"),
	    "there is no option --all here; write it out: --allow");
}

static void
flag_takes_no_value(void **state)
{
	struct parsed *p = *state;

	assert_usage(
	    p, PARSE(p, "jwt", "sign", "--json=yes"), "--json takes no value");
	/* What follows a flag is an operand, not its value. */
	assert_int_equal(PARSE(p, "uat", "get", "--pat", "name"), SG_OK);
	assert_string_equal(p->args.operands[0], "name");
}

static void
operands_are_counted(void **state)
{
	struct parsed *p = *state;

	assert_usage(p, PARSE(p, "uat", "get"),
	    "usage: signet uat get ID|NAME [options]; see --help");
	assert_usage(p, PARSE(p, "uat", "get", "a", "b"),
	    "usage: signet uat get ID|NAME [options]; see --help");
	assert_usage(p, PARSE(p, "jwt", "sign", "a"),
	    "usage: signet jwt sign [options]; see --help");
	assert_usage(p, PARSE(p, "status", "a"),
	    "usage: signet status [options]; see --help");
	assert_int_equal(PARSE(p, "logout"), SG_OK);
	assert_int_equal(p->args.operand_count, 0);
	assert_null(p->args.operands[0]);
	assert_int_equal(PARSE(p, "logout", "tcm"), SG_OK);
	assert_int_equal(p->args.operand_count, 1);
	assert_string_equal(p->args.operands[0], "tcm");
}

static void
operands_may_stand_among_options(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(PARSE(p, "api", "tcm", "--jwt", "GET", "--data", "d",
			     "/x", "--json"),
	    SG_OK);
	assert_int_equal(p->args.operand_count, 2);
	assert_string_equal(p->args.operands[0], "GET");
	assert_string_equal(p->args.operands[1], "/x");
	assert_true(p->args.given[OPT_JSON]);
	assert_string_equal(p->args.value[OPT_DATA], "d");
}

static void
two_dashes_end_the_options(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(
	    PARSE(p, "uat", "get", "--pat", "--", "--json"), SG_OK);
	assert_string_equal(p->args.operands[0], "--json");
	assert_false(p->args.given[OPT_JSON]);
	assert_int_equal(PARSE(p, "--json", "--", "uat", "get", "a"), SG_OK);
	assert_ptr_equal(p->args.command, command_find("uat", "get"));
	assert_true(p->args.given[OPT_JSON]);
}

static void
what_is_another_command_s_is_left_alone(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(
	    PARSE(p, "exec", "--tcm", "--", "env", "--json", "--", "-v"),
	    SG_OK);
	assert_string_equal(p->args.rest[0], "env");
	assert_string_equal(p->args.rest[1], "--json");
	assert_string_equal(p->args.rest[2], "--");
	assert_string_equal(p->args.rest[3], "-v");
	assert_null(p->args.rest[4]);
	assert_false(p->args.given[OPT_JSON]);
	assert_int_equal(PARSE(p, "exec", "env", "--tcm", "-x"), SG_OK);
	assert_string_equal(p->args.rest[1], "--tcm");
	assert_false(p->args.given[OPT_TCM]);
	assert_int_equal(PARSE(p, "exec", "--", "--tcm"), SG_OK);
	assert_string_equal(p->args.rest[0], "--tcm");
	assert_int_equal(
	    PARSE(p, "exec", "--", "a", "b", "c", "d", "e", "f", "g", "h", "i",
		"j", "k", "l", "m", "n", "o", "p", "q", "r"),
	    SG_OK);
	assert_string_equal(p->args.rest[17], "r");
}

static void
one_dash_is_an_operand(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(PARSE(p, "jwt", "inspect", "-", "--json"), SG_OK);
	assert_string_equal(p->args.operands[0], "-");
}

static void
letters_stand_for_their_options(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(PARSE(p, "key", "export", "-qv", "-oa"), SG_OK);
	assert_true(p->args.given[OPT_QUIET]);
	assert_true(p->args.given[OPT_VERBOSE]);
	assert_string_equal(p->args.value[OPT_OUTPUT], "a");
	assert_int_equal(PARSE(p, "key", "export", "-o", "b"), SG_OK);
	assert_string_equal(p->args.value[OPT_OUTPUT], "b");
}

static void
abbreviation_is_refused_and_the_whole_name_told(void **state)
{
	struct parsed *p = *state;

	assert_usage(p, PARSE(p, "jwt", "sign", "--life", "1m"),
	    "there is no option --life here; write it out: --lifetime");
	assert_usage(p, PARSE(p, "jwt", "sign", "--life=1m"),
	    "there is no option --life here; write it out: --lifetime");
	assert_usage(p, PARSE(p, "uat", "get", "n", "--jso"),
	    "there is no option --jso here; write it out: --json");
	assert_usage(p, PARSE(p, "--conf", "f", "status"),
	    "there is no option --conf here; write it out: --config");
	/* A value that looks like the name does not make it whole. */
	assert_usage(p, PARSE(p, "jwt", "sign", "--life", "--lifetime"),
	    "there is no option --life here; write it out: --lifetime");
	assert_int_equal(
	    PARSE(p, "jwt", "sign", "--kid", "--kid", "--user=--user"), SG_OK);
}

static void
abbreviation_of_two_options_is_refused(void **state)
{
	struct parsed *p = *state;

	assert_usage(p, PARSE(p, "jwt", "sign", "--k", "a"),
	    "there is no option --k here");
	assert_usage(
	    p, PARSE(p, "login", "tcm", "--j"), "there is no option --j here");
	assert_false(p->args.given[OPT_JSON]);
	assert_false(p->args.given[OPT_JWT]);
}

static void
whole_name_is_no_abbreviation_of_a_longer_one(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(PARSE(p, "jwt", "sign", "--claim", "a=b"), SG_OK);
	assert_true(p->args.given[OPT_CLAIM]);
	assert_false(p->args.given[OPT_CLAIMS]);
}

static void
no_error_holds_the_value_of_an_option(void **state)
{
	static char *const lines[][8] = {
	    {"signet", "jwt", "sign", "--nope=s3cret"},
	    {"signet", "--nope=s3cret"},
	    {"signet", "jwt", "sign", "--nope", "s3cret"},
	    {"signet", "jwt", "sign", "--json=s3cret"},
	    {"signet", "jwt", "sign", "--k=s3cret"},
	    {"signet", "jwt", "sign", "--life=s3cret"},
	    {"signet", "jwt", "sign", "--life", "s3cret"},
	    {"signet", "jwt", "sign", "--kid=s3cret", "--kid=s3cret"},
	    {"signet", "jwt", "sign", "--kid", "s3cret", "--nope"},
	    {"signet", "jwt", "sign", "--kid", "s3cret", "-x"},
	    {"signet", "jwt", "sign", "--kid", "s3cret", "-xs3cret"},
	    {"signet", "jwt", "sign", "--kid", "s3cret", "-\xc3\xa9"},
	    {"signet", "--key", "s3cret", "-\xff\xff", "jwt", "sign"},
	    {"signet", "--key", "s3cret", "--config"},
	    {"signet", "key", "export", "-os3cret", "-os3cret"},
	    {"signet", "uat", "get", "--name", "s3cret"},
	    {"signet", "jwt", "sign", "--kid", "s3cret", "s3cret"},
	};
	struct parsed *p = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(lines); i++) {
		char *argv[8];

		memcpy(argv, lines[i], sizeof(argv));
		assert_int_equal(parse(p, argv), SG_E_USAGE);
		assert_true(p->err.text[0] != '\0');
		if (strstr(p->err.text, "s3cret") != NULL)
			fail_msg("line %zu: %s", i, p->err.text);
	}
}

static void
unknown_command_says_where_to_look(void **state)
{
	struct parsed *p = *state;

	assert_usage(p, PARSE(p, "nope", "sign"),
	    "there is no command \"nope\"; see: signet help");
	assert_usage(p, PARSE(p, "jwt", "nope"),
	    "there is no command \"jwt nope\"; see: signet help jwt");
	assert_usage(p, PARSE(p, "jwt"),
	    "\"signet jwt\" needs one more word; see: signet help jwt");
	assert_usage(p, PARSE(p, "jwt", "--json", "sign"),
	    "\"signet jwt\" needs one more word; see: signet help jwt");
	assert_usage(
	    p, PARSE(p, ""), "there is no command \"\"; see: signet help");
}

static void
no_command_is_an_error(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(parse(p, (char *[]){"signet", NULL}), SG_E_USAGE);
	assert_string_equal(p->err.text, "no command; see: signet help");
	assert_int_equal(PARSE(p, "--json"), SG_E_USAGE);
	assert_int_equal(parse(p, (char *[]){NULL}), SG_E_USAGE);
}

static void
help_is_taken_anywhere_and_needs_no_operands(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(PARSE(p, "--help"), SG_OK);
	assert_true(p->args.given[OPT_HELP]);
	assert_null(p->args.command);
	assert_int_equal(PARSE(p, "uat", "get", "-h"), SG_OK);
	assert_true(p->args.given[OPT_HELP]);
	assert_ptr_equal(p->args.command, command_find("uat", "get"));
	assert_int_equal(PARSE(p, "--help", "uat", "get"), SG_OK);
	assert_true(p->args.given[OPT_HELP]);
	assert_ptr_equal(p->args.command, command_find("uat", "get"));
}

static void
clearing_twice_is_harmless(void **state)
{
	struct parsed *p = *state;

	assert_int_equal(PARSE(p, "jwt", "sign", "--scope", "a"), SG_OK);
	args_clear(&p->args);
	args_clear(&p->args);
	assert_int_equal(p->args.lists[OPT_SCOPE].count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(command_and_its_options_are_found),
	    TEST(global_options_stand_before_or_behind_the_command),
	    TEST(commands_options_do_not_stand_before_it),
	    TEST(another_commands_option_is_refused),
	    TEST(repeated_option_is_an_error),
	    TEST(option_that_takes_many_keeps_all_in_order),
	    TEST(unknown_option_is_named),
	    TEST(missing_value_is_named),
	    TEST(value_may_look_like_an_option),
	    TEST(empty_value_is_a_usage_error),
	    TEST(no_option_ends_every_session),
	    TEST(flag_takes_no_value),
	    TEST(operands_are_counted),
	    TEST(operands_may_stand_among_options),
	    TEST(two_dashes_end_the_options),
	    TEST(what_is_another_command_s_is_left_alone),
	    TEST(one_dash_is_an_operand),
	    TEST(letters_stand_for_their_options),
	    TEST(abbreviation_is_refused_and_the_whole_name_told),
	    TEST(abbreviation_of_two_options_is_refused),
	    TEST(whole_name_is_no_abbreviation_of_a_longer_one),
	    TEST(no_error_holds_the_value_of_an_option),
	    TEST(unknown_command_says_where_to_look),
	    TEST(no_command_is_an_error),
	    TEST(help_is_taken_anywhere_and_needs_no_operands),
	    TEST(clearing_twice_is_harmless),
	};

	(void)unsetenv("POSIXLY_CORRECT");
	return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
