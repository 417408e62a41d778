/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/slots.h"
#include "tests/unit/fake_token.h"

static enum sg_rc
scan_for(
    const struct sg_uri *uri, struct sg_slots **out_slots, struct sg_err *err)
{
	const struct sg_token_opts opts = {
	    .module_path = fake_path,
	    .uri = uri,
	};

	return sg_slots_scan(&opts, out_slots, err);
}

static struct sg_slots *
scan(const char *text)
{
	SG_AUTO(sg_uri) uri = text != NULL ? fake_uri(text) : NULL;
	struct sg_slots *slots = NULL;
	struct sg_err err = {0};

	if (scan_for(uri, &slots, &err) != SG_OK)
		fail_msg("%s", err.text);
	return slots;
}

static void
a_slot_costs_one_call(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;

	(void)state;
	(void)fake_add_slot(8, "b", "0002");
	(void)fake_add_slot(9, "c", "0003");
	slots = scan("pkcs11:token=b");
	assert_int_equal(slots->count, 1);
	assert_int_equal(slots->items[0].id, 8);
	assert_int_equal(fake->calls[FAKE_GET_TOKEN_INFO], 3);
	assert_int_equal(fake->calls[FAKE_GET_SLOT_LIST], 2);
	assert_int_equal(fake->calls[FAKE_GET_SLOT_INFO], 0);
	assert_int_equal(fake->calls[FAKE_GET_INFO], 0);
	assert_int_equal(fake->calls[FAKE_GET_MECHANISM_INFO], 0);
}

static void
what_a_token_says_of_itself_is_described(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;
	const struct sg_token_info *d;

	(void)state;
	fake->slots[0].info.firmwareVersion.major = 3;
	fake->slots[0].info.firmwareVersion.minor = 14;
	fake->slots[0].info.flags |=
	    CKF_USER_PIN_COUNT_LOW | CKF_PROTECTED_AUTHENTICATION_PATH;
	slots = scan(NULL);
	d = &slots->items[0].description;
	assert_string_equal(d->label, "dev");
	assert_string_equal(d->manufacturer, "fake");
	assert_string_equal(d->model, "m1");
	assert_string_equal(d->serial, "0001");
	assert_string_equal(d->firmware, "3.14");
	assert_string_equal(d->module, fake_path);
	assert_string_equal(d->uri, "pkcs11:serial=0001;token=dev");
	assert_true(d->initialized);
	assert_true(d->login_required);
	assert_true(d->pin_set);
	assert_true(d->pin_count_low);
	assert_true(d->protected_path);
	assert_false(d->pin_final_try);
	assert_false(d->pin_locked);
	assert_false(d->write_protected);
}

static void
a_field_in_full_use_is_kept_whole(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;

	(void)state;
	memset(fake->slots[0].info.label, 'x', 32);
	slots = scan(NULL);
	assert_int_equal(strlen(slots->items[0].description.label), 32);
}

static void
a_field_that_is_no_text_is_made_safe(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;
	SG_AUTO(sg_slots) again = NULL;
	CK_TOKEN_INFO *info;

	(void)state;
	info = &fake->slots[0].info;
	fake_pad(info->label, sizeof(info->label), "d\xff\x1b[v");
	fake_pad(info->manufacturerID, sizeof(info->manufacturerID), "m\a");
	fake_pad(info->model, sizeof(info->model), "\xc3");
	fake_pad(info->serialNumber, sizeof(info->serialNumber), "1\n2");
	slots = scan(NULL);
	assert_string_equal(slots->items[0].description.label, "d??[v");
	assert_string_equal(slots->items[0].description.manufacturer, "m?");
	assert_string_equal(slots->items[0].description.model, "?");
	assert_string_equal(slots->items[0].description.serial, "1?2");
	/* The URI has the bytes as they are. */
	again = scan(slots->items[0].uri);
	assert_int_equal(again->count, 1);
}

static void
a_token_padded_with_nuls_has_a_uri_that_finds_it(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;
	SG_AUTO(sg_slots) again = NULL;

	(void)state;
	memset(fake->slots[0].info.label + 3, 0, 29);
	memset(fake->slots[0].info.serialNumber + 4, 0, 12);
	slots = scan(NULL);
	assert_string_equal(slots->items[0].description.label, "dev");
	assert_string_equal(
	    slots->items[0].uri, "pkcs11:serial=0001;token=dev");
	again = scan(slots->items[0].uri);
	assert_int_equal(again->count, 1);
}

static void
twin_tokens_are_told_apart_by_slot(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;
	size_t i;

	(void)state;
	(void)fake_add_slot(8, "dev", "0002"); /* another serial: no twin */
	(void)fake_add_slot(9, "dev", "0001");
	slots = scan(NULL);
	assert_int_equal(slots->count, 3);
	assert_true(slots->items[0].has_twin);
	assert_false(slots->items[1].has_twin);
	assert_true(slots->items[2].has_twin);
	assert_non_null(strstr(slots->items[0].uri, "slot-id=7"));
	assert_null(strstr(slots->items[1].uri, "slot-id"));
	assert_non_null(strstr(slots->items[2].uri, "slot-id=9"));
	for (i = 0; i < 3; i++) {
		SG_AUTO(sg_slots) one = scan(slots->items[i].uri);

		assert_int_equal(one->count, 1);
		assert_int_equal(one->items[0].id, slots->items[i].id);
	}
}

static void
a_token_named_by_its_slot_keeps_that_in_its_uri(void **state)
{
	static const char *const asked[] = {
	    "pkcs11:token=dev;serial=0001;slot-id=9",
	    "pkcs11:token=dev;slot-description=reader%209"};
	size_t i;

	(void)state;
	(void)fake_add_slot(9, "dev", "0001");
	for (i = 0; i < SG_COUNT(asked); i++) {
		SG_AUTO(sg_slots) slots = scan(asked[i]);

		assert_int_equal(slots->count, 1);
		assert_non_null(strstr(slots->items[0].uri, "slot-id=9"));
	}
}

static void
module_and_slot_are_asked_only_when_the_uri_speaks_of_them(void **state)
{
	static const struct {
		const char *uri;
		size_t count;
		unsigned int infos;
		unsigned int slot_infos;
	} rows[] = {
	    {"pkcs11:token=dev", 1, 0, 0},
	    {"pkcs11:library-manufacturer=fake", 1, 1, 0},
	    {"pkcs11:library-manufacturer=other", 0, 1, 0},
	    {"pkcs11:library-description=fake%20module", 1, 1, 0},
	    {"pkcs11:slot-manufacturer=fake", 1, 0, 1},
	    {"pkcs11:slot-description=reader%201", 0, 0, 1},
	    {"pkcs11:slot-id=8", 0, 0, 0},
	    {"pkcs11:slot-id=7", 1, 0, 0},
	    {"pkcs11:model=m1;manufacturer=fake", 1, 0, 0},
	    {"pkcs11:model=m2", 0, 0, 0},
	    {"pkcs11:serial=0001", 1, 0, 0},
	    {"pkcs11:serial=0002", 0, 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_slots) slots = NULL;

		(void)fake_set_up(NULL);
		slots = scan(rows[i].uri);
		if (slots->count != rows[i].count)
			fail_msg("%s: %zu", rows[i].uri, slots->count);
		assert_int_equal(fake->calls[FAKE_GET_INFO], rows[i].infos);
		assert_int_equal(
		    fake->calls[FAKE_GET_SLOT_INFO], rows[i].slot_infos);
	}
}

static void
a_dead_reader_hides_no_token(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;

	(void)state;
	(void)fake_add_slot(8, "b", "0002");
	fake->slots[0].info_rv = CKR_TOKEN_NOT_RECOGNIZED;
	slots = scan(NULL);
	assert_int_equal(slots->count, 1);
	assert_int_equal(slots->items[0].id, 8);
}

static void
a_list_of_slots_that_fails_is_told(void **state)
{
	struct sg_slots *slots = NULL;
	struct sg_err err = {0};

	(void)state;
	fake->faults[FAKE_GET_SLOT_LIST].rv = CKR_DEVICE_ERROR;
	assert_int_equal(scan_for(NULL, &slots, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	fake->faults[FAKE_GET_SLOT_LIST].skip = 2;
	assert_int_equal(scan_for(NULL, &slots, NULL), SG_E_TOKEN);
	assert_null(slots);
}

static void
a_count_of_slots_that_cannot_be_true_is_refused(void **state)
{
	struct sg_slots *slots = NULL;
	struct sg_err err = {0};

	(void)state;
	fake->slots_told = 4096;
	assert_int_equal(scan_for(NULL, &slots, &err), SG_E_TOKEN);
	assert_null(slots);
	assert_int_equal(fake->calls[FAKE_GET_TOKEN_INFO], 0);
}

static void
no_token_and_an_empty_one_are_told_apart(void **state)
{
	SG_AUTO(sg_slots) none = NULL;
	SG_AUTO(sg_slots) empty = NULL;
	struct sg_err err = {0};
	size_t index;

	(void)state;
	none = scan("pkcs11:token=gone");
	assert_int_equal(sg_slots_pick(none, &index, &err), SG_E_NOT_FOUND);
	assert_non_null(strstr(err.text, "\"pkcs11:token=gone\""));
	assert_non_null(strstr(err.text, "signet token list"));
	sg_slots_free(&none);
	sg_err_clear(&err);
	fake->slots[0].info.flags = 0;
	empty = scan("pkcs11:token=dev");
	assert_int_equal(sg_slots_pick(empty, &index, &err), SG_E_NOT_FOUND);
	assert_non_null(strstr(err.text, "not initialised"));
}

static void
an_empty_token_is_no_rival(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;
	size_t index = 99;

	(void)state;
	fake_add_slot(8, "", "")->info.flags = 0;
	(void)fake_add_slot(9, "b", "2");
	fake->slots[0].info.flags = 0;
	slots = scan(NULL);
	assert_int_equal(sg_slots_pick(slots, &index, NULL), SG_OK);
	assert_int_equal(slots->items[index].id, 9);
}

static void
an_ambiguous_token_is_told_as_uris_that_find_each(void **state)
{
	char uris[8][SG_ERR_TEXT_MAX];
	SG_AUTO(sg_slots) slots = NULL;
	struct sg_err err = {0};
	size_t index;
	size_t count;
	size_t i;

	(void)state;
	(void)fake_add_slot(8, "other, label", "0002");
	(void)fake_add_slot(9, "dev", "0001");
	slots = scan(NULL);
	assert_int_equal(sg_slots_pick(slots, &index, &err), SG_E_AMBIGUOUS);
	assert_non_null(strstr(err.text, "3 tokens fit"));
	count = fake_uris_in(err.text, uris, 8);
	assert_int_equal(count, 3);
	sg_slots_free(&slots);
	for (i = 0; i < count; i++) {
		SG_AUTO(sg_slots) one = scan(uris[i]);

		assert_int_equal(sg_slots_pick(one, &index, NULL), SG_OK);
		assert_int_equal(one->items[index].id, fake->slots[i].id);
	}
}

static void
a_crowd_of_tokens_is_told_in_part_and_says_so(void **state)
{
	char uris[12][SG_ERR_TEXT_MAX];
	char label[33];
	SG_AUTO(sg_slots) slots = NULL;
	struct sg_err err = {0};
	size_t index;
	CK_SLOT_ID i;

	(void)state;
	for (i = 1; i <= 9; i++) {
		/* the longest that a token can be called */
		memset(label, '%', 32);
		(void)snprintf(label + 31, 2, "%lu", (unsigned long)i);
		(void)fake_add_slot(20 + i, label, "%%%%%%%%%%%%%%%%");
	}
	slots = scan(NULL);
	assert_int_equal(sg_slots_pick(slots, &index, &err), SG_E_AMBIGUOUS);
	assert_non_null(strstr(err.text, "10 tokens fit"));
	assert_int_equal(fake_uris_in(err.text, uris, 12), 8);
	assert_string_equal(err.text + strlen(err.text) - 10, ", and more");
}

static void
a_token_is_found_again_in_another_slot(void **state)
{
	SG_AUTO(sg_slots) slots = scan(NULL);
	struct sg_slot *slot = &slots->items[0];

	(void)state;
	fake->slots[0].id = 9;
	fake->slots[0].info.flags |= CKF_USER_PIN_FINAL_TRY;
	(void)fake_add_slot(7, "b", "0002"); /* where it was */
	assert_int_equal(sg_slot_find_again(slot, NULL), SG_OK);
	assert_int_equal(slot->id, 9);
	assert_true(slot->description.pin_final_try);
	assert_string_equal(slot->description.label, "dev");
}

static void
a_token_that_is_gone_is_told_as_not_present(void **state)
{
	SG_AUTO(sg_slots) slots = scan(NULL);
	struct sg_slot *slot = &slots->items[0];
	struct sg_err err = {0};

	(void)state;
	fake->slots[0].info_rv = CKR_TOKEN_NOT_PRESENT;
	assert_true(sg_slot_find_again(slot, &err) != SG_OK);
	assert_int_equal(err.native, CKR_TOKEN_NOT_PRESENT);
	assert_int_equal(slot->id, 7);
	/* Nor is another one taken for it. */
	sg_err_clear(&err);
	fake->slots[0].info_rv = CKR_OK;
	fake_pad(fake->slots[0].info.serialNumber, 16, "0002");
	assert_true(sg_slot_find_again(slot, &err) != SG_OK);
	assert_int_equal(err.native, CKR_TOKEN_NOT_PRESENT);
	sg_err_clear(&err);
	fake->slot_count = 0;
	assert_true(sg_slot_find_again(slot, &err) != SG_OK);
	assert_int_equal(err.native, CKR_TOKEN_NOT_PRESENT);
	sg_err_clear(&err);
	fake->faults[FAKE_GET_SLOT_LIST].rv = CKR_DEVICE_ERROR;
	assert_true(sg_slot_find_again(slot, &err) != SG_OK);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
}

static void
of_twins_the_one_in_the_old_slot_is_the_token(void **state)
{
	SG_AUTO(sg_slots) slots = NULL;
	struct sg_slot *slot;
	struct sg_err err = {0};

	(void)state;
	(void)fake_add_slot(8, "dev", "0001");
	(void)fake_add_slot(9, "dev", "0001");
	slots = scan(NULL);
	slot = &slots->items[1];
	assert_int_equal(sg_slot_find_again(slot, NULL), SG_OK);
	assert_int_equal(slot->id, 8);
	/* Where it is gone, which of the others it is cannot be told. */
	fake->slots[1].id = 10;
	assert_int_equal(sg_slot_find_again(slot, &err), SG_E_AMBIGUOUS);
	assert_int_equal(err.native, 0);
	assert_int_equal(slot->id, 8);
	fake->slots[0].info_rv = CKR_TOKEN_NOT_PRESENT;
	fake->slots[2].info_rv = CKR_TOKEN_NOT_PRESENT;
	assert_int_equal(sg_slot_find_again(slot, NULL), SG_OK);
	assert_int_equal(slot->id, 10);
}

static void
flags_are_refreshed_for_the_same_token_alone(void **state)
{
	SG_AUTO(sg_slots) slots = scan(NULL);
	struct sg_slot *slot = &slots->items[0];
	struct sg_err err = {0};

	(void)state;
	fake->slots[0].info.flags |= CKF_USER_PIN_COUNT_LOW;
	assert_int_equal(sg_slot_refresh(slot, NULL), SG_OK);
	assert_true(slot->description.pin_count_low);
	fake->slots[0].info.flags &= ~CKF_USER_PIN_COUNT_LOW;
	fake_pad(fake->slots[0].info.label, 32, "other");
	assert_int_equal(sg_slot_refresh(slot, &err), SG_E_NOT_FOUND);
	assert_int_equal(err.native, CKR_TOKEN_NOT_PRESENT);
	assert_true(slot->description.pin_count_low);
	/* What was known says nothing of what is so now. */
	sg_err_clear(&err);
	fake->slots[0].info_rv = CKR_DEVICE_ERROR;
	assert_int_equal(sg_slot_refresh(slot, &err), SG_E_TOKEN);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	assert_true(slot->description.pin_count_low);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(a_slot_costs_one_call),
	    FAKE_TEST(what_a_token_says_of_itself_is_described),
	    FAKE_TEST(a_field_in_full_use_is_kept_whole),
	    FAKE_TEST(a_field_that_is_no_text_is_made_safe),
	    FAKE_TEST(a_token_padded_with_nuls_has_a_uri_that_finds_it),
	    FAKE_TEST(twin_tokens_are_told_apart_by_slot),
	    FAKE_TEST(a_token_named_by_its_slot_keeps_that_in_its_uri),
	    FAKE_TEST(
		module_and_slot_are_asked_only_when_the_uri_speaks_of_them),
	    FAKE_TEST(a_dead_reader_hides_no_token),
	    FAKE_TEST(a_list_of_slots_that_fails_is_told),
	    FAKE_TEST(a_count_of_slots_that_cannot_be_true_is_refused),
	    FAKE_TEST(no_token_and_an_empty_one_are_told_apart),
	    FAKE_TEST(an_empty_token_is_no_rival),
	    FAKE_TEST(an_ambiguous_token_is_told_as_uris_that_find_each),
	    FAKE_TEST(a_crowd_of_tokens_is_told_in_part_and_says_so),
	    FAKE_TEST(a_token_is_found_again_in_another_slot),
	    FAKE_TEST(a_token_that_is_gone_is_told_as_not_present),
	    FAKE_TEST(of_twins_the_one_in_the_old_slot_is_the_token),
	    FAKE_TEST(flags_are_refreshed_for_the_same_token_alone),
	};

	return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
