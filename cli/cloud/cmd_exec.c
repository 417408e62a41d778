/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/cloud/child.h"
#include "cli/cloud/child_env.h"
#include "cli/cloud/fds.h"
#include "cli/cloud/services.h"
#include "cli/cloud/sign_in.h"
#include "cli/cmd.h"
#include "cli/key/keys.h"
#include "client/session/session.h"
#include "pkcs11/uri.h"

/* The sessions of one run; each may be NULL. */
struct sessions {
	struct app *app;
	struct sg_session *tableau;
	struct sg_session *tcm;
};

static void
leave_all(struct sessions *sessions)
{
	sign_in_end(sessions->app, &sessions->tableau);
	sign_in_end(sessions->app, &sessions->tcm);
}

#define AUTO_SESSIONS __attribute__((cleanup(leave_all))) struct sessions

static enum sg_rc
enter_tableau(struct sessions *sessions, struct sg_err *err)
{
	struct app *app = sessions->app;
	struct sign_in_site site;
	enum sg_rc rc;

	rc = sign_in_find_site(app, &site, err);
	if (rc == SG_OK)
		rc = services_http(app, err);
	if (rc != SG_OK)
		return rc;
	return sign_in_tableau(app, &site, &sessions->tableau, err);
}

static enum sg_rc
enter_tcm(struct sessions *sessions, struct sg_err *err)
{
	struct app *app = sessions->app;
	enum sg_session_kind kind = SG_SESSION_JWT;
	enum sg_rc rc;

	rc = sign_in_kind(app, SG_SESSION_JWT, &kind, err);
	if (rc == SG_OK)
		rc = services_tcm_http(app, err);
	if (rc != SG_OK)
		return rc;
	return sign_in_tcm(app, kind, &sessions->tcm, err);
}

/*
 * From when the first PAT or JWT is about to be sent, no signal ends the
 * program before the sessions have been given back: one may be there before
 * its answer is. Until then a question for the PIN can be broken off, hence
 * the JWT's session comes first.
 */
static enum sg_rc
enter_all(struct sessions *sessions, struct sg_err *err)
{
	struct app *app = sessions->app;
	bool has_tableau = app_given(app, OPT_TABLEAU);
	enum sg_rc rc;

	app->before_sign_in = child_guard;
	rc = has_tableau ? enter_tableau(sessions, err)
			 : enter_tcm(sessions, err);
	if (rc != SG_OK)
		return rc;
	if (has_tableau && app_given(app, OPT_TCM) && !child_guard_caught())
		rc = enter_tcm(sessions, err);
	return rc;
}

/* The environment's own secrets are for signet. */
static void
drop_source(struct child_env *env, struct fds *fds, const char *source)
{
	if (source == NULL)
		return;
	if (sg_text_starts(source, "env:"))
		child_env_unset(env, source + strlen("env:"));
	if (sg_text_starts(source, "fd:"))
		fds_forget(fds, (int)strtol(source + strlen("fd:"), NULL, 10));
}

/* A text that is no URI names no source. */
static void
drop_source_of(struct child_env *env, struct fds *fds, const char *uri)
{
	SG_AUTO(sg_uri) parsed = NULL;

	if (uri != NULL && sg_uri_parse(uri, &parsed, NULL) == SG_OK)
		drop_source(env, fds, sg_uri_pin_source(parsed));
}

/* Each setting that may name a source, with what the command line hides; also
 * where this run needed no PIN. */
static enum sg_rc
drop_secrets(
    struct app *app, struct child_env *env, struct fds *fds, struct sg_err *err)
{
	static const struct {
		enum conf name;
		void (*drop)(struct child_env *, struct fds *, const char *);
	} settings[] = {
	    {CONF_PIN_SOURCE, drop_source},
	    {CONF_KEY, drop_source_of},
	    {CONF_CLIENT_KEY, drop_source_of},
	};
	enum conf_origin origin;
	const char *text = NULL;
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < SG_COUNT(settings); i++) {
		rc = conf_get(app->conf, settings[i].name, &text, err);
		if (rc != SG_OK)
			return rc;
		settings[i].drop(env, fds, text);
		rc = conf_get_beneath(
		    app->conf, settings[i].name, &text, &origin, err);
		if (rc != SG_OK)
			return rc;
		settings[i].drop(env, fds, text);
	}
	child_env_unset(env, conf_name(CONF_PAT_SECRET));
	return SG_OK;
}

static enum sg_rc
add_tableau(
    struct child_env *env, const struct sg_session *session, struct sg_err *err)
{
	const struct {
		const char *name;
		const char *value;
	} plain[] = {
	    {"TABLEAU_SITE_LUID", session->site_id},
	    {conf_name(CONF_SITE_LUID), session->site_id},
	    {"TABLEAU_API_VERSION", session->api_version},
	    {conf_name(CONF_POD_URL), session->base_url},
	    {conf_name(CONF_SITE_ID), session->site_content_url},
	};
	enum sg_rc rc;
	size_t i;

	rc = child_env_set_secret(
	    env, "TABLEAU_AUTH_TOKEN", session->token, err);
	for (i = 0; rc == SG_OK && i < SG_COUNT(plain); i++)
		rc = child_env_set(env, plain[i].name, plain[i].value, err);
	return rc;
}

static enum sg_rc
add_tcm(
    struct child_env *env, const struct sg_session *session, struct sg_err *err)
{
	enum sg_rc rc;

	rc = child_env_set_secret(
	    env, "TABLEAU_SESSION_TOKEN", session->token, err);
	if (rc == SG_OK)
		rc = child_env_set(
		    env, conf_name(CONF_TCM_URL), session->base_url, err);
	if (rc == SG_OK && session->tenant_id != NULL)
		rc = child_env_set(
		    env, conf_name(CONF_TENANT_ID), session->tenant_id, err);
	return rc;
}

static enum sg_rc
make_env(const struct sessions *sessions, struct fds *fds,
    struct child_env **out_env, struct sg_err *err)
{
	SG_AUTO(child_env) env = NULL;
	enum sg_rc rc;

	rc = child_env_new(environ, &env, err);
	if (rc == SG_OK)
		rc = drop_secrets(sessions->app, env, fds, err);
	if (rc == SG_OK && sessions->tableau != NULL)
		rc = add_tableau(env, sessions->tableau, err);
	if (rc == SG_OK && sessions->tcm != NULL)
		rc = add_tcm(env, sessions->tcm, err);
	if (rc != SG_OK)
		return rc;
	*out_env = env;
	env = NULL; /* now the caller's */
	return SG_OK;
}

/* The token is of no more use, unless it keeps the key of our TLS. */
static void
let_token_go(struct app *app)
{
	if (app->tls_key == NULL)
		keys_close(app);
}

static enum sg_rc
run_child(struct sessions *sessions, struct fds *fds, struct sg_err *err)
{
	struct app *app = sessions->app;
	SG_AUTO(child_env) env = NULL;
	enum sg_rc rc;

	rc = make_env(sessions, fds, &env, err);
	if (rc != SG_OK)
		return rc;
	let_token_go(app);
	rc = fds_keep_only(fds, err);
	if (rc != SG_OK || child_guard_caught())
		return rc;
	app->has_exit_status = true;
	return child_run(app->args.rest, child_env_vars(env),
	    app->inherited_umask, &app->exit_status, err);
}

static enum sg_rc
enter_and_run(struct app *app, struct fds *fds, struct sg_err *err)
{
	AUTO_SESSIONS sessions = {.app = app};
	enum sg_rc rc;

	rc = enter_all(&sessions, err);
	if (rc != SG_OK)
		return rc;
	return run_child(&sessions, fds, err);
}

static enum sg_rc
check_options(const struct app *app, struct sg_err *err)
{
	enum sg_session_kind kind;

	if (!app_given(app, OPT_TCM) && !app_given(app, OPT_TABLEAU))
		return sg_fail(err, SG_E_USAGE,
		    "name the session that the command is to have: --tcm, "
		    "--tableau or both");
	if (app_json(app))
		return sg_fail(err, SG_E_USAGE,
		    "stdout is the command's: leave out --json");
	return sign_in_kind(
	    app, SG_SESSION_JWT, &kind, err); /* before anything is begun */
}

enum sg_rc
cmd_exec(struct app *app, struct sg_err *err)
{
	struct fds fds = {0};
	enum sg_rc rc;

	rc = check_options(app, err);
	if (rc == SG_OK)
		rc = fds_note(&fds, err);
	if (rc == SG_OK)
		rc = enter_and_run(app, &fds, err);
	child_unguard();
	fds_clear(&fds);
	return rc;
}
