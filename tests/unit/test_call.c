/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/call.h"
#include "tests/unit/fake_token.h"

/* What the hooks were told of. */
static struct {
	unsigned int begun;
	unsigned int ended;
	const char *last;
	char lines[64][1024];
	unsigned int line_count;
} seen;

static void
begin(void *ctx, const char *function)
{
	(void)ctx;
	assert_int_equal(seen.begun, seen.ended);
	seen.begun++;
	seen.last = function;
}

static void
end(void *ctx, const char *line)
{
	(void)ctx;
	seen.ended++;
	if (line == NULL)
		return;
	assert_true(seen.line_count < SG_COUNT(seen.lines));
	(void)snprintf(
	    seen.lines[seen.line_count++], sizeof(seen.lines[0]), "%s", line);
}

static bool
has_line(const char *start, const char *part)
{
	unsigned int i;

	for (i = 0; i < seen.line_count; i++)
		if (sg_text_starts(seen.lines[i], start) &&
		    strstr(seen.lines[i], part) != NULL)
			return true;
	return false;
}

static void
use_token(const struct sg_call_hooks *hooks)
{
	const struct sg_token_opts opts = {
	    .module_path = fake_path,
	    .hooks = hooks,
	};
	struct fake_pin pin = {.pin = "918273"};
	const uint8_t msg[] = "message-not-to-be-seen";
	SG_AUTO(sg_token) token = NULL;
	SG_AUTO(sg_key) key = NULL;
	SG_AUTO(sg_buf) sig = NULL;

	memset(&seen, 0, sizeof(seen));
	(void)fake_add_key("label-not-to-be-seen", fake_id, sizeof(fake_id));
	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_OK);
	assert_int_equal(fake_login(token, &pin, NULL), SG_OK);
	assert_int_equal(sg_key_find(token, NULL, &key, NULL), SG_OK);
	assert_int_equal(sg_key_sign(key, msg, sizeof(msg), &sig, NULL), SG_OK);
}

static void
every_call_is_told_before_and_after(void **state)
{
	const struct sg_call_hooks hooks = {.begin = begin, .end = end};
	unsigned int calls = 2; /* dlopen and dlclose */
	size_t i;

	(void)state;
	use_token(&hooks);
	for (i = 0; i < FAKE_CALLS; i++)
		calls += fake->calls[i];
	assert_true(calls > 10);
	assert_int_equal(seen.begun, calls);
	assert_int_equal(seen.ended, calls);
	assert_string_equal(seen.last, "dlclose");
	assert_int_equal(seen.line_count, 0);
}

static void
a_trace_tells_result_and_time_and_no_secret(void **state)
{
	const struct sg_call_hooks hooks = {
	    .begin = begin,
	    .end = end,
	    .wants_lines = true,
	};
	unsigned int i;

	(void)state;
	use_token(&hooks);
	assert_int_equal(seen.line_count, seen.ended);
	assert_true(has_line("C_Login(", "PIN given) = CKR_OK"));
	assert_true(has_line("C_SignInit(", "CKM_SHA256_RSA_PKCS"));
	assert_true(has_line("C_Sign(", "data of 23 bytes"));
	assert_true(has_line("C_GetAttributeValue(", "SENSITIVE:1"));
	for (i = 0; i < seen.line_count; i++) {
		assert_null(strstr(seen.lines[i], "918273"));
		assert_null(strstr(seen.lines[i], "not-to-be-seen"));
		assert_true(sg_text_ends(seen.lines[i], " us"));
	}
}

static void
a_failure_is_told_by_its_name(void **state)
{
	const struct sg_call_hooks hooks = {
	    .begin = begin,
	    .end = end,
	    .wants_lines = true,
	};
	const struct sg_token_opts opts = {
	    .module_path = fake_path,
	    .hooks = &hooks,
	};
	SG_AUTO(sg_token) token = NULL;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_DEVICE_ERROR;
	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_E_TOKEN);
	assert_true(has_line("C_OpenSession(", "= CKR_DEVICE_ERROR (0x30), "));
	fake->faults[FAKE_OPEN_SESSION].rv = CKR_VENDOR_DEFINED | 0x42;
	assert_int_equal(sg_token_open(&opts, &token, NULL), SG_E_TOKEN);
	assert_true(has_line("C_OpenSession(", "own (0x80000042), "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(every_call_is_told_before_and_after),
	    FAKE_TEST(a_trace_tells_result_and_time_and_no_secret),
	    FAKE_TEST(a_failure_is_told_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
