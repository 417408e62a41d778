/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight_parts.h"

#include "fake_preflight.h"

static struct scene *
judged(struct scene *s)
{
	sg_points_clear(&s->points);
	sg_preflight_resources_judge(&s->facts, &s->points);
	return s;
}

static void
tenant_and_site_must_both_be_listed(void **state)
{
	struct scene *s = *state;

	assert_alone(judged(s), "");
	set_list(&s->config.resource_ids, SITE);
	assert_has(
	    found_by(judged(s), "resource-tenant", SG_RESULT_FAIL), TENANT);
	assert_alone(s, "resource-tenant");
	set_list(&s->config.resource_ids, TENANT);
	assert_has(found_by(judged(s), "resource-site", SG_RESULT_FAIL), SITE);
	assert_alone(s, "resource-site");
	set_list(&s->config.resource_ids,
	    "36A9D526-1111-4222-8333-944444444444 " SITE);
	assert_alone(judged(s), "");
}

static void
what_is_not_meant_need_not_be_listed(void **state)
{
	struct scene *s = *state;

	set_list(&s->config.resource_ids, SITE);
	set_list(&s->scopes, "tableau:content:read");
	assert_null(point_of(judged(s), "resource-tenant"));
	set_list(&s->config.resource_ids, TENANT);
	s->facts.site.value = NULL;
	assert_null(point_of(judged(s), "resource-site"));
	(void)found_by(s, "resource-tenant", SG_RESULT_PASS);
}

static void
ids_that_are_none_are_told(void **state)
{
	struct scene *s = *state;

	set_list(&s->config.resource_ids, TENANT " " SITE " null");
	assert_has(
	    found_by(judged(s), "resources", SG_RESULT_FAIL), "\"null\"");
	assert_alone(s, "resources");
	sg_list_clear(&s->config.resource_ids);
	assert_has(found_by(judged(s), "resources", SG_RESULT_FAIL), "no site");
	s->facts.config = NULL;
	(void)found_by(judged(s), "resources", SG_RESULT_UNKNOWN);
}

static void
the_tenant_of_the_service_counts(void **state)
{
	struct scene *s = *state;

	s->facts.tenant_id.value = "00000000-1111-4222-8333-944444444444";
	(void)found_by(judged(s), "resource-tenant", SG_RESULT_PASS);
	set_text(&s->config.tenant_id, NULL);
	(void)found_by(judged(s), "resource-tenant", SG_RESULT_PASS);
	s->facts.answering_tenant = NULL;
	(void)found_by(judged(s), "resource-tenant", SG_RESULT_FAIL);
	s->facts.tenant_id.value = NULL;
	assert_null(point_of(judged(s), "resource-tenant"));
}

static void
the_id_of_the_site_must_be_known(void **state)
{
	struct scene *s = *state;

	s->facts.site_id.value = NULL;
	(void)found_by(judged(s), "resource-site", SG_RESULT_UNKNOWN);
	s->facts.site_id.value = "mine";
	assert_has(
	    found_by(judged(s), "resource-site", SG_RESULT_FAIL), "UUID");
	s->facts.site_id.problem = "is a placeholder";
	assert_has(found_by(judged(s), "resource-site", SG_RESULT_FAIL),
	    "placeholder");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(tenant_and_site_must_both_be_listed),
	    SCENE(what_is_not_meant_need_not_be_listed),
	    SCENE(ids_that_are_none_are_told),
	    SCENE(the_tenant_of_the_service_counts),
	    SCENE(the_id_of_the_site_must_be_known),
	};

	return cmocka_run_group_tests_name(
	    "preflight_resources", tests, NULL, NULL);
}
