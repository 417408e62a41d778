/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fault/state.h"

/*
 * The functions themselves: each looks up its rules, and hands the call on
 * to the real module, straight or by lies.c.
 */

CK_FUNCTION_LIST *fault_real;

/* An id that was never told, or is not true any more, fits no slot. */
static CK_SLOT_ID
real_slot(CK_SLOT_ID slot)
{
	return slot - fault_slot_offset();
}

static CK_OBJECT_HANDLE
real_object(CK_OBJECT_HANDLE object)
{
	return object & ~TWIN_BIT;
}

#define HANDLE_NOTHING	0
#define HANDLE_SLOT	slot
#define HANDLE_SESSION	session
#define HANDLE_LOGIN	session

#define ON_LOGIN	ON_SESSION

#define PIN_NOTHING	false
#define PIN_SLOT	false
#define PIN_SESSION	false
#define PIN_LOGIN	(pin != NULL)

#define PASS(name, ...) fault_real->name(__VA_ARGS__)
#define LIE(name, ...)	lie_##name(&call, __VA_ARGS__)

#define ROW(id, on_what, how, params, ...) \
	static CK_RV fault_##id params \
	{ \
		struct fault_call call = { \
		    .fn = SG_FAULT_##id, \
		    .on = ON_##on_what, \
		    .handle = HANDLE_##on_what, \
		    .with_pin = PIN_##on_what, \
		}; \
		CK_RV rv; \
\
		if (!fault_begin(&call, &rv)) \
			return rv; \
		return fault_end(&call, how(id, __VA_ARGS__)); \
	}
#include "tests/fault/functions.def"
#undef ROW

static CK_FUNCTION_LIST functions = {
    .version = {CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR},
    .C_GetFunctionList = C_GetFunctionList,
#define ROW(id, ...) .id = fault_##id,
#include "tests/fault/functions.def"
#undef ROW
};

static pthread_once_t loaded = PTHREAD_ONCE_INIT;

static void
complain(const char *what, const char *why)
{
	(void)fprintf(stderr, "fault module: %s: %s\n", what, why);
}

static void
load(void)
{
	const char *path = getenv("SG_FAULT_MODULE");
	const char *rules = getenv("SG_FAULT");
	const char *wrong =
	    rules != NULL ? sg_fault_control()->script(rules) : NULL;
	CK_C_GetFunctionList get_list;
	void *library;

	if (wrong != NULL) {
		complain("SG_FAULT", wrong);
		return;
	}
	if (path == NULL) {
		complain("SG_FAULT_MODULE", "is not set");
		return;
	}
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		complain(path, dlerror());
		return;
	}
	/* Never closed: SoftHSM does not bear that. */
	*(void **)&get_list = dlsym(library, "C_GetFunctionList");
	if (get_list == NULL || get_list(&fault_real) != CKR_OK)
		complain(path, "is no PKCS#11 module");
}

__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	struct fault_call call = {.fn = SG_FAULT_C_GetFunctionList};
	CK_RV rv;

	(void)pthread_once(&loaded, load);
	if (fault_real == NULL)
		return CKR_GENERAL_ERROR;
	if (!fault_begin(&call, &rv))
		return rv;
	*list = &functions;
	return fault_end(&call, CKR_OK);
}
