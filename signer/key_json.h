/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_KEY_JSON_H
#define SG_SIGNER_KEY_JSON_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_json;
struct sg_jsonw;
struct sg_key_info;

/*
 * What a token tells of a key, as members of a JSON object: one form for what
 * commands print and for the evidence of a key.
 */

/** Write uri, label, id, type and bits. */
enum sg_rc sg_key_json_name(struct sg_jsonw *w, const struct sg_key_info *key,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Write attributes, with null for what is not told, and allowedMechanisms: an
 * array, null without a list, "unreadable" for one that could not be read.
 */
enum sg_rc sg_key_json_answers(struct sg_jsonw *w,
    const struct sg_key_info *key, struct sg_err *err) SG_WARN_UNUSED;

/** Write keepsPolicy and policy: each attribute with its verdict. */
enum sg_rc sg_key_json_policy(struct sg_jsonw *w, const struct sg_key_info *key,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Read what sg_key_json_answers() wrote.
 *
 * @param info  Gets facts and mechanisms, and nothing else.
 * @return SG_OK; SG_E_INVALID.
 */
enum sg_rc sg_key_json_read(const struct sg_json *key, struct sg_key_info *info,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
