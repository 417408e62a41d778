/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tcm.h"

#include "base/json.h"
#include "client/tenant/oidc.h"

#define OIDC(id) V1 "/resources/" id "/oidcconfiguration"

static void
the_body_is_that_of_the_documentation(void **state)
{
	static const struct {
		struct sg_oidc_spec spec;
		const char *body;
	} cases[] = {
	    {{true, "Salesforce", "login.salesforce.com"},
		"{\"enabled\":true,\"knownProviderAlias\":\"Salesforce\","
		"\"salesforceDomain\":\"login.salesforce.com\"}"},
	    {{false, "Google", NULL},
		"{\"enabled\":false,\"knownProviderAlias\":\"Google\"}"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		SG_AUTO(sg_buf) body = NULL;

		assert_int_equal(
		    sg_oidc_body(&cases[i].spec, &body, NULL), SG_OK);
		assert_string_equal(sg_buf_str(body), cases[i].body);
	}
}

static void
without_a_resource_it_is_the_tenant_s(void **state)
{
	static const char *const resources[] = {NULL, "a/b"};
	static const struct step steps[] = {
	    {GETS(OIDC(TENANT)), .reply = "{\"enabled\":true}"},
	    {GETS(OIDC("a%2Fb")), .reply = "{\"enabled\":true}"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(steps); i++) {
		SG_AUTO(sg_json) json = NULL;
		struct fake fake = {.steps = &steps[i], .count = 1};
		struct fake_tcm tcm;
		bool enabled = false;

		fake_tcm_open(&tcm, &fake);
		assert_int_equal(
		    sg_oidc_get(&tcm.api, resources[i], &json, NULL), SG_OK);
		assert_true(
		    sg_json_bool(sg_json_get(json, "enabled"), &enabled));
		assert_true(enabled);
		fake_tcm_close(&tcm, &fake);
	}
}

static void
what_is_set_is_sent_as_it_is(void **state)
{
	static const struct step steps[] = {
	    {CALL("PUT", OIDC(TENANT), "{ \"x\" : 1e2 }"), .status = 204},
	    {CALL("PUT", OIDC(TENANT), "{ \"x\" : 1e2 }"), .status = 400},
	};
	SG_AUTO(sg_buf) body = sg_buf_new(64);
	struct fake fake = SCRIPT(steps);
	struct sg_json *json = NULL;
	struct sg_err err = {0};
	struct fake_tcm tcm;

	(void)state;
	sg_buf_add_str(body, "{ \"x\" : 1e2 }");
	fake_tcm_open(&tcm, &fake);
	assert_int_equal(sg_oidc_set(&tcm.api, NULL, body, &json, NULL), SG_OK);
	assert_null(json);
	assert_int_equal(
	    sg_oidc_set(&tcm.api, NULL, body, &json, &err), SG_E_REFUSED);
	assert_has(err.text, "set the OIDC configuration: ");
	fake_tcm_close(&tcm, &fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_body_is_that_of_the_documentation),
	    cmocka_unit_test(without_a_resource_it_is_the_tenant_s),
	    cmocka_unit_test(what_is_set_is_sent_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
