/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"

enum sg_rc
cmd_version(struct app *app, struct sg_err *err)
{
	if (!app_json(app)) {
		sg_buf_add_str(app->out, "signet " SG_VERSION "\n");
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_str(&app->json, "signet", SG_VERSION);
	return app_json_end(app, err);
}

static void
write_help(struct sg_buf *out, const char *noun, const char *verb)
{
	const struct command *command;

	if (noun == NULL) {
		help_overview(out);
		return;
	}
	command = command_find(noun, verb);
	if (command != NULL)
		help_command(out, command);
	else if (verb == NULL)
		help_noun(out, noun);
}

enum sg_rc
cmd_help(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = sg_buf_new(64 * 1024);
	enum sg_rc rc;

	write_help(text, app->args.operands[0], app->args.operands[1]);
	rc = sg_buf_check(text, "the help", err);
	if (rc != SG_OK)
		return rc;
	if (text->len == 0)
		return sg_fail(err, SG_E_USAGE,
		    "there is no such command; see: signet help");
	if (!app_json(app)) {
		sg_buf_add(app->out, text->data, text->len);
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_str(&app->json, "help", sg_buf_str(text));
	return app_json_end(app, err);
}
