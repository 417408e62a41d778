/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_SLOTS_H
#define SG_PKCS11_SLOTS_H

#include "pkcs11/p11.h"
#include "pkcs11/token.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Between two looks for a token, and for how long one may be hidden. */
#define SG_SLOTS_PAUSE_MS  150
#define SG_SLOTS_HIDDEN_MS 1000

/** A slot with a token in it. */
struct sg_slot {
	struct sg_module *module;
	CK_SLOT_ID id;
	CK_TOKEN_INFO info;
	bool has_twin; /* label and serial may not tell it from another */
	char *uri;
	struct sg_token_info description;
};

/** The tokens that fit, and the modules they are in. */
struct sg_slots {
	struct sg_modules *modules;
	struct sg_slot *items;
	size_t count;
	char *asked; /* the URI asked for, for messages */
};

/**
 * Load the modules and look into every slot: one C_GetTokenInfo each.
 *
 * @param opts  The token, slot and module parts of its URI filter.
 */
enum sg_rc sg_slots_scan(const struct sg_token_opts *opts,
    struct sg_slots **out_slots, struct sg_err *err) SG_WARN_UNUSED;

/** The one initialised token: else SG_E_NOT_FOUND or SG_E_AMBIGUOUS. */
enum sg_rc sg_slots_pick(const struct sg_slots *slots, size_t *out_index,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Scan, and pick.
 *
 * @param out_look_ms  Where another look may help: for how long.
 */
enum sg_rc sg_slots_find(const struct sg_token_opts *opts,
    struct sg_slots **out_slots, size_t *out_index, int64_t *out_look_ms,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Ask the token for its flags once more: the PIN's may have changed.
 *
 * @return SG_OK; SG_E_NOT_FOUND when another token is in its slot, with
 *         CKR_TOKEN_NOT_PRESENT in err->native; what C_GetTokenInfo answered.
 */
enum sg_rc sg_slot_refresh(struct sg_slot *slot, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Look for the token again after its module was restarted, or it was taken out:
 * it may be in another slot.
 *
 * @return SG_OK; SG_E_AMBIGUOUS; else with the CK_RV in err->native, which is
 *         CKR_TOKEN_NOT_PRESENT when it is not there.
 */
enum sg_rc sg_slot_find_again(struct sg_slot *slot, struct sg_err *err)
    SG_WARN_UNUSED;

void sg_slots_free(struct sg_slots **slots);

#ifdef __cplusplus
}
#endif

#endif
