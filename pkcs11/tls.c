/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "pkcs11/door.h"
#include "pkcs11/key.h"
#include "pkcs11/policy.h"

/* libssl's functions, once it is loaded. */
struct calls {
	__typeof__(SSL_CTX_use_certificate_chain_file) *use_chain_file;
	__typeof__(SSL_CTX_use_PrivateKey) *use_key;
	__typeof__(SSL_CTX_ctrl) *ctrl;
};

struct sg_tls_key {
	struct calls calls;
	struct sg_openssl_key *key;
	X509 *cert;
	char *cert_file;
	bool is_limited;
};

void
sg_tls_key_free(struct sg_tls_key **key)
{
	if (key == NULL || *key == NULL)
		return;
	sg_openssl_key_free(&(*key)->key);
	X509_free((*key)->cert);
	free((*key)->cert_file);
	free(*key);
	*key = NULL;
}

static enum sg_rc
read_cert(struct sg_tls_key *tls, struct sg_err *err)
{
	BIO *file = BIO_new_file(tls->cert_file, "r");

	if (file == NULL) {
		ERR_clear_error();
		return sg_fail_errno(err, SG_E_CONFIG,
		    "read %s (SIGNET_CLIENT_CERT)", tls->cert_file);
	}
	tls->cert = PEM_read_bio_X509(file, NULL, NULL, NULL);
	(void)BIO_free(file);
	ERR_clear_error();
	if (tls->cert == NULL)
		return sg_fail(err, SG_E_CONFIG,
		    "%s (SIGNET_CLIENT_CERT) holds no certificate in PEM",
		    tls->cert_file);
	return SG_OK;
}

static enum sg_rc
check_pair(const struct sg_tls_key *tls, struct sg_err *err)
{
	EVP_PKEY *theirs = X509_get0_pubkey(tls->cert);
	const struct sg_key_info *info = sg_tls_key_info(tls);

	ERR_clear_error();
	if (theirs != NULL && sg_door_is_key(theirs, info))
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "the certificate in %s (SIGNET_CLIENT_CERT) is not for the key %s "
	    "(SIGNET_CLIENT_KEY)",
	    tls->cert_file, info->uri);
}

static bool
verifies(const struct sg_tls_key *tls, int padding, const uint8_t *msg,
    size_t len, const struct sg_buf *sig)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options = NULL; /* the other's */
	bool good;

	good = ctx != NULL &&
	       EVP_DigestVerifyInit(ctx, &options, EVP_sha256(), NULL,
		   X509_get0_pubkey(tls->cert)) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(options, padding) == 1 &&
	       (padding != RSA_PKCS1_PSS_PADDING ||
		   EVP_PKEY_CTX_set_rsa_pss_saltlen(
		       options, RSA_PSS_SALTLEN_DIGEST) == 1) &&
	       EVP_DigestVerify(ctx, sig->data, sig->len, msg, len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

/* Not what any peer may have signed: RFC 8446 §4.4.3 puts its own in front. */
static enum sg_rc
try_padding(struct sg_tls_key *tls, int padding, struct sg_err *err)
{
	static const uint8_t msg[] = "signet tries a key for TLS";
	SG_AUTO(sg_buf) sig = NULL;
	enum sg_rc rc;

	rc =
	    sg_openssl_key_sign(tls->key, padding, msg, sizeof(msg), &sig, err);
	if (rc != SG_OK)
		return rc;
	if (verifies(tls, padding, msg, sizeof(msg), sig))
		return SG_OK;
	return sg_fail(err, SG_E_MECHANISM,
	    "SIGNET_BACKEND=%s makes signatures for TLS with %s that do not "
	    "verify; use libp11",
	    tls->key->door->name, sg_tls_key_info(tls)->uri);
}

/* The one that libcurl uses too. */
static enum sg_rc
load_library(struct calls *calls, struct sg_err *err)
{
	const struct sg_door_symbol symbols[] = {
	    {"SSL_CTX_use_certificate_chain_file", &calls->use_chain_file},
	    {"SSL_CTX_use_PrivateKey", &calls->use_key},
	    {"SSL_CTX_ctrl", &calls->ctrl},
	};

	return sg_door_library(
	    "libssl.so.3", "libssl3", symbols, SG_COUNT(symbols), err);
}

static enum sg_rc
fill(struct sg_tls_key *tls, struct sg_token *token, const struct sg_uri *uri,
    enum sg_backend backend, const char *cert_file, struct sg_err *err)
{
	enum sg_rc rc;

	rc = load_library(&tls->calls, err);
	if (rc == SG_OK)
		rc = sg_str_copy(cert_file, &tls->cert_file, err);
	if (rc == SG_OK)
		rc = read_cert(tls, err);
	if (rc == SG_OK)
		rc = sg_openssl_key_open(token, uri,
		    backend != SG_BACKEND_NATIVE ? backend : SG_BACKEND_LIBP11,
		    &tls->key, err);
	if (rc == SG_OK)
		rc = check_pair(tls, err);
	return rc;
}

static enum sg_rc
try_key(struct sg_tls_key *tls, struct sg_err *err)
{
	enum sg_rc rc;

	rc = try_padding(tls, RSA_PKCS1_PADDING, err);
	if (rc == SG_OK)
		tls->is_limited =
		    try_padding(tls, RSA_PKCS1_PSS_PADDING, NULL) != SG_OK;
	return rc;
}

enum sg_rc
sg_tls_key_open(struct sg_token *token, const struct sg_uri *uri,
    enum sg_backend backend, const char *cert_file, unsigned int allowed,
    struct sg_tls_key **out_key, struct sg_err *err)
{
	SG_AUTO(sg_tls_key) tls = calloc(1, sizeof(*tls));
	enum sg_rc rc;

	if (tls == NULL)
		return sg_fail_nomem(err);
	rc = fill(tls, token, uri, backend, cert_file, err);
	if (rc == SG_OK)
		rc = sg_policy_check(sg_tls_key_info(tls), allowed, err);
	if (rc == SG_OK)
		rc = try_key(tls, err);
	if (rc != SG_OK)
		return rc;
	*out_key = tls;
	tls = NULL; /* now the caller's */
	return SG_OK;
}

const struct sg_key_info *
sg_tls_key_info(const struct sg_tls_key *key)
{
	return sg_key_info(key->key->native);
}

bool
sg_tls_key_is_limited(const struct sg_tls_key *key)
{
	return key->is_limited;
}

/* The algorithms of our own signature alone: the server's are its own. */
static bool
limit(const struct calls *calls, SSL_CTX *ctx)
{
	char algorithms[] = "RSA+SHA256";

	return calls->ctrl(ctx, SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_2_VERSION,
		   NULL) == 1 &&
	       calls->ctrl(
		   ctx, SSL_CTRL_SET_CLIENT_SIGALGS_LIST, 0, algorithms) == 1;
}

enum sg_rc
sg_tls_key_install(
    const struct sg_tls_key *key, void *ssl_ctx, struct sg_err *err)
{
	SSL_CTX *ctx = ssl_ctx;

	ERR_clear_error();
	if (key->calls.use_chain_file(ctx, key->cert_file) != 1 ||
	    key->calls.use_key(ctx, key->key->pkey) != 1 ||
	    (key->is_limited && !limit(&key->calls, ctx)))
		return sg_door_failed(err, "use %s (SIGNET_CLIENT_KEY) for TLS",
		    sg_tls_key_info(key)->uri);
	return SG_OK;
}
