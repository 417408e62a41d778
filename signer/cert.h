/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_CERT_H
#define SG_SIGNER_CERT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_signer;

/* Life of a certificate in days. */
#define SG_CERT_DAYS_MIN     1
#define SG_CERT_DAYS_MAX     3650
#define SG_CERT_DAYS_DEFAULT 365

/** Who a certificate is to name. Borrowed. */
struct sg_cert_spec {
	/* "CN=signet,O=Example": types with values, in the order in which they
	 * are written; a comma, plus or backslash in a value stands behind a
	 * backslash (RFC 4514 §2.4). */
	const char *subject;
	const struct sg_list *dns; /* names; may be NULL */
	int64_t days; /* of a certificate; 0: SG_CERT_DAYS_DEFAULT */
};

/**
 * Check all that can be known to be wrong before a token is asked.
 *
 * @return SG_OK or SG_E_USAGE.
 */
enum sg_rc sg_cert_check(const struct sg_cert_spec *spec, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Make a PKCS #10 certificate request for the signer's key, signed by it.
 *
 * @param out  Gets the PEM.
 * @return SG_OK; SG_E_USAGE; what the signer returned.
 * RFC 2986 §4, RFC 7468 §7.
 */
enum sg_rc sg_cert_request(struct sg_signer *signer,
    const struct sg_cert_spec *spec, struct sg_buf *out, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Make a certificate of the signer's key that the key itself signs: no CA, for
 * digital signatures alone, with a random serial number.
 *
 * @param clock  Gives its beginning and the serial number.
 * @param out    Gets the PEM.
 * RFC 5280 §4, RFC 7468 §5.
 */
enum sg_rc sg_cert_self_signed(struct sg_signer *signer,
    const struct sg_cert_spec *spec, const struct sg_clock *clock,
    struct sg_buf *out, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
