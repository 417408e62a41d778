/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_PKCS11_OBJECT_H
#define SG_PKCS11_OBJECT_H

#include "pkcs11/key.h"
#include "pkcs11/p11.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest values that are read: a modulus of 16,384 bits. */
#define SG_MODULUS_MAX	2048
#define SG_EXPONENT_MAX 64
#define SG_ID_MAX	256
#define SG_LABEL_MAX	512

/** A private key object as the token describes it. */
struct sg_object {
	CK_OBJECT_HANDLE handle;
	unsigned long starts;	 /* of the module, when it had this handle */
	struct sg_key_info info; /* points into what follows */
	char *uri;
	char label_text[SG_LABEL_MAX + 1];
	uint8_t label[SG_LABEL_MAX];
	size_t label_len;
	uint8_t id[SG_ID_MAX];
	uint8_t modulus[SG_MODULUS_MAX];
	uint8_t exponent[SG_EXPONENT_MAX];
};

/**
 * Read everything that matters about a private key, in one call where the
 * module allows it; the public key comes from the public object where the
 * private one does not carry it.
 */
enum sg_rc sg_object_read(const struct sg_token_p11 *p11,
    CK_OBJECT_HANDLE handle, struct sg_object **out_object, struct sg_err *err)
    SG_WARN_UNUSED;

/** The CKA_ number of a fact. */
CK_ATTRIBUTE_TYPE sg_object_fact_type(enum sg_key_fact fact);

void sg_object_free(struct sg_object **object);

#ifdef __cplusplus
}
#endif

#endif
