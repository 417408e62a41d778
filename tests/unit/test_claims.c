/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/claims.h"

#include "base/json.h"
#include "tests/unit/fake_key.h"

#define TENANT "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"

static char *scope_items[] = {"tableau:users:read", "tableau:sites:read",
    "tableau:users:read", "tableau:jobs:*"};
static const struct sg_list scopes = {scope_items, SG_COUNT(scope_items)};

static struct sg_claims
good(void)
{
	const struct sg_claims claims = {
	    .issuer = "https://signet.example.com",
	    .tenant_id = TENANT,
	    .username = "admin@example.com",
	    .scopes = &scopes,
	};

	return claims;
}

static const char *
write_all(
    const struct sg_claims *claims, size_t scope_count, struct sg_buf *out)
{
	struct sg_err err = {0};

	sg_buf_reset(out);
	if (sg_claims_write(claims, fake_clock(), scope_count, out, &err) !=
	    SG_OK)
		fail_msg("%s", err.text);
	return sg_buf_str(out);
}

static void
with_clock_and_random_fixed_every_byte_is_known(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(4096);
	const struct sg_claims claims = good();

	(void)state;
	assert_int_equal(sg_claims_check(&claims, NULL), SG_OK);
	assert_string_equal(write_all(&claims, SIZE_MAX, out),
	    "{\"iss\":\"https://signet.example.com\",\"iat\":1790000000,"
	    "\"exp\":1790000300,\"jti\":\"" FAKE_JTI "\","
	    "\"https://tableau.com/tenantId\":\"" TENANT "\","
	    "\"email\":\"admin@example.com\",\"scp\":[\"tableau:users:read\","
	    "\"tableau:sites:read\",\"tableau:jobs:*\"]}");
}

static void
everything_that_can_be_chosen_is_written_as_chosen(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(4096);
	SG_AUTO(sg_json) value = NULL;
	struct sg_claims claims = good();
	struct sg_extra_claim extra[] = {
	    {.name = "region", .text = "a\"b\\"},
	    {.name = "groups"},
	};

	(void)state;
	assert_int_equal(
	    sg_json_parse("[1,{\"a\":null}]", 14, &value, NULL), SG_OK);
	extra[1].json = value;
	claims.username_claim = "https://example.com/user";
	claims.lifetime_s = 600;
	claims.extra = extra;
	claims.extra_count = 2;
	assert_int_equal(sg_claims_check(&claims, NULL), SG_OK);
	(void)write_all(&claims, SIZE_MAX, out);
	assert_non_null(strstr(sg_buf_str(out), "\"exp\":1790000600,"));
	assert_non_null(strstr(sg_buf_str(out),
	    "\"https://example.com/user\":\"admin@example.com\""));
	assert_null(strstr(sg_buf_str(out), "\"email\""));
	assert_non_null(strstr(sg_buf_str(out),
	    "],\"region\":\"a\\\"b\\\\\",\"groups\":[1,{\"a\":null}]}"));
}

static void
each_jti_is_a_new_one(void **state)
{
	SG_AUTO(sg_buf) one = sg_buf_new(4096);
	SG_AUTO(sg_buf) two = sg_buf_new(4096);
	struct sg_clock clock = *sg_clock_system();
	const struct sg_claims claims = good();

	(void)state;
	clock.now_s = fake_now;
	assert_int_equal(
	    sg_claims_write(&claims, &clock, SIZE_MAX, one, NULL), SG_OK);
	assert_int_equal(
	    sg_claims_write(&claims, &clock, SIZE_MAX, two, NULL), SG_OK);
	assert_int_equal(one->len, two->len);
	assert_memory_not_equal(one->data, two->data, one->len);
}

static void
without_randomness_nothing_is_written(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(4096);
	struct sg_clock broken = *fake_clock();
	const struct sg_claims claims = good();

	(void)state;
	broken.ctx = &broken;
	assert_int_equal(sg_claims_write(&claims, &broken, SIZE_MAX, out, NULL),
	    SG_E_INTERNAL);
	assert_int_equal(out->len, 0);
}

static void
duplicate_scopes_are_counted_and_written_once(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(4096);
	const struct sg_claims claims = good();

	(void)state;
	assert_int_equal(sg_claims_scope_count(&claims), 3);
	assert_non_null(strstr(write_all(&claims, 2, out),
	    "\"scp\":[\"tableau:users:read\",\"tableau:sites:read\"]}"));
	assert_non_null(strstr(write_all(&claims, 0, out), "\"scp\":[]}"));
}

static void
what_identity_lacks_is_told_with_the_setting(void **state)
{
	static const struct {
		size_t field; /* of struct sg_claims */
		const char *value;
		const char *text;
	} rows[] = {
	    {offsetof(struct sg_claims, issuer), NULL, "SIGNET_ISSUER"},
	    {offsetof(struct sg_claims, issuer), "", "SIGNET_ISSUER"},
	    {offsetof(struct sg_claims, issuer), "signet.example.com",
		"URI with its scheme"},
	    {offsetof(struct sg_claims, issuer), "urn:", "with its scheme"},
	    {offsetof(struct sg_claims, issuer), ":x", "with its scheme"},
	    {offsetof(struct sg_claims, issuer), "//a.test", "with its scheme"},
	    {offsetof(struct sg_claims, issuer), "https://a b",
		"with its scheme"},
	    {offsetof(struct sg_claims, issuer), "https://a.test\n",
		"with its scheme"},
	    {offsetof(struct sg_claims, issuer), "https://a\x7f.test",
		"with its scheme"},
	    {offsetof(struct sg_claims, tenant_id), NULL,
		"CLOUD_MANAGER_TENANT_ID"},
	    {offsetof(struct sg_claims, tenant_id), "",
		"CLOUD_MANAGER_TENANT_ID"},
	    {offsetof(struct sg_claims, tenant_id), "mytenant", "not a UUID"},
	    {offsetof(struct sg_claims, tenant_id), TENANT "0", "not a UUID"},
	    {offsetof(struct sg_claims, tenant_id),
		"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fg", "not a UUID"},
	    {offsetof(struct sg_claims, username), NULL,
		"TABLEAU_CLOUD_USERNAME"},
	    {offsetof(struct sg_claims, username), "",
		"TABLEAU_CLOUD_USERNAME"},
	    {offsetof(struct sg_claims, username_claim), "",
		"SIGNET_USERNAME_CLAIM"},
	    {offsetof(struct sg_claims, username_claim), "e mail",
		"SIGNET_USERNAME_CLAIM"},
	    {offsetof(struct sg_claims, username_claim), "email\n",
		"SIGNET_USERNAME_CLAIM"},
	    {offsetof(struct sg_claims, username_claim), "iss",
		"SIGNET_USERNAME_CLAIM"},
	    {offsetof(struct sg_claims, username_claim), SG_CLAIM_TENANT,
		"SIGNET_USERNAME_CLAIM"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_claims claims = good();
		struct sg_err err = {0};

		memcpy((char *)&claims + rows[i].field, &rows[i].value,
		    sizeof(rows[i].value));
		if (sg_claims_check(&claims, &err) != SG_E_CONFIG)
			fail_msg("row %zu is taken", i);
		if (strstr(err.text, rows[i].text) == NULL)
			fail_msg("row %zu: %s", i, err.text);
	}
}

static void
a_lifetime_is_one_second_to_ten_minutes(void **state)
{
	static const struct {
		int64_t lifetime_s;
		enum sg_rc rc;
	} rows[] = {
	    {0, SG_OK}, /* the default */
	    {1, SG_OK},
	    {600, SG_OK},
	    {601, SG_E_USAGE},
	    {-1, SG_E_USAGE},
	    {INT64_MAX, SG_E_USAGE},
	    {INT64_MIN, SG_E_USAGE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_claims claims = good();

		claims.lifetime_s = rows[i].lifetime_s;
		assert_int_equal(sg_claims_check(&claims, NULL), rows[i].rc);
	}
}

static void
a_claim_set_is_dated_back_and_ends_as_before(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(4096);
	struct sg_claims claims = good();

	(void)state;
	claims.backdate_s = 5;
	assert_int_equal(sg_claims_check(&claims, NULL), SG_OK);
	(void)write_all(&claims, SIZE_MAX, out);
	assert_non_null(strstr(sg_buf_str(out),
	    "\"iat\":1789999995,\"nbf\":1789999995,\"exp\":1790000300,"));
	claims.backdate_s = 0;
	sg_buf_reset(out);
	(void)write_all(&claims, SIZE_MAX, out);
	assert_null(strstr(sg_buf_str(out), "nbf"));
}

static void
no_claim_set_is_dated_back_too_far(void **state)
{
	static const struct {
		int64_t backdate_s;
		int64_t lifetime_s;
		enum sg_rc rc;
	} rows[] = {
	    {60, 0, SG_OK},
	    {61, 0, SG_E_USAGE},
	    {-1, 0, SG_E_USAGE},
	    {INT64_MAX, 0, SG_E_USAGE},
	    {60, 540, SG_OK},
	    {60, 541, SG_E_USAGE},
	    {1, 600, SG_E_USAGE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_claims claims = good();

		claims.backdate_s = rows[i].backdate_s;
		claims.lifetime_s = rows[i].lifetime_s;
		assert_int_equal(sg_claims_check(&claims, NULL), rows[i].rc);
	}
}

static void
there_must_be_a_scope_and_each_must_be_one(void **state)
{
	static char *bad_items[] = {"tableau:users:read", "users:read"};
	static const struct sg_list bad = {bad_items, 2};
	static const struct sg_list none = {0};
	struct sg_claims claims = good();
	struct sg_err err = {0};

	(void)state;
	claims.scopes = NULL;
	assert_int_equal(sg_claims_check(&claims, NULL), SG_E_USAGE);
	claims.scopes = &none;
	assert_int_equal(sg_claims_check(&claims, NULL), SG_E_USAGE);
	claims.scopes = &bad;
	assert_int_equal(sg_claims_check(&claims, &err), SG_E_USAGE);
	assert_non_null(strstr(err.text, "\"users:read\""));
}

static void
what_signet_sets_cannot_be_given(void **state)
{
	static const char *const names[] = {"iss", "iat", "exp", "nbf", "jti",
	    "scp", "scope", SG_CLAIM_TENANT, "email", ""};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(names); i++) {
		const struct sg_extra_claim extra = {
		    .name = names[i], .text = "x"};
		struct sg_claims claims = good();

		claims.extra = &extra;
		claims.extra_count = 1;
		if (sg_claims_check(&claims, NULL) != SG_E_USAGE)
			fail_msg("\"%s\" is taken", names[i]);
	}
}

/* email is free for a claim when the user is named by another. */
static void
the_user_claim_in_use_is_the_reserved_one(void **state)
{
	struct sg_extra_claim extra = {.name = "email", .text = "x"};
	struct sg_claims claims = good();

	(void)state;
	claims.username_claim = "sub";
	claims.extra = &extra;
	claims.extra_count = 1;
	assert_int_equal(sg_claims_check(&claims, NULL), SG_OK);
	extra.name = "sub";
	assert_int_equal(sg_claims_check(&claims, NULL), SG_E_USAGE);
}

static void
a_claim_given_twice_is_refused(void **state)
{
	const struct sg_extra_claim extra[] = {
	    {.name = "a", .text = "1"},
	    {.name = "b", .text = "2"},
	    {.name = "a", .text = "1"},
	};
	struct sg_claims claims = good();
	struct sg_err err = {0};

	(void)state;
	claims.extra = extra;
	claims.extra_count = 2;
	assert_int_equal(sg_claims_check(&claims, NULL), SG_OK);
	claims.extra_count = 3;
	assert_int_equal(sg_claims_check(&claims, &err), SG_E_USAGE);
	assert_string_equal(err.text, "the claim \"a\" is given twice");
}

static void
text_that_is_no_utf8_is_refused(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(4096);
	struct sg_extra_claim extra = {.name = "a", .text = "caf\xe9"};
	struct sg_claims claims = good();

	(void)state;
	claims.extra = &extra;
	claims.extra_count = 1;
	assert_int_equal(
	    sg_claims_write(&claims, fake_clock(), SIZE_MAX, out, NULL),
	    SG_E_USAGE);
	extra.text = "caf\xc3\xa9";
	(void)write_all(&claims, SIZE_MAX, out);
	extra.name = "\xff";
	sg_buf_reset(out);
	assert_int_equal(
	    sg_claims_write(&claims, fake_clock(), SIZE_MAX, out, NULL),
	    SG_E_USAGE);
	claims.extra_count = 0;
	claims.username = "\xc0\x80";
	sg_buf_reset(out);
	assert_int_equal(
	    sg_claims_write(&claims, fake_clock(), SIZE_MAX, out, NULL),
	    SG_E_USAGE);
}

static void
an_issuer_may_have_any_scheme(void **state)
{
	static const char *const issuers[] = {"https://signet.example.com",
	    "urn:example:signet", "urn:x", "spiffe://a/b", "a+b-c.1:x"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(issuers); i++) {
		struct sg_claims claims = good();

		claims.issuer = issuers[i];
		assert_int_equal(sg_claims_check(&claims, NULL), SG_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(with_clock_and_random_fixed_every_byte_is_known),
	    cmocka_unit_test(
		everything_that_can_be_chosen_is_written_as_chosen),
	    cmocka_unit_test(each_jti_is_a_new_one),
	    cmocka_unit_test(without_randomness_nothing_is_written),
	    cmocka_unit_test(duplicate_scopes_are_counted_and_written_once),
	    cmocka_unit_test(what_identity_lacks_is_told_with_the_setting),
	    cmocka_unit_test(a_lifetime_is_one_second_to_ten_minutes),
	    cmocka_unit_test(a_claim_set_is_dated_back_and_ends_as_before),
	    cmocka_unit_test(no_claim_set_is_dated_back_too_far),
	    cmocka_unit_test(there_must_be_a_scope_and_each_must_be_one),
	    cmocka_unit_test(what_signet_sets_cannot_be_given),
	    cmocka_unit_test(the_user_claim_in_use_is_the_reserved_one),
	    cmocka_unit_test(a_claim_given_twice_is_refused),
	    cmocka_unit_test(text_that_is_no_utf8_is_refused),
	    cmocka_unit_test(an_issuer_may_have_any_scheme),
	};

	return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
