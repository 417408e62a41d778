/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/fake_token.h"

/* The module's functions, called as attrs.c calls them. */
struct reader {
	struct sg_token *token;
	const struct sg_token_p11 *p11;
	struct fake_object *key;
	CK_KEY_TYPE type;
	uint8_t label[16];
	uint8_t id[16];
	CK_ATTRIBUTE attrs[3];
	bool unclear;
};

static void
start(struct reader *r)
{
	memset(r, 0, sizeof(*r));
	r->key = fake_add_key("uat", fake_id, sizeof(fake_id));
	r->token = fake_open(NULL);
	r->p11 = sg_token_p11(r->token);
	r->attrs[0] = (CK_ATTRIBUTE){CKA_KEY_TYPE, &r->type, sizeof(r->type)};
	r->attrs[1] = (CK_ATTRIBUTE){CKA_LABEL, r->label, sizeof(r->label)};
	r->attrs[2] = (CK_ATTRIBUTE){CKA_ID, r->id, sizeof(r->id)};
}

static enum sg_rc
read_all(struct reader *r, struct sg_err *err)
{
	return sg_attrs_read(r->p11, r->key->handle, r->attrs,
	    SG_COUNT(r->attrs), &r->unclear, err);
}

static void
a_batch_is_one_call(void **state)
{
	struct reader r;

	(void)state;
	start(&r);
	assert_int_equal(read_all(&r, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 1);
	assert_int_equal(r.type, CKK_RSA);
	assert_int_equal(r.attrs[1].ulValueLen, 3);
	assert_memory_equal(r.label, "uat", 3);
	assert_int_equal(r.attrs[2].ulValueLen, sizeof(fake_id));
	assert_memory_equal(r.id, fake_id, sizeof(fake_id));
	sg_token_free(&r.token);
}

static void
an_unknown_attribute_leaves_the_others(void **state)
{
	struct reader r;

	(void)state;
	start(&r);
	fake_drop(r.key, CKA_LABEL);
	assert_int_equal(read_all(&r, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 1);
	assert_true(r.attrs[1].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(r.attrs[2].ulValueLen, sizeof(fake_id));
	/* Of what was there before nothing is taken for a value. */
	assert_int_equal(r.label[0], 0xff);
	assert_int_equal(r.label[sizeof(r.label) - 1], 0xff);
	sg_token_free(&r.token);
}

static void
a_batch_that_stops_is_read_on_one_by_one(void **state)
{
	struct reader r;

	(void)state;
	start(&r);
	fake_drop(r.key, CKA_LABEL);
	fake->batch_stops = true;
	assert_int_equal(read_all(&r, NULL), SG_OK);
	/* The id alone: the type was read, and the label is not there. */
	assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 2);
	assert_int_equal(r.type, CKK_RSA);
	assert_true(r.attrs[1].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(r.attrs[2].ulValueLen, sizeof(fake_id));
	assert_memory_equal(r.id, fake_id, sizeof(fake_id));
	sg_token_free(&r.token);
}

static void
a_batch_that_stops_and_cannot_go_on_has_what_it_had(void **state)
{
	struct reader r;

	(void)state;
	start(&r);
	fake_drop(r.key, CKA_LABEL);
	fake->batch_stops = true;
	fake->one_type = CKA_ID;
	fake->one_rv = CKR_GENERAL_ERROR;
	assert_int_equal(read_all(&r, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 2);
	assert_int_equal(r.type, CKK_RSA);
	assert_true(r.attrs[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	sg_token_free(&r.token);
}

/* A rule must not pass because the device had a bad moment. */
static void
a_single_read_that_fails_for_now_fails_the_whole(void **state)
{
	static const CK_RV batch[] = {CKR_OK, CKR_GENERAL_ERROR};
	struct sg_err err;
	struct reader r;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(batch); i++) {
		(void)fake_set_up(NULL);
		memset(&err, 0, sizeof(err));
		start(&r);
		fake_drop(r.key, CKA_LABEL);
		fake->batch_stops = true;
		fake->batch_rv = batch[i];
		fake->one_type = CKA_ID;
		fake->one_rv = CKR_DEVICE_ERROR;
		assert_int_equal(read_all(&r, &err), SG_E_TOKEN);
		assert_int_equal(err.native, CKR_DEVICE_ERROR);
		sg_token_free(&r.token);
	}
}

static void
a_value_too_long_for_its_buffer_is_not_had(void **state)
{
	struct reader r;

	(void)state;
	start(&r);
	fake_put(r.key, CKA_LABEL, "seventeen letters", 17);
	assert_int_equal(read_all(&r, NULL), SG_OK);
	assert_true(r.attrs[1].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(r.type, CKK_RSA);
	sg_token_free(&r.token);
}

static void
a_batch_that_fails_whole_is_read_one_by_one(void **state)
{
	static const CK_RV codes[] = {CKR_FUNCTION_FAILED, CKR_GENERAL_ERROR,
	    CKR_ATTRIBUTE_VALUE_INVALID, CKR_ARGUMENTS_BAD};
	struct reader r;
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(codes); i++) {
		(void)fake_set_up(NULL);
		start(&r);
		fake->batch_rv = codes[i];
		fake->one_type = CKA_LABEL;
		fake->one_rv = CKR_GENERAL_ERROR;
		assert_int_equal(read_all(&r, NULL), SG_OK);
		assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 4);
		assert_int_equal(r.type, CKK_RSA);
		assert_true(
		    r.attrs[1].ulValueLen == CK_UNAVAILABLE_INFORMATION);
		assert_memory_equal(r.id, fake_id, sizeof(fake_id));
		sg_token_free(&r.token);
	}
}

static void
a_session_that_is_gone_is_told_at_once(void **state)
{
	struct sg_err err = {0};
	struct reader r;

	(void)state;
	start(&r);
	fake->batch_rv = CKR_SESSION_HANDLE_INVALID;
	assert_int_equal(read_all(&r, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_SESSION_HANDLE_INVALID);
	assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 1);
	sg_token_free(&r.token);
}

static void
a_batch_of_which_nothing_can_be_read_is_a_failure(void **state)
{
	struct sg_err err = {0};
	struct reader r;

	(void)state;
	start(&r);
	fake->faults[FAKE_GET_ATTRIBUTE_VALUE].rv = CKR_GENERAL_ERROR;
	assert_int_equal(read_all(&r, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_GENERAL_ERROR);
	assert_int_equal(fake->calls[FAKE_GET_ATTRIBUTE_VALUE], 4);
	sg_token_free(&r.token);
}

static void
a_length_that_cannot_be_true_is_not_believed(void **state)
{
	struct reader r;

	(void)state;
	start(&r);
	fake->lie_type = CKA_ID;
	fake->lie_len = sizeof(r.id) + 1;
	assert_int_equal(read_all(&r, NULL), SG_OK);
	assert_true(r.attrs[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(r.attrs[1].ulValueLen, 3);

	r.attrs[2].ulValueLen = sizeof(r.id);
	fake->batch_rv = CKR_GENERAL_ERROR; /* and no more one by one */
	assert_int_equal(read_all(&r, NULL), SG_OK);
	assert_true(r.attrs[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	sg_token_free(&r.token);
}

/* The one CK_RV of a batch is about one of those that were not had. */
static void
what_one_cause_explains_is_clear(void **state)
{
	struct reader r;
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		(void)fake_set_up(NULL);
		start(&r);
		if (i == 1 || i == 2)
			fake_drop(r.key, CKA_LABEL);
		if (i == 2)
			fake_drop(r.key, CKA_ID);
		if (i == 3)
			fake_put(r.key, CKA_LABEL, "seventeen letters", 17);
		if (i == 4) {
			fake->lie_type = CKA_ID;
			fake->lie_len = sizeof(r.id) + 1;
		}
		assert_int_equal(read_all(&r, NULL), SG_OK);
		assert_int_equal(r.unclear, i > 1);
		sg_token_free(&r.token);
	}
}

static void
too_long_and_not_there_are_told_apart(void **state)
{
	static const struct {
		size_t len;
		CK_ULONG lie;
		CK_RV rv;
		bool too_long;
		enum sg_rc rc;
	} rows[] = {
	    {16, 0, CKR_OK, false, SG_OK},
	    {17, 0, CKR_OK, true, SG_OK},
	    {3, 17, CKR_OK, true, SG_OK},
	    {3, CK_UNAVAILABLE_INFORMATION, CKR_OK, false, SG_OK},
	    {3, 0, CKR_ATTRIBUTE_TYPE_INVALID, false, SG_OK},
	    {3, 0, CKR_ATTRIBUTE_SENSITIVE, false, SG_OK},
	    {3, 0, CKR_DEVICE_ERROR, false, SG_E_TOKEN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		bool too_long = false;
		struct reader r;

		(void)fake_set_up(NULL);
		start(&r);
		fake_put(r.key, CKA_LABEL, "seventeen letters", rows[i].len);
		fake->one_type = CKA_LABEL;
		fake->one_rv = rows[i].rv;
		fake->lie_type = CKA_LABEL;
		fake->lie_len = rows[i].lie;
		assert_int_equal(
		    sg_attrs_read_alone(r.p11, r.key->handle, &r.attrs[1],
			sizeof(r.label), &too_long, NULL),
		    rows[i].rc);
		assert_int_equal(too_long, rows[i].too_long);
		if (i > 0)
			assert_true(r.attrs[1].ulValueLen ==
				    CK_UNAVAILABLE_INFORMATION);
		sg_token_free(&r.token);
	}
}

static enum sg_rc
find_private(struct reader *r, CK_OBJECT_HANDLE *out, CK_ULONG max,
    CK_ULONG *count, struct sg_err *err)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE wanted = {CKA_CLASS, &class, sizeof(class)};

	return sg_attrs_find(r->p11, &wanted, 1, out, max, count, err);
}

static void
portions_are_put_together(void **state)
{
	CK_OBJECT_HANDLE found[8];
	CK_ULONG count = 0;
	struct reader r;
	int i;

	(void)state;
	start(&r);
	for (i = 0; i < 4; i++)
		(void)fake_add_key("more", fake_id, sizeof(fake_id));
	fake->portion = 2;
	assert_int_equal(find_private(&r, found, 8, &count, NULL), SG_OK);
	assert_int_equal(count, 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(found[i], fake->objects[i].handle);
	assert_int_equal(fake->calls[FAKE_FIND_FINAL], 1);
	sg_token_free(&r.token);
}

static void
no_more_is_found_than_there_is_room_for(void **state)
{
	CK_OBJECT_HANDLE found[4] = {0, 0, 0, 99};
	CK_ULONG count = 0;
	struct reader r;
	int i;

	(void)state;
	start(&r);
	for (i = 0; i < 4; i++)
		(void)fake_add_key("more", fake_id, sizeof(fake_id));
	fake->portion = 2;
	assert_int_equal(find_private(&r, found, 3, &count, NULL), SG_OK);
	assert_int_equal(count, 3);
	assert_int_equal(found[3], 99);
	sg_token_free(&r.token);
}

static void
a_count_of_found_objects_that_cannot_be_true_is_refused(void **state)
{
	CK_OBJECT_HANDLE found[4];
	CK_ULONG count = 42;
	struct sg_err err = {0};
	struct reader r;

	(void)state;
	start(&r);
	fake->find_lie = 5;
	assert_int_equal(find_private(&r, found, 4, &count, &err), SG_E_TOKEN);
	assert_int_equal(count, 42);
	assert_int_equal(fake->calls[FAKE_FIND], 1);
	assert_int_equal(fake->calls[FAKE_FIND_FINAL], 1);
	sg_token_free(&r.token);
}

static void
a_search_that_fails_is_ended_and_finds_nothing(void **state)
{
	CK_OBJECT_HANDLE found[4];
	CK_ULONG count = 42;
	struct sg_err err = {0};
	struct reader r;

	(void)state;
	start(&r);
	fake->faults[FAKE_FIND].rv = CKR_DEVICE_ERROR;
	assert_int_equal(find_private(&r, found, 4, &count, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	assert_int_equal(fake->calls[FAKE_FIND_FINAL], 1);
	assert_int_equal(count, 42);

	fake->faults[FAKE_FIND].rv = CKR_OK;
	fake->faults[FAKE_FIND_FINAL].rv = CKR_GENERAL_ERROR;
	assert_int_equal(find_private(&r, found, 4, &count, NULL), SG_E_TOKEN);
	fake->faults[FAKE_FIND_INIT].rv = CKR_OPERATION_ACTIVE;
	assert_int_equal(find_private(&r, found, 4, &count, NULL), SG_E_TOKEN);
	assert_int_equal(count, 42);
	assert_int_equal(fake->calls[FAKE_FIND_FINAL], 2);
	sg_token_free(&r.token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(a_batch_is_one_call),
	    FAKE_TEST(an_unknown_attribute_leaves_the_others),
	    FAKE_TEST(a_batch_that_stops_is_read_on_one_by_one),
	    FAKE_TEST(a_batch_that_stops_and_cannot_go_on_has_what_it_had),
	    FAKE_TEST(a_single_read_that_fails_for_now_fails_the_whole),
	    FAKE_TEST(a_value_too_long_for_its_buffer_is_not_had),
	    FAKE_TEST(a_batch_that_fails_whole_is_read_one_by_one),
	    FAKE_TEST(a_session_that_is_gone_is_told_at_once),
	    FAKE_TEST(a_batch_of_which_nothing_can_be_read_is_a_failure),
	    FAKE_TEST(a_length_that_cannot_be_true_is_not_believed),
	    FAKE_TEST(what_one_cause_explains_is_clear),
	    FAKE_TEST(too_long_and_not_there_are_told_apart),
	    FAKE_TEST(portions_are_put_together),
	    FAKE_TEST(no_more_is_found_than_there_is_room_for),
	    FAKE_TEST(a_count_of_found_objects_that_cannot_be_true_is_refused),
	    FAKE_TEST(a_search_that_fails_is_ended_and_finds_nothing),
	};

	return cmocka_run_group_tests_name("attrs", tests, NULL, NULL);
}
