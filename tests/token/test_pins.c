/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/raw.h"

/*
 * Wrong PINs. The last cases leave a token that locks in that state, so their
 * order matters; a wrong PIN too many would lock it too early.
 */

static enum sg_rc
try_login(const char *pin, struct sg_err *err)
{
	const struct sg_pin_source source = {
	    .get = get_pin, .ctx = (void *)(uintptr_t)pin};
	struct sg_token *token = NULL;
	enum sg_rc rc;

	assert_int_equal(
	    open_token(NULL, must_getenv("SIGNET_KEY"), &token, NULL), SG_OK);
	rc = sg_token_login(token, &source, err);
	sg_token_free(&token);
	return rc;
}

/* What a program without signet's scruples is told. */
static CK_RV
try_raw(const char *pin)
{
	struct raw raw;
	CK_RV rv;

	raw_start(&raw);
	rv = raw_login(&raw, pin);
	raw_close(&raw);
	return rv;
}

static CK_FLAGS
pin_flags(void)
{
	CK_TOKEN_INFO info = {0};
	struct raw raw;

	raw_start(&raw);
	assert_int_equal(raw.fn->C_GetTokenInfo(raw.slot, &info), CKR_OK);
	raw_close(&raw);
	return info.flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY |
				CKF_USER_PIN_LOCKED);
}

static void
a_wrong_pin_is_refused_and_not_sent_again(void **state)
{
	char wrong[PIN_SIZE];
	const struct sg_pin_source source = {
	    .get = get_pin, .ctx = (void *)(uintptr_t)wrong_pin(wrong)};
	const struct sg_pin_source right = {.get = get_pin};
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    open_token(NULL, must_getenv("SIGNET_KEY"), &token, NULL), SG_OK);
	assert_int_equal(sg_token_login(token, &source, &err), SG_E_PIN_WRONG);
	assert_int_equal(err.native, CKR_PIN_INCORRECT);
	assert_null(strstr(err.text, wrong));
	assert_int_equal(
	    sg_token_login(token, &right, NULL), SG_E_PIN_WITHHELD);
	sg_token_free(&token);
	assert_int_equal(
	    (pin_flags() & CKF_USER_PIN_COUNT_LOW) != 0, token_can("flags"));
	assert_int_equal(try_login(NULL, NULL), SG_OK);
}

/* The token may take no PIN of this length at all; it is not asked. */
static void
a_pin_of_a_wrong_length_spends_no_try(void **state)
{
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(try_login("", &err), SG_E_PIN_MISSING);
	assert_int_equal(pin_flags(), 0);
}

/* One more than one would lock it: tries are counted from the wrong PIN of
 * the first case where the right one in between does not forgive it. */
static void
a_wrong_pin_spends_one_try(void **state)
{
	unsigned int tries = token_number("tries");
	unsigned int spent = token_can("forgives") ? 1 : 2;
	char wrong[PIN_SIZE];

	(void)state;
	(void)wrong_pin(wrong);
	assert_int_equal(try_login(wrong, NULL), SG_E_PIN_WRONG);
	for (; spent + 1 < tries; spent++)
		assert_int_equal(try_raw(wrong), CKR_PIN_INCORRECT);
	if (token_can("flags"))
		assert_true(pin_flags() & CKF_USER_PIN_FINAL_TRY);
	else
		assert_int_equal(try_login(NULL, NULL), SG_OK);
}

/* Not even with the right PIN: signet cannot know that it is. */
static void
a_final_try_is_not_spent(void **state)
{
	char wrong[PIN_SIZE];
	struct sg_err err = {0};

	(void)state;
	(void)wrong_pin(wrong);
	assert_true(pin_flags() & CKF_USER_PIN_FINAL_TRY);
	assert_int_equal(try_login(wrong, &err), SG_E_PIN_WITHHELD);
	assert_int_equal(try_login(NULL, NULL), SG_E_PIN_WITHHELD);
	assert_true(pin_flags() & CKF_USER_PIN_FINAL_TRY);
}

static void
a_locked_token_says_so(void **state)
{
	char pin[PIN_SIZE];
	struct sg_err err = {0};
	int tries = 0;

	(void)state;
	while (try_raw(wrong_pin(pin)) != CKR_PIN_LOCKED)
		assert_true(++tries < 10);
	assert_int_equal(try_login(NULL, &err), SG_E_PIN_LOCKED);
	assert_non_null(strcasestr(err.text, "locked"));
	assert_null(strstr(err.text, right_pin(pin)));
	assert_int_equal(try_raw(right_pin(pin)), CKR_PIN_LOCKED);
	assert_int_equal(
	    (pin_flags() & CKF_USER_PIN_LOCKED) != 0, token_can("flags"));
}

int
main(void)
{
	static const struct token_case cases[] = {
	    TOKEN_CASE_IF(a_pin_of_a_wrong_length_spends_no_try, "pin"),
	    TOKEN_CASE_IF(a_wrong_pin_is_refused_and_not_sent_again, "pin"),
	    TOKEN_CASE_IF(a_wrong_pin_spends_one_try, "locks"),
	    TOKEN_CASE_IF(a_final_try_is_not_spent, "locks flags"),
	    TOKEN_CASE_IF(a_locked_token_says_so, "locks"),
	};

	return run_cases("pins", cases, SG_COUNT(cases));
}
