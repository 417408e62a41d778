/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/quirks.h"

#include "pkcs11/object.h"
#include "pkcs11/search.h"
#include "tests/unit/fake_token.h"

static unsigned int
quirks_of(const char *manufacturer, const char *model, const char *module)
{
	struct sg_token_info info = {.module = module};
	unsigned int set = 0;
	size_t i;

	(void)snprintf(
	    info.manufacturer, sizeof(info.manufacturer), "%s", manufacturer);
	(void)snprintf(info.model, sizeof(info.model), "%s", model);
	for (i = 0; i < SG_QUIRK_COUNT; i++)
		if (sg_quirk_has(&info, (enum sg_quirk)i))
			set |= 1U << i;
	return set;
}

#define BIT(quirk) (1U << (quirk))

/* The texts are those that these modules gave when they were run. */
static void
modules_are_known_by_what_they_say(void **state)
{
	(void)state;
	assert_int_equal(
	    quirks_of("Mozilla Foundation", "NSS 3", "libsoftokn3.so"),
	    BIT(SG_QUIRK_NO_ALLOWED_MECHANISMS) | BIT(SG_QUIRK_DENIES_LOCAL) |
		BIT(SG_QUIRK_NEVER_LOCKS) | BIT(SG_QUIRK_ONE_SERIAL) |
		BIT(SG_QUIRK_STARTS_EMPTY));
	assert_int_equal(
	    quirks_of("SoftHSM project", "SoftHSM v2", "libsofthsm2.so"),
	    BIT(SG_QUIRK_DESCRIBES_REMOVED) | BIT(SG_QUIRK_SPARE_SLOT) |
		BIT(SG_QUIRK_NEVER_LOCKS) | BIT(SG_QUIRK_HIDES_TOKENS));
	assert_int_equal(quirks_of("IBM Corp.", "IBM SoftTok", "opencryptoki"),
	    BIT(SG_QUIRK_ONE_SERIAL) | BIT(SG_QUIRK_CLOSES_AGAIN));
	assert_int_equal(quirks_of("IBM", "Soft", "PKCS11_API.so"),
	    BIT(SG_QUIRK_ONE_SERIAL) | BIT(SG_QUIRK_CLOSES_AGAIN));
	assert_int_equal(quirks_of("IBM", "CCA", "libopencryptoki.so"),
	    BIT(SG_QUIRK_CLOSES_AGAIN));
	assert_int_equal(
	    quirks_of("IBM", "SW   TPM", "/usr/lib/libtpm2_pkcs11.so.0"),
	    BIT(SG_QUIRK_VERIFY_IS_DECRYPT) | BIT(SG_QUIRK_DESCRIBES_REMOVED) |
		BIT(SG_QUIRK_SPARE_SLOT) | BIT(SG_QUIRK_NO_PIN_FLAGS) |
		BIT(SG_QUIRK_ONE_SERIAL));
}

static void
other_modules_have_none(void **state)
{
	(void)state;
	assert_int_equal(quirks_of("", "", NULL), 0);
	assert_int_equal(quirks_of("Yubico", "YubiHSM", "yubihsm.so"), 0);
	assert_int_equal(quirks_of("Mozilla Corp.", "NSS 3", "x.so"), 0);
}

static void
each_quirk_says_what_it_is_and_what_is_done(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SG_QUIRK_COUNT; i++) {
		assert_true(strlen(sg_quirk_name((enum sg_quirk)i)) > 3);
		assert_true(strlen(sg_quirk_text((enum sg_quirk)i)) > 10);
		assert_true(strlen(sg_quirk_answer((enum sg_quirk)i)) > 10);
	}
}

static enum sg_fact
local_of_the_key(void)
{
	struct sg_token *token = fake_open(NULL);
	SG_AUTO(sg_object) object = NULL;
	enum sg_fact fact;

	assert_int_equal(
	    sg_search_one(sg_token_p11(token), NULL, &object, NULL), SG_OK);
	fact = object->info.facts[SG_KEY_LOCAL];
	sg_token_free(&token);
	return fact;
}

static void
denied_local_is_believed_of_others_alone(void **state)
{
	CK_TOKEN_INFO *info = &fake->slots[0].info;

	(void)state;
	fake_put_flag(fake_add_key("uat", fake_id, 2), CKA_LOCAL, false);
	assert_int_equal(local_of_the_key(), SG_FACT_NO);
	fake_pad(info->manufacturerID, sizeof(info->manufacturerID),
	    "Mozilla Foundation");
	fake_pad(info->model, sizeof(info->model), "NSS 3");
	assert_int_equal(local_of_the_key(), SG_FACT_UNKNOWN);
}

static bool
absence_has_hint(void)
{
	struct sg_token *token = fake_open(NULL);
	struct sg_object *object = NULL;
	struct sg_err err = {0};

	assert_int_equal(
	    sg_search_one(sg_token_p11(token), NULL, &object, &err),
	    SG_E_NOT_FOUND);
	sg_token_free(&token);
	return strstr(err.text, "SIGNET_MODULE_ARGS") != NULL;
}

static void
an_empty_token_hints_at_the_init_string(void **state)
{
	CK_TOKEN_INFO *info = &fake->slots[0].info;

	(void)state;
	info->flags |= CKF_WRITE_PROTECTED;
	assert_false(absence_has_hint());
	fake_pad(info->manufacturerID, sizeof(info->manufacturerID),
	    "Mozilla Foundation");
	fake_pad(info->model, sizeof(info->model), "NSS 3");
	assert_true(absence_has_hint());
	info->flags &= ~(CK_FLAGS)CKF_WRITE_PROTECTED;
	assert_false(absence_has_hint());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(modules_are_known_by_what_they_say),
	    FAKE_TEST(other_modules_have_none),
	    FAKE_TEST(each_quirk_says_what_it_is_and_what_is_done),
	    FAKE_TEST(denied_local_is_believed_of_others_alone),
	    FAKE_TEST(an_empty_token_hints_at_the_init_string),
	};

	return cmocka_run_group_tests_name("quirks", tests, NULL, NULL);
}
