/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key/key_set.h"

#include "fake_signer.h"

#include "signer/jwks.h"

/* The kid of the one key that is added; its thumbprint for NULL. */
static void
assert_kid(struct bench *b, const char *const *line, const char *kid)
{
	SG_AUTO(sg_jwks) set = sg_jwks_new();
	struct fake_key key;

	assert_ok(b, bench_open(b, line));
	bench_give_key(b, &key);
	assert_ok(b, key_set_collect(&b->app, set, &b->err));
	assert_int_equal(sg_jwks_count(set), 1);
	assert_string_equal(sg_jwks_at(set, 0)->thumbprint,
	    sg_signer_thumbprint(b->app.signer));
	assert_string_equal(sg_jwks_at(set, 0)->kid,
	    kid != NULL ? kid : sg_signer_thumbprint(b->app.signer));
	bench_close(b);
}

static void
the_kid_is_the_settings_or_the_thumbprint(void **state)
{
	struct bench *b = *state;

	set_claims();
	assert_kid(b, LINE("jwks", "build"), NULL);
	assert_kid(b, LINE("jwks", "build", "--kid", "thumbprint"), NULL);
	assert_kid(b, LINE("jwks", "build", "--kid", "none"), NULL);
	assert_kid(b, LINE("jwks", "build", "--kid", "k-1"), "k-1");
	(void)setenv("SIGNET_KID", "k-2", 1);
	assert_kid(b, LINE("jwks", "build"), "k-2");
	assert_kid(b, LINE("jwks", "build", "--kid", "k-1"), "k-1");
}

static void
one_kid_is_not_for_several_keys(void **state)
{
	SG_AUTO(sg_jwks) set = sg_jwks_new();
	struct bench *b = *state;

	assert_ok(b, OPEN(b, "jwks", "build", "pkcs11:object=a",
			 "pkcs11:object=b", "--kid", "k"));
	assert_refused(b, key_set_collect(&b->app, set, &b->err), SG_E_USAGE,
	    "one key only");
	(void)setenv("SIGNET_KID", "k", 1);
	assert_ok(
	    b, OPEN(b, "jwks", "build", "pkcs11:object=a", "pkcs11:object=b"));
	assert_refused(b, key_set_collect(&b->app, set, &b->err), SG_E_CONFIG,
	    "SIGNET_KID");
	assert_int_equal(sg_jwks_count(set), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_kid_is_the_settings_or_the_thumbprint),
	    TEST(one_kid_is_not_for_several_keys),
	};

	return cmocka_run_group_tests_name("key_set", tests, NULL, NULL);
}
