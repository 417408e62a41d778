/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_EVIDENCE_H
#define SG_SIGNER_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pkcs11/key.h"
#include "signer/jwk.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_json;
struct sg_rsa;
struct sg_signer;
struct sg_token_info;

/* Longest bundle that is read. */
#define SG_EVIDENCE_MAX (1024 * 1024)

/** What goes into a bundle beside the key's own attributes. Borrowed. */
struct sg_evidence_about {
	const struct sg_token_info *token;
	const struct sg_json *configs; /* UAT configurations; NULL for none */
	const char *version;	       /* of signet */
	int64_t now_s;
};

/**
 * Make the evidence of a key: what its token tells of it, how the policy
 * judges that, which token it is, and which UAT configurations carry it, as a
 * JWS in the flattened JSON serialisation (RFC 7515 §7.2.2) that the key itself
 * signs.
 *
 * It can never be taken for a JWT of a UAT: its typ is another (RFC 8725
 * §3.11), and it has neither issuer nor expiry nor a user.
 *
 * @param out  Gets the bundle and a newline.
 */
enum sg_rc sg_evidence_make(struct sg_signer *signer,
    const struct sg_evidence_about *about, struct sg_buf *out,
    struct sg_err *err) SG_WARN_UNUSED;

/** A bundle whose signature verifies with the key that is in it. */
struct sg_evidence {
	struct sg_json *payload;	     /* what it says */
	struct sg_rsa *rsa;		     /* the key that it is about */
	char thumbprint[SG_THUMBPRINT_SIZE]; /* worked out from that key */
	/* What it tells of that key, for policy.h to judge anew: facts,
	 * mechanisms, and the bits that were counted. Nothing else is set. */
	struct sg_key_info key;
};

/**
 * Read a bundle and verify it with the key that it holds.
 *
 * That proves that whoever made it had this key, and no more: that it is the
 * key of somebody's token is shown only by comparing it with a public key that
 * came another way. Bits are counted in the key, not read.
 *
 * @param out_evidence  Free with sg_evidence_free().
 * @return SG_OK, also when it tells of a key that breaks the policy;
 *         SG_E_INVALID with the first thing that is wrong.
 */
enum sg_rc sg_evidence_read(const void *text, size_t len,
    struct sg_evidence **out_evidence, struct sg_err *err) SG_WARN_UNUSED;

void sg_evidence_free(struct sg_evidence **evidence);

#ifdef __cplusplus
}
#endif

#endif
