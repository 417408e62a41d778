/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "client/session/api.h"
#include "client/session/cache.h"

#define NOW	1800000000
#define HOST	"https://tcm.test"
#define URL	HOST "/api/v1/x"
#define OUT_URL HOST "/api/v2/sessions"
#define HEADER	"x-tableau-session-token"

static const struct sg_identity identity = {
    .service = SG_SERVICE_TCM,
    .kind = SG_SESSION_JWT,
    .base_url = HOST,
    .user = "u",
};

static const struct sg_api_request get = {.method = "GET", .path = "/x"};

/* A door with a cache in a folder of its own, and counted sign-ins. */
struct place {
	char top[32];
	char dir[64];
	struct test_clock clock;
	struct sg_cache *cache;
	struct sg_api api;
	enum sg_service service;
	enum sg_rc login_rc;
	int logins; /* the n-th gives the token "new-n" */
};

static enum sg_rc
count_login(void *ctx, struct sg_session **out_session, struct sg_err *err)
{
	struct place *p = ctx;
	char token[16];
	enum sg_rc rc;

	p->logins++;
	if (p->login_rc != SG_OK)
		return sg_fail(err, p->login_rc, "no sign-in today");
	(void)snprintf(token, sizeof(token), "new-%d", p->logins);
	rc = sg_session_new(p->service, SG_SESSION_JWT, token, p->clock.now_s,
	    out_session, err);
	assert_int_equal(rc, SG_OK);
	(*out_session)->base_url = strdup(HOST);
	(*out_session)->api_version = strdup("3.28");
	return SG_OK;
}

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	(void)snprintf(p->top, sizeof(p->top), "/tmp/api.XXXXXX");
	assert_non_null(mkdtemp(p->top));
	(void)snprintf(p->dir, sizeof(p->dir), "%s/cache", p->top);
	test_clock_set(&p->clock, NOW);
	assert_int_equal(
	    sg_cache_open(p->dir, &p->clock.clock, &p->cache, NULL), SG_OK);
	p->service = SG_SERVICE_TCM;
	p->api.clock = &p->clock.clock;
	p->api.cache = p->cache;
	p->api.identity = &identity;
	p->api.login = count_login;
	p->api.login_ctx = p;
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	sg_api_close(&p->api);
	sg_cache_free(&p->cache);
	assert_int_equal(remove_tree(p->top), 0);
	free(p);
	return 0;
}

/* What an earlier run left in the cache. */
static void
left_in_cache(void *ctx, const char *token)
{
	struct place *p = ctx;
	struct sg_session *session = NULL;

	assert_int_equal(sg_session_new(SG_SERVICE_TCM, SG_SESSION_JWT, token,
			     p->clock.now_s, &session, NULL),
	    SG_OK);
	session->base_url = strdup(HOST);
	session->service = p->service;
	session->api_version = strdup("3.28");
	assert_int_equal(
	    sg_cache_store(p->cache, &identity, session, NULL), SG_OK);
	sg_session_free(&session);
}

static enum sg_rc
call(struct place *p, struct fake *fake, const struct sg_api_request *request,
    struct sg_err *err)
{
	struct sg_http *http = fake_http(fake);
	struct sg_http_reply *reply = NULL;
	enum sg_rc rc;

	p->api.http = http;
	p->api.service = p->service;
	rc = sg_api_call(&p->api, request, "do it", &reply, err);
	assert_int_equal(rc == SG_OK, reply != NULL);
	sg_http_reply_free(&reply);
	fake_end(fake, &http);
	return rc;
}

static void
first_call_signs_in_and_the_next_does_not(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, NO_BODY, HEADER, "new-1", .status = 200}};
	struct fake first = SCRIPT(steps);
	struct fake second = SCRIPT(steps);
	struct fake third = SCRIPT(steps);
	struct place *p = *state;

	assert_int_equal(call(p, &first, &get, NULL), SG_OK);
	assert_int_equal(call(p, &second, &get, NULL), SG_OK);
	sg_api_close(&p->api); /* as another run would be */
	assert_int_equal(call(p, &third, &get, NULL), SG_OK);
	assert_int_equal(p->logins, 1);
}

static void
without_a_cache_nothing_is_written(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, NO_BODY, HEADER, "new-1", .status = 204}};
	struct fake fake = SCRIPT(steps);
	struct place *p = *state;

	p->api.cache = NULL;
	p->api.identity = NULL;
	assert_int_equal(call(p, &fake, &get, NULL), SG_OK);
	assert_int_not_equal(access(p->dir, F_OK), 0);
}

static void
paths_are_put_behind_the_services_base(void **state)
{
	static const struct {
		enum sg_service service;
		const char *path;
		const char *url;
	} cases[] = {
	    {SG_SERVICE_TCM, "/x?y=1", HOST "/api/v1/x?y=1"},
	    {SG_SERVICE_TCM, "x", HOST "/api/v1/x"},
	    {SG_SERVICE_TCM, "/api/v2/sessions", HOST "/api/v2/sessions"},
	    {SG_SERVICE_TCM, "api/v2/x", HOST "/api/v2/x"},
	    {SG_SERVICE_TCM, "/apiary", HOST "/api/v1/apiary"},
	    {SG_SERVICE_TCM, HOST "/y", HOST "/y"},
	    {SG_SERVICE_TCM, HOST ":443/y", HOST ":443/y"},
	    {SG_SERVICE_TCM, "//evil.test/y", HOST "/api/v1/evil.test/y"},
	    {SG_SERVICE_TABLEAU, "/sites", HOST "/api/3.28/sites"},
	    {SG_SERVICE_TABLEAU, "/api/3.4/sites", HOST "/api/3.4/sites"},
	};
	struct place *p = *state;
	size_t i;

	p->api.cache = NULL;
	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct step steps[] = {{"GET", cases[i].url, NO_BODY,
		    cases[i].service == SG_SERVICE_TCM ? HEADER
						       : "X-Tableau-Auth",
		    "new-1", .status = 200}};
		struct fake fake = SCRIPT(steps);
		struct sg_api_request request = get;

		p->logins = 0;
		p->service = cases[i].service;
		request.path = cases[i].path;
		assert_int_equal(call(p, &fake, &request, NULL), SG_OK);
		sg_api_close(&p->api);
	}
}

static void
token_is_sent_to_no_other_origin(void **state)
{
	static const struct {
		const char *path;
		enum sg_rc rc;
	} cases[] = {
	    {"https://evil.test/x", SG_E_POLICY},
	    {HOST ":8443/x", SG_E_POLICY},
	    {"HTTPS://tcm.test.evil.test/", SG_E_POLICY},
	    {"http://tcm.test/x", SG_E_CONFIG},
	    {"https://tcm.test@evil.test/x", SG_E_CONFIG},
	    {"/x y", SG_E_USAGE},
	    {"/x\r\nHost: evil.test", SG_E_USAGE},
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(cases); i++) {
		struct fake fake = {0};
		struct sg_api_request request = get;

		request.path = cases[i].path;
		assert_int_equal(call(p, &fake, &request, NULL), cases[i].rc);
	}
}

static void
ended_session_is_renewed_once_and_the_call_repeated(void **state)
{
	static const struct step steps[] = {
	    {"POST", URL, "{}", HEADER, "old", .status = 401},
	    {"POST", URL, "{}", HEADER, "new-1", .status = 201},
	};
	static const struct sg_api_request post = {
	    .method = "POST", .path = "/x", .body = "{}", .body_len = 2};
	struct fake fake = SCRIPT(steps);
	struct place *p = *state;

	left_in_cache(p, "old");
	assert_int_equal(call(p, &fake, &post, NULL), SG_OK);
	assert_int_equal(p->logins, 1);
}

static void
second_401_is_final(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, NO_BODY, HEADER, "old", .status = 401},
	    {"GET", URL, NO_BODY, HEADER, "new-1", .status = 401,
		.reply = "{\"errorCode\":\"401002\"}"},
	};
	struct fake fake = SCRIPT(steps);
	struct place *p = *state;
	struct sg_err err = {0};

	left_in_cache(p, "old");
	assert_int_equal(call(p, &fake, &get, &err), SG_E_SESSION);
	assert_int_equal(p->logins, 1);
	assert_has(err.text, "lacks the scope");
	assert_has(err.text, "401002");
}

static void
new_session_that_gets_401_lacks_a_scope(void **state)
{
	static const struct step steps[] = {{"GET", URL, NO_BODY, HEADER,
	    "new-1", .status = 401, .reply = "{\"errorCode\":\"401002\"}"}};
	struct fake fake = SCRIPT(steps);
	struct place *p = *state;
	struct sg_err err = {0};

	assert_int_equal(call(p, &fake, &get, &err), SG_E_SESSION);
	assert_int_equal(p->logins, 1);
	assert_has(err.text, "lacks the scope");
}

static void
our_own_session_is_renewed_when_it_is_no_longer_new(void **state)
{
	static const struct step first[] = {
	    {"GET", URL, NO_BODY, HEADER, "new-1", .status = 200}};
	static const struct step later[] = {
	    {"GET", URL, NO_BODY, HEADER, "new-1", .status = 401},
	    {"GET", URL, NO_BODY, HEADER, "new-2", .status = 200},
	};
	struct fake fake_first = SCRIPT(first);
	struct fake fake_later = SCRIPT(later);
	struct place *p = *state;

	assert_int_equal(call(p, &fake_first, &get, NULL), SG_OK);
	p->clock.now_s = NOW + SG_API_NEW_S;
	assert_int_equal(call(p, &fake_later, &get, NULL), SG_OK);
	assert_int_equal(p->logins, 2);
}

static void
renewed_by_another(void *ctx)
{
	left_in_cache(ctx, "another-1");
}

static void
session_that_another_process_renewed_is_used(void **state)
{
	struct place *p = *state;
	const struct step steps[] = {
	    {"GET", URL, NO_BODY, HEADER, "old", .status = 401,
		.before = renewed_by_another, .before_ctx = p},
	    {"GET", URL, NO_BODY, HEADER, "another-1", .status = 200},
	};
	struct fake fake = SCRIPT(steps);

	left_in_cache(p, "old");
	assert_int_equal(call(p, &fake, &get, NULL), SG_OK);
	assert_int_equal(p->logins, 0);
}

static void
expired_session_is_not_sent(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, NO_BODY, HEADER, "new-1", .status = 200}};
	struct fake fake = SCRIPT(steps);
	struct place *p = *state;

	left_in_cache(p, "old");
	p->clock.now_s = NOW + SG_SESSION_IDLE_S;
	assert_int_equal(call(p, &fake, &get, NULL), SG_OK);
	assert_int_equal(p->logins, 1);
}

static void
other_refusals_do_not_end_the_session(void **state)
{
	static const int statuses[] = {400, 403, 404, 500};
	struct place *p = *state;
	size_t i;

	left_in_cache(p, "old");
	for (i = 0; i < SG_COUNT(statuses); i++) {
		const struct step steps[] = {{"GET", URL, NO_BODY, HEADER,
		    "old", .status = statuses[i]}};
		struct fake fake = SCRIPT(steps);
		struct sg_err err = {0};

		assert_int_equal(call(p, &fake, &get, &err), SG_E_REFUSED);
		assert_int_equal(err.native, statuses[i]);
	}
	assert_int_equal(p->logins, 0);
}

static void
lost_call_is_told_with_its_purpose(void **state)
{
	static const struct step steps[] = {{"DELETE", URL, NO_BODY, HEADER,
	    "new-1", .rc = SG_E_TIMEOUT, .fault = SG_HTTP_LOST}};
	static const struct sg_api_request request = {
	    .method = "DELETE", .path = "/x"};
	struct fake fake = SCRIPT(steps);
	struct sg_err err = {0};

	assert_int_equal(call(*state, &fake, &request, &err), SG_E_TIMEOUT);
	assert_int_equal(err.native, SG_HTTP_LOST);
	assert_string_equal(err.text, "do it: no answer could be had");
}

static void
failed_sign_in_is_what_is_told(void **state)
{
	struct fake fake = {0};
	struct place *p = *state;
	struct sg_err err = {0};

	p->login_rc = SG_E_PIN_MISSING;
	assert_int_equal(call(p, &fake, &get, &err), SG_E_PIN_MISSING);
	assert_string_equal(err.text, "do it: no sign-in today");
	assert_int_equal(p->logins, 1);
}

static void
session_that_cannot_be_kept_is_signed_out(void **state)
{
	static const struct step steps[] = {
	    {"DELETE", OUT_URL, NO_BODY, HEADER, "new-1", .status = 204}};
	struct fake fake = SCRIPT(steps);
	struct place *p = *state;
	char path[256];
	char name[SG_IDENTITY_NAME_SIZE];
	struct sg_err err = {0};

	/* a folder where the file should be: no write, not even for root */
	assert_int_equal(sg_identity_name(&identity, name, NULL), SG_OK);
	assert_int_equal(sg_file_make_dir(p->dir, NULL), SG_OK);
	(void)snprintf(path, sizeof(path), "%s/%s.json", p->dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(call(p, &fake, &get, &err), SG_E_IO);
	assert_has(err.text, "keep the session");
	assert_has(err.text, "signed out again");
	assert_has(err.text, "--no-cache");
}

static void
cache_that_cannot_be_locked_costs_no_sign_in(void **state)
{
	struct fake fake = {0};
	struct place *p = *state;
	struct sg_err err = {0};

	assert_int_equal(
	    sg_file_replace(p->dir, "a file", 6, 0600, NULL), SG_OK);
	assert_int_equal(call(p, &fake, &get, &err), SG_E_IO);
	assert_int_equal(p->logins, 0);
	assert_has(err.text, "--no-cache");
}

static void
login_replaces_what_is_cached(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, NO_BODY, HEADER, "new-1", .status = 200}};
	struct fake fake = SCRIPT(steps);
	struct place *p = *state;
	const struct sg_session *session = NULL;

	left_in_cache(p, "old");
	assert_int_equal(sg_api_login(&p->api, &session, NULL), SG_OK);
	assert_string_equal(sg_secret_reveal(session->token), "new-1");
	sg_api_close(&p->api);
	assert_int_equal(call(p, &fake, &get, NULL), SG_OK);
	assert_int_equal(p->logins, 1);
}

/* How many descriptors of this process lead to that file. */
static int
count_open(const char *path)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	char link[512];
	char target[512];
	int count = 0;

	assert_non_null(folder);
	for (entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		ssize_t len;

		(void)snprintf(
		    link, sizeof(link), "/proc/self/fd/%s", entry->d_name);
		len = readlink(link, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		count += strcmp(target, path) == 0;
	}
	(void)closedir(folder);
	return count;
}

static void *
log_in(void *ctx)
{
	struct place *p = ctx;

	p->login_rc = sg_api_login(&p->api, NULL, NULL);
	return NULL;
}

static void
login_that_had_to_wait_takes_what_was_made_meanwhile(void **state)
{
	struct place *p = *state;
	SG_AUTO(sg_lock) lock = NULL;
	char name[SG_IDENTITY_NAME_SIZE];
	char path[512];
	pthread_t thread;

	left_in_cache(p, "old");
	assert_int_equal(sg_identity_name(&identity, name, NULL), SG_OK);
	(void)snprintf(path, sizeof(path), "%s/%s.lock", p->dir, name);
	assert_int_equal(
	    sg_cache_lock(p->cache, &identity, &lock, NULL), SG_OK);
	assert_int_equal(pthread_create(&thread, NULL, log_in, p), 0);
	while (count_open(path) < 2)
		(void)sched_yield(); /* until it waits for the lock */
	left_in_cache(p, "another's");
	sg_lock_free(&lock);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(p->login_rc, SG_OK);
	assert_int_equal(p->logins, 0);
	assert_string_equal(
	    sg_secret_reveal(p->api.session->token), "another's");
}

static void
session_alone_can_be_had(void **state)
{
	struct place *p = *state;
	const struct sg_session *session = NULL;

	left_in_cache(p, "old");
	assert_int_equal(sg_api_session(&p->api, &session, NULL), SG_OK);
	assert_string_equal(sg_secret_reveal(session->token), "old");
	assert_int_equal(p->logins, 0);
}

static void
a_refusal_says_what_was_done_and_why_not(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, NO_BODY, HEADER, "new-1", .status = 404,
		.reply = "{\"message\":\"none for new-1\"}"}};
	struct fake fake = SCRIPT(steps);
	struct place *p = *state;
	struct sg_err err = {0};

	assert_int_equal(call(p, &fake, &get, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 404);
	assert_has(err.text, "do it");
	assert_has(err.text, "none for (hidden)");
}

#define SITE_URL HOST "/api/3.28/sites/x/users"
#define ASK_URL	 HOST "/api/3.28/sessions/current"
#define AUTH	 NO_BODY, "X-Tableau-Auth"
#define REFUSAL	 .status = 401, .reply = "{\"error\":{\"code\":\"401002\"}}"

static const struct sg_api_request get_users = {
    .method = "GET", .path = "/sites/x/users"};

/* 401002 of the REST API, with a session of the cache. */
static void
live_session_of_a_site_is_not_renewed(void **state)
{
	static const struct step steps[] = {
	    {"GET", SITE_URL, AUTH, "old", REFUSAL},
	    {"GET", ASK_URL, AUTH, "old", .status = 200},
	};
	struct fake fake = SCRIPT(steps);
	struct place *p = *state;
	struct sg_err err = {0};

	p->service = SG_SERVICE_TABLEAU;
	left_in_cache(p, "old");
	assert_int_equal(call(p, &fake, &get_users, &err), SG_E_SESSION);
	assert_int_equal(p->logins, 0);
	assert_has(err.text, "the session has not ended");
	assert_has(err.text, "needs the scope tableau:users:read");
}

static void
ended_session_of_a_site_is_renewed(void **state)
{
	static const struct step answers[] = {
	    {"GET", ASK_URL, AUTH, "old", REFUSAL},
	    {"GET", ASK_URL, AUTH, "old", .status = 404}, /* unknown there */
	    {"GET", ASK_URL, AUTH, "old", .rc = SG_E_TIMEOUT,
		.fault = SG_HTTP_LOST},
	};
	struct place *p = *state;
	size_t i;

	p->service = SG_SERVICE_TABLEAU;
	for (i = 0; i < SG_COUNT(answers); i++) {
		const struct step steps[] = {
		    {"GET", SITE_URL, AUTH, "old", REFUSAL},
		    answers[i],
		    {"GET", SITE_URL, AUTH, "new-1", .status = 200},
		};
		struct fake fake = SCRIPT(steps);

		p->logins = 0;
		left_in_cache(p, "old");
		assert_int_equal(call(p, &fake, &get_users, NULL), SG_OK);
		assert_int_equal(p->logins, 1);
		sg_api_close(&p->api);
	}
}

/* It was the session itself that was asked for; or there is no such code. */
static void
what_tells_enough_is_not_asked_again(void **state)
{
	static const struct {
		const char *path;
		const char *url;
		const char *reply;
	} rows[] = {
	    {"/sessions/current", ASK_URL, "{\"error\":{\"code\":\"401002\"}}"},
	    {"/sites/x/users", SITE_URL, "{\"error\":{\"code\":\"401000\"}}"},
	};
	struct place *p = *state;
	size_t i;

	p->service = SG_SERVICE_TABLEAU;
	for (i = 0; i < SG_COUNT(rows); i++) {
		const struct sg_api_request request = {
		    .method = "GET", .path = rows[i].path};
		const struct step steps[] = {
		    {"GET", rows[i].url, AUTH, "old", .status = 401,
			.reply = rows[i].reply},
		    {"GET", rows[i].url, AUTH, "new-1", .status = 200},
		};
		struct fake fake = SCRIPT(steps);

		p->logins = 0;
		left_in_cache(p, "old");
		assert_int_equal(call(p, &fake, &request, NULL), SG_OK);
		assert_int_equal(p->logins, 1);
		sg_api_close(&p->api);
	}
}

static void
scope_that_the_jwt_has_is_not_named(void **state)
{
	static char scope[] = "tableau:tcm_users:read";
	static char *scopes[] = {scope};
	static const struct sg_list list = {scopes, 1};
	static const struct sg_api_request request = {
	    .method = "GET", .path = "/tenants/x/users"};
	static const struct step steps[] = {
	    {"GET", HOST "/api/v1/tenants/x/users", NO_BODY, HEADER, "new-1",
		.status = 403}};
	struct sg_identity rich = identity;
	struct place *p = *state;
	size_t i;

	rich.scopes = &list;
	for (i = 0; i < 2; i++) {
		struct fake fake = SCRIPT(steps);
		struct sg_err err = {0};

		p->logins = 0;
		p->api.identity = i == 0 ? &rich : &identity;
		assert_int_equal(call(p, &fake, &request, &err), SG_E_REFUSED);
		assert_int_equal(strstr(err.text, scope) != NULL, i == 1);
		sg_api_close(&p->api);
	}
}

/* A clock that was set back makes the session one of the future. */
static void
session_of_the_future_is_not_used(void **state)
{
	static const struct step steps[] = {
	    {"GET", URL, NO_BODY, HEADER, "new-1", .status = 200}};
	struct fake fake = SCRIPT(steps);
	struct fake again = SCRIPT(steps);
	struct place *p = *state;

	left_in_cache(p, "old");
	p->clock.now_s = NOW - 3600;
	assert_int_equal(call(p, &fake, &get, NULL), SG_OK);
	sg_api_close(&p->api);
	assert_int_equal(call(p, &again, &get, NULL), SG_OK);
	assert_int_equal(p->logins, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static void
a_path_becomes_a_url(void **state)
{
	static const struct {
		const char *path;
		const char *url; /* NULL: refused */
		enum sg_rc rc;
	} rows[] = {
	    {"/a?b=c", HOST "/api/3.28/a?b=c", SG_OK},
	    {"a", HOST "/api/3.28/a", SG_OK},
	    {"//api/3.4/a", HOST "/api/3.4/a", SG_OK},
	    {HOST "/x", HOST "/x", SG_OK},
	    {"https://elsewhere.test/x", NULL, SG_E_POLICY},
	    {"http://elsewhere.test/x", NULL, SG_E_CONFIG},
	    {"a b", NULL, SG_E_USAGE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO_STR url = NULL;

		assert_int_equal(
		    sg_api_url(HOST, "3.28", rows[i].path, &url, NULL),
		    rows[i].rc);
		if (rows[i].url != NULL)
			assert_string_equal(url, rows[i].url);
		else
			assert_null(url);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_path_becomes_a_url),
	    TEST(first_call_signs_in_and_the_next_does_not),
	    TEST(without_a_cache_nothing_is_written),
	    TEST(paths_are_put_behind_the_services_base),
	    TEST(token_is_sent_to_no_other_origin),
	    TEST(ended_session_is_renewed_once_and_the_call_repeated),
	    TEST(second_401_is_final),
	    TEST(new_session_that_gets_401_lacks_a_scope),
	    TEST(our_own_session_is_renewed_when_it_is_no_longer_new),
	    TEST(session_that_another_process_renewed_is_used),
	    TEST(expired_session_is_not_sent),
	    TEST(live_session_of_a_site_is_not_renewed),
	    TEST(ended_session_of_a_site_is_renewed),
	    TEST(what_tells_enough_is_not_asked_again),
	    TEST(scope_that_the_jwt_has_is_not_named),
	    TEST(session_of_the_future_is_not_used),
	    TEST(other_refusals_do_not_end_the_session),
	    TEST(lost_call_is_told_with_its_purpose),
	    TEST(failed_sign_in_is_what_is_told),
	    TEST(session_that_cannot_be_kept_is_signed_out),
	    TEST(cache_that_cannot_be_locked_costs_no_sign_in),
	    TEST(login_replaces_what_is_cached),
	    TEST(login_that_had_to_wait_takes_what_was_made_meanwhile),
	    TEST(session_alone_can_be_had),
	    TEST(a_refusal_says_what_was_done_and_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
