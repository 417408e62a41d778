/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/text.h"
#include "client/http/url.h"

#define POD "https://10ay.online.tableau.com"

static void
https_urls_are_taken(void **state)
{
	static const char *const urls[] = {
	    "https://host.test",
	    "https://host.test/",
	    "https://host.test:8443/a/b?c=d",
	    "https://127.0.0.1:9",
	    "https://[::1]:9/x",
	    "HTTPS://HOST.test",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(urls); i++)
		assert_int_equal(sg_url_check(urls[i], "it", NULL), SG_OK);
}

static void
anything_else_is_refused_by_its_name(void **state)
{
	static const struct {
		const char *url;
		const char *says;
	} cases[] = {
	    {"", "empty"},
	    {NULL, "empty"},
	    {"http://host.test", "use https"},
	    {"ftp://host.test", "use https"},
	    {"host.test", "not a URL"},
	    {"https://", "not a URL"},
	    {"https://host name", "space"},
	    {"https://host.test/\n", "space"},
	    {"https://h\xc3\xb6st.test", "ASCII"},
	    {"https://user@host.test", "user name"},
	    {"https://user:hush@host.test", "user name"},
	    {"https://host.test/#part", "fragment"},
	    {"https://host.test:99999", "not a URL"},
	    {"https://good.test\\@evil.test/", "URL"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_err err = {0};

		assert_int_equal(
		    sg_url_check(cases[i].url, "CLOUD_MANAGER_URL", &err),
		    SG_E_CONFIG);
		assert_has(err.text, "CLOUD_MANAGER_URL");
		assert_has(err.text, cases[i].says);
		assert_has_not(err.text, "hush");
	}
}

static void
origin_is_normal(void **state)
{
	static const struct {
		const char *url;
		const char *origin;
	} cases[] = {
	    {"https://Host.Test/a?b", "https://host.test"},
	    {"https://host.test:443/", "https://host.test"},
	    {"https://host.test:444/", "https://host.test:444"},
	    {"https://[::1]:5/", "https://[::1]:5"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		char *origin = NULL;

		assert_int_equal(
		    sg_url_origin(cases[i].url, &origin, NULL), SG_OK);
		assert_string_equal(origin, cases[i].origin);
		sg_str_free(&origin);
	}
}

static void
origins_differ_by_host_port_and_scheme(void **state)
{
	(void)state;
	assert_true(sg_url_same_origin("https://a.test/x", "https://A.test"));
	assert_true(sg_url_same_origin("https://a.test", "https://a.test:443"));
	assert_false(sg_url_same_origin("https://a.test", "https://b.test"));
	assert_false(sg_url_same_origin("https://a.test", "https://a.test:1"));
	assert_false(sg_url_same_origin("https://a.test", "http://a.test"));
	assert_false(
	    sg_url_same_origin("https://a.test", "https://a.test.evil.test"));
	assert_false(
	    sg_url_same_origin("https://a.test", "https://a.test@evil.test"));
	assert_false(sg_url_same_origin("", ""));
}

static void
join_puts_one_slash_and_keeps_the_host(void **state)
{
	static const struct {
		const char *base;
		const char *path;
		const char *joined;
	} cases[] = {
	    {"https://a.test", "x", "https://a.test/x"},
	    {"https://a.test/", "/x", "https://a.test/x"},
	    {"https://a.test//", "//x", "https://a.test/x"},
	    {"https://a.test", "//evil.test/x", "https://a.test/evil.test/x"},
	    {"https://a.test", "@evil.test", "https://a.test/@evil.test"},
	    {"https://a.test/p", "/x?q=1&r=https://b",
		"https://a.test/p/x?q=1&r=https://b"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		char *url = NULL;

		assert_int_equal(
		    sg_url_join(cases[i].base, cases[i].path, &url, NULL),
		    SG_OK);
		assert_string_equal(url, cases[i].joined);
		assert_true(sg_url_same_origin(url, cases[i].base));
		sg_str_free(&url);
	}
}

static void
join_refuses_what_no_url_can_hold(void **state)
{
	char *url = NULL;

	(void)state;
	assert_int_equal(
	    sg_url_join("https://a.test", "a b", &url, NULL), SG_E_USAGE);
	assert_int_equal(
	    sg_url_join("https://a.test", "a\r\nX: y", &url, NULL), SG_E_USAGE);
	assert_int_equal(
	    sg_url_join("https://a.test", "a#b", &url, NULL), SG_E_USAGE);
	assert_int_equal(
	    sg_url_join("https://a.test?q", "a", &url, NULL), SG_E_CONFIG);
	assert_int_equal(
	    sg_url_join("http://a.test", "a", &url, NULL), SG_E_CONFIG);
	assert_null(url);
}

static void
api_base_is_what_is_in_front(void **state)
{
	static const struct {
		const char *url;
		const char *base;
	} cases[] = {
	    {"https://a.test/api/v1/pat/login", "https://a.test"},
	    {"https://a.test/api/v1/", "https://a.test"},
	    {"https://a.test/api", "https://a.test"},
	    {"https://a.test///", "https://a.test"},
	    {"https://a.test/tcm/api/v1", "https://a.test/tcm"},
	    {"https://api/api/v1", "https://api"},
	    {"https://api/", "https://api"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		char *base = NULL;

		assert_int_equal(
		    sg_url_api_base(cases[i].url, &base, NULL), SG_OK);
		assert_string_equal(base, cases[i].base);
		sg_str_free(&base);
	}
}

static void
segment_cannot_leave_its_place(void **state)
{
	struct sg_buf *buf = sg_buf_new(256);

	(void)state;
	sg_url_add_segment(buf, "a/b?c#d e%\xc3\xa9-._~9Z");
	assert_string_equal(
	    sg_buf_str(buf), "a%2Fb%3Fc%23d%20e%25%C3%A9-._~9Z");
	sg_buf_free(&buf);
}

static void
shown_url_has_no_secret(void **state)
{
	static const struct {
		const char *url;
		const char *shown;
	} cases[] = {
	    {"https://u:p@a.test/x?q=1#f", "https://a.test/x"},
	    {"http://a.test/?q", "http://a.test/"},
	    {"a\nb", "(not a URL)"},
	    {"", "(not a URL)"},
	    {NULL, "(not a URL)"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		struct sg_buf *buf = sg_buf_new(256);

		sg_url_add_shown(buf, cases[i].url);
		assert_string_equal(sg_buf_str(buf), cases[i].shown);
		sg_buf_free(&buf);
	}
}

static void
redirect_to_itself_or_another_pod_of_the_cloud_is_allowed(void **state)
{
	static const struct {
		const char *pod;
		const char *location;
		const char *target;
	} cases[] = {
	    {POD, POD "/api/3.27/auth/signin", POD "/api/3.27/auth/signin"},
	    {POD, "https://10az.online.tableau.com/x",
		"https://10az.online.tableau.com/x"},
	    {POD, "https://10AZ.ONLINE.tableau.com/x",
		"https://10AZ.ONLINE.tableau.com/x"},
	    {POD, "/other", POD "/other"},
	    {"https://pod:8443", "https://pod:8443/y", "https://pod:8443/y"},
	    {"https://127.0.0.1:8443", "/y", "https://127.0.0.1:8443/y"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		char *url = NULL;
		struct sg_err err = {0};

		if (sg_url_redirect(cases[i].pod, cases[i].pod,
			cases[i].location, &url, &err) != SG_OK)
			fail_msg("%s", err.text);
		assert_string_equal(url, cases[i].target);
		sg_str_free(&url);
	}
}

static void
redirect_elsewhere_is_refused(void **state)
{
	static const struct {
		const char *pod;
		const char *location;
	} cases[] = {
	    {POD, NULL},
	    {POD, ""},
	    {POD, "https://evil.test/"},
	    {POD, "//evil.test/"},
	    {POD, "http://10ay.online.tableau.com/"},
	    {POD, "https://10ay.online.tableau.com:8443/"},
	    {POD, "https://10ay.online.tableau.com@evil.test/"},
	    {POD, "https://evilonline.tableau.com/"},
	    {POD, "https://online.tableau.com.evil.test/"},
	    {POD, "https://tableau.com/"},
	    {POD, "https://online.tableau.com/"},
	    {POD, "https://www.tableau.com/"},
	    {POD, "https://10az.online.tableau.com./"},
	    {POD, "https://10az.online.tableau.com:8443/"},
	    {POD, "https://pod.test/"},
	    /* One parent domain is not enough: it may be everybody's. */
	    {"https://a.pod.test", "https://b.pod.test/"},
	    {"https://a.co.uk", "https://b.co.uk/"},
	    {"https://10ay.online.pod.test", "https://10az.online.pod.test/"},
	    {"https://pod.test", "https://10az.online.tableau.com/"},
	    {POD, "https://a b/"},
	    {POD, "javascript:alert(1)"},
	    {"https://pod.test", "https://other.test/"},
	    {"https://pod.test.", "https://other.test./"},
	    {"https://pod", "https://other/"},
	    {"https://127.0.0.1", "https://127.0.0.2/"},
	    {"https://10.0.0.1", "https://11.0.0.1/"},
	    {"https://[::1]", "https://[::2]/"},
	    {"https://a.0.0.1", "https://9.0.0.1/"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++) {
		char *url = NULL;
		struct sg_err err = {0};

		if (sg_url_redirect(cases[i].pod, cases[i].pod,
			cases[i].location, &url, &err) != SG_E_POLICY)
			fail_msg("%s to %s: %s", cases[i].pod,
			    cases[i].location, url);
		assert_null(url);
		assert_true(strlen(err.text) > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(https_urls_are_taken),
	    cmocka_unit_test(anything_else_is_refused_by_its_name),
	    cmocka_unit_test(origin_is_normal),
	    cmocka_unit_test(origins_differ_by_host_port_and_scheme),
	    cmocka_unit_test(join_puts_one_slash_and_keeps_the_host),
	    cmocka_unit_test(join_refuses_what_no_url_can_hold),
	    cmocka_unit_test(api_base_is_what_is_in_front),
	    cmocka_unit_test(segment_cannot_leave_its_place),
	    cmocka_unit_test(shown_url_has_no_secret),
	    cmocka_unit_test(
		redirect_to_itself_or_another_pod_of_the_cloud_is_allowed),
	    cmocka_unit_test(redirect_elsewhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
