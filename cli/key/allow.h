/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_KEY_ALLOW_H
#define SG_CLI_KEY_ALLOW_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_key;
struct sg_key_info;

/** Is there each rule that --allow names? Also where no key is to sign. */
enum sg_rc allow_check(const struct app *app, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * The rules of the key policy that --allow, else SIGNET_ALLOW, lets be broken.
 *
 * @return SG_OK; SG_E_USAGE or SG_E_CONFIG for a rule that does not exist or
 *         cannot be allowed; SG_E_CONFIG when ./.env allows one, as it arrives
 *         with any checkout.
 */
enum sg_rc allow_read(struct app *app, unsigned int *out_rules,
    struct sg_err *err) SG_WARN_UNUSED;

/** Tell of each of them that the key breaks. */
void allow_tell(
    const struct app *app, const struct sg_key_info *key, unsigned int rules);

/** Let the key break them, and tell of each that it does break. */
void allow_apply(const struct app *app, struct sg_key *key, unsigned int rules);

#ifdef __cplusplus
}
#endif

#endif
