/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/uat_show.h"

#include "fake_app.h"
#include "fake_key.h"

#include "client/uat/uat_config.h"

static struct sg_uat_config *
read_config(void)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	SG_AUTO(sg_buf) pem = sg_buf_new(4096);
	SG_AUTO(sg_buf) text = sg_buf_new(8192);
	SG_AUTO(sg_json) json = NULL;
	struct sg_uat_config *config = NULL;
	char line[2048] = "";
	size_t len = 0;
	size_t i;

	assert_int_equal(sg_rsa_to_pem(rsa, pem, NULL), SG_OK);
	for (i = 0; i < pem->len; i++) {
		if (pem->data[i] == '\n')
			line[len++] = '\\';
		line[len++] = pem->data[i] == '\n' ? 'n' : (char)pem->data[i];
	}
	sg_buf_addf(text,
	    "{\"configId\":\"d06c826a-1111-4222-8333-944444444444\","
	    "\"name\":\"n\\u001b[1m\",\"issuer\":\"i\",\"publicKeyActive\":"
	    "\"%s\",\"enabled\":false,\"odd\":7}",
	    line);
	assert_int_equal(
	    sg_json_parse(text->data, text->len, &json, NULL), SG_OK);
	assert_int_equal(sg_uat_config_read(json, &config, NULL), SG_OK);
	return config;
}

static void
text_is_safe_to_show(void **state)
{
	SG_AUTO(sg_uat_config) config = read_config();
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "uat", "get", "n"));
	assert_ok(b, uat_show(&b->app, config, &b->err));
	assert_has(product(b), "name         n?[1m\n");
	assert_has(product(b), "enabled      false\n");
	assert_has(product(b), "-----BEGIN PUBLIC KEY-----\n");
}

static void
json_is_what_the_service_said(void **state)
{
	SG_AUTO(sg_uat_config) config = read_config();
	struct sg_uat_config *items[] = {config, config};
	const struct sg_uat_configs configs = {items, 2};
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "uat", "get", "n", "--json"));
	assert_ok(b, uat_show(&b->app, config, &b->err));
	assert_has(product(b), "\"odd\":7");
	assert_ok(b, OPEN(b, "uat", "list", "--json"));
	assert_ok(b, uat_show_all(&b->app, &configs, &b->err));
	assert_has(product(b), "{\"version\":1,\"configurations\":[{");
	assert_has(product(b), "\"odd\":7}]}\n");
}

static void
list_is_a_line_each(void **state)
{
	SG_AUTO(sg_uat_config) config = read_config();
	struct sg_uat_config *items[] = {config};
	const struct sg_uat_configs configs = {items, 1};
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "uat", "list"));
	assert_ok(b, uat_show_all(&b->app, &configs, &b->err));
	assert_string_equal(product(b),
	    "d06c826a-1111-4222-8333-944444444444  disabled  n?[1m  i\n");
}

static void
what_is_shown_is_remembered(void **state)
{
	SG_AUTO(sg_uat_config) config = read_config();
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "uat", "get", "n"));
	assert_ok(b, uat_show(&b->app, config, &b->err));
	assert_has(text_of(".local/state/signet/known-uat.json"),
	    "\"configId\":\"d06c826a-1111-4222-8333-944444444444\"");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(text_is_safe_to_show),
	    TEST(json_is_what_the_service_said),
	    TEST(list_is_a_line_each),
	    TEST(what_is_shown_is_remembered),
	};

	return cmocka_run_group_tests_name("uat_show", tests, NULL, NULL);
}
