/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/secret.h"
#include "cli/app.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "cli/key/client_key.h"
#include "cli/key/keys.h"
#include "cli/opt.h"
#include "cli/watch.h"

/* A file opened later must not become our stdout or stderr. Read-only: what
 * is written to a stdout that was closed must fail, not vanish. */
static void
fill_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

/* Before the first secret: no core dump, no other process of the user looking
 * into our memory, secrets in locked pages. */
static enum sg_rc
harden(struct app *app, struct sg_err *err)
{
	const struct rlimit none = {0, 0};
	bool locked = false;

	fill_standard_fds();
	app->inherited_umask = umask(077);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(SIGPIPE, SIG_IGN);	 /* a connection that is gone */
	(void)signal(SIGXFSZ, SIG_IGN);	 /* told by write() instead */
	(void)signal(SIGCHLD, SIG_DFL);	 /* else no child's end is told */
	(void)unsetenv("SSLKEYLOGFILE"); /* would log the keys of TLS */
#ifndef SG_SANITIZED /* the leak checker reads our memory from outside */
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
	sg_json_wipe_on_free();
	return sg_secret_setup(&locked, err);
}

static enum sg_rc
show_help(const struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = sg_buf_new(64 * 1024);
	enum sg_rc rc;

	if (app->args.command != NULL)
		help_command(text, app->args.command);
	else if (app->args.noun != NULL)
		help_noun(text, app->args.noun);
	else
		help_overview(text);
	rc = sg_buf_check(text, "the help", err);
	if (rc != SG_OK)
		return rc;
	return app_give(text, err);
}

/* These must answer whatever the configuration is. */
static bool
needs_configuration(const struct command *command)
{
	return command->run != cmd_help && command->run != cmd_version;
}

/* A verdict is a product also when it is a bad one. */
static enum sg_rc
run_command(struct app *app, struct sg_err *err)
{
	enum sg_rc rc;

	rc = app->args.command->run(app, err);
	if (rc == SG_OK)
		return app_give(app->out, err);
	if (app->out_stands && app_give(app->out, NULL) != SG_OK)
		app_hint(app, "the output could not be written to stdout");
	return rc;
}

static enum sg_rc
run(struct app *app, int argc, char **argv, struct sg_err *err)
{
	enum sg_rc rc;

	rc = harden(app, err);
	if (rc == SG_OK)
		rc = args_parse(argc, argv, &app->args, err);
	if (rc != SG_OK)
		return rc;
	if (app_given(app, OPT_HELP))
		return show_help(app, err);
	if (app_given(app, OPT_QUIET) && app_given(app, OPT_VERBOSE))
		return sg_fail(err, SG_E_USAGE,
		    "--quiet and --verbose exclude each other");
	rc = app_open(app, err);
	if (rc == SG_OK && needs_configuration(app->args.command))
		rc = app_configure(app, err);
	if (rc != SG_OK)
		return rc;
	return run_command(app, err);
}

int
main(int argc, char **argv)
{
	struct sg_err err = {0};
	struct app app = {0};
	enum sg_rc rc;
	int status;

	rc = run(&app, argc, argv, &err);
	if (rc != SG_OK)
		(void)fprintf(stderr, "signet: %s\n",
		    err.text[0] != '\0' ? err.text : sg_rc_name(rc));
	status = app.has_exit_status ? app.exit_status : sg_rc_exit_status(rc);
	watch_finish(app.watch, status);
	services_close(&app);
	client_key_close(&app);
	keys_close(&app);
	app_close(&app);
	return status;
}
