/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/keygen.h"

#include "tests/unit/fake_token.h"

static int64_t
no_time(void *ctx)
{
	(void)ctx;
	return 0;
}

static enum sg_rc
count_up(void *ctx, uint8_t *out, size_t len, struct sg_err *err)
{
	size_t i;

	if (ctx != NULL)
		return sg_fail(err, SG_E_INTERNAL, "no randomness");
	for (i = 0; i < len; i++)
		out[i] = (uint8_t)(i + 1);
	return SG_OK;
}

static const struct sg_clock clock_of_test = {no_time, count_up, NULL};

static struct sg_keygen_opts
ask(void)
{
	const struct sg_keygen_opts opts = {
	    .label = "uat",
	    .bits = 2048,
	    .clock = &clock_of_test,
	};

	return opts;
}

static struct sg_token *
open_writable(void)
{
	const struct sg_token_opts opts = {
	    .module_path = fake_path, .writable = true};
	struct sg_token *token = NULL;

	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_OK);
	return token;
}

/* Generate with these wishes in a token of its own. */
static enum sg_rc
generate(const struct sg_keygen_opts *opts, char **out_uri, struct sg_err *err)
{
	struct sg_token *token = open_writable();
	enum sg_rc rc;

	rc = sg_key_generate(token, opts, out_uri, err);
	sg_token_free(&token);
	return rc;
}

static const struct fake_object *
object_of(CK_OBJECT_HANDLE handle)
{
	size_t i;

	for (i = 0; handle != 0 && i < FAKE_OBJECTS; i++)
		if (fake->objects[i].handle == handle)
			return &fake->objects[i];
	return NULL;
}

static bool
has(const CK_ATTRIBUTE_TYPE *types, CK_ULONG count, CK_ATTRIBUTE_TYPE type)
{
	CK_ULONG i;

	for (i = 0; i < count; i++)
		if (types[i] == type)
			return true;
	return false;
}

static void
check_flag(struct fake_object *object, CK_ATTRIBUTE_TYPE type, CK_BBOOL value)
{
	const struct fake_value *stored = fake_value(object, type);

	if (stored == NULL || stored->len != 1 || stored->bytes[0] != value)
		fail_msg("attribute 0x%lx is not %d", type, value);
}

static void
every_attribute_is_stated(void **state)
{
	static const struct {
		CK_ATTRIBUTE_TYPE type;
		CK_BBOOL value;
	} private_rows[] =
	    {
		{CKA_TOKEN, 1},
		{CKA_PRIVATE, 1},
		{CKA_SENSITIVE, 1},
		{CKA_EXTRACTABLE, 0},
		{CKA_SIGN, 1},
		{CKA_DECRYPT, 0},
		{CKA_UNWRAP, 0},
		{CKA_SIGN_RECOVER, 0},
		{CKA_DERIVE, 0},
		{CKA_MODIFIABLE, 0},
	    },
	  public_rows[] = {
	      {CKA_TOKEN, 1},
	      {CKA_PRIVATE, 0},
	      {CKA_VERIFY, 1},
	      {CKA_ENCRYPT, 0},
	      {CKA_WRAP, 0},
	      {CKA_VERIFY_RECOVER, 0},
	      {CKA_MODIFIABLE, 0},
	  };
	const CK_MECHANISM_TYPE allowed[] = {CKM_SHA256_RSA_PKCS, CKM_RSA_PKCS};
	const struct sg_keygen_opts opts = ask();
	SG_AUTO_STR uri = NULL;
	struct fake_object private_key;
	struct fake_object public_key;
	size_t i;

	(void)state;
	assert_int_equal(generate(&opts, &uri, NULL), SG_OK);
	assert_int_equal(fake->mechanism, CKM_RSA_PKCS_KEY_PAIR_GEN);
	assert_int_equal(fake->calls[FAKE_GENERATE], 1);
	private_key = *object_of(fake->generated_private);
	public_key = *object_of(fake->generated_public);
	for (i = 0; i < SG_COUNT(private_rows); i++)
		check_flag(
		    &private_key, private_rows[i].type, private_rows[i].value);
	for (i = 0; i < SG_COUNT(public_rows); i++)
		check_flag(
		    &public_key, public_rows[i].type, public_rows[i].value);
	assert_memory_equal(
	    fake_value(&private_key, CKA_ALLOWED_MECHANISMS)->bytes, allowed,
	    sizeof(allowed));
	assert_memory_equal(
	    fake_value(&public_key, CKA_PUBLIC_EXPONENT)->bytes, "\1\0\1", 3);
	assert_memory_equal(
	    fake_value(&public_key, CKA_LABEL)->bytes, "uat", 3);
	assert_int_equal(fake->destroyed_count, 0);
}

static void
the_id_is_random_unless_it_is_given(void **state)
{
	struct sg_keygen_opts opts = ask();
	SG_AUTO_STR uri = NULL;
	SG_AUTO_STR given = NULL;

	(void)state;
	assert_int_equal(generate(&opts, &uri, NULL), SG_OK);
	assert_string_equal(uri,
	    "pkcs11:serial=0001;token=dev;id=%01%02%03%04%05%06%07%08%09%0A%0B"
	    "%0C%0D%0E%0F%10;object=uat;type=private");
	opts.label = "other";
	opts.id = fake_id;
	opts.id_len = sizeof(fake_id);
	assert_int_equal(generate(&opts, &given, NULL), SG_OK);
	assert_non_null(strstr(given, "id=%0A%0B;"));
	assert_memory_equal(
	    fake_value(&fake->objects[3], CKA_ID)->bytes, fake_id, 2);
}

static void
what_nobody_should_ask_for_is_refused(void **state)
{
	char long_label[514];
	uint8_t long_id[257] = {0};
	const struct {
		const char *label;
		unsigned int bits;
		size_t id_len;
	} rows[] = {
	    {"", 2048, 1},
	    {long_label, 2048, 1},
	    {"\xff", 2048, 1},
	    {"uat", 0, 1},
	    {"uat", 1024, 1},
	    {"uat", 2047, 1},
	    {"uat", 8192, 1},
	    {"uat", 2048, 257},
	    {"uat", 2048, 0},
	};
	size_t i;

	(void)state;
	memset(long_label, 'x', sizeof(long_label) - 1);
	long_label[sizeof(long_label) - 1] = '\0';
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_keygen_opts opts = ask();
		struct sg_err err = {0};
		char *uri = NULL;

		opts.label = rows[i].label;
		opts.bits = rows[i].bits;
		opts.id = long_id;
		opts.id_len = rows[i].id_len;
		if (generate(&opts, &uri, &err) != SG_E_USAGE)
			fail_msg("row %zu is not refused", i);
		assert_null(uri);
		assert_int_equal(fake->calls[FAKE_GENERATE], 0);
	}
}

static void
each_size_is_made_as_asked(void **state)
{
	static const unsigned int sizes[] = {2048, 3072, 4096};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(sizes); i++) {
		struct sg_keygen_opts opts = ask();
		SG_AUTO_STR uri = NULL;

		(void)fake_set_up(NULL);
		opts.bits = sizes[i];
		assert_int_equal(generate(&opts, &uri, NULL), SG_OK);
		assert_int_equal(
		    fake_value(&fake->objects[0], CKA_MODULUS)->len,
		    sizes[i] / 8);
	}
}

static void
without_randomness_nothing_is_made(void **state)
{
	struct sg_clock broken = clock_of_test;
	struct sg_keygen_opts opts = ask();
	char *uri = NULL;

	(void)state;
	broken.ctx = &broken;
	opts.clock = &broken;
	assert_int_equal(generate(&opts, &uri, NULL), SG_E_INTERNAL);
	assert_null(uri);
	assert_int_equal(fake->calls[FAKE_GENERATE], 0);
}

static void
a_label_or_id_in_use_is_refused(void **state)
{
	struct sg_keygen_opts opts = ask();
	struct sg_err err = {0};
	char *uri = NULL;
	struct fake_object *key = fake_add_key("uat", fake_id, 2);

	(void)state;
	assert_int_equal(generate(&opts, &uri, &err), SG_E_AMBIGUOUS);
	assert_non_null(strstr(err.text, "this label"));
	sg_err_clear(&err);
	opts.label = "new";
	opts.id = fake_id;
	opts.id_len = 2;
	assert_int_equal(generate(&opts, &uri, &err), SG_E_AMBIGUOUS);
	assert_non_null(strstr(err.text, "this id"));
	/* A public key of it would be taken for the new one's. */
	key->handle = 0;
	(void)fake_add_object(CKO_PUBLIC_KEY, "new", fake_id, 2);
	sg_err_clear(&err);
	assert_int_equal(generate(&opts, &uri, &err), SG_E_AMBIGUOUS);
	assert_non_null(strstr(err.text, "a public key with this id"));
	assert_null(uri);
	assert_int_equal(fake->calls[FAKE_GENERATE], 0);
}

/* How a token may say that it does not know an attribute. */
static const CK_RV template_errors[] = {CKR_ATTRIBUTE_TYPE_INVALID,
    CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT,
    CKR_ATTRIBUTE_READ_ONLY, CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED};

static void
what_a_token_does_not_know_is_left_out(void **state)
{
	static const CK_ATTRIBUTE_TYPE optional[] = {CKA_ALLOWED_MECHANISMS,
	    CKA_SIGN_RECOVER, CKA_DERIVE, CKA_MODIFIABLE, CKA_VERIFY_RECOVER};
	static const CK_ATTRIBUTE_TYPE needed[] = {CKA_TOKEN, CKA_PRIVATE,
	    CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_SIGN, CKA_DECRYPT, CKA_UNWRAP,
	    CKA_ID, CKA_LABEL};
	const struct sg_keygen_opts opts = ask();
	size_t i;
	size_t k;
	size_t e;

	(void)state;
	for (e = 0; e < SG_COUNT(template_errors); e++) {
		for (i = 0; i < SG_COUNT(optional); i++) {
			SG_AUTO_STR uri = NULL;
			const struct fake_try *last;

			(void)fake_set_up(NULL);
			fake->template_refuses = optional[i];
			fake->template_rv = template_errors[e];
			assert_int_equal(generate(&opts, &uri, NULL), SG_OK);
			last = &fake->tries[fake->try_count - 1];
			assert_false(has(last->private_types,
			    last->private_count, optional[i]));
			assert_false(has(last->public_types, last->public_count,
			    optional[i]));
			assert_true(has(last->public_types, last->public_count,
			    CKA_VERIFY));
			for (k = 0; k < SG_COUNT(needed); k++)
				assert_true(has(last->private_types,
				    last->private_count, needed[k]));
		}
	}
}

static void
no_more_is_left_out_than_must_be(void **state)
{
	const struct sg_keygen_opts opts = ask();
	SG_AUTO_STR uri = NULL;
	const struct fake_try *last;

	(void)state;
	fake->template_refuses = CKA_ALLOWED_MECHANISMS;
	fake->template_rv = CKR_ATTRIBUTE_TYPE_INVALID;
	assert_int_equal(generate(&opts, &uri, NULL), SG_OK);
	assert_int_equal(fake->try_count, 2);
	last = &fake->tries[1];
	assert_true(
	    has(last->private_types, last->private_count, CKA_MODIFIABLE));
	assert_true(
	    has(last->public_types, last->public_count, CKA_MODIFIABLE));
}

/* As tpm2-pkcs11 does: its keys have one flag for both halves of a pair. */
static void
a_public_key_need_not_say_what_it_is_for(void **state)
{
	static const CK_ATTRIBUTE_TYPE uses[] = {CKA_VERIFY, CKA_ENCRYPT};
	const struct sg_keygen_opts opts = ask();
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(uses); i++) {
		SG_AUTO_STR uri = NULL;
		const struct fake_try *last;

		(void)fake_set_up(NULL);
		fake->template_refuses = uses[i];
		fake->template_rv = CKR_GENERAL_ERROR;
		assert_int_equal(generate(&opts, &uri, NULL), SG_OK);
		last = &fake->tries[fake->try_count - 1];
		assert_false(
		    has(last->public_types, last->public_count, uses[i]));
		assert_true(has(last->private_types, last->private_count,
		    CKA_ALLOWED_MECHANISMS));
		assert_true(
		    has(last->private_types, last->private_count, CKA_DECRYPT));
	}
}

static void
what_must_be_is_never_left_out(void **state)
{
	const struct sg_keygen_opts opts = ask();
	struct sg_err err = {0};
	char *uri = NULL;

	(void)state;
	fake->template_refuses = CKA_SENSITIVE;
	fake->template_rv = CKR_TEMPLATE_INCONSISTENT;
	assert_int_equal(generate(&opts, &uri, &err), SG_E_TOKEN);
	assert_null(uri);
	assert_int_equal(err.native, CKR_TEMPLATE_INCONSISTENT);
	assert_true(fake->try_count <= 5);
}

static void
another_failure_is_not_tried_again(void **state)
{
	static const struct {
		CK_RV rv;
		enum sg_rc rc;
	} rows[] = {
	    {CKR_DEVICE_MEMORY, SG_E_TOKEN},
	    {CKR_KEY_SIZE_RANGE, SG_E_MECHANISM},
	    {CKR_MECHANISM_INVALID, SG_E_MECHANISM},
	    {CKR_USER_NOT_LOGGED_IN, SG_E_PIN_MISSING},
	};
	const struct sg_keygen_opts opts = ask();
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_err err = {0};
		char *uri = NULL;

		(void)fake_set_up(NULL);
		fake->faults[FAKE_GENERATE].rv = rows[i].rv;
		assert_int_equal(generate(&opts, &uri, &err), rows[i].rc);
		assert_null(uri);
		assert_int_equal(err.native, rows[i].rv);
		assert_int_equal(fake->calls[FAKE_GENERATE], 1);
	}
}

static void
check_both_are_gone(void)
{
	assert_int_equal(fake->destroyed_count, 2);
	assert_null(object_of(fake->generated_private));
	assert_null(object_of(fake->generated_public));
}

static void
a_key_stored_otherwise_is_destroyed(void **state)
{
	static const struct {
		CK_ATTRIBUTE_TYPE type;
		CK_BBOOL stored;
		const char *text;
	} rows[] = {
	    {CKA_TOKEN, 0, "CKA_TOKEN = false"},
	    {CKA_PRIVATE, 0, "CKA_PRIVATE = false"},
	    {CKA_SENSITIVE, 0, "CKA_SENSITIVE = false"},
	    {CKA_EXTRACTABLE, 1, "CKA_EXTRACTABLE = true"},
	    {CKA_SIGN, 0, "CKA_SIGN = false"},
	    {CKA_DECRYPT, 1, "CKA_DECRYPT = true"},
	    {CKA_UNWRAP, 1, "CKA_UNWRAP = true"},
	    {CKA_SIGN_RECOVER, 1, "CKA_SIGN_RECOVER = true"},
	    {CKA_DERIVE, 1, "CKA_DERIVE = true"},
	    {CKA_MODIFIABLE, 1, "CKA_MODIFIABLE = true"},
	    {CKA_ALWAYS_SENSITIVE, 0, "CKA_ALWAYS_SENSITIVE = false"},
	    {CKA_NEVER_EXTRACTABLE, 0, "CKA_NEVER_EXTRACTABLE = false"},
	};
	const struct sg_keygen_opts opts = ask();
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_err err = {0};
		char *uri = NULL;

		(void)fake_set_up(NULL);
		fake->stores_type = rows[i].type;
		fake->stores_value = rows[i].stored;
		if (generate(&opts, &uri, &err) != SG_E_POLICY)
			fail_msg("%s is taken", rows[i].text);
		assert_null(uri);
		assert_int_equal(err.rc, SG_E_POLICY);
		assert_non_null(strstr(err.text, rows[i].text));
		assert_non_null(strstr(err.text, "was destroyed again"));
		check_both_are_gone();
	}
}

static void
a_key_of_another_size_is_destroyed(void **state)
{
	const struct sg_keygen_opts opts = ask();
	struct sg_err err = {0};
	char *uri = NULL;

	(void)state;
	fake->stores_bits = 1024;
	assert_int_equal(generate(&opts, &uri, &err), SG_E_POLICY);
	assert_null(uri);
	assert_non_null(strstr(err.text, "1024 bits, not 2048"));
	check_both_are_gone();
}

static void
a_key_that_cannot_be_read_back_is_destroyed(void **state)
{
	const struct sg_keygen_opts opts = ask();
	struct sg_err err = {0};
	char *uri = NULL;

	(void)state;
	fake->faults[FAKE_GET_ATTRIBUTE_VALUE].rv = CKR_DEVICE_ERROR;
	assert_int_equal(generate(&opts, &uri, &err), SG_E_TOKEN);
	assert_null(uri);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	check_both_are_gone();
}

static void
a_bad_key_that_cannot_be_destroyed_is_told(void **state)
{
	const struct sg_keygen_opts opts = ask();
	struct sg_err err = {0};
	char *uri = NULL;

	(void)state;
	fake->stores_type = CKA_EXTRACTABLE;
	fake->stores_value = CK_TRUE;
	fake->destroy_private_rv = CKR_ACTION_PROHIBITED;
	assert_int_equal(generate(&opts, &uri, &err), SG_E_POLICY);
	assert_null(uri);
	assert_non_null(strstr(err.text, "could not be destroyed"));
	assert_non_null(strstr(err.text, "CKR_ACTION_PROHIBITED"));
	assert_non_null(strstr(err.text, "CKA_EXTRACTABLE = true"));
	/* The public half goes all the same. */
	assert_int_equal(fake->calls[FAKE_DESTROY_OBJECT], 2);
	assert_null(object_of(fake->generated_public));
}

static void
a_key_of_which_the_token_does_not_tell_is_destroyed(void **state)
{
	static const struct {
		CK_ATTRIBUTE_TYPE type;
		const char *text;
	} rows[] = {
	    {CKA_TOKEN, "CKA_TOKEN = unknown"},
	    {CKA_PRIVATE, "CKA_PRIVATE = unknown"},
	    {CKA_SENSITIVE, "CKA_SENSITIVE = unknown"},
	    {CKA_EXTRACTABLE, "CKA_EXTRACTABLE = unknown"},
	    {CKA_SIGN, "CKA_SIGN = unknown"},
	    {CKA_DECRYPT, "CKA_DECRYPT = unknown"},
	    {CKA_UNWRAP, "CKA_UNWRAP = unknown"},
	};
	const struct sg_keygen_opts opts = ask();
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_err err = {0};
		char *uri = NULL;

		(void)fake_set_up(NULL);
		fake->hides_type = rows[i].type;
		if (generate(&opts, &uri, &err) != SG_E_POLICY)
			fail_msg("%s is taken", rows[i].text);
		assert_null(uri);
		assert_non_null(strstr(err.text, rows[i].text));
		assert_non_null(strstr(err.text, "was destroyed again"));
		check_both_are_gone();
	}
}

static void
what_a_token_may_not_know_it_need_not_tell(void **state)
{
	static const CK_ATTRIBUTE_TYPE types[] = {CKA_SIGN_RECOVER, CKA_DERIVE,
	    CKA_MODIFIABLE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE};
	const struct sg_keygen_opts opts = ask();
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(types); i++) {
		struct sg_err err = {0};
		char *uri = NULL;

		(void)fake_set_up(NULL);
		fake->hides_type = types[i];
		if (generate(&opts, &uri, &err) != SG_OK)
			fail_msg("%s", err.text);
		assert_non_null(uri);
		assert_int_equal(fake->destroyed_count, 0);
		sg_str_free(&uri);
	}
}

static void
a_pair_whose_answer_was_lost_is_destroyed(void **state)
{
	const struct sg_keygen_opts opts = ask();
	struct sg_err err = {0};
	char *uri = NULL;

	(void)state;
	/* Neither another's key nor one of the same label or id goes. */
	(void)fake_add_key("another", fake_id, sizeof(fake_id));
	fake->lost_rv = CKR_DEVICE_ERROR;
	assert_int_equal(generate(&opts, &uri, &err), SG_E_TOKEN);
	assert_null(uri);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	assert_int_equal(fake->calls[FAKE_GENERATE], 1);
	assert_null(strstr(err.text, "may have been made"));
	check_both_are_gone();
	assert_non_null(object_of(fake->objects[0].handle));
	assert_true(fake->objects[0].handle != 0);
}

static void
a_pair_that_may_have_stayed_is_told(void **state)
{
	const struct sg_keygen_opts opts = ask();
	unsigned int searches;
	struct sg_err err = {0};
	char *uri = NULL;

	(void)state;
	fake->lost_rv = CKR_DEVICE_ERROR;
	fake->destroy_private_rv = CKR_ACTION_PROHIBITED;
	assert_int_equal(generate(&opts, &uri, &err), SG_E_TOKEN);
	assert_null(uri);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	assert_non_null(
	    strstr(err.text, "a key may have been made all the same"));
	assert_null(object_of(fake->generated_public));
	searches = fake->calls[FAKE_FIND_INIT];

	/* Nor is it tried again while something may be there, whatever the
	 * token says, and when it cannot be looked for. */
	(void)fake_set_up(NULL);
	sg_err_clear(&err);
	fake->lost_rv = CKR_TEMPLATE_INCONSISTENT;
	fake->faults[FAKE_FIND_INIT].rv = CKR_DEVICE_ERROR;
	fake->faults[FAKE_FIND_INIT].skip = searches - 2;
	assert_int_equal(generate(&opts, &uri, &err), SG_E_TOKEN);
	assert_null(uri);
	assert_int_equal(err.native, CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(fake->calls[FAKE_GENERATE], 1);
	assert_non_null(
	    strstr(err.text, "a key may have been made all the same"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(every_attribute_is_stated),
	    FAKE_TEST(the_id_is_random_unless_it_is_given),
	    FAKE_TEST(what_nobody_should_ask_for_is_refused),
	    FAKE_TEST(each_size_is_made_as_asked),
	    FAKE_TEST(without_randomness_nothing_is_made),
	    FAKE_TEST(a_label_or_id_in_use_is_refused),
	    FAKE_TEST(what_a_token_does_not_know_is_left_out),
	    FAKE_TEST(no_more_is_left_out_than_must_be),
	    FAKE_TEST(a_public_key_need_not_say_what_it_is_for),
	    FAKE_TEST(what_must_be_is_never_left_out),
	    FAKE_TEST(another_failure_is_not_tried_again),
	    FAKE_TEST(a_key_stored_otherwise_is_destroyed),
	    FAKE_TEST(a_key_of_another_size_is_destroyed),
	    FAKE_TEST(a_key_that_cannot_be_read_back_is_destroyed),
	    FAKE_TEST(a_bad_key_that_cannot_be_destroyed_is_told),
	    FAKE_TEST(a_key_of_which_the_token_does_not_tell_is_destroyed),
	    FAKE_TEST(what_a_token_may_not_know_it_need_not_tell),
	    FAKE_TEST(a_pair_whose_answer_was_lost_is_destroyed),
	    FAKE_TEST(a_pair_that_may_have_stayed_is_told),
	};

	return cmocka_run_group_tests_name("keygen", tests, NULL, NULL);
}
