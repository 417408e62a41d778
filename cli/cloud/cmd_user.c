/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/cloud/data.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "client/pages/paging.h"
#include "client/tenant/users.h"

/* The first of these members that is text; what a user has is not
 * established. */
static void
print_first(struct app *app, const struct sg_json *user,
    const char *const *names, size_t count)
{
	const char *text = NULL;
	size_t i;

	for (i = 0; text == NULL && i < count; i++)
		text = sg_json_get_text(user, names[i]);
	app_text(app, text != NULL ? text : "-");
}

static void
print_user(struct app *app, const struct sg_json *user)
{
	static const char *const ids[] = {"userId", "userID", "id"};
	static const char *const names[] = {
	    "email", "userName", "username", "name"};

	print_first(app, user, ids, SG_COUNT(ids));
	sg_buf_add_str(app->out, "  ");
	print_first(app, user, names, SG_COUNT(names));
	sg_buf_add_byte(app->out, '\n');
}

enum sg_rc
cmd_user_list(struct app *app, struct sg_err *err)
{
	__attribute__((cleanup(services_end))) struct service service = {0};
	SG_AUTO(sg_paging) users = NULL;
	enum sg_rc rc;
	size_t i;

	rc = services_tcm(app, &service, err);
	if (rc == SG_OK)
		rc = sg_users_list(
		    &service.api, service.identity.tenant_id, &users, err);
	if (rc != SG_OK)
		return rc;
	app_list_begin(app, "users");
	for (i = 0; i < users->count; i++)
		if (app_json(app))
			sg_jsonw_value(&app->json, NULL, users->items[i]);
		else
			print_user(app, users->items[i]);
	return app_list_end(app, "the tenant has no user", err);
}

/* What the options say of the user. A role is never assumed. */
static enum sg_rc
body_of_options(
    const struct app *app, struct sg_buf **out_body, struct sg_err *err)
{
	const struct sg_user_link link = {
	    .id = app_value(app, OPT_LINK_ID),
	    .role = app_value(app, OPT_LINK_ROLE),
	    .idp = app_value(app, OPT_IDP),
	};

	if (link.id == NULL || link.role == NULL || link.idp == NULL)
		return sg_fail(err, SG_E_USAGE,
		    "a user needs --link-id, --link-role and --idp, or all "
		    "of it in the file of --data");
	if (strcmp(link.idp, "OpenID") != 0 &&
	    strcmp(link.idp, "TabIDWithMFA") != 0)
		app_hint(app, "the documented values of --idp are OpenID and "
			      "TabIDWithMFA");
	return sg_users_body(&link, out_body, err);
}

static enum sg_rc
read_body(struct app *app, struct sg_buf **out_body, struct sg_err *err)
{
	if (!app_given(app, OPT_DATA))
		return body_of_options(app, out_body, err);
	if (app_given(app, OPT_LINK_ID) || app_given(app, OPT_LINK_ROLE) ||
	    app_given(app, OPT_IDP))
		return sg_fail(err, SG_E_USAGE,
		    "--data is the whole body: it excludes --link-id, "
		    "--link-role and --idp");
	return data_read(app, out_body, err);
}

enum sg_rc
cmd_user_add(struct app *app, struct sg_err *err)
{
	__attribute__((cleanup(services_end))) struct service service = {0};
	SG_AUTO(sg_json) user = NULL;
	SG_AUTO(sg_buf) body = NULL;
	enum sg_rc rc;

	rc = read_body(app, &body, err);
	if (rc == SG_OK)
		rc = services_tcm(app, &service, err);
	if (rc == SG_OK)
		rc = sg_users_add(
		    &service.api, service.identity.tenant_id, body, &user, err);
	if (rc != SG_OK)
		return rc;
	return data_show(app, "user", user, err);
}
