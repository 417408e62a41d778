/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tcm.h"

#include "base/json.h"
#include "client/tenant/exchange.h"

static enum sg_rc
get(const struct step *step, struct sg_json **out_json, struct sg_err *err)
{
	static const struct sg_api_request request = {
	    .method = "GET", .path = "/x"};
	struct fake fake = {.steps = step, .count = 1};
	struct fake_tcm tcm;
	enum sg_rc rc;

	fake_tcm_open(&tcm, &fake);
	rc = sg_exchange(&tcm.api, &request, "get it", out_json, err);
	fake_tcm_close(&tcm, &fake);
	return rc;
}

static void
an_object_is_read(void **state)
{
	static const struct step step = {
	    GETS(V1 "/x"), .reply = "{\"a\":\"b\"}"};
	SG_AUTO(sg_json) json = NULL;

	(void)state;
	assert_int_equal(get(&step, &json, NULL), SG_OK);
	assert_string_equal(sg_json_get_text(json, "a"), "b");
}

static void
a_success_may_have_no_body(void **state)
{
	static const struct step steps[] = {
	    {CALL("GET", V1 "/x", NO_BODY), .status = 204},
	    {GETS(V1 "/x"), .reply = ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(steps); i++) {
		struct sg_json *json = NULL;

		assert_int_equal(get(&steps[i], &json, NULL), SG_OK);
		assert_null(json);
	}
}

static void
anything_else_is_refused_with_its_status(void **state)
{
	static const struct step steps[] = {
	    {GETS(V1 "/x"), .reply = "[]"},
	    {GETS(V1 "/x"), .reply = "<html>"},
	    {CALL("GET", V1 "/x", NO_BODY), .status = 409, .reply = "{}"},
	};
	static const int statuses[] = {200, 200, 409};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(steps); i++) {
		struct sg_json *json = NULL;
		struct sg_err err = {0};

		assert_int_equal(get(&steps[i], &json, &err), SG_E_REFUSED);
		assert_int_equal(err.native, statuses[i]);
		assert_has(err.text, "get it: ");
		assert_null(json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_object_is_read),
	    cmocka_unit_test(a_success_may_have_no_body),
	    cmocka_unit_test(anything_else_is_refused_with_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
