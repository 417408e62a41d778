/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_settings.h"

#include "fake_rotate.h"

static enum sg_rc
plan(struct bench *b, struct rotate *rotate, bool issuer_changes)
{
	sg_str_free(&rotate->rotation->key_setting);
	sg_str_free(&rotate->rotation->issuer_setting);
	return rotate_settings_plan(rotate, issuer_changes, &b->err);
}

static void
settings_of_one_file_are_switched_there(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, plan(b, &rotate, true));
	assert_non_null(rotate.rotation->settings_file);
	assert_ok(b, rotate_settings_check(&rotate, &b->err));
	assert_ok(b, rotate_settings_switch(&rotate, true, &b->err));
	assert_string_equal(text_of("it.env"),
	    "SIGNET_KEY=\"" NEW_URI "\"\n# why\nSIGNET_ISSUER=" NEW_ISSUER
	    "\n");
	/* again, as after an end in the middle, and back */
	assert_ok(b, rotate_settings_switch(&rotate, true, &b->err));
	assert_ok(b, rotate_settings_switch(&rotate, false, &b->err));
	assert_string_equal(text_of("it.env"), SETTINGS);
	close_rotate(b, &rotate);
}

static void
the_name_that_stands_there_is_kept(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate,
	    "SIGNET_KEY=" OLD_URI "\nUAT_ISSUER=" ISSUER
	    "\nUAT_KEY_ID=old-thumbprint\n");
	assert_ok(b, plan(b, &rotate, true));
	assert_string_equal(rotate.rotation->issuer_setting, "UAT_ISSUER");
	assert_string_equal(rotate.rotation->kid_setting, "UAT_KEY_ID");
	assert_ok(b, rotate_settings_switch(&rotate, true, &b->err));
	assert_string_equal(text_of("it.env"),
	    "SIGNET_KEY=" NEW_URI "\nUAT_ISSUER=" NEW_ISSUER
	    "\nUAT_KEY_ID=new-thumbprint\n");
	close_rotate(b, &rotate);
}

static void
a_kid_that_is_the_thumbprint_by_word_needs_no_switch(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS "SIGNET_KID=thumbprint\n");
	assert_null(rotate.kid);
	assert_ok(b, plan(b, &rotate, true));
	assert_null(rotate.rotation->kid_setting);
	close_rotate(b, &rotate);
}

/* Half of it elsewhere: one step cannot do both. */
static void
what_is_not_in_the_file_is_asked_for(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	(void)setenv("UAT_ISSUER", ISSUER, 1);
	open_rotate(b, &rotate, "SIGNET_KEY=" OLD_URI "\n");
	assert_ok(b, plan(b, &rotate, true));
	assert_null(rotate.rotation->settings_file);
	assert_ok(b, rotate_settings_check(&rotate, &b->err));
	assert_refused(b, rotate_settings_switch(&rotate, true, &b->err),
	    SG_E_CONFIG, "--resume");
	assert_string_equal(text_of("it.env"), "SIGNET_KEY=" OLD_URI "\n");
	/* the issuer alone is still the old one */
	rotate.key = NEW_URI;
	sg_err_clear(&b->err);
	assert_refused(b, rotate_settings_switch(&rotate, true, &b->err),
	    SG_E_CONFIG,
	    "SIGNET_KEY='" NEW_URI "' UAT_ISSUER='" NEW_ISSUER "'");
	assert_has(b->err.text, "--resume");
	/* another key is looked at, in case it is the same by another name;
	 * here there is none */
	rotate.issuer = NEW_ISSUER;
	rotate.key = "pkcs11:token=t;id=%02";
	sg_err_clear(&b->err);
	assert_int_equal(
	    rotate_settings_switch(&rotate, true, &b->err), TOKEN_WAS_OPENED);
	rotate.key = NEW_URI;
	sg_err_clear(&b->err);
	assert_ok(b, rotate_settings_switch(&rotate, true, &b->err));
	close_rotate(b, &rotate);
}

static void
what_the_file_says_now_counts(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, plan(b, &rotate, true));
	assert_ok(b, rotate_settings_confirm(&rotate, false, &b->err));
	assert_refused(b, rotate_settings_confirm(&rotate, true, &b->err),
	    SG_E_CONFIG, "SIGNET_KEY='" NEW_URI "' SIGNET_ISSUER='");
	sg_err_clear(&b->err);
	assert_ok(b, rotate_settings_switch(&rotate, true, &b->err));
	assert_ok(b, rotate_settings_confirm(&rotate, true, &b->err));
	assert_refused(b, rotate_settings_confirm(&rotate, false, &b->err),
	    SG_E_CONFIG, "--rollback");
	/* half of it was put back */
	put("it.env", 0600,
	    "SIGNET_KEY='" NEW_URI "'\nUAT_ISSUER=" ISSUER "\n");
	sg_err_clear(&b->err);
	assert_refused(b, rotate_settings_confirm(&rotate, true, &b->err),
	    SG_E_CONFIG, "it.env");
	assert_int_equal(unlink("it.env"), 0);
	sg_err_clear(&b->err);
	assert_refused(b, rotate_settings_confirm(&rotate, true, &b->err),
	    SG_E_CONFIG, "it.env");
	/* where nothing was made, nothing is asked */
	sg_str_free(&rotate.rotation->new_setting);
	sg_err_clear(&b->err);
	assert_ok(b, rotate_settings_confirm(&rotate, false, &b->err));
	close_rotate(b, &rotate);
}

static void
the_command_line_stays_what_it_was(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	rotate.key = NEW_URI;
	rotate.key_origin = CONF_COMMAND_LINE;
	set_text(&rotate.rotation->new_issuer, ISSUER);
	assert_ok(b, rotate_settings_confirm(&rotate, true, &b->err));
	close_rotate(b, &rotate);
}

static void
an_issuer_that_stays_may_be_anywhere(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	(void)setenv("UAT_ISSUER", ISSUER, 1);
	open_rotate(b, &rotate, "SIGNET_KEY=" OLD_URI "\n");
	set_text(&rotate.rotation->new_issuer, ISSUER);
	assert_ok(b, plan(b, &rotate, false));
	assert_non_null(rotate.rotation->settings_file);
	assert_ok(b, rotate_settings_switch(&rotate, true, &b->err));
	assert_string_equal(text_of("it.env"), "SIGNET_KEY=" NEW_URI "\n");
	close_rotate(b, &rotate);
}

static void
another_file_is_not_switched_instead(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	set_text(&rotate.rotation->settings_file, "/elsewhere.env");
	assert_refused(b, rotate_settings_check(&rotate, &b->err), SG_E_CONFIG,
	    "--config");
	close_rotate(b, &rotate);
}

static void
a_file_that_cannot_be_changed_any_more_is_switched_by_hand(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, plan(b, &rotate, true));
	assert_int_equal(unlink("it.env"), 0);
	assert_int_equal(mkdir("it.env", 0700), 0);
	/* found out when it is changed ... */
	assert_refused(b, rotate_settings_switch(&rotate, true, &b->err),
	    SG_E_CONFIG, "SIGNET_KEY='" NEW_URI "'");
	assert_has(heard(b), "it.env");
	/* ... or before that */
	sg_err_clear(&b->err);
	assert_ok(b, rotate_settings_check(&rotate, &b->err));
	assert_null(rotate.rotation->settings_file);
	assert_has(heard(b), "by hand");
	close_rotate(b, &rotate);
}

static void
what_counts_before_the_file_is_told(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;

	open_rotate(b, &rotate, SETTINGS);
	assert_ok(b, plan(b, &rotate, true));
	rotate.key_origin = CONF_ENVIRONMENT;
	assert_refused(b, rotate_settings_check(&rotate, &b->err), SG_E_CONFIG,
	    "environment");
	close_rotate(b, &rotate);
}

static void
a_run_signs_with_the_key_that_it_is_told(void **state)
{
	struct bench *b = *state;
	struct rotate rotate;
	const char *value = NULL;
	int i;

	open_rotate(b, &rotate, SETTINGS);
	for (i = 0; i < 2; i++) {
		assert_ok(b, rotate_settings_use(&rotate, i == 1, &b->err));
		assert_ok(b, conf_get(b->app.conf, CONF_KEY, &value, &b->err));
		assert_string_equal(value, i == 1 ? NEW_URI : OLD_URI);
		assert_ok(
		    b, conf_get(b->app.conf, CONF_ISSUER, &value, &b->err));
		assert_string_equal(value, i == 1 ? NEW_ISSUER : ISSUER);
	}
	close_rotate(b, &rotate);
}

/* --issuer is the new one's; JWTs keep that of the settings. */
static void
the_option_is_no_setting(void **state)
{
	struct bench *b = *state;
	struct rotate rotate = {0};

	set_tcm();
	(void)setenv("SIGNET_KEY", OLD_URI, 1);
	assert_ok(b, OPEN(b, "uat", "rotate", "--issuer", "https://other"));
	rotate.app = &b->app;
	assert_ok(b, rotate_settings_read(&rotate, &b->err));
	assert_string_equal(rotate.issuer, ISSUER);
	rotate = (struct rotate){.app = &b->app};
	assert_ok(b, OPEN(b, "uat", "rotate", "--issuer", "https://a\nb"));
	assert_refused(b, rotate_settings_read(&rotate, &b->err), SG_E_USAGE,
	    "--issuer must be one line");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(settings_of_one_file_are_switched_there),
	    TEST(the_name_that_stands_there_is_kept),
	    TEST(a_kid_that_is_the_thumbprint_by_word_needs_no_switch),
	    TEST(what_is_not_in_the_file_is_asked_for),
	    TEST(what_the_file_says_now_counts),
	    TEST(the_command_line_stays_what_it_was),
	    TEST(an_issuer_that_stays_may_be_anywhere),
	    TEST(another_file_is_not_switched_instead),
	    TEST(a_file_that_cannot_be_changed_any_more_is_switched_by_hand),
	    TEST(what_counts_before_the_file_is_told),
	    TEST(a_run_signs_with_the_key_that_it_is_told),
	    TEST(the_option_is_no_setting),
	};

	return cmocka_run_group_tests_name(
	    "rotate_settings", tests, NULL, NULL);
}
