/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "pkcs11/call.h"
#include "pkcs11/p11.h"
#include "pkcs11/token.h"

static void
close_module(struct sg_module *module)
{
	struct sg_call call;

	if (module->owner == getpid())
		(void)sg_call_finalize(module);
	if (!module->managed && module->fn != NULL) {
		call = sg_call_begin(module, "dlclose");
		p11_kit_module_release(module->fn);
		(void)sg_call_end(&call, CKR_OK, "%s", module->name);
	}
	free(module->name);
	free(module->args);
}

static CK_FUNCTION_LIST **
load_registry(const struct sg_call_hooks *hooks)
{
	const struct sg_module all = {.hooks = hooks};
	struct sg_call call = sg_call_begin(&all, "dlopen");
	CK_FUNCTION_LIST **registry = p11_kit_modules_load(NULL, 0);

	(void)sg_call_end(&call, registry != NULL ? CKR_OK : CKR_GENERAL_ERROR,
	    "each registered module");
	return registry;
}

static void
release_registry(const struct sg_call_hooks *hooks, CK_FUNCTION_LIST **registry)
{
	const struct sg_module all = {.hooks = hooks};
	struct sg_call call = sg_call_begin(&all, "dlclose");

	p11_kit_modules_release(registry);
	(void)sg_call_end(&call, CKR_OK, "each registered module");
}

void
sg_modules_free(struct sg_modules **modules)
{
	struct sg_modules *m;
	size_t i;

	if (modules == NULL || *modules == NULL)
		return;
	m = *modules;
	for (i = 0; i < m->count; i++)
		close_module(&m->items[i]);
	free(m->items);
	if (m->registry != NULL)
		release_registry(m->hooks, m->registry);
	free(m);
	*modules = NULL;
}

static struct sg_modules *
new_modules(size_t count)
{
	struct sg_modules *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->items = calloc(count > 0 ? count : 1, sizeof(m->items[0]));
	if (m->items == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

/* Ask for locking of our own threads; a module that cannot lock may be used
 * from this one alone. PKCS#11 v2.40 §5.4, C_Initialize. */
CK_RV
sg_module_initialize(const struct sg_module *module)
{
	CK_C_INITIALIZE_ARGS args = {
	    .flags = CKF_OS_LOCKING_OK,
	    .pReserved = module->args,
	};
	CK_RV rv;

	rv = sg_call_initialize(module, &args);
	if (rv == CKR_CANT_LOCK && module->args == NULL)
		rv = sg_call_initialize(module, NULL);
	return rv;
}

static enum sg_rc
check_path(const char *path, struct sg_err *err)
{
	if (strchr(path, '/') == NULL)
		return SG_OK; /* a name, for p11-kit's own folder */
	if (access(path, F_OK) != 0)
		return sg_fail_errno(err, SG_E_MODULE,
		    "the PKCS#11 module %s is not there; check SIGNET_MODULE "
		    "or the URI's module-path",
		    path);
	if (access(path, R_OK) != 0)
		return sg_fail_errno(err, SG_E_MODULE,
		    "the PKCS#11 module %s cannot be read", path);
	return SG_OK;
}

static enum sg_rc
load(const char *path, struct sg_module *module, struct sg_err *err)
{
	SG_AUTO_STR full = NULL;
	struct sg_call call;

	module->name = strdup(path);
	if (module->name == NULL)
		return sg_fail_nomem(err);
	/* p11-kit would look for a relative path in its own folder. */
	if (strchr(path, '/') != NULL)
		full = realpath(path, NULL);
	call = sg_call_begin(module, "dlopen");
	module->fn = p11_kit_module_load(full != NULL ? full : path,
	    P11_KIT_MODULE_UNMANAGED | P11_KIT_MODULE_CRITICAL);
	(void)sg_call_end(&call,
	    module->fn != NULL ? CKR_OK : CKR_GENERAL_ERROR, "%s",
	    module->name);
	if (module->fn == NULL)
		return sg_fail(err, SG_E_MODULE,
		    "%s does not load as a PKCS#11 module: %s", path,
		    p11_kit_message() != NULL ? p11_kit_message()
					      : "no reason given");
	return SG_OK;
}

static enum sg_rc
open_path(const char *path, const char *args, const struct sg_call_hooks *hooks,
    struct sg_modules **out_modules, struct sg_err *err)
{
	SG_AUTO(sg_modules) m = new_modules(1);
	enum sg_rc rc;
	CK_RV rv;

	if (m == NULL)
		return sg_fail_nomem(err);
	rc = check_path(path, err);
	if (rc != SG_OK)
		return rc;
	m->count = 1;
	m->items[0].hooks = hooks;
	rc = load(path, &m->items[0], err);
	if (rc != SG_OK)
		return rc;
	rc = sg_str_copy(args, &m->items[0].args, err);
	if (rc != SG_OK)
		return rc;
	rv = sg_module_initialize(&m->items[0]);
	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		(void)sg_fail_ckr(err, rv, "start the PKCS#11 module %s", path);
		return sg_recast(err, SG_E_MODULE);
	}
	m->items[0].owner = rv == CKR_OK ? getpid() : 0;
	*out_modules = m;
	m = NULL; /* now the caller's */
	return SG_OK;
}

/* p11-kit's trust stores show tokens that hold certificates and no key. */
static bool
is_trust_store(CK_FUNCTION_LIST *fn)
{
	SG_AUTO_STR policy = p11_kit_config_option(fn, "trust-policy");

	return policy != NULL && strcmp(policy, "yes") == 0;
}

static enum sg_rc
start_registered(
    struct sg_modules *m, const struct sg_call_hooks *hooks, struct sg_err *err)
{
	char last[256] = "";
	CK_RV last_rv = CKR_OK;
	CK_RV rv;
	size_t i;

	for (i = 0; m->registry[i] != NULL; i++) {
		struct sg_module *module = &m->items[m->count];

		if (is_trust_store(m->registry[i]))
			continue;
		module->name = p11_kit_module_get_name(m->registry[i]);
		if (module->name == NULL)
			return sg_fail_nomem(err);
		module->fn = m->registry[i];
		module->managed = true;
		module->hooks = hooks;
		rv = sg_module_initialize(module);
		if (rv == CKR_OK) {
			module->owner = getpid();
			m->count++;
			continue;
		}
		/* e.g. a driver without its device */
		(void)snprintf(last, sizeof(last), "%s", module->name);
		last_rv = rv;
		free(module->name);
		memset(module, 0, sizeof(*module));
	}
	if (m->count == 0 && last_rv != CKR_OK) {
		(void)sg_fail_ckr(err, last_rv,
		    "no registered PKCS#11 module starts; start %s", last);
		return sg_recast(err, SG_E_MODULE);
	}
	if (m->count == 0)
		return sg_fail(err, SG_E_MODULE,
		    "no PKCS#11 module is registered with p11-kit; name one "
		    "with SIGNET_MODULE");
	return SG_OK;
}

static enum sg_rc
open_registry(const struct sg_call_hooks *hooks,
    struct sg_modules **out_modules, struct sg_err *err)
{
	SG_AUTO(sg_modules) m = NULL;
	CK_FUNCTION_LIST **registry = load_registry(hooks);
	enum sg_rc rc;
	size_t count = 0;

	if (registry == NULL)
		return sg_fail(err, SG_E_MODULE,
		    "p11-kit's module registry cannot be read: %s",
		    p11_kit_message() != NULL ? p11_kit_message()
					      : "no reason given");
	while (registry[count] != NULL)
		count++;
	m = new_modules(count);
	if (m == NULL) {
		release_registry(hooks, registry);
		return sg_fail_nomem(err);
	}
	m->registry = registry;
	m->hooks = hooks;
	rc = start_registered(m, hooks, err);
	if (rc != SG_OK)
		return rc;
	*out_modules = m;
	m = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_modules_open(const char *path, const char *args,
    const struct sg_call_hooks *hooks, struct sg_modules **out_modules,
    struct sg_err *err)
{
	p11_kit_be_quiet(); /* its messages come to us, not to stderr */
	if (path != NULL)
		return open_path(path, args, hooks, out_modules, err);
	return open_registry(hooks, out_modules, err);
}

enum sg_rc
sg_module_restart(struct sg_module *module, struct sg_err *err)
{
	CK_RV rv;

	if (module->owner == getpid())
		(void)sg_call_finalize(module);
	rv = sg_module_initialize(module);
	if (rv == CKR_OK)
		module->owner = getpid();
	if (rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return SG_OK;
	return sg_fail_ckr(
	    err, rv, "start the PKCS#11 module %s again", module->name);
}
