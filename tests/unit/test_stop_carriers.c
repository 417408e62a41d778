/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_uat_app.h"

#include "cli/uat/stop_carriers.h"
#include "cli/uat/uat_door.h"
#include "fake_rfc.h"
#include "fake_signer.h"

#define STATE ".local/state/signet"
#define KEYS  "https://keys.test/"

/* The key of RFC 7515 A.2 is ours; that of RFC 7638 is another. */
#define OURS   "\"publicKeyActive\":\"" RSA_PEM("\\n") "\""
#define THEIRS "\"publicKeyActive\":\"no key\""
#define CONFIG(id, issuer, key) \
	"{\"configId\":\"" id "\",\"issuer\":\"" issuer "\"," key "}"
#define SET(n) \
	"{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"" n \
	"\",\"e\":\"AQAB\"}]}"
#define LIST(text) \
	{ \
		CALL("GET", ALL, NO_BODY), .status = 200, .reply = text \
	}
#define LOOK(where, answer, text) \
	{ \
		.method = "GET", .url = KEYS where, .body = NO_BODY, \
		.status = answer, .reply = text \
	}

/* The search of a run, with the key at hand or without. */
struct search {
	struct stop_carriers carriers;
	struct uat_door door;
	struct fake_key key;
};

static void
search_open(struct bench *b, struct search *s, bool has_key)
{
	memset(s, 0, sizeof(*s));
	set_tcm();
	set_claims();
	(void)setenv("CLOUD_MANAGER_URL", TCM, 1);
	assert_ok(b, OPEN(b, "uat", "stop", "--pat", "--no-cache"));
	if (has_key)
		bench_give_key(b, &s->key);
	assert_ok(b, uat_door_open(&b->app, &s->door, &b->err));
	s->carriers.app = &b->app;
	s->carriers.uat = &s->door.uat;
}

static void
search_close(struct bench *b, struct search *s)
{
	stop_carriers_clear(&s->carriers);
	uat_door_close(&s->door);
	assert_played(b);
	bench_close(b);
}

/* The ids that were found, one letter each, in their order. */
static void
assert_found(const struct search *s, const char *ids)
{
	char got[32] = "";
	size_t i;

	for (i = 0; i < s->carriers.ids.count && i + 1 < sizeof(got); i++)
		got[i] = s->carriers.ids.items[i][0];
	assert_string_equal(got, ids);
}

static void
what_shows_the_key_or_the_issuer_is_found(void **state)
{
	static const struct step steps[] = {SIGN_IN,
	    LIST("[" CONFIG("a", ISSUER, OURS) "," CONFIG(
		"b", "i2", OURS) "," CONFIG("c", ISSUER, THEIRS) "," CONFIG("d",
		ISSUER, "\"jwksUri\":\"" KEYS "d\"") "," CONFIG("e", "i2",
		"\"jwksUri\":\"" KEYS "e\"") "," CONFIG("f", "i2",
		OURS ",\"jwksUri\":\"" KEYS
		     "f\"") "," CONFIG("g", ISSUER, "\"x\":1") "]"),
	    SIGN_OUT};
	struct bench *b = *state;
	struct search s;

	PLAY(b, steps);
	search_open(b, &s, true);
	assert_ok(b, stop_carriers_find(&s.carriers, &b->err));
	assert_found(&s, "abdfg");
	assert_true(stop_carriers_listed(&s.carriers, "c"));
	assert_false(stop_carriers_listed(&s.carriers, "z"));
	search_close(b, &s);
}

static void
what_publishes_the_key_is_found(void **state)
{
	static const struct step steps[] = {SIGN_IN,
	    LIST("[" CONFIG("a", "i2", "\"jwksUri\":\"" KEYS "a\"") "," CONFIG(
		"b", "i3", "\"jwksUri\":\"" KEYS "b\"") "," CONFIG("c", "i4",
		"\"jwksUri\":\"" KEYS "c\",\"enabled\":false") "," CONFIG("d",
		"i5", "\"jwksUri\":\"" KEYS "d\"") "," CONFIG("e", "i6",
		"\"jwksUri\":\"" KEYS "e\"") "]"),
	    LOOK("a", 404, ""), LOOK("b", 200, SET(RFC7515_N)),
	    LOOK("d", 200, SET(RFC7638_N)), LOOK("e", 200, SET(RFC7515_N)),
	    SIGN_OUT};
	struct bench *b = *state;
	struct search s;

	PLAY(b, steps);
	search_open(b, &s, true);
	assert_ok(b, stop_carriers_find(&s.carriers, &b->err));
	assert_found(&s, "");
	assert_int_equal(
	    stop_carriers_look(&s.carriers, &b->err), SG_E_NETWORK);
	assert_has(b->err.text, "find out whether a takes the key");
	assert_found(&s, "be");
	search_close(b, &s);
}

static void
without_a_token_the_issuers_key_counts(void **state)
{
	static const struct step steps[] = {SIGN_IN,
	    LIST("[" CONFIG("a", ISSUER, OURS) "," CONFIG(
		"b", "i2", OURS) "," CONFIG("c", "i2", THEIRS) "]"),
	    SIGN_OUT};
	struct bench *b = *state;
	struct search s;

	PLAY(b, steps);
	search_open(b, &s, false);
	assert_ok(b, stop_carriers_find(&s.carriers, &b->err));
	assert_found(&s, "ab");
	assert_has(heard(b), "the token shows no key");
	search_close(b, &s);
}

static void
put_known(const char *first, const char *second)
{
	static const char form[] =
	    "{\"version\":1,\"configurations\":[{\"tenantId\":\"%s\","
	    "\"configId\":\"k\",\"name\":\"n\",\"issuer\":\"i\","
	    "\"thumbprint\":\"%s\"},{\"tenantId\":\"%s\",\"configId\":"
	    "\"l\",\"name\":\"m\",\"issuer\":\"i\",\"thumbprint\":\"%s\"}]}";
	char text[1024];

	assert_int_equal(mkdir(".local", 0700), 0);
	assert_int_equal(mkdir(".local/state", 0700), 0);
	assert_int_equal(mkdir(STATE, 0700), 0);
	(void)snprintf(text, sizeof(text), form, TENANT, first, TENANT, second);
	put(STATE "/known-uat.json", 0600, text);
}

static void
what_is_known_is_found_though_no_list_can_be_had(void **state)
{
	static const struct step steps[] = {
	    SIGN_IN, {CALL("GET", ALL, NO_BODY), .status = 403}, SIGN_OUT};
	struct bench *b = *state;
	struct search s;

	put_known("x", "x");
	PLAY(b, steps);
	search_open(b, &s, false);
	assert_int_equal(
	    stop_carriers_find(&s.carriers, &b->err), SG_E_REFUSED);
	assert_has(b->err.text, "403");
	assert_found(&s, "kl");
	assert_ok(b, stop_carriers_look(&s.carriers, NULL));
	search_close(b, &s);
}

static void
of_two_keys_none_is_guessed(void **state)
{
	static const struct step steps[] = {SIGN_IN, LIST("[]"), SIGN_OUT};
	struct bench *b = *state;
	struct search s;

	put_known("x", "y");
	PLAY(b, steps);
	search_open(b, &s, false);
	assert_int_equal(stop_carriers_find(&s.carriers, &b->err), SG_E_USAGE);
	assert_found(&s, "");
	search_close(b, &s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_shows_the_key_or_the_issuer_is_found),
	    TEST(what_publishes_the_key_is_found),
	    TEST(without_a_token_the_issuers_key_counts),
	    TEST(what_is_known_is_found_though_no_list_can_be_had),
	    TEST(of_two_keys_none_is_guessed),
	};

	return cmocka_run_group_tests_name("stop_carriers", tests, NULL, NULL);
}
