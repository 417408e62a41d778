/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_TLS_H
#define SG_PKCS11_TLS_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "pkcs11/openssl.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_key_info;

/** A token's key that a client shows in TLS, with its certificate. */
struct sg_tls_key;

/**
 * Find a key for the authentication of a TLS client.
 *
 * Signs twice to see what the token does for OpenSSL, and verifies that with
 * the certificate: TLS 1.3 wants RSASSA-PSS (RFC 8446 §4.2.3); where the
 * token, or this key, does not make it, TLS 1.2 with RSA and SHA-256 is left.
 *
 * @param token      Logged in. Must outlive the key.
 * @param backend    SG_BACKEND_NATIVE stands for libp11: TLS is OpenSSL's.
 * @param cert_file  PEM: the client's certificate, then those above it.
 * @param allowed    Rules of the policy that the key may break: policy.h.
 * @return What sg_openssl_key_find() returns; SG_E_CONFIG when the
 *         certificate is not there or is another key's; SG_E_POLICY;
 *         SG_E_MECHANISM when the key signs neither way.
 */
enum sg_rc sg_tls_key_open(struct sg_token *token, const struct sg_uri *uri,
    enum sg_backend backend, const char *cert_file, unsigned int allowed,
    struct sg_tls_key **out_key, struct sg_err *err) SG_WARN_UNUSED;

/** Borrowed from the key. */
const struct sg_key_info *sg_tls_key_info(const struct sg_tls_key *key);

/** Does the key not do for TLS 1.3? */
bool sg_tls_key_is_limited(const struct sg_tls_key *key);

/**
 * Put key and certificate into OpenSSL's settings of a connection.
 *
 * @param ssl_ctx  An SSL_CTX that is not yet in use. Must not outlive the key.
 */
enum sg_rc sg_tls_key_install(const struct sg_tls_key *key, void *ssl_ctx,
    struct sg_err *err) SG_WARN_UNUSED;

/** Takes NULL; leaves NULL. */
void sg_tls_key_free(struct sg_tls_key **key);

#ifdef __cplusplus
}
#endif

#endif
