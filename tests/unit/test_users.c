/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tcm.h"

#include "base/json.h"
#include "client/pages/paging.h"
#include "client/tenant/users.h"

#define USERS TENANTS "/users"
#define BODY \
	"{\"linkRoles\":[{\"linkID\":\"ce9c\",\"linkRole\":\"LINK_ADMIN\"," \
	"\"idp\":\"OpenID\"}]}"

static void
users_are_listed_to_the_end(void **state)
{
	static const struct step steps[] = {
	    {GETS(USERS "?maxResults=100&pageSize=100"),
		.reply = "{\"users\":[{}],\"nextPageToken\":\"2\"}"},
	    {GETS(USERS "?maxResults=100&pageSize=100&pageToken=2"),
		.reply = "{\"users\":[{},{}]}"},
	};
	SG_AUTO(sg_paging) users = NULL;
	struct fake fake = SCRIPT(steps);
	struct fake_tcm tcm;

	(void)state;
	fake_tcm_open(&tcm, &fake);
	assert_int_equal(sg_users_list(&tcm.api, NULL, &users, NULL), SG_OK);
	assert_int_equal(users->count, 3);
	fake_tcm_close(&tcm, &fake);
}

static void
the_body_is_that_of_the_documentation(void **state)
{
	static const struct sg_user_link link = {
	    "ce9c", "LINK_ADMIN", "OpenID"};
	static const struct sg_user_link bad = {"\xff", "LINK_ADMIN", "OpenID"};
	SG_AUTO(sg_buf) body = NULL;
	struct sg_buf *none = NULL;

	(void)state;
	assert_int_equal(sg_users_body(&link, &body, NULL), SG_OK);
	assert_string_equal(sg_buf_str(body), BODY);
	assert_int_equal(sg_users_body(&bad, &none, NULL), SG_E_USAGE);
	assert_null(none);
}

static enum sg_rc
add(const struct step *step, struct sg_json **out_user, struct sg_err *err)
{
	SG_AUTO(sg_buf) body = sg_buf_new(4096);
	struct fake fake = {.steps = step, .count = 1};
	struct fake_tcm tcm;
	enum sg_rc rc;

	sg_buf_add_str(body, " {\"n\": 1.10}\n");
	fake_tcm_open(&tcm, &fake);
	rc = sg_users_add(&tcm.api, TENANT, body, out_user, err);
	fake_tcm_close(&tcm, &fake);
	return rc;
}

#define ADDS CALL("POST", USERS, " {\"n\": 1.10}\n")

static void
a_body_is_sent_as_it_is(void **state)
{
	static const struct step steps[] = {
	    {ADDS, .status = 201, .reply = "{\"userId\":\"u\"}"},
	    {ADDS, .status = 204},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(steps); i++) {
		SG_AUTO(sg_json) user = NULL;

		assert_int_equal(add(&steps[i], &user, NULL), SG_OK);
		assert_int_equal(user != NULL, i == 0);
	}
}

static void
an_answer_that_is_lost_is_told_and_nothing_repeated(void **state)
{
	static const struct step steps[] = {
	    {ADDS, .rc = SG_E_TIMEOUT, .fault = SG_HTTP_LOST},
	    {ADDS, .rc = SG_E_NETWORK, .fault = SG_HTTP_BROKEN},
	    {ADDS, .status = 500},
	    {ADDS, .status = 502},
	    {ADDS, .status = 504},
	    {ADDS, .status = 200, .reply = "<html>"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(steps); i++) {
		struct sg_json *user = NULL;
		struct sg_err err = {0};

		assert_true(add(&steps[i], &user, &err) != SG_OK);
		assert_null(user);
		assert_has(err.text, "add the user: ");
		assert_has(err.text, "signet user list");
	}
}

static void
what_was_surely_not_done_raises_no_doubt(void **state)
{
	static const struct step steps[] = {
	    {ADDS, .rc = SG_E_NETWORK, .fault = SG_HTTP_NOT_SENT},
	    {ADDS, .status = 409},
	    {ADDS, .status = 401},
	    {ADDS, .status = 501},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(steps); i++) {
		struct sg_json *user = NULL;
		struct sg_err err = {0};

		assert_true(add(&steps[i], &user, &err) != SG_OK);
		assert_has_not(err.text, "all the same");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(users_are_listed_to_the_end),
	    cmocka_unit_test(the_body_is_that_of_the_documentation),
	    cmocka_unit_test(a_body_is_sent_as_it_is),
	    cmocka_unit_test(
		an_answer_that_is_lost_is_told_and_nothing_repeated),
	    cmocka_unit_test(what_was_surely_not_done_raises_no_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
