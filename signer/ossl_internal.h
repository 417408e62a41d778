/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_OSSL_INTERNAL_H
#define SG_SIGNER_OSSL_INTERNAL_H

/* OpenSSL's handles and errors, for the files of signer/ that use them. */
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A handle is released when it goes out of scope: AUTO(free_x) X *x = ... */
#define AUTO(handler) __attribute__((cleanup(handler)))

#define AUTO_OF(type, name, release) \
	static void name(type **p) \
	{ \
		release(*p); \
	}

/**
 * Tell of OpenSSL's oldest queued reason, and empty its queue.
 *
 * @return SG_E_INTERNAL, with OpenSSL's number in err->native.
 */
enum sg_rc sg_ossl_failed(const char *doing, struct sg_err *err);

#ifdef __cplusplus
}
#endif

#endif
