/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_tcm.h"

#include "base/json.h"
#include "base/jsonw.h"
#include "client/pages/paging.h"

#define LIST V1 "/list"

/* A page with the elements from..to-1 and, behind them, @p rest. */
static const char *
page_of(char out[8192], int from, int to, const char *rest)
{
	size_t used = (size_t)snprintf(out, 8192, "{\"list\":[");
	int i;

	for (i = from; i < to; i++)
		used += (size_t)snprintf(out + used, 8192 - used,
		    "%s{\"n\":%d}", i > from ? "," : "", i);
	assert_true(used < 8000);
	(void)snprintf(out + used, 8192 - used, "]%s}", rest);
	return out;
}

static enum sg_rc
read_listing(struct fake *fake, const struct sg_paging_request *request,
    enum sg_service service, struct sg_paging **out, struct sg_err *err)
{
	struct sg_paging_request whole = *request;
	struct fake_tcm tcm;
	enum sg_rc rc;

	fake_tcm_open(&tcm, fake);
	tcm.api.service = service;
	whole.api = &tcm.api;
	whole.what = "list it";
	rc = sg_paging_read(&whole, out, err);
	fake_tcm_close(&tcm, fake);
	return rc;
}

/* The listing must be the elements 0..count-1, in their order. */
static void
assert_listing(struct fake *fake, const struct sg_paging_request *request,
    enum sg_service service, size_t count)
{
	SG_AUTO(sg_paging) paging = NULL;
	struct sg_err err = {0};
	int64_t n = -1;
	size_t i;

	if (read_listing(fake, request, service, &paging, &err) != SG_OK)
		fail_msg("%s", err.text);
	assert_int_equal(paging->count, count);
	for (i = 0; i < count; i++) {
		assert_true(
		    sg_json_int(sg_json_get(paging->items[i], "n"), &n));
		assert_int_equal(n, i);
	}
}

static const struct sg_paging_request plain = {.path = "/list"};
static const struct sg_paging_request by_two = {.path = "/list", .size = 2};

#define SIZE_2	 "maxResults=2&pageSize=2"
#define SIZE_100 "maxResults=100&pageSize=100"

static void
either_token_leads_on_until_it_is_missing_null_or_empty(void **state)
{
	static const char *const names[] = {"pageToken", "nextPageToken"};
	static const char *const ends[] = {NULL, "null", "\"\""};
	size_t i;
	size_t j;

	(void)state;
	for (i = 0; i < SG_COUNT(names); i++)
		for (j = 0; j < SG_COUNT(ends); j++) {
			char more[64];
			char end[64] = "";
			char one[8192];
			char two[8192];
			const struct step steps[] = {
			    {GETS(LIST "?" SIZE_2), .reply = one},
			    {GETS(LIST "?" SIZE_2 "&pageToken=%2B2%2F%3D"),
				.reply = two},
			};
			struct fake fake = SCRIPT(steps);

			(void)snprintf(
			    more, sizeof(more), ",\"%s\":\"+2/=\"", names[i]);
			if (ends[j] != NULL)
				(void)snprintf(end, sizeof(end), ",\"%s\":%s",
				    names[i], ends[j]);
			page_of(one, 0, 2, more);
			page_of(two, 2, 4, end);
			assert_listing(&fake, &by_two, SG_SERVICE_TCM, 4);
		}
}

static void
a_next_token_counts_more_than_the_page_s_own(void **state)
{
	char one[8192];
	char two[8192];
	const struct step steps[] = {
	    {GETS(LIST), .reply = page_of(one, 0, 1,
			     ",\"pageToken\":\"own\",\"nextPageToken\":7")},
	    {GETS(LIST "?pageToken=7"),
		.reply = page_of(
		    two, 1, 2, ",\"pageToken\":\"7\",\"nextPageToken\":null")},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_listing(&fake, &plain, SG_SERVICE_TCM, 2);
}

static void
an_empty_page_with_a_token_is_not_the_end(void **state)
{
	char one[8192];
	char two[8192];
	char three[8192];
	const struct step steps[] = {
	    {GETS(LIST), .reply = page_of(one, 0, 0, ",\"pageToken\":\"a\"")},
	    {GETS(LIST "?pageToken=a"),
		.reply = page_of(two, 0, 0, ",\"pageToken\":\"b\"")},
	    {GETS(LIST "?pageToken=b"), .reply = page_of(three, 0, 1, "")},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_listing(&fake, &plain, SG_SERVICE_TCM, 1);
}

static void
pages_in_a_circle_are_refused_and_not_cut_off(void **state)
{
	char same[8192];
	char one[8192];
	char two[8192];
	const struct step same_token[] = {
	    {GETS(LIST), .reply = page_of(one, 0, 1, ",\"pageToken\":\"a\"")},
	    {GETS(LIST "?pageToken=a"),
		.reply = page_of(two, 1, 2, ",\"pageToken\":\"a\"")},
	};
	const struct step same_page[] = {
	    {GETS(LIST), .reply = one},
	    {GETS(LIST "?pageToken=a"),
		.reply = page_of(same, 0, 1, ",\"pageToken\":\"b\"")},
	};
	struct fake fakes[] = {SCRIPT(same_token), SCRIPT(same_page)};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(fakes); i++) {
		struct sg_paging *paging = NULL;
		struct sg_err err = {0};

		assert_int_equal(read_listing(&fakes[i], &plain, SG_SERVICE_TCM,
				     &paging, &err),
		    SG_E_REFUSED);
		assert_null(paging);
		assert_has(err.text, "list it: ");
		assert_has(err.text, "circle");
	}
}

static void
pages_are_counted_where_there_is_no_token(void **state)
{
	char one[8192];
	char two[8192];
	char three[8192];
	const struct step short_end[] = {
	    {GETS(LIST "?" SIZE_2), .reply = page_of(one, 0, 2, "")},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=1"),
		.reply = page_of(two, 2, 4, "")},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=2"),
		.reply = page_of(three, 4, 5, "")},
	};
	const struct step from_one[] = {
	    {GETS(LIST "?" SIZE_2), .reply = one},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=1"), .reply = one},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=2"), .reply = two},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=3"), .reply = three},
	};
	struct fake fakes[] = {SCRIPT(short_end), SCRIPT(from_one)};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(fakes); i++)
		assert_listing(&fakes[i], &by_two, SG_SERVICE_TCM, 5);
}

static void
a_full_last_page_is_followed_by_an_empty_or_the_same_one(void **state)
{
	char one[8192];
	char two[8192];
	char none[8192];
	const struct step empty_end[] = {
	    {GETS(LIST "?" SIZE_2), .reply = page_of(one, 0, 2, "")},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=1"),
		.reply = page_of(two, 2, 4, "")},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=2"),
		.reply = page_of(none, 0, 0, "")},
	};
	const struct step same_end[] = {
	    {GETS(LIST "?" SIZE_2), .reply = one},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=1"), .reply = two},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=2"), .reply = two},
	};
	struct fake fakes[] = {SCRIPT(empty_end), SCRIPT(same_end)};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(fakes); i++)
		assert_listing(&fakes[i], &by_two, SG_SERVICE_TCM, 4);
}

static void
a_service_that_heeds_no_number_gives_its_page_once(void **state)
{
	char one[8192];
	const struct step steps[] = {
	    {GETS(LIST "?" SIZE_2), .reply = page_of(one, 0, 2, "")},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=1"), .reply = one},
	    {GETS(LIST "?" SIZE_2 "&pageNumber=2"), .reply = one},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_listing(&fake, &by_two, SG_SERVICE_TCM, 2);
}

static void
a_page_that_is_not_full_is_the_whole(void **state)
{
	static const int sizes[] = {0, 1, 3, 9};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(sizes); i++) {
		char one[8192];
		const struct step steps[] = {{GETS(LIST "?" SIZE_2),
		    .reply = page_of(one, 0, sizes[i], "")}};
		struct fake fake = SCRIPT(steps);

		assert_listing(
		    &fake, &by_two, SG_SERVICE_TCM, (size_t)sizes[i]);
	}
}

/* More was asked for than the service gives at a time, and it does not say. */
static void
a_service_s_own_bound_cuts_nothing_off(void **state)
{
	static const struct sg_paging_request by_hundred = {
	    .path = "/list", .size = 100};
	char one[8192];
	char two[8192];
	char three[8192];
	const struct step from_zero[] = {
	    {GETS(LIST "?" SIZE_100), .reply = page_of(one, 0, 12, "")},
	    {GETS(LIST "?" SIZE_100 "&pageNumber=1"),
		.reply = page_of(two, 12, 24, "")},
	    {GETS(LIST "?" SIZE_100 "&pageNumber=2"),
		.reply = page_of(three, 24, 29, "")},
	};
	const struct step from_one[] = {
	    {GETS(LIST "?" SIZE_100), .reply = one},
	    {GETS(LIST "?" SIZE_100 "&pageNumber=1"), .reply = one},
	    {GETS(LIST "?" SIZE_100 "&pageNumber=2"), .reply = two},
	    {GETS(LIST "?" SIZE_100 "&pageNumber=3"), .reply = three},
	};
	struct fake fakes[] = {SCRIPT(from_zero), SCRIPT(from_one)};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(fakes); i++)
		assert_listing(&fakes[i], &by_hundred, SG_SERVICE_TCM, 29);
}

static void
a_page_beyond_the_end_may_be_refused(void **state)
{
	static const struct {
		int status;
		enum sg_rc rc;
	} cases[] = {{400, SG_OK}, {404, SG_OK}, {403, SG_E_REFUSED},
	    {429, SG_E_REFUSED}, {500, SG_E_REFUSED}};
	char one[8192];
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		const struct step steps[] = {
		    {GETS(LIST), .reply = page_of(one, 0, 10, "")},
		    {CALL("GET", LIST "?pageNumber=1", NO_BODY),
			.status = cases[i].status,
			.retry_after_s = 3600}, /* and not asked again */
		};
		struct fake fake = SCRIPT(steps);
		SG_AUTO(sg_paging) paging = NULL;

		assert_int_equal(
		    read_listing(&fake, &plain, SG_SERVICE_TCM, &paging, NULL),
		    cases[i].rc);
		assert_int_equal(paging != NULL ? paging->count : 0,
		    cases[i].rc == SG_OK ? 10 : 0);
	}
}

static void
a_page_beyond_the_end_may_hold_no_list(void **state)
{
	static const struct sg_paging_request named = {
	    .path = "/list", .member = "list"};
	char one[8192];
	const struct step steps[] = {
	    {GETS(LIST), .reply = page_of(one, 0, 10, "")},
	    {GETS(LIST "?pageNumber=1"), .reply = "{}"},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_listing(&fake, &named, SG_SERVICE_TCM, 10);
}

/* Ten elements of a name each, whose other member changes. */
static char *
named_page(char out[8192], int first, const char *scopes)
{
	size_t len = 0;
	int n;

	len += (size_t)snprintf(out, 8192, "[");
	for (n = first; n < first + 10; n++)
		len += (size_t)snprintf(out + len, 8192 - len,
		    "%s{\"n\":%d,\"configId\":\"c%d\",\"scopes\":%s}",
		    n > first ? "," : "", n, n, scopes);
	(void)snprintf(out + len, 8192 - len, "]");
	return out;
}

static void
elements_are_known_by_their_names(void **state)
{
	char one[8192];
	char two[8192];
	const struct step steps[] = {
	    {GETS(LIST), .reply = named_page(one, 0, "[\"a\",\"b\"]")},
	    {GETS(LIST "?pageNumber=1"),
		.reply = named_page(two, 0, "[\"b\",\"a\"]")},
	    {GETS(LIST "?pageNumber=2"), .reply = two},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_listing(&fake, &plain, SG_SERVICE_TCM, 10);
}

/* As the regions are documented: pageNumber 0 is no paging. */
static void
all_may_come_without_a_number_and_in_pages_with_one(void **state)
{
	char all[8192];
	char one[8192];
	const struct step steps[] = {
	    {GETS(LIST), .reply = page_of(all, 0, 15, "")},
	    {GETS(LIST "?pageNumber=1"), .reply = page_of(one, 0, 10, "")},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_listing(&fake, &plain, SG_SERVICE_TCM, 15);
}

static void
the_path_s_own_query_is_kept(void **state)
{
	static const struct sg_paging_request request = {
	    .path = "/list?pageSize=2&a=%2B&pageNumber=5", .size = 100};
	char one[8192];
	char two[8192];
	const struct step steps[] = {
	    {GETS(LIST "?pageSize=2&a=%2B&pageNumber=5&maxResults=100"),
		.reply = page_of(one, 0, 2, "")},
	    {GETS(LIST "?pageSize=2&a=%2B&maxResults=100&pageNumber=6"),
		.reply = page_of(two, 2, 3, "")},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_listing(&fake, &request, SG_SERVICE_TCM, 3);
}

#define REST TCM "/api/3.27/list"
#define REST_GETS(url) \
	"GET", url, NO_BODY, "X-Tableau-Auth", "tok", .status = 200
#define PLACE(number, size, total) \
	",\"pagination\":{\"pageNumber\":" number ",\"pageSize\":" size \
	",\"totalAvailable\":" total "}"

static void
the_rest_api_s_pages_are_counted_to_their_total(void **state)
{
	char one[8192];
	char two[8192];
	const struct step steps[] = {
	    {REST_GETS(REST),
		.reply = page_of(one, 0, 2, PLACE("\"1\"", "\"2\"", "\"4\""))},
	    {REST_GETS(REST "?pageNumber=2"),
		.reply = page_of(two, 2, 4, PLACE("2", "2", "4"))},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_listing(&fake, &plain, SG_SERVICE_TABLEAU, 4);
}

static void
the_rest_api_s_list_may_shrink_while_it_is_read(void **state)
{
	char one[8192];
	const struct step steps[] = {
	    {REST_GETS(REST),
		.reply = page_of(one, 0, 2, PLACE("\"1\"", "\"2\"", "\"4\""))},
	    {REST_GETS(REST "?pageNumber=2"),
		.reply = "{\"pagination\":{\"pageNumber\":\"2\",\"pageSize\":"
			 "\"2\",\"totalAvailable\":\"2\"},\"list\":{}}"},
	};
	struct fake fake = SCRIPT(steps);

	(void)state;
	assert_listing(&fake, &plain, SG_SERVICE_TABLEAU, 2);
}

/* Read a listing whose second page is this one: it must not be taken for the
 * whole. */
static void
assert_cut(enum sg_service service, const char *place, const char *url,
    const char *second)
{
	char one[8192];
	const struct step steps[] = {
	    {REST_GETS(REST), .reply = page_of(one, 0, 2, place)},
	    {REST_GETS(url), .reply = second},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_paging *paging = NULL;
	struct sg_err err = {0};

	if (read_listing(&fake, &plain, service, &paging, &err) == SG_OK)
		fail_msg("%s ends the list", second);
	assert_int_equal(err.rc, SG_E_REFUSED);
	assert_has(err.text, "the list would not be whole");
	assert_null(paging);
}

static void
a_listing_that_is_cut_off_is_refused(void **state)
{
	static const char *const seconds[] = {
	    "{\"message\":\"try later\"}",
	    "null",
	    "[]",
	    "{\"list\":[{\"n\":2}],\"nextPageToken\":1.5}",
	    "{\"list\":[{\"n\":2}],\"nextPageToken\":true}",
	    "{\"list\":[{\"n\":2}],\"nextPageToken\":{\"a\":1}}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(seconds); i++)
		assert_cut(SG_SERVICE_TABLEAU, ",\"nextPageToken\":\"t\"",
		    REST "?pageToken=t", seconds[i]);
	assert_cut(SG_SERVICE_TABLEAU, PLACE("\"1\"", "\"2\"", "\"5\""),
	    REST "?pageNumber=2",
	    "{\"pagination\":{\"pageNumber\":\"2\",\"pageSize\":\"2\","
	    "\"totalAvailable\":\"5\"},\"list\":{}}");
	assert_cut(SG_SERVICE_TABLEAU, PLACE("\"1\"", "\"2\"", "\"6\""),
	    REST "?pageNumber=2",
	    "{\"pagination\":{\"pageNumber\":\"2\",\"pageSize\":\"2\","
	    "\"totalAvailable\":\"6\"},\"list\":[{\"n\":0},{\"n\":1}]}");
}

static void
a_pagination_that_leads_nowhere_is_refused(void **state)
{
	static const char *const places[] = {
	    PLACE("\"1\"", "\"0\"", "\"4\""),
	    PLACE("\"x\"", "\"2\"", "\"4\""),
	    PLACE("1", "-2", "4"),
	    PLACE("\"1\"", "\"2\"", "\"99999999999999999999\""),
	    ",\"pagination\":7",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(places); i++) {
		char one[8192];
		const struct step steps[] = {
		    {REST_GETS(REST), .reply = page_of(one, 0, 2, places[i])}};
		struct fake fake = SCRIPT(steps);
		struct sg_paging *paging = NULL;

		assert_int_equal(read_listing(&fake, &plain, SG_SERVICE_TABLEAU,
				     &paging, NULL),
		    SG_E_REFUSED);
	}
}

static void
a_pagination_that_stands_still_is_refused(void **state)
{
	char one[8192];
	const struct step steps[] = {
	    {REST_GETS(REST),
		.reply = page_of(one, 0, 2, PLACE("\"1\"", "\"2\"", "\"4\""))},
	    {REST_GETS(REST "?pageNumber=2"), .reply = one},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_paging *paging = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    read_listing(&fake, &plain, SG_SERVICE_TABLEAU, &paging, &err),
	    SG_E_REFUSED);
	assert_has(err.text, "circle");
}

static void
no_body_is_a_listing_of_nothing(void **state)
{
	const struct step steps[] = {
	    {CALL("GET", LIST, NO_BODY), .status = 204}};
	struct fake fake = SCRIPT(steps);
	struct sg_paging *paging = NULL;

	(void)state;
	assert_int_equal(
	    read_listing(&fake, &plain, SG_SERVICE_TCM, &paging, NULL), SG_OK);
	assert_int_equal(paging->count, 0);
	assert_int_equal(paging->page_count, 0);
	assert_int_equal(paging->status, 204);
	sg_paging_free(&paging);
}

static void
a_page_that_is_none_ends_it_with_an_error(void **state)
{
	static const struct sg_paging_request named = {
	    .path = "/list", .member = "list"};
	const struct step cases[] = {
	    {GETS(LIST), .reply = "<html>"},
	    {GETS(LIST), .reply = ""},
	    {GETS(LIST), .reply = "{\"message\":\"soon\"}"},
	    {GETS(LIST), .reply = "7"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct fake fake = {.steps = &cases[i], .count = 1};
		struct sg_paging *paging = NULL;
		struct sg_err err = {0};

		assert_int_equal(
		    read_listing(&fake, &named, SG_SERVICE_TCM, &paging, &err),
		    SG_E_REFUSED);
		assert_null(paging);
		assert_has(err.text, "list it: ");
	}
}

static void
a_failure_on_a_later_page_is_a_failure(void **state)
{
	char one[8192];
	const struct step steps[] = {
	    {GETS(LIST), .reply = page_of(one, 0, 1, ",\"pageToken\":\"a\"")},
	    {CALL("GET", LIST "?pageToken=a", NO_BODY), .status = 403},
	};
	struct fake fake = SCRIPT(steps);
	struct sg_paging *paging = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    read_listing(&fake, &plain, SG_SERVICE_TCM, &paging, &err),
	    SG_E_REFUSED);
	assert_int_equal(err.native, 403);
}

/* A service that never ends: each page leads to one more. */
static char endless_page[128];
static int endless_count;

static void
go_on(void *ctx)
{
	(void)ctx;
	endless_count++;
	(void)snprintf(endless_page, sizeof(endless_page),
	    "{\"list\":[{\"n\":%d}],\"pageToken\":\"%d\"}", endless_count,
	    endless_count);
}

static void
a_listing_without_end_is_given_up(void **state)
{
	struct step *steps = calloc(SG_PAGING_PAGES_MAX, sizeof(*steps));
	char(*urls)[64] = calloc(SG_PAGING_PAGES_MAX, sizeof(*urls));
	struct fake fake = {.steps = steps, .count = SG_PAGING_PAGES_MAX};
	struct sg_paging *paging = NULL;
	struct sg_err err = {0};
	size_t i;

	(void)state;
	assert_non_null(steps);
	assert_non_null(urls);
	for (i = 0; i < SG_PAGING_PAGES_MAX; i++) {
		const struct step step = {
		    GETS(urls[i]), .reply = endless_page, .before = go_on};

		(void)snprintf(urls[i], sizeof(urls[i]),
		    i == 0 ? LIST : LIST "?pageToken=%zu", i);
		memcpy(&steps[i], &step, sizeof(step));
	}
	assert_int_equal(
	    read_listing(&fake, &plain, SG_SERVICE_TCM, &paging, &err),
	    SG_E_REFUSED);
	assert_has(err.text, "more than 1000 pages");
	free(steps);
	free(urls);
}

static void
all_pages_are_written_as_one(void **state)
{
	char one[8192];
	char two[8192];
	const struct step steps[] = {
	    {GETS(LIST), .reply = page_of(
			     one, 0, 1, ",\"kind\":\"k\",\"pageToken\":\"a\"")},
	    {GETS(LIST "?pageToken=a"), .reply = page_of(two, 1, 2, "")},
	};
	struct fake fake = SCRIPT(steps);
	SG_AUTO(sg_paging) paging = NULL;
	SG_AUTO(sg_buf) out = sg_buf_new(4096);
	struct sg_jsonw w = {.out = out};

	(void)state;
	assert_int_equal(
	    read_listing(&fake, &plain, SG_SERVICE_TCM, &paging, NULL), SG_OK);
	assert_int_equal(paging->page_count, 2);
	sg_paging_write(&w, NULL, paging);
	assert_string_equal(
	    sg_buf_str(out), "{\"list\":[{\"n\":0},{\"n\":1}],\"kind\":\"k\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		either_token_leads_on_until_it_is_missing_null_or_empty),
	    cmocka_unit_test(a_next_token_counts_more_than_the_page_s_own),
	    cmocka_unit_test(an_empty_page_with_a_token_is_not_the_end),
	    cmocka_unit_test(pages_in_a_circle_are_refused_and_not_cut_off),
	    cmocka_unit_test(pages_are_counted_where_there_is_no_token),
	    cmocka_unit_test(
		a_full_last_page_is_followed_by_an_empty_or_the_same_one),
	    cmocka_unit_test(
		a_service_that_heeds_no_number_gives_its_page_once),
	    cmocka_unit_test(a_page_that_is_not_full_is_the_whole),
	    cmocka_unit_test(a_service_s_own_bound_cuts_nothing_off),
	    cmocka_unit_test(a_page_beyond_the_end_may_be_refused),
	    cmocka_unit_test(a_page_beyond_the_end_may_hold_no_list),
	    cmocka_unit_test(elements_are_known_by_their_names),
	    cmocka_unit_test(
		all_may_come_without_a_number_and_in_pages_with_one),
	    cmocka_unit_test(the_path_s_own_query_is_kept),
	    cmocka_unit_test(the_rest_api_s_pages_are_counted_to_their_total),
	    cmocka_unit_test(the_rest_api_s_list_may_shrink_while_it_is_read),
	    cmocka_unit_test(a_listing_that_is_cut_off_is_refused),
	    cmocka_unit_test(a_pagination_that_leads_nowhere_is_refused),
	    cmocka_unit_test(a_pagination_that_stands_still_is_refused),
	    cmocka_unit_test(no_body_is_a_listing_of_nothing),
	    cmocka_unit_test(a_page_that_is_none_ends_it_with_an_error),
	    cmocka_unit_test(a_failure_on_a_later_page_is_a_failure),
	    cmocka_unit_test(a_listing_without_end_is_given_up),
	    cmocka_unit_test(all_pages_are_written_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
