/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/json.h"
#include "base/text.h"
#include "client/uat/uat_spec.h"

#define PEM "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
#define PEM_JSON \
	"-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\\n"
#define UUID_1 "36a9d526-0000-4000-8000-000000000001"
#define UUID_2 "e7cc4b0b-0000-4000-8000-000000000002"

static char *uuids[] = {(char[]){UUID_1}, (char[]){UUID_2}};
static char *words[] = {(char[]){"tableau:a:read"}};
static const struct sg_list ids = {uuids, 2};
static const struct sg_list scopes = {words, 1};
static const struct sg_list none = {NULL, 0};

static const struct sg_uat_spec good = {
    .name = "n",
    .issuer = "https://i.test",
    .public_key_pem = PEM,
    .username_claim = "email",
    .resource_ids = &ids,
    .scopes = &scopes,
    .enabled = true,
};

/* What the service has, before a change. */
static const char has_key[] =
    "{\"id\":\"X\",\"tenantId\":\"t\",\"configId\":\"c\",\"name\":\"n\","
    "\"issuer\":\"https://i.test\",\"publicKeyActive\":\"" PEM_JSON "\","
    "\"publicKey\":null,\"jwksUri\":null,\"usernameClaim\":\"email\","
    "\"resourceIds\":[\"" UUID_1 "\"],\"scopes\":[\"tableau:b:read\"],"
    "\"enabled\":true,\"colour\":{\"of\":[\"x\"]}}";

static const char has_uri[] =
    "{\"configId\":\"c\",\"name\":\"n\",\"issuer\":\"https://i.test\","
    "\"publicKeyActive\":null,\"publicKey\":null,"
    "\"jwksUri\":\"https://j.test/k\",\"usernameClaim\":\"email\","
    "\"resourceIds\":[\"" UUID_1 "\"],\"scopes\":[],\"enabled\":true}";

static void
expect_change(
    const struct sg_uat_change *change, const char *current, const char *body)
{
	struct sg_json *json = NULL;
	struct sg_buf *buf = NULL;
	struct sg_err err = {0};

	assert_int_equal(
	    sg_json_parse(current, strlen(current), &json, NULL), SG_OK);
	if (sg_uat_change_body(change, json, &buf, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_string_equal(sg_buf_str(buf), body);
	sg_buf_free(&buf);
	sg_json_free(&json);
}

static enum sg_rc
try_change(
    const struct sg_uat_change *change, const char *current, struct sg_err *err)
{
	struct sg_json *json = NULL;
	struct sg_buf *buf = NULL;
	enum sg_rc rc;

	assert_int_equal(
	    sg_json_parse(current, strlen(current), &json, NULL), SG_OK);
	rc = sg_uat_change_body(change, json, &buf, err);
	assert_int_equal(rc == SG_OK, buf != NULL);
	sg_buf_free(&buf);
	sg_json_free(&json);
	return rc;
}

static void
create_sends_what_is_given(void **state)
{
	struct sg_uat_spec with_uri = good;
	struct sg_buf *buf = NULL;

	(void)state;
	assert_int_equal(sg_uat_spec_body(&good, &buf, NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf),
	    "{\"name\":\"n\",\"issuer\":\"https://i.test\",\"publicKey\":"
	    "\"" PEM_JSON "\",\"usernameClaim\":\"email\",\"resourceIds\":"
	    "[\"" UUID_1 "\",\"" UUID_2 "\"],\"scopes\":"
	    "[\"tableau:a:read\"],\"enabled\":true}");
	sg_buf_free(&buf);
	with_uri.public_key_pem = NULL;
	with_uri.jwks_uri = "https://j.test/k";
	with_uri.scopes = NULL;
	with_uri.enabled = false;
	assert_int_equal(sg_uat_spec_body(&with_uri, &buf, NULL), SG_OK);
	assert_string_equal(sg_buf_str(buf),
	    "{\"name\":\"n\",\"issuer\":\"https://i.test\",\"jwksUri\":"
	    "\"https://j.test/k\",\"usernameClaim\":\"email\","
	    "\"resourceIds\":[\"" UUID_1 "\",\"" UUID_2 "\"],"
	    "\"enabled\":false}");
	sg_buf_free(&buf);
}

static void
create_that_would_be_refused_is_not_sent(void **state)
{
	static char bad_id[] = "not-a-uuid";
	static char *bad_ids[] = {bad_id};
	static const struct sg_list bad_list = {bad_ids, 1};
	struct sg_uat_spec cases[13];
	static const enum sg_rc codes[] = {SG_E_USAGE, SG_E_USAGE, SG_E_USAGE,
	    SG_E_USAGE, SG_E_USAGE, SG_E_USAGE, SG_E_USAGE, SG_E_USAGE,
	    SG_E_USAGE, SG_E_CONFIG, SG_E_POLICY, SG_E_USAGE, SG_E_USAGE};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++)
		cases[i] = good;
	cases[0].name = NULL;
	cases[1].name = " ";
	cases[2].issuer = NULL;
	cases[3].username_claim = "";
	cases[4].resource_ids = NULL;
	cases[5].resource_ids = &none;
	cases[6].resource_ids = &bad_list;
	cases[7].public_key_pem = NULL;
	cases[8].jwks_uri = "https://j.test/k"; /* and the key */
	cases[9].public_key_pem = NULL;
	cases[9].jwks_uri = "http://j.test/k";
	cases[10].public_key_pem = "-----BEGIN RSA PRIVATE KEY-----\nhush";
	cases[11].public_key_pem = "-----BEGIN CERTIFICATE-----\n";
	cases[12].name = "\xff";
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_buf *buf = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    sg_uat_spec_body(&cases[i], &buf, &err), codes[i]);
		assert_null(buf);
		assert_has_not(err.text, "hush");
	}
}

static void
change_of_nothing_sends_everything(void **state)
{
	const struct sg_uat_change change = {0};

	(void)state;
	expect_change(&change, has_key,
	    "{\"name\":\"n\",\"issuer\":\"https://i.test\",\"publicKey\":"
	    "\"" PEM_JSON "\",\"usernameClaim\":\"email\","
	    "\"resourceIds\":[\"" UUID_1 "\"],\"scopes\":"
	    "[\"tableau:b:read\"],\"enabled\":true,"
	    "\"colour\":{\"of\":[\"x\"]}}");
	expect_change(&change, has_uri,
	    "{\"name\":\"n\",\"issuer\":\"https://i.test\",\"jwksUri\":"
	    "\"https://j.test/k\",\"usernameClaim\":\"email\","
	    "\"resourceIds\":[\"" UUID_1 "\"],\"scopes\":[],"
	    "\"enabled\":true}");
}

static void
only_what_is_named_changes(void **state)
{
	static const bool off = false;
	const struct sg_uat_change disable = {.enabled = &off};
	const struct sg_uat_change all = {
	    .name = "m",
	    .issuer = "https://k.test",
	    .username_claim = "upn",
	    .resource_ids = &ids,
	    .scopes = &none,
	};

	(void)state;
	expect_change(&disable, has_uri,
	    "{\"name\":\"n\",\"issuer\":\"https://i.test\",\"jwksUri\":"
	    "\"https://j.test/k\",\"usernameClaim\":\"email\","
	    "\"resourceIds\":[\"" UUID_1 "\"],\"scopes\":[],"
	    "\"enabled\":false}");
	expect_change(&all, has_uri,
	    "{\"name\":\"m\",\"issuer\":\"https://k.test\",\"jwksUri\":"
	    "\"https://j.test/k\",\"usernameClaim\":\"upn\","
	    "\"resourceIds\":[\"" UUID_1 "\",\"" UUID_2 "\"],"
	    "\"scopes\":[],\"enabled\":true}");
}

static void
key_and_uri_replace_each_other(void **state)
{
	const struct sg_uat_change to_uri = {.jwks_uri = "https://l.test/"};
	const struct sg_uat_change to_key = {.public_key_pem = PEM};

	(void)state;
	expect_change(&to_uri, "{\"publicKeyActive\":\"old\",\"name\":\"n\"}",
	    "{\"name\":\"n\",\"jwksUri\":\"https://l.test/\"}");
	expect_change(&to_key, "{\"jwksUri\":\"https://j.test/\"}",
	    "{\"publicKey\":\"" PEM_JSON "\"}");
}

static void
unrecoverable_key_is_refused_before_the_put(void **state)
{
	static const char *const cases[] = {
	    "{\"name\":\"n\"}",
	    "{\"publicKeyActive\":null,\"publicKey\":null,\"jwksUri\":null}",
	    "{\"publicKeyActive\":\"\",\"jwksUri\":\"\"}",
	    "{\"publicKeyActive\":7}",
	};
	const struct sg_uat_change change = {.name = "m"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_err err = {0};

		assert_int_equal(
		    try_change(&change, cases[i], &err), SG_E_USAGE);
		assert_has(err.text, "--public-key or --jwks-uri");
	}
}

static void
bad_change_is_not_sent(void **state)
{
	const struct sg_uat_change cases[] = {
	    {.name = ""},
	    {.issuer = " "},
	    {.username_claim = ""},
	    {.resource_ids = &none},
	    {.public_key_pem = "AAAA"},
	    {.public_key_pem = PEM, .jwks_uri = "https://j.test"},
	};
	const struct sg_uat_change plain = {.jwks_uri = "http://j.test"};
	const struct sg_uat_change private = {
	    .public_key_pem = "-----BEGIN PRIVATE KEY-----"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++)
		assert_int_equal(
		    try_change(&cases[i], has_key, NULL), SG_E_USAGE);
	assert_int_equal(try_change(&plain, has_key, NULL), SG_E_CONFIG);
	assert_int_equal(try_change(&private, has_key, NULL), SG_E_POLICY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(create_sends_what_is_given),
	    cmocka_unit_test(create_that_would_be_refused_is_not_sent),
	    cmocka_unit_test(change_of_nothing_sends_everything),
	    cmocka_unit_test(only_what_is_named_changes),
	    cmocka_unit_test(key_and_uri_replace_each_other),
	    cmocka_unit_test(unrecoverable_key_is_refused_before_the_put),
	    cmocka_unit_test(bad_change_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
