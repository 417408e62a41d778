/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_OPENSSL_H
#define SG_PKCS11_OPENSSL_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_key;
struct sg_token;
struct sg_uri;

/** Who makes a token's key sign. */
enum sg_backend {
	SG_BACKEND_NATIVE = 0, /* PKCS#11 called directly */
	SG_BACKEND_LIBP11,     /* OpenSSL by libp11 */
	SG_BACKEND_ENGINE,     /* OpenSSL by libp11's engine */
	SG_BACKEND_PROVIDER,   /* OpenSSL by pkcs11-provider */
	SG_BACKEND_COUNT,
};

/** Such as "libp11"; never NULL. */
const char *sg_backend_name(enum sg_backend backend);

/**
 * Read the name of a backend.
 *
 * @return SG_OK, or SG_E_CONFIG with the names that there are.
 */
enum sg_rc sg_backend_parse(const char *name, enum sg_backend *out_backend,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Find the one private key that a URI names, and have a backend sign with it.
 *
 * The key is always found natively, as by sg_key_find(); what an OpenSSL
 * backend finds beside it must have the same public key. The login of the
 * token is the backend's too, since a login is the application's: no PIN is
 * given to OpenSSL.
 *
 * What a backend opens stays open as long as the token, and its closing ends
 * every session of this process with the module: close the tokens of one
 * module together.
 *
 * @param token  Logged in. Must outlive the key.
 * @return What sg_key_find() returns; SG_E_CONFIG when the backend is not
 *         installed, with the package to install, or when the key wants its
 *         PIN for each signature; SG_E_NOT_FOUND when the
 *         backend shows no such key; SG_E_TOKEN.
 *
 * One thread at a time for one token. The key signs from any thread, one
 * signature at a time for each token and backend.
 */
enum sg_rc sg_openssl_key_find(struct sg_token *token, const struct sg_uri *uri,
    enum sg_backend backend, struct sg_key **out_key, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
