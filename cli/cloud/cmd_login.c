/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "client/session/session.h"

static void
end_text(const struct sg_session *session, char out_text[SG_TIME_SIZE])
{
	sg_time_format(sg_session_ends(session), out_text);
}

static void
write_session(struct app *app, const struct sg_session *session)
{
	struct sg_jsonw *w = &app->json;
	char ends[SG_TIME_SIZE];

	end_text(session, ends);
	sg_jsonw_str(w, "service", sg_service_name(session->service));
	sg_jsonw_str(w, "with", sg_session_kind_name(session->kind));
	sg_jsonw_str(w, "url", session->base_url);
	sg_jsonw_str(w, "tenantId", session->tenant_id);
	sg_jsonw_str(w, "userId", session->user_id);
	if (session->service == SG_SERVICE_TABLEAU) {
		sg_jsonw_str(w, "siteId", session->site_id);
		sg_jsonw_str(w, "site", session->site_content_url);
		sg_jsonw_str(w, "apiVersion", session->api_version);
	}
	sg_jsonw_str(w, "ends", ends);
}

static enum sg_rc
give_session(
    struct app *app, const struct sg_session *session, struct sg_err *err)
{
	char ends[SG_TIME_SIZE];

	if (app_json(app)) {
		app_json_begin(app);
		write_session(app, session);
		return app_json_end(app, err);
	}
	end_text(session, ends);
	app_field(app, "signed in", sg_service_name(session->service));
	app_field(app, "with", sg_session_kind_name(session->kind));
	app_field(app, "url", session->base_url);
	app_field(app, "tenant", session->tenant_id);
	app_field(app, "site", session->site_content_url);
	app_field(app, "site id", session->site_id);
	app_field(app, "user id", session->user_id);
	app_field(app, "ends", ends);
	return sg_buf_check(app->out, "the output", err);
}

static enum sg_rc
sign_in(struct app *app,
    enum sg_rc (*open)(
	struct app *app, struct service *service, struct sg_err *err),
    struct sg_err *err)
{
	__attribute__((cleanup(services_end))) struct service service = {0};
	const struct sg_session *session = NULL;
	enum sg_rc rc;

	rc = open(app, &service, err);
	if (rc == SG_OK)
		rc = sg_api_login(&service.api, &session, err);
	if (rc != SG_OK)
		return rc;
	return give_session(app, session, err);
}

enum sg_rc
cmd_login_tcm(struct app *app, struct sg_err *err)
{
	return sign_in(app, services_tcm, err);
}

enum sg_rc
cmd_login_tableau(struct app *app, struct sg_err *err)
{
	return sign_in(app, services_tableau, err);
}

/* Which sessions to end, and how that went. */
struct leaving {
	struct app *app;
	const char *service; /* NULL for both */
	size_t ended;
	struct sg_err failure; /* the first */
};

static bool
is_meant(const struct leaving *leaving, const struct sg_cache_entry *entry)
{
	const struct app *app = leaving->app;
	const struct sg_session *session = entry->session;

	if (leaving->service != NULL &&
	    strcmp(leaving->service, sg_service_name(session->service)) != 0)
		return false;
	if (app_given(app, OPT_PAT) && session->kind != SG_SESSION_PAT)
		return false;
	if (app_given(app, OPT_JWT) && session->kind != SG_SESSION_JWT)
		return false;
	return !app_given(app, OPT_SITE) ||
	       (entry->identity->site != NULL &&
		   strcmp(entry->identity->site, app_value(app, OPT_SITE)) ==
		       0);
}

static void
report_ended(struct app *app, const struct sg_session *session, bool absent)
{
	if (app_json(app)) {
		sg_jsonw_object(&app->json, NULL);
		write_session(app, session);
		sg_jsonw_bool(&app->json, "signedOut", !absent);
		sg_jsonw_object_end(&app->json);
		return;
	}
	sg_buf_addf(app->out, "%-12s %s\n", absent ? "forgotten" : "signed out",
	    sg_service_name(session->service));
	if (absent)
		app_hint(app,
		    "the service did not sign it out; the session ends by "
		    "itself");
}

/* The session goes out of the cache whatever the service says. */
static enum sg_rc
leave(void *ctx, const struct sg_cache_entry *entry)
{
	struct leaving *leaving = ctx;
	struct app *app = leaving->app;
	int64_t now_s = app->clock->now_s(app->clock->ctx);
	struct sg_err err = {0};
	bool absent = false;
	enum sg_rc rc;

	if (!is_meant(leaving, entry))
		return SG_OK;
	rc = sg_api_logout(app->http, entry->session, &absent, &err);
	if (rc != SG_OK && !sg_session_is_valid(entry->session, now_s)) {
		sg_err_clear(&err); /* it ended by itself */
		rc = SG_OK;
		absent = true;
	}
	if (rc == SG_OK)
		rc = sg_cache_forget(
		    app->cache, entry->identity, entry->session, &err);
	else if (sg_cache_forget(app->cache, entry->identity, entry->session,
		     NULL) == SG_OK)
		(void)sg_context(
		    &err, rc, "the session was forgotten, but not signed out");
	if (rc == SG_OK) {
		report_ended(app, entry->session, absent);
		leaving->ended++;
	} else if (leaving->failure.rc == SG_OK) {
		leaving->failure = err;
	} else {
		app_hint(app, "%s", err.text);
	}
	return SG_OK;
}

static enum sg_rc
read_service(struct app *app, const char **out_service, struct sg_err *err)
{
	const char *service = NULL;

	if (app->args.operand_count > 0)
		service = app->args.operands[0];
	if (service != NULL && strcmp(service, "tcm") != 0 &&
	    strcmp(service, "tableau") != 0)
		return sg_fail(err, SG_E_USAGE,
		    "sign out of tcm or tableau, not \"%s\"", service);
	*out_service = service;
	return SG_OK;
}

enum sg_rc
cmd_logout(struct app *app, struct sg_err *err)
{
	struct leaving leaving = {.app = app};
	enum sg_rc rc;

	rc = read_service(app, &leaving.service, err);
	if (rc == SG_OK)
		rc = services_http(app, err);
	if (rc == SG_OK)
		rc = services_cache(app, err);
	if (rc != SG_OK)
		return rc;
	app_list_begin(app, "sessions");
	rc = sg_cache_list(app->cache, leave, &leaving, err);
	if (rc != SG_OK)
		return rc;
	if (leaving.ended == 0 && leaving.failure.rc == SG_OK)
		app_hint(app, "there was no such session");
	rc = app_list_end(app, NULL, err);
	if (rc != SG_OK || leaving.failure.rc == SG_OK)
		return rc;
	app->out_stands = leaving.ended > 0;
	return sg_fail_again(err, leaving.failure.rc, &leaving.failure);
}

static enum sg_rc
show(void *ctx, const struct sg_cache_entry *entry)
{
	struct app *app = ctx;
	const struct sg_session *session = entry->session;
	int64_t now_s = app->clock->now_s(app->clock->ctx);
	bool valid = sg_session_is_valid(session, now_s);
	char ends[SG_TIME_SIZE];

	if (app_json(app)) {
		sg_jsonw_object(&app->json, NULL);
		write_session(app, session);
		sg_jsonw_str(&app->json, "user", entry->identity->user);
		sg_jsonw_bool(&app->json, "valid", valid);
		sg_jsonw_object_end(&app->json);
		return SG_OK;
	}
	end_text(session, ends);
	sg_buf_addf(app->out, "%-8s %-4s %s %s  ",
	    sg_service_name(session->service),
	    sg_session_kind_name(session->kind), valid ? "until" : "ended",
	    ends);
	app_text(
	    app, entry->identity->user != NULL ? entry->identity->user : "-");
	sg_buf_add_str(app->out, "  ");
	app_text(app, session->base_url != NULL ? session->base_url : "-");
	if (session->site_content_url != NULL) {
		sg_buf_add_byte(app->out, ' ');
		app_text(app, session->site_content_url);
	}
	sg_buf_add_byte(app->out, '\n');
	return SG_OK;
}

enum sg_rc
cmd_status(struct app *app, struct sg_err *err)
{
	enum sg_rc rc;

	rc = services_cache(app, err);
	if (rc == SG_OK)
		rc = sg_cache_check(app->cache, err);
	if (rc != SG_OK)
		return rc;
	app_list_begin(app, "sessions");
	rc = sg_cache_list(app->cache, show, app, err);
	if (rc != SG_OK)
		return rc;
	return app_list_end(app, "no session; see: signet help login", err);
}
