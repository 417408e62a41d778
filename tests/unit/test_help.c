/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/opt.h"

#define WIDTH_MAX 80

static void
assert_fits(const struct sg_buf *text)
{
	const char *line = sg_buf_str(text);

	assert_int_equal(sg_buf_check(text, "the help", NULL), SG_OK);
	while (*line != '\0') {
		size_t len = strcspn(line, "\n");

		if (len > WIDTH_MAX)
			fail_msg("%zu columns: %.*s", len, (int)len, line);
		if (len > 0 && line[len - 1] == ' ')
			fail_msg("blank at the end: %.*s", (int)len, line);
		assert_int_equal(line[len], '\n');
		line += len + 1;
	}
}

/* The same words with one blank between any two. */
static struct sg_buf *
flat(const char *text)
{
	struct sg_buf *out = sg_buf_new(65536);

	for (; *text != '\0'; text++) {
		if (!isspace((unsigned char)*text))
			sg_buf_add_byte(out, (uint8_t)*text);
		else if (!isspace((unsigned char)text[1]))
			sg_buf_add_byte(out, ' ');
	}
	assert_int_equal(sg_buf_check(out, "it", NULL), SG_OK);
	return out;
}

static bool
has_words(const struct sg_buf *text, const char *words)
{
	SG_AUTO(sg_buf) flat_text = flat(sg_buf_str(text));

	return strstr(sg_buf_str(flat_text), words) != NULL;
}

static void
assert_words(const struct sg_buf *text, const char *words)
{
	if (!has_words(text, words))
		fail_msg("\"%s\" is not in:\n%s", words, sg_buf_str(text));
}

/* How an option's own lines begin: its forms and then its help. */
static struct sg_buf *
row_words(enum opt opt)
{
	const struct opt_row *row = &opt_rows[opt];
	struct sg_buf *out = sg_buf_new(4096);

	sg_buf_addf(out, " --%s", row->name);
	if (row->arg != NULL)
		sg_buf_addf(out, " %s", row->arg);
	if (row->letter != 0)
		sg_buf_addf(out, ", -%c", row->letter);
	sg_buf_addf(out, " %s", row->help);
	return out;
}

static bool
takes(const struct command *c, enum opt opt)
{
	size_t i;

	if (opt <= OPT_LAST_GLOBAL)
		return true;
	for (i = 0; c->opts[i] != OPT_END; i++)
		if (c->opts[i] == opt)
			return true;
	return false;
}

static void
overview_has_every_command_and_global_option(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(65536);
	size_t i;

	(void)state;
	help_overview(out);
	assert_fits(out);
	for (i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		char words[256];

		(void)snprintf(words, sizeof(words), " %s%s%s%s%s %s", c->noun,
		    c->verb != NULL ? " " : "", c->verb != NULL ? c->verb : "",
		    c->operands[0] != '\0' ? " " : "", c->operands, c->summary);
		assert_words(out, words);
	}
	for (i = OPT_CONFIG; i <= OPT_LAST_GLOBAL; i++) {
		SG_AUTO(sg_buf) words = row_words((enum opt)i);

		assert_words(out, sg_buf_str(words));
	}
}

static void
overview_tells_every_exit_status(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(65536);
	char words[8];
	int status;

	(void)state;
	help_overview(out);
	for (status = 0; status <= 8; status++) {
		(void)snprintf(words, sizeof(words), " %d ", status);
		assert_words(out, words);
	}
}

static void
commands_help_has_its_options_and_no_others(void **state)
{
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < command_count; i++) {
		SG_AUTO(sg_buf) out = sg_buf_new(65536);

		help_command(out, &commands[i]);
		assert_fits(out);
		for (k = OPT_CONFIG; k < OPT_COUNT; k++) {
			SG_AUTO(sg_buf) words = row_words((enum opt)k);

			assert_int_equal(has_words(out, sg_buf_str(words)),
			    takes(&commands[i], (enum opt)k));
		}
	}
}

static void
commands_help_begins_with_its_usage(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(65536);
	SG_AUTO(sg_buf) one_word = sg_buf_new(65536);
	static const char api[] =
	    "Usage: signet api tcm METHOD PATH [options]\n\n"
	    "Call any method of the Cloud Manager API.\n\nOptions:\n";
	static const char status[] =
	    "Usage: signet status [options]\n\n"
	    "List the sessions of the cache.\n\nOptions of every command:\n";

	(void)state;
	help_command(out, command_find("api", "tcm"));
	assert_memory_equal(sg_buf_str(out), api, strlen(api));
	/* No heading over nothing. */
	help_command(one_word, command_find("status", NULL));
	assert_memory_equal(sg_buf_str(one_word), status, strlen(status));
}

static void
nouns_help_has_its_verbs_and_no_others(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(65536);
	size_t i;

	(void)state;
	help_noun(out, "jwt");
	assert_fits(out);
	for (i = 0; i < command_count; i++)
		assert_int_equal(has_words(out, commands[i].summary),
		    strcmp(commands[i].noun, "jwt") == 0);
	assert_words(out, "signet help jwt VERB");
}

static void
memory_that_ran_out_is_left_to_the_caller(void **state)
{
	(void)state;
	help_overview(NULL);
	help_noun(NULL, "jwt");
	help_command(NULL, &commands[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(overview_has_every_command_and_global_option),
	    cmocka_unit_test(overview_tells_every_exit_status),
	    cmocka_unit_test(commands_help_has_its_options_and_no_others),
	    cmocka_unit_test(commands_help_begins_with_its_usage),
	    cmocka_unit_test(nouns_help_has_its_verbs_and_no_others),
	    cmocka_unit_test(memory_that_ran_out_is_left_to_the_caller),
	};

	return cmocka_run_group_tests_name("help", tests, NULL, NULL);
}
