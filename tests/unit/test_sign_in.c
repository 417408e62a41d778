/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/sign_in.h"

#include "fake_signer.h"

#define TCM "https://tcm.test"
#define POD "https://pod.test"
#define PAT_ANSWER \
	"{\"sessionToken\":\"t0ken\",\"userId\":\"u-1\"," \
	"\"tenantId\":\"" TENANT "\"}"

static void
set_tcm(void)
{
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
}

/* Open a run that may go to Cloud Manager. */
static void
open_tcm(struct bench *b)
{
	assert_ok(b, OPEN(b, "login", "tcm"));
	assert_ok(b, services_tcm_http(&b->app, &b->err));
}

static enum sg_rc
with_pat(struct bench *b)
{
	SG_AUTO(sg_session) session = NULL;
	enum sg_rc rc;

	open_tcm(b);
	rc = sign_in_tcm(&b->app, SG_SESSION_PAT, &session, &b->err);
	if (rc == SG_OK)
		assert_int_equal(session->kind, SG_SESSION_PAT);
	else
		assert_null(session);
	return rc;
}

static void
assert_kind(
    struct bench *b, enum sg_session_kind rather, enum sg_session_kind wanted)
{
	enum sg_session_kind kind;

	assert_ok(b, sign_in_kind(&b->app, rather, &kind, &b->err));
	assert_int_equal(kind, wanted);
}

/* Whatever is wanted rather, and is configured. */
static void
an_option_chooses_first(void **state)
{
	static const enum sg_session_kind kinds[] = {
	    SG_SESSION_PAT, SG_SESSION_JWT};
	struct bench *b = *state;
	enum sg_session_kind kind;
	size_t i;

	for (i = 0; i < SG_COUNT(kinds) * 2; i++) {
		if (i == SG_COUNT(kinds)) {
			(void)setenv("SIGNET_KEY", "pkcs11:object=k", 1);
			(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
		}
		assert_ok(b, OPEN(b, "login", "tcm", "--jwt"));
		assert_kind(b, kinds[i % 2], SG_SESSION_JWT);
		bench_close(b);
		assert_ok(b, OPEN(b, "login", "tcm", "--pat"));
		assert_kind(b, kinds[i % 2], SG_SESSION_PAT);
		bench_close(b);
		assert_ok(b, OPEN(b, "login", "tcm", "--pat", "--jwt"));
		assert_refused(b,
		    sign_in_kind(&b->app, kinds[i % 2], &kind, &b->err),
		    SG_E_USAGE, "exclude each other");
		bench_close(b);
	}
}

static void
then_what_is_wanted_rather_where_it_is_configured(void **state)
{
	static const struct {
		const char *key;
		const char *pat;
		enum sg_session_kind rather;
		enum sg_session_kind wanted;
	} rows[] = {
	    {NULL, NULL, SG_SESSION_JWT, SG_SESSION_PAT},
	    {NULL, NULL, SG_SESSION_PAT, SG_SESSION_JWT},
	    {"pkcs11:object=k", NULL, SG_SESSION_JWT, SG_SESSION_JWT},
	    {"pkcs11:object=k", NULL, SG_SESSION_PAT, SG_SESSION_JWT},
	    {NULL, "s3cret", SG_SESSION_JWT, SG_SESSION_PAT},
	    {NULL, "s3cret", SG_SESSION_PAT, SG_SESSION_PAT},
	    {"pkcs11:object=k", "s3cret", SG_SESSION_JWT, SG_SESSION_JWT},
	    {"pkcs11:object=k", "s3cret", SG_SESSION_PAT, SG_SESSION_PAT},
	};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		(void)unsetenv("SIGNET_KEY");
		(void)unsetenv("CLOUD_MANAGER_PAT_SECRET");
		if (rows[i].key != NULL)
			(void)setenv("SIGNET_KEY", rows[i].key, 1);
		if (rows[i].pat != NULL)
			(void)setenv(
			    "CLOUD_MANAGER_PAT_SECRET", rows[i].pat, 1);
		assert_ok(b, OPEN(b, "login", "tcm"));
		assert_kind(b, rows[i].rather, rows[i].wanted);
		bench_close(b);
	}
}

static void
without_a_pat_nothing_is_sent(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_refused(
	    b, with_pat(b), SG_E_CONFIG, "CLOUD_MANAGER_PAT_SECRET_FILE");
}

static void
the_pat_is_read_from_a_file_that_nobody_else_reads(void **state)
{
	static const struct step steps[] = {{
	    .method = "POST",
	    .url = TCM "/api/v1/pat/login",
	    .body = "{\"token\":\"s3cret\"}",
	    .status = 200,
	    .reply = PAT_ANSWER,
	}};
	struct bench *b = *state;

	set_tcm();
	(void)setenv("CLOUD_MANAGER_PAT_SECRET_FILE", "pat", 1);
	put("pat", 0644, "s3cret\n");
	PLAY_NOTHING(b);
	assert_refused(b, with_pat(b), SG_E_CONFIG, "pat");
	put("pat", 0600, "s3cret\n");
	PLAY(b, steps);
	assert_ok(b, with_pat(b));
	assert_played(b);
}

static void
a_jwt_session_is_bought_with_a_jwt_and_not_cached(void **state)
{
	static const struct step steps[] = {{
	    .method = "POST",
	    .url = TCM "/api/v1/jwt/login",
	    .status = 200,
	    .reply = PAT_ANSWER,
	}};
	struct bench *b = *state;
	struct fake_key key;
	SG_AUTO(sg_session) session = NULL;

	set_claims();
	set_tcm();
	PLAY(b, steps);
	open_tcm(b);
	bench_give_key(b, &key);
	assert_ok(b, sign_in_tcm(&b->app, SG_SESSION_JWT, &session, &b->err));
	assert_int_equal(session->kind, SG_SESSION_JWT);
	assert_played(b);
	assert_int_not_equal(access(".cache", F_OK), 0);
	bench_close(b);
}

static void
find_site(struct bench *b, struct sign_in_site *site)
{
	assert_ok(b, sign_in_find_site(&b->app, site, &b->err));
	assert_string_equal(site->pod_url, POD);
}

static void
the_configured_luid_goes_with_the_configured_site_only(void **state)
{
	struct bench *b = *state;
	struct sign_in_site site = {0};

	(void)setenv("TABLEAU_CLOUD_POD_URL", POD, 1);
	(void)setenv("TABLEAU_CLOUD_SITE_LUID", SITE, 1);
	assert_ok(b, OPEN(b, "login", "tableau"));
	assert_refused(b, sign_in_find_site(&b->app, &site, &b->err),
	    SG_E_CONFIG, "TABLEAU_CLOUD_SITE_ID");
	assert_null(site.pod_url);
	(void)setenv("TABLEAU_CLOUD_SITE_ID", "mine", 1);
	assert_ok(b, OPEN(b, "login", "tableau"));
	find_site(b, &site);
	assert_string_equal(site.content_url, "mine");
	assert_string_equal(site.id, SITE);
	assert_ok(b, OPEN(b, "login", "tableau", "--site", "other"));
	find_site(b, &site);
	assert_string_equal(site.content_url, "other");
	assert_null(site.id);
}

static void
another_tenant_is_refused_unless_any_will_do(void **state)
{
	static const struct step refused[] = {
	    {
		.method = "POST",
		.url = TCM "/api/v1/pat/login",
		.status = 200,
		.reply = PAT_ANSWER,
	    },
	    {
		.method = "DELETE",
		.url = TCM "/api/v2/sessions",
		.header = "x-tableau-session-token",
		.auth = "t0ken",
		.status = 204,
	    },
	};
	struct bench *b = *state;
	SG_AUTO(sg_session) session = NULL;

	set_tcm();
	(void)setenv("CLOUD_MANAGER_TENANT_ID", SITE, 1);
	assert_ok(b, OPEN(b, "login", "tcm"));
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
	PLAY(b, refused);
	assert_refused(b, with_pat(b), SG_E_POLICY, TENANT);
	assert_played(b);
	play(b, refused, 1);
	open_tcm(b);
	assert_ok(
	    b, sign_in_any_tenant(&b->app, SG_SESSION_PAT, &session, &b->err));
	assert_played(b);
	assert_string_equal(session->tenant_id, TENANT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		an_option_chooses_first, bench_setup, bench_teardown),
	    cmocka_unit_test_setup_teardown(
		then_what_is_wanted_rather_where_it_is_configured, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(
		without_a_pat_nothing_is_sent, bench_setup, bench_teardown),
	    cmocka_unit_test_setup_teardown(
		the_pat_is_read_from_a_file_that_nobody_else_reads, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(
		a_jwt_session_is_bought_with_a_jwt_and_not_cached, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(
		the_configured_luid_goes_with_the_configured_site_only,
		bench_setup, bench_teardown),
	    cmocka_unit_test_setup_teardown(
		another_tenant_is_refused_unless_any_will_do, bench_setup,
		bench_teardown),
	};

	return cmocka_run_group_tests_name("sign_in", tests, NULL, NULL);
}
