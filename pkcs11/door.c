/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/door.h"

#include <dlfcn.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "pkcs11/call.h"
#include "pkcs11/token.h"

struct sg_doors {
	struct sg_door *items[SG_BACKEND_COUNT];
};

static const struct sg_door_ops *const all_ops[SG_BACKEND_COUNT] = {
    [SG_BACKEND_LIBP11] = &sg_libp11_ops,
    [SG_BACKEND_ENGINE] = &sg_engine_ops,
    [SG_BACKEND_PROVIDER] = &sg_provider_ops,
};

static void
close_door(struct sg_door *door)
{
	if (door->impl != NULL)
		door->ops->close(door->impl);
	UI_destroy_method(door->at.ui);
	free(door->module_path);
	(void)pthread_mutex_destroy(&door->lock);
	free(door);
	ERR_clear_error();
}

void
sg_doors_free(struct sg_doors **doors)
{
	size_t i;

	if (doors == NULL || *doors == NULL)
		return;
	for (i = 0; i < SG_COUNT((*doors)->items); i++)
		if ((*doors)->items[i] != NULL)
			close_door((*doors)->items[i]);
	free(*doors);
	*doors = NULL;
}

/* A login is ours: OpenSSL is given no PIN, and asks nobody for one. */
static int
answer_nothing(UI *ui, UI_STRING *question)
{
	(void)ui;
	(void)question;
	return 0;
}

static enum sg_rc
fill_place(struct sg_door *door, struct sg_token *token, struct sg_err *err)
{
	const struct sg_token_p11 *p11 = sg_token_p11(token);

	door->at.token = token;
	door->at.slot = p11->slot;
	door->module_path = p11_kit_module_get_filename(p11->module->fn);
	if (door->module_path == NULL)
		return sg_fail(err, SG_E_CONFIG,
		    "the PKCS#11 module %s has no file that SIGNET_BACKEND=%s "
		    "could load; use native",
		    p11->module->name, door->name);
	door->at.module_path = door->module_path;
	door->at.ui = UI_create_method("signet");
	if (door->at.ui == NULL ||
	    UI_method_set_reader(door->at.ui, answer_nothing) != 0)
		return sg_fail_nomem(err);
	return SG_OK;
}

/* libp11 waits for ever for the first session of a token that has none. */
static enum sg_rc
check_session(const struct sg_door *door, struct sg_err *err)
{
	const struct sg_token_p11 *p11 = sg_token_p11(door->at.token);
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
	CK_RV rv;

	rv = sg_call_open_session(
	    p11->module, p11->slot, CKF_SERIAL_SESSION, &session);
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv,
		    "open a session of token \"%s\" for %s", p11->label,
		    door->name);
	(void)sg_call_close_session(p11->module, session);
	return SG_OK;
}

static enum sg_rc
open_door(struct sg_door *door, struct sg_token *token, struct sg_err *err)
{
	struct sg_call call;
	enum sg_rc rc;

	rc = fill_place(door, token, err);
	if (rc == SG_OK)
		rc = check_session(door, err);
	if (rc != SG_OK)
		return rc;
	call = sg_call_begin(sg_token_p11(token)->module, door->name);
	rc = door->ops->open(&door->at, &door->impl, err);
	(void)sg_call_end(&call, rc == SG_OK ? CKR_OK : CKR_GENERAL_ERROR,
	    "open %s", door->at.module_path);
	return rc;
}

enum sg_rc
sg_door_open(struct sg_token *token, enum sg_backend backend,
    struct sg_door **out_door, struct sg_err *err)
{
	struct sg_doors **doors = sg_token_doors(token);
	struct sg_door *door;
	enum sg_rc rc;

	if (*doors == NULL)
		*doors = calloc(1, sizeof(**doors));
	if (*doors == NULL)
		return sg_fail_nomem(err);
	*out_door = (*doors)->items[backend];
	if (*out_door != NULL)
		return SG_OK;
	door = calloc(1, sizeof(*door));
	if (door == NULL || pthread_mutex_init(&door->lock, NULL) != 0) {
		free(door);
		return sg_fail_nomem(err);
	}
	door->pid = getpid();
	door->ops = all_ops[backend];
	door->name = sg_backend_name(backend);
	rc = open_door(door, token, err);
	if (rc != SG_OK) {
		close_door(door);
		return rc;
	}
	(*doors)->items[backend] = door;
	*out_door = door;
	return SG_OK;
}

static bool
has_number(
    const EVP_PKEY *pkey, const char *name, const uint8_t *bytes, size_t len)
{
	BIGNUM *wanted = BN_bin2bn(bytes, (int)len, NULL);
	BIGNUM *number = NULL;
	bool same;

	same = EVP_PKEY_get_bn_param(pkey, name, &number) == 1 &&
	       wanted != NULL && BN_cmp(wanted, number) == 0;
	BN_free(wanted);
	BN_free(number);
	return same;
}

bool
sg_door_is_key(EVP_PKEY *pkey, const struct sg_key_info *want)
{
	bool same;

	same = EVP_PKEY_is_a(pkey, "RSA") == 1 &&
	       has_number(
		   pkey, OSSL_PKEY_PARAM_RSA_N, want->rsa.n, want->rsa.n_len) &&
	       has_number(
		   pkey, OSSL_PKEY_PARAM_RSA_E, want->rsa.e, want->rsa.e_len);
	ERR_clear_error();
	return same;
}

/* libp11 and its engine raise a CK_RV as the reason of a library apart, and
 * pkcs11-provider as one of its own; libp11's other reasons are no CK_RVs. */
static CK_RV
ckr_of(unsigned long code)
{
	const char *library = ERR_lib_error_string(code);
	CK_RV rv = (CK_RV)ERR_GET_REASON(code);

	if (library == NULL || (strcmp(library, "PKCS#11 module") != 0 &&
				   strcmp(library, "pkcs11") != 0))
		return CKR_OK;
	return strncmp(sg_ckr_name(rv), "CKR_", 4) == 0 ? rv : CKR_OK;
}

enum sg_rc
sg_door_failed(struct sg_err *err, const char *format, ...)
{
	unsigned long first = ERR_peek_error();
	const char *reason;
	unsigned long code;
	CK_RV rv = CKR_OK;
	char doing[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(doing, sizeof(doing), format, args);
	va_end(args);
	reason = ERR_reason_error_string(first);
	do {
		code = ERR_get_error();
		if (code != 0)
			rv = ckr_of(code);
	} while (code != 0 && rv == CKR_OK);
	ERR_clear_error();
	if (rv != CKR_OK)
		return sg_fail_ckr(err, rv, "%s", doing);
	return sg_fail_native(err, SG_E_TOKEN, (long)first, "%s: OpenSSL: %s",
	    doing, reason != NULL ? reason : "no reason given");
}

enum sg_rc
sg_door_plugin(int folder, enum sg_backend backend, const char *package,
    char **out_path, struct sg_err *err)
{
	SG_AUTO_STR path = NULL;

	if (asprintf(&path, "%s/pkcs11.so", OPENSSL_info(folder)) < 0) {
		path = NULL;
		return sg_fail_nomem(err);
	}
	if (access(path, R_OK) != 0)
		return sg_fail_errno(err, SG_E_CONFIG,
		    "SIGNET_BACKEND=%s needs %s, which Debian has in the "
		    "package %s; install it, or use native",
		    sg_backend_name(backend), path, package);
	*out_path = path;
	path = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_door_library(const char *file, const char *package,
    const struct sg_door_symbol *symbols, size_t count, struct sg_err *err)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	void *address;
	size_t i;

	if (library == NULL)
		return sg_fail(err, SG_E_CONFIG,
		    "%s cannot be loaded; install the Debian package %s, or "
		    "use SIGNET_BACKEND=native",
		    file, package);
	for (i = 0; i < count; i++) {
		address = dlsym(library, symbols[i].name);
		if (address == NULL)
			return sg_fail(err, SG_E_CONFIG,
			    "%s is of another version: it has no %s()", file,
			    symbols[i].name);
		memcpy(symbols[i].out_function, &address, sizeof(address));
	}
	return SG_OK;
}
