/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/json.h"
#include "base/jsonw.h"
#include "client/session/identity.h"

static char *scopes_ab[] = {"a", "b"};
static char *scopes_ba[] = {"b", "a", "b"};
static const struct sg_list ab = {scopes_ab, 2};
static const struct sg_list ba = {scopes_ba, 3};
static const struct sg_list only_a = {scopes_ab, 1};

static const struct sg_identity base = {
    .service = SG_SERVICE_TCM,
    .kind = SG_SESSION_JWT,
    .base_url = "https://a.test",
    .tenant_id = "t",
    .site = NULL,
    .user = "u@a.test",
    .key_uri = "pkcs11:token=x",
    .claims = "c1",
    .scopes = &ab,
};

static void
name_is_hex_and_stable(void **state)
{
	char name[SG_IDENTITY_NAME_SIZE];
	char again[SG_IDENTITY_NAME_SIZE];
	struct sg_identity same = base;

	(void)state;
	same.scopes = &ba;
	assert_int_equal(sg_identity_name(&base, name, NULL), SG_OK);
	assert_int_equal(sg_identity_name(&same, again, NULL), SG_OK);
	assert_string_equal(name, again);
	assert_true(sg_identity_is_name(name));
	assert_int_equal(strlen(name), 64);
}

static void
every_member_makes_a_difference(void **state)
{
	struct sg_identity all[13];
	char names[13][SG_IDENTITY_NAME_SIZE];
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < SG_COUNT(all); i++)
		all[i] = base;
	all[1].service = SG_SERVICE_TABLEAU;
	all[2].kind = SG_SESSION_PAT;
	all[3].base_url = "https://b.test";
	all[4].tenant_id = "t2";
	all[5].site = "s";
	all[6].user = NULL;
	all[7].key_uri = "pkcs11:token=y";
	all[8].scopes = &only_a;
	all[9].scopes = NULL;
	all[10].site = ""; /* not the same as none */
	all[11].claims = "c2";
	all[12].claims = NULL;
	for (i = 0; i < SG_COUNT(all); i++) {
		assert_int_equal(
		    sg_identity_name(&all[i], names[i], NULL), SG_OK);
		for (k = 0; k < i; k++)
			assert_string_not_equal(names[i], names[k]);
	}
}

static void
members_do_not_run_into_each_other(void **state)
{
	struct sg_identity a = base;
	struct sg_identity b = base;
	char name_a[SG_IDENTITY_NAME_SIZE];
	char name_b[SG_IDENTITY_NAME_SIZE];

	(void)state;
	a.site = "x,1:y";
	a.user = "z";
	b.site = "x";
	b.user = "y,1:z";
	assert_int_equal(sg_identity_name(&a, name_a, NULL), SG_OK);
	assert_int_equal(sg_identity_name(&b, name_b, NULL), SG_OK);
	assert_string_not_equal(name_a, name_b);
}

static void
only_a_name_is_a_name(void **state)
{
	char name[SG_IDENTITY_NAME_SIZE];

	(void)state;
	assert_int_equal(sg_identity_name(&base, name, NULL), SG_OK);
	assert_false(sg_identity_is_name(""));
	assert_false(sg_identity_is_name("../../etc/passwd"));
	name[63] = '\0';
	assert_false(sg_identity_is_name(name));
	name[63] = 'G';
	assert_false(sg_identity_is_name(name));
}

static void
what_is_written_is_read_back(void **state)
{
	struct sg_buf *buf = sg_buf_new(4096);
	struct sg_jsonw w = {.out = buf};
	struct sg_json *json = NULL;
	struct sg_identity back = {0};
	struct sg_list scopes = {0};
	char name[SG_IDENTITY_NAME_SIZE];
	char again[SG_IDENTITY_NAME_SIZE];

	(void)state;
	sg_identity_write(&w, NULL, &base);
	assert_int_equal(
	    sg_json_parse(buf->data, buf->len, &json, NULL), SG_OK);
	assert_int_equal(sg_identity_read(json, &back, &scopes, NULL), SG_OK);
	assert_string_equal(back.user, "u@a.test");
	assert_null(back.site);
	assert_string_equal(back.claims, "c1");
	assert_int_equal(sg_identity_name(&base, name, NULL), SG_OK);
	assert_int_equal(sg_identity_name(&back, again, NULL), SG_OK);
	assert_string_equal(name, again);
	sg_list_clear(&scopes);
	sg_json_free(&json);
	sg_buf_free(&buf);
}

static void
what_was_never_written_is_not_read(void **state)
{
	static const char *const cases[] = {
	    "{}",
	    "[]",
	    "{\"service\":\"tcm\"}",
	    "{\"service\":\"no\",\"kind\":\"jwt\"}",
	    "{\"service\":\"tcm\",\"kind\":\"jwt\",\"scopes\":[1]}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_json *json = NULL;
		struct sg_identity back = {0};
		struct sg_list scopes = {0};

		assert_int_equal(
		    sg_json_parse(cases[i], strlen(cases[i]), &json, NULL),
		    SG_OK);
		assert_int_equal(
		    sg_identity_read(json, &back, &scopes, NULL), SG_E_INVALID);
		sg_list_clear(&scopes);
		sg_json_free(&json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(name_is_hex_and_stable),
	    cmocka_unit_test(every_member_makes_a_difference),
	    cmocka_unit_test(members_do_not_run_into_each_other),
	    cmocka_unit_test(only_a_name_is_a_name),
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(what_was_never_written_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
