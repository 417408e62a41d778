/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/quirks.h"

#include <stddef.h>
#include <string.h>

#include "pkcs11/p11.h"
#include "pkcs11/token.h"

/* What the module does, and what signet does about it. */
static const struct {
	const char *name;
	const char *text;
	const char *answer;
} quirks[SG_QUIRK_COUNT] = {
    [SG_QUIRK_NO_ALLOWED_MECHANISMS] = {"no-allowed-mechanisms",
	"making a key with CKA_ALLOWED_MECHANISMS fails with "
	"CKR_GENERAL_ERROR",
	"new keys are made without it"},
    [SG_QUIRK_DENIES_LOCAL] = {"denies-local",
	"CKA_LOCAL is false even of keys that the token made",
	"a false CKA_LOCAL is taken for unknown"},
    [SG_QUIRK_VERIFY_IS_DECRYPT] = {"verify-is-decrypt",
	"CKA_VERIFY of a new public key lets the private one decrypt, and "
	"CKA_ENCRYPT lets it sign, so that no sign-only key can be made "
	"with them",
	"new keys are made without the two; signet itself verifies each "
	"signature"},
    [SG_QUIRK_DESCRIBES_REMOVED] = {"describes-removed-mechanisms",
	"C_GetMechanismInfo describes mechanisms that C_GetMechanismList "
	"leaves out, as they are not supported or were taken away",
	"the list counts where mechanisms are shown, and a refused "
	"C_SignInit leads to the other mechanism"},
    [SG_QUIRK_SPARE_SLOT] = {"spare-slot",
	"one more slot always shows an uninitialised token",
	"uninitialised tokens are passed over"},
    [SG_QUIRK_NO_PIN_FLAGS] = {"no-pin-flags",
	"the token's flags do not tell that few PIN tries are left",
	"the refused PINs that signet remembers itself are withheld, and every "
	"PIN after a run that was cut off as it sent one"},
    [SG_QUIRK_NEVER_LOCKS] = {"never-locks",
	"the token never locks, however many wrong PINs it gets",
	"a refused PIN is not sent again all the same"},
    [SG_QUIRK_ONE_SERIAL] = {"one-serial",
	"all tokens have the same serial number",
	"tokens are told apart by label, and by slot where labels are equal"},
    [SG_QUIRK_CLOSES_AGAIN] = {"closes-again",
	"C_Finalize closes a descriptor once more that the first C_Finalize of "
	"the process closed, whoever has its number by then",
	"the module is not started again within a process"},
    [SG_QUIRK_STARTS_EMPTY] = {"starts-empty",
	"without an init string, some versions start with a token that is "
	"empty and write-protected",
	"an absent key is told with SIGNET_MODULE_ARGS"},
    [SG_QUIRK_HIDES_TOKENS] = {"hides-tokens",
	"each login empties the file of its token for a moment, in which other "
	"processes do not see the token",
	"an absent token is looked for again for a second"},
};

/* Who shows it. NULL matches any; the texts are beginnings, but the module's
 * a part of its path or name. */
static const struct {
	enum sg_quirk quirk;
	const char *manufacturer;
	const char *model;
	const char *module;
} shown_by[] = {
    {SG_QUIRK_NO_ALLOWED_MECHANISMS, "Mozilla Foundation", "NSS", NULL},
    {SG_QUIRK_DENIES_LOCAL, "Mozilla Foundation", "NSS", NULL},
    {SG_QUIRK_NEVER_LOCKS, "Mozilla Foundation", "NSS", NULL},
    {SG_QUIRK_ONE_SERIAL, "Mozilla Foundation", "NSS", NULL},
    {SG_QUIRK_STARTS_EMPTY, "Mozilla Foundation", "NSS", NULL},
    {SG_QUIRK_DESCRIBES_REMOVED, "SoftHSM project", NULL, NULL},
    {SG_QUIRK_SPARE_SLOT, "SoftHSM project", NULL, NULL},
    {SG_QUIRK_NEVER_LOCKS, "SoftHSM project", NULL, NULL},
    {SG_QUIRK_HIDES_TOKENS, NULL, NULL, "softhsm"},
    {SG_QUIRK_ONE_SERIAL, "IBM", "IBM SoftTok", NULL},
    {SG_QUIRK_CLOSES_AGAIN, "IBM", "IBM ", NULL},
    /* What opencryptoki 3.23 says of itself. */
    {SG_QUIRK_ONE_SERIAL, "IBM", "Soft", NULL},
    {SG_QUIRK_CLOSES_AGAIN, "IBM", "Soft", NULL},
    {SG_QUIRK_CLOSES_AGAIN, "IBM", NULL, "opencryptoki"},
    {SG_QUIRK_VERIFY_IS_DECRYPT, NULL, NULL, "tpm2_pkcs11"},
    {SG_QUIRK_SPARE_SLOT, NULL, NULL, "tpm2_pkcs11"},
    {SG_QUIRK_DESCRIBES_REMOVED, NULL, NULL, "tpm2_pkcs11"},
    {SG_QUIRK_NO_PIN_FLAGS, NULL, NULL, "tpm2_pkcs11"},
    {SG_QUIRK_ONE_SERIAL, NULL, NULL, "tpm2_pkcs11"},
};

/* A field of CK_TOKEN_INFO has no NUL; every beginning is shorter. */
static bool
begins(const void *text, const char *beginning)
{
	return beginning == NULL ||
	       strncmp(text, beginning, strlen(beginning)) == 0;
}

static bool
is_shown(enum sg_quirk quirk, const void *manufacturer, const void *model,
    const char *module)
{
	size_t i;

	for (i = 0; i < SG_COUNT(shown_by); i++) {
		const char *part = shown_by[i].module;

		if (shown_by[i].quirk == quirk &&
		    begins(manufacturer, shown_by[i].manufacturer) &&
		    begins(model, shown_by[i].model) &&
		    (part == NULL ||
			(module != NULL && strstr(module, part) != NULL)))
			return true;
	}
	return false;
}

bool
sg_quirk_has(const struct sg_token_info *token, enum sg_quirk quirk)
{
	return is_shown(
	    quirk, token->manufacturer, token->model, token->module);
}

bool
sg_quirk_at(const struct sg_token_p11 *p11, enum sg_quirk quirk)
{
	return is_shown(quirk, p11->info.manufacturerID, p11->info.model,
	    p11->module->name);
}

bool
sg_quirk_in(const struct sg_module *module, enum sg_quirk quirk)
{
	return is_shown(quirk, "", "", module->name);
}

const char *
sg_quirk_hint(const struct sg_token_p11 *p11)
{
	if (p11->module->args != NULL ||
	    (p11->info.flags & CKF_WRITE_PROTECTED) == 0 ||
	    !sg_quirk_at(p11, SG_QUIRK_STARTS_EMPTY))
		return "";
	return "; the module may want an init string: SIGNET_MODULE_ARGS";
}

const char *
sg_quirk_name(enum sg_quirk quirk)
{
	return quirks[quirk].name;
}

const char *
sg_quirk_text(enum sg_quirk quirk)
{
	return quirks[quirk].text;
}

const char *
sg_quirk_answer(enum sg_quirk quirk)
{
	return quirks[quirk].answer;
}
