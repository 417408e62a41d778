/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_P11_H
#define SG_PKCS11_P11_H

/* What the files of pkcs11/ share; no other layer includes it. */
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_call_hooks;
struct sg_secret;
struct sg_token;
struct sg_token_info;
struct sg_token_p11;
struct sg_uri;

/* ckr.c */

/** The CK_RV's name, such as "CKR_PIN_INCORRECT"; never NULL. */
const char *sg_ckr_name(CK_RV rv);

/**
 * Record a failed PKCS#11 call: what was being done, the CK_RV's name, what
 * to do next. PKCS#11 v2.40 base §5.1.
 *
 * @return The class of the CK_RV; the CK_RV itself is in err->native.
 */
enum sg_rc sg_fail_ckr(struct sg_err *err, CK_RV rv, const char *format, ...)
    SG_PRINTF(3, 4);

/* uri.c */

/** The parts of a key that its URI carries. */
struct sg_uri_key {
	CK_OBJECT_CLASS object_class;
	uint8_t *id;
	size_t id_len;
	uint8_t *label;
	size_t label_len;
};

/** p11-kit's view of the URI. Borrowed. */
P11KitUri *sg_uri_p11(const struct sg_uri *uri);

/**
 * Write the URI of a token, or of a key on it, so that sg_uri_parse() and the
 * search find it again, whatever bytes its id and label hold.
 *
 * @param slot_id   NULL unless label and serial do not tell tokens apart.
 * @param key       NULL for the token alone.
 * @param out_text  Free with free().
 */
enum sg_rc sg_uri_format(const CK_TOKEN_INFO *token, const CK_SLOT_ID *slot_id,
    const struct sg_uri_key *key, char **out_text, struct sg_err *err)
    SG_WARN_UNUSED;

/* module.c */

/** One loaded and initialised module. */
struct sg_module {
	CK_FUNCTION_LIST *fn;
	char *name;   /* path or registered name, for messages */
	bool managed; /* p11-kit's registry initialised it */
	pid_t owner;  /* the process that initialised it; 0: not signet */
	char *args;   /* its init string; may be NULL */
	const struct sg_call_hooks *hooks; /* told of each call; may be NULL */
};

/** The modules that may hold the token. */
struct sg_modules {
	struct sg_module *items;
	size_t count;
	CK_FUNCTION_LIST **registry;	   /* NULL when loaded by path */
	const struct sg_call_hooks *hooks; /* with the registry */
};

/**
 * Load one module by path, or every module of p11-kit's registry.
 *
 * A registered module that fails to initialise, or is a trust store, is passed
 * over; a module named by path that fails is SG_E_MODULE.
 *
 * @param path   NULL for the registry. A name without '/' is looked for in
 *               p11-kit's module folder.
 * @param args   Init string of modules that want one (NSS); may be NULL.
 * @param hooks  Told of each call; may be NULL. Borrowed.
 */
enum sg_rc sg_modules_open(const char *path, const char *args,
    const struct sg_call_hooks *hooks, struct sg_modules **out_modules,
    struct sg_err *err) SG_WARN_UNUSED;

/** C_Initialize, or what p11-kit's registry does for it: the CK_RV itself. */
CK_RV sg_module_initialize(const struct sg_module *module);

/**
 * Finalize and initialize a module, as after a failure that nothing less
 * mends. Every session is gone then.
 *
 * Finalized only by the process that initialised it: a child begins anew
 * (PKCS#11 v2.40 usage guide §2.5.2), and leaves its parent's alone.
 */
enum sg_rc sg_module_restart(struct sg_module *module, struct sg_err *err)
    SG_WARN_UNUSED;

void sg_modules_free(struct sg_modules **modules);

/* attrs.c */

/**
 * Read attributes into the caller's buffers in one call.
 *
 * Where the module fails the whole batch because of one attribute, each is
 * read alone. What the object does not have, or does not tell, has ulValueLen
 * CK_UNAVAILABLE_INFORMATION, and so has what is longer than its buffer.
 *
 * @param out_unclear  Which of these is the case of what was not had cannot be
 *                     told by this; sg_attrs_read_alone() can.
 * @return SG_OK; the failure of the call when nothing could be read, or when
 *         it may be had another time: that is no answer about the attribute.
 */
enum sg_rc sg_attrs_read(const struct sg_token_p11 *p11,
    CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attrs, CK_ULONG count,
    bool *out_unclear, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Read one attribute alone that a batch did not give: is it not there, or too
 * long?
 *
 * @param size          Of its buffer.
 * @param out_too_long  Longer than that.
 * @return As sg_attrs_read(); SG_OK also when it is not there.
 */
enum sg_rc sg_attrs_read_alone(const struct sg_token_p11 *p11,
    CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attr, CK_ULONG size,
    bool *out_too_long, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Find objects by template: C_FindObjectsInit, C_FindObjects, Final.
 *
 * @param max        Room in @p out_objects.
 * @param out_count  Objects found, at most @p max.
 */
enum sg_rc sg_attrs_find(const struct sg_token_p11 *p11, CK_ATTRIBUTE *wanted,
    CK_ULONG count, CK_OBJECT_HANDLE *out_objects, CK_ULONG max,
    CK_ULONG *out_count, struct sg_err *err) SG_WARN_UNUSED;

/* token.c: what the other files need of an open token */

/** A token as one piece of work sees it, with a session for that work alone. */
struct sg_token_p11 {
	const struct sg_module *module;
	CK_SESSION_HANDLE session;
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info;
	const char *label;	    /* as sg_token_info has it */
	const CK_SLOT_ID *uri_slot; /* NULL unless tokens look alike */
	unsigned long starts;	    /* of the module: handles of an earlier
				     * one may name other objects now */
};

/** For work of one thread, with the token's first session. */
const struct sg_token_p11 *sg_token_p11(const struct sg_token *token);

/** Work that wants a session: a signature, a search. */
struct sg_work {
	/** Done again after what failed was mended. A failure that is the
	 * module's has its CK_RV in err->native. */
	enum sg_rc (*run)(
	    void *ctx, const struct sg_token_p11 *p11, struct sg_err *err);
	/** Find anew what @c run uses, while no other work runs; may be NULL.
	 */
	enum sg_rc (*find_again)(
	    void *ctx, const struct sg_token_p11 *p11, struct sg_err *err);
	void *ctx;
	/* Set by @c run when it leaves an operation begun in the session, which
	 * is then not lent again; may be NULL. */
	const bool *leaves_operation;
};

/**
 * Do a piece of work with a session of its own.
 *
 * Where it fails because something was lost, the ladder is climbed: a new
 * session, logging in again, finding the key again, finalize and initialize,
 * each only when the one before did not mend it; see ladder.h.
 *
 * @return What the work returned last, or what kept it from being mended.
 * Any thread.
 */
enum sg_rc sg_token_run(struct sg_token *token, const struct sg_work *work,
    struct sg_err *err) SG_WARN_UNUSED;

/** The token's PIN rules; see login.h. */
struct sg_login *sg_token_login_of(struct sg_token *token);

/** Can the token sign with this mechanism? */
bool sg_token_can(
    const struct sg_token *token, CK_MECHANISM_TYPE mechanism, CK_FLAGS what);

#ifdef __cplusplus
}
#endif

#endif
