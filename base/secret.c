/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* Room for some dozens of JWTs and sessions; below the usual 8 MiB limit. */
#define ARENA_BYTES   (512 * 1024)
#define ARENA_BLOCK   32

#define DIGEST_ROUNDS 200000

struct sg_secret {
	size_t len;
	char bytes[];
};

enum sg_rc
sg_secret_setup(bool *out_locked, struct sg_err *err)
{
	int rc;

	rc = CRYPTO_secure_malloc_init(ARENA_BYTES, ARENA_BLOCK);
	if (rc == 0)
		return sg_fail(err, SG_E_NOMEM,
		    "set up memory for secrets: "
		    "out of memory");
	*out_locked = rc == 1; /* 2: usable, but mlock() was refused */
	return SG_OK;
}

enum sg_rc
sg_secret_new(const void *data, size_t len, struct sg_secret **out_secret,
    struct sg_err *err)
{
	struct sg_secret *secret;

	if (len > SG_SECRET_MAX)
		return sg_fail(err, SG_E_USAGE,
		    "a secret is longer than %d bytes", SG_SECRET_MAX);
	secret = OPENSSL_secure_zalloc(sizeof(*secret) + len + 1);
	if (secret == NULL)
		return sg_fail(err, SG_E_NOMEM, "out of memory for secrets");
	secret->len = len;
	if (len > 0)
		memcpy(secret->bytes, data, len);
	*out_secret = secret;
	return SG_OK;
}

enum sg_rc
sg_secret_take(
    struct sg_buf **buf, struct sg_secret **out_secret, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_buf_check(*buf, "a secret", err);
	if (rc == SG_OK)
		rc = sg_secret_new((*buf)->data, (*buf)->len, out_secret, err);
	sg_buf_free(buf);
	return rc;
}

void
sg_secret_free(struct sg_secret **secret)
{
	if (secret == NULL || *secret == NULL)
		return;
	OPENSSL_secure_clear_free(
	    *secret, sizeof(**secret) + (*secret)->len + 1);
	*secret = NULL;
}

const char *
sg_secret_reveal(const struct sg_secret *secret)
{
	return secret->bytes;
}

enum sg_rc
sg_secret_digest(const struct sg_secret *secret, const void *salt,
    size_t salt_len, struct sg_buf *hex, struct sg_err *err)
{
	uint8_t digest[SG_SHA256_SIZE];

	if (PKCS5_PBKDF2_HMAC(secret->bytes, (int)secret->len, salt,
		(int)salt_len, DIGEST_ROUNDS, EVP_sha256(), sizeof(digest),
		digest) != 1)
		return sg_fail(err, SG_E_INTERNAL, "digest a secret");
	sg_hex_encode(hex, digest, sizeof(digest));
	OPENSSL_cleanse(digest, sizeof(digest));
	return sg_buf_check(hex, "a digest", err);
}

size_t
sg_secret_len(const struct sg_secret *secret)
{
	return secret->len;
}
