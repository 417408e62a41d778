/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tcm.h"

#include "base/json.h"
#include "client/tenant/tenant.h"

static void
the_tenant_named_comes_before_the_session_s(void **state)
{
	static const struct {
		const char *named;
		const char *own;
		const char *path;
	} cases[] = {
	    {"named", TENANT, "/tenants/named/sites"},
	    {NULL, TENANT, "/tenants/" TENANT "/sites"},
	    {"a/b?c", NULL, "/tenants/a%2Fb%3Fc/sites"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		SG_AUTO(sg_buf) path = NULL;
		struct fake fake = {0};
		struct fake_tcm tcm;

		fake_tcm_open(&tcm, &fake);
		tcm.tenant_id = cases[i].own;
		assert_int_equal(sg_tenant_path(&tcm.api, cases[i].named,
				     "/sites", &path, NULL),
		    SG_OK);
		assert_string_equal(sg_buf_str(path), cases[i].path);
		fake_tcm_close(&tcm, &fake);
	}
}

static void
an_unknown_tenant_names_the_setting(void **state)
{
	static const char *const named[] = {NULL, "", ".", ".."};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(named); i++) {
		SG_AUTO(sg_buf) path = NULL;
		struct sg_err err = {0};
		struct fake fake = {0};
		struct fake_tcm tcm;

		fake_tcm_open(&tcm, &fake);
		tcm.tenant_id = NULL;
		assert_int_equal(
		    sg_tenant_path(&tcm.api, named[i], "", &path, &err),
		    SG_E_CONFIG);
		assert_null(path);
		assert_has(err.text, "CLOUD_MANAGER_TENANT_ID");
		fake_tcm_close(&tcm, &fake);
	}
}

static void
a_tenant_is_an_object(void **state)
{
	static const struct {
		const char *reply;
		enum sg_rc rc;
	} cases[] = {
	    {"{\"name\":\"t\"}", SG_OK},
	    {"[]", SG_E_REFUSED},
	    {"", SG_E_REFUSED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct step steps[] = {
		    {GETS(TENANTS), .reply = cases[i].reply}};
		struct fake fake = SCRIPT(steps);
		struct sg_json *tenant = NULL;
		struct sg_err err = {0};
		struct fake_tcm tcm;

		fake_tcm_open(&tcm, &fake);
		assert_int_equal(
		    sg_tenant_get(&tcm.api, NULL, &tenant, &err), cases[i].rc);
		if (cases[i].rc == SG_OK)
			assert_string_equal(
			    sg_json_get_text(tenant, "name"), "t");
		else
			assert_has(err.text, "get the tenant: ");
		sg_json_free(&tenant);
		fake_tcm_close(&tcm, &fake);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_tenant_named_comes_before_the_session_s),
	    cmocka_unit_test(an_unknown_tenant_names_the_setting),
	    cmocka_unit_test(a_tenant_is_an_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
