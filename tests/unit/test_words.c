/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_http.h"

#include "client/reply/words.h"

static void
expect_after(const char *sent_text, const char *type, const char *body,
    const char *code, const char *text)
{
	struct sg_http_reply *reply = reply_of(400, type, body);
	struct sg_secret *sent =
	    sent_text != NULL ? secret_of(sent_text) : NULL;
	struct sg_words words;

	sg_words_read(reply, sent, &words);
	assert_string_equal(words.code, code);
	assert_string_equal(sg_buf_str(words.text), text);
	sg_words_clear(&words);
	sg_secret_free(&sent);
	sg_http_reply_free(&reply);
}

static void
expect(const char *type, const char *body, const char *code, const char *text)
{
	expect_after(NULL, type, body, code, text);
}

static void
each_json_shape_is_understood(void **state)
{
	static const char *const cases[][3] = {
	    {"{\"message\":\"No\",\"errorCode\":\"E1\"}", "E1", "No"},
	    {"{\"message\":\"No\"}", "", "No"},
	    {"{\"errorCode\":\"E1\"}", "E1", ""},
	    {"{\"errorCode\":401002}", "401002", ""},
	    {"{\"code\":7,\"message\":\"No\"}", "7", "No"},
	    {"{\"error\":{\"code\":\"401001\",\"summary\":\"Signin Error\","
	     "\"detail\":\"Bad (16)\"}}",
		"401001", "Signin Error: Bad (16)"},
	    {"[{\"message\":\"No\",\"errorCode\":\"E1\"}]", "E1", "No"},
	    {"{\"errors\":[{\"error\":{\"message\":\"No\",\"code\":1}}]}", "1",
		"No"},
	    {"{\"errors\":[\"No\"]}", "", "No"},
	    {"{\"errorCode\":\"E1\",\"data\":{\"message\":\"No\"}}", "E1",
		"No"},
	    {"{\"status\":401,\"error\":\"Unauthorized\"}", "", "Unauthorized"},
	    {"\"No\"", "", "No"},
	    {"{}", "", ""},
	    {"[]", "", ""},
	    {"null", "", ""},
	    {"7", "", ""},
	    {"{\"message\":null,\"errorCode\":null}", "", ""},
	    {"{\"message\":{\"message\":\"No\"}}", "", "No"},
	    {"[[[[[[[{\"message\":\"deep\"}]]]]]]]", "", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++)
		expect(
		    "application/json", cases[i][0], cases[i][1], cases[i][2]);
}

static void
each_xml_shape_is_understood(void **state)
{
	(void)state;
	expect("application/xml",
	    "<?xml version='1.0'?><tsResponse><error code=\"401001\">"
	    "<summary>Signin Error</summary><detail>Bad &amp; worse</detail>"
	    "</error></tsResponse>",
	    "401001", "Signin Error: Bad & worse");
	expect("text/xml", "<error code=\"1\">Unauthorized</error>", "1",
	    "Unauthorized");
	expect(NULL, "<error code=\"2\"/>", "2", "");
}

static void
html_gives_only_its_title(void **state)
{
	struct sg_http_reply *reply;
	struct sg_words words;

	(void)state;
	reply = reply_of(502, NULL,
	    "\r\n<!DOCTYPE html><HTML><head><title>Bad\n gateway</title>"
	    "</head><body><error code='7'>x</error></body></html>");
	sg_words_read(reply, NULL, &words);
	assert_true(words.is_html);
	assert_string_equal(sg_buf_str(words.text), "Bad gateway");
	assert_string_equal(words.code, "");
	sg_words_clear(&words);
	sg_http_reply_free(&reply);
	expect("text/html; charset=utf-8", "<p>no title</p>", "", "");
}

static void
plain_text_is_cut_and_made_one_line(void **state)
{
	char body[4000];
	struct sg_http_reply *reply;
	struct sg_words words;

	(void)state;
	expect("text/plain", "  two\r\n\twords\x01 ", "", "two words");
	memset(body, 'a', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	reply = reply_of(400, "text/plain", body);
	sg_words_read(reply, NULL, &words);
	assert_int_equal(words.text->len, 120 + 3);
	sg_words_clear(&words);
	sg_http_reply_free(&reply);
}

static void
cut_leaves_whole_characters(void **state)
{
	struct sg_buf *body = sg_buf_new(1000);
	struct sg_http_reply *reply;
	struct sg_words words;
	size_t i;

	(void)state;
	sg_buf_add_byte(body, 'x');
	for (i = 0; i < 200; i++)
		sg_buf_add_str(body, "\xc3\xa9");
	reply = reply_of(400, NULL, sg_buf_str(body));
	sg_words_read(reply, NULL, &words);
	assert_int_equal(words.text->len, 119 + 3);
	sg_words_clear(&words);
	sg_http_reply_free(&reply);
	sg_buf_free(&body);
}

static void
twenty_megabytes_are_no_trouble(void **state)
{
	struct sg_http_reply *reply = sg_http_reply_new(32 * 1024 * 1024);
	static char chunk[1024 * 1024];
	struct sg_words words;
	size_t i;

	(void)state;
	memset(chunk, '{', sizeof(chunk));
	for (i = 0; i < 20; i++)
		sg_buf_add(reply->body, chunk, sizeof(chunk));
	reply->status = 500;
	sg_words_read(reply, NULL, &words);
	assert_true(words.text->len < 500);
	sg_words_clear(&words);
	sg_http_reply_free(&reply);
}

static void
secret_that_is_sent_back_is_hidden(void **state)
{
	(void)state;
	expect(NULL,
	    "{\"message\":\"Invalid token eyJhbGciOiJSUzI1NiIsInR5cCI6Ik"
	    "pXVCIsImtpZCI6IjEifQ.eyJpc3MiOiJodHRwczovL2lzcy50ZXN0IiwiaWF"
	    "0IjoxfQ.c2ln\"}",
	    "", "Invalid token (hidden).(hidden).c2ln");
	expect("text/plain",
	    "bad JKGpaIjBQaS1vlXIIt9g+A==:-jeD0dkAWu-mwZQPgRf3NvgHQBUZ7atQsPx"
	    "h911YmPU",
	    "", "bad JKGpaIjBQaS1vlXIIt9g+A==:(hidden)");
	/* The other alphabet of base64 breaks no token in pieces. */
	expect("text/plain",
	    "bad AbCdEfGh1234+AbCdEfGh1234/AbCdEfGh1234+Ab==", "",
	    "bad (hidden)");
	expect(NULL,
	    "{\"errorCode\":\"Sjd93kfLKJ239fj2lkLKJLKjsldfj20394ujlkaFLKsd\"}",
	    "", "");
}

/* What it looks like does not matter, nor how the service wraps it up. */
static void
what_was_sent_is_struck_out(void **state)
{
	static const char session[] =
	    "IoBb4JDlSEWcc9r0Vcc7mA|8xJ8zGtBrtAh0ZdJk1Yc2Nfq8Xlc0zNY|"
	    "a8dd0b3a-1111-2222-3333-444455556666";
	static const char pat[] =
	    "O+vQxNH0/GJGGKjb5ShiZQ==:7AtQsPxh911YmPUjeD0dkAWumwZQPgRf";
	static const char jwt[] = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczov"
				  "L2lzcyJ9.c2lnbmF0dXJlc2ln";
	static const char *const cases[][4] = {
	    {session,
		"header was IoBb4JDlSEWcc9r0Vcc7mA|8xJ8zGtBrtAh0ZdJk1Yc2N"
		"fq8Xlc0zNY|a8dd0b3a-1111-2222-3333-444455556666!",
		"", "header was (hidden)!"},
	    {session,
		"{\"message\":\"not 8xJ8zGtBrtAh0ZdJk1Yc2Nfq8Xlc0zNY\","
		"\"errorCode\":\"IoBb4JDlSEWcc9r0Vcc7mA\"}",
		"", "not (hidden)"},
	    {session,
		"{\"message\":\"IoBb4JDlSEWcc9r0Vcc7mA%7C8xJ8zGtBrtAh0ZdJk"
		"1Yc2Nfq8Xlc0zNY\"}",
		"", "(hidden)%7C(hidden)"},
	    {session,
		"<error code=\"1\"><summary>IoBb4JDlSEWcc9r0Vcc7mA&#x7C;"
		"8xJ8zGtBrtA...</summary></error>",
		"1", "(hidden)..."},
	    {session, "<html><title>bad: IoBb4JDlSEWcc9r0V...</title>", "",
		"bad: (hidden)..."},
	    {pat,
		"{\"message\":\"bad token O+vQxNH0\\/GJGGKjb5ShiZQ==:7AtQs"
		"Pxh911YmPUjeD0dkAWumwZQPgRf\"}",
		"", "bad token (hidden)"},
	    {pat, "id O+vQxNH0/GJGGKjb5ShiZQ==", "", "id (hidden)"},
	    {jwt, "not eyJhbGciOiJSUzI1NiJ9 but eyJhbGciOiJub25lIn0", "",
		"not (hidden) but eyJhbGciOiJub25lIn0"},
	    {jwt, "no c2lnbmF0dXJlc2ln", "", "no (hidden)"},
	    {"short-1", "is short-1 or short-2 good?", "",
		"is (hidden) or short-2 good?"},
	    {"", "nothing was sent", "", "nothing was sent"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(cases); i++)
		expect_after(
		    cases[i][0], NULL, cases[i][1], cases[i][2], cases[i][3]);
}

static void
long_names_and_ids_are_shown(void **state)
{
	(void)state;
	expect(NULL,
	    "{\"errorCode\":\"E_400_USR_SVC_2006\",\"message\":"
	    "\"USER_SERVICE_UNSUPPORTED_SITE_ROLE_STATUS_TRANSITION "
	    "e7cc4b0b-1111-2222-3333-444455556666\"}",
	    "E_400_USR_SVC_2006",
	    "USER_SERVICE_UNSUPPORTED_SITE_ROLE_STATUS_TRANSITION "
	    "e7cc4b0b-1111-2222-3333-444455556666");
}

static void
words_are_clean_utf8(void **state)
{
	(void)state;
	expect("text/plain", "caf\xc3\xa9", "", "caf\xc3\xa9");
	expect("text/plain", "caf\xe9", "", "caf?");
	expect("text/plain", "a\x1b[31m\x7f", "", "a [31m?");
	expect(NULL, "{\"message\":\"a\\u009b31m\\u001b\"}", "", "a??31m");
}

static void
long_words_are_cut_between_characters(void **state)
{
	struct sg_buf *body = sg_buf_new(2000);
	struct sg_http_reply *reply;
	struct sg_words words;
	size_t i;

	(void)state;
	sg_buf_add_str(body, "{\"message\":\"x");
	for (i = 0; i < 300; i++)
		sg_buf_add_str(body, "\xe2\x82\xac");
	sg_buf_add_str(body, "\"}");
	reply = reply_of(400, NULL, sg_buf_str(body));
	sg_words_read(reply, NULL, &words);
	/* 1 + 133 * 3 = 400 bytes, and the dots */
	assert_int_equal(words.text->len, 403);
	assert_has_not(sg_buf_str(words.text), "?");
	sg_words_clear(&words);
	sg_http_reply_free(&reply);
	sg_buf_free(&body);
}

static void
odd_code_is_dropped(void **state)
{
	(void)state;
	expect(NULL, "{\"errorCode\":\"a b\",\"message\":\"No\"}", "", "No");
	expect(NULL, "{\"errorCode\":\"a\\u001bb\"}", "", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_json_shape_is_understood),
	    cmocka_unit_test(each_xml_shape_is_understood),
	    cmocka_unit_test(html_gives_only_its_title),
	    cmocka_unit_test(plain_text_is_cut_and_made_one_line),
	    cmocka_unit_test(cut_leaves_whole_characters),
	    cmocka_unit_test(twenty_megabytes_are_no_trouble),
	    cmocka_unit_test(secret_that_is_sent_back_is_hidden),
	    cmocka_unit_test(what_was_sent_is_struck_out),
	    cmocka_unit_test(long_names_and_ids_are_shown),
	    cmocka_unit_test(words_are_clean_utf8),
	    cmocka_unit_test(long_words_are_cut_between_characters),
	    cmocka_unit_test(odd_code_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
