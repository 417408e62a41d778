/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "client/session/cache.h"

#define NOW 1800000000

static const struct sg_identity identity = {
    .service = SG_SERVICE_TCM,
    .kind = SG_SESSION_JWT,
    .base_url = "https://a.test",
    .tenant_id = "t",
    .user = "u",
};

static const struct sg_identity other = {
    .service = SG_SERVICE_TCM,
    .kind = SG_SESSION_JWT,
    .base_url = "https://a.test",
    .tenant_id = "t",
    .user = "someone else",
};

/* A cache in a folder of its own that does not exist yet. */
struct place {
	char top[32];
	char dir[64];
	char path[256]; /* of the file of identity */
	struct test_clock clock;
	struct sg_cache *cache;
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	char name[SG_IDENTITY_NAME_SIZE];

	assert_non_null(p);
	(void)snprintf(p->top, sizeof(p->top), "/tmp/cache.XXXXXX");
	assert_non_null(mkdtemp(p->top));
	(void)snprintf(p->dir, sizeof(p->dir), "%s/deep/down", p->top);
	test_clock_set(&p->clock, NOW);
	assert_int_equal(
	    sg_cache_open(p->dir, &p->clock.clock, &p->cache, NULL), SG_OK);
	assert_int_equal(sg_identity_name(&identity, name, NULL), SG_OK);
	(void)snprintf(p->path, sizeof(p->path), "%s/%s.json", p->dir, name);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	sg_cache_free(&p->cache);
	assert_int_equal(remove_tree(p->top), 0);
	free(p);
	return 0;
}

static struct sg_session *
session_of(const char *token, int64_t made_s)
{
	struct sg_session *session = NULL;

	assert_int_equal(sg_session_new(SG_SERVICE_TCM, SG_SESSION_JWT, token,
			     made_s, &session, NULL),
	    SG_OK);
	session->base_url = strdup("https://a.test");
	return session;
}

static void
store(struct place *p, const struct sg_identity *id, const char *token)
{
	struct sg_session *session = session_of(token, p->clock.now_s);
	struct sg_err err = {0};

	if (sg_cache_store(p->cache, id, session, &err) != SG_OK)
		fail_msg("%s", err.text);
	sg_session_free(&session);
}

/* The token that is found, "" on a miss. */
static const char *
look(struct place *p, const struct sg_identity *id)
{
	static char token[64];
	struct sg_session *session = NULL;

	assert_int_equal(sg_cache_load(p->cache, id, &session, NULL), SG_OK);
	token[0] = '\0';
	if (session != NULL)
		(void)snprintf(token, sizeof(token), "%s",
		    sg_secret_reveal(session->token));
	sg_session_free(&session);
	return token;
}

static void
overwrite(const char *path, const char *text)
{
	assert_int_equal(
	    sg_file_replace(path, text, strlen(text), 0600, NULL), SG_OK);
}

static void
absent_folder_is_a_miss(void **state)
{
	assert_string_equal(look(*state, &identity), "");
}

static void
what_is_stored_is_found(void **state)
{
	struct place *p = *state;

	store(p, &identity, "one");
	assert_string_equal(look(p, &identity), "one");
	store(p, &identity, "two");
	assert_string_equal(look(p, &identity), "two");
}

static void
folder_and_file_are_for_us_alone(void **state)
{
	struct place *p = *state;
	struct stat st;

	(void)umask(0);
	store(p, &identity, "one");
	assert_int_equal(stat(p->dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)umask(022);
}

static void
another_identity_is_a_miss(void **state)
{
	struct place *p = *state;

	store(p, &identity, "one");
	assert_string_equal(look(p, &other), "");
}

static void
renamed_file_is_a_miss(void **state)
{
	struct place *p = *state;
	char name[SG_IDENTITY_NAME_SIZE];
	char path[256];

	store(p, &identity, "one");
	assert_int_equal(sg_identity_name(&other, name, NULL), SG_OK);
	(void)snprintf(path, sizeof(path), "%s/%s.json", p->dir, name);
	assert_int_equal(rename(p->path, path), 0);
	assert_string_equal(look(p, &other), "");
}

static void
ended_session_is_a_miss(void **state)
{
	struct place *p = *state;

	store(p, &identity, "one");
	p->clock.now_s = NOW + SG_SESSION_IDLE_S;
	assert_string_equal(look(p, &identity), "");
	p->clock.now_s = NOW - 1;
	assert_string_equal(look(p, &identity), "");
}

static void
corrupt_file_is_a_miss(void **state)
{
	static const char *const texts[] = {"", "{", "[]", "null", "{}",
	    "{\"version\":1}", "{\"version\":1,\"identity\":{},\"session\":{}}",
	    "\xff\xfe"};
	struct place *p = *state;
	size_t i;

	store(p, &identity, "one");
	for (i = 0; i < SG_COUNT(texts); i++) {
		overwrite(p->path, texts[i]);
		assert_string_equal(look(p, &identity), "");
	}
	store(p, &identity, "two");
	assert_string_equal(look(p, &identity), "two");
}

static void
later_version_is_a_miss(void **state)
{
	struct place *p = *state;
	struct sg_buf *buf = NULL;
	char *mark;

	store(p, &identity, "one");
	assert_int_equal(
	    sg_file_read(p->path, SG_FILE_SECRET, 65536, NULL, &buf, NULL),
	    SG_OK);
	mark = strstr((char *)buf->data, "\"version\":1");
	assert_non_null(mark);
	mark[strlen("\"version\":")] = '2';
	overwrite(p->path, (char *)buf->data);
	assert_string_equal(look(p, &identity), "");
	sg_buf_free(&buf);
}

static void
file_open_to_others_is_a_miss(void **state)
{
	struct place *p = *state;

	store(p, &identity, "one");
	assert_int_equal(chmod(p->path, 0644), 0);
	assert_string_equal(look(p, &identity), "");
}

static void
folder_open_to_others_is_not_written_to(void **state)
{
	struct place *p = *state;
	struct sg_session *session = session_of("one", NOW);
	struct sg_err err = {0};

	assert_int_equal(sg_file_make_dir(p->dir, NULL), SG_OK);
	assert_int_equal(chmod(p->dir, 0755), 0);
	assert_int_equal(
	    sg_cache_store(p->cache, &identity, session, &err), SG_E_CONFIG);
	assert_has(err.text, "keep the session: ");
	assert_has(err.text, p->dir);
	sg_session_free(&session);
}

static void
failed_write_leaves_the_old_entry(void **state)
{
	struct place *p = *state;
	struct sg_session *session = session_of("two", NOW);
	struct rlimit old;
	struct rlimit none;
	struct sg_err err = {0};
	void (*was)(int);

	store(p, &identity, "one");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = old;
	none.rlim_cur = 10;
	was = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(
	    sg_cache_store(p->cache, &identity, session, &err), SG_E_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	(void)signal(SIGXFSZ, was);
	assert_has(err.text, "keep the session: ");
	assert_string_equal(look(p, &identity), "one");
	sg_session_free(&session);
}

static size_t
count_files(const char *dir)
{
	DIR *d = opendir(dir);
	size_t count = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		count++;
	(void)closedir(d);
	return count - 2;
}

static void
failed_write_leaves_no_rubbish(void **state)
{
	struct place *p = *state;

	failed_write_leaves_the_old_entry(state);
	assert_int_equal(count_files(p->dir), 1);
}

static void
drop_forgets_and_may_find_nothing(void **state)
{
	struct place *p = *state;
	SG_AUTO(sg_session) one = session_of("one", NOW);

	assert_int_equal(
	    sg_cache_forget(p->cache, &identity, one, NULL), SG_OK);
	store(p, &identity, "one");
	store(p, &other, "two");
	assert_int_equal(
	    sg_cache_forget(p->cache, &identity, one, NULL), SG_OK);
	assert_string_equal(look(p, &identity), "");
	assert_string_equal(look(p, &other), "two");
}

static void
a_newer_session_is_not_forgotten(void **state)
{
	struct place *p = *state;
	SG_AUTO(sg_session) one = session_of("one", NOW);

	store(p, &identity, "newer");
	assert_int_equal(
	    sg_cache_forget(p->cache, &identity, one, NULL), SG_OK);
	assert_string_equal(look(p, &identity), "newer");
}

static void
use_prolongs_an_entry_once_a_minute(void **state)
{
	struct place *p = *state;
	struct sg_session *session = session_of("one", NOW);
	struct stat before;
	struct stat after;

	assert_int_equal(
	    sg_cache_store(p->cache, &identity, session, NULL), SG_OK);
	assert_int_equal(stat(p->path, &before), 0);
	p->clock.now_s = NOW + 59;
	sg_cache_touch(p->cache, &identity, session);
	assert_int_equal(stat(p->path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	p->clock.now_s = NOW + 60;
	sg_cache_touch(p->cache, &identity, session);
	assert_int_equal(session->used_s, NOW + 60);
	p->clock.now_s = NOW + 60 + SG_SESSION_IDLE_S - 1;
	assert_string_equal(look(p, &identity), "one");
	sg_session_free(&session);
}

static void
touch_leaves_anothers_newer_session_alone(void **state)
{
	struct place *p = *state;
	struct sg_session *session = session_of("one", NOW);
	SG_AUTO(sg_session) newer = session_of("newer", NOW);

	store(p, &identity, "newer");
	p->clock.now_s = NOW + 100;
	sg_cache_touch(p->cache, &identity, session);
	assert_string_equal(look(p, &identity), "newer");
	assert_int_equal(
	    sg_cache_forget(p->cache, &identity, newer, NULL), SG_OK);
	session->used_s = NOW;
	sg_cache_touch(p->cache, &identity, session);
	assert_string_equal(look(p, &identity), "");
	sg_session_free(&session);
}

static void
touch_does_not_wait_for_a_lock(void **state)
{
	struct place *p = *state;
	struct sg_session *session = session_of("one", NOW);
	struct sg_lock *lock = NULL;

	store(p, &identity, "one");
	assert_int_equal(
	    sg_cache_lock(p->cache, &identity, &lock, NULL), SG_OK);
	p->clock.now_s = NOW + 100;
	sg_cache_touch(p->cache, &identity, session);
	p->clock.now_s = NOW + SG_SESSION_IDLE_S;
	assert_string_equal(look(p, &identity), ""); /* it was not written */
	sg_lock_free(&lock);
	sg_session_free(&session);
}

static void
identities_have_locks_of_their_own(void **state)
{
	struct place *p = *state;
	struct sg_lock *one = NULL;
	struct sg_lock *two = NULL;

	assert_int_equal(sg_cache_lock(p->cache, &identity, &one, NULL), SG_OK);
	assert_int_equal(sg_cache_lock(p->cache, &other, &two, NULL), SG_OK);
	sg_lock_free(&one);
	sg_lock_free(&two);
}

struct seen {
	struct sg_cache *cache;
	size_t count;
	size_t stop_at;
	char users[256];
};

static enum sg_rc
see(void *ctx, const struct sg_cache_entry *entry)
{
	struct seen *seen = ctx;

	seen->count++;
	assert_string_equal(entry->identity->tenant_id, "t");
	assert_non_null(entry->session->token);
	(void)snprintf(seen->users + strlen(seen->users), 64, "%s,",
	    entry->identity->user);
	if (seen->cache != NULL)
		assert_int_equal(sg_cache_forget(seen->cache, entry->identity,
				     entry->session, NULL),
		    SG_OK);
	return seen->count == seen->stop_at ? SG_E_USAGE : SG_OK;
}

static void
list_shows_what_is_good(void **state)
{
	struct place *p = *state;
	struct seen seen = {0};
	char path[256];

	assert_int_equal(sg_cache_list(p->cache, see, &seen, NULL), SG_OK);
	assert_int_equal(seen.count, 0);
	store(p, &identity, "one");
	store(p, &other, "two");
	(void)snprintf(path, sizeof(path), "%s/readme.json", p->dir);
	overwrite(path, "{}");
	(void)snprintf(path, sizeof(path), "%s/%064d.json", p->dir, 0);
	overwrite(path, "{}");
	p->clock.now_s = NOW + 99999; /* ended ones are shown too */
	assert_int_equal(sg_cache_list(p->cache, see, &seen, NULL), SG_OK);
	assert_int_equal(seen.count, 2);
	assert_has(seen.users, "someone else");
}

/* As a store would, but an absent folder is not made for it. */
static void
check_judges_the_folder_and_makes_none(void **state)
{
	struct place *p = *state;
	struct sg_err err = {0};

	assert_int_equal(sg_cache_check(p->cache, NULL), SG_OK);
	assert_int_equal(access(p->dir, F_OK), -1);
	store(p, &identity, "one");
	assert_int_equal(sg_cache_check(p->cache, NULL), SG_OK);
	assert_int_equal(chmod(p->dir, 0750), 0);
	assert_int_equal(sg_cache_check(p->cache, &err), SG_E_CONFIG);
	assert_has(err.text, "chmod 700");
	assert_int_equal(chmod(p->dir, 0700), 0);
}

static void
list_ends_when_told_and_can_forget(void **state)
{
	struct place *p = *state;
	struct seen stop = {.stop_at = 1};
	struct seen all = {.cache = p->cache};

	store(p, &identity, "one");
	store(p, &other, "two");
	assert_int_equal(sg_cache_list(p->cache, see, &stop, NULL), SG_E_USAGE);
	assert_int_equal(stop.count, 1);
	assert_int_equal(sg_cache_list(p->cache, see, &all, NULL), SG_OK);
	assert_int_equal(all.count, 2);
	assert_string_equal(look(p, &identity), "");
	assert_string_equal(look(p, &other), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(absent_folder_is_a_miss),
	    TEST(what_is_stored_is_found),
	    TEST(folder_and_file_are_for_us_alone),
	    TEST(another_identity_is_a_miss),
	    TEST(renamed_file_is_a_miss),
	    TEST(ended_session_is_a_miss),
	    TEST(corrupt_file_is_a_miss),
	    TEST(later_version_is_a_miss),
	    TEST(file_open_to_others_is_a_miss),
	    TEST(folder_open_to_others_is_not_written_to),
	    TEST(failed_write_leaves_the_old_entry),
	    TEST(failed_write_leaves_no_rubbish),
	    TEST(drop_forgets_and_may_find_nothing),
	    TEST(a_newer_session_is_not_forgotten),
	    TEST(use_prolongs_an_entry_once_a_minute),
	    TEST(touch_leaves_anothers_newer_session_alone),
	    TEST(touch_does_not_wait_for_a_lock),
	    TEST(identities_have_locks_of_their_own),
	    TEST(list_shows_what_is_good),
	    TEST(check_judges_the_folder_and_makes_none),
	    TEST(list_ends_when_told_and_can_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
