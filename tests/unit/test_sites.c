/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tcm.h"

#include "client/tenant/sites.h"

#define SITES  TENANTS "/sites"
#define UUID_1 "aaaaaaaa-0000-4000-8000-000000000001"
#define UUID_2 "aaaaaaaa-0000-4000-8000-000000000002"

#define ALL \
	"{\"sites\":[{\"siteUUID\":\"" UUID_1 "\",\"name\":\"Harbor\"," \
	"\"contentUrl\":\"harbor\",\"instance\":{\"id\":\"10ay\"}}," \
	"{\"siteUUID\":\"" UUID_2 "\",\"contentUrl\":\"Lantern\"}," \
	"{\"contentUrl\":\"lantern\"},{\"contentUrl\":\"twice\"}," \
	"{\"contentUrl\":\"twice\"},{\"contentUrl\":\"Up\"}," \
	"{\"name\":null,\"contentUrl\":7,\"instance\":[]}]," \
	"\"pageToken\":null}"

static enum sg_rc
list(const char *answer, const char *tenant_id, struct sg_sites **out_sites,
    struct sg_err *err)
{
	const struct step steps[] = {
	    {GETS(SITES "?maxResults=100&pageSize=100"), .reply = answer}};
	struct fake fake = SCRIPT(steps);
	struct fake_tcm tcm;
	enum sg_rc rc;

	fake_tcm_open(&tcm, &fake);
	rc = sg_sites_list(&tcm.api, tenant_id, out_sites, err);
	fake_tcm_close(&tcm, &fake);
	return rc;
}

static void
what_is_told_of_a_site_is_read_and_the_rest_is_null(void **state)
{
	SG_AUTO(sg_sites) sites = NULL;

	(void)state;
	assert_int_equal(list(ALL, NULL, &sites, NULL), SG_OK);
	assert_int_equal(sites->count, 7);
	assert_string_equal(sites->items[0].uuid, UUID_1);
	assert_string_equal(sites->items[0].name, "Harbor");
	assert_string_equal(sites->items[0].content_url, "harbor");
	assert_string_equal(sites->items[0].pod, "10ay");
	assert_non_null(sites->items[0].json);
	assert_null(sites->items[2].uuid);
	assert_null(sites->items[6].name);
	assert_null(sites->items[6].content_url);
	assert_null(sites->items[6].pod);
}

static void
a_site_is_found_by_uuid_or_content_url(void **state)
{
	static const struct {
		const char *wanted;
		size_t place;
	} cases[] = {
	    {UUID_1, 0},
	    {"AAAAAAAA-0000-4000-8000-000000000002", 1},
	    {"harbor", 0},
	    {"HARBOR", 0},
	    {"Lantern", 1},
	    {"lantern", 2},
	    {"up", 5},
	};
	SG_AUTO(sg_sites) sites = NULL;
	size_t i;

	(void)state;
	assert_int_equal(list(ALL, TENANT, &sites, NULL), SG_OK);
	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct sg_site *site = NULL;

		assert_int_equal(
		    sg_sites_find(sites, cases[i].wanted, &site, NULL), SG_OK);
		assert_ptr_equal(site, &sites->items[cases[i].place]);
	}
}

static void
the_pod_is_not_the_site(void **state)
{
	SG_AUTO(sg_sites) sites = NULL;
	const struct sg_site *site = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(list(ALL, NULL, &sites, NULL), SG_OK);
	assert_int_equal(
	    sg_sites_find(sites, "10ay", &site, &err), SG_E_REFUSED);
	assert_int_equal(err.native, 404);
	assert_null(site);
	assert_has(err.text, "harbor, Lantern");
}

static void
a_name_of_several_is_an_error(void **state)
{
	static const char *const wanted[] = {"twice", "LANTERN"};
	SG_AUTO(sg_sites) sites = NULL;
	size_t i;

	(void)state;
	assert_int_equal(list(ALL, NULL, &sites, NULL), SG_OK);
	for (i = 0; i < SG_COUNT(wanted); i++) {
		const struct sg_site *site = NULL;

		assert_int_equal(
		    sg_sites_find(sites, wanted[i], &site, NULL), SG_E_USAGE);
		assert_null(site);
	}
}

static void
what_is_no_list_of_sites_is_refused(void **state)
{
	static const char *const answers[] = {"{}", "[1]", "{\"sites\":[7]}"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(answers); i++) {
		struct sg_sites *sites = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    list(answers[i], NULL, &sites, &err), SG_E_REFUSED);
		assert_null(sites);
		assert_has(err.text, "list the sites: ");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		what_is_told_of_a_site_is_read_and_the_rest_is_null),
	    cmocka_unit_test(a_site_is_found_by_uuid_or_content_url),
	    cmocka_unit_test(the_pod_is_not_the_site),
	    cmocka_unit_test(a_name_of_several_is_an_error),
	    cmocka_unit_test(what_is_no_list_of_sites_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
