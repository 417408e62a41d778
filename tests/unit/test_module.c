/* SPDX-License-Identifier: Apache-2.0 */
#ifdef SG_SANITIZED
#include <sanitizer/lsan_interface.h>
#endif

#include "tests/unit/fake_token.h"

static void
a_module_is_started_with_locking_and_ended(void **state)
{
	struct sg_modules *modules = NULL;

	(void)state;
	assert_int_equal(
	    sg_modules_open(fake_path, NULL, NULL, &modules, NULL), SG_OK);
	assert_int_equal(modules->count, 1);
	assert_string_equal(modules->items[0].name, fake_path);
	assert_null(modules->registry);
	assert_true(fake->is_initialized);
	assert_true((fake->init_flags & CKF_OS_LOCKING_OK) != 0);
	assert_string_equal(fake->init_reserved, "");
	sg_modules_free(&modules);
	assert_null(modules);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 1);
	sg_modules_free(&modules);
	sg_modules_free(NULL);
}

static void
the_init_string_reaches_the_module(void **state)
{
	SG_AUTO(sg_modules) modules = NULL;

	(void)state;
	assert_int_equal(
	    sg_modules_open(fake_path, "configdir='x'", NULL, &modules, NULL),
	    SG_OK);
	assert_string_equal(fake->init_reserved, "configdir='x'");
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 1);
}

static void
a_module_that_cannot_lock_is_used_without(void **state)
{
	SG_AUTO(sg_modules) modules = NULL;

	(void)state;
	fake->faults[FAKE_INITIALIZE].rv = CKR_CANT_LOCK;
	fake->faults[FAKE_INITIALIZE].times = 1;
	assert_int_equal(
	    sg_modules_open(fake_path, NULL, NULL, &modules, NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 2);
	assert_true(fake->init_args_were_null);
}

static void
a_module_that_does_not_start_is_told(void **state)
{
	struct sg_modules *modules = NULL;
	struct sg_err err = {0};

	(void)state;
	fake->faults[FAKE_INITIALIZE].rv = CKR_DEVICE_ERROR;
	assert_int_equal(sg_modules_open(fake_path, NULL, NULL, &modules, &err),
	    SG_E_MODULE);
	assert_null(modules);
	assert_int_equal(err.rc, SG_E_MODULE);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	assert_non_null(strstr(err.text, fake_path));
	/* What was not started is not ended: §5.4, C_Finalize. */
	assert_int_equal(fake->calls[FAKE_FINALIZE], 0);
	assert_int_equal(sg_modules_open(fake_path, NULL, NULL, &modules, NULL),
	    SG_E_MODULE);
}

static void
a_module_that_somebody_else_started_is_left_running(void **state)
{
	struct sg_modules *modules = NULL;

	(void)state;
	fake->is_initialized = true;
	assert_int_equal(
	    sg_modules_open(fake_path, NULL, NULL, &modules, NULL), SG_OK);
	sg_modules_free(&modules);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 0);
	fake->is_initialized = false;
}

static void
a_module_that_is_not_there_is_told_with_its_path(void **state)
{
	struct sg_modules *modules = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_modules_open("/nowhere/p11.so", NULL, NULL, &modules, &err),
	    SG_E_MODULE);
	assert_null(modules);
	assert_non_null(strstr(err.text, "/nowhere/p11.so is not there"));
	assert_non_null(strstr(err.text, "SIGNET_MODULE"));
}

static void
what_is_no_module_is_told(void **state)
{
	struct sg_modules *modules = NULL;
	struct sg_err err = {0};

	(void)state;
	assert_int_equal(
	    sg_modules_open("/proc/self/exe", NULL, NULL, &modules, &err),
	    SG_E_MODULE);
	assert_null(modules);
	assert_non_null(strstr(err.text, "does not load"));
	sg_err_clear(&err);
	assert_int_equal(
	    sg_modules_open("no-such-name.so", NULL, NULL, &modules, &err),
	    SG_E_MODULE);
	assert_null(modules);
}

static void
a_relative_path_is_that_of_the_working_folder(void **state)
{
	SG_AUTO(sg_modules) modules = NULL;
	char folder[PATH_MAX];
	char here[PATH_MAX];
	struct sg_err err = {0};
	enum sg_rc rc;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	memcpy(folder, fake_path, sizeof(folder));
	*strrchr(folder, '/') = '\0';
	assert_int_equal(chdir(folder), 0);
	rc = sg_modules_open("./fake_module.so", NULL, NULL, &modules, &err);
	assert_int_equal(chdir(here), 0);
	if (rc != SG_OK)
		fail_msg("%s", err.text);
	assert_true(fake->is_initialized);
}

/* What foreign modules leak is not ours; other tests look at our own code. */
static void
ignore_leaks(bool ignore)
{
#ifdef SG_SANITIZED
	if (ignore)
		__lsan_disable();
	else
		__lsan_enable();
#else
	(void)ignore;
#endif
}

/* What is registered is the machine's affair; that each can be told is ours. */
static void
each_registered_module_has_a_name(void **state)
{
	SG_AUTO(sg_modules) modules = NULL;
	struct sg_err err = {0};
	enum sg_rc rc;
	size_t i;

	(void)state;
	ignore_leaks(true);
	rc = sg_modules_open(NULL, NULL, NULL, &modules, &err);
	ignore_leaks(false);
	if (rc == SG_E_MODULE) {
		assert_null(modules);
		assert_non_null(strstr(err.text, "p11-kit"));
		return;
	}
	assert_int_equal(rc, SG_OK);
	assert_true(modules->count > 0);
	for (i = 0; i < modules->count; i++) {
		assert_non_null(modules->items[i].name);
		assert_non_null(modules->items[i].fn);
		assert_string_not_equal(
		    modules->items[i].name, "p11-kit-trust");
	}
}

static void
a_restart_ends_the_module_and_starts_it_again(void **state)
{
	SG_AUTO(sg_modules) modules = NULL;

	(void)state;
	assert_int_equal(
	    sg_modules_open(fake_path, "a=b", NULL, &modules, NULL), SG_OK);
	memset(fake->init_reserved, 0, sizeof(fake->init_reserved));
	assert_int_equal(sg_module_restart(&modules->items[0], NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 1);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 2);
	assert_true(fake->order[FAKE_FINALIZE] < fake->order[FAKE_INITIALIZE]);
	assert_string_equal(fake->init_reserved, "a=b");
	assert_true(fake->init_flags & CKF_OS_LOCKING_OK);
}

/* What the parent began is not the child's to end. */
static void
in_a_child_a_restart_ends_nothing(void **state)
{
	SG_AUTO(sg_modules) modules = fake_start();

	(void)state;
	fake->is_initialized = false;
	modules->items[0].owner = getppid();
	assert_int_equal(sg_module_restart(&modules->items[0], NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 0);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 2);
	/* SoftHSM takes a child for its parent. */
	modules->items[0].owner = getppid();
	assert_int_equal(sg_module_restart(&modules->items[0], NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_INITIALIZE], 3);
	modules->items[0].owner = getppid();
	sg_modules_free(&modules);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 0);
	fake->is_initialized = false;
}

static void
a_module_that_does_not_start_again_is_told(void **state)
{
	SG_AUTO(sg_modules) modules = fake_start();
	struct sg_err err = {0};

	(void)state;
	fake->faults[FAKE_INITIALIZE].rv = CKR_DEVICE_ERROR;
	assert_true(sg_module_restart(&modules->items[0], &err) != SG_OK);
	assert_int_equal(err.native, CKR_DEVICE_ERROR);
	assert_non_null(strstr(err.text, "again"));
	/* Nor is that the end of it. */
	fake->faults[FAKE_INITIALIZE].rv = CKR_OK;
	assert_int_equal(sg_module_restart(&modules->items[0], NULL), SG_OK);
	assert_true(fake->is_initialized);
}

static void
a_module_that_somebody_else_started_is_not_ended_by_a_restart(void **state)
{
	SG_AUTO(sg_modules) modules = NULL;

	(void)state;
	fake->is_initialized = true;
	modules = fake_start();
	assert_int_equal(sg_module_restart(&modules->items[0], NULL), SG_OK);
	assert_int_equal(fake->calls[FAKE_FINALIZE], 0);
	fake->is_initialized = false; /* as somebody else ends it */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FAKE_TEST(a_module_is_started_with_locking_and_ended),
	    FAKE_TEST(the_init_string_reaches_the_module),
	    FAKE_TEST(a_module_that_cannot_lock_is_used_without),
	    FAKE_TEST(a_module_that_does_not_start_is_told),
	    FAKE_TEST(a_module_that_somebody_else_started_is_left_running),
	    FAKE_TEST(a_module_that_is_not_there_is_told_with_its_path),
	    FAKE_TEST(what_is_no_module_is_told),
	    FAKE_TEST(a_relative_path_is_that_of_the_working_folder),
	    FAKE_TEST(each_registered_module_has_a_name),
	    FAKE_TEST(a_restart_ends_the_module_and_starts_it_again),
	    FAKE_TEST(in_a_child_a_restart_ends_nothing),
	    FAKE_TEST(a_module_that_does_not_start_again_is_told),
	    FAKE_TEST(
		a_module_that_somebody_else_started_is_not_ended_by_a_restart),
	};

	return cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
