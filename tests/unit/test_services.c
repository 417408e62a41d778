/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

#include "cli/cloud/services.h"

#define TCM    "https://tcm.test"
#define HEADER "x-tableau-session-token"

static void
set_tcm(void)
{
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	(void)setenv("CLOUD_MANAGER_PAT_NAME", "mypat", 1);
}

/* Open the door that the last command line asks for, and close it. */
static enum sg_rc
tcm(struct bench *b)
{
	struct service service = {0};
	enum sg_rc rc;

	rc = services_tcm(&b->app, &service, &b->err);
	services_end(&service);
	return rc;
}

static enum sg_rc
tableau(struct bench *b)
{
	struct service service = {0};
	enum sg_rc rc;

	rc = services_tableau(&b->app, &service, &b->err);
	services_end(&service);
	return rc;
}

/* Sign in through the door, as every command does that needs a session. */
static enum sg_rc
sign_in(struct bench *b)
{
	struct service service = {0};
	enum sg_rc rc;

	rc = services_tcm(&b->app, &service, &b->err);
	if (rc == SG_OK)
		rc = sg_api_session(&service.api, NULL, &b->err);
	services_end(&service);
	return rc;
}

static void
who_shows_no_client_needs_no_certificate(void **state)
{
	struct bench *b = *state;

	(void)setenv("SIGNET_CLIENT_CERT", "nowhere.pem", 1);
	assert_ok(b, OPEN(b, "api", "download", "-"));
	assert_refused(
	    b, services_http(&b->app, &b->err), SG_E_CONFIG, "nowhere.pem");
	assert_ok(b, OPEN(b, "api", "download", "-"));
	assert_ok(b, services_bare_http(&b->app, &b->err));
	assert_non_null(b->app.http);
}

/* Which session the door of the last command line is for. */
static enum sg_session_kind
kind_of(struct bench *b)
{
	struct service service = {0};

	assert_ok(b, services_tcm(&b->app, &service, &b->err));
	services_end(&service);
	return service.identity.kind;
}

/* Leave a session in the cache that this command line would use. */
static void
leave_session(struct bench *b, const char *option)
{
	SG_AUTO(sg_session) session = NULL;
	struct service service = {0};

	assert_ok(b, OPEN(b, "uat", "list", option));
	assert_ok(b, services_tcm(&b->app, &service, &b->err));
	assert_ok(b, sg_session_new(SG_SERVICE_TCM, service.identity.kind,
			 "tok", b->clock.now_s, &session, &b->err));
	session->base_url = strdup(TCM);
	assert_ok(b,
	    sg_cache_store(b->app.cache, &service.identity, session, &b->err));
	services_end(&service);
}

static void
opening_a_door_sends_nothing(void **state)
{
	struct bench *b = *state;

	set_tcm();
	set_claims();
	(void)setenv("TABLEAU_CLOUD_POD_URL", "https://pod.test", 1);
	(void)setenv("TABLEAU_CLOUD_SITE_ID", "mysite", 1);
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_ok(b, tcm(b));
	assert_ok(b, OPEN(b, "api", "tableau", "GET", "/x"));
	assert_ok(b, tableau(b));
}

static void
pat_and_jwt_exclude_each_other(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "login", "tcm", "--pat", "--jwt"));
	assert_refused(b, tcm(b), SG_E_USAGE, "exclude each other");
}

static void
tenant_must_be_a_uuid(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	(void)setenv("CLOUD_MANAGER_TENANT_ID", "my-tenant", 1);
	assert_ok(b, OPEN(b, "login", "tcm", "--pat"));
	assert_refused(b, tcm(b), SG_E_CONFIG,
	    "CLOUD_MANAGER_TENANT_ID \"my-tenant\" is not a UUID");
	(void)unsetenv("CLOUD_MANAGER_TENANT_ID");
	assert_ok(b, OPEN(b, "login", "tcm", "--pat"));
	assert_ok(b, tcm(b));
}

static void
timeout_must_be_a_duration_of_some_length(void **state)
{
	static const struct {
		const char *text;
		const char *said;
	} rows[] = {
	    {"0", "at least 1s"},
	    {"0m", "at least 1s"},
	    {"soon", "\"soon\" is not a duration"},
	    {"-1", "not a duration"},
	    {"99999999999h", "too long"},
	};
	struct bench *b = *state;
	size_t i;

	set_tcm();
	for (i = 0; i < SG_COUNT(rows); i++) {
		assert_ok(
		    b, OPEN(b, "login", "tcm", "--timeout", rows[i].text));
		assert_refused(b, tcm(b), SG_E_USAGE, rows[i].said);
		assert_has(b->err.text, "read --timeout: ");
		assert_has_not(b->err.text, "SIGNET_TIMEOUT");
		(void)setenv("SIGNET_TIMEOUT", rows[i].text, 1);
		assert_ok(b, OPEN(b, "login", "tcm"));
		assert_refused(b, tcm(b), SG_E_CONFIG, rows[i].said);
		assert_has(b->err.text, "read SIGNET_TIMEOUT: ");
		(void)unsetenv("SIGNET_TIMEOUT");
	}
	put(".env", 0600, "SIGNET_TIMEOUT=soon\n");
	assert_ok(b, OPEN(b, "login", "tcm"));
	assert_refused(b, tcm(b), SG_E_CONFIG,
	    "read SIGNET_TIMEOUT: \"soon\" is not a duration");
	assert_ok(b, OPEN(b, "login", "tcm", "--timeout", "1s"));
	assert_ok(b, tcm(b));
}

static void
network_files_must_be_there(void **state)
{
	struct bench *b = *state;

	set_tcm();
	(void)setenv("SIGNET_CA_FILE", "/nowhere/ca.pem", 1);
	assert_ok(b, OPEN(b, "login", "tcm"));
	assert_refused(b, tcm(b), SG_E_CONFIG, "/nowhere/ca.pem");
}

static void
placeholders_and_plain_http_are_refused(void **state)
{
	static const struct {
		const char *name;
		const char *value;
	} rows[] = {
	    {"CLOUD_MANAGER_URL", "https://{YOUR-TENANT-URI}.example.com"},
	    {"CLOUD_MANAGER_URL", "http://tcm.test"},
	    {"CLOUD_MANAGER_PAT_LOGIN_URL", "http://tcm.test/api/v1/pat/login"},
	    {"CLOUD_MANAGER_JWT_LOGIN_URL", "tcm.test"},
	    {"CLOUD_MANAGER_UAT_CONFIGS_URL", "ftp://tcm.test/x"},
	    {"CLOUD_MANAGER_TENANT_ID", "YOUR-CLOUD-MANAGER-TENANT-ID"},
	    {"SIGNET_CACHE_DIR", "YOUR-CACHE"},
	};
	struct bench *b = *state;
	size_t i;

	PLAY_NOTHING(b);
	for (i = 0; i < SG_COUNT(rows); i++) {
		set_tcm();
		(void)setenv(rows[i].name, rows[i].value, 1);
		assert_ok(b, OPEN(b, "login", "tcm", "--pat"));
		assert_refused(b, tcm(b), SG_E_CONFIG, rows[i].name);
		(void)unsetenv(rows[i].name);
	}
}

static void
pat_signs_in_where_no_key_is_configured(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_int_equal(kind_of(b), SG_SESSION_PAT);
	set_claims();
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_int_equal(kind_of(b), SG_SESSION_JWT);
}

static void
option_says_what_signs_in(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "list", "--jwt"));
	assert_int_equal(kind_of(b), SG_SESSION_JWT);
	set_claims();
	assert_ok(b, OPEN(b, "uat", "list", "--pat"));
	assert_int_equal(kind_of(b), SG_SESSION_PAT);
}

static void
cached_session_is_chosen_first(void **state)
{
	struct bench *b = *state;

	set_tcm();
	set_claims();
	PLAY_NOTHING(b);
	/* Of a PAT, though there is a key; then a JWT's before it. */
	leave_session(b, "--pat");
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_int_equal(kind_of(b), SG_SESSION_PAT);
	assert_ok(b, sign_in(b));
	leave_session(b, "--jwt");
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_int_equal(kind_of(b), SG_SESSION_JWT);
	assert_ok(b, sign_in(b));
	/* What the command line says comes before both. */
	assert_ok(b, OPEN(b, "uat", "list", "--pat"));
	assert_int_equal(kind_of(b), SG_SESSION_PAT);
}

static void
session_that_ended_is_not_chosen(void **state)
{
	struct bench *b = *state;

	set_tcm();
	set_claims();
	PLAY_NOTHING(b);
	leave_session(b, "--pat");
	b->clock.now_s += SG_SESSION_IDLE_S;
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_int_equal(kind_of(b), SG_SESSION_JWT);
}

static void
session_for_something_else_is_not_chosen(void **state)
{
	static const struct {
		const char *name;
		const char *value;
	} rows[] = {
	    {"CLOUD_MANAGER_TENANT_ID", SITE},
	    {"CLOUD_MANAGER_URL", "https://other.test"},
	    {"TABLEAU_CLOUD_USERNAME", "bob@example.com"},
	    {"SIGNET_KEY", "pkcs11:token=none;object=other"},
	    {"SIGNET_SCOPES", "tableau:content:read tableau:sites:read"},
	    {"SIGNET_ISSUER", "https://other.example.com"},
	    {"SIGNET_KID", "none"}, /* the last: it is not set back */
	};
	struct bench *b = *state;
	size_t i;

	PLAY_NOTHING(b);
	set_tcm();
	set_claims();
	leave_session(b, "--jwt");
	for (i = 0; i < SG_COUNT(rows); i++) {
		set_tcm();
		set_claims();
		assert_ok(b, OPEN(b, "uat", "list"));
		assert_ok(b, sign_in(b));
		(void)setenv(rows[i].name, rows[i].value, 1);
		assert_ok(b, OPEN(b, "uat", "list"));
		/* No session fits, so a JWT must be signed. */
		assert_refused(b, sign_in(b), TOKEN_WAS_OPENED, MODULE);
	}
}

static void
no_cache_means_none(void **state)
{
	struct bench *b = *state;

	set_tcm();
	set_claims();
	PLAY_NOTHING(b);
	leave_session(b, "--pat");
	assert_ok(b, OPEN(b, "uat", "list", "--no-cache"));
	assert_int_equal(kind_of(b), SG_SESSION_JWT);
	assert_null(b->app.cache);
	(void)unsetenv("HOME");
	assert_ok(b, OPEN(b, "uat", "list", "--no-cache"));
	assert_ok(b, tcm(b));
}

static void
without_a_place_for_the_cache_it_says_so(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	(void)unsetenv("HOME");
	(void)setenv("XDG_CACHE_HOME", "relative", 1);
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_refused(b, tcm(b), SG_E_CONFIG, "SIGNET_CACHE_DIR");
}

/* Is there a file in this folder now? */
static bool
holds_files(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       (st.st_mode & 077) == 0;
}

static void
cache_lies_where_it_is_said_to(void **state)
{
	struct bench *b = *state;
	char path[128];

	set_tcm();
	PLAY_NOTHING(b);
	leave_session(b, "--pat");
	assert_true(holds_files(".cache/signet"));
	(void)snprintf(path, sizeof(path), "%s/xdg", b->dir);
	(void)setenv("XDG_CACHE_HOME", path, 1);
	leave_session(b, "--pat");
	assert_true(holds_files("xdg/signet"));
	(void)snprintf(path, sizeof(path), "%s/mine", b->dir);
	(void)setenv("SIGNET_CACHE_DIR", path, 1);
	leave_session(b, "--pat");
	assert_true(holds_files("mine"));
}

/* A sign-in with this PAT, to which Cloud Manager says yes. */
#define PAT_LOGIN(pat) \
	{ \
		.method = "POST", .url = TCM "/api/v1/pat/login", \
		.body = "{\"token\":\"" pat "\"}", .status = 200, \
		.reply = \
		    "{\"sessionToken\":\"tok\",\"tenantId\":\"" TENANT "\"}" \
	}

/* Without a cache the session is given back at the end. */
#define SIGN_OUT(answer) \
	{ \
		.method = "DELETE", .url = TCM "/api/v2/sessions", \
		.body = NO_BODY, .header = HEADER, .auth = "tok", \
		.status = answer \
	}

static void
assert_pat(struct bench *b, const struct step *steps)
{
	play(b, steps, 2);
	assert_ok(b, OPEN(b, "uat", "list", "--pat", "--no-cache"));
	assert_ok(b, sign_in(b));
	assert_played(b);
}

static void
pat_is_taken_from_the_more_explicit_place(void **state)
{
	static const struct step in_place[] = {
	    PAT_LOGIN("in-place"), SIGN_OUT(204)};
	static const struct step in_file[] = {
	    PAT_LOGIN("in-file"), SIGN_OUT(204)};
	struct bench *b = *state;

	set_tcm();
	put("pat", 0600, "in-file\n");
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "in-place", 1);
	assert_pat(b, in_place);
	/* Both in the environment. */
	(void)setenv("CLOUD_MANAGER_PAT_SECRET_FILE", "pat", 1);
	assert_pat(b, in_place);
	/* The environment's file before the file's text. */
	(void)unsetenv("CLOUD_MANAGER_PAT_SECRET");
	put(".env", 0600, "CLOUD_MANAGER_PAT_SECRET=in-place\n");
	assert_pat(b, in_file);
	(void)unsetenv("CLOUD_MANAGER_PAT_SECRET_FILE");
	assert_pat(b, in_place);
}

static void
pat_that_cannot_be_had_is_a_fault_of_the_configuration(void **state)
{
	struct bench *b = *state;

	set_tcm();
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_refused(
	    b, sign_in(b), SG_E_CONFIG, "CLOUD_MANAGER_PAT_SECRET_FILE");
	(void)setenv("CLOUD_MANAGER_PAT_SECRET_FILE", "none", 1);
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_refused(b, sign_in(b), SG_E_CONFIG,
	    "get the personal access token: open none");
	put("pat", 0644, "s3cret");
	(void)setenv("CLOUD_MANAGER_PAT_SECRET_FILE", "pat", 1);
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_refused(b, sign_in(b), SG_E_CONFIG, "chmod 600 pat");
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "CLOUD-MANAGER-PAT-SECRET", 1);
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_refused(b, sign_in(b), SG_E_CONFIG, "placeholder");
}

static void
pat_session_of_another_tenant_is_given_back(void **state)
{
	static const struct step steps[] = {
	    {.method = "POST",
		.url = TCM "/api/v1/pat/login",
		.status = 200,
		.reply =
		    "{\"sessionToken\":\"tok\",\"tenantId\":\"" SITE "\"}"},
	    {.method = "DELETE",
		.url = TCM "/api/v2/sessions",
		.body = NO_BODY,
		.header = HEADER,
		.auth = "tok",
		.status = 204},
	};
	struct bench *b = *state;

	set_tcm();
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
	PLAY(b, steps);
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_refused(b, sign_in(b), SG_E_POLICY, SITE);
	assert_played(b);
	/* Nor is it kept. */
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "list"));
	(void)unsetenv("CLOUD_MANAGER_PAT_SECRET");
	assert_refused(b, sign_in(b), SG_E_CONFIG, "no personal access token");
}

static void
jwt_that_cannot_be_signed_sends_nothing(void **state)
{
	struct bench *b = *state;

	set_tcm();
	set_claims();
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "login", "tcm", "--jwt"));
	assert_refused(b, sign_in(b), TOKEN_WAS_OPENED, MODULE);
	(void)unsetenv("SIGNET_ISSUER");
	assert_ok(b, OPEN(b, "login", "tcm", "--jwt"));
	assert_refused(b, sign_in(b), SG_E_CONFIG, "SIGNET_ISSUER");
}

static void
tableau_needs_pod_and_site(void **state)
{
	struct bench *b = *state;

	set_claims();
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "login", "tableau"));
	assert_refused(b, tableau(b), SG_E_CONFIG, "TABLEAU_CLOUD_POD_URL");
	(void)setenv("TABLEAU_CLOUD_POD_URL", "https://pod.test", 1);
	assert_ok(b, OPEN(b, "login", "tableau"));
	assert_refused(b, tableau(b), SG_E_CONFIG, "TABLEAU_CLOUD_SITE_ID");
	assert_ok(b, OPEN(b, "login", "tableau", "--site", "mysite"));
	assert_ok(b, tableau(b));
}

static void
pod_that_is_none_costs_no_pin(void **state)
{
	static const struct step steps[] = {{.method = "GET",
	    .url = "https://pod.test/api/3.4/serverinfo",
	    .body = NO_BODY,
	    .status = 404}};
	struct service service = {0};
	struct bench *b = *state;

	set_claims();
	(void)setenv("TABLEAU_CLOUD_POD_URL", "https://pod.test", 1);
	(void)setenv("TABLEAU_CLOUD_SITE_ID", "mysite", 1);
	PLAY(b, steps);
	assert_ok(b, OPEN(b, "login", "tableau"));
	assert_ok(b, services_tableau(&b->app, &service, &b->err));
	assert_refused(b, sg_api_session(&service.api, NULL, &b->err),
	    SG_E_REFUSED, "ask the pod");
	assert_played(b);
	services_end(&service);
}

static void
session_that_is_not_kept_is_signed_out(void **state)
{
	static const int answers[] = {204, 404, 500};
	struct bench *b = *state;
	size_t i;

	set_tcm();
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {
		    PAT_LOGIN("s3cret"), SIGN_OUT(answers[i])};

		PLAY(b, steps);
		assert_ok(b, OPEN(b, "uat", "list", "--no-cache"));
		/* Whatever comes of it, what was asked for is done. */
		assert_ok(b, sign_in(b));
		assert_string_equal(b->err.text, "");
		assert_played(b);
	}
}

static void
session_of_a_site_that_is_not_kept_is_signed_out(void **state)
{
	static const struct step steps[] = {{.method = "POST",
	    .url = "https://pod.test/api/3.27/auth/signout",
	    .body = NO_BODY,
	    .header = "X-Tableau-Auth",
	    .auth = "tok",
	    .status = 204}};
	struct service service = {0};
	struct bench *b = *state;

	set_claims();
	(void)setenv("TABLEAU_CLOUD_POD_URL", "https://pod.test", 1);
	(void)setenv("TABLEAU_CLOUD_SITE_ID", "mysite", 1);
	PLAY(b, steps);
	assert_ok(b, OPEN(b, "api", "tableau", "GET", "/x", "--no-cache"));
	assert_ok(b, services_tableau(&b->app, &service, &b->err));
	/* Only a token could make one. */
	assert_ok(b, sg_session_new(SG_SERVICE_TABLEAU, SG_SESSION_JWT, "tok",
			 b->clock.now_s, &service.api.session, &b->err));
	service.api.session->base_url = strdup("https://pod.test");
	service.api.session->api_version = strdup("3.27");
	services_end(&service);
	assert_played(b);
}

static void
session_that_is_kept_is_not_signed_out(void **state)
{
	static const struct step steps[] = {PAT_LOGIN("s3cret")};
	struct bench *b = *state;

	set_tcm();
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "s3cret", 1);
	PLAY(b, steps);
	assert_ok(b, OPEN(b, "uat", "list"));
	assert_ok(b, sign_in(b));
	assert_played(b);
}

static void
local_file_sends_no_pat_from_elsewhere(void **state)
{
	static const struct step steps[] = {
	    PAT_LOGIN("in-file"), SIGN_OUT(204)};
	struct bench *b = *state;

	set_tcm();
	put("pat", 0600, "in-file\n");
	assert_int_equal(mkdir("here", 0700), 0);
	assert_int_equal(chdir("here"), 0);
	put(".env", 0600, "CLOUD_MANAGER_PAT_SECRET_FILE=../pat\n");
	PLAY_NOTHING(b);
	assert_ok(b, OPEN(b, "uat", "list", "--pat", "--no-cache"));
	assert_refused(b, sign_in(b), SG_E_CONFIG, "outside of this folder");
	assert_has_not(b->err.text, "in-file");
	/* From the environment, or below the folder, it may. */
	(void)setenv("CLOUD_MANAGER_PAT_SECRET_FILE", "../pat", 1);
	assert_pat(b, steps);
	(void)unsetenv("CLOUD_MANAGER_PAT_SECRET_FILE");
	put("mine", 0600, "in-file\n");
	put(".env", 0600, "CLOUD_MANAGER_PAT_SECRET_FILE=mine\n");
	assert_pat(b, steps);
}

static void
pat_session_of_another_secret_is_not_chosen(void **state)
{
	static const struct step steps[] = {PAT_LOGIN("new")};
	struct bench *b = *state;

	set_tcm();
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "old", 1);
	PLAY_NOTHING(b);
	leave_session(b, "--pat");
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "new", 1);
	PLAY(b, steps);
	assert_ok(b, OPEN(b, "uat", "list", "--pat"));
	assert_ok(b, sign_in(b));
	assert_played(b);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(who_shows_no_client_needs_no_certificate),
	    TEST(opening_a_door_sends_nothing),
	    TEST(pat_and_jwt_exclude_each_other),
	    TEST(tenant_must_be_a_uuid),
	    TEST(timeout_must_be_a_duration_of_some_length),
	    TEST(network_files_must_be_there),
	    TEST(placeholders_and_plain_http_are_refused),
	    TEST(pat_signs_in_where_no_key_is_configured),
	    TEST(option_says_what_signs_in),
	    TEST(cached_session_is_chosen_first),
	    TEST(session_that_ended_is_not_chosen),
	    TEST(session_for_something_else_is_not_chosen),
	    TEST(no_cache_means_none),
	    TEST(without_a_place_for_the_cache_it_says_so),
	    TEST(cache_lies_where_it_is_said_to),
	    TEST(pat_is_taken_from_the_more_explicit_place),
	    TEST(pat_that_cannot_be_had_is_a_fault_of_the_configuration),
	    TEST(pat_session_of_another_tenant_is_given_back),
	    TEST(jwt_that_cannot_be_signed_sends_nothing),
	    TEST(tableau_needs_pod_and_site),
	    TEST(pod_that_is_none_costs_no_pin),
	    TEST(session_that_is_not_kept_is_signed_out),
	    TEST(session_of_a_site_that_is_not_kept_is_signed_out),
	    TEST(session_that_is_kept_is_not_signed_out),
	    TEST(local_file_sends_no_pat_from_elsewhere),
	    TEST(pat_session_of_another_secret_is_not_chosen),
	};

	return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
