/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_HTTP_TRANSPORT_H
#define SG_CLIENT_HTTP_TRANSPORT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/http/http.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Time to reach a host when the options name none. */
#define SG_TRANSPORT_CONNECT_MS 10000

struct sg_call_hooks;
struct sg_tls_key;

/** Options of the real network. Valid when zeroed. All borrowed. */
struct sg_transport_opts {
	struct sg_http_opts http;
	int64_t connect_timeout_ms; /* 0 means SG_TRANSPORT_CONNECT_MS */
	const char *user_agent;	    /* such as "signet/0.1.0"; NULL: "signet" */
	const char *ca_file; /* PEM; these roots alone. NULL: the system's */
	const char *client_cert; /* PEM; NULL sends none */
	const char *client_key;	 /* PEM; NULL: in the certificate's file */
	/* A token's key with its certificate, instead of the two above; NULL
	 * for none. Must outlive the client. */
	const struct sg_tls_key *tls_key;
	/* Told of each request that may use it, as of a call into its module:
	 * the time limits of libcurl cannot end one that hangs. May be NULL. */
	const struct sg_call_hooks *tls_hooks;
};

/**
 * Make a client of the network, over libcurl.
 *
 * https only, TLS 1.2 or later, certificate and host name always checked,
 * proxies by the usual variables, no redirect followed, no cookie kept, one
 * connection reused for GET and HEAD. Other methods get a connection of their
 * own, since libcurl would silently send them again when a reused connection
 * turns out to be dead.
 *
 * @param opts      NULL means all defaults.
 * @param out_http  Free with sg_http_free().
 * @return SG_OK; SG_E_NOMEM; SG_E_CONFIG when a named file cannot be read,
 *         the client key is a pkcs11: URI (open it as @c tls_key), or libcurl
 *         is not built with the OpenSSL that a token's key needs;
 *         SG_E_INTERNAL when libcurl lacks what is asked for.
 *
 * The first call of a process is to be made before threads are started.
 */
enum sg_rc sg_transport_open(const struct sg_transport_opts *opts,
    struct sg_http **out_http, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
