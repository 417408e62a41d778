/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/conf_trust.h"

#include "fake_app.h"

/* Every place but ./.env. */
static const enum conf_origin trusted[] = {
    CONF_NOWHERE, CONF_COMMAND_LINE, CONF_ENVIRONMENT, CONF_FILE};

/* What is said of a module of this path that ./.env names. */
static enum sg_rc
check_local(const char *path, struct sg_err *err)
{
	return conf_trust_module(CONF_LOCAL_FILE, path, err);
}

static void
local_file_names_no_module_outside_the_systems_folders(void **state)
{
	struct bench *b = *state;
	struct sg_err err = {0};
	char path[128];

	put("module.so", 0755, "");
	(void)snprintf(path, sizeof(path), "%s/module.so", b->dir);
	assert_int_equal(check_local(path, &err), SG_E_CONFIG);
	assert_has(err.text, path);
	assert_has(err.text, "SIGNET_MODULES_ALLOW");
	assert_has(err.text, "/etc/signet/modules.allow");
	assert_int_equal(check_local("./module.so", NULL), SG_E_CONFIG);
}

static void
other_places_name_any_module(void **state)
{
	size_t i;

	(void)state;
	put("module.so", 0755, "");
	for (i = 0; i < SG_COUNT(trusted); i++)
		assert_int_equal(
		    conf_trust_module(trusted[i], "./module.so", NULL), SG_OK);
}

static void
way_around_the_allow_list_is_seen_through(void **state)
{
	struct bench *b = *state;
	struct sg_err err = {0};
	char path[160];

	put("module.so", 0755, "");
	(void)snprintf(
	    path, sizeof(path), "/usr/lib/../..%s/module.so", b->dir);
	assert_int_equal(check_local(path, &err), SG_E_CONFIG);
	/* An allowed folder's link leads out of it. */
	assert_int_equal(mkdir("allowed", 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/allowed", b->dir);
	(void)setenv("SIGNET_MODULES_ALLOW", path, 1);
	assert_int_equal(symlink("../module.so", "allowed/link.so"), 0);
	assert_int_equal(check_local("allowed/link.so", NULL), SG_E_CONFIG);
	/* And a link into it is as good as what it leads to. */
	put("allowed/real.so", 0755, "");
	assert_int_equal(symlink("allowed/real.so", "in.so"), 0);
	assert_int_equal(check_local("./in.so", NULL), SG_OK);
}

static void
environment_allows_whole_folders_only(void **state)
{
	struct bench *b = *state;
	char list[256];

	assert_int_equal(mkdir("opt", 0700), 0);
	assert_int_equal(mkdir("optical", 0700), 0);
	put("opt/m.so", 0755, "");
	put("optical/m.so", 0755, "");
	(void)snprintf(list, sizeof(list), "/none::%s/opt//", b->dir);
	(void)setenv("SIGNET_MODULES_ALLOW", list, 1);
	assert_int_equal(check_local("opt/m.so", NULL), SG_OK);
	assert_int_equal(check_local("optical/m.so", NULL), SG_E_CONFIG);
	/* Unless a star is behind it. */
	(void)snprintf(list, sizeof(list), "%s/opt*", b->dir);
	(void)setenv("SIGNET_MODULES_ALLOW", list, 1);
	assert_int_equal(check_local("optical/m.so", NULL), SG_OK);
	/* One file is enough, and is no more than that. */
	(void)snprintf(list, sizeof(list), "%s/optical/m.so", b->dir);
	(void)setenv("SIGNET_MODULES_ALLOW", list, 1);
	assert_int_equal(check_local("optical/m.so", NULL), SG_OK);
	assert_int_equal(check_local("opt/m.so", NULL), SG_E_CONFIG);
}

static void
list_of_nothing_allows_nothing(void **state)
{
	static const char *const lists[] = {
	    "", ":", "::", "*", ":*:", "tmp", "tmp*", ".", "./", "m.so"};
	size_t i;

	(void)state;
	put("m.so", 0755, "");
	for (i = 0; i < SG_COUNT(lists); i++) {
		(void)setenv("SIGNET_MODULES_ALLOW", lists[i], 1);
		if (check_local("./m.so", NULL) != SG_E_CONFIG)
			fail_msg("\"%s\" allows it", lists[i]);
	}
}

static void
systems_modules_are_allowed(void **state)
{
	struct sg_err err = {0};

	(void)state;
	/* A folder that is there on every system stands for a module. */
	assert_int_equal(check_local("/usr/lib", &err), SG_OK);
	assert_int_equal(check_local("/usr/local/lib", &err), SG_OK);
	assert_int_equal(check_local("/opt", &err), SG_OK);
	assert_int_equal(check_local("/usr/bin", NULL), SG_E_CONFIG);
	assert_int_equal(check_local("/usr", NULL), SG_E_CONFIG);
	/* By name alone the loader looks in its own folders. */
	assert_int_equal(check_local("libsofthsm2.so", &err), SG_OK);
}

static void
local_file_names_secrets_of_its_own_folder_alone(void **state)
{
	struct bench *b = *state;
	static const char *const inside[] = {
	    "pat", "./pat", "sub/pat", "sub/../pat", "none", "../none"};
	static const char *const outside[] = {
	    "../beside/pat", "sub/out", "/etc/passwd", ".."};
	char path[128];
	size_t i;

	assert_int_equal(mkdir("here", 0700), 0);
	assert_int_equal(mkdir("beside", 0700), 0);
	assert_int_equal(mkdir("here2", 0700), 0);
	put("beside/pat", 0600, "x");
	put("here2/pat", 0600, "x");
	assert_int_equal(chdir("here"), 0);
	put("pat", 0600, "x");
	assert_int_equal(mkdir("sub", 0700), 0);
	put("sub/pat", 0600, "x");
	assert_int_equal(symlink("../../beside/pat", "sub/out"), 0);
	for (i = 0; i < SG_COUNT(inside); i++)
		assert_int_equal(
		    conf_trust_secret_file(CONF_LOCAL_FILE, inside[i], NULL),
		    SG_OK);
	for (i = 0; i < SG_COUNT(outside); i++) {
		struct sg_err err = {0};

		assert_int_equal(
		    conf_trust_secret_file(CONF_LOCAL_FILE, outside[i], &err),
		    SG_E_CONFIG);
		assert_has(err.text, "outside of this folder");
		assert_int_equal(
		    conf_trust_secret_file(CONF_ENVIRONMENT, outside[i], NULL),
		    SG_OK);
		assert_int_equal(
		    conf_trust_secret_file(CONF_FILE, outside[i], NULL), SG_OK);
	}
	/* A folder whose name only begins the same is another. */
	(void)snprintf(path, sizeof(path), "%s/here2/pat", b->dir);
	assert_int_equal(
	    conf_trust_secret_file(CONF_LOCAL_FILE, path, NULL), SG_E_CONFIG);
	(void)snprintf(path, sizeof(path), "%s/here/pat", b->dir);
	assert_int_equal(
	    conf_trust_secret_file(CONF_LOCAL_FILE, path, NULL), SG_OK);
}

static void
local_file_names_no_command_as_pin_source(void **state)
{
	static const char *const others[] = {
	    NULL, "prompt", "pin", "file:pin", "env:PIN", "fd:3", "cred:pin"};
	struct sg_err err = {0};
	size_t i;

	(void)state;
	assert_int_equal(conf_trust_pin_source(CONF_LOCAL_FILE, CONF_CLIENT_KEY,
			     "cmd:/bin/pin", &err),
	    SG_E_CONFIG);
	assert_has(err.text, "a command to run as PIN source; set "
			     "SIGNET_CLIENT_KEY in the environment");
	for (i = 0; i < SG_COUNT(others); i++)
		assert_int_equal(conf_trust_pin_source(CONF_LOCAL_FILE,
				     CONF_PIN_SOURCE, others[i], NULL),
		    SG_OK);
	for (i = 0; i < SG_COUNT(trusted); i++)
		assert_int_equal(conf_trust_pin_source(trusted[i],
				     CONF_PIN_SOURCE, "cmd:/bin/pin", NULL),
		    SG_OK);
}

/* Of ./.env, and then of the same file, named. */
static void
assert_local_refused(struct bench *b, const char *text,
    enum sg_rc (*check)(const struct conf_set *conf, struct sg_err *err),
    const char *said)
{
	put(".env", 0600, text);
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, check(b->app.conf, &b->err), SG_E_CONFIG, said);
	bench_close(b);
	assert_ok(b, OPEN(b, "--config", ".env", "token", "list"));
	assert_ok(b, check(b->app.conf, &b->err));
	bench_close(b);
}

static void
local_file_loosens_no_policy(void **state)
{
	assert_local_refused(*state, "SIGNET_ALLOW=extractable\n",
	    conf_trust_allow, "./.env may not loosen");
}

static enum sg_rc
move_state(const struct conf_set *conf, struct sg_err *err)
{
	return conf_trust_folder(conf, CONF_STATE_DIR, err);
}

static void
local_file_moves_no_folder(void **state)
{
	assert_local_refused(*state, "SIGNET_STATE_DIR=/elsewhere\n",
	    move_state, "./.env may not set SIGNET_STATE_DIR");
}

static enum sg_rc
send_pat(const struct conf_set *conf, struct sg_err *err)
{
	return conf_trust_service(conf, CONF_ENVIRONMENT, err);
}

static void
local_file_has_no_pat_of_another_place_sent(void **state)
{
	static const char *const lines[] = {
	    "CLOUD_MANAGER_URL=https://x.test\n",
	    "CLOUD_MANAGER_PAT_LOGIN_URL=https://x.test/login\n",
	    "CLOUD_MANAGER_JWT_LOGIN_URL=https://x.test/login\n",
	    "CLOUD_MANAGER_UAT_CONFIGS_URL=https://x.test/c\n",
	    /* the last of them counts as much as the first */
	    ("CLOUD_MANAGER_URL=https://a.tableau.com\n"
	     "CLOUD_MANAGER_UAT_CONFIGS_URL=https://x.test/c\n")};
	size_t i;

	for (i = 0; i < SG_COUNT(lines); i++)
		assert_local_refused(*state, lines[i], send_pat,
		    "./.env may not have your PAT sent to https://x.test; ");
}

static void
local_file_sends_its_own_pat_and_any_to_tableau(void **state)
{
	struct bench *b = *state;

	put(".env", 0600, "CLOUD_MANAGER_URL=https://x.test\n");
	assert_ok(b, OPEN(b, "token", "list"));
	assert_ok(b, conf_trust_service(b->app.conf, CONF_LOCAL_FILE, &b->err));
	bench_close(b);
	put(".env", 0600, "CLOUD_MANAGER_URL=https://a.tableau.com\n");
	assert_ok(b, OPEN(b, "token", "list"));
	assert_ok(b, send_pat(b->app.conf, &b->err));
	bench_close(b);
	put(".env", 0600, "CLOUD_MANAGER_URL=https://a.tableau.com.x.test\n");
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, send_pat(b->app.conf, &b->err), SG_E_CONFIG,
	    "https://a.tableau.com.x.test");
	bench_close(b);
	put(".env", 0600, "CLOUD_MANAGER_URL=tableau.com\n");
	assert_ok(b, OPEN(b, "token", "list"));
	assert_refused(b, send_pat(b->app.conf, &b->err), SG_E_CONFIG,
	    "read CLOUD_MANAGER_URL");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(local_file_names_no_module_outside_the_systems_folders),
	    TEST(other_places_name_any_module),
	    TEST(way_around_the_allow_list_is_seen_through),
	    TEST(environment_allows_whole_folders_only),
	    TEST(list_of_nothing_allows_nothing),
	    TEST(systems_modules_are_allowed),
	    TEST(local_file_names_secrets_of_its_own_folder_alone),
	    TEST(local_file_names_no_command_as_pin_source),
	    TEST(local_file_loosens_no_policy),
	    TEST(local_file_moves_no_folder),
	    TEST(local_file_has_no_pat_of_another_place_sent),
	    TEST(local_file_sends_its_own_pat_and_any_to_tableau),
	};

	return cmocka_run_group_tests_name("conf_trust", tests, NULL, NULL);
}
