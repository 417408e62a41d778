/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/conf_edit.h"

#include "fake_app.h"

#include "cli/dotenv.h"

#define FILE "it.env"
#define NEW  "pkcs11:token=t;object=b;id=%02?pin-source=file:/p"

static const struct conf_edit key_to_new = {"SIGNET_KEY", "old", NEW};

struct example {
	const char *before;
	const char *after;
};

static void
every_other_byte_stays(void **state)
{
	static const struct example rows[] = {
	    {"SIGNET_KEY=old\n", "SIGNET_KEY='" NEW "'\n"},
	    {"SIGNET_KEY='old'", "SIGNET_KEY='" NEW "'"},
	    {"SIGNET_KEY=\"old\"\n", "SIGNET_KEY=\"" NEW "\"\n"},
	    {"# top\r\n\texport  SIGNET_KEY =  'old'  # why\r\nB=1\r\n",
		"# top\r\n\texport  SIGNET_KEY =  '" NEW "'  # why\r\nB=1\r\n"},
	    {"B='two\nlines'\nSIGNET_KEY=\"old\"#c\n#SIGNET_KEY=old\n",
		"B='two\nlines'\nSIGNET_KEY=\"" NEW "\"#c\n#SIGNET_KEY=old\n"},
	    {"\xef\xbb\xbfSIGNET_KEY='old'\nA=\n",
		"\xef\xbb\xbfSIGNET_KEY='" NEW "'\nA=\n"},
	    /* the last one counts, and is the one to change */
	    {"SIGNET_KEY=first\nSIGNET_KEY='old' \n",
		"SIGNET_KEY=first\nSIGNET_KEY='" NEW "' \n"},
	};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		put(FILE, 0600, rows[i].before);
		assert_ok(b, conf_edit(FILE, &key_to_new, 1, &b->err));
		assert_string_equal(text_of(FILE), rows[i].after);
	}
}

/* A value, and the text of the file that holds it then. */
static void
a_value_is_quoted_as_the_parser_needs(void **state)
{
	static const struct {
		const char *before;
		const char *to;
		const char *after;
	} rows[] = {
	    {"A=x\n", "https://i/key-a_b", "A=https://i/key-a_b\n"},
	    {"A=x;y # c\n", "x;z", "A=x;z # c\n"},
	    {"A=x\n", "a b", "A='a b'\n"},
	    {"A=x\n", "a;b", "A='a;b'\n"},
	    {"A=x\n", "it's \"$1\" \\", "A=\"it's \\\"\\$1\\\" \\\\\"\n"},
	    {"A='x'\n", "it's", "A=\"it's\"\n"},
	    {"A='x'\n", "a\"b", "A='a\"b'\n"},
	    {"A=\"x\"\n", "a\"b$c\\n", "A=\"a\\\"b\\$c\\\\n\"\n"},
	    {"A=x\n", "#no", "A='#no'\n"},
	};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(rows); i++) {
		const char *from = i == 1 ? "x;y" : "x";
		const struct conf_edit edit = {"A", from, rows[i].to};

		put(FILE, 0600, rows[i].before);
		assert_ok(b, conf_edit(FILE, &edit, 1, &b->err));
		assert_string_equal(text_of(FILE), rows[i].after);
	}
}

static void
all_values_change_in_one_rename(void **state)
{
	static const struct conf_edit both[] = {
	    {"SIGNET_ISSUER", "https://a", "https://b"},
	    {"SIGNET_KEY", "old", NEW},
	};
	struct bench *b = *state;
	struct stat before;
	struct stat after;
	struct stat open_one;
	char text[64] = {0};
	int fd;

	put(FILE, 0600, "SIGNET_KEY='old'\nSIGNET_ISSUER=https://a\n");
	assert_int_equal(stat(FILE, &before), 0);
	fd = open(FILE, O_RDONLY | O_CLOEXEC);
	assert_ok(b, conf_edit(FILE, both, 2, &b->err));
	assert_string_equal(
	    text_of(FILE), "SIGNET_KEY='" NEW "'\nSIGNET_ISSUER=https://b\n");
	assert_int_equal(stat(FILE, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	/* who has it open goes on reading the old pair */
	assert_int_equal(fstat(fd, &open_one), 0);
	assert_int_equal(open_one.st_ino, before.st_ino);
	assert_int_equal(read(fd, text, sizeof(text) - 1), 41);
	assert_string_equal(
	    text, "SIGNET_KEY='old'\nSIGNET_ISSUER=https://a\n");
	(void)close(fd);
}

static void
a_half_done_or_done_file_is_finished(void **state)
{
	static const struct conf_edit both[] = {
	    {"A", "1", "2"},
	    {"B", "1", "2"},
	};
	struct bench *b = *state;
	struct stat before;
	struct stat after;

	put(FILE, 0600, "A=1\nB=2\n");
	assert_ok(b, conf_edit(FILE, both, 2, &b->err));
	assert_string_equal(text_of(FILE), "A=2\nB=2\n");
	assert_int_equal(stat(FILE, &before), 0);
	assert_ok(b, conf_edit(FILE, both, 2, &b->err));
	assert_int_equal(stat(FILE, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void
mode_and_link_stay(void **state)
{
	struct bench *b = *state;
	struct stat st;

	put("real.env", 0640, "SIGNET_KEY=old\n");
	assert_int_equal(symlink("real.env", FILE), 0);
	assert_ok(b, conf_edit(FILE, &key_to_new, 1, &b->err));
	assert_int_equal(lstat(FILE, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_string_equal(text_of("real.env"), "SIGNET_KEY='" NEW "'\n");
	assert_int_equal(stat("real.env", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void
another_value_is_not_overwritten(void **state)
{
	static const char *const texts[] = {
	    "SIGNET_KEY=other\n", "B=old\n", "SIGNET_KEY=old\nSIGNET_KEY=\n"};
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < SG_COUNT(texts); i++) {
		put(FILE, 0600, texts[i]);
		sg_err_clear(&b->err);
		assert_refused(b, conf_edit(FILE, &key_to_new, 1, &b->err),
		    SG_E_CONFIG, "SIGNET_KEY");
		assert_string_equal(text_of(FILE), texts[i]);
	}
}

static void
a_file_that_others_may_write_is_left_alone(void **state)
{
	struct bench *b = *state;

	put(FILE, 0666, "SIGNET_KEY=old\n");
	assert_refused(
	    b, conf_edit(FILE, &key_to_new, 1, &b->err), SG_E_CONFIG, "chmod");
	assert_string_equal(text_of(FILE), "SIGNET_KEY=old\n");
}

static void
what_cannot_be_changed_is_known_before(void **state)
{
	struct bench *b = *state;

	put(FILE, 0600, "SIGNET_KEY=old\n");
	assert_ok(b, conf_edit_check(FILE, &b->err));
	assert_refused(
	    b, conf_edit_check("absent.env", &b->err), SG_E_IO, "absent.env");
	sg_err_clear(&b->err);
	assert_refused(b, conf_edit_check(".", &b->err), SG_E_IO, "regular");
}

static void
a_quoted_value_is_what_a_shell_and_a_file_read(void **state)
{
	static const struct {
		const char *value;
		const char *quoted;
	} rows[] = {
	    {"https://a.example/$x", "'https://a.example/$x'"},
	    {"pkcs11:object=a%20b", "'pkcs11:object=a%20b'"},
	    {"https://a.example/it's$x", "\"https://a.example/it's\\$x\""},
	    {"a\"b'c\\", "\"a\\\"b'c\\\\\""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(rows); i++) {
		SG_AUTO(sg_buf) out = sg_buf_new(100);

		conf_edit_add_quoted(out, rows[i].value);
		assert_string_equal(sg_buf_str(out), rows[i].quoted);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_other_byte_stays),
	    TEST(a_value_is_quoted_as_the_parser_needs),
	    TEST(all_values_change_in_one_rename),
	    TEST(a_half_done_or_done_file_is_finished),
	    TEST(mode_and_link_stay),
	    TEST(another_value_is_not_overwritten),
	    TEST(a_file_that_others_may_write_is_left_alone),
	    TEST(what_cannot_be_changed_is_known_before),
	    TEST(a_quoted_value_is_what_a_shell_and_a_file_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
