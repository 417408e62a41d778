/* SPDX-License-Identifier: Apache-2.0 */
#include "client/session/method_scope.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

#define TENANT_SITE "tenants/*/sites/*"

/* Paths behind /api/VERSION; a star stands for one segment. */
static const struct {
	enum sg_service service;
	const char *methods;
	const char *path;
	const char *scope;
} rows[] = {
    {SG_SERVICE_TCM, "POST", "uat-configurations",
	"tableau:tcm_uat_configs:create"},
    {SG_SERVICE_TCM, "GET", "uat-configurations",
	"tableau:tcm_uat_configs:read"},
    {SG_SERVICE_TCM, "GET", "uat-configurations/*",
	"tableau:tcm_uat_configs:read"},
    {SG_SERVICE_TCM, "PUT", "uat-configurations/*",
	"tableau:tcm_uat_configs:update"},
    {SG_SERVICE_TCM, "DELETE", "uat-configurations/*",
	"tableau:tcm_uat_configs:delete"},
    {SG_SERVICE_TCM, "POST", "uat-revocations",
	"tableau:tcm_uat_revocations:create"},
    {SG_SERVICE_TCM, "GET", "resources/*/oidcconfiguration",
	"tableau:tcm_oidc_configs:read"},
    {SG_SERVICE_TCM, "PUT", "resources/*/oidcconfiguration",
	"tableau:tcm_oidc_configs:update"},
    {SG_SERVICE_TCM, "DELETE", "resources/*/oidcconfiguration",
	"tableau:tcm_oidc_configs:delete"},
    {SG_SERVICE_TCM, "GET", "tenants/*", "tableau:tcm_tenants:read"},
    {SG_SERVICE_TCM, "GET", "tenants/*/sites", "tableau:tcm_sites:read"},
    {SG_SERVICE_TCM, "GET", TENANT_SITE, "tableau:tcm_sites:read"},
    {SG_SERVICE_TCM, "GET", "tenants/*/users", "tableau:tcm_users:read"},
    {SG_SERVICE_TCM, "POST", "tenants/*/users", "tableau:tcm_users:create"},
    {SG_SERVICE_TCM, "GET POST", "tenants/*/activitylog",
	"tableau:tcm_tenants_logs:read"},
    {SG_SERVICE_TCM, "GET POST", TENANT_SITE "/activitylog",
	"tableau:tcm_sites_logs:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*", "tableau:content:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/workbooks", "tableau:content:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/workbooks/*", "tableau:content:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/views", "tableau:content:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/views/*", "tableau:content:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/datasources", "tableau:content:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/datasources/*",
	"tableau:content:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/projects", "tableau:content:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/users", "tableau:users:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/users/*", "tableau:users:read"},
    {SG_SERVICE_TABLEAU, "POST", "sites/*/users", "tableau:users:create"},
    {SG_SERVICE_TABLEAU, "PUT", "sites/*/users/*", "tableau:users:update"},
    {SG_SERVICE_TABLEAU, "DELETE", "sites/*/users/*", "tableau:users:delete"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/groups", "tableau:groups:read"},
    {SG_SERVICE_TABLEAU, "POST", "sites/*/groups", "tableau:groups:create"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/jobs", "tableau:jobs:read"},
    {SG_SERVICE_TABLEAU, "GET", "sites/*/jobs/*", "tableau:jobs:read"},
    {SG_SERVICE_TABLEAU, "DELETE", "sessions/*", "tableau:sessions:delete"},
};

/* What is behind the origin, and behind /api/VERSION. */
static const char *
skip_base(const char *path)
{
	const char *origin = strstr(path, "://");
	size_t query = strcspn(path, "?#");

	if (origin != NULL && (size_t)(origin - path) < query) {
		path = origin + strlen("://");
		path += strcspn(path, "/?#");
	}
	path += strspn(path, "/");
	if (!sg_text_starts(path, "api/"))
		return path;
	path += strlen("api/");
	path += strcspn(path, "/?#");
	return path + strspn(path, "/");
}

/* Take a segment off the front; its length. */
static size_t
next_segment(const char **path)
{
	size_t len;

	*path += strspn(*path, "/");
	len = strcspn(*path, "/?#");
	return len;
}

static bool
is_of(const char *path, const char *form)
{
	for (;;) {
		size_t len = next_segment(&path);
		size_t form_len = next_segment(&form);
		bool any = form_len == 1 && *form == '*';

		if (len == 0 || form_len == 0)
			return len == form_len;
		if (!any && (len != form_len || strncmp(path, form, len) != 0))
			return false;
		path += len;
		form += form_len;
	}
}

static bool
has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (; *words != '\0'; words += strspn(words, " ")) {
		size_t next = strcspn(words, " ");

		if (next == len && strncmp(words, word, len) == 0)
			return true;
		words += next;
	}
	return false;
}

const char *
sg_method_scope(enum sg_service service, const char *method, const char *path)
{
	size_t i;

	path = skip_base(path);
	for (i = 0; i < SG_COUNT(rows); i++)
		if (rows[i].service == service &&
		    has_word(rows[i].methods, method) &&
		    is_of(path, rows[i].path))
			return rows[i].scope;
	return NULL;
}
