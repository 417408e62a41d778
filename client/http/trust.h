/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_HTTP_TRUST_H
#define SG_CLIENT_HTTP_TRUST_H

/* How transport.c uses TLS; no other layer includes it. */
#include <curl/curl.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/http/transport.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whom a connection trusts, and what it shows of itself. */
struct sg_trust {
	char *ca_file;
	char *client_cert;
	char *client_key;
	const struct sg_tls_key *tls_key; /* borrowed; may be NULL */
	struct sg_err tls_err; /* what kept tls_key from being used */
};

/** Take over what the options say of TLS; see sg_transport_open(). */
enum sg_rc sg_trust_fill(struct sg_trust *trust,
    const struct sg_transport_opts *opts, struct sg_err *err) SG_WARN_UNUSED;

/** Set all that has to do with TLS, and what no caller can turn off. */
CURLcode sg_trust_set(struct sg_trust *trust, CURL *curl);

/** Said behind a failure that a token's key may be the cause of; else "". */
const char *sg_trust_limit(const struct sg_trust *trust, CURLcode code);

void sg_trust_clear(struct sg_trust *trust);

#ifdef __cplusplus
}
#endif

#endif
