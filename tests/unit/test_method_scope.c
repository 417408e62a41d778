/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "client/session/method_scope.h"

static void
expect(enum sg_service service, const char *method, const char *path,
    const char *scope)
{
	const char *got = sg_method_scope(service, method, path);

	if (scope == NULL)
		assert_null(got);
	else
		assert_string_equal(got != NULL ? got : path, scope);
}

static void
path_is_known_however_it_is_written(void **state)
{
	static const char *const paths[] = {"/tenants/36a9/users",
	    "tenants/36a9/users", "/tenants/36a9/users?pageToken=a/b",
	    "/tenants/36a9/users/", "/api/v1/tenants/36a9/users",
	    "https://tcm.test/api/v1/tenants/36a9/users",
	    "https://tcm.test:443/api/v2/tenants/36a9/users?to=https://x/y",
	    "/tenants/36a9/users?to=https://x/y"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		expect(
		    SG_SERVICE_TCM, "GET", paths[i], "tableau:tcm_users:read");
		expect(SG_SERVICE_TCM, "POST", paths[i],
		    "tableau:tcm_users:create");
		expect(SG_SERVICE_TCM, "PATCH", paths[i], NULL);
		expect(SG_SERVICE_TABLEAU, "GET", paths[i], NULL);
	}
}

static void
whole_segments_count(void **state)
{
	static const char *const paths[] = {"", "/", "/api/v1", "/tenants",
	    "/tenants//", "/tenants/a/users/b", "/tenants/a/usersx",
	    "/xtenants/a/users", "/uat-configurations/a/b", "https://tcm.test",
	    "https://tcm.test?x=/tenants/a/users"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		expect(SG_SERVICE_TCM, "GET", paths[i], NULL);
}

static void
each_method_has_its_own_scope(void **state)
{
	static const struct {
		enum sg_service service;
		const char *method;
		const char *path;
		const char *scope;
	} rows[] = {
	    {SG_SERVICE_TCM, "POST", "/uat-configurations",
		"tableau:tcm_uat_configs:create"},
	    {SG_SERVICE_TCM, "GET", "/uat-configurations",
		"tableau:tcm_uat_configs:read"},
	    {SG_SERVICE_TCM, "GET", "/uat-configurations/x",
		"tableau:tcm_uat_configs:read"},
	    {SG_SERVICE_TCM, "PUT", "/uat-configurations/x",
		"tableau:tcm_uat_configs:update"},
	    {SG_SERVICE_TCM, "DELETE", "/uat-configurations/x",
		"tableau:tcm_uat_configs:delete"},
	    {SG_SERVICE_TCM, "PUT", "/resources/x/oidcconfiguration",
		"tableau:tcm_oidc_configs:update"},
	    {SG_SERVICE_TCM, "POST", "/tenants/x/activitylog",
		"tableau:tcm_tenants_logs:read"},
	    {SG_SERVICE_TCM, "GET", "/tenants/x/sites/y/activitylog",
		"tableau:tcm_sites_logs:read"},
	    {SG_SERVICE_TCM, "GET", "/tenants/x", "tableau:tcm_tenants:read"},
	    {SG_SERVICE_TCM, "GET", "/tenants/x/sites/y",
		"tableau:tcm_sites:read"},
	    {SG_SERVICE_TCM, "DELETE", "/api/v2/sessions", NULL},
	    {SG_SERVICE_TABLEAU, "GET", "/sites/x", "tableau:content:read"},
	    {SG_SERVICE_TABLEAU, "GET", "/api/3.27/sites/x/workbooks",
		"tableau:content:read"},
	    {SG_SERVICE_TABLEAU, "GET", "/sites/x/users", "tableau:users:read"},
	    {SG_SERVICE_TABLEAU, "DELETE", "/sessions/x",
		"tableau:sessions:delete"},
	    {SG_SERVICE_TABLEAU, "GET", "/sessions/current", NULL},
	    {SG_SERVICE_TABLEAU, "POST", "/auth/signout", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(rows[i].service, rows[i].method, rows[i].path,
		    rows[i].scope);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(path_is_known_however_it_is_written),
	    cmocka_unit_test(whole_segments_count),
	    cmocka_unit_test(each_method_has_its_own_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
