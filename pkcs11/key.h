/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_KEY_H
#define SG_PKCS11_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_token;
struct sg_uri;

/* Longest message that sg_key_sign() takes, in bytes. */
#define SG_MSG_MAX (64 * 1024)

/* Most mechanisms of one key that are read. */
#define SG_MECHANISMS_MAX 128

/** What a token answered about an attribute. */
enum sg_fact {
	SG_FACT_UNKNOWN = 0, /* the token does not say */
	SG_FACT_NO,
	SG_FACT_YES,
};

/** The attributes of a private key that matter; see sg_key_fact_name(). */
enum sg_key_fact {
	SG_KEY_SENSITIVE,
	SG_KEY_EXTRACTABLE,
	SG_KEY_ALWAYS_SENSITIVE,
	SG_KEY_NEVER_EXTRACTABLE,
	SG_KEY_LOCAL,
	SG_KEY_PRIVATE,
	SG_KEY_TOKEN,
	SG_KEY_MODIFIABLE,
	SG_KEY_SIGN,
	SG_KEY_DECRYPT,
	SG_KEY_UNWRAP,
	SG_KEY_SIGN_RECOVER,
	SG_KEY_DERIVE,
	SG_KEY_ALWAYS_AUTHENTICATE,
	SG_KEY_FACT_COUNT,
};

/** An RSA public key: unsigned big-endian numbers without leading zeros. */
struct sg_rsa_public {
	const uint8_t *n;
	size_t n_len; /* 0 when the key is not RSA or does not say */
	const uint8_t *e;
	size_t e_len;
};

/** What is known of a private key. Borrowed from the key. */
struct sg_key_info {
	const char *uri;
	const char *label; /* UTF-8; bytes that are none are '?' */
	const uint8_t *id;
	size_t id_len;
	const char *type;  /* "RSA", "EC" or "other" */
	unsigned int bits; /* of the modulus; 0 when unknown */
	struct sg_rsa_public rsa;
	/* The public key came from an object beside the private key, which
	 * somebody else may have put there: prove it before trusting it. */
	bool rsa_is_unproven;
	enum sg_fact facts[SG_KEY_FACT_COUNT];
	/* CKA_ALLOWED_MECHANISMS, as CKM_ numbers */
	unsigned long mechanisms[SG_MECHANISMS_MAX];
	size_t mechanism_count;
	bool mechanisms_told;
	/* There is a list, and it is too long or no list of mechanisms. */
	bool mechanisms_unreadable;
};

/** A private key that signs with RS256, wherever it is. */
struct sg_key;

/** How a kind of key does its work: each way to the token has one. */
struct sg_key_ops {
	/** Signature over @p msg: RSASSA-PKCS1-v1_5 with SHA-256. */
	enum sg_rc (*sign)(void *impl, const uint8_t *msg, size_t len,
	    struct sg_buf **out_sig, struct sg_err *err);
	/** Valid as long as the key. */
	const struct sg_key_info *(*info)(void *impl);
	void (*release)(void *impl);
};

/**
 * Make a key of an implementation, which it owns from then on.
 *
 * It is judged by the policy here, once, by what the implementation tells of
 * it.
 */
enum sg_rc sg_key_new(const struct sg_key_ops *ops, void *impl,
    struct sg_key **out_key, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Find the one private key on a token that a URI names.
 *
 * Searched by template, never by listing, so that the cost does not grow with
 * the number of keys.
 *
 * @param token  Logged in. Must outlive the key.
 * @param uri    Its object part picks; NULL or without one: the only key.
 * @return SG_OK; SG_E_NOT_FOUND; SG_E_AMBIGUOUS with the candidates' URIs;
 *         SG_E_TOKEN.
 * PKCS#11 v2.40 §5.7, C_FindObjects.
 */
enum sg_rc sg_key_find(struct sg_token *token, const struct sg_uri *uri,
    struct sg_key **out_key, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Tell of each private key on a token that fits a URI.
 *
 * @param each  Gets a borrowed info, valid during the call; what it returns
 *              other than SG_OK ends the walk and is returned.
 */
enum sg_rc sg_key_list(struct sg_token *token, const struct sg_uri *uri,
    enum sg_rc (*each)(
	void *ctx, const struct sg_key_info *key, struct sg_err *err),
    void *ctx, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Tell of the one private key that a URI names, be it one that can sign or
 * not. Signs nothing.
 *
 * @param each  Gets a borrowed info, valid during the call.
 * @return As sg_key_find(); what @p each returned.
 */
enum sg_rc sg_key_describe(struct sg_token *token, const struct sg_uri *uri,
    enum sg_rc (*each)(
	void *ctx, const struct sg_key_info *key, struct sg_err *err),
    void *ctx, struct sg_err *err) SG_WARN_UNUSED;

/** Let a key sign though it breaks these rules: a set of policy.h. */
void sg_key_allow(struct sg_key *key, unsigned int rules);

/**
 * Sign a message with a key that never leaves its token.
 *
 * A key that breaks a rule of the policy, other than those that it was allowed
 * to, does not sign, whatever door to the token it came through.
 *
 * The token hashes and signs where it offers CKM_SHA256_RSA_PKCS; else the
 * DigestInfo of RFC 8017 §9.2 is built here and signed with CKM_RSA_PKCS. The
 * signature is not verified here: see sg_signer_mint().
 *
 * @param len      Bytes in @p msg; at most SG_MSG_MAX.
 * @param out_sig  As long as the modulus. Free with sg_buf_free().
 * @return SG_OK; SG_E_USAGE; SG_E_MECHANISM when the token can do neither;
 *         SG_E_TOKEN with the CK_RV in err->native; SG_E_PIN_MISSING when the
 *         key wants its own PIN and none was given; SG_E_POLICY.
 *
 * Where the session, the login, the key's handle or the module was lost, it is
 * had again; see ladder.h.
 *
 * Blocks while the device works. Any thread; each call borrows one session.
 * PKCS#11 v2.40 §5.11, C_SignInit and C_Sign.
 */
enum sg_rc sg_key_sign(struct sg_key *key, const uint8_t *msg, size_t len,
    struct sg_buf **out_sig, struct sg_err *err) SG_WARN_UNUSED;

/** Borrowed from the key. */
const struct sg_key_info *sg_key_info(const struct sg_key *key);

/** The attribute's PKCS#11 name, such as "CKA_SENSITIVE". */
const char *sg_key_fact_name(enum sg_key_fact fact);

/** Takes NULL; leaves NULL. */
void sg_key_free(struct sg_key **key);

#ifdef __cplusplus
}
#endif

#endif
