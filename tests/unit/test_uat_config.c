/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/json.h"
#include "client/uat/uat_config.h"

#define ID_1 "d06c826a-0000-4000-8000-000000000001"
#define ID_2 "d06c826a-0000-4000-8000-000000000002"

static struct sg_json *
json_of(const char *text)
{
	struct sg_json *json = NULL;

	assert_int_equal(sg_json_parse(text, strlen(text), &json, NULL), SG_OK);
	return json;
}

static struct sg_uat_config *
config_of(const char *text)
{
	struct sg_json *json = json_of(text);
	struct sg_uat_config *config = NULL;

	assert_int_equal(sg_uat_config_read(json, &config, NULL), SG_OK);
	sg_json_free(&json);
	return config;
}

static enum sg_rc
read_list(const char *text, struct sg_uat_configs **out_configs)
{
	struct sg_json *json = json_of(text);
	enum sg_rc rc;

	rc = sg_uat_configs_read(json, out_configs, NULL);
	sg_json_free(&json);
	return rc;
}

static void
the_documented_answer_is_read(void **state)
{
	static const char text[] =
	    "{\"id\":\"UatConfigurationId{tenantId=t-1, configId=" ID_1
	    "}\",\"tenantId\":\"t-1\",\"configId\":\"" ID_1
	    "\",\"name\":\"n\",\"issuer\":\"https://i.test\","
	    "\"publicKeyActive\":\"PEM\",\"publicKey\":null,"
	    "\"jwksUri\":null,\"usernameClaim\":\"email\","
	    "\"resourceIds\":[\"r1\",\"r2\"],\"scopes\":[\"s1\"],"
	    "\"enabled\":false,\"other\":{\"x\":[1]}}";
	struct sg_uat_config *c = config_of(text);

	(void)state;
	assert_string_equal(c->config_id, ID_1);
	assert_string_equal(c->tenant_id, "t-1");
	assert_string_equal(c->name, "n");
	assert_string_equal(c->issuer, "https://i.test");
	assert_string_equal(c->public_key_active, "PEM");
	assert_null(c->jwks_uri);
	assert_string_equal(c->username_claim, "email");
	assert_int_equal(c->resource_ids.count, 2);
	assert_string_equal(c->resource_ids.items[1], "r2");
	assert_int_equal(c->scopes.count, 1);
	assert_false(c->enabled);
	assert_string_equal(c->raw, text);
	sg_uat_config_free(&c);
}

static void
handle_is_found_in_each_shape_of_id(void **state)
{
	static const char *const cases[][2] = {
	    {"{\"configId\":\"c\",\"id\":\"x\"}", "c"},
	    {"{\"id\":{\"tenantId\":\"t\",\"configId\":\"c\"}}", "c"},
	    {"{\"id\":\"UatConfigurationId{tenantId=t, configId=c}\"}", "c"},
	    {"{\"id\":\"X{configId=c, tenantId=t}\"}", "c"},
	    {"{\"id\":\"" ID_1 "\"}", ID_1},
	    {"{\"id\":\"something\"}", NULL},
	    {"{\"id\":7}", NULL},
	    {"{\"configId\":\"\"}", NULL},
	    {"{\"id\":null}", NULL},
	    {"{}", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_uat_config *c = config_of(cases[i][0]);

		if (cases[i][1] == NULL)
			assert_null(c->config_id);
		else
			assert_string_equal(c->config_id, cases[i][1]);
		sg_uat_config_free(&c);
	}
}

static void
missing_and_odd_members_are_survived(void **state)
{
	static const char *const cases[] = {
	    "{}",
	    "{\"name\":7,\"resourceIds\":\"x\",\"scopes\":{\"a\":1},"
	    "\"enabled\":\"yes\"}",
	    "{\"name\":null,\"resourceIds\":null,\"scopes\":[1,null],"
	    "\"enabled\":null}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_uat_config *c = config_of(cases[i]);

		assert_null(c->name);
		assert_int_equal(c->resource_ids.count, 0);
		assert_int_equal(c->scopes.count, 0);
		assert_true(c->enabled);
		sg_uat_config_free(&c);
	}
}

static void
key_may_stand_in_public_key(void **state)
{
	struct sg_uat_config *c = config_of("{\"publicKey\":\"PEM\"}");

	(void)state;
	assert_string_equal(c->public_key_active, "PEM");
	sg_uat_config_free(&c);
}

static void
what_is_no_object_is_refused(void **state)
{
	static const char *const cases[] = {"[]", "null", "7", "\"x\""};
	struct sg_uat_config *config = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_json *json = json_of(cases[i]);

		assert_int_equal(
		    sg_uat_config_read(json, &config, NULL), SG_E_REFUSED);
		sg_json_free(&json);
	}
	assert_null(config);
}

static void
each_list_envelope_is_opened(void **state)
{
	static const char *const cases[] = {
	    "[{\"configId\":\"a\"},{\"configId\":\"b\"}]",
	    "{\"uatConfigurations\":[{\"configId\":\"a\"},"
	    "{\"configId\":\"b\"}]}",
	    "{\"other\":[{\"x\":1}],\"uatConfigurations\":"
	    "[{\"configId\":\"a\"},{\"configId\":\"b\"}]}",
	    "{\"count\":2,\"errors\":[],\"items\":[{\"configId\":\"a\"},"
	    "{\"configId\":\"b\"}]}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_uat_configs *all = NULL;

		assert_int_equal(read_list(cases[i], &all), SG_OK);
		assert_int_equal(all->count, 2);
		assert_string_equal(all->items[0]->config_id, "a");
		assert_string_equal(all->items[1]->config_id, "b");
		sg_uat_configs_free(&all);
	}
}

static void
empty_list_is_a_list(void **state)
{
	static const char *const cases[] = {
	    "[]", "{\"uatConfigurations\":[]}", "{\"items\":[]}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_uat_configs *all = NULL;

		assert_int_equal(read_list(cases[i], &all), SG_OK);
		assert_int_equal(all->count, 0);
		sg_uat_configs_free(&all);
	}
}

static void
what_holds_no_list_is_refused(void **state)
{
	static const char *const cases[] = {"{}", "null", "7", "\"x\"", "[1]",
	    "[{},null]", "{\"a\":{\"b\":[]}}", "{\"a\":[1]}"};
	struct sg_uat_configs *all = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++)
		assert_int_equal(read_list(cases[i], &all), SG_E_REFUSED);
	assert_null(all);
}

static struct sg_uat_configs *
three(void)
{
	struct sg_uat_configs *all = NULL;

	assert_int_equal(
	    read_list("[{\"configId\":\"" ID_1 "\",\"name\":\"one\"},"
		      "{\"configId\":\"" ID_2 "\",\"name\":\"two\"},"
		      "{\"name\":\"two\"},{\"configId\":\"c\"}]",
		&all),
	    SG_OK);
	return all;
}

static void
one_is_found_by_id_or_name(void **state)
{
	static const char *const cases[][2] = {
	    {ID_1, ID_1},
	    {"D06C826A-0000-4000-8000-000000000001", ID_1},
	    {"one", ID_1},
	    {"c", "c"},
	};
	struct sg_uat_configs *all = three();
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct sg_uat_config *c = NULL;

		assert_int_equal(
		    sg_uat_configs_find(all, cases[i][0], &c, NULL), SG_OK);
		assert_string_equal(c->config_id, cases[i][1]);
	}
	sg_uat_configs_free(&all);
}

static void
ambiguous_name_lists_the_ids(void **state)
{
	struct sg_uat_configs *all = three();
	const struct sg_uat_config *c = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(sg_uat_configs_find(all, "two", &c, &err), SG_E_USAGE);
	assert_null(c);
	assert_has(err.text, ID_2);
	assert_has(err.text, "(no id)");
	assert_has_not(err.text, ID_1);
	sg_uat_configs_free(&all);
}

static void
unknown_name_is_a_404(void **state)
{
	static const char *const names[] = {"", "On", "One", "onee"};
	struct sg_uat_configs *all = three();
	const struct sg_uat_config *c = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(names); i++) {
		struct sg_err err = {0};

		assert_int_equal(
		    sg_uat_configs_find(all, names[i], &c, &err), SG_E_REFUSED);
		assert_int_equal(err.native, 404);
		assert_has(err.text, "signet uat list");
	}
	sg_uat_configs_free(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_documented_answer_is_read),
	    cmocka_unit_test(handle_is_found_in_each_shape_of_id),
	    cmocka_unit_test(missing_and_odd_members_are_survived),
	    cmocka_unit_test(key_may_stand_in_public_key),
	    cmocka_unit_test(what_is_no_object_is_refused),
	    cmocka_unit_test(each_list_envelope_is_opened),
	    cmocka_unit_test(empty_list_is_a_list),
	    cmocka_unit_test(what_holds_no_list_is_refused),
	    cmocka_unit_test(one_is_found_by_id_or_name),
	    cmocka_unit_test(ambiguous_name_lists_the_ids),
	    cmocka_unit_test(unknown_name_is_a_404),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
