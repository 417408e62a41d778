/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "agent/jwks_server.h"
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/key/key_set.h"
#include "cli/key/keys.h"
#include "signer/jwks.h"

#define LISTEN_DEFAULT "127.0.0.1:8080"

/* A signal handler reaches nothing else. */
static int stop_pipe[2] = {-1, -1};

static void
stop(int number)
{
	int was = errno;

	(void)number;
	(void)!write(stop_pipe[1], "", 1);
	errno = was;
}

/* From here on these signals end the serving, and the command well. */
static enum sg_rc
catch_signals(struct sg_err *err)
{
	const struct sigaction action = {
	    .sa_handler = stop, .sa_flags = SA_RESTART};

	if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0 ||
	    sigaction(SIGINT, &action, NULL) != 0 ||
	    sigaction(SIGTERM, &action, NULL) != 0)
		return sg_fail_errno(err, SG_E_IO, "wait for a signal");
	return SG_OK;
}

/* At once: who started it waits for the URL. */
static enum sg_rc
tell_url(struct app *app, const struct sg_jwks_server *server,
    const struct sg_jwks *set, struct sg_err *err)
{
	const char *url = sg_jwks_server_url(server);
	enum sg_rc rc = SG_OK;
	size_t i;

	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_str(&app->json, "url", url);
		sg_jsonw_array(&app->json, "kids");
		for (i = 0; i < sg_jwks_count(set); i++)
			sg_jsonw_str(&app->json, NULL, sg_jwks_at(set, i)->kid);
		sg_jsonw_array_end(&app->json);
		rc = app_json_end(app, err);
	} else {
		sg_buf_addf(app->out, "%s\n", url);
		rc = sg_buf_check(app->out, "the output", err);
	}
	if (rc == SG_OK)
		rc = app_give(app->out, err);
	sg_buf_reset(app->out);
	return rc;
}

/* The set without the keys whose time has come since. */
static enum sg_rc
renew(struct app *app, struct sg_jwks_server *server, struct sg_jwks *set,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) text = sg_buf_new(SG_JWKS_TEXT_MAX);
	enum sg_rc rc;

	rc = key_set_drop_retired(app, set, err);
	if (rc == SG_OK)
		rc = sg_jwks_write(set, text, err);
	return rc == SG_OK ? sg_jwks_server_set(
				 server, sg_buf_str(text), text->len, err)
			   : rc;
}

static enum sg_rc
run(struct app *app, struct sg_jwks_server *server, struct sg_jwks *set,
    struct sg_err *err)
{
	struct sg_jwks_server_end end = {
	    .stop_fd = stop_pipe[0], .clock = app->clock};
	bool is_stopped = false;
	enum sg_rc rc = SG_OK;

	while (rc == SG_OK && !is_stopped) {
		end.at_s = sg_jwks_next_retirement(set);
		rc = sg_jwks_server_run(server, &end, &is_stopped, err);
		if (rc == SG_OK && !is_stopped)
			rc = renew(app, server, set, err);
	}
	return rc;
}

static enum sg_rc
serve(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	SG_AUTO(sg_jwks_server) server = NULL;
	SG_AUTO(sg_buf) text = sg_buf_new(SG_JWKS_TEXT_MAX);
	const char *where = app_value(app, OPT_LISTEN);
	enum sg_rc rc;

	rc = sg_jwks_write(set, text, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_jwks_server_open(where != NULL ? where : LISTEN_DEFAULT,
	    sg_buf_str(text), text->len, &server, err);
	if (rc == SG_E_USAGE)
		return sg_context(err, rc, "read --listen");
	if (rc == SG_OK)
		rc = catch_signals(err);
	if (rc == SG_OK)
		rc = tell_url(app, server, set, err);
	return rc == SG_OK ? run(app, server, set, err) : rc;
}

enum sg_rc
cmd_jwks_serve(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_jwks) set = sg_jwks_new();
	enum sg_rc rc;

	if (set == NULL)
		return sg_fail_nomem(err);
	rc = key_set_collect(app, set, err);
	keys_close(app); /* nothing is signed from here on */
	return rc == SG_OK ? serve(app, set, err) : rc;
}
