/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/keydel.h"

#include "tests/unit/fake_token.h"

static bool public_stays;

static enum sg_rc
delete_key(const char *uri_text, struct sg_err *err)
{
	const struct sg_token_opts opts = {
	    .module_path = fake_path, .writable = true};
	SG_AUTO(sg_uri) uri = fake_uri(uri_text);
	struct fake_pin pin = {.pin = "1234"};
	struct sg_token *token = NULL;
	enum sg_rc rc;

	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_OK);
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	public_stays = false;
	rc = sg_key_delete(token, uri, &public_stays, err);
	sg_token_free(&token);
	return rc;
}

static void
deleted_key_takes_its_own_public_key_along(void **state)
{
	static const uint8_t other_id[] = {0x0c};
	const struct fake_object *key = fake_add_key("uat", fake_id, 2);
	const struct fake_object *own =
	    fake_add_object(CKO_PUBLIC_KEY, "uat", fake_id, 2);
	const struct fake_object *other =
	    fake_add_object(CKO_PUBLIC_KEY, "uat", other_id, 1);
	struct fake_object *stranger =
	    fake_add_object(CKO_PUBLIC_KEY, "uat", fake_id, 2);

	(void)state;
	fake_put(stranger, CKA_MODULUS, "another", 7);
	assert_int_equal(delete_key("pkcs11:object=uat", NULL), SG_OK);
	assert_false(public_stays);
	assert_int_equal(fake->destroyed_count, 2);
	assert_int_equal(key->handle, 0);
	assert_int_equal(own->handle, 0);
	assert_int_not_equal(other->handle, 0);
	assert_int_not_equal(stranger->handle, 0);
}

static void
what_names_no_single_key_deletes_none(void **state)
{
	static const uint8_t other_id[] = {0x0c};

	(void)state;
	assert_int_equal(delete_key("pkcs11:object=uat", NULL), SG_E_NOT_FOUND);
	(void)fake_add_key("uat", fake_id, 2);
	(void)fake_add_key("uat", other_id, 1);
	assert_int_equal(delete_key("pkcs11:object=uat", NULL), SG_E_AMBIGUOUS);
	assert_int_equal(fake->calls[FAKE_DESTROY_OBJECT], 0);
}

static void
object_that_cannot_be_deleted_is_told(void **state)
{
	const struct fake_object *key = fake_add_key("uat", fake_id, 2);
	const struct fake_object *own =
	    fake_add_object(CKO_PUBLIC_KEY, "uat", fake_id, 2);
	struct sg_err err = {0};

	(void)state;
	fake->faults[FAKE_DESTROY_OBJECT] =
	    (struct fake_fault){.rv = CKR_ACTION_PROHIBITED, .times = 1};
	assert_int_not_equal(delete_key("pkcs11:object=uat", &err), SG_OK);
	assert_non_null(strstr(err.text, "nothing was deleted"));
	assert_int_not_equal(key->handle, 0);
	assert_int_not_equal(own->handle, 0);
	sg_err_clear(&err);
	fake->faults[FAKE_DESTROY_OBJECT] = (struct fake_fault){
	    .rv = CKR_ACTION_PROHIBITED, .skip = 2, .times = 1};
	assert_int_not_equal(delete_key("pkcs11:object=uat", &err), SG_OK);
	assert_non_null(strstr(err.text, "the private key was deleted"));
	assert_non_null(strstr(err.text, "CKR_ACTION_PROHIBITED"));
	assert_int_equal(key->handle, 0);
	assert_int_not_equal(own->handle, 0);
}

/* The token did it, and said something else. */
static void
key_whose_answer_was_lost_is_gone_all_the_same(void **state)
{
	const struct fake_object *key = fake_add_key("uat", fake_id, 2);
	const struct fake_object *own =
	    fake_add_object(CKO_PUBLIC_KEY, "uat", fake_id, 2);
	struct sg_err err = {0};

	(void)state;
	fake->destroy_lost_rv = CKR_DEVICE_ERROR;
	assert_int_equal(delete_key("pkcs11:object=uat", &err), SG_OK);
	assert_int_equal(key->handle, 0);
	assert_int_equal(own->handle, 0);
}

/* Neither "nothing was deleted" nor "deleted" is known to be true. */
static void
what_cannot_be_looked_for_may_be_gone(void **state)
{
	static const enum fake_call calls[] = {
	    FAKE_FIND_INIT, FAKE_GET_SESSION_INFO};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(calls); i++) {
		const struct fake_object *own;
		struct sg_err err = {0};

		(void)fake_set_up(NULL);
		(void)fake_add_key("uat", fake_id, 2);
		own = fake_add_object(CKO_PUBLIC_KEY, "uat", fake_id, 2);
		fake->destroy_lost_rv = CKR_DEVICE_ERROR;
		fake->faults[calls[i]].rv = CKR_DEVICE_ERROR;
		fake->faults[calls[i]].skip =
		    calls[i] == FAKE_FIND_INIT ? 1 : 0;
		assert_int_equal(
		    delete_key("pkcs11:object=uat", &err), SG_E_TOKEN);
		assert_null(strstr(err.text, "nothing was deleted"));
		assert_non_null(strstr(err.text, "may be gone"));
		assert_int_not_equal(own->handle, 0);
	}
}

/* Who logged out sees no private key, be it there or not. */
static void
key_that_is_hidden_is_not_called_gone(void **state)
{
	const struct fake_object *key = fake_add_key("uat", fake_id, 2);
	struct sg_err err = {0};

	(void)state;
	fake->wants_login = true;
	fake->destroy_logs_out = true;
	assert_int_not_equal(delete_key("pkcs11:object=uat", &err), SG_OK);
	assert_non_null(strstr(err.text, "may be gone"));
	assert_int_not_equal(key->handle, 0);
}

static void
public_key_that_may_be_its_own_is_told(void **state)
{
	struct fake_object *key = fake_add_key("uat", fake_id, 2);
	CK_KEY_TYPE type = CKK_EC;
	const struct fake_object *own;

	(void)state;
	fake_put(key, CKA_KEY_TYPE, &type, sizeof(type));
	fake_drop(key, CKA_MODULUS);
	own = fake_add_object(CKO_PUBLIC_KEY, "uat", fake_id, 2);
	assert_int_equal(delete_key("pkcs11:object=uat", NULL), SG_OK);
	assert_true(public_stays);
	assert_int_not_equal(own->handle, 0);

	(void)fake_set_up(NULL);
	(void)fake_add_key("uat", fake_id, 0);
	own = fake_add_object(CKO_PUBLIC_KEY, "uat", fake_id, 2);
	assert_int_equal(delete_key("pkcs11:object=uat", NULL), SG_OK);
	assert_true(public_stays);
	assert_int_not_equal(own->handle, 0);

	(void)fake_set_up(NULL);
	(void)fake_add_key("uat", fake_id, 0);
	assert_int_equal(delete_key("pkcs11:object=uat", NULL), SG_OK);
	assert_false(public_stays);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(deleted_key_takes_its_own_public_key_along),
	    FAKE_TEST(what_names_no_single_key_deletes_none),
	    FAKE_TEST(object_that_cannot_be_deleted_is_told),
	    FAKE_TEST(key_whose_answer_was_lost_is_gone_all_the_same),
	    FAKE_TEST(what_cannot_be_looked_for_may_be_gone),
	    FAKE_TEST(key_that_is_hidden_is_not_called_gone),
	    FAKE_TEST(public_key_that_may_be_its_own_is_told),
	};

	return cmocka_run_group_tests_name("keydel", tests, NULL, NULL);
}
