/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "client/reply/echo.h"

/* 40 bytes, of which no two stretches of the least length are the same */
#define SENT "0123456789abcdefghijABCDEFGHIJ9876543210"

static void
expect(const char *sent_text, const char *text, const char *want)
{
	struct sg_secret *sent = secret_of(sent_text);
	SG_AUTO(sg_buf) out = sg_buf_new(1000);

	sg_echo_strike(out, text, strlen(text), sent);
	assert_string_equal(sg_buf_str(out), want);
	sg_secret_free(&sent);
}

static void
a_stretch_is_struck_out_wherever_it_stands(void **state)
{
	(void)state;
	expect(SENT, SENT, "(hidden)");
	expect(SENT, "a" SENT "b", "a(hidden)b");
	expect(SENT, SENT SENT, "(hidden)(hidden)");
	expect(SENT, "x 6789abcdefghijABC y", "x (hidden) y");
	expect(
	    SENT, "x " SENT ", then 456789abcdef", "x (hidden), then (hidden)");
	expect(SENT, "", "");
}

static void
what_is_no_stretch_is_shown(void **state)
{
	(void)state;
	expect(SENT, "0123456789a", "0123456789a"); /* one byte too short */
	expect(SENT, "0123456789ab", "(hidden)");
	expect(SENT, "0123456789Ab", "0123456789Ab");
	expect(SENT, "0123456789a 0123456789a", "0123456789a 0123456789a");
}

static void
a_short_secret_is_struck_out_whole(void **state)
{
	(void)state;
	expect("abc", "an abc, ab and c", "an (hidden), ab and c");
	expect("", "nothing", "nothing");
}

static void
without_a_secret_all_is_shown(void **state)
{
	SG_AUTO(sg_buf) out = sg_buf_new(1000);

	(void)state;
	sg_echo_strike(out, SENT, strlen(SENT), NULL);
	assert_string_equal(sg_buf_str(out), SENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stretch_is_struck_out_wherever_it_stands),
	    cmocka_unit_test(what_is_no_stretch_is_shown),
	    cmocka_unit_test(a_short_secret_is_struck_out_whole),
	    cmocka_unit_test(without_a_secret_all_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
