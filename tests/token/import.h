/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_TESTS_TOKEN_IMPORT_H
#define SG_TESTS_TOKEN_IMPORT_H

/* Private keys from outside, for the modules that take them. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "tests/token/raw.h"

#define NUMBERS_MAX (16 * 1024)

/* One number of a private key as an attribute; the bytes are kept in store. */
static inline CK_ATTRIBUTE
number_of(const EVP_PKEY *pkey, const char *param, CK_ATTRIBUTE_TYPE type,
    struct sg_buf *store)
{
	CK_ATTRIBUTE attr = {type, store->data + store->len, 0};
	BIGNUM *number = NULL;
	uint8_t bytes[1024];

	assert_int_equal(EVP_PKEY_get_bn_param(pkey, param, &number), 1);
	attr.ulValueLen = (CK_ULONG)BN_bn2bin(number, bytes);
	sg_buf_add(store, bytes, attr.ulValueLen);
	BN_clear_free(number);
	return attr;
}

struct import {
	const EVP_PKEY *pkey;
	const char *label;
	const char *id;
	CK_MECHANISM_TYPE only_mechanism; /* 0: any */
	unsigned int copies;		  /* with ids from 0001 on; 0: one */
};

static inline CK_ULONG
fill_numbers(const EVP_PKEY *pkey, CK_ATTRIBUTE *attrs, struct sg_buf *numbers)
{
	static const struct {
		const char *param;
		CK_ATTRIBUTE_TYPE type;
	} parts[] = {
	    {OSSL_PKEY_PARAM_RSA_N, CKA_MODULUS},
	    {OSSL_PKEY_PARAM_RSA_E, CKA_PUBLIC_EXPONENT},
	    {OSSL_PKEY_PARAM_RSA_D, CKA_PRIVATE_EXPONENT},
	    {OSSL_PKEY_PARAM_RSA_FACTOR1, CKA_PRIME_1},
	    {OSSL_PKEY_PARAM_RSA_FACTOR2, CKA_PRIME_2},
	    {OSSL_PKEY_PARAM_RSA_EXPONENT1, CKA_EXPONENT_1},
	    {OSSL_PKEY_PARAM_RSA_EXPONENT2, CKA_EXPONENT_2},
	    {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, CKA_COEFFICIENT},
	};
	size_t i;

	for (i = 0; i < SG_COUNT(parts); i++)
		attrs[i] =
		    number_of(pkey, parts[i].param, parts[i].type, numbers);
	return SG_COUNT(parts);
}

static inline CK_ULONG
fill_template(
    const struct import *key, CK_ATTRIBUTE *attrs, struct sg_buf *numbers)
{
	static CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	static CK_KEY_TYPE type = CKK_RSA;
	static CK_MECHANISM_TYPE only;
	CK_ULONG count = fill_numbers(key->pkey, attrs, numbers);

	attrs[count++] = (CK_ATTRIBUTE){CKA_CLASS, &class, sizeof(class)};
	attrs[count++] = (CK_ATTRIBUTE){CKA_KEY_TYPE, &type, sizeof(type)};
	attrs[count++] = raw_flag(CKA_TOKEN, true);
	attrs[count++] = raw_flag(CKA_PRIVATE, true);
	attrs[count++] = raw_flag(CKA_SENSITIVE, true);
	attrs[count++] = raw_flag(CKA_EXTRACTABLE, false);
	attrs[count++] = raw_flag(CKA_SIGN, true);
	attrs[count++] = raw_text(CKA_LABEL, key->label);
	if (key->only_mechanism != 0) {
		only = key->only_mechanism;
		attrs[count++] =
		    (CK_ATTRIBUTE){CKA_ALLOWED_MECHANISMS, &only, sizeof(only)};
	}
	return count;
}

static inline void
import_key(struct raw *raw, const struct import *key)
{
	SG_AUTO(sg_buf) numbers = sg_buf_new(NUMBERS_MAX);
	unsigned int copies = key->copies > 0 ? key->copies : 1;
	CK_ATTRIBUTE attrs[24];
	CK_OBJECT_HANDLE object;
	CK_ULONG count;
	char id[64];
	unsigned int i;

	/* Room for all at once, as the attributes point into it. */
	numbers->data = realloc(numbers->data, NUMBERS_MAX);
	assert_non_null(numbers->data);
	numbers->cap = NUMBERS_MAX;
	count = fill_template(key, attrs, numbers);
	for (i = 1; i <= copies; i++) {
		(void)snprintf(id, sizeof(id), "%04u", i);
		attrs[count] = raw_text(CKA_ID, key->copies > 0 ? id : key->id);
		assert_int_equal(raw->fn->C_CreateObject(
				     raw->session, attrs, count + 1, &object),
		    CKR_OK);
	}
}

/* The back door is opened for this one key. */
static inline void
import_one(const struct import *key)
{
	struct raw raw = raw_open();

	import_key(&raw, key);
	raw_close(&raw);
}

#endif
