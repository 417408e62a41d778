/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_SIGNER_INTERNAL_H
#define SG_SIGNER_SIGNER_INTERNAL_H

/* What the files of signer/ share; no other layer includes it, so that none can
 * have the key sign bytes of its own. */
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_signer;

/**
 * Sign bytes of a format that this layer makes (evidence.h, cert.h), and verify
 * the signature before anyone sees it. Never a caller's bytes.
 *
 * @param out_sig  Free with sg_buf_free().
 * @return As sg_signer_mint().
 */
enum sg_rc sg_signer_sign(struct sg_signer *signer, const uint8_t *msg,
    size_t len, struct sg_buf **out_sig, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
