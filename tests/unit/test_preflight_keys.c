/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight_parts.h"

#include "fake_preflight.h"

#define URI "https://keys.example.com/jwks.json"

static struct scene *
judged(struct scene *s)
{
	sg_points_clear(&s->points);
	sg_preflight_keys_judge(&s->facts, &s->points);
	return s;
}

static void
by_jwks(struct scene *s)
{
	set_text(&s->config.public_key_active, NULL);
	set_text(&s->config.jwks_uri, URI);
}

static void
the_configuration_has_a_key_or_a_place_for_it(void **state)
{
	struct scene *s = *state;

	assert_alone(judged(s), "");
	set_text(&s->config.jwks_uri, URI);
	(void)found_by(judged(s), "key-source", SG_RESULT_UNKNOWN);
	set_text(&s->config.public_key_active, NULL);
	(void)found_by(judged(s), "key-source", SG_RESULT_PASS);
	set_text(&s->config.jwks_uri, NULL);
	(void)found_by(judged(s), "key-source", SG_RESULT_FAIL);
	s->facts.config = NULL;
	assert_int_equal(judged(s)->points.count, 0);
}

static void
another_key_is_told_by_its_thumbprint(void **state)
{
	struct scene *s = *state;
	struct sg_rsa *other = fake_rsa(RFC7520_N, RFC7520_E);

	sg_rsa_free(&s->rsa);
	s->rsa = other;
	s->facts.key = other;
	assert_has(found_by(judged(s), "public-key", SG_RESULT_FAIL),
	    "the key with the thumbprint");
	assert_alone(s, "public-key");
	set_text(&s->config.public_key_active, "no PEM");
	assert_has(
	    found_by(judged(s), "public-key", SG_RESULT_FAIL), "no RSA key");
	s->facts.key = NULL;
	(void)found_by(judged(s), "public-key", SG_RESULT_UNKNOWN);
}

static void
a_kid_is_needed_with_a_jwks_uri_only(void **state)
{
	struct scene *s = *state;
	struct sg_points none = {0};

	s->facts.kid = NULL;
	assert_null(point_of(judged(s), "kid"));
	by_jwks(s);
	(void)found_by(judged(s), "kid", SG_RESULT_FAIL);
	assert_null(point_of(s, "jwks"));
	s->facts.key = NULL;
	(void)found_by(judged(s), "kid", SG_RESULT_UNKNOWN);
	s->facts.kid = "k";
	s->facts.jwks = &none;
	(void)found_by(judged(s), "kid", SG_RESULT_PASS);
}

static void
the_gravest_point_of_the_key_set_is_told(void **state)
{
	struct scene *s = *state;
	struct sg_points set = {0};

	by_jwks(s);
	(void)found_by(judged(s), "jwks", SG_RESULT_UNKNOWN);
	s->facts.jwks = &set;
	sg_points_add(&set, "answer", SG_RESULT_PASS, "so");
	(void)found_by(judged(s), "jwks", SG_RESULT_PASS);
	sg_points_add(&set, "cache", SG_RESULT_WARN, "a day");
	assert_has(found_by(judged(s), "jwks", SG_RESULT_WARN), "a day");
	sg_points_add(&set, "kids", SG_RESULT_UNKNOWN, "who knows");
	assert_has(found_by(judged(s), "jwks", SG_RESULT_UNKNOWN), "who knows");
	sg_points_add(&set, "key", SG_RESULT_FAIL, "not there");
	sg_points_fix(&set, "publish it");
	assert_has(found_by(judged(s), "jwks", SG_RESULT_FAIL), "not there");
	assert_has(point_of(s, "jwks")->fix, "publish it");
	sg_points_clear(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(the_configuration_has_a_key_or_a_place_for_it),
	    SCENE(another_key_is_told_by_its_thumbprint),
	    SCENE(a_kid_is_needed_with_a_jwks_uri_only),
	    SCENE(the_gravest_point_of_the_key_set_is_told),
	};

	return cmocka_run_group_tests_name("preflight_keys", tests, NULL, NULL);
}
