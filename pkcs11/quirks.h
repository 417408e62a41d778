/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_QUIRKS_H
#define SG_PKCS11_QUIRKS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sg_module;
struct sg_token_info;
struct sg_token_p11;

/** Known oddities of modules; nowhere else is a vendor's name looked at. */
enum sg_quirk {
	SG_QUIRK_NO_ALLOWED_MECHANISMS,
	SG_QUIRK_DENIES_LOCAL,
	SG_QUIRK_VERIFY_IS_DECRYPT,
	SG_QUIRK_DESCRIBES_REMOVED,
	SG_QUIRK_SPARE_SLOT,
	SG_QUIRK_NO_PIN_FLAGS,
	SG_QUIRK_NEVER_LOCKS,
	SG_QUIRK_ONE_SERIAL,
	SG_QUIRK_CLOSES_AGAIN,
	SG_QUIRK_STARTS_EMPTY,
	SG_QUIRK_HIDES_TOKENS,
	SG_QUIRK_COUNT,
};

/**
 * Does a token show the quirk?
 *
 * Told by its manufacturer and model, or by the module's name where these are
 * of the hardware behind it: costs no call.
 */
bool sg_quirk_has(const struct sg_token_info *token, enum sg_quirk quirk);

/** The same of a token as one piece of work sees it. */
bool sg_quirk_at(const struct sg_token_p11 *p11, enum sg_quirk quirk);

/** The same of a module by its name alone, also where it shows no token. */
bool sg_quirk_in(const struct sg_module *module, enum sg_quirk quirk);

/** What else may be wrong where a key is absent or the token cannot be written:
 * the end of an error's text, or "". */
const char *sg_quirk_hint(const struct sg_token_p11 *p11);

/** Its name, such as "denies-local". */
const char *sg_quirk_name(enum sg_quirk quirk);

/** What the module does, and what signet does about it; one sentence each. */
const char *sg_quirk_text(enum sg_quirk quirk);
const char *sg_quirk_answer(enum sg_quirk quirk);

#ifdef __cplusplus
}
#endif

#endif
