/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/probe.h"

#include "pkcs11/policy.h"
#include "tests/unit/fake_token.h"

static struct sg_token *
log_in(void)
{
	static struct fake_pin pin = {.pin = "1234"};
	struct sg_token *token = fake_open(NULL);
	struct sg_err err = {0};

	if (fake_login(token, &pin, &err) != SG_OK)
		fail_msg("%s", err.text);
	return token;
}

/* What the verifier answers, and how often it was asked. */
static bool verdict = true;
static unsigned int judged;

static bool
verify(const struct sg_key_info *key, const void *msg, size_t len,
    const struct sg_buf *sig)
{
	assert_string_equal(key->type, "RSA");
	assert_true(len > 0 && msg != NULL);
	assert_int_equal(sig->len, 256);
	judged++;
	return verdict;
}

/* Probe the only token, with the key that is there. */
static void
probe_it(unsigned int allowed, struct sg_probe *out_probe)
{
	struct sg_token *token = log_in();
	struct sg_err err = {0};

	if (sg_probe_run(token, NULL, allowed, verify, out_probe, &err) !=
	    SG_OK)
		fail_msg("%s", err.text);
	sg_token_free(&token);
	/* The last session was closed on purpose, and is closed again. */
	fake->open_sessions = 0;
}

static void
signatures_are_judged_by_another(void **state)
{
	struct sg_probe probe;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	judged = 0;
	probe_it(0, &probe);
	assert_int_equal(judged, 2);
	assert_int_equal(probe.verifies, SG_FACT_YES);
	verdict = false;
	probe_it(0, &probe);
	verdict = true;
	assert_int_equal(probe.mechanisms_agree, SG_FACT_YES);
	assert_int_equal(probe.verifies, SG_FACT_NO);
}

static void
library_and_limits_are_told(void **state)
{
	struct sg_probe probe;

	(void)state;
	fake->slots[0].info.ulMaxSessionCount = 12;
	fake->slots[0].info.ulMaxRwSessionCount = CK_UNAVAILABLE_INFORMATION;
	probe_it(0, &probe);
	assert_string_equal(probe.manufacturer, "fake");
	assert_string_equal(probe.description, "fake module");
	assert_int_equal(probe.max_sessions, 12);
	assert_int_equal(probe.max_rw_sessions, -1);
	assert_true(probe.login_required);
}

static const struct sg_probe_mechanism *
mechanism(const struct sg_probe *probe, unsigned long type)
{
	size_t i;

	for (i = 0; i < probe->mechanism_count; i++)
		if (probe->mechanisms[i].type == type)
			return &probe->mechanisms[i];
	return NULL;
}

static void
mechanism_that_is_not_listed_is_a_quirk(void **state)
{
	struct sg_probe probe;

	(void)state;
	probe_it(0, &probe);
	assert_true(mechanism(&probe, CKM_SHA256_RSA_PKCS)->is_listed);
	assert_true(mechanism(&probe, CKM_SHA256_RSA_PKCS)->signs);
	assert_true(mechanism(&probe, CKM_RSA_PKCS_KEY_PAIR_GEN)->generates);
	assert_null(mechanism(&probe, CKM_RSA_X_509));
	assert_false(probe.quirks[SG_QUIRK_DESCRIBES_REMOVED]);
	fake->slots[0].hidden_count = 1;
	probe_it(0, &probe);
	assert_false(mechanism(&probe, CKM_SHA256_RSA_PKCS)->is_listed);
	assert_true(mechanism(&probe, CKM_SHA256_RSA_PKCS)->is_described);
	assert_true(probe.quirks[SG_QUIRK_DESCRIBES_REMOVED]);
}

static void
without_a_list_no_mechanism_is_missing_from_it(void **state)
{
	struct sg_probe probe;

	(void)state;
	fake->faults[FAKE_GET_MECHANISM_LIST].rv = CKR_DEVICE_ERROR;
	probe_it(0, &probe);
	assert_true(mechanism(&probe, CKM_SHA256_RSA_PKCS)->is_listed);
	assert_null(mechanism(&probe, CKM_RSA_X_509));
	assert_false(probe.quirks[SG_QUIRK_DESCRIBES_REMOVED]);
}

static void
login_is_looked_into(void **state)
{
	struct sg_probe probe;

	(void)state;
	fake->wants_login = true;
	probe_it(0, &probe);
	assert_string_equal(
	    probe.second_login.text, "CKR_USER_ALREADY_LOGGED_IN");
	assert_int_equal(probe.login_is_shared, SG_FACT_YES);
	assert_int_equal(probe.last_session_logs_out, SG_FACT_YES);
	fake->login_stays = true;
	fake->is_logged_in = false;
	probe_it(0, &probe);
	assert_int_equal(probe.last_session_logs_out, SG_FACT_NO);
}

static void
pin_that_the_key_refused_is_not_sent_to_see(void **state)
{
	struct sg_probe probe;

	(void)state;
	fake_put_flag(
	    fake_add_key("uat", fake_id, 2), CKA_ALWAYS_AUTHENTICATE, true);
	fake->context_login_rv = CKR_PIN_INCORRECT;
	probe_it(0, &probe);
	assert_non_null(strstr(probe.key_problem, "CKR_PIN_INCORRECT"));
	assert_string_equal(probe.second_login.text, "not tried");
	assert_int_equal(fake->context_logins, 1);
	assert_int_equal(fake->calls[FAKE_LOGIN], 2);
}

static void
last_try_is_not_spent_to_see(void **state)
{
	struct sg_token *token = log_in();
	struct sg_probe probe;

	(void)state;
	fake->slots[0].info.flags |= CKF_USER_PIN_FINAL_TRY;
	assert_int_equal(
	    sg_probe_run(token, NULL, 0, verify, &probe, NULL), SG_OK);
	assert_string_equal(probe.second_login.text, "not tried");
	assert_int_equal(fake->calls[FAKE_LOGIN], 1);
	sg_token_free(&token);
	fake->open_sessions = 0;
}

static void
key_is_timed_and_both_mechanisms_compared(void **state)
{
	struct sg_probe probe;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	probe_it(0, &probe);
	assert_string_equal(probe.key_problem, "");
	assert_non_null(strstr(probe.key_uri, "object=uat"));
	assert_true(probe.find_us >= 0);
	assert_true(probe.sign_us >= 0);
	assert_string_equal(probe.sha256_rsa_pkcs.text, "CKR_OK");
	assert_string_equal(probe.rsa_pkcs.text, "CKR_OK");
	assert_int_equal(probe.mechanisms_agree, SG_FACT_YES);
}

/* It signs well until the mechanisms are compared: with the other one. */
static void
signature_that_cannot_be_so_long_is_not_compared(void **state)
{
	struct sg_probe probe;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	fake->signature_lie = 1U << 30;
	fake->lies_with = CKM_RSA_PKCS;
	probe_it(0, &probe);
	assert_string_equal(probe.key_problem, "");
	assert_int_equal(probe.mechanisms_agree, SG_FACT_UNKNOWN);
	assert_string_equal(probe.sha256_rsa_pkcs.text, "CKR_OK");
	assert_string_equal(probe.rsa_pkcs.text, "CKR_OK");
}

static void
key_that_does_one_mechanism_is_not_compared(void **state)
{
	struct sg_probe probe;

	(void)state;
	(void)fake_add_key("uat", fake_id, 2);
	fake->key_refuses = CKM_SHA256_RSA_PKCS;
	probe_it(0, &probe);
	assert_string_equal(
	    probe.sha256_rsa_pkcs.text, "CKR_MECHANISM_INVALID");
	assert_string_equal(probe.rsa_pkcs.text, "CKR_OK");
	assert_int_equal(probe.mechanisms_agree, SG_FACT_UNKNOWN);
	assert_true(probe.sign_us >= 0);
}

static void
key_that_breaks_the_policy_signs_nothing(void **state)
{
	struct sg_probe probe;

	(void)state;
	fake_put_flag(fake_add_key("uat", fake_id, 2), CKA_EXTRACTABLE, true);
	probe_it(0, &probe);
	assert_non_null(strstr(probe.key_problem, "extractable"));
	assert_int_equal(probe.sign_us, -1);
	assert_true(probe.find_us >= 0);
	assert_int_equal(fake->calls[FAKE_SIGN_INIT], 0);
	probe_it(SG_RULE_BIT(SG_RULE_EXTRACTABLE), &probe);
	assert_string_equal(probe.key_problem, "");
	assert_int_equal(probe.mechanisms_agree, SG_FACT_YES);
}

static void
without_a_key_the_rest_is_found_out(void **state)
{
	struct sg_probe probe;

	(void)state;
	probe_it(0, &probe);
	assert_string_equal(probe.key_uri, "");
	assert_non_null(strstr(probe.key_problem, "no private key"));
	assert_int_equal(probe.find_us, -1);
	assert_int_equal(probe.login_is_shared, SG_FACT_YES);
	assert_string_equal(probe.handle_in_child.text, "CKR_OK");
	assert_string_equal(
	    probe.init_in_child.text, "CKR_CRYPTOKI_ALREADY_INITIALIZED");
}

static void
child_is_watched(void **state)
{
	struct sg_probe probe;

	(void)state;
	fake->dies_in_child = true;
	probe_it(0, &probe);
	assert_string_equal(probe.handle_in_child.text, "crashes");
	assert_string_equal(probe.init_in_child.text, "crashes");
	fake->dies_in_child = false;
	fake->hangs_in_child = true;
	probe_it(0, &probe);
	assert_string_equal(probe.handle_in_child.text, "hangs");
	assert_string_equal(probe.init_in_child.text, "hangs");
}

static void
module_that_says_nothing_is_an_error(void **state)
{
	struct sg_token *token = log_in();
	struct sg_probe probe = {.find_us = 7};
	struct sg_err err = {0};

	(void)state;
	fake->faults[FAKE_GET_INFO] =
	    (struct fake_fault){.rv = CKR_DEVICE_ERROR};
	assert_int_equal(
	    sg_probe_run(token, NULL, 0, verify, &probe, &err), SG_E_TOKEN);
	assert_int_equal(probe.find_us, 7);
	sg_token_free(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(library_and_limits_are_told),
	    FAKE_TEST(signatures_are_judged_by_another),
	    FAKE_TEST(mechanism_that_is_not_listed_is_a_quirk),
	    FAKE_TEST(without_a_list_no_mechanism_is_missing_from_it),
	    FAKE_TEST(login_is_looked_into),
	    FAKE_TEST(pin_that_the_key_refused_is_not_sent_to_see),
	    FAKE_TEST(last_try_is_not_spent_to_see),
	    FAKE_TEST(key_is_timed_and_both_mechanisms_compared),
	    FAKE_TEST(signature_that_cannot_be_so_long_is_not_compared),
	    FAKE_TEST(key_that_does_one_mechanism_is_not_compared),
	    FAKE_TEST(key_that_breaks_the_policy_signs_nothing),
	    FAKE_TEST(without_a_key_the_rest_is_found_out),
	    FAKE_TEST(child_is_watched),
	    FAKE_TEST(module_that_says_nothing_is_an_error),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
