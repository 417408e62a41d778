/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

static void
list_is_one_line_each(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ALL, NO_BODY), .status = 200,
		.reply = "[" SHOWN ",{\"name\":\"off\\u001b[31m\\nx\","
			 "\"enabled\":false}]"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, UAT(b, "list"));
	assert_string_equal(product(b), ID "  enabled   n  " ISSUER "\n"
					   "-  disabled  off?[31m?x  -\n");
	PLAY(b, steps);
	assert_ok(b, UAT(b, "list", "--json"));
	assert_has(product(b), "{\"version\":1,\"configurations\":[{\"id\":");
	assert_non_null(
	    strcasestr(product(b), "},{\"name\":\"off\\u001b[31m\\nx\","));
}

static void
shown_key_cannot_drive_a_terminal(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200,
		.reply = "{\"configId\":\"" ID "\",\"issuer\":\"i\\u001b[2J\","
			 "\"publicKeyActive\":\"a\\u001b]0;x\\u0007\\nb\"}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, UAT(b, "get", ID));
	assert_null(strchr(product(b), '\x1b'));
	assert_null(strchr(product(b), '\a'));
	assert_has(product(b), "public key\na?]0;x?\nb\n");
}

/* 300 characters, more than a line of any PEM. */
#define TEN   "0123456789"
#define LONG  TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG3 LONG LONG LONG

static void
shown_key_keeps_its_lines(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 200,
		.reply = "{\"publicKeyActive\":\"a\\r\\n\\n" LONG3 "\\nb\"}"},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_ok(b, UAT(b, "get", ID));
	assert_has(product(b), "public key\na\n\n" LONG3 "\nb\n");
}

static void
delete_wants_a_yes_before_anything_is_sent(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("DELETE", ONE, NO_BODY), .status = 204},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_refused(b, UAT(b, "delete", ID), SG_E_USAGE, "--yes");
	assert_ok(b, UAT(b, "delete", ID, "--dry-run"));
	assert_string_equal(product(b), "DELETE " ONE "\n");
	PLAY(b, steps);
	assert_ok(b, UAT(b, "delete", ID, "--yes"));
	assert_played(b);
	assert_string_equal(product(b), "deleted      " ID "\n");
	PLAY(b, steps);
	assert_ok(b, UAT(b, "delete", ID, "--yes", "--json"));
	assert_string_equal(
	    product(b), "{\"version\":1,\"deleted\":\"" ID "\"}\n");
}

static void
what_the_service_refuses_gives_no_product(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN,
	    {CALL("GET", ONE, NO_BODY), .status = 404},
	    SIGN_OUT,
	};
	struct bench *b = *state;

	set_tcm();
	PLAY(b, steps);
	assert_refused(b, UAT(b, "get", ID), SG_E_REFUSED, "404");
	assert_string_equal(product(b), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(list_is_one_line_each),
	    TEST(shown_key_cannot_drive_a_terminal),
	    TEST(shown_key_keeps_its_lines),
	    TEST(delete_wants_a_yes_before_anything_is_sent),
	    TEST(what_the_service_refuses_gives_no_product),
	};

	return cmocka_run_group_tests_name("cmd_uat", tests, NULL, NULL);
}
