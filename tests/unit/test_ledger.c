/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/ledger.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/secret.h"
#include "pkcs11/token.h"
#include "tests/unit/fake_dir.h"

static const struct sg_token_info token = {
    .label = "dev",
    .manufacturer = "fake",
    .model = "m1",
    .serial = "0001",
};

static int
set_up(void **state)
{
	(void)state;
	fake_make_dir();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fake_remove_dir();
	return 0;
}

static struct sg_ledger *
open_for(const struct sg_token_info *info)
{
	struct sg_ledger *ledger = NULL;
	struct sg_err err = {0};

	if (sg_ledger_open(fake_dir, info, 5000, &ledger, &err) != SG_OK)
		fail_msg("%s", err.text);
	return ledger;
}

static struct sg_secret *
pin_of(const char *text)
{
	struct sg_secret *pin = NULL;

	assert_int_equal(sg_secret_new(text, strlen(text), &pin, NULL), SG_OK);
	return pin;
}

/* As another process would be told. */
static enum sg_rc
check_try(const char *text, const struct sg_ledger_try *try, struct sg_err *err)
{
	SG_AUTO(sg_ledger) ledger = open_for(&token);
	SG_AUTO(sg_secret) pin = pin_of(text);

	return sg_ledger_check(ledger, pin, try, err);
}

static enum sg_rc
check(const char *text, bool may_have_counted, struct sg_err *err)
{
	const struct sg_ledger_try try = {.may_have_counted = may_have_counted};

	return check_try(text, &try, err);
}

/* One that started then. */
static enum sg_rc
check_retry(const char *text, int64_t start_us, struct sg_err *err)
{
	const struct sg_ledger_try try = {
	    .may_have_counted = true,
	    .is_retry = true,
	    .start_us = start_us,
	};

	return check_try(text, &try, err);
}

static void
refuse(const char *text)
{
	SG_AUTO(sg_ledger) ledger = open_for(&token);
	SG_AUTO(sg_secret) pin = pin_of(text);

	assert_int_equal(sg_ledger_begin(ledger, NULL), SG_OK);
	sg_ledger_refused(ledger, pin);
}

static void
accept(const char *text)
{
	SG_AUTO(sg_ledger) ledger = open_for(&token);
	SG_AUTO(sg_secret) pin = pin_of(text);

	assert_int_equal(sg_ledger_begin(ledger, NULL), SG_OK);
	sg_ledger_accepted(ledger, pin);
}

/* A process that ends between C_Login and what it writes of it. */
static void
be_cut_off(void)
{
	SG_AUTO(sg_ledger) ledger = open_for(&token);

	assert_int_equal(sg_ledger_begin(ledger, NULL), SG_OK);
}

static void
a_token_without_history_is_sent_any_pin(void **state)
{
	(void)state;
	assert_int_equal(check("831920", false, NULL), SG_OK);
	assert_int_equal(check("831920", true, NULL), SG_OK);
	assert_int_equal(check("", true, NULL), SG_OK);
}

static void
a_refused_pin_is_withheld_and_another_is_not(void **state)
{
	struct sg_err err = {0};

	(void)state;
	refuse("831920");
	assert_int_equal(check("831920", false, &err), SG_E_PIN_WITHHELD);
	assert_non_null(strstr(err.text, "\"dev\""));
	assert_non_null(strstr(err.text, "--retry-pin"));
	assert_null(strstr(err.text, "831920"));
	assert_int_equal(check("831921", false, NULL), SG_OK);
	assert_int_equal(check("83192", true, NULL), SG_OK);
	assert_int_equal(check("", true, NULL), SG_OK);
}

static void
each_refused_pin_is_withheld(void **state)
{
	(void)state;
	refuse("1111");
	refuse("2222");
	refuse("2222");
	assert_int_equal(check("1111", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(check("2222", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(check("3333", false, NULL), SG_OK);
}

static void
a_pin_that_was_taken_after_all_is_forgotten(void **state)
{
	(void)state;
	refuse("1111");
	refuse("2222");
	accept("1111");
	assert_int_equal(check("1111", false, NULL), SG_OK);
	assert_int_equal(check("2222", false, NULL), SG_E_PIN_WITHHELD);
}

static void
a_taken_pin_leaves_no_file_that_tells_of_it(void **state)
{
	char path[PATH_MAX];

	(void)state;
	accept("831920");
	assert_int_equal(fake_files(".json", path), 0);
}

static char *
read_file(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, size - 1, file);
	text[len] = '\0';
	(void)fclose(file);
	return text;
}

static void
no_file_holds_the_pin_and_none_is_for_others(void **state)
{
	static const char *endings[] = {".json", ".state", ".lock"};
	char text[20000];
	char path[PATH_MAX];
	struct stat st;
	mode_t mask = umask(0);
	size_t i;

	(void)state;
	refuse("831920");
	(void)umask(mask);
	for (i = 0; i < SG_COUNT(endings); i++) {
		assert_int_equal(fake_files(endings[i], path), 1);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_null(
		    strstr(read_file(path, text, sizeof(text)), "831920"));
	}
	assert_int_equal(fake_files("", path), 3 + 2); /* and . and .. */
}

/* Else equal PINs could be seen, or looked up in a list. */
static void
two_ledgers_have_two_salts(void **state)
{
	const struct sg_token_info other = {.label = "dev", .serial = "0002"};
	char first[20000];
	char second[20000];
	char path[PATH_MAX];

	(void)state;
	refuse("831920");
	assert_int_equal(fake_files(".json", path), 1);
	(void)read_file(path, first, sizeof(first));
	assert_int_equal(unlink(path), 0);
	{
		SG_AUTO(sg_ledger) ledger = open_for(&other);
		SG_AUTO(sg_secret) pin = pin_of("831920");

		sg_ledger_refused(ledger, pin);
	}
	assert_int_equal(fake_files(".json", path), 1);
	(void)read_file(path, second, sizeof(second));
	assert_string_not_equal(
	    strstr(first, "\"salt\""), strstr(second, "\"salt\""));
	assert_string_not_equal(
	    strstr(first, "\"refused\""), strstr(second, "\"refused\""));
}

static void
two_tokens_have_two_ledgers(void **state)
{
	static const struct sg_token_info others[] = {
	    {.label = "dev2",
		.manufacturer = "fake",
		.model = "m1",
		.serial = "0001"},
	    {.label = "dev",
		.manufacturer = "fake2",
		.model = "m1",
		.serial = "0001"},
	    {.label = "dev",
		.manufacturer = "fake",
		.model = "m12",
		.serial = "0001"},
	    {.label = "dev",
		.manufacturer = "fake",
		.model = "m1",
		.serial = "0002"},
	    /* The same letters, in other fields. */
	    {.label = "dev",
		.manufacturer = "fak",
		.model = "em1",
		.serial = "0001"},
	    {.label = "../../dev",
		.manufacturer = "fake",
		.model = "m1",
		.serial = "0001"},
	};
	const struct sg_ledger_try any = {.is_retry = false};
	char path[PATH_MAX];
	size_t i;

	(void)state;
	refuse("831920");
	for (i = 0; i < SG_COUNT(others); i++) {
		/* Open beside the first: one does not wait for the other. */
		SG_AUTO(sg_ledger) first = open_for(&token);
		SG_AUTO(sg_ledger) ledger = open_for(&others[i]);
		SG_AUTO(sg_secret) pin = pin_of("831920");

		assert_non_null(first);
		assert_int_equal(
		    sg_ledger_check(ledger, pin, &any, NULL), SG_OK);
		sg_ledger_refused(ledger, pin);
	}
	assert_int_equal(fake_files(".json", path), 1 + SG_COUNT(others));
}

static void
of_many_refused_pins_the_last_sixteen_are_remembered(void **state)
{
	char text[8];
	int i;

	(void)state;
	for (i = 0; i < 18; i++) {
		(void)snprintf(text, sizeof(text), "%d", 1000 + i);
		refuse(text);
	}
	for (i = 0; i < 18; i++) {
		(void)snprintf(text, sizeof(text), "%d", 1000 + i);
		assert_int_equal(check(text, false, NULL),
		    i < 2 ? SG_OK : SG_E_PIN_WITHHELD);
	}
}

/* Whether it was judged cannot be known; the token's count tells. */
static void
after_a_cut_off_try_a_low_count_withholds_every_pin(void **state)
{
	struct sg_err err = {0};

	(void)state;
	be_cut_off();
	assert_int_equal(check("831920", true, &err), SG_E_PIN_WITHHELD);
	assert_non_null(strstr(err.text, "--retry-pin"));
	assert_int_equal(check("4444", true, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(check("831920", false, NULL), SG_OK);
	accept("831920");
	assert_int_equal(check("4444", true, NULL), SG_OK);
}

static void
a_killed_process_was_cut_off(void **state)
{
	int status = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		struct sg_ledger *ledger = open_for(&token);

		_exit(sg_ledger_begin(ledger, NULL) == SG_OK
			  ? kill(getpid(), SIGKILL)
			  : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(check("831920", true, NULL), SG_E_PIN_WITHHELD);
}

static void
an_answer_that_says_nothing_of_the_pin_is_no_cut_off(void **state)
{
	struct sg_ledger *ledger = open_for(&token);

	(void)state;
	assert_int_equal(sg_ledger_begin(ledger, NULL), SG_OK);
	sg_ledger_unjudged(ledger);
	sg_ledger_free(&ledger);
	assert_int_equal(check("831920", true, NULL), SG_OK);
}

/* A disk with no room for a new file: a limit of a few bytes a file. */
static void
refuse_on_a_full_disk(const char *text)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit none = {24, 24};
		struct sg_ledger *ledger = open_for(&token);
		struct sg_secret *pin = pin_of(text);

		(void)signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &none) != 0 ||
		    sg_ledger_begin(ledger, NULL) != SG_OK)
			_exit(2);
		sg_ledger_refused(ledger, pin);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
what_could_not_be_written_down_withholds_every_pin(void **state)
{
	char path[PATH_MAX];
	struct sg_err err = {0};

	(void)state;
	refuse_on_a_full_disk("831920");
	assert_int_equal(fake_files(".json", path), 0);
	assert_int_equal(check("831920", false, &err), SG_E_PIN_WITHHELD);
	assert_non_null(strstr(err.text, "--retry-pin"));
	assert_int_equal(check("4444", false, NULL), SG_E_PIN_WITHHELD);
	accept("4444");
	assert_int_equal(check("4444", false, NULL), SG_OK);
}

/* With --retry-pin a try was made, and it did not come to a judgement. */
static void
a_try_that_says_nothing_does_not_lift_that(void **state)
{
	struct sg_ledger *ledger;

	(void)state;
	refuse_on_a_full_disk("831920");
	be_cut_off();
	assert_int_equal(check("831920", false, NULL), SG_E_PIN_WITHHELD);
	ledger = open_for(&token);
	assert_int_equal(sg_ledger_begin(ledger, NULL), SG_OK);
	sg_ledger_unjudged(ledger);
	sg_ledger_free(&ledger);
	assert_int_equal(check("831920", false, NULL), SG_E_PIN_WITHHELD);
}

/* The one that was not written down may be another, and some job has it. */
static void
nor_does_another_pin_that_is_refused(void **state)
{
	(void)state;
	refuse_on_a_full_disk("831920");
	refuse("4444");
	assert_int_equal(check("831920", false, NULL), SG_E_PIN_WITHHELD);
	accept("5555");
	assert_int_equal(check("831920", false, NULL), SG_OK);
	assert_int_equal(check("4444", false, NULL), SG_E_PIN_WITHHELD);
}

static void
a_retry_overrides_what_was_before_it_started(void **state)
{
	int64_t before_us = sg_clock_mono_us();
	struct sg_err err = {0};
	int64_t after_us;

	(void)state;
	refuse("1111");
	after_us = sg_clock_mono_us() + 1;
	assert_int_equal(check_retry("1111", after_us, NULL), SG_OK);
	assert_int_equal(
	    check_retry("1111", before_us, &err), SG_E_PIN_WITHHELD);
	assert_non_null(strstr(err.text, "in spite of --retry-pin"));
	assert_int_equal(check_retry("2222", before_us, NULL), SG_OK);
	/* Refused once more, it was refused since. */
	refuse("1111");
	assert_int_equal(
	    check_retry("1111", after_us, NULL), SG_E_PIN_WITHHELD);
}

static void
a_retry_does_not_override_what_others_leave_meanwhile(void **state)
{
	int64_t before_us = sg_clock_mono_us();

	(void)state;
	be_cut_off();
	assert_int_equal(
	    check_retry("1111", before_us, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(
	    check_retry("1111", sg_clock_mono_us() + 1, NULL), SG_OK);
	refuse_on_a_full_disk("1111");
	assert_int_equal(
	    check_retry("1111", before_us, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(
	    check_retry("1111", sg_clock_mono_us() + 1, NULL), SG_OK);
}

static void
put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	(void)fputs(text, file);
	(void)fclose(file);
	assert_int_equal(chmod(path, 0600), 0);
}

/* Of what was noted before the host was started again, nothing is new: its
 * clock begins anew. */
static void
times_that_are_to_come_are_of_long_ago(void **state)
{
	char text[20000];
	char path[PATH_MAX];
	char *at;

	(void)state;
	refuse("1111");
	assert_int_equal(fake_files(".json", path), 1);
	at = strchr(strchr(read_file(path, text, sizeof(text)), '['), ' ');
	assert_non_null(at);
	at[1] = '9'; /* of as many digits: some other time */
	memmove(at + 3, at + 1, strlen(at + 1) + 1);
	memcpy(at + 1, "99", 2);
	put(path, text);
	assert_int_equal(check("1111", false, NULL), SG_E_PIN_WITHHELD);
	assert_int_equal(check_retry("1111", 0, NULL), SG_OK);
}

/* One that remembers nothing would say that nothing was refused. */
static void
a_ledger_that_cannot_be_understood_is_an_error(void **state)
{
	static const char *const rows[] = {
	    "",
	    "nonsense",
	    "{}",
	    "[]",
	    "{\"salt\":\"00\",\"refused\":[]}",
	    "{\"salt\":\"zz112233445566778899aabbccddeeff\",\"refused\":[]}",
	    "{\"salt\":\"00112233445566778899aabbccddeeff\"}",
	    "{\"salt\":\"00112233445566778899aabbccddeeff\",\"refused\":\"a\"}",
	    "{\"salt\":\"00112233445566778899aabbccddeeff\",\"refused\":[1]}",
	    "{\"refused\":[]}",
	};
	char path[PATH_MAX];
	size_t i;

	(void)state;
	refuse("831920");
	assert_int_equal(fake_files(".json", path), 1);
	for (i = 0; i < SG_COUNT(rows); i++) {
		struct sg_ledger *ledger = NULL;
		struct sg_err err = {0};

		put(path, rows[i]);
		assert_int_equal(
		    sg_ledger_open(fake_dir, &token, 1000, &ledger, &err),
		    SG_E_CONFIG);
		assert_null(ledger);
		assert_non_null(strstr(err.text, "SIGNET_STATE_DIR"));
	}
}

static void
a_ledger_that_others_can_read_is_an_error(void **state)
{
	struct sg_ledger *ledger = NULL;
	char path[PATH_MAX];

	(void)state;
	refuse("831920");
	assert_int_equal(fake_files(".json", path), 1);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(
	    sg_ledger_open(fake_dir, &token, 1000, &ledger, NULL), SG_E_CONFIG);
	assert_null(ledger);
}

static void
a_folder_where_nothing_can_be_kept_is_an_error(void **state)
{
	struct sg_ledger *ledger = NULL;
	struct sg_err err = {0};
	char path[PATH_MAX];

	(void)state;
	(void)snprintf(path, sizeof(path), "%.2000s/file", fake_dir);
	put(path, "x");
	assert_int_equal(
	    sg_ledger_open(path, &token, 1000, &ledger, &err), SG_E_CONFIG);
	assert_null(ledger);
	assert_non_null(strstr(err.text, "SIGNET_STATE_DIR"));
	assert_non_null(strstr(err.text, "\"dev\""));
	assert_int_equal(chmod(fake_dir, 0777), 0);
	assert_int_equal(
	    sg_ledger_open(fake_dir, &token, 1000, &ledger, &err), SG_E_CONFIG);
}

/* Not made by us: whoever put it there may have put it anywhere. */
static void
a_state_file_that_is_a_link_is_not_followed(void **state)
{
	struct sg_ledger *ledger = NULL;
	char path[PATH_MAX];

	(void)state;
	accept("831920");
	assert_int_equal(fake_files(".state", path), 1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(
	    sg_ledger_open(fake_dir, &token, 1000, &ledger, NULL), SG_E_CONFIG);
	assert_null(ledger);
}

static void
the_folder_is_made_for_its_owner_alone(void **state)
{
	struct sg_ledger *ledger = NULL;
	char path[PATH_MAX];
	struct stat st;

	(void)state;
	(void)snprintf(path, sizeof(path), "%.2000s/a/b", fake_dir);
	assert_int_equal(
	    sg_ledger_open(path, &token, 1000, &ledger, NULL), SG_OK);
	sg_ledger_free(&ledger);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
while_one_is_open_another_waits(void **state)
{
	SG_AUTO(sg_ledger) first = open_for(&token);
	struct sg_ledger *second = NULL;
	int64_t start_ms = sg_clock_mono_ms();

	(void)state;
	assert_int_equal(
	    sg_ledger_open(fake_dir, &token, 60, &second, NULL), SG_E_TIMEOUT);
	assert_null(second);
	assert_true(sg_clock_mono_ms() - start_ms >= 59);
	sg_ledger_free(&first);
	assert_null(first);
	assert_int_equal(
	    sg_ledger_open(fake_dir, &token, 60, &second, NULL), SG_OK);
	sg_ledger_free(&second);
	sg_ledger_free(&second);
	sg_ledger_free(NULL);
}

#define LEDGER_TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LEDGER_TEST(a_token_without_history_is_sent_any_pin),
	    LEDGER_TEST(a_refused_pin_is_withheld_and_another_is_not),
	    LEDGER_TEST(each_refused_pin_is_withheld),
	    LEDGER_TEST(a_pin_that_was_taken_after_all_is_forgotten),
	    LEDGER_TEST(a_taken_pin_leaves_no_file_that_tells_of_it),
	    LEDGER_TEST(no_file_holds_the_pin_and_none_is_for_others),
	    LEDGER_TEST(two_ledgers_have_two_salts),
	    LEDGER_TEST(two_tokens_have_two_ledgers),
	    LEDGER_TEST(of_many_refused_pins_the_last_sixteen_are_remembered),
	    LEDGER_TEST(after_a_cut_off_try_a_low_count_withholds_every_pin),
	    LEDGER_TEST(a_killed_process_was_cut_off),
	    LEDGER_TEST(an_answer_that_says_nothing_of_the_pin_is_no_cut_off),
	    LEDGER_TEST(what_could_not_be_written_down_withholds_every_pin),
	    LEDGER_TEST(a_try_that_says_nothing_does_not_lift_that),
	    LEDGER_TEST(nor_does_another_pin_that_is_refused),
	    LEDGER_TEST(a_retry_overrides_what_was_before_it_started),
	    LEDGER_TEST(a_retry_does_not_override_what_others_leave_meanwhile),
	    LEDGER_TEST(times_that_are_to_come_are_of_long_ago),
	    LEDGER_TEST(a_ledger_that_cannot_be_understood_is_an_error),
	    LEDGER_TEST(a_ledger_that_others_can_read_is_an_error),
	    LEDGER_TEST(a_folder_where_nothing_can_be_kept_is_an_error),
	    LEDGER_TEST(a_state_file_that_is_a_link_is_not_followed),
	    LEDGER_TEST(the_folder_is_made_for_its_owner_alone),
	    LEDGER_TEST(while_one_is_open_another_waits),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
