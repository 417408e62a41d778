/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/raw.h"

/* A token URI of one attribute, with what is special in it encoded. */
static void
write_attribute(char out[128], const char *name, const char *value)
{
	int len = snprintf(out, 128, "pkcs11:%s=", name);

	for (; *value != '\0'; value++)
		len += snprintf(
		    out + len, 128 - (size_t)len, "%%%02X", (uint8_t)*value);
}

static enum sg_rc
never_asked(void *ctx, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err)
{
	(void)ctx;
	(void)out_pin;
	return sg_fail(err, SG_E_INTERNAL, "the PIN of \"%s\" was asked for",
	    token->label);
}

static void
an_absent_token_is_not_found(void **state)
{
	struct sg_token *token = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(open_token(NULL, "pkcs11:token=gone", &token, &err),
	    SG_E_NOT_FOUND);
	assert_null(token);
	assert_non_null(strstr(err.text, "pkcs11:token=gone"));
}

/* The empty slot that SoftHSM always shows becomes a token. */
static void
init_token(const char *label)
{
	char path[PATH_MAX];
	SG_AUTO(sg_buf) so_pin = read_file(scratch("so-pin", path));
	CK_UTF8CHAR padded[32];
	CK_SLOT_ID slots[RAW_OBJECTS_MAX];
	CK_TOKEN_INFO info;
	CK_ULONG count = SG_COUNT(slots);
	struct raw raw;
	CK_ULONG i;

	memset(padded, ' ', sizeof(padded));
	memcpy(padded, label, strlen(label));
	raw_start(&raw);
	assert_int_equal(raw.fn->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
	for (i = 0; i < count; i++) {
		assert_int_equal(
		    raw.fn->C_GetTokenInfo(slots[i], &info), CKR_OK);
		if ((info.flags & CKF_TOKEN_INITIALIZED) == 0)
			break;
	}
	assert_true(i < count);
	assert_int_equal(
	    raw.fn->C_InitToken(slots[i], so_pin->data, so_pin->len, padded),
	    CKR_OK);
	raw_close(&raw);
}

static void
two_tokens_of_one_label_are_told_apart_by_uri(void **state)
{
	struct sg_token *token = NULL;
	struct sg_err err = {0};
	const char *p;
	int count = 0;

	(void)state;
	init_token("twins");
	init_token("twins");
	assert_int_equal(open_token(NULL, "pkcs11:token=twins", &token, &err),
	    SG_E_AMBIGUOUS);
	assert_null(token);
	for (p = strstr(err.text, " pkcs11:"); p != NULL;
	     p = strstr(p + 1, " pkcs11:"), count++) {
		SG_AUTO_STR text = strndup(p + 1, strcspn(p + 1, " ,"));

		assert_int_equal(open_token(NULL, text, &token, NULL), SG_OK);
		assert_string_equal(sg_token_info(token)->uri, text);
		sg_token_free(&token);
	}
	assert_int_equal(count, 2);
}

/* By each alone; where several tokens share it, that is said. */
static void
a_token_is_found_by_each_of_its_attributes(void **state)
{
	struct sg_token *token = log_in();
	const struct sg_token_info *info = sg_token_info(token);
	const struct {
		const char *name;
		const char *value;
	} rows[] = {
	    {"token", info->label},
	    {"serial", info->serial},
	    {"manufacturer", info->manufacturer},
	    {"model", info->model},
	};
	SG_AUTO_STR uri = strdup(info->uri);
	char texts[SG_COUNT(rows)][128];
	size_t i;

	(void)state;
	assert_non_null(uri);
	for (i = 0; i < SG_COUNT(rows); i++)
		write_attribute(texts[i], rows[i].name, rows[i].value);
	sg_token_free(&token);
	for (i = 0; i < SG_COUNT(rows); i++) {
		bool is_found = i == 0 || token_can("alone");
		struct sg_err err = {0};

		assert_int_equal(open_token(NULL, texts[i], &token, &err),
		    is_found ? SG_OK : SG_E_AMBIGUOUS);
		if (is_found)
			assert_string_equal(sg_token_info(token)->uri, uri);
		else
			assert_non_null(strstr(err.text, uri));
		sg_token_free(&token);
	}
}

/* Which tokens the walk met: those of our label, and others. */
struct seen {
	int ours;
	int others;
};

static enum sg_rc
see_token(void *ctx, const struct sg_token_info *token, struct sg_err *err)
{
	struct seen *seen = ctx;

	(void)err;
	if (strcmp(token->label, must_getenv("SG_TOKEN_LABEL")) != 0) {
		seen->others += token->initialized;
		return SG_OK;
	}
	assert_true(token->initialized);
	assert_int_equal(token->login_required, token_can("pin"));
	assert_true(token->pin_set || !token_can("pin"));
	assert_false(token->pin_count_low);
	assert_false(token->pin_final_try);
	assert_false(token->pin_locked);
	assert_false(token->write_protected);
	assert_true(token->signs_digest);
	assert_true(token->generates_rsa);
	assert_int_equal(token->signs_rs256, token_can("hashes"));
	seen->ours++;
	return SG_OK;
}

static void
the_token_is_listed_with_what_it_can_do(void **state)
{
	const struct sg_token_opts opts = {
	    .module_path = must_getenv("SIGNET_MODULE"),
	    .module_args = getenv("SIGNET_MODULE_ARGS"),
	};
	struct seen seen = {0};

	(void)state;
	assert_int_equal(sg_token_list(&opts, see_token, &seen, NULL), SG_OK);
	assert_int_equal(seen.ours, 1);
	assert_int_equal(seen.others == 0, token_can("alone"));
}

/* The module is started and ended each time. */
static void
a_token_can_be_opened_many_times(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		struct sg_token *token = log_in();

		sg_token_free(&token);
	}
}

static void
a_token_without_a_pin_asks_for_none(void **state)
{
	const struct sg_pin_source source = {.get = never_asked};
	struct sg_token *token = NULL;

	(void)state;
	assert_int_equal(
	    open_token(NULL, must_getenv("SIGNET_KEY"), &token, NULL), SG_OK);
	assert_int_equal(sg_token_login(token, &source, NULL), SG_OK);
	sg_token_free(&token);
}

/* NSS 3.87 does not start without; 3.110 starts with a token that holds nothing
 * and cannot be written. */
static void
a_module_without_its_init_string_is_a_clear_error(void **state)
{
	SG_AUTO(sg_uri) uri = parse_uri(must_getenv("SIGNET_KEY"));
	struct sg_token_opts opts = {
	    .module_path = must_getenv("SIGNET_MODULE"), .uri = uri};
	struct sg_token *token = NULL;
	struct sg_key *key = NULL;
	struct sg_err err = {0};
	enum sg_rc rc;

	(void)state;
	rc = sg_token_open(&opts, &token, &err);
	if (rc == SG_OK) {
		assert_int_equal(
		    sg_key_find(token, NULL, &key, &err), SG_E_NOT_FOUND);
		assert_non_null(strstr(err.text, "SIGNET_MODULE_ARGS"));
		sg_token_free(&token);
		opts.writable = true;
		assert_int_equal(
		    sg_token_open(&opts, &token, &err), SG_E_TOKEN);
	} else {
		assert_int_equal(rc, SG_E_MODULE);
		assert_non_null(strstr(err.text, must_getenv("SIGNET_MODULE")));
	}
	assert_null(token);
	assert_non_null(strstr(err.text, "SIGNET_MODULE_ARGS"));
}

int
main(void)
{
	static const struct token_case cases[] = {
	    TOKEN_CASE_IF(
		a_module_without_its_init_string_is_a_clear_error, "args"),
	    TOKEN_CASE(the_token_is_listed_with_what_it_can_do),
	    TOKEN_CASE(a_token_is_found_by_each_of_its_attributes),
	    TOKEN_CASE(an_absent_token_is_not_found),
	    TOKEN_CASE(a_token_can_be_opened_many_times),
	    TOKEN_CASE_IF(a_token_without_a_pin_asks_for_none, "!pin"),
	    TOKEN_CASE_IF(
		two_tokens_of_one_label_are_told_apart_by_uri, "adds"),
	};

	return run_cases("tokens", cases, SG_COUNT(cases));
}
