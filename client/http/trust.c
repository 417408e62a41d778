/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/trust.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "pkcs11/tls.h"

/* What no caller can turn off. */
static const struct {
	CURLoption option;
	long value;
} fixed_options[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
    {CURLOPT_PROXY_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_NOPROGRESS, 1},
};

/* Each connection reads them anew, and would wait for who writes to a FIFO. */
static enum sg_rc
check_file(const char *path, const char *name, struct sg_err *err)
{
	struct stat st;

	if (path == NULL)
		return SG_OK;
	if (stat(path, &st) != 0 || access(path, R_OK) != 0)
		return sg_fail_errno(
		    err, SG_E_CONFIG, "read %s (%s)", path, name);
	if (!S_ISREG(st.st_mode))
		return sg_fail(err, SG_E_CONFIG,
		    "%s must be a regular file, and %s is none", name, path);
	return SG_OK;
}

/* With another library, the pointer that is given would be something else. */
static bool
curl_uses_openssl(void)
{
	const char *name = curl_version_info(CURLVERSION_NOW)->ssl_version;

	return name != NULL && sg_text_starts(name, "OpenSSL/3");
}

static enum sg_rc
check_opts(const struct sg_transport_opts *opts, struct sg_err *err)
{
	enum sg_rc rc;

	if (opts->client_key != NULL &&
	    sg_text_starts(opts->client_key, "pkcs11:"))
		return sg_fail(err, SG_E_CONFIG,
		    "SIGNET_CLIENT_KEY: a pkcs11: key is no PEM file");
	if (opts->tls_key != NULL && !curl_uses_openssl())
		return sg_fail(err, SG_E_CONFIG,
		    "SIGNET_CLIENT_KEY: a pkcs11: key needs a libcurl that is "
		    "built with OpenSSL 3; install libcurl4");
	rc = check_file(opts->ca_file, "SIGNET_CA_FILE", err);
	if (rc == SG_OK)
		rc = check_file(opts->client_cert, "SIGNET_CLIENT_CERT", err);
	if (rc == SG_OK)
		rc = check_file(opts->client_key, "SIGNET_CLIENT_KEY", err);
	return rc;
}

enum sg_rc
sg_trust_fill(struct sg_trust *trust, const struct sg_transport_opts *opts,
    struct sg_err *err)
{
	enum sg_rc rc;

	rc = check_opts(opts, err);
	if (rc == SG_OK)
		rc = sg_str_copy(opts->ca_file, &trust->ca_file, err);
	if (rc == SG_OK)
		rc = sg_str_copy(opts->client_cert, &trust->client_cert, err);
	if (rc == SG_OK)
		rc = sg_str_copy(opts->client_key, &trust->client_key, err);
	trust->tls_key = opts->tls_key;
	return rc;
}

void
sg_trust_clear(struct sg_trust *trust)
{
	free(trust->ca_file);
	free(trust->client_cert);
	free(trust->client_key);
}

static void
keep_first(CURLcode *first, CURLcode rc)
{
	if (*first == CURLE_OK)
		*first = rc;
}

static CURLcode
install_key(CURL *curl, void *ssl_ctx, void *ctx)
{
	struct sg_trust *trust = ctx;

	(void)curl;
	if (sg_tls_key_install(trust->tls_key, ssl_ctx, &trust->tls_err) !=
	    SG_OK)
		return CURLE_SSL_CERTPROBLEM;
	return CURLE_OK;
}

static CURLcode
set_client(struct sg_trust *trust, CURL *curl)
{
	CURLcode rc = CURLE_OK;

	if (trust->client_cert != NULL)
		keep_first(&rc, curl_easy_setopt(
				    curl, CURLOPT_SSLCERT, trust->client_cert));
	if (trust->client_key != NULL)
		keep_first(&rc,
		    curl_easy_setopt(curl, CURLOPT_SSLKEY, trust->client_key));
	if (trust->tls_key == NULL)
		return rc;
	sg_err_clear(&trust->tls_err);
	keep_first(
	    &rc, curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, install_key));
	keep_first(&rc, curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, trust));
	return rc;
}

CURLcode
sg_trust_set(struct sg_trust *trust, CURL *curl)
{
	CURLcode rc = CURLE_OK;
	size_t i;

	for (i = 0; i < SG_COUNT(fixed_options); i++)
		keep_first(&rc, curl_easy_setopt(curl, fixed_options[i].option,
				    fixed_options[i].value));
	keep_first(&rc, curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https"));
	if (trust->ca_file != NULL) {
		/* Else the system's folder of roots would be trusted too. */
		keep_first(&rc,
		    curl_easy_setopt(curl, CURLOPT_CAINFO, trust->ca_file));
		keep_first(&rc, curl_easy_setopt(curl, CURLOPT_CAPATH, NULL));
	}
	keep_first(&rc, set_client(trust, curl));
	return rc;
}

const char *
sg_trust_limit(const struct sg_trust *trust, CURLcode code)
{
	if (trust->tls_key == NULL || !sg_tls_key_is_limited(trust->tls_key) ||
	    (code != CURLE_SSL_CONNECT_ERROR && code != CURLE_RECV_ERROR &&
		code != CURLE_SEND_ERROR))
		return "";
	return "; the key of SIGNET_CLIENT_KEY does not sign RSA-PSS, so that "
	       "TLS 1.2 alone was offered";
}
