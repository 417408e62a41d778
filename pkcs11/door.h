/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_DOOR_H
#define SG_PKCS11_DOOR_H

/*
 * OpenSSL's ways to a token that is already open and logged in natively. What
 * the files of the OpenSSL door share; no other layer includes it.
 */
#include <openssl/evp.h>
#include <openssl/ui.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "pkcs11/key.h"
#include "pkcs11/openssl.h"
#include "pkcs11/p11.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What an opener needs of the token. Borrowed; as long as the token. */
struct sg_door_at {
	struct sg_token *token;
	const char *module_path;
	unsigned long slot;
	UI_METHOD *ui; /* keeps OpenSSL from asking at the terminal */
};

/** One kind of door: each of libp11.c, engine.c and provider.c has one. */
struct sg_door_ops {
	enum sg_rc (*open)(
	    const struct sg_door_at *at, void **out_impl, struct sg_err *err);
	/**
	 * @return SG_OK also when there is none, with @p out_pkey untouched.
	 *         What is given has the public key of @p want.
	 */
	enum sg_rc (*find)(void *impl, const struct sg_key_info *want,
	    EVP_PKEY **out_pkey, struct sg_err *err);
	/** Where to sign with the key; NULL is OpenSSL's own. May be NULL. */
	OSSL_LIB_CTX *(*libctx)(const void *impl);
	/** No key that was found may still be there. */
	void (*close)(void *impl);
	/** Is EVP_DigestSign() with it not to be trusted? May be NULL. */
	bool (*hash_here)(const void *impl);
};

extern const struct sg_door_ops sg_libp11_ops;
extern const struct sg_door_ops sg_engine_ops;
extern const struct sg_door_ops sg_provider_ops;

/** One open door. */
struct sg_door {
	const struct sg_door_ops *ops;
	const char *name;
	struct sg_door_at at;
	char *module_path;
	void *impl;
	pid_t pid;	      /* that opened it; no child can use it */
	pthread_mutex_t lock; /* libp11 before 0.4.19 is not safe in threads */
};

/** The doors that were opened on one token. */
struct sg_doors;

/** Where a token keeps its doors; it frees them before it closes itself. */
struct sg_doors **sg_token_doors(struct sg_token *token);

/** Takes NULL; leaves NULL. */
void sg_doors_free(struct sg_doors **doors);

/** The door of a token; opened the first time. Borrowed from the token. */
enum sg_rc sg_door_open(struct sg_token *token, enum sg_backend backend,
    struct sg_door **out_door, struct sg_err *err) SG_WARN_UNUSED;

/** Is this the key's other half? Leaves OpenSSL's queue of errors empty. */
bool sg_door_is_key(EVP_PKEY *pkey, const struct sg_key_info *want);

/**
 * Record what OpenSSL has queued: a CK_RV of libp11 or pkcs11-provider where
 * there is one, else OpenSSL's reason.
 */
enum sg_rc sg_door_failed(struct sg_err *err, const char *format, ...)
    SG_PRINTF(2, 3);

/** The file of a plug-in of OpenSSL, or SG_E_CONFIG that names its package. */
enum sg_rc sg_door_plugin(int folder, enum sg_backend backend,
    const char *package, char **out_path, struct sg_err *err) SG_WARN_UNUSED;

/** A function of a library, and where its address goes. */
struct sg_door_symbol {
	const char *name;
	void *out_function; /* points to a pointer to such a function */
};

/**
 * Load a library that few runs need: signet is not linked with it, since that
 * would cost every run a part of a signature's time. It stays loaded.
 *
 * @param package  Debian's, for the error when it is not installed.
 */
enum sg_rc sg_door_library(const char *file, const char *package,
    const struct sg_door_symbol *symbols, size_t count, struct sg_err *err)
    SG_WARN_UNUSED;

/* openssl.c: a key by way of a door */

struct sg_openssl_key {
	struct sg_key *native; /* found it, and describes it */
	struct sg_token *token;
	struct sg_door *door;
	EVP_PKEY *pkey;
};

enum sg_rc sg_openssl_key_open(struct sg_token *token, const struct sg_uri *uri,
    enum sg_backend backend, struct sg_openssl_key **out_key,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Sign as OpenSSL's own callers would, such as TLS.
 *
 * @param padding  RSA_PKCS1_PADDING or RSA_PKCS1_PSS_PADDING, of SHA-256.
 */
enum sg_rc sg_openssl_key_sign(struct sg_openssl_key *key, int padding,
    const uint8_t *msg, size_t len, struct sg_buf **out_sig, struct sg_err *err)
    SG_WARN_UNUSED;

void sg_openssl_key_free(struct sg_openssl_key **key);

#ifdef __cplusplus
}
#endif

#endif
