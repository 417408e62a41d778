/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_FAULT_HARNESS_H
#define SG_TESTS_FAULT_HARNESS_H

/*
 * The fault module before the token that tests/token/run made: where it is,
 * and the control of the one that this process loads.
 */
#include <dlfcn.h>

#include "tests/fault/fault.h"
#include "tests/token/harness.h"

/* It lies beside the test. */
static inline const char *
fault_path(void)
{
	static char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 32);

	assert_true(len > 0);
	path[len] = '\0';
	memcpy(
	    strrchr(path, '/'), "/fault_module.so", sizeof("/fault_module.so"));
	return path;
}

static inline void *
fault_symbol(const char *name)
{
	void *library;
	void *symbol;

	(void)setenv("SG_FAULT_MODULE", must_getenv("SIGNET_MODULE"), 1);
	library = dlopen(fault_path(), RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		fail_msg("%s", dlerror());
	symbol = dlsym(library, name);
	assert_non_null(symbol);
	return symbol;
}

static inline struct sg_fault *
fault_control(void)
{
	struct sg_fault *(*control)(void);

	*(void **)&control = fault_symbol("sg_fault_control");
	return control();
}

#endif
