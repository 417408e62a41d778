/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_KEY_KEYS_H
#define SG_CLI_KEY_KEYS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "pkcs11/openssl.h"
#include "pkcs11/token.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_key_info;
struct sg_keygen_opts;

/** From configuration to where tokens are; nothing is opened. */
enum sg_rc keys_token_opts(struct app *app, bool writable,
    struct sg_token_opts *out_opts, struct sg_err *err) SG_WARN_UNUSED;

/** Who signs: SIGNET_BACKEND. Left as it is when that is not set. */
enum sg_rc keys_backend(struct app *app, enum sg_backend *out_backend,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Find the place where a refused PIN is remembered; nothing is made there. Who
 * reads a PIN asks for it first, so that none is sent without.
 */
enum sg_rc keys_ledger(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** Read the PIN from where the configuration says it is. */
enum sg_rc keys_pin(struct app *app, const struct sg_token_info *token,
    struct sg_secret **out_pin, struct sg_err *err) SG_WARN_UNUSED;

/** Open the token and log in; once a run. */
enum sg_rc keys_open_token(struct app *app, bool writable, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * sg_key_generate() in the open token, one process of this host at a time, so
 * that of two with one label the second sees what the first made.
 */
enum sg_rc keys_generate(struct app *app, const struct sg_keygen_opts *opts,
    char **out_uri, struct sg_err *err) SG_WARN_UNUSED;

/** Open the key and its signer; once a run. */
enum sg_rc keys_open_signer(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** The same of the key that the command's operand names, if there is one. */
enum sg_rc keys_open_named(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Open the signer of this key in place of the one before. A token that holds
 * both stays open, so that its PIN is read once.
 */
enum sg_rc keys_open_another(
    struct app *app, const char *uri, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Tell of the key that the command's operand or the configuration names, be
 * it one that may sign or not. Opens the token; signs nothing.
 */
enum sg_rc keys_describe(struct app *app, bool writable,
    enum sg_rc (*each)(
	void *ctx, const struct sg_key_info *key, struct sg_err *err),
    void *ctx, struct sg_err *err) SG_WARN_UNUSED;

/** Name another key than the configured one, before it is opened. */
enum sg_rc keys_name(struct app *app, const char *uri, struct sg_err *err)
    SG_WARN_UNUSED;

/** Let another key of the open token sign from now on. @p uri is borrowed. */
enum sg_rc keys_change(struct app *app, const char *uri, struct sg_err *err)
    SG_WARN_UNUSED;

void keys_close(struct app *app);

#ifdef __cplusplus
}
#endif

#endif
