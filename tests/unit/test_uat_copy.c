/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tcm.h"

#include "client/uat/uat_copy.h"

#define ALL    V1 "/uat-configurations"
#define ID     "d06c826a-1111-4222-8333-944444444444"
#define NEW_ID "d06c826a-2222-4222-8333-944444444444"

/* RFC 7515's key. */
#define KEY(nl) \
	"-----BEGIN PUBLIC KEY-----" nl \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj" nl \
	"NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz" nl \
	"P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo" nl \
	"9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB" nl \
	"EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX" nl \
	"FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp" nl \
	"oQIDAQAB" nl "-----END PUBLIC KEY-----" nl
#define THUMBPRINT "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8"

#define OLD \
	"{\"configId\":\"" ID "\",\"name\":\"a\",\"issuer\":\"https://a\"," \
	"\"publicKey\":null,\"publicKeyActive\":\"old\",\"usernameClaim\":" \
	"\"email\",\"newMember\":{\"x\":1},\"enabled\":true}"
#define MADE \
	"{\"configId\":\"" NEW_ID \
	"\",\"name\":\"b\",\"issuer\":\"https://b\"," \
	"\"publicKeyActive\":\"" KEY("\\r\\n") "\"}"
#define OTHERS \
	"{\"configId\":\"" NEW_ID "\",\"name\":\"b\"," \
	"\"publicKeyActive\":\"other\"}"

#define LIST(items) \
	{ \
		GETS(ALL), .reply = "[" items "]" \
	}
#define GET(id, one) \
	{ \
		GETS(ALL "/" id), .reply = one \
	}
#define POSTED CALL("POST", ALL, NULL)

static const struct sg_uat_change change = {
    .name = "b", .issuer = "https://b", .public_key_pem = KEY("\n")};

static enum sg_rc
copy(const struct step *steps, size_t count, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	struct fake fake = {.steps = steps, .count = count};
	struct fake_tcm tcm;
	struct sg_uat uat = {.configs_url = ALL};
	enum sg_rc rc;

	fake_tcm_open(&tcm, &fake);
	uat.api = &tcm.api;
	rc = sg_uat_copy(&uat, ID, &change, out_config, err);
	fake_tcm_close(&tcm, &fake);
	return rc;
}

#define COPY(steps, out, err) copy(steps, SG_COUNT(steps), out, err)

static void
all_but_the_change_is_copied(void **state)
{
	static const struct step steps[] = {
	    LIST(OLD),
	    GET(ID, OLD),
	    {CALL("POST", ALL,
		 "{\"name\":\"b\",\"issuer\":\"https://b\",\"publicKey\":"
		 "\"" KEY("\\n") "\",\"usernameClaim\":\"email\","
				 "\"enabled\":true,\"newMember\":{\"x\":1}}"),
		.status = 201, .reply = MADE},
	};
	SG_AUTO(sg_uat_config) config = NULL;

	(void)state;
	assert_int_equal(COPY(steps, &config, NULL), SG_OK);
	assert_string_equal(config->config_id, NEW_ID);
}

static void
what_an_earlier_run_made_is_found(void **state)
{
	static const struct step steps[] = {
	    LIST(OLD "," MADE), GET(NEW_ID, MADE)};
	SG_AUTO(sg_uat_config) config = NULL;

	(void)state;
	assert_int_equal(COPY(steps, &config, NULL), SG_OK);
	assert_string_equal(config->config_id, NEW_ID);
}

static void
a_lost_answer_is_no_failure(void **state)
{
	static const struct step steps[] = {
	    LIST(OLD),
	    GET(ID, OLD),
	    {POSTED, .rc = SG_E_NETWORK, .fault = SG_HTTP_LOST},
	    LIST(OLD),
	    LIST(OLD "," MADE),
	};
	SG_AUTO(sg_uat_config) config = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(COPY(steps, &config, &err), SG_OK);
	assert_string_equal(config->config_id, NEW_ID);
	assert_int_equal(err.rc, SG_OK);
}

static void
what_was_not_made_is_told(void **state)
{
	static const struct step refused[] = {
	    LIST(OLD), GET(ID, OLD), {POSTED, .status = 403}};
	static const struct step vanished[] = {LIST(OLD), GET(ID, OLD),
	    {POSTED, .status = 200}, LIST(OLD), LIST(OLD), LIST(OLD)};
	SG_AUTO(sg_uat_config) config = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(COPY(refused, &config, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 403);
	assert_int_equal(COPY(vanished, &config, NULL), SG_E_REFUSED);
	assert_null(config);
}

/* A gateway's word: it may be made yet, and is not sent again. */
static void
what_may_have_been_made_is_told(void **state)
{
	static const struct step absent[] = {LIST(OLD), GET(ID, OLD),
	    {POSTED, .status = 504}, LIST(OLD), LIST(OLD), LIST(OLD)};
	static const struct step unseen[] = {LIST(OLD), GET(ID, OLD),
	    {POSTED, .status = 504}, {CALL("GET", ALL, NULL), .status = 500}};
	static const struct step alike[] = {LIST(OLD), GET(ID, OLD),
	    {POSTED, .status = 502}, LIST(OLD "," OTHERS)};
	SG_AUTO(sg_uat_config) config = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(COPY(absent, &config, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 504);
	assert_non_null(strstr(err.text, "looked for and is not there"));
	memset(&err, 0, sizeof(err));
	assert_int_equal(COPY(unseen, &config, &err), SG_E_REFUSED);
	assert_non_null(strstr(err.text, "may exist all the same"));
	memset(&err, 0, sizeof(err));
	assert_int_equal(COPY(alike, &config, &err), SG_E_REFUSED);
	assert_non_null(strstr(err.text, "this may be it: " NEW_ID));
	assert_non_null(strstr(err.text, "another key"));
	assert_null(config);
}

static void
what_the_answer_leaves_out_is_looked_for(void **state)
{
	static const struct step steps[] = {LIST(OLD), GET(ID, OLD),
	    {POSTED, .status = 200, .reply = "{\"configId\":\"" NEW_ID "\"}"},
	    LIST(OLD "," MADE), GET(NEW_ID, MADE)};
	SG_AUTO(sg_uat_config) config = NULL;

	(void)state;
	assert_int_equal(COPY(steps, &config, NULL), SG_OK);
	assert_non_null(config->public_key_active);
}

/* An earlier run sent it, and it was made after that run had looked. */
static void
one_that_was_late_is_found_when_it_exists(void **state)
{
	static const struct step ours[] = {LIST(OLD), GET(ID, OLD),
	    {POSTED, .status = 409}, LIST(OLD "," MADE), LIST(OLD "," MADE),
	    GET(NEW_ID, MADE)};
	static const struct step others[] = {LIST(OLD), GET(ID, OLD),
	    {POSTED, .status = 409}, LIST(OLD "," OTHERS),
	    LIST(OLD "," OTHERS)};
	SG_AUTO(sg_uat_config) config = NULL;
	SG_AUTO(sg_uat_config) none = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(COPY(ours, &config, NULL), SG_OK);
	assert_string_equal(config->config_id, NEW_ID);
	assert_int_equal(COPY(others, &none, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 409);
	assert_non_null(strstr(err.text, "another key"));
	assert_null(none);
}

/* The run that asked for it was killed while the request was on its way. */
static void
one_that_may_be_late_is_looked_for_again(void **state)
{
	static const struct step steps[] = {
	    LIST(OLD), LIST(OLD), LIST(OLD "," MADE), GET(NEW_ID, MADE)};
	static const struct step never[] = {LIST(OLD), LIST(OLD), LIST(OLD)};
	static const struct {
		const struct step *steps;
		size_t count;
		bool may_be_late;
		bool found;
	} cases[] = {
	    {steps, SG_COUNT(steps), true, true},
	    {never, SG_COUNT(never), true, false},
	    {never, 1, false, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		SG_AUTO(sg_uat_config) config = NULL;
		struct fake fake = {
		    .steps = cases[i].steps, .count = cases[i].count};
		struct sg_uat uat = {.configs_url = ALL};
		struct fake_tcm tcm;

		fake_tcm_open(&tcm, &fake);
		uat.api = &tcm.api;
		assert_int_equal(sg_uat_find_copy(&uat, "b", THUMBPRINT,
				     cases[i].may_be_late, &config, NULL),
		    SG_OK);
		assert_int_equal(config != NULL, cases[i].found);
		fake_tcm_close(&tcm, &fake);
	}
}

/* A lock whose folder is not there cannot be had: then nothing is sent. */
static void
nothing_is_sent_without_the_lock(void **state)
{
	SG_AUTO(sg_uat_config) config = NULL;
	struct fake fake = {0};
	struct fake_tcm tcm;
	struct sg_uat uat = {.lock_path = "/nowhere/uat.lock"};
	struct sg_err err = {0};

	(void)state;
	fake_tcm_open(&tcm, &fake);
	uat.api = &tcm.api;
	assert_int_equal(
	    sg_uat_copy(&uat, ID, &change, &config, &err), SG_E_IO);
	assert_non_null(strstr(err.text, "wait for our turn"));
	assert_null(config);
	fake_tcm_close(&tcm, &fake);
}

static void
another_key_under_the_name_is_refused(void **state)
{
	static const struct step steps[] = {LIST(OLD "," OTHERS)};
	SG_AUTO(sg_uat_config) config = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(COPY(steps, &config, &err), SG_E_POLICY);
	assert_non_null(strstr(err.text, "--name"));
	assert_null(config);
}

static void
a_key_that_is_none_has_no_thumbprint(void **state)
{
	static char pem[] = KEY("\n");
	static char none[] = "x";
	struct sg_uat_config config = {.public_key_active = pem};
	char text[SG_THUMBPRINT_SIZE];

	(void)state;
	assert_int_equal(sg_uat_config_thumbprint(&config, text, NULL), SG_OK);
	assert_string_equal(text, THUMBPRINT);
	config.public_key_active = none;
	assert_int_equal(sg_uat_config_thumbprint(&config, text, NULL), SG_OK);
	assert_string_equal(text, "");
	config.public_key_active = NULL;
	assert_int_equal(sg_uat_config_thumbprint(&config, text, NULL), SG_OK);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_but_the_change_is_copied),
	    cmocka_unit_test(what_an_earlier_run_made_is_found),
	    cmocka_unit_test(a_lost_answer_is_no_failure),
	    cmocka_unit_test(what_was_not_made_is_told),
	    cmocka_unit_test(what_may_have_been_made_is_told),
	    cmocka_unit_test(what_the_answer_leaves_out_is_looked_for),
	    cmocka_unit_test(one_that_was_late_is_found_when_it_exists),
	    cmocka_unit_test(one_that_may_be_late_is_looked_for_again),
	    cmocka_unit_test(nothing_is_sent_without_the_lock),
	    cmocka_unit_test(another_key_under_the_name_is_refused),
	    cmocka_unit_test(a_key_that_is_none_has_no_thumbprint),
	};

	return cmocka_run_group_tests_name("uat_copy", tests, NULL, NULL);
}
