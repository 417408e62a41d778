/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat.h"

#include "client/uat/uat_revoke.h"

#define URL HOST "/api/v1/uat-revocations"

static enum sg_rc
revoke(struct fake *fake, const struct sg_uat_revocation *what, int *out_status,
    struct sg_err *err)
{
	struct door door;
	enum sg_rc rc;

	door_open(&door, fake);
	rc = sg_uat_revoke(&door.uat, what, out_status, err);
	door_close(&door, fake);
	return rc;
}

static void
jti_is_sent_as_the_form_says(void **state)
{
	static const struct {
		struct sg_uat_revocation what;
		const char *method;
		const char *url;
		const char *body;
	} rows[] = {
	    {{.jti = "j"}, "POST", URL, "{\"jti\":\"j\"}"},
	    {{.jti = "a\"b\\\n\xc3\xa4"}, "POST", URL,
		"{\"jti\":\"a\\\"b\\\\\\n\xc3\xa4\"}"},
	    {{.jti = "a/b?c {exp}",
		 .path = "/x/{jti}/{jti}",
		 .method = "DELETE",
		 .body = "none"},
		"DELETE",
		HOST "/api/v1/x/a%2Fb%3Fc%20%7Bexp%7D/a%2Fb%3Fc%20%7Bexp%7D",
		NO_BODY},
	    {{.jti = "j",
		 .tenant_id = "t",
		 .config_id = "c",
		 .exp_s = 7,
		 .path = "/api/v2/tenants/{tenantId}/revoked",
		 .body = "{\"ids\":[\"{jti}\",\"{configId}\"],\"at\":{exp},"
			 "\"{other}\":\"{\"}",
		 .method = "PUT"},
		"PUT", HOST "/api/v2/tenants/t/revoked",
		"{\"ids\":[\"j\",\"c\"],\"at\":7,\"{other}\":\"{\"}"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct step steps[] = {
		    {rows[i].method, rows[i].url, rows[i].body,
			"x-tableau-session-token", "tok", .status = 202}};
		struct fake fake = SCRIPT(steps);
		int status = 0;

		assert_int_equal(
		    revoke(&fake, &rows[i].what, &status, NULL), SG_OK);
		assert_int_equal(status, 202);
	}
}

static void
what_cannot_be_filled_in_is_not_sent(void **state)
{
	static const struct {
		struct sg_uat_revocation what;
		enum sg_rc rc;
		const char *said;
	} rows[] = {
	    {{.jti = NULL}, SG_E_USAGE, "jti"},
	    {{.jti = ""}, SG_E_USAGE, "jti"},
	    {{.jti = "j", .path = "/{configId}"}, SG_E_USAGE, "configId"},
	    {{.jti = "j", .body = "{\"t\":\"{tenantId}\"}"}, SG_E_USAGE,
		"tenantId"},
	    {{.jti = "j", .body = "{\"exp\":{exp}}"}, SG_E_USAGE, "exp"},
	    {{.jti = "j", .path = "/{JTI}"}, SG_E_CONFIG, "SIGNET_REVOKE_PATH"},
	    {{.jti = "j", .body = "jti={jti}"}, SG_E_CONFIG,
		"SIGNET_REVOKE_BODY"},
	    {{.jti = "\xff"}, SG_E_USAGE, "jti"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct fake fake = {0};
		struct sg_err err = {0};
		int status = 0;

		assert_int_equal(
		    revoke(&fake, &rows[i].what, &status, &err), rows[i].rc);
		assert_has(err.text, rows[i].said);
		assert_int_equal(status, 0);
	}
}

static void
refusals_say_what_to_set(void **state)
{
	static const struct {
		struct step answer;
		enum sg_rc rc;
		const char *said;
	} rows[] = {
#define POSTED STEP("POST", URL, "{\"jti\":\"j\"}")
	    {{POSTED, .status = 404}, SG_E_REFUSED, "SIGNET_REVOKE_PATH"},
	    {{POSTED, .status = 405}, SG_E_REFUSED, "SIGNET_REVOKE_PATH"},
	    {{POSTED, .status = 501}, SG_E_REFUSED, "SIGNET_REVOKE_PATH"},
	    {{POSTED, .status = 400}, SG_E_REFUSED, "SIGNET_REVOKE_BODY"},
	    {{POSTED, .status = 422}, SG_E_REFUSED, "SIGNET_REVOKE_BODY"},
	    {{POSTED, .status = 504}, SG_E_REFUSED, "is not known"},
	    {{POSTED, .rc = SG_E_NETWORK, .fault = SG_HTTP_LOST}, SG_E_NETWORK,
		"is not known"},
	};
	static const struct sg_uat_revocation what = {.jti = "j"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct fake fake = {.steps = &rows[i].answer, .count = 1};
		struct sg_err err = {0};
		int status = 0;

		assert_int_equal(
		    revoke(&fake, &what, &status, &err), rows[i].rc);
		assert_has(err.text, "revoke the JWT: ");
		assert_has(err.text, rows[i].said);
	}
}

static void
preview_of_a_revocation_sends_nothing(void **state)
{
	static const struct sg_uat_revocation what = {.jti = "j"};
	struct sg_uat_preview preview = {0};
	struct fake fake = {0};
	struct door door;
	int status = 0;

	(void)state;
	door_open(&door, &fake);
	door.uat.preview = &preview;
	assert_int_equal(sg_uat_revoke(&door.uat, &what, &status, NULL), SG_OK);
	assert_int_equal(status, 0);
	assert_string_equal(preview.method, "POST");
	assert_string_equal(preview.url, "/uat-revocations");
	assert_string_equal(preview.body, "{\"jti\":\"j\"}");
	sg_uat_preview_clear(&preview);
	door_close(&door, &fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(jti_is_sent_as_the_form_says),
	    cmocka_unit_test(what_cannot_be_filled_in_is_not_sent),
	    cmocka_unit_test(refusals_say_what_to_set),
	    cmocka_unit_test(preview_of_a_revocation_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
