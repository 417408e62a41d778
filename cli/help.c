/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "cli/opt.h"

#define LEFT_COLUMN 26
#define LINE_WIDTH  79

/* Text in the right column, broken at blanks. */
static void
add_wrapped(struct sg_buf *out, size_t column, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > LEFT_COLUMN && column + 1 + len > LINE_WIDTH) {
			sg_buf_addf(out, "\n%*s", LEFT_COLUMN, "");
			column = LEFT_COLUMN;
		} else if (column > LEFT_COLUMN) {
			sg_buf_add_byte(out, ' ');
			column++;
		}
		sg_buf_add(out, text, len);
		column += len;
		text += len + strspn(text + len, " ");
	}
	sg_buf_add_byte(out, '\n');
}

static void
add_row(struct sg_buf *out, size_t before, const char *text)
{
	size_t used = out != NULL ? out->len - before : 0;

	if (used + 1 > LEFT_COLUMN)
		sg_buf_addf(out, "\n%*s", LEFT_COLUMN, "");
	else
		sg_buf_addf(out, "%*s", (int)(LEFT_COLUMN - used), "");
	add_wrapped(out, LEFT_COLUMN, text);
}

static void
add_option(struct sg_buf *out, enum opt opt)
{
	const struct opt_row *row = &opt_rows[opt];
	size_t before = out != NULL ? out->len : 0;

	sg_buf_addf(out, "  --%s", row->name);
	if (row->arg != NULL)
		sg_buf_addf(out, " %s", row->arg);
	if (row->letter != 0)
		sg_buf_addf(out, ", -%c", row->letter);
	add_row(out, before, row->help);
}

static void
add_globals(struct sg_buf *out)
{
	size_t i;

	sg_buf_add_str(out, "\nOptions of every command:\n");
	for (i = OPT_CONFIG; i <= OPT_LAST_GLOBAL; i++)
		add_option(out, (enum opt)i);
}

static void
add_command(struct sg_buf *out, const struct command *c)
{
	size_t before = out != NULL ? out->len : 0;

	sg_buf_addf(out, "  %s", c->noun);
	if (c->verb != NULL)
		sg_buf_addf(out, " %s", c->verb);
	if (c->operands[0] != '\0')
		sg_buf_addf(out, " %s", c->operands);
	add_row(out, before, c->summary);
}

void
help_noun(struct sg_buf *out, const char *noun)
{
	bool found = false;
	size_t i;

	for (i = 0; i < command_count; i++) {
		if (strcmp(commands[i].noun, noun) != 0)
			continue;
		add_command(out, &commands[i]);
		found = true;
	}
	if (found)
		sg_buf_addf(
		    out, "\nMore about one: signet help %s VERB\n", noun);
}

void
help_overview(struct sg_buf *out)
{
	size_t i;

	sg_buf_add_str(out,
	    "signet signs Tableau Unified Access Tokens with a key that never "
	    "leaves its\ntoken, and signs in with them.\n\n"
	    "Usage: signet [options] COMMAND [options]\n\n");
	for (i = 0; i < command_count; i++)
		add_command(out, &commands[i]);
	add_globals(out);
	sg_buf_add_str(out,
	    "\nExit status: 0 done, 1 other, 2 usage, 3 PIN, 4 token, module "
	    "or key,\n5 refused by Tableau, 6 network or timeout, 7 policy, "
	    "8 configuration.\n");
}

void
help_usage(struct sg_buf *out, const struct command *c)
{
	bool has_rest = c->operands_max == OPT_OPERANDS_REST;

	sg_buf_add_str(out, c->noun);
	if (c->verb != NULL)
		sg_buf_addf(out, " %s", c->verb);
	if (has_rest)
		sg_buf_add_str(out, " [options] --");
	if (c->operands[0] != '\0')
		sg_buf_addf(out, " %s", c->operands);
	if (!has_rest)
		sg_buf_add_str(out, " [options]");
}

void
help_command(struct sg_buf *out, const struct command *c)
{
	size_t i;

	sg_buf_add_str(out, "Usage: signet ");
	help_usage(out, c);
	sg_buf_addf(out, "\n\n%c%s.\n", toupper((unsigned char)c->summary[0]),
	    c->summary + 1);
	if (c->opts[0] != OPT_END)
		sg_buf_add_str(out, "\nOptions:\n");
	for (i = 0; c->opts[i] != OPT_END; i++)
		add_option(out, c->opts[i]);
	add_globals(out);
}
