/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/mechanisms.h"

#include "pkcs11/slots.h"
#include "tests/unit/fake_token.h"

static struct sg_slots *
scan(void)
{
	const struct sg_token_opts opts = {.module_path = fake_path};
	struct sg_slots *slots = NULL;
	struct sg_err err = {0};

	if (sg_slots_scan(&opts, &slots, &err) != SG_OK)
		fail_msg("%s", err.text);
	return slots;
}

static void
a_mechanism_counts_when_it_may_be_used_so(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;
	struct sg_token_info info;

	(void)state;
	fake->slots[0].mechanism_flags[0] = CKF_VERIFY;
	fake->slots[0].mechanism_count = 2;
	slots = scan();
	info = slots->items[0].description;
	sg_mechanisms_describe(&slots->items[0], &info);
	assert_false(info.signs_rs256); /* verifies only */
	assert_true(info.signs_digest);
	assert_false(info.generates_rsa); /* not there */
	assert_true(sg_mechanisms_can(
	    &slots->items[0], CKM_SHA256_RSA_PKCS, CKF_VERIFY));
	assert_false(sg_mechanisms_can(
	    &slots->items[0], CKM_SHA256_RSA_PKCS, CKF_VERIFY | CKF_SIGN));
}

/* As SoftHSM does with slots.mechanisms. */
static void
a_mechanism_that_is_described_and_not_listed_does_not_count(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;
	struct sg_token_info info;

	(void)state;
	fake->slots[0].hidden_count = 1;
	slots = scan();
	info = slots->items[0].description;
	sg_mechanisms_describe(&slots->items[0], &info);
	assert_false(info.signs_rs256);
	assert_true(info.signs_digest);
	assert_true(info.generates_rsa);
}

static void
without_a_list_that_can_be_true_each_mechanism_is_asked_for(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;
	struct sg_token_info info;

	(void)state;
	slots = scan();
	info = slots->items[0].description;
	fake->faults[FAKE_GET_MECHANISM_LIST].rv = CKR_FUNCTION_NOT_SUPPORTED;
	sg_mechanisms_describe(&slots->items[0], &info);
	assert_true(info.signs_rs256);
	fake->faults[FAKE_GET_MECHANISM_LIST].rv = CKR_OK;
	fake->mechanisms_told = 4096;
	info.signs_rs256 = false;
	sg_mechanisms_describe(&slots->items[0], &info);
	assert_true(info.signs_rs256);
}

/* Room for so many cannot be had, or for none at all when it wraps. */
static void
a_list_of_mechanisms_without_end_is_not_asked_for(void **state)
{
	static const CK_ULONG counts[] = {
	    4097, (CK_ULONG)-1, (CK_ULONG)-2, (CK_ULONG)-1 / 8};
	SG_AUTO(sg_slots) slots = NULL;
	size_t i;

	(void)state;
	slots = scan();
	for (i = 0; i < SG_COUNT(counts); i++) {
		struct sg_token_info info = {0};

		fake->mechanisms_promised = counts[i];
		fake->calls[FAKE_GET_MECHANISM_LIST] = 0;
		sg_mechanisms_describe(&slots->items[0], &info);
		assert_int_equal(fake->calls[FAKE_GET_MECHANISM_LIST], 1);
		assert_true(info.signs_rs256);
	}
}

static void
a_count_that_cannot_be_true_is_no_list(void **state)
{
	SG_AUTO(sg_slots) slots = scan();
	CK_ULONG count = 7;

	(void)state;
	fake->mechanisms_told = 4;
	assert_null(sg_mechanisms_list(
	    slots->items[0].module, slots->items[0].id, &count));
	assert_int_equal(count, 7);
}

static void
a_list_that_is_empty_is_one(void **state)
{
	SG_AUTO(sg_slots) slots = scan();
	CK_MECHANISM_TYPE *list;
	CK_ULONG count = 7;

	(void)state;
	fake->slots[0].mechanism_count = 0;
	list = sg_mechanisms_list(
	    slots->items[0].module, slots->items[0].id, &count);
	assert_non_null(list);
	assert_int_equal(count, 0);
	assert_false(sg_mechanisms_may_have(list, count, CKM_RSA_PKCS));
	assert_true(sg_mechanisms_may_have(NULL, 0, CKM_RSA_PKCS));
	free(list);
}

/* RFC 8017 §9.2 note 1, and the digest of "abc" in FIPS 180-4's examples. */
static void
a_digest_info_is_that_of_the_standard(void **state)
{
	SG_AUTO(sg_buf) hex = sg_buf_new(128);
	uint8_t info[SG_DIGEST_INFO_SIZE];

	(void)state;
	sg_mechanisms_digest_info((const uint8_t *)"abc", 3, info);
	sg_hex_encode(hex, info, sizeof(info));
	assert_string_equal(sg_buf_str(hex),
	    "3031300d060960864801650304020105000420"
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(a_mechanism_counts_when_it_may_be_used_so),
	    FAKE_TEST(
		a_mechanism_that_is_described_and_not_listed_does_not_count),
	    FAKE_TEST(
		without_a_list_that_can_be_true_each_mechanism_is_asked_for),
	    FAKE_TEST(a_list_of_mechanisms_without_end_is_not_asked_for),
	    FAKE_TEST(a_count_that_cannot_be_true_is_no_list),
	    FAKE_TEST(a_list_that_is_empty_is_one),
	    cmocka_unit_test(a_digest_info_is_that_of_the_standard),
	};

	return cmocka_run_group_tests_name("mechanisms", tests, NULL, NULL);
}
