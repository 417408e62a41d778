/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/uat/known.h"

#include "fake_app.h"
#include "fake_key.h"

#include "base/clock.h"
#include "base/file.h"
#include "client/uat/uat_config.h"
#include "signer/jwk.h"

#define ID_1 "d06c826a-1111-4222-8333-944444444444"
#define ID_2 "d06c826a-2222-4222-8333-944444444444"
#define FILE ".local/state/signet/known-uat.json"

/* RFC 7515's key as a configuration shows it, and its thumbprint. */
struct told {
	struct sg_buf *pem;
	char thumbprint[SG_THUMBPRINT_SIZE];
};

static void
told_key_of(struct told *told, const char *n)
{
	SG_AUTO(sg_rsa) rsa = fake_rsa(n, RFC7515_E);

	told->pem = sg_buf_new(4096);
	assert_int_equal(sg_rsa_to_pem(rsa, told->pem, NULL), SG_OK);
	assert_int_equal(sg_jwk_thumbprint(rsa, told->thumbprint, NULL), SG_OK);
}

static void
told_key(struct told *told)
{
	told_key_of(told, RFC7515_N);
}

static struct sg_uat_config
config(const struct told *told, char *id, char *name)
{
	return (struct sg_uat_config){
	    .config_id = id,
	    .name = name,
	    .issuer = (char *)(uintptr_t) "https://i.example",
	    .public_key_active = (char *)(uintptr_t)sg_buf_str(told->pem),
	    .enabled = true,
	};
}

static size_t
count(struct bench *b, const char *thumbprint)
{
	SG_AUTO(sg_json) configs = NULL;

	assert_ok(b, known_carriers(&b->app, thumbprint, &configs, &b->err));
	return sg_json_count(configs);
}

static void
open_app(struct bench *b)
{
	(void)setenv("CLOUD_MANAGER_TENANT_ID", TENANT, 1);
	assert_ok(b, OPEN(b, "uat", "list"));
}

static char id_1[] = ID_1;
static char id_2[] = ID_2;
static char prod[] = "prod";
static char other[] = "other";
static char small[] = "0a1b2c3d-aaaa-4bbb-8ccc-deadbeef0001";
static char capitals[] = "0A1B2C3D-AAAA-4BBB-8CCC-DEADBEEF0001";

static void
nothing_is_known_at_first(void **state)
{
	struct bench *b = *state;

	open_app(b);
	assert_int_equal(count(b, NULL), 0);
}

static void
what_was_seen_is_known_by_its_key(void **state)
{
	struct bench *b = *state;
	SG_AUTO(sg_json) configs = NULL;
	struct sg_uat_config shown;
	const struct sg_json *entry;
	struct stat st;
	struct told told;

	told_key(&told);
	open_app(b);
	shown = config(&told, id_1, prod);
	known_saw(&b->app, &shown);
	assert_ok(
	    b, known_carriers(&b->app, told.thumbprint, &configs, &b->err));
	assert_int_equal(sg_json_count(configs), 1);
	entry = sg_json_at(configs, 0);
	assert_string_equal(sg_json_get_text(entry, "tenantId"), TENANT);
	assert_string_equal(sg_json_get_text(entry, "configId"), ID_1);
	assert_string_equal(sg_json_get_text(entry, "name"), "prod");
	assert_string_equal(
	    sg_json_get_text(entry, "issuer"), "https://i.example");
	assert_int_equal(count(b, "another"), 0);
	assert_int_equal(stat(FILE, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_string_equal(heard(b), "");
	sg_buf_free(&told.pem);
}

static void
news_replaces_what_it_is_about(void **state)
{
	struct bench *b = *state;
	struct sg_uat_config one;
	struct sg_uat_config two;
	struct told told;
	struct told new_key;

	told_key(&told);
	told_key_of(&new_key, RFC7520_N);
	open_app(b);
	one = config(&told, id_1, prod);
	two = config(&told, id_2, other);
	known_saw(&b->app, &one);
	known_saw(&b->app, &two);
	known_saw(&b->app, &one);
	assert_int_equal(count(b, told.thumbprint), 2);
	one.public_key_active = (char *)(uintptr_t)sg_buf_str(new_key.pem);
	known_saw(&b->app, &one);
	assert_int_equal(count(b, told.thumbprint), 1);
	assert_int_equal(count(b, new_key.thumbprint), 1);
	known_deleted(&b->app, "nobody");
	assert_int_equal(count(b, told.thumbprint), 1);
	known_deleted(&b->app, "other");
	assert_int_equal(count(b, told.thumbprint), 0);
	assert_int_equal(count(b, NULL), 1);
	sg_buf_free(&told.pem);
	sg_buf_free(&new_key.pem);
}

/* Tableau may leave it out of an answer, and the key signs all the same. */
static void
answer_without_a_key_erases_none(void **state)
{
	struct bench *b = *state;
	struct sg_uat_config one;
	struct sg_uat_config *items[] = {&one};
	const struct sg_uat_configs all = {items, 1};
	struct told told;

	told_key(&told);
	open_app(b);
	one = config(&told, id_1, prod);
	known_saw(&b->app, &one);
	one.public_key_active = NULL;
	known_saw(&b->app, &one);
	assert_int_equal(count(b, told.thumbprint), 1);
	known_saw_all(&b->app, &all);
	assert_int_equal(count(b, told.thumbprint), 1);
	one.public_key_active = other; /* no PEM */
	known_saw(&b->app, &one);
	assert_int_equal(count(b, told.thumbprint), 1);
	sg_buf_free(&told.pem);
}

static void
answer_without_an_id_is_found_by_its_name(void **state)
{
	struct bench *b = *state;
	struct sg_uat_config made;
	struct told told;

	told_key(&told);
	open_app(b);
	made = config(&told, NULL, prod);
	known_saw(&b->app, &made);
	made.config_id = id_1;
	known_saw(&b->app, &made);
	assert_int_equal(count(b, NULL), 1);
	known_deleted(&b->app, ID_1);
	assert_int_equal(count(b, NULL), 0);
	sg_buf_free(&told.pem);
}

/* It may be one page of many. */
static void
list_forgets_nothing_that_is_not_in_it(void **state)
{
	struct bench *b = *state;
	struct sg_uat_config one;
	struct sg_uat_config two;
	struct sg_uat_config *items[] = {&two};
	const struct sg_uat_configs all = {items, 1};
	const struct sg_uat_configs none = {NULL, 0};
	struct told told;

	told_key(&told);
	open_app(b);
	one = config(&told, id_1, prod);
	two = config(&told, id_2, other);
	known_saw(&b->app, &one);
	known_saw_all(&b->app, &all);
	assert_int_equal(count(b, NULL), 2);
	known_saw_all(&b->app, &none);
	assert_int_equal(count(b, NULL), 2);
	sg_buf_free(&told.pem);
}

/* An id of one tenant is not that of another. */
static void
news_of_a_tenant_leaves_other_tenants_alone(void **state)
{
	struct bench *b = *state;
	struct sg_uat_config one;
	struct told told;

	told_key(&told);
	open_app(b);
	one = config(&told, id_1, prod);
	known_saw(&b->app, &one);
	one.tenant_id = other;
	known_saw(&b->app, &one);
	assert_int_equal(count(b, NULL), 2);
	known_deleted(&b->app, ID_1);
	assert_int_equal(count(b, NULL), 1);
	sg_buf_free(&told.pem);
}

static void
what_is_no_key_is_not_known(void **state)
{
	struct bench *b = *state;
	struct sg_uat_config shown;
	struct told told;

	told_key(&told);
	open_app(b);
	shown = config(&told, id_1, prod);
	shown.public_key_active = other;
	known_saw(&b->app, &shown);
	assert_int_equal(count(b, NULL), 0);
	sg_buf_free(&told.pem);
}

static void
broken_file_stops_who_asks_and_not_who_tells(void **state)
{
	static const char *const texts[] = {
	    "{", "[]", "{\"version\":2,\"configurations\":[]}"};
	struct bench *b = *state;
	SG_AUTO(sg_json) configs = NULL;
	struct sg_uat_config shown;
	struct told told;
	size_t i;

	told_key(&told);
	open_app(b);
	shown = config(&told, id_1, prod);
	known_saw(&b->app, &shown);
	for (i = 0; i < SG_COUNT(texts); i++) {
		put(FILE, 0600, texts[i]);
		sg_err_clear(&b->err);
		assert_refused(b,
		    known_carriers(&b->app, NULL, &configs, &b->err),
		    SG_E_CONFIG, "known-uat.json");
		assert_null(configs);
		known_saw(&b->app, &shown);
		assert_string_equal(text_of(FILE), texts[i]);
	}
	assert_has(heard(b), "is not remembered");
	sg_buf_free(&told.pem);
}

static void
without_a_place_it_is_a_hint(void **state)
{
	struct bench *b = *state;
	struct sg_uat_config shown;
	struct told told;

	told_key(&told);
	(void)setenv("SIGNET_STATE_DIR", "/dev/null/x", 1);
	open_app(b);
	shown = config(&told, id_1, prod);
	known_saw(&b->app, &shown);
	assert_has(heard(b), "is not remembered");
	sg_buf_free(&told.pem);
}

/* The service writes it in small letters, the settings may not. */
static void
tenant_is_the_same_in_capitals(void **state)
{
	struct bench *b = *state;
	struct sg_uat_config one;
	struct told told;

	told_key(&told);
	open_app(b);
	one = config(&told, id_1, prod);
	one.tenant_id = small;
	known_saw(&b->app, &one);
	assert_int_equal(count(b, NULL), 1);
	one.tenant_id = capitals;
	known_saw(&b->app, &one);
	assert_int_equal(count(b, NULL), 1);
	bench_close(b);
	(void)setenv("CLOUD_MANAGER_TENANT_ID", capitals, 1);
	assert_ok(b, OPEN(b, "uat", "list"));
	known_deleted(&b->app, ID_1);
	assert_int_equal(count(b, NULL), 0);
	sg_buf_free(&told.pem);
}

/* Another has the file, for how long nobody knows. */
static void
stop_does_not_wait_to_remember(void **state)
{
	SG_AUTO(sg_lock) theirs = NULL;
	struct bench *b = *state;
	struct sg_uat_config shown;
	struct told told;
	int64_t begun_ms;
	int64_t took_ms;
	int tries = 0;

	told_key(&told);
	open_app(b);
	shown = config(&told, id_1, prod);
	known_saw(&b->app, &shown);
	assert_string_equal(heard(b), "");
	assert_ok(b, sg_lock_take(FILE ".lock", 0, &theirs, &b->err));
	b->app.is_stopping = true;
	do { /* the host may stand still meanwhile, but not each time */
		begun_ms = sg_clock_mono_ms();
		known_saw(&b->app, &shown);
		took_ms = sg_clock_mono_ms() - begun_ms;
	} while (took_ms >= 4000 && ++tries < 10);
	assert_true(took_ms < 4000);
	assert_has(heard(b), "is not remembered");
	sg_buf_free(&told.pem);
}

/* What a service shows is bounded before it takes time or room. */
static void
more_than_anybody_has_is_a_hint(void **state)
{
	struct bench *b = *state;
	struct sg_uat_config one;
	struct sg_uat_config two;
	struct sg_uat_config *items[2001];
	const struct sg_uat_configs all = {items, SG_COUNT(items)};
	struct told told;
	size_t i;

	told_key(&told);
	open_app(b);
	one = config(&told, id_1, prod);
	two = config(&told, id_2, other);
	known_saw(&b->app, &one);
	for (i = 0; i < SG_COUNT(items); i++)
		items[i] = &two;
	known_saw_all(&b->app, &all);
	assert_has(heard(b), "2001 UAT configurations are more than the 2000");
	assert_int_equal(count(b, NULL), 1);
	sg_buf_free(&told.pem);
}

static void
what_would_not_fit_is_a_hint(void **state)
{
	struct bench *b = *state;
	SG_AUTO(sg_buf) name = sg_buf_new(1024 * 1024);
	struct sg_uat_config one;
	struct sg_uat_config two;
	struct told told;
	size_t i;

	told_key(&told);
	open_app(b);
	for (i = 0; i < 1024 * 1024; i++)
		sg_buf_add_byte(name, 'x');
	one = config(&told, id_1, prod);
	two = config(&told, id_2, (char *)name->data);
	known_saw(&b->app, &one);
	known_saw(&b->app, &two);
	assert_has(heard(b), "known-uat.json would be larger than");
	assert_has(heard(b), "remove the file");
	assert_int_equal(count(b, NULL), 1);
	sg_buf_free(&told.pem);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_is_known_at_first),
	    TEST(what_was_seen_is_known_by_its_key),
	    TEST(news_replaces_what_it_is_about),
	    TEST(answer_without_an_id_is_found_by_its_name),
	    TEST(answer_without_a_key_erases_none),
	    TEST(list_forgets_nothing_that_is_not_in_it),
	    TEST(news_of_a_tenant_leaves_other_tenants_alone),
	    TEST(what_is_no_key_is_not_known),
	    TEST(broken_file_stops_who_asks_and_not_who_tells),
	    TEST(without_a_place_it_is_a_hint),
	    TEST(tenant_is_the_same_in_capitals),
	    TEST(stop_does_not_wait_to_remember),
	    TEST(more_than_anybody_has_is_a_hint),
	    TEST(what_would_not_fit_is_a_hint),
	};

	return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}
