/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAKE_PREFLIGHT_H
#define SG_TESTS_FAKE_PREFLIGHT_H

/* Facts of a preflight where all is well, to be spoilt one by one. */
#include "fake_http.h"
#include "fake_key.h"

#include "client/check/preflight.h"
#include "client/uat/uat_config.h"

#define TENANT	  "36a9d526-1111-4222-8333-944444444444"
#define SITE	  "e7cc4b0b-1111-4222-8333-944444444444"
#define CONFIG_ID "d06c826a-1111-4222-8333-944444444444"
#define ISSUER	  "https://signet.example.com"

struct scene {
	struct sg_preflight facts;
	struct sg_err good; /* of whatever went well */
	struct sg_list scopes;
	struct sg_uat_config config;
	struct sg_uat_config *items[1];
	struct sg_uat_configs configs;
	struct fake_key fake;
	struct sg_key *key;
	struct sg_rsa *rsa;
	struct sg_buf *pem;
	struct sg_points points;
};

static inline void
set_list(struct sg_list *list, const char *words)
{
	sg_list_clear(list);
	assert_int_equal(sg_list_add_words(list, words, NULL), SG_OK);
}

static inline int
scene_setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -1;
	s->key = fake_key_new(&s->fake);
	s->rsa = fake_rsa(RFC7515_N, RFC7515_E);
	s->pem = sg_buf_new(4096);
	assert_int_equal(sg_rsa_to_pem(s->rsa, s->pem, NULL), SG_OK);
	set_list(&s->scopes, "tableau:content:read tableau:tcm_sites:read");
	s->config = (struct sg_uat_config){
	    .config_id = strdup(CONFIG_ID),
	    .tenant_id = strdup(TENANT),
	    .name = strdup("n"),
	    .issuer = strdup(ISSUER),
	    .public_key_active = strdup(sg_buf_str(s->pem)),
	    .username_claim = strdup("email"),
	    .enabled = true,
	};
	set_list(&s->config.scopes,
	    "tableau:tcm_sites:read tableau:content:read tableau:users:read");
	set_list(&s->config.resource_ids, TENANT " " SITE);
	s->items[0] = &s->config;
	s->configs = (struct sg_uat_configs){.items = s->items, .count = 1};
	s->facts = (struct sg_preflight){
	    .key_err = &s->good,
	    .key_info = &s->fake.info,
	    .key = s->rsa,
	    .jwt_err = &s->good,
	    .jwt_len = 800,
	    .kid = "kid-1",
	    .issuer.value = ISSUER,
	    .tenant_id.value = TENANT,
	    .username.value = "ann@example.com",
	    .scopes = &s->scopes,
	    .site.value = "mine",
	    .site_id.value = SITE,
	    .config_err = &s->good,
	    .config = &s->config,
	    .configs = &s->configs,
	    .answering_tenant = TENANT,
	    .version_err = &s->good,
	    .version = "3.28",
	    .server_time_known = true,
	};
	*state = s;
	return 0;
}

static inline void
set_text(char **text, const char *value)
{
	free(*text);
	*text = value != NULL ? strdup(value) : NULL;
}

static inline int
scene_teardown(void **state)
{
	struct scene *s = *state;
	struct sg_uat_config *c = &s->config;
	char **const texts[] = {&c->config_id, &c->tenant_id, &c->name,
	    &c->issuer, &c->public_key_active, &c->jwks_uri,
	    &c->username_claim};
	size_t i;

	for (i = 0; i < SG_COUNT(texts); i++)
		free(*texts[i]);
	sg_list_clear(&c->scopes);
	sg_list_clear(&c->resource_ids);
	sg_list_clear(&s->scopes);
	sg_points_clear(&s->points);
	sg_buf_free(&s->pem);
	sg_rsa_free(&s->rsa);
	sg_key_free(&s->key);
	free(s);
	return 0;
}

/* The point of that name; NULL when it is not listed. */
static inline const struct sg_point *
point_of(const struct scene *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->points.count; i++)
		if (strcmp(s->points.items[i].name, name) == 0)
			return &s->points.items[i];
	return NULL;
}

/* What was found by this point; it must have this result and, unless it
 * passes, say what to do. */
static inline const char *
found_by(const struct scene *s, const char *name, enum sg_result result)
{
	const struct sg_point *point = point_of(s, name);

	if (point == NULL)
		fail_msg("%s is not listed", name);
	else if (point->result != result)
		fail_msg("%s is %s: %s", name, sg_result_name(point->result),
		    point->found);
	else if (result != SG_RESULT_PASS)
		assert_non_null(point->fix);
	return point->found;
}

/* The only point that is not passed is this one. */
static inline void
assert_alone(const struct scene *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->points.count; i++)
		if (s->points.items[i].result != SG_RESULT_PASS)
			assert_string_equal(s->points.items[i].name, name);
}

#define SCENE(test) \
	cmocka_unit_test_setup_teardown(test, scene_setup, scene_teardown)

#endif
