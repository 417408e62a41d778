/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/dotenv.h"

static enum sg_rc
parse(const char *text, size_t len, struct dotenv **out_dotenv,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) bytes = sg_buf_new(65536);
	enum sg_rc rc;

	sg_buf_add(bytes, text, len);
	rc = dotenv_parse(&bytes, "it.env", out_dotenv, err);
	assert_null(bytes); /* taken over, also after a failure */
	return rc;
}

static struct dotenv *
good(const char *text)
{
	struct dotenv *d = NULL;
	struct sg_err err = {0};

	if (parse(text, strlen(text), &d, &err) != SG_OK)
		fail_msg("%s: %s", text, err.text);
	return d;
}

struct example {
	const char *text;
	const char *value; /* of A */
};

static void
check_values(const struct example *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		SG_AUTO(dotenv) d = good(rows[i].text);
		const char *value = dotenv_get(d, "A");

		if (value == NULL || strcmp(value, rows[i].value) != 0)
			fail_msg("<%s> gives <%s>, not <%s>", rows[i].text,
			    value, rows[i].value);
	}
}

static void
articles_lines_are_read(void **state)
{
	static const char text[] =
	    "##################################\n"
	    "# Begin dotenv Settings\n"
	    "##################################\n"
	    "CLOUD_MANAGER_TENANT_ID = \"id\"\n"
	    "CLOUD_MANAGER_PAT_LOGIN_URL = "
	    "\"https://cloudmanager.tableau.com/api/v1/pat/login\"\n"
	    "TABLEAU_CLOUD_USERNAME = \"ann@example.com\"";
	SG_AUTO(dotenv) d = good(text);

	(void)state;
	assert_int_equal(d->count, 3);
	assert_string_equal(dotenv_get(d, "CLOUD_MANAGER_TENANT_ID"), "id");
	assert_string_equal(dotenv_get(d, "CLOUD_MANAGER_PAT_LOGIN_URL"),
	    "https://cloudmanager.tableau.com/api/v1/pat/login");
	assert_string_equal(
	    dotenv_get(d, "TABLEAU_CLOUD_USERNAME"), "ann@example.com");
	assert_null(dotenv_get(d, "CLOUD_MANAGER"));
}

static void
blanks_around_name_and_value_do_not_count(void **state)
{
	static const struct example rows[] = {
	    {"A=b", "b"},
	    {"A = b", "b"},
	    {"  \tA\t=\t b \t", "b"},
	    {"A=b c  d ", "b c  d"},
	    {"A = \" b \"", " b "},
	    {"A=' b '  \n", " b "},
	};

	(void)state;
	check_values(rows, SG_COUNT(rows));
}

static void
export_in_front_is_skipped(void **state)
{
	static const struct example rows[] = {
	    {"export A=b", "b"},
	    {" export\t A = \"b\"", "b"},
	    {"exported=c\nA=b", "b"},
	};
	SG_AUTO(dotenv) d = good("exported=c\nexport export=d");

	(void)state;
	check_values(rows, SG_COUNT(rows));
	assert_string_equal(dotenv_get(d, "exported"), "c");
	assert_string_equal(dotenv_get(d, "export"), "d");
}

static void
comment_begins_the_line_or_follows_a_blank(void **state)
{
	static const struct example rows[] = {
	    {"#A=x\nA=b\n  # A=y", "b"},
	    {"A=b # c", "b"},
	    {"A=b\t#c", "b"},
	    {"A=b#c", "b#c"},
	    {"A=#c", ""},
	    {"A= # c", ""},
	    {"A=pkcs11:a#b c #d", "pkcs11:a#b c"},
	};

	(void)state;
	check_values(rows, SG_COUNT(rows));
}

static void
hash_in_quotes_is_no_comment(void **state)
{
	static const struct example rows[] = {
	    {"A=\"b # c\"", "b # c"},
	    {"A='#b'", "#b"},
	    {"A=\"b\" # c", "b"},
	    {"A='b'#c", "b"},
	};

	(void)state;
	check_values(rows, SG_COUNT(rows));
}

static void
double_quotes_know_escapes(void **state)
{
	static const struct example rows[] = {
	    {"A=\"a\\nb\\tc\\rd\"", "a\nb\tc\rd"},
	    {"A=\"a\\\"b\\\\c\\$d\"", "a\"b\\c$d"},
	    {"A=\"a\\qb\"", "a\\qb"},
	    {"A=\"a'b\"", "a'b"},
	    {"A=\"\\\\\"", "\\"},
	};

	(void)state;
	check_values(rows, SG_COUNT(rows));
}

static void
single_quotes_and_plain_values_know_none(void **state)
{
	static const struct example rows[] = {
	    {"A='a\\nb\"c\\'", "a\\nb\"c\\"},
	    {"A=a\\nb", "a\\nb"},
	    {"A=it's", "it's"},
	    {"A=a\"b\"", "a\"b\""},
	};

	(void)state;
	check_values(rows, SG_COUNT(rows));
}

static void
nothing_is_expanded(void **state)
{
	static const struct example rows[] = {
	    {"B=x\nA=$B${B}$(id)`id`~", "$B${B}$(id)`id`~"},
	    {"B=x\nA=\"$B ${B}\"", "$B ${B}"},
	};

	(void)state;
	check_values(rows, SG_COUNT(rows));
}

static void
quoted_value_may_have_several_lines(void **state)
{
	SG_AUTO(dotenv) d = good("A=\"one\ntwo\n\"\nB='x\n\ny'\nC=z");

	(void)state;
	assert_string_equal(dotenv_get(d, "A"), "one\ntwo\n");
	assert_string_equal(dotenv_get(d, "B"), "x\n\ny");
	assert_string_equal(dotenv_get(d, "C"), "z");
	assert_int_equal(d->entries[0].line, 1);
	assert_int_equal(d->entries[1].line, 4);
	assert_int_equal(d->entries[2].line, 7);
}

static void
windows_line_ends_and_byte_order_mark_are_taken(void **state)
{
	SG_AUTO(dotenv)
	d = good("\xef\xbb\xbf"
		 "A=b\r\n\r\n# c\r\nB=\"d\"\r\nC='e' # f\r\nD=\r\n");

	(void)state;
	assert_int_equal(d->count, 4);
	assert_string_equal(dotenv_get(d, "A"), "b");
	assert_string_equal(dotenv_get(d, "B"), "d");
	assert_string_equal(dotenv_get(d, "C"), "e");
	assert_string_equal(dotenv_get(d, "D"), "");
}

static void
empty_value_is_there_and_empty(void **state)
{
	static const struct example rows[] = {
	    {"A=", ""},
	    {"A=\n", ""},
	    {"A=\nB=c", ""},
	    {"A = \nB=c", ""},
	    {"A=\"\"", ""},
	    {"A=''\nB=c", ""},
	};
	SG_AUTO(dotenv) d = good("A=\nB=c");

	(void)state;
	check_values(rows, SG_COUNT(rows));
	assert_string_equal(dotenv_get(d, "B"), "c");
}

static void
last_of_a_name_counts(void **state)
{
	static const struct example rows[] = {
	    {"A=b\nA=c", "c"},
	    {"A=b\nexport A=", ""},
	    {"a=b\nA=c\na=d", "c"},
	};

	(void)state;
	check_values(rows, SG_COUNT(rows));
}

static void
file_of_nothing_has_no_entries(void **state)
{
	static const char *const texts[] = {
	    "", "\n", "   ", "# c", "\r\n\r\n", "\xef\xbb\xbf", "\t\n#\n \n"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++) {
		SG_AUTO(dotenv) d = good(texts[i]);

		assert_int_equal(d->count, 0);
		assert_null(dotenv_get(d, "A"));
	}
}

static void
malformed_line_is_named(void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *said;
	} rows[] = {
	    {"A", 1, "not of the form NAME=value"},
	    {"A=b\n\nB c\n", 3, "not of the form NAME=value"},
	    {"=b", 1, "not of the form NAME=value"},
	    {"A B=c", 1, "not of the form NAME=value"},
	    {"A+B=c", 1, "not of the form NAME=value"},
	    {"A\n=b", 1, "not of the form NAME=value"},
	    {"export\nA=b", 1, "not of the form NAME=value"},
	    {"\xc3\xa4=b", 1, "not of the form NAME=value"},
	    {"A=\"b\" c", 1, "there is something behind the closing quote"},
	    {"A='it''s'", 1, "there is something behind the closing quote"},
	    {"A='b\n' c", 2, "there is something behind the closing quote"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_err err = {0};
		struct dotenv *d = NULL;
		char said[128];

		(void)snprintf(said, sizeof(said), "it.env, line %d: %s",
		    rows[i].line, rows[i].said);
		assert_int_equal(
		    parse(rows[i].text, strlen(rows[i].text), &d, &err),
		    SG_E_CONFIG);
		assert_null(d);
		assert_string_equal(err.text, said);
	}
}

static void
open_quote_is_named_by_the_line_it_begins_in(void **state)
{
	static const char *const texts[] = {"A=b\nB=\"c\n", "A=b\nB='c\nD=e\n",
	    "A=b\nB=\"c\\\"\n\n\nD=e", "A=b\nB=\"c\\", "A=b\nB='"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++) {
		struct sg_err err = {0};
		struct dotenv *d = NULL;

		assert_int_equal(
		    parse(texts[i], strlen(texts[i]), &d, &err), SG_E_CONFIG);
		assert_string_equal(
		    err.text, "it.env, line 2: a quote is not closed");
	}
}

static void
nul_byte_is_refused(void **state)
{
	static const char text[] = "A=b\0c\nB=d\n";
	struct sg_err err = {0};
	struct dotenv *d = NULL;

	(void)state;
	assert_int_equal(parse(text, sizeof(text) - 1, &d, &err), SG_E_CONFIG);
	assert_non_null(strstr(err.text, "NUL"));
	assert_int_equal(parse("A=b\n\0", 5, &d, NULL), SG_E_CONFIG);
	assert_null(d);
}

static void
error_does_not_hold_the_text(void **state)
{
	static const char *const texts[] = {"A=\"s3cret\" s3cret", "A=\"s3cret",
	    "s3cret", "s3cret s3cret=s3cret"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++) {
		struct sg_err err = {0};
		struct dotenv *d = NULL;

		assert_int_equal(
		    parse(texts[i], strlen(texts[i]), &d, &err), SG_E_CONFIG);
		assert_null(strstr(err.text, "s3cret"));
	}
}

/* Names and values must lie in the file's bytes and be ended in them. */
static void
check_entries(const struct dotenv *d)
{
	const char *begin = sg_buf_str(d->bytes);
	const char *end = begin + d->bytes->len;
	size_t i;

	for (i = 0; i < d->count; i++) {
		const struct dotenv_entry *e = &d->entries[i];

		assert_true(e->name >= begin && e->name < end);
		assert_true(e->name[0] != '\0');
		assert_true(e->value > e->name && e->value <= end);
		assert_true(e->value + strlen(e->value) <= end);
		assert_true(e->line >= 1);
	}
}

static void
check_any(const char *text, size_t len)
{
	SG_AUTO(dotenv) d = NULL;
	struct sg_err err = {0};
	enum sg_rc rc;

	rc = parse(text, len, &d, &err);
	if (rc == SG_OK) {
		check_entries(d);
		return;
	}
	assert_int_equal(rc, SG_E_CONFIG);
	assert_null(d);
	assert_true(strncmp(err.text, "it.env, line ", 13) == 0);
}

static void
nasty_texts_end_in_entries_or_an_error(void **state)
{
	static const char *const texts[] = {"=", "==", "A==", "A=\"", "A='",
	    "A=\"\\", "A=\"\\\"", "export", "export ", "export =", "export A",
	    "\r", "A\r=b", "A=\r", "A=\"\"\"", "A='''", "A=\"\"x", "#", "A=#",
	    "A=\"#", "\xef\xbb", "\xef\xbb\xbf\xef\xbb\xbf=x", "\xff=\xff",
	    "A=\xff\xfe", "A=\x1b[31m", "\"A\"=b", "'A'=b", "A=b\rB=c",
	    "A=\"b\r\nc\"\r\n", "A=\"\n", "A='\n\n\n", "-=b", ".=b", "0=b",
	    "A=\\", "A=b\\\nc=d", "A:b", "A: b=c", "{\"A\":\"b\"}", "A=\t#",
	    "A=\"\\n\\", "export export export=b", "A='b'\t\r\n", "A=b;C=d"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(texts); i++)
		check_any(texts[i], strlen(texts[i]));
}

static void
every_beginning_of_a_text_ends_in_entries_or_an_error(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbf# c\r\nexport A = \"b\\n\\\"\nc\" # d\r\n\n"
	    "B='e\n f' \nC= g # h\nD=\"\\\\\"\nE=\nF=''\nexport\tG=i#j\n";
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(text); len++)
		check_any(text, len);
}

static void
many_entries_are_kept(void **state)
{
	SG_AUTO(sg_buf) text = sg_buf_new(65536);
	SG_AUTO(dotenv) d = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		sg_buf_addf(text, "N%zu=v%zu\n", i, i);
	assert_int_equal(dotenv_parse(&text, "it.env", &d, NULL), SG_OK);
	assert_int_equal(d->count, 1000);
	assert_string_equal(dotenv_get(d, "N0"), "v0");
	assert_string_equal(dotenv_get(d, "N999"), "v999");
	assert_int_equal(d->entries[999].line, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(articles_lines_are_read),
	    cmocka_unit_test(blanks_around_name_and_value_do_not_count),
	    cmocka_unit_test(export_in_front_is_skipped),
	    cmocka_unit_test(comment_begins_the_line_or_follows_a_blank),
	    cmocka_unit_test(hash_in_quotes_is_no_comment),
	    cmocka_unit_test(double_quotes_know_escapes),
	    cmocka_unit_test(single_quotes_and_plain_values_know_none),
	    cmocka_unit_test(nothing_is_expanded),
	    cmocka_unit_test(quoted_value_may_have_several_lines),
	    cmocka_unit_test(windows_line_ends_and_byte_order_mark_are_taken),
	    cmocka_unit_test(empty_value_is_there_and_empty),
	    cmocka_unit_test(last_of_a_name_counts),
	    cmocka_unit_test(file_of_nothing_has_no_entries),
	    cmocka_unit_test(malformed_line_is_named),
	    cmocka_unit_test(open_quote_is_named_by_the_line_it_begins_in),
	    cmocka_unit_test(nul_byte_is_refused),
	    cmocka_unit_test(error_does_not_hold_the_text),
	    cmocka_unit_test(nasty_texts_end_in_entries_or_an_error),
	    cmocka_unit_test(
		every_beginning_of_a_text_ends_in_entries_or_an_error),
	    cmocka_unit_test(many_entries_are_kept),
	};

	return cmocka_run_group_tests_name("dotenv", tests, NULL, NULL);
}
