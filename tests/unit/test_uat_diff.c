/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/json.h"
#include "base/text.h"
#include "client/uat/uat_config.h"
#include "client/uat/uat_diff.h"
#include "client/uat/uat_spec.h"

#define UUID_1 "36a9d526-0000-4000-8000-00000000000a"
#define UUID_2 "e7cc4b0b-0000-4000-8000-000000000002"

/* One key, its lines as OpenSSL breaks them; or in one line, with CR LF. */
#define BASE64_1 \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj"
#define BASE64_2 \
	"NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz" \
	"P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo" \
	"9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB" \
	"EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX" \
	"FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp" \
	"oQIDAQAB"
#define BEGIN "-----BEGIN PUBLIC KEY-----"
#define END   "-----END PUBLIC KEY-----"
#define KEY_A BEGIN "\n" BASE64_1 "\n" BASE64_2 "\n" END "\n"
#define KEY_B BEGIN "\r\n" BASE64_1 BASE64_2 "\r\n" END
#define ODD   BEGIN "\nAAAA\n" END "\n"

static struct sg_json *
json_of(const char *text)
{
	struct sg_json *json = NULL;

	assert_int_equal(sg_json_parse(text, strlen(text), &json, NULL), SG_OK);
	return json;
}

static unsigned int
diff(const struct sg_uat_spec *spec, const char *shown)
{
	SG_AUTO(sg_json) json = json_of(shown);
	SG_AUTO(sg_uat_config) config = NULL;

	assert_int_equal(sg_uat_config_read(json, &config, NULL), SG_OK);
	return sg_uat_diff(spec, config);
}

static char *uuids[] = {(char[]){UUID_1}, (char[]){UUID_2}};
static char *words[] = {(char[]){"a:b"}, (char[]){"c:d"}, (char[]){"a:b"}};
static const struct sg_list ids = {uuids, 2};
static const struct sg_list scopes = {words, 3};

static const struct sg_uat_spec with_uri = {
    .name = "n",
    .issuer = "i",
    .jwks_uri = "https://k",
    .username_claim = "email",
    .resource_ids = &ids,
    .scopes = &scopes,
    .enabled = true,
};

#define SHOW(name, issuer, uri, claim, id, scope, enabled) \
	"{\"name\":\"" name "\",\"issuer\":\"" issuer "\",\"jwksUri\":\"" uri \
	"\",\"usernameClaim\":\"" claim "\",\"resourceIds\":[\"" UUID_2 \
	"\",\"" id "\"],\"scopes\":[\"c:d\",\"" scope \
	"\"],\"enabled\":" enabled "}"
#define UPPER_1 "36A9D526-0000-4000-8000-00000000000A"

static void
each_part_is_told_apart(void **state)
{
	static const struct {
		const char *shown;
		unsigned int parts;
		const char *said;
	} rows[] = {
	    {SHOW("n", "i", "https://k", "email", UPPER_1, "a:b", "true"), 0,
		""},
	    {SHOW("N", "i", "https://k", "email", UUID_1, "a:b", "true"),
		SG_UAT_PART_NAME, "name"},
	    {SHOW("n", "I", "https://k", "email", UUID_1, "a:b", "true"),
		SG_UAT_PART_ISSUER, "issuer"},
	    {SHOW("n", "i", "https://K", "email", UUID_1, "a:b", "true"),
		SG_UAT_PART_KEY, "key"},
	    {SHOW("n", "i", "https://k", "sub", UUID_1, "a:b", "true"),
		SG_UAT_PART_CLAIM, "username claim"},
	    {SHOW("n", "i", "https://k", "email", UUID_2, "a:b", "true"),
		SG_UAT_PART_RESOURCES, "resources"},
	    {SHOW("n", "i", "https://k", "email", UUID_1, "a:x", "true"),
		SG_UAT_PART_SCOPES, "scopes"},
	    {SHOW("n", "i", "https://k", "email", UUID_1, "a:b", "false"),
		SG_UAT_PART_ENABLED, "enabled or not"},
	    {SHOW("n", "i", "https://k", "sub", UUID_1, "c:d", "false"),
		SG_UAT_PART_CLAIM | SG_UAT_PART_SCOPES | SG_UAT_PART_ENABLED,
		"username claim, scopes, enabled or not"},
	    {"{\"enabled\":true}", 0x3f,
		"name, key, issuer, username claim, resources, scopes"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_buf) said = sg_buf_new(256);

		assert_int_equal(diff(&with_uri, rows[i].shown), rows[i].parts);
		sg_uat_diff_add(rows[i].parts, said);
		assert_string_equal(sg_buf_str(said), rows[i].said);
	}
}

static void
no_scopes_are_an_empty_set(void **state)
{
	struct sg_uat_spec none = with_uri;

	(void)state;
	none.scopes = NULL;
	assert_int_equal(diff(&none, "{\"name\":\"n\",\"issuer\":\"i\","
				     "\"jwksUri\":\"https://k\","
				     "\"usernameClaim\":\"email\","
				     "\"resourceIds\":[\"" UUID_1 "\",\"" UUID_2
				     "\"],\"scopes\":null}"),
	    0);
}

static void
key_is_the_same_however_it_is_written(void **state)
{
	(void)state;
	assert_true(sg_uat_diff_same_key(KEY_A, KEY_B));
	assert_true(sg_uat_diff_same_key(ODD, BEGIN "\r\nAA\r\nAA\r\n" END));
	assert_true(sg_uat_diff_same_key(NULL, NULL));
	assert_false(sg_uat_diff_same_key(KEY_A, NULL));
	assert_false(sg_uat_diff_same_key(NULL, KEY_A));
	assert_false(sg_uat_diff_same_key(KEY_A, ODD));
	assert_false(sg_uat_diff_same_key("ab", "abc"));
	assert_false(sg_uat_diff_same_key("abc", "ab"));
}

static void
key_and_jwks_uri_are_not_the_same(void **state)
{
	struct sg_uat_spec key = with_uri;

	(void)state;
	key.jwks_uri = NULL;
	key.public_key_pem = "k";
	assert_int_equal(
	    diff(&key, "{\"publicKeyActive\":\"k\"}") & SG_UAT_PART_KEY, 0);
	assert_int_equal(
	    diff(
		&key, "{\"publicKeyActive\":\"k\",\"jwksUri\":\"https://k\"}") &
		SG_UAT_PART_KEY,
	    SG_UAT_PART_KEY);
	assert_int_equal(
	    diff(&with_uri, "{\"publicKeyActive\":\"k\"}") & SG_UAT_PART_KEY,
	    SG_UAT_PART_KEY);
}

static void
any_member_that_counts_and_changed_is_seen(void **state)
{
	static const struct {
		const char *before;
		const char *after;
		bool unchanged;
	} rows[] = {
	    {"{\"name\":\"n\",\"scopes\":[\"x\",\"y\"]}",
		"{\"scopes\":[\"y\",\"x\"],\"name\":\"n\"}", true},
	    {"{\"jwksUri\":null,\"scopes\":\"\"}", "{\"publicKey\":null}",
		true},
	    {"{\"id\":{\"a\":1,\"b\":2}}", "{\"id\":{\"b\":3}}", true},
	    {"{\"lastUsedAt\":1}", "{\"lastUsedAt\":2,\"new\":true}", true},
	    {"{\"name\":\"n\"}", "{\"name\":\"m\"}", false},
	    {"{\"issuer\":\"i\"}", "{}", false},
	    {"{}", "{\"usernameClaim\":\"sub\"}", false},
	    {"{\"publicKey\":\"a\"}", "{\"publicKey\":\"b\"}", false},
	    {"{\"publicKeyActive\":\"a\"}", "{\"publicKeyActive\":\"b\"}",
		false},
	    {"{\"jwksUri\":\"a\"}", "{\"jwksUri\":\"b\"}", false},
	    {"{\"enabled\":true}", "{\"enabled\":false}", false},
	    {"{\"scopes\":[\"x\"]}", "{\"scopes\":[\"x\",\"y\"]}", false},
	    {"{\"resourceIds\":[\"x\",\"y\"]}", "{\"resourceIds\":[\"x\"]}",
		false},
	    {"{\"scopes\":[]}", "{\"scopes\":\"[]\"}", false},
	    {"{\"scopes\":{\"b\":1,\"c\":2}}", "{\"scopes\":{\"c\":2,\"b\":1}}",
		true},
	    {"{\"scopes\":{\"b\":1}}", "{\"scopes\":{\"b\":2}}", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_json) before = json_of(rows[i].before);
		SG_AUTO(sg_json) after = json_of(rows[i].after);

		assert_int_equal(
		    sg_uat_diff_unchanged(before, after), rows[i].unchanged);
	}
}

static void
what_arrived_is_shown(void **state)
{
	static const struct {
		const char *sent;
		const char *shown;
		const char *part; /* NULL: all of it did */
	} rows[] = {
	    {"{\"publicKey\":\"a b\",\"name\":\"n\"}",
		"{\"publicKey\":null,\"publicKeyActive\":\"ab\",\"name\":\"n\","
		"\"more\":2}",
		NULL},
	    {"{\"publicKey\":\"a\"}", "{\"publicKey\":\"a\"}", NULL},
	    {"{\"publicKey\":\"a\"}", "{}", NULL},
	    {"{\"lastUsedAt\":1}", "{\"lastUsedAt\":2}", NULL},
	    {"{\"publicKey\":\"a\"}", "{\"publicKeyActive\":\"b\"}",
		"publicKey"},
	    {"{\"scopes\":[\"a\",\"b\"]}", "{\"scopes\":[\"b\",\"a\"]}", NULL},
	    {"{\"scopes\":[\"a\",\"b\"]}", "{\"scopes\":[\"b\"]}", "scopes"},
	    {"{\"scopes\":[\"b\"]}", "{\"scopes\":[\"b\",\"a\"]}", "scopes"},
	    {"{\"name\":\"n\",\"enabled\":false}",
		"{\"name\":\"n\",\"enabled\":true}", "enabled"},
	    {"{\"jwksUri\":\"x\"}", "{\"jwksUri\":null}", "jwksUri"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_json) sent = json_of(rows[i].sent);
		SG_AUTO(sg_json) shown = json_of(rows[i].shown);
		const char *part = NULL;
		bool arrived = sg_uat_diff_arrived(sent, shown, &part);

		assert_int_equal(arrived, rows[i].part == NULL);
		if (!arrived)
			assert_string_equal(part, rows[i].part);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_part_is_told_apart),
	    cmocka_unit_test(no_scopes_are_an_empty_set),
	    cmocka_unit_test(key_is_the_same_however_it_is_written),
	    cmocka_unit_test(key_and_jwks_uri_are_not_the_same),
	    cmocka_unit_test(any_member_that_counts_and_changed_is_seen),
	    cmocka_unit_test(what_arrived_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
