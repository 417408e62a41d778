/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/cases.h"

/* What a token may do to a program that is at work, and what is left then. */

/* --- losses that are mended ---------------------------------------------- */

static void
a_loss_is_mended(void **state)
{
	static const char *const losses[] = {"C_SignInit drop times=1",
	    "C_Sign drop times=1", "C_SignInit logout times=1",
	    "C_Sign logout times=1", "C_SignInit restart times=1",
	    "C_Sign restart times=1", "C_SignInit remove=3 times=1",
	    "C_Sign remove=9 times=1", "C_SignInit remove-ms=60 times=1",
	    "C_Sign remove-ms=60 times=1",
	    "C_SignInit restart times=1; C_Initialize slots=100000 times=1",
	    "C_Sign lose=CKR_DEVICE_ERROR times=1"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(losses); i++) {
		struct sg_err err = {0};

		fault->reset();
		told(losses[i]);
		if (scene_mint(&scene, &err) != SG_OK)
			fail_msg("%s: %s", losses[i], err.text);
		if (scene_mint(&scene, &err) != SG_OK)
			fail_msg("after %s: %s", losses[i], err.text);
		assert_true(counts().pins <= 1);
	}
}

/* Slot ids as they are again after another restart. */
static void
a_token_is_found_in_another_slot(void **state)
{
	(void)state;
	told("C_SignInit restart times=1; C_Initialize slots=100000");
	must_sign();
	told("C_SignInit restart times=1");
	must_sign();
	must_sign();
	assert_int_equal(counts().calls[SG_FAULT_C_Initialize], 2);
}

static void
a_token_that_stays_away_is_told_and_used_when_it_is_back(void **state)
{
	struct sg_err err = {0};

	(void)state;
	told("C_SignInit remove=1000000 times=1"); /* until the reset */
	assert_int_equal(sg_rc_exit_status(scene_mint(&scene, &err)), 4);
	assert_non_null(strstr(err.text, "CKR_TOKEN_NOT_PRESENT"));
	fault->reset();
	must_sign();
}

static void
a_recovery_that_failed_is_begun_again(void **state)
{
	static const char *const calls[] = {"C_Initialize", "C_GetSlotList",
	    "C_OpenSession", "C_FindObjectsInit", "C_GetAttributeValue",
	    "C_SignInit"};
	char rules[128];
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(calls); i++) {
		struct sg_err err = {0};

		fault->reset();
		(void)snprintf(rules, sizeof(rules),
		    "C_SignInit restart times=1; "
		    "%s fail=CKR_FUNCTION_REJECTED times=1 from=%d",
		    calls[i], strcmp(calls[i], "C_SignInit") == 0 ? 2 : 1);
		told(rules);
		assert_int_not_equal(scene_mint(&scene, &err), SG_OK);
		assert_non_null(strstr(err.text, "CKR_FUNCTION_REJECTED"));
		must_sign();
	}
}

/* Nothing more is tried, and what is told is not that nothing was. */
static void
a_login_that_failed_in_recovery_is_told(void **state)
{
	struct sg_err err = {0};

	(void)state;
	told("C_SignInit restart times=1");
	told("C_Login fail=CKR_DEVICE_REMOVED times=1");
	assert_int_equal(scene_mint(&scene, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_DEVICE_REMOVED);
	sg_err_clear(&err);
	assert_int_equal(scene_mint(&scene, &err), SG_E_PIN_WITHHELD);
	assert_int_equal(counts().pins, 1);
}

/* --- what is no answer --------------------------------------------------- */

static void
a_session_that_is_none_is_not_used(void **state)
{
	struct scene other = {.public_key = public_key};
	struct sg_err err = {0};

	(void)state;
	scene_close(&scene);
	told("C_OpenSession fail=CKR_OK times=1");
	assert_int_equal(scene_open(&other, &err), SG_E_TOKEN);
	sg_err_clear(&err);
	must(scene_open(&other, &err), &err);
	must(scene_login(&other, &err), &err);
	scene_close(&other);
	assert_int_equal(counts().pins, 1);
}

static void
flags_of_no_token_are_not_taken(void **state)
{
	struct scene other = {.public_key = public_key};
	struct sg_err err = {0};

	(void)state;
	scene_close(&scene);
	must(scene_open(&other, &err), &err);
	told("C_GetTokenInfo fail=CKR_OK times=1");
	assert_int_equal(scene_login(&other, &err), SG_E_NOT_FOUND);
	assert_int_equal(counts().pins, 0);
	sg_err_clear(&err);
	must(scene_login(&other, &err), &err);
	must(scene_find(&other, &err), &err);
	scene_close(&other);
	assert_int_equal(counts().pins, 1);
}

/* A lie is found out, or does not matter; and it is no worse than that. */
static void
lies_about_lengths_do_no_harm(void **state)
{
	static const char *const functions[] = {
	    "C_GetSlotList", "C_FindObjects", "C_GetAttributeValue", "C_Sign"};
	static const unsigned long lies[] = {0, 1, 2, 31, 255, 256, 257, 511,
	    512, 513, 1024, 4097, 100000, 0x7fffffff, ULONG_MAX / 8,
	    ULONG_MAX - 4, ULONG_MAX - 1, ULONG_MAX};
	char rule[96];
	size_t i;
	size_t k;

	(void)state;
	scene_close(&scene);
	for (i = 0; i < SG_COUNT(functions) * SG_COUNT(lies); i++) {
		for (k = 1; k < 3; k++) {
			struct sg_err err = {0};

			fault->reset();
			scene = (struct scene){.public_key = public_key};
			(void)snprintf(rule, sizeof(rule),
			    "%s lie=%lu from=%zu",
			    functions[i / SG_COUNT(lies)],
			    lies[i % SG_COUNT(lies)], k);
			told(rule);
			if (scene_open(&scene, &err) == SG_OK &&
			    scene_login(&scene, &err) == SG_OK &&
			    scene_find(&scene, &err) == SG_OK)
				(void)scene_mint(&scene, &err);
			assert_false(scene.bad_came_out);
			assert_int_equal(counts().pins_after_failure, 0);
			scene_close(&scene);
		}
	}
}

static void
one_attribute_with_another_length_does_no_harm(void **state)
{
	static const CK_ATTRIBUTE_TYPE types[] = {CKA_KEY_TYPE, CKA_LABEL,
	    CKA_ID, CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_SENSITIVE, CKA_SIGN,
	    CKA_ALWAYS_AUTHENTICATE};
	static const unsigned long lies[] = {
	    0, 1, 3, 255, 257, 100000, ULONG_MAX - 1, ULONG_MAX};
	char rule[96];
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(types) * SG_COUNT(lies); i++) {
		struct scene other = scene;
		struct sg_err err = {0};

		fault->reset();
		(void)snprintf(rule, sizeof(rule),
		    "C_GetAttributeValue lie=%lu attr=%lu",
		    lies[i % SG_COUNT(lies)], types[i / SG_COUNT(lies)]);
		told(rule);
		other.key = NULL;
		other.signer = NULL;
		if (scene_find(&other, &err) == SG_OK)
			(void)scene_mint(&other, &err);
		else
			assert_string_not_equal(err.text, "");
		assert_false(other.bad_came_out);
		sg_signer_free(&other.signer);
		sg_key_free(&other.key);
	}
}

/* And not that it is a key of another type. */
static void
a_token_that_does_not_tell_the_type_is_told_so(void **state)
{
	struct scene other = scene;
	struct sg_err err = {0};

	(void)state;
	other.key = NULL;
	other.signer = NULL;
	told("C_GetAttributeValue lie=100000");
	assert_int_equal(scene_find(&other, &err), SG_E_MECHANISM);
	assert_non_null(strstr(err.text, "does not tell its type"));
}

static void
a_flipped_bit_never_comes_out(void **state)
{
	char rule[64];
	unsigned int bit;

	(void)state;
	for (bit = 0; bit < 2048; bit += 31) {
		struct sg_err err = {0};

		fault->reset();
		(void)snprintf(
		    rule, sizeof(rule), "C_Sign flip=%u times=1", bit);
		told(rule);
		assert_int_equal(scene_mint(&scene, &err), SG_E_TOKEN);
		assert_false(scene.bad_came_out);
		must_sign();
	}
}

static void
a_key_given_twice_is_ambiguous(void **state)
{
	struct scene other = scene;
	struct sg_err err = {0};

	(void)state;
	other.key = NULL;
	other.signer = NULL;
	told("C_FindObjects twin times=1");
	assert_int_equal(scene_find(&other, &err), SG_E_AMBIGUOUS);
	assert_non_null(strstr(err.text, "twins another id"));
	must_sign();
}

/* --- PIN flags ----------------------------------------------------------- */

static void
flags_keep_a_pin_back(void **state)
{
	static const struct {
		const char *rule;
		enum sg_rc rc;
	} rows[] = {
	    {"C_GetTokenInfo flags=0x20000", SG_E_PIN_WITHHELD},
	    {"C_GetTokenInfo flags=0x40000", SG_E_PIN_LOCKED},
	    {"C_GetTokenInfo flags=0x60000", SG_E_PIN_LOCKED},
	    {"C_GetTokenInfo flags=0x20000 from=3", SG_E_PIN_WITHHELD},
	};
	size_t i;

	(void)state;
	scene_close(&scene);
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct scene other = {.public_key = public_key};
		struct sg_err err = {0};

		fault->reset();
		told(rows[i].rule);
		must(scene_open(&other, &err), &err);
		assert_int_equal(scene_login(&other, &err), rows[i].rc);
		scene_close(&other);
		assert_int_equal(counts().pins, 0);
	}
}

static void
a_last_try_is_not_spent_in_recovery(void **state)
{
	struct sg_err err = {0};

	(void)state;
	told("C_SignInit restart times=1; C_GetTokenInfo flags=0x20000");
	assert_int_equal(scene_mint(&scene, &err), SG_E_PIN_WITHHELD);
	assert_int_equal(counts().pins, 0);
	fault->reset();
	must_sign();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_loss_is_mended),
	    CASE(a_token_is_found_in_another_slot),
	    CASE(a_token_that_stays_away_is_told_and_used_when_it_is_back),
	    CASE(a_recovery_that_failed_is_begun_again),
	    CASE(a_login_that_failed_in_recovery_is_told),
	    CASE(a_session_that_is_none_is_not_used),
	    CASE(flags_of_no_token_are_not_taken),
	    CASE(lies_about_lengths_do_no_harm),
	    CASE(one_attribute_with_another_length_does_no_harm),
	    CASE(a_token_that_does_not_tell_the_type_is_told_so),
	    CASE(a_flipped_bit_never_comes_out),
	    CASE(a_key_given_twice_is_ambiguous),
	    CASE(flags_keep_a_pin_back),
	    CASE(a_last_try_is_not_spent_in_recovery),
	};

	return cmocka_run_group_tests_name("losses", tests, set_up, tear_down);
}
