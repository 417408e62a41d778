/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_KEY_KEY_SHOW_H
#define SG_CLI_KEY_KEY_SHOW_H

#include "base/attr.h"
#include "base/err.h"
#include "signer/jwk.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_key_info;

/**
 * The thumbprint of the public key that the token tells of, without asking
 * the key to prove it; "" where there is none that RS256 could use.
 */
enum sg_rc key_show_thumbprint(const struct sg_key_info *key,
    char out_text[SG_THUMBPRINT_SIZE], struct sg_err *err) SG_WARN_UNUSED;

/** Add the members that tell of a key to the product's JSON. */
enum sg_rc key_show_members(struct app *app, const struct sg_key_info *key,
    const char *thumbprint, struct sg_err *err) SG_WARN_UNUSED;

/** Add a key to the product as text. */
enum sg_rc key_show_lines(struct app *app, const struct sg_key_info *key,
    const char *thumbprint, struct sg_err *err) SG_WARN_UNUSED;

/** Add the policy's verdict on each attribute to the product as text. */
void key_show_policy(struct app *app, const struct sg_key_info *key);

#ifdef __cplusplus
}
#endif

#endif
