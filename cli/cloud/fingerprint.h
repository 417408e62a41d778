/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_FINGERPRINT_H
#define SG_CLI_CLOUD_FINGERPRINT_H

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;

/* Hex digits of a fingerprint with their NUL. */
#define FINGERPRINT_SIZE (2 * SG_SHA256_SIZE + 1)

/**
 * A digest of what a JWT says beside user, tenant and scopes, and of what its
 * session is held to: issuer, user claim, kid, site, --claim and --claims.
 * Sessions of JWTs that differ in it are not shared.
 *
 * @return SG_OK; SG_E_IO or SG_E_USAGE when the file of --claims cannot be
 *         read; SG_E_USAGE when --claims is stdin, which is read but once.
 */
enum sg_rc fingerprint_claims(struct app *app, char out_hex[FINGERPRINT_SIZE],
    struct sg_err *err) SG_WARN_UNUSED;

/** A digest of which personal access token is meant; nothing is read. */
enum sg_rc fingerprint_pat(struct app *app, char out_hex[FINGERPRINT_SIZE],
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
