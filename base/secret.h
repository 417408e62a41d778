/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_BASE_SECRET_H
#define SG_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/* Longest secret: a JWT and then some. */
#define SG_SECRET_MAX (64 * 1024)

/**
 * A PIN, JWT, session token or password, in locked memory that wipes itself.
 *
 * It cannot be copied or printed. Immutable once made, so any thread may read
 * it.
 */
struct sg_secret;

/**
 * Set up the locked memory that secrets live in. Call once, before threads.
 *
 * Without it secrets still wipe themselves, but may be swapped out.
 *
 * @param out_locked  False when the system's limit on locked memory was too
 *                    small; secrets work all the same.
 * @return SG_OK or SG_E_NOMEM.
 */
enum sg_rc sg_secret_setup(bool *out_locked, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Make a secret of bytes that the caller wipes afterwards.
 *
 * @param data  May hold any byte; a NUL is added behind it.
 * @param len   At most SG_SECRET_MAX, else SG_E_USAGE.
 */
enum sg_rc sg_secret_new(const void *data, size_t len,
    struct sg_secret **out_secret, struct sg_err *err) SG_WARN_UNUSED;

/** Make a secret of a buffer's bytes, then wipe and release the buffer. */
enum sg_rc sg_secret_take(struct sg_buf **buf, struct sg_secret **out_secret,
    struct sg_err *err) SG_WARN_UNUSED;

/** Wipe and release. Takes NULL; leaves NULL. */
void sg_secret_free(struct sg_secret **secret);

/**
 * The one way to the bytes. NUL-terminated; valid as long as the secret.
 *
 * The lint holds the list of files that may call it.
 */
const char *sg_secret_reveal(const struct sg_secret *secret);

/**
 * Digest a secret, so that it can be known again without being kept.
 *
 * PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2) and many rounds, as a PIN has few
 * digits: some tens of milliseconds.
 *
 * @param salt      At least 16 random bytes.
 * @param hex       Gets the digest in hex.
 * @return SG_OK or SG_E_INTERNAL.
 */
enum sg_rc sg_secret_digest(const struct sg_secret *secret, const void *salt,
    size_t salt_len, struct sg_buf *hex, struct sg_err *err) SG_WARN_UNUSED;

/** Bytes in the secret, without the NUL. */
size_t sg_secret_len(const struct sg_secret *secret);

#ifdef __cplusplus
}
#endif

#endif
