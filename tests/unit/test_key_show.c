/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key/key_show.h"

#include "fake_app.h"
#include "fake_key.h"

#include <p11-kit/pkcs11.h>

static void
thumbprint_is_that_of_the_told_key(void **state)
{
	struct fake_key fake;
	SG_AUTO(sg_key) key = fake_key_new(&fake);
	SG_AUTO(sg_rsa) rsa = fake_rsa(RFC7515_N, RFC7515_E);
	char expected[SG_THUMBPRINT_SIZE];
	char text[SG_THUMBPRINT_SIZE];

	(void)state;
	assert_int_equal(sg_jwk_thumbprint(rsa, expected, NULL), SG_OK);
	assert_int_equal(
	    key_show_thumbprint(sg_key_info(key), text, NULL), SG_OK);
	assert_string_equal(text, expected);
	assert_int_equal(fake.signed_count, 0);
}

static void
key_without_a_usable_public_half_has_none(void **state)
{
	struct sg_key_info info = {.type = "EC"};
	char text[SG_THUMBPRINT_SIZE] = "old";

	(void)state;
	assert_int_equal(key_show_thumbprint(&info, text, NULL), SG_OK);
	assert_string_equal(text, "");
}

static void
all_that_was_answered_is_shown(void **state)
{
	struct bench *b = *state;
	struct fake_key fake;
	SG_AUTO(sg_key) key = fake_key_new(&fake);

	assert_non_null(key);
	fake.info.facts[SG_KEY_DERIVE] = SG_FACT_UNKNOWN;
	fake.info.mechanisms_told = true;
	fake.info.mechanisms[0] = CKM_RSA_PKCS;
	fake.info.mechanism_count = 1;
	assert_ok(b, OPEN(b, "key", "show"));
	assert_ok(b, key_show_lines(&b->app, &fake.info, "T", &b->err));
	assert_has(product(b), "label        fake\n");
	assert_has(product(b), "CKA_SENSITIVE           true\n");
	assert_has(product(b), "CKA_EXTRACTABLE         false\n");
	assert_has(product(b), "CKA_DERIVE              unknown\n");
	assert_has(product(b), "CKA_ALLOWED_MECHANISMS  CKM_RSA_PKCS\n");
	assert_has(product(b), "thumbprint   T\n");
	assert_ok(b, OPEN(b, "key", "show", "--json"));
	app_json_begin(&b->app);
	assert_ok(b, key_show_members(&b->app, &fake.info, "", &b->err));
	assert_ok(b, app_json_end(&b->app, &b->err));
	assert_has(product(b), "\"thumbprint\":null");
	assert_has(product(b), "\"CKA_DERIVE\":null");
	assert_has(product(b), "\"allowedMechanisms\":[\"CKM_RSA_PKCS\"]");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(thumbprint_is_that_of_the_told_key),
	    TEST(key_without_a_usable_public_half_has_none),
	    TEST(all_that_was_answered_is_shown),
	};

	return cmocka_run_group_tests_name("key_show", tests, NULL, NULL);
}
