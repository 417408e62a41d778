/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_CERT_NAME_H
#define SG_SIGNER_CERT_NAME_H

/* Names of certificates, from text to OpenSSL's; no other layer includes it. */
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Read "CN=signet,O=Example"; see struct sg_cert_spec.
 *
 * @param out_name  Free with X509_NAME_free().
 * @return SG_OK or SG_E_USAGE.
 */
enum sg_rc sg_cert_name_subject(
    const char *text, X509_NAME **out_name, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Read DNS names: the preferred syntax, and a '*' as the first label.
 *
 * @param dns        May be NULL.
 * @param out_names  Left alone when there is none. Free with
 *                   GENERAL_NAMES_free().
 * @return SG_OK or SG_E_USAGE. RFC 5280 §4.2.1.6, RFC 6125 §6.4.3.
 */
enum sg_rc sg_cert_name_dns(const struct sg_list *dns,
    GENERAL_NAMES **out_names, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
