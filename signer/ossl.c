/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>

#include "signer/ossl_internal.h"

enum sg_rc
sg_ossl_failed(const char *doing, struct sg_err *err)
{
	unsigned long code = ERR_get_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	return sg_fail_native(err, SG_E_INTERNAL, (long)code, "%s: OpenSSL: %s",
	    doing, reason != NULL ? reason : "no reason given");
}
