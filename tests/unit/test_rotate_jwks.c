/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_jwks.h"

#include "fake_rotate.h"

#include "tests/unit/fake_rfc.h"

#define URL	       "https://keys.test/jwks.json"
#define OLD_THUMBPRINT "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
#define NEW_THUMBPRINT "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8"

#define JWK(kid, n) \
	"{\"kty\":\"RSA\",\"kid\":\"" kid "\",\"n\":\"" n "\",\"e\":\"AQAB\"}"
#define OLD_JWK JWK(OLD_THUMBPRINT, RFC7520_N)
#define NEW_JWK JWK(NEW_THUMBPRINT, RFC7515_N)
#define FETCH(set) \
	{ \
		.method = "GET", .url = URL, .status = 200, .reply = set, \
		.content_type = "application/json" \
	}

static const struct rotate_set both = {true, true};
static const struct rotate_set old_alone = {true, false};

static void
open_set(struct bench *b, struct rotate *rotate, const char *output)
{
	struct sg_rotation *r;

	open_rotate(b, rotate, SETTINGS);
	r = rotate->rotation;
	r->mode = SG_ROTATION_BY_JWKS;
	set_text(&r->jwks_uri, URL);
	set_text(&r->jwks_output, output);
	set_text(&r->old_thumbprint, OLD_THUMBPRINT);
	set_text(&r->new_thumbprint, NEW_THUMBPRINT);
	set_text(&r->new_pem, RSA_PEM("\n"));
}

static void
what_is_published_already_is_left(void **state)
{
	static const struct step steps[] = {
	    FETCH("{\"keys\":[" OLD_JWK "," NEW_JWK "]}")};
	struct bench *b = *state;
	struct rotate rotate;

	PLAY(b, steps);
	open_set(b, &rotate, NULL);
	assert_ok(b, rotate_jwks_publish(&rotate, both, &b->err));
	assert_played(b);
	assert_string_equal(product(b), "");
	close_rotate(b, &rotate);
}

/* The other host's key stays. */
static void
the_new_key_is_added_and_taken_out(void **state)
{
	static const struct step add[] = {
	    FETCH("{\"keys\":[" OLD_JWK "," JWK("other", RFC7520_N) "]}")};
	static const struct step take[] = {
	    FETCH("{\"keys\":[" OLD_JWK "," NEW_JWK
		  "," JWK("other", RFC7520_N) "]}")};
	struct bench *b = *state;
	struct rotate rotate;
	struct stat st;

	PLAY(b, add);
	open_set(b, &rotate, "set.json");
	assert_ok(b, rotate_jwks_publish(&rotate, both, &b->err));
	assert_has(text_of("set.json"), "\"kid\":\"" NEW_THUMBPRINT "\"");
	assert_has(text_of("set.json"), "\"kid\":\"" OLD_THUMBPRINT "\"");
	assert_has(text_of("set.json"), "\"kid\":\"other\"");
	assert_int_equal(stat("set.json", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	close_rotate(b, &rotate);

	PLAY(b, take);
	open_set(b, &rotate, "set.json");
	assert_ok(b, rotate_jwks_publish(&rotate, old_alone, &b->err));
	assert_null(strstr(text_of("set.json"), NEW_THUMBPRINT));
	assert_has(text_of("set.json"), OLD_THUMBPRINT);
	assert_has(text_of("set.json"), "other");
	close_rotate(b, &rotate);
}

/* What it holds counts before what is published; what is no set stays. */
static void
what_the_file_holds_stays_in_it(void **state)
{
	static const struct step one[] = {FETCH("{\"keys\":[" OLD_JWK "]}")};
	struct bench *b = *state;
	struct rotate rotate;

	put("set.json", 0644,
	    "{\"keys\":[" OLD_JWK ",{\"kid\":\"third\",\"kty\":\"EC\"}]}");
	PLAY(b, one);
	open_set(b, &rotate, "set.json");
	assert_ok(b, rotate_jwks_publish(&rotate, both, &b->err));
	assert_has(text_of("set.json"), "{\"kid\":\"third\",\"kty\":\"EC\"}");
	assert_has(text_of("set.json"), "\"kid\":\"" NEW_THUMBPRINT "\"");
	close_rotate(b, &rotate);
	put("set.json", 0644, "");
	PLAY(b, one);
	open_set(b, &rotate, "set.json");
	assert_ok(b, rotate_jwks_look(&rotate, &b->err));
	close_rotate(b, &rotate);
	put("set.json", 0644, "mine");
	PLAY_NOTHING(b);
	open_set(b, &rotate, "set.json");
	assert_refused(
	    b, rotate_jwks_look(&rotate, &b->err), SG_E_INVALID, "set.json");
	sg_err_clear(&b->err);
	assert_refused(b, rotate_jwks_publish(&rotate, both, &b->err),
	    SG_E_INVALID, "set.json");
	assert_string_equal(text_of("set.json"), "mine");
	close_rotate(b, &rotate);
}

static void
without_a_file_somebody_is_asked_to_publish(void **state)
{
	static const struct step steps[] = {FETCH("{\"keys\":[" OLD_JWK "]}")};
	struct bench *b = *state;
	struct rotate rotate;

	PLAY(b, steps);
	open_set(b, &rotate, NULL);
	assert_refused(
	    b, rotate_jwks_publish(&rotate, both, &b->err), SG_E_CONFIG, URL);
	assert_has(b->err.text, "--resume");
	assert_true(b->app.out_stands);
	assert_has(product(b), NEW_THUMBPRINT);
	assert_has(product(b), OLD_THUMBPRINT);
	close_rotate(b, &rotate);
}

static void
what_is_not_published_in_time_is_told(void **state)
{
	static const struct step old[] = {FETCH("{\"keys\":[" OLD_JWK "]}")};
	static const struct step absent[] = {
	    {.method = "GET", .url = URL, .status = 404}};
	static const struct step there[] = {
	    FETCH("{\"keys\":[" OLD_JWK "," NEW_JWK "]}")};
	struct bench *b = *state;
	struct rotate rotate;

	PLAY(b, old);
	open_set(b, &rotate, NULL);
	assert_refused(
	    b, rotate_jwks_check(&rotate, both, &b->err), SG_E_TIMEOUT, URL);
	close_rotate(b, &rotate);
	PLAY(b, absent);
	open_set(b, &rotate, NULL);
	assert_refused(
	    b, rotate_jwks_check(&rotate, both, &b->err), SG_E_REFUSED, "404");
	close_rotate(b, &rotate);
	PLAY(b, there);
	open_set(b, &rotate, NULL);
	assert_ok(b, rotate_jwks_check(&rotate, both, &b->err));
	close_rotate(b, &rotate);
}

/* JWTs name the key by its thumbprint. */
static void
a_key_under_another_kid_is_not_there(void **state)
{
	static const struct step steps[] = {
	    FETCH("{\"keys\":[" OLD_JWK "," JWK("k", RFC7515_N) "]}")};
	struct bench *b = *state;
	struct rotate rotate;

	PLAY(b, steps);
	open_set(b, &rotate, NULL);
	assert_int_equal(
	    rotate_jwks_check(&rotate, both, &b->err), SG_E_TIMEOUT);
	close_rotate(b, &rotate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_published_already_is_left),
	    TEST(the_new_key_is_added_and_taken_out),
	    TEST(what_the_file_holds_stays_in_it),
	    TEST(without_a_file_somebody_is_asked_to_publish),
	    TEST(what_is_not_published_in_time_is_told),
	    TEST(a_key_under_another_kid_is_not_there),
	};

	return cmocka_run_group_tests_name("rotate_jwks", tests, NULL, NULL);
}
