/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_app.h"

/* Load, or fail with what it said. */
static struct conf_set *
load(const char *path)
{
	struct conf_set *conf = NULL;
	struct sg_err err = {0};

	if (conf_load(path, &conf, &err) != SG_OK)
		fail_msg("%s", err.text);
	return conf;
}

static void
assert_value(const struct conf_set *conf, enum conf name, const char *expected)
{
	const char *value = "untouched";
	struct sg_err err = {0};

	if (conf_get(conf, name, &value, &err) != SG_OK)
		fail_msg("%s", err.text);
	if (expected == NULL)
		assert_null(value);
	else if (value == NULL)
		fail_msg("%s is not set", conf_name(name));
	else
		assert_string_equal(value, expected);
}

static void
assert_no_load(const char *path, const char *said)
{
	struct conf_set *conf = NULL;
	struct sg_err err = {0};

	assert_int_equal(conf_load(path, &conf, &err), SG_E_CONFIG);
	assert_int_equal(err.rc, SG_E_CONFIG);
	assert_null(conf);
	assert_has(err.text, said);
}

static void
put_user_file(mode_t mode, const char *text)
{
	assert_int_equal(mkdir(".config", 0700), 0);
	assert_int_equal(mkdir(".config/signet", 0700), 0);
	put(".config/signet/config.env", mode, text);
}

static void
without_a_file_the_environment_speaks(void **state)
{
	SG_AUTO(conf_set) conf = NULL;

	(void)state;
	if (access("/etc/signet/config.env", F_OK) == 0)
		skip();
	(void)setenv("SIGNET_ISSUER", "https://e", 1);
	conf = load(NULL);
	assert_null(conf_path(conf));
	assert_value(conf, CONF_ISSUER, "https://e");
	assert_int_equal(conf_origin_of(conf, CONF_ISSUER), CONF_ENVIRONMENT);
	assert_value(conf, CONF_KID, NULL);
	assert_int_equal(conf_origin_of(conf, CONF_KID), CONF_NOWHERE);
}

static void
first_file_found_is_the_only_one_read(void **state)
{
	SG_AUTO(conf_set) conf = NULL;

	(void)state;
	put_user_file(0600, "SIGNET_ISSUER=user\nSIGNET_KID=user\n");
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "user");
	assert_int_equal(conf_origin_of(conf, CONF_ISSUER), CONF_FILE);
	conf_set_free(&conf);

	put(".env", 0600, "SIGNET_ISSUER=local\n");
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "local");
	assert_int_equal(conf_origin_of(conf, CONF_ISSUER), CONF_LOCAL_FILE);
	assert_value(conf, CONF_KID, NULL);
	conf_set_free(&conf);

	put("named.env", 0600, "SIGNET_ISSUER=named\n");
	(void)setenv("SIGNET_CONFIG", "named.env", 1);
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "named");
	assert_int_equal(conf_origin_of(conf, CONF_ISSUER), CONF_FILE);
	assert_string_equal(conf_path(conf), "named.env");
	conf_set_free(&conf);

	put("option.env", 0600, "SIGNET_ISSUER=option\n");
	conf = load("option.env");
	assert_value(conf, CONF_ISSUER, "option");
	assert_int_equal(conf_origin_of(conf, CONF_ISSUER), CONF_FILE);
}

static void
users_file_lies_in_the_xdg_folder(void **state)
{
	SG_AUTO(conf_set) conf = NULL;
	struct bench *b = *state;

	put_user_file(0600, "SIGNET_ISSUER=home\n");
	assert_int_equal(mkdir("xdg", 0700), 0);
	assert_int_equal(mkdir("xdg/signet", 0700), 0);
	put("xdg/signet/config.env", 0600, "SIGNET_ISSUER=xdg\n");
	/* A relative path there is to be ignored: XDG base directories. */
	(void)setenv("XDG_CONFIG_HOME", "xdg", 1);
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "home");
	conf_set_free(&conf);
	(void)snprintf(b->err.text, sizeof(b->err.text), "%s/xdg", b->dir);
	(void)setenv("XDG_CONFIG_HOME", b->err.text, 1);
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "xdg");
}

static void
nearer_place_wins(void **state)
{
	SG_AUTO(conf_set) conf = NULL;

	(void)state;
	put(".env", 0600, "SIGNET_ISSUER=file\n");
	(void)setenv("SIGNET_ISSUER", "environment", 1);
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "environment");
	conf_override(conf, CONF_ISSUER, "option");
	assert_value(conf, CONF_ISSUER, "option");
	assert_int_equal(conf_origin_of(conf, CONF_ISSUER), CONF_COMMAND_LINE);
}

static void
empty_value_is_none(void **state)
{
	SG_AUTO(conf_set) conf = NULL;

	(void)state;
	put(".env", 0600, "SIGNET_ISSUER=file\nSIGNET_KID=\nUAT_KEY_ID=\n");
	(void)setenv("SIGNET_ISSUER", "", 1);
	(void)setenv("SIGNET_KID", "", 1);
	(void)setenv("SIGNET_CONFIG", "", 1);
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "file");
	assert_value(conf, CONF_KID, NULL);
}

static void
other_tools_names_count_where_ours_are_unset(void **state)
{
	static const struct {
		enum conf name;
		const char *alias;
	} rows[] = {
	    {CONF_TENANT_ID, "UAT_TENANT_ID"},
	    {CONF_ISSUER, "UAT_ISSUER"},
	    {CONF_USERNAME_CLAIM, "UAT_USERNAME_CLAIM_NAME"},
	    {CONF_USERNAME, "UAT_USERNAME_CLAIM"},
	    {CONF_KID, "UAT_KEY_ID"},
	};
	SG_AUTO(conf_set) conf = NULL;
	size_t i;

	(void)state;
	put(".env", 0600, "UAT_ISSUER=theirs in the file\n");
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "theirs in the file");
	assert_int_equal(conf_origin_of(conf, CONF_ISSUER), CONF_LOCAL_FILE);
	for (i = 0; i < SG_COUNT(rows); i++) {
		(void)setenv(rows[i].alias, "theirs", 1);
		assert_value(conf, rows[i].name, "theirs");
		(void)setenv(conf_name(rows[i].name), "ours", 1);
		assert_value(conf, rows[i].name, "ours");
	}
}

static void
our_name_in_the_file_beats_another_tools_in_the_environment(void **state)
{
	SG_AUTO(conf_set) conf = NULL;

	(void)state;
	put(".env", 0600, "SIGNET_ISSUER=ours\n");
	(void)setenv("UAT_ISSUER", "theirs", 1);
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "ours");
}

static void
every_placeholder_of_the_article_is_refused(void **state)
{
	static const char article[] =
	    "CLOUD_MANAGER_TENANT_ID = \"YOUR-CLOUD-MANAGER-TENANT-ID\"\n"
	    "CLOUD_MANAGER_PAT_NAME = \"CLOUD-MANAGER-PAT-NAME\"\n"
	    "CLOUD_MANAGER_PAT_SECRET = \"CLOUD-MANAGER-PAT-SECRET\"\n"
	    "CLOUD_MANAGER_PAT_LOGIN_URL = "
	    "\"https://cloudmanager.tableau.com/api/v1/pat/login\"\n"
	    "CLOUD_MANAGER_JWT_LOGIN_URL = \"https://{YOUR-TENANT-URI}"
	    ".cloudmanager.tableau.com/api/v1/jwt/login\"\n"
	    "CLOUD_MANAGER_UAT_CONFIGS_URL = \"https://{YOUR-TENANT-URI}"
	    ".cloudmanager.tableau.com/api/v1/uat-configurations\"\n"
	    "TABLEAU_CLOUD_POD_URL = \"https://{YOUR-TABLEAU-CLOUD-POD-URL}\"\n"
	    "TABLEAU_CLOUD_SITE_ID = \"YOUR-TABLEAU-SITE-ID\"\n"
	    "TABLEAU_CLOUD_SITE_LUID = \"YOUR-TABLEAU-SITE-LUID\"\n"
	    "TABLEAU_CLOUD_USERNAME = \"TABLEAU-CLOUD-USERNAME\"\n";
	static const enum conf names[] = {CONF_TENANT_ID, CONF_PAT_NAME,
	    CONF_PAT_SECRET, CONF_JWT_LOGIN_URL, CONF_UAT_CONFIGS_URL,
	    CONF_POD_URL, CONF_SITE_ID, CONF_SITE_LUID, CONF_USERNAME};
	SG_AUTO(conf_set) conf = NULL;
	size_t i;

	(void)state;
	put(".env", 0600, article);
	conf = load(NULL);
	for (i = 0; i < SG_COUNT(names); i++) {
		const char *value = "untouched";
		struct sg_err err = {0};

		assert_int_equal(
		    conf_get(conf, names[i], &value, &err), SG_E_CONFIG);
		assert_has(err.text, conf_name(names[i]));
		assert_has(err.text, "placeholder");
		assert_has(err.text, "./.env");
		assert_string_equal(value, "untouched");
		assert_int_equal(
		    conf_need(conf, names[i], &value, NULL), SG_E_CONFIG);
	}
	assert_value(conf, CONF_PAT_LOGIN_URL,
	    "https://cloudmanager.tableau.com/api/v1/pat/login");
}

static void
placeholder_of_the_environment_does_not_blame_the_file(void **state)
{
	SG_AUTO(conf_set) conf = NULL;
	const char *value = NULL;
	struct sg_err err = {0};

	(void)state;
	put(".env", 0600, "SIGNET_ISSUER=https://e\n");
	(void)setenv("TABLEAU_CLOUD_SITE_ID", "YOUR-TABLEAU-SITE-ID", 1);
	conf = load(NULL);
	assert_int_equal(
	    conf_get(conf, CONF_SITE_ID, &value, &err), SG_E_CONFIG);
	assert_has(err.text, "TABLEAU_CLOUD_SITE_ID is still");
	assert_has_not(err.text, ".env");
}

static void
secret_of_odd_characters_is_no_placeholder(void **state)
{
	static const char *const secrets[] = {"{a}", "a-YOUR-b", "x{YOUR-y}",
	    "CLOUD-MANAGER-PAT-SECRET2", "q/+==:{}$\"'"};
	SG_AUTO(conf_set) conf = load(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(secrets); i++) {
		(void)setenv("CLOUD_MANAGER_PAT_SECRET", secrets[i], 1);
		assert_value(conf, CONF_PAT_SECRET, secrets[i]);
	}
}

static void
secret_does_not_get_into_an_error(void **state)
{
	SG_AUTO(conf_set) conf = load(NULL);
	const char *value = NULL;
	struct sg_err err = {0};

	(void)state;
	(void)setenv("CLOUD_MANAGER_PAT_SECRET", "YOUR-s3cret", 1);
	assert_int_equal(
	    conf_get(conf, CONF_PAT_SECRET, &value, &err), SG_E_CONFIG);
	assert_has(err.text, "CLOUD_MANAGER_PAT_SECRET");
	assert_has_not(err.text, "s3cret");
}

static void
braces_outside_of_a_url_are_no_placeholder(void **state)
{
	static const char command[] = "cmd:awk '{print $1}' pins";
	SG_AUTO(conf_set) conf = load(NULL);
	const char *value = NULL;

	(void)state;
	(void)setenv("SIGNET_PIN_SOURCE", command, 1);
	assert_value(conf, CONF_PIN_SOURCE, command);
	(void)setenv("SIGNET_REVOKE_PATH", "https://x.test/r/{jti}", 1);
	assert_value(conf, CONF_REVOKE_PATH, "https://x.test/r/{jti}");
	(void)setenv("TABLEAU_CLOUD_POD_URL", "https://{pod}.example.com", 1);
	assert_int_equal(
	    conf_get(conf, CONF_POD_URL, &value, NULL), SG_E_CONFIG);
}

static void
missing_setting_is_named(void **state)
{
	SG_AUTO(conf_set) conf = load(NULL);
	const char *value = "untouched";
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    conf_need(conf, CONF_POD_URL, &value, &err), SG_E_CONFIG);
	assert_has(err.text, "TABLEAU_CLOUD_POD_URL is not set");
	assert_string_equal(value, "untouched");
	(void)setenv("TABLEAU_CLOUD_POD_URL", "https://p", 1);
	assert_int_equal(conf_need(conf, CONF_POD_URL, &value, NULL), SG_OK);
	assert_string_equal(value, "https://p");
}

static void
file_that_was_named_must_be_there(void **state)
{
	(void)state;
	assert_no_load("none.env", "none.env");
	(void)setenv("SIGNET_CONFIG", "none2.env", 1);
	assert_no_load(NULL, "none2.env");
	/* Not the next best one. */
	put(".env", 0600, "SIGNET_ISSUER=local\n");
	assert_no_load(NULL, "none2.env");
}

static void
file_that_others_can_write_is_refused(void **state)
{
	static const mode_t modes[] = {0660, 0620, 0602, 0666};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(modes); i++) {
		put(".env", modes[i], "SIGNET_ISSUER=https://e\n");
		assert_no_load(NULL, "chmod go-w ./.env");
	}
	assert_int_equal(unlink(".env"), 0);
	put_user_file(0664, "SIGNET_ISSUER=https://e\n");
	assert_no_load(NULL, "chmod go-w");
}

static void
secret_in_a_file_that_others_can_read_is_refused(void **state)
{
	static const char secret[] = "CLOUD_MANAGER_PAT_SECRET=s3cret\n";
	SG_AUTO(conf_set) conf = NULL;
	struct sg_err err = {0};

	(void)state;
	put(".env", 0644, secret);
	assert_no_load(NULL, "chmod 600 ./.env");
	put(".env", 0640, secret);
	assert_no_load(NULL, "chmod 600 ./.env");
	put(".env", 0604, secret);
	assert_int_equal(conf_load(NULL, &conf, &err), SG_E_CONFIG);
	assert_has_not(err.text, "s3cret");
	put(".env", 0600, secret);
	conf = load(NULL);
	assert_value(conf, CONF_PAT_SECRET, "s3cret");
	conf_set_free(&conf);
	/* Without one, who reads it learns nothing. */
	put(".env", 0644, "CLOUD_MANAGER_PAT_SECRET=\nSIGNET_KID=none\n");
	conf = load(NULL);
	assert_value(conf, CONF_KID, "none");
}

static void
malformed_file_is_refused_with_its_line(void **state)
{
	(void)state;
	put(".env", 0600, "A=b\nC\n");
	assert_no_load(NULL, "./.env, line 2: not of the form NAME=value");
}

static void
misspelt_name_of_ours_is_refused_with_its_line(void **state)
{
	SG_AUTO(conf_set) conf = NULL;

	(void)state;
	put(".env", 0600, "OTHER=x\n\nSIGNET_ISUER=https://e\n");
	assert_no_load(
	    NULL, "./.env, line 3: there is no setting SIGNET_ISUER");
	put(".env", 0600, "SIGNET_=x\n");
	assert_no_load(NULL, "there is no setting SIGNET_");
	/* The file is also other programs'. */
	put(".env", 0600, "SIGNE=x\nsignet_issuer=y\nSIGNET_ISSUER=z\n");
	conf = load(NULL);
	assert_value(conf, CONF_ISSUER, "z");
}

static void
file_of_absurd_size_is_refused(void **state)
{
	SG_AUTO(sg_buf) text = sg_buf_new(1024 * 1024);

	(void)state;
	while (text->len < 300 * 1024)
		sg_buf_add_str(text, "# a line of a comment, as it were\n");
	put(".env", 0600, sg_buf_str(text));
	assert_no_load(NULL, "./.env");
}

static void
every_setting_has_a_name_of_its_own(void **state)
{
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < CONF_COUNT; i++) {
		assert_non_null(conf_name((enum conf)i));
		for (k = i + 1; k < CONF_COUNT; k++)
			assert_string_not_equal(
			    conf_name((enum conf)i), conf_name((enum conf)k));
	}
}

static void
no_file_can_allow_modules(void **state)
{
	static const char *const paths[] = {".env", "named.env"};
	size_t i;

	(void)state;
	for (i = 0; i < SG_COUNT(paths); i++) {
		struct conf_set *conf = NULL;
		struct sg_err err = {0};

		put(paths[i], 0600, "A=1\nSIGNET_MODULES_ALLOW=/tmp*:/var*\n");
		assert_int_equal(
		    conf_load(i == 0 ? NULL : paths[i], &conf, &err),
		    SG_E_CONFIG);
		assert_null(conf);
		assert_int_equal(err.rc, SG_E_CONFIG);
		assert_has(err.text, paths[i]);
		assert_has(err.text, "line 2: SIGNET_MODULES_ALLOW counts from "
				     "the environment alone");
	}
}

static void
blame_names_the_setting_or_the_option(void **state)
{
	struct conf_set *conf = load(NULL);
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    conf_blame(conf, CONF_TIMEOUT, "--timeout", SG_OK, &err), SG_OK);
	assert_string_equal(err.text, "");
	(void)sg_fail(&err, SG_E_USAGE, "bad");
	assert_int_equal(
	    conf_blame(conf, CONF_TIMEOUT, "--timeout", SG_E_USAGE, &err),
	    SG_E_CONFIG);
	assert_int_equal(err.rc, SG_E_CONFIG);
	assert_string_equal(err.text, "read SIGNET_TIMEOUT: bad");
	sg_err_clear(&err);
	(void)sg_fail(&err, SG_E_IO, "bad");
	assert_int_equal(
	    conf_blame(conf, CONF_TIMEOUT, "--timeout", SG_E_IO, &err),
	    SG_E_IO);
	assert_string_equal(err.text, "bad");
	sg_err_clear(&err);
	conf_override(conf, CONF_TIMEOUT, "x");
	(void)sg_fail(&err, SG_E_USAGE, "bad");
	assert_int_equal(
	    conf_blame(conf, CONF_TIMEOUT, "--timeout", SG_E_USAGE, &err),
	    SG_E_USAGE);
	assert_string_equal(err.text, "read --timeout: bad");
	conf_set_free(&conf);
}

static void
free_leaves_null(void **state)
{
	struct conf_set *conf = load(NULL);

	(void)state;
	conf_set_free(&conf);
	assert_null(conf);
	conf_set_free(&conf);
	conf_set_free(NULL);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(without_a_file_the_environment_speaks),
	    TEST(first_file_found_is_the_only_one_read),
	    TEST(users_file_lies_in_the_xdg_folder),
	    TEST(nearer_place_wins),
	    TEST(empty_value_is_none),
	    TEST(other_tools_names_count_where_ours_are_unset),
	    TEST(our_name_in_the_file_beats_another_tools_in_the_environment),
	    TEST(every_placeholder_of_the_article_is_refused),
	    TEST(placeholder_of_the_environment_does_not_blame_the_file),
	    TEST(secret_of_odd_characters_is_no_placeholder),
	    TEST(secret_does_not_get_into_an_error),
	    TEST(braces_outside_of_a_url_are_no_placeholder),
	    TEST(missing_setting_is_named),
	    TEST(file_that_was_named_must_be_there),
	    TEST(file_that_others_can_write_is_refused),
	    TEST(secret_in_a_file_that_others_can_read_is_refused),
	    TEST(malformed_file_is_refused_with_its_line),
	    TEST(misspelt_name_of_ours_is_refused_with_its_line),
	    TEST(file_of_absurd_size_is_refused),
	    TEST(every_setting_has_a_name_of_its_own),
	    TEST(no_file_can_allow_modules),
	    TEST(blame_names_the_setting_or_the_option),
	    TEST(free_leaves_null),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
