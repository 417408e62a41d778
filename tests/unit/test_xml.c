/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "base/text.h"
#include "client/reply/xml.h"

static void
expect_text(const char *xml, const char *element, const char *text)
{
	char *got = sg_xml_text(xml, element);

	if (text == NULL)
		assert_null(got);
	else
		assert_string_equal(got != NULL ? got : "(null)", text);
	sg_str_free(&got);
}

static void
expect_attribute(const char *xml, const char *element, const char *attribute,
    const char *value)
{
	char *got = sg_xml_attribute(xml, element, attribute);

	if (value == NULL)
		assert_null(got);
	else
		assert_string_equal(got != NULL ? got : "(null)", value);
	sg_str_free(&got);
}

static void
sign_in_answer_is_read(void **state)
{
	static const char xml[] =
	    "<?xml version='1.0'?>\n<tsResponse "
	    "xmlns=\"http://tableau.com/api\"><credentials token=\"a|b==\">"
	    "<site id='s-1' contentUrl = \"my site\"/><user id=\"u-1\"/>"
	    "</credentials></tsResponse>";

	(void)state;
	expect_attribute(xml, "credentials", "token", "a|b==");
	expect_attribute(xml, "site", "id", "s-1");
	expect_attribute(xml, "site", "contentUrl", "my site");
	expect_attribute(xml, "user", "id", "u-1");
	expect_attribute(xml, "user", "name", NULL);
	expect_attribute(xml, "project", "id", NULL);
}

static void
element_is_found_by_its_whole_name(void **state)
{
	static const char xml[] =
	    "<!-- <error code='no'/> --><errors code='no'><t:error "
	    "code='yes'>text</t:error></errors>";

	(void)state;
	expect_attribute(xml, "error", "code", "yes");
	expect_text(xml, "error", "text");
	expect_text(xml, "err", NULL);
}

static void
references_are_decoded(void **state)
{
	(void)state;
	expect_text(
	    "<a>&lt;x&gt; &amp;amp; &quot;&apos;</a>", "a", "<x> &amp; \"'");
	expect_text("<a>&#65;&#x42;&#xe9;&#x20AC;&#x1F511;</a>", "a",
	    "AB\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91");
	expect_attribute("<a b='1 &lt; 2'/>", "a", "b", "1 < 2");
}

static void
odd_references_stay_as_they_are(void **state)
{
	(void)state;
	expect_text("<a>&nbsp;&#0;&#xD800;&#x110000;&#;&#x;&</a>", "a",
	    "&nbsp;&#0;&#xD800;&#x110000;&#;&#x;&");
	expect_text("<a>&#99999999999;</a>", "a", "&#99999999999;");
}

static void
a_tag_end_in_an_attribute_is_no_end(void **state)
{
	(void)state;
	expect_text("<a b='>' c=\"'>\">text</a>", "a", "text");
	expect_attribute("<a b='>' c='d'/>", "a", "c", "d");
}

static void
broken_xml_has_nothing(void **state)
{
	static const char *const broken[] = {
	    "",
	    "<",
	    "<a",
	    "<a ",
	    "<a b",
	    "<a b=",
	    "<a b='",
	    "<a b='c",
	    "<a b=c>",
	    "<!-- <a b='c'>",
	    "<!",
	    "</a>",
	    "< a b='c'>",
	    "text",
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(broken); i++)
		expect_attribute(broken[i], "a", "b", NULL);
	expect_text("<a", "a", NULL);
	expect_text("<a/>", "a", NULL);
	expect_text("<a b='c", "a", NULL);
}

static void
huge_value_is_refused(void **state)
{
	struct sg_buf *xml = sg_buf_new(1024 * 1024);
	size_t i;

	(void)state;
	sg_buf_add_str(xml, "<a>");
	for (i = 0; i < 70000; i++)
		sg_buf_add_byte(xml, 'x');
	sg_buf_add_str(xml, "</a>");
	expect_text(sg_buf_str(xml), "a", NULL);
	sg_buf_free(&xml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sign_in_answer_is_read),
	    cmocka_unit_test(element_is_found_by_its_whole_name),
	    cmocka_unit_test(references_are_decoded),
	    cmocka_unit_test(odd_references_stay_as_they_are),
	    cmocka_unit_test(a_tag_end_in_an_attribute_is_no_end),
	    cmocka_unit_test(broken_xml_has_nothing),
	    cmocka_unit_test(huge_value_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
