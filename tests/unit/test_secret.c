/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"

static int
set_up(void **state)
{
	struct sg_err err = {0};
	bool locked;

	(void)state;
	return sg_secret_setup(&locked, &err) == SG_OK ? 0 : -1;
}

static void
a_secret_holds_every_byte_and_a_nul(void **state)
{
	SG_AUTO(sg_secret) secret = NULL;

	(void)state;
	assert_int_equal(sg_secret_new("1\0002", 3, &secret, NULL), SG_OK);
	assert_int_equal(sg_secret_len(secret), 3);
	assert_memory_equal(sg_secret_reveal(secret), "1\0002", 4);
}

static void
a_secret_is_its_own_copy(void **state)
{
	SG_AUTO(sg_secret) secret = NULL;
	char pin[] = "1234";

	(void)state;
	assert_int_equal(sg_secret_new(pin, 4, &secret, NULL), SG_OK);
	memset(pin, 'x', 4);
	assert_string_equal(sg_secret_reveal(secret), "1234");
}

static void
an_empty_secret_is_possible(void **state)
{
	SG_AUTO(sg_secret) secret = NULL;

	(void)state;
	assert_int_equal(sg_secret_new(NULL, 0, &secret, NULL), SG_OK);
	assert_int_equal(sg_secret_len(secret), 0);
	assert_string_equal(sg_secret_reveal(secret), "");
}

static void
secrets_live_in_the_arena(void **state)
{
	SG_AUTO(sg_secret) secret = NULL;

	(void)state;
	assert_int_equal(sg_secret_new("1234", 4, &secret, NULL), SG_OK);
	assert_true(CRYPTO_secure_allocated(secret));
}

static void
the_longest_secret_fits_and_one_more_byte_does_not(void **state)
{
	SG_AUTO(sg_secret) longest = NULL;
	SG_AUTO(sg_secret) longer = NULL;
	struct sg_err err = {0};
	char *bytes = calloc(1, SG_SECRET_MAX + 1);

	(void)state;
	assert_non_null(bytes);
	assert_int_equal(
	    sg_secret_new(bytes, SG_SECRET_MAX, &longest, NULL), SG_OK);
	assert_int_equal(sg_secret_len(longest), SG_SECRET_MAX);
	assert_int_equal(
	    sg_secret_new(bytes, SG_SECRET_MAX + 1, &longer, &err), SG_E_USAGE);
	assert_null(longer);
	assert_int_equal(err.rc, SG_E_USAGE);
	free(bytes);
}

static void
a_full_arena_is_an_error_and_not_ordinary_memory(void **state)
{
	struct sg_secret *many[16] = {NULL};
	SG_AUTO(sg_secret) last = NULL;
	struct sg_err err = {0};
	char *bytes = calloc(1, SG_SECRET_MAX);
	enum sg_rc rc = SG_OK;
	size_t i;

	(void)state;
	assert_non_null(bytes);
	for (i = 0; i < SG_COUNT(many) && rc == SG_OK; i++)
		rc = sg_secret_new(bytes, SG_SECRET_MAX, &many[i], &err);
	assert_int_equal(rc, SG_E_NOMEM);
	assert_null(many[i - 1]);
	assert_int_equal(err.rc, SG_E_NOMEM);
	for (i = 0; i < SG_COUNT(many); i++)
		sg_secret_free(&many[i]);
	assert_int_equal(
	    sg_secret_new(bytes, SG_SECRET_MAX, &last, NULL), SG_OK);
	free(bytes);
}

static void
free_wipes_the_whole_secret(void **state)
{
	struct sg_secret *secret = NULL;
	const char *bytes;
	char pin[64];
	size_t i;

	(void)state;
	memset(pin, 'p', sizeof(pin));
	assert_int_equal(sg_secret_new(pin, sizeof(pin), &secret, NULL), SG_OK);
	/* The arena stays mapped, so that its free memory may be looked at;
	 * the first bytes then belong to the allocator's own list. */
	assert_true(CRYPTO_secure_allocated(secret));
	bytes = sg_secret_reveal(secret);
	sg_secret_free(&secret);
	for (i = 0; i < sizeof(pin); i++)
		assert_int_not_equal(bytes[i], 'p');
}

static void
free_takes_null_and_leaves_null(void **state)
{
	struct sg_secret *secret = NULL;

	(void)state;
	sg_secret_free(NULL);
	sg_secret_free(&secret);
	assert_int_equal(sg_secret_new("1", 1, &secret, NULL), SG_OK);
	sg_secret_free(&secret);
	assert_null(secret);
}

static void
taking_a_buffer_releases_it(void **state)
{
	SG_AUTO(sg_secret) secret = NULL;
	struct sg_buf *buf = sg_buf_new(10);

	(void)state;
	sg_buf_add_str(buf, "1234");
	assert_int_equal(sg_secret_take(&buf, &secret, NULL), SG_OK);
	assert_null(buf);
	assert_string_equal(sg_secret_reveal(secret), "1234");
}

static void
taking_an_empty_buffer_is_an_empty_secret(void **state)
{
	SG_AUTO(sg_secret) secret = NULL;
	struct sg_buf *buf = sg_buf_new(10);

	(void)state;
	assert_int_equal(sg_secret_take(&buf, &secret, NULL), SG_OK);
	assert_int_equal(sg_secret_len(secret), 0);
}

static void
taking_a_failed_buffer_fails_and_releases_it(void **state)
{
	struct sg_secret *secret = NULL;
	struct sg_buf *buf = sg_buf_new(2);
	struct sg_buf *none = NULL;

	(void)state;
	sg_buf_add_str(buf, "1234");
	assert_int_equal(sg_secret_take(&buf, &secret, NULL), SG_E_USAGE);
	assert_null(buf);
	assert_null(secret);
	assert_int_equal(sg_secret_take(&none, &secret, NULL), SG_E_NOMEM);
	assert_null(secret);
}

static void
an_error_never_holds_the_secret(void **state)
{
	struct sg_secret *secret = NULL;
	struct sg_buf *buf = sg_buf_new(8);
	struct sg_err err = {0};

	(void)state;
	sg_buf_add_str(buf, "hunter2");
	sg_buf_add_str(buf, "hunter2");
	assert_int_equal(sg_secret_take(&buf, &secret, &err), SG_E_USAGE);
	assert_null(strstr(err.text, "hunter2"));
}

static enum sg_rc
digest(const char *text, size_t len, const char *salt, char out[65])
{
	SG_AUTO(sg_secret) secret = NULL;
	SG_AUTO(sg_buf) hex = sg_buf_new(64);
	enum sg_rc rc;

	assert_int_equal(sg_secret_new(text, len, &secret, NULL), SG_OK);
	rc = sg_secret_digest(secret, salt, 16, hex, NULL);
	if (rc == SG_OK)
		memcpy(out, sg_buf_str(hex), 65);
	return rc;
}

static void
a_digest_knows_a_secret_again_and_no_other(void **state)
{
	static const char salt[] = "0123456789abcdef";
	char first[65];
	char again[65];
	char other[65];

	(void)state;
	assert_int_equal(digest("831920", 6, salt, first), SG_OK);
	assert_int_equal(strspn(first, "0123456789abcdef"), 64);
	assert_int_equal(digest("831920", 6, salt, again), SG_OK);
	assert_string_equal(first, again);
	assert_int_equal(digest("831921", 6, salt, other), SG_OK);
	assert_string_not_equal(first, other);
	assert_int_equal(digest("831920", 5, salt, other), SG_OK);
	assert_string_not_equal(first, other);
	assert_int_equal(digest("", 0, salt, other), SG_OK);
	assert_string_not_equal(first, other);
	assert_int_equal(digest("831920", 6, "0123456789abcdeF", other), SG_OK);
	assert_string_not_equal(first, other);
}

/* Made by Python's hashlib.pbkdf2_hmac() with 200,000 rounds: what is in a
 * ledger today must be known again tomorrow. */
static void
a_digest_is_pbkdf2_of_many_rounds(void **state)
{
	char out[65];

	(void)state;
	assert_int_equal(digest("831920", 6, "0123456789abcdef", out), SG_OK);
	assert_string_equal(out, "03f1b26fc35ea74aa98690fd61e87863"
				 "cbafd0ca868d164457939b27ed67278f");
}

static void
a_digest_that_has_no_room_is_an_error(void **state)
{
	SG_AUTO(sg_secret) secret = NULL;
	SG_AUTO(sg_buf) small = sg_buf_new(8);

	(void)state;
	assert_int_equal(sg_secret_new("831920", 6, &secret, NULL), SG_OK);
	assert_true(sg_secret_digest(
			secret, "0123456789abcdef", 16, small, NULL) != SG_OK);
	assert_true(sg_secret_digest(
			secret, "0123456789abcdef", 16, NULL, NULL) != SG_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_secret_holds_every_byte_and_a_nul),
	    cmocka_unit_test(a_secret_is_its_own_copy),
	    cmocka_unit_test(an_empty_secret_is_possible),
	    cmocka_unit_test(secrets_live_in_the_arena),
	    cmocka_unit_test(
		the_longest_secret_fits_and_one_more_byte_does_not),
	    cmocka_unit_test(a_full_arena_is_an_error_and_not_ordinary_memory),
	    cmocka_unit_test(free_wipes_the_whole_secret),
	    cmocka_unit_test(free_takes_null_and_leaves_null),
	    cmocka_unit_test(taking_a_buffer_releases_it),
	    cmocka_unit_test(taking_an_empty_buffer_is_an_empty_secret),
	    cmocka_unit_test(taking_a_failed_buffer_fails_and_releases_it),
	    cmocka_unit_test(an_error_never_holds_the_secret),
	    cmocka_unit_test(a_digest_knows_a_secret_again_and_no_other),
	    cmocka_unit_test(a_digest_is_pbkdf2_of_many_rounds),
	    cmocka_unit_test(a_digest_that_has_no_room_is_an_error),
	};

	return cmocka_run_group_tests_name("secret", tests, set_up, NULL);
}
