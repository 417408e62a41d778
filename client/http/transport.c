/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/curl_lazy.h"
#include "client/http/transport.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "client/http/headers.h"
#include "client/http/intake.h"
#include "client/http/trust.h"
#include "client/http/url.h"
#include "pkcs11/token.h"

#define HEADER_MAX (SG_SECRET_MAX + 256)
#define SHOWN_MAX  1024

struct transport {
	CURL *curl;
	char *user_agent;
	struct sg_trust trust;
	int64_t connect_timeout_ms;
	const struct sg_call_hooks *tls_hooks; /* NULL without a tls_key */
};

/* Whether it was sent is asked of libcurl, except where a repeat is vain. */
static const struct {
	CURLcode code;
	enum sg_rc rc;
	bool broken;
	const char *advice;
} failures[] = {
    {CURLE_OUT_OF_MEMORY, SG_E_NOMEM, true, "free some memory"},
    {CURLE_URL_MALFORMAT, SG_E_CONFIG, true, "check the URL"},
    /* of an answer: that a URL begins with https is seen to before */
    {CURLE_UNSUPPORTED_PROTOCOL, SG_E_NETWORK, true,
	"what answers there speaks no HTTP; check the host, port and proxy"},
    {CURLE_SSL_CACERT_BADFILE, SG_E_CONFIG, true,
	"SIGNET_CA_FILE must hold certificates in PEM"},
    {CURLE_SSL_CERTPROBLEM, SG_E_CONFIG, true,
	"check SIGNET_CLIENT_CERT and SIGNET_CLIENT_KEY"},
    {CURLE_PEER_FAILED_VERIFICATION, SG_E_NETWORK, true,
	"set SIGNET_CA_FILE to the CA that the host's certificate comes from"},
    {CURLE_SSL_ISSUER_ERROR, SG_E_NETWORK, true,
	"set SIGNET_CA_FILE to the CA that the host's certificate comes from"},
    {CURLE_OPERATION_TIMEDOUT, SG_E_TIMEOUT, false,
	"raise SIGNET_TIMEOUT if it should take so long"},
    {CURLE_COULDNT_RESOLVE_HOST, SG_E_NETWORK, false,
	"check the host's name and the network"},
    {CURLE_COULDNT_RESOLVE_PROXY, SG_E_NETWORK, false, "check HTTPS_PROXY"},
    {CURLE_PROXY, SG_E_NETWORK, false, "check HTTPS_PROXY"},
    {CURLE_COULDNT_CONNECT, SG_E_NETWORK, false,
	"check the network, the firewall and HTTPS_PROXY"},
    {CURLE_SSL_CONNECT_ERROR, SG_E_NETWORK, false,
	"TLS 1.2 or later is needed; a proxy may be in between"},
};

/* libcurl copies each header: the copies are wiped here. */
static void
free_headers(struct curl_slist **headers)
{
	struct curl_slist *h;

	for (h = *headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(*headers);
	*headers = NULL;
}

#define AUTO_HEADERS __attribute__((cleanup(free_headers))) struct curl_slist *

static enum sg_rc
add_header(struct curl_slist **headers, const char *name, const char *value,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) line = sg_buf_new(HEADER_MAX);
	struct curl_slist *longer;
	const char *p;
	enum sg_rc rc;

	for (p = value; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return sg_fail_native(err, SG_E_USAGE, SG_HTTP_BARRED,
			    "the header %s would hold a control character",
			    name);
	/* Without a value "Name:" takes libcurl's own header away. */
	sg_buf_addf(line, "%s:%s%s", name, *value != '\0' ? " " : "", value);
	rc = sg_buf_check(line, "a header", err);
	if (rc != SG_OK)
		return rc;
	longer = curl_slist_append(*headers, sg_buf_str(line));
	if (longer == NULL)
		return sg_fail_nomem(err);
	*headers = longer;
	return SG_OK;
}

static enum sg_rc
make_headers(const struct sg_http_request *request, struct curl_slist **headers,
    struct sg_err *err)
{
	enum sg_rc rc;

	rc = add_header(headers, "Accept",
	    request->accept != NULL ? request->accept : "application/json",
	    err);
	if (rc == SG_OK)
		rc = add_header(headers, "Content-Type",
		    request->content_type != NULL ? request->content_type : "",
		    err);
	if (rc == SG_OK) /* without it any coding would do: RFC 9110 §12.5.3 */
		rc = add_header(headers, "Accept-Encoding", "identity", err);
	if (rc == SG_OK) /* no round trip before the body */
		rc = add_header(headers, "Expect", "", err);
	if (rc == SG_OK && request->if_match != NULL)
		rc = add_header(headers, "If-Match", request->if_match, err);
	if (rc == SG_OK && request->auth != NULL)
		rc = add_header(headers, request->auth_header,
		    sg_secret_reveal(request->auth), err);
	return rc;
}

static void
keep_first(CURLcode *first, CURLcode rc)
{
	if (*first == CURLE_OK)
		*first = rc;
}

static CURLcode
set_method(CURL *curl, const struct sg_http_request *request)
{
	CURLcode rc = CURLE_OK;
	bool is_get = strcmp(request->method, "GET") == 0;
	bool is_head = strcmp(request->method, "HEAD") == 0;
	bool is_post = strcmp(request->method, "POST") == 0;

	/* On a reused connection that proves dead, libcurl sends again. */
	keep_first(&rc, curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT,
			    is_get || is_head ? 0L : 1L));
	if (is_head)
		keep_first(&rc, curl_easy_setopt(curl, CURLOPT_NOBODY, 1L));
	if (request->body != NULL || is_post) {
		keep_first(
		    &rc, curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
			     request->body != NULL ? request->body : ""));
		keep_first(&rc,
		    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
			(curl_off_t)(request->body != NULL ? request->body_len
							   : 0)));
	}
	if (!is_head)
		keep_first(&rc, curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST,
				    request->method));
	return rc;
}

static CURLcode
set_request(struct transport *t, const struct sg_http_request *request,
    struct curl_slist *headers, int64_t timeout_ms, struct sg_intake *intake)
{
	CURL *curl = t->curl;
	int64_t connect_ms = t->connect_timeout_ms < timeout_ms
				 ? t->connect_timeout_ms
				 : timeout_ms;
	CURLcode rc = CURLE_OK;

	curl_easy_reset(curl); /* keeps the connections */
	keep_first(&rc, sg_trust_set(&t->trust, curl));
	keep_first(&rc, set_method(curl, request));
	keep_first(&rc, curl_easy_setopt(curl, CURLOPT_URL, request->url));
	keep_first(
	    &rc, curl_easy_setopt(curl, CURLOPT_USERAGENT, t->user_agent));
	keep_first(&rc, curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers));
	keep_first(&rc, curl_easy_setopt(
			    curl, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms));
	keep_first(&rc, sg_intake_set(intake, timeout_ms));
	return rc;
}

static enum sg_http_fault
fault_of(CURL *curl, bool broken)
{
	curl_off_t pretransfer_us = 0;

	(void)curl_easy_getinfo(
	    curl, CURLINFO_PRETRANSFER_TIME_T, &pretransfer_us);
	if (pretransfer_us > 0)
		return broken ? SG_HTTP_BROKEN : SG_HTTP_LOST;
	return broken ? SG_HTTP_BARRED : SG_HTTP_NOT_SENT;
}

/* The word of libcurl for a header line that is beyond its own bound, which is
 * above ours; before 8.6 it is that it is out of memory. */
#if LIBCURL_VERSION_NUM >= 0x080600
#define LINE_TOO_LARGE CURLE_TOO_LARGE
#else
#define LINE_TOO_LARGE CURLE_OUT_OF_MEMORY
#endif

static bool
headers_are_too_large(
    const struct transport *t, CURLcode code, const struct sg_intake *intake)
{
	return intake->headers_too_large ||
	       (code == LINE_TOO_LARGE &&
		   fault_of(t->curl, false) == SG_HTTP_LOST);
}

static enum sg_rc
failed(const struct transport *t, CURLcode code, const char *detail,
    const struct sg_http_request *request, const struct sg_intake *intake,
    struct sg_err *err)
{
	const struct sg_buf *body = intake->body;
	SG_AUTO(sg_buf) shown = sg_buf_new(SHOWN_MAX);
	enum sg_rc rc = SG_E_NETWORK;
	const char *advice = "the connection was lost";
	bool broken = false;
	size_t i;

	if (body->out_of_memory)
		return sg_fail_nomem(err);
	if (intake->err.rc != SG_OK)
		return sg_fail_again(err, intake->err.rc, &intake->err);
	if (t->trust.tls_err.rc != SG_OK)
		return sg_fail_native(err, t->trust.tls_err.rc,
		    fault_of(t->curl, true), "%s", t->trust.tls_err.text);
	sg_url_add_shown(shown, request->url);
	if (body->too_large)
		return sg_fail_native(err, SG_E_NETWORK, SG_HTTP_BROKEN,
		    "%s %s: the answer is larger than %zu bytes and was cut "
		    "off; ask for less at a time",
		    request->method, sg_buf_str(shown), body->max);
	if (headers_are_too_large(t, code, intake))
		return sg_fail_native(err, SG_E_NETWORK, SG_HTTP_BROKEN,
		    "%s %s: the answer's headers are larger than %d bytes or "
		    "more than %d lines; a proxy may be in between",
		    request->method, sg_buf_str(shown), SG_HTTP_HEADERS_MAX,
		    SG_HTTP_HEADERS_MAX_LINES);
	for (i = 0; i < SG_COUNT(failures); i++) {
		if (failures[i].code != code)
			continue;
		rc = failures[i].rc;
		advice = failures[i].advice;
		broken = failures[i].broken;
	}
	/* The detail of a proxy quotes its URL, password included. */
	if (detail[0] == '\0' || strcasestr(detail, "proxy") != NULL)
		detail = curl_easy_strerror(code);
	return sg_fail_native(err, rc, fault_of(t->curl, broken),
	    "%s %s: %s; %s%s", request->method, sg_buf_str(shown), detail,
	    advice, sg_trust_limit(&t->trust, code));
}

/* A compressed answer is not unpacked: it may unpack to any size. The status of
 * an error is told without it; what goes to a sink goes there as it came. */
static enum sg_rc
check_coding(struct transport *t, const struct sg_http_request *request,
    struct sg_http_reply *reply, struct sg_err *err)
{
	SG_AUTO(sg_buf) shown = NULL;

	if (reply->body->len == 0 || !sg_headers_is_coded(t->curl))
		return SG_OK;
	if (reply->status < 200 || reply->status > 299) {
		sg_buf_reset(reply->body);
		return SG_OK;
	}
	shown = sg_buf_new(SHOWN_MAX);
	sg_url_add_shown(shown, request->url);
	return sg_fail_native(err, SG_E_NETWORK, SG_HTTP_BROKEN,
	    "%s %s: the answer is compressed, which was not asked for; a proxy "
	    "may be in between",
	    request->method, sg_buf_str(shown));
}

static enum sg_rc
perform(void *ctx, const struct sg_http_request *request, int64_t timeout_ms,
    struct sg_http_reply **out_reply, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = sg_http_reply_new(request->max_reply);
	AUTO_HEADERS headers = NULL;
	char detail[CURL_ERROR_SIZE] = "";
	struct transport *t = ctx;
	struct sg_intake intake = {.curl = t->curl, .sink = request->sink};
	enum sg_rc rc;
	CURLcode code;

	if (reply == NULL)
		return sg_fail_nomem(err);
	intake.body = reply->body;
	rc = make_headers(request, &headers, err);
	if (rc != SG_OK)
		return rc;
	code = set_request(t, request, headers, timeout_ms, &intake);
	if (code != CURLE_OK)
		return sg_fail_native(err, SG_E_INTERNAL, SG_HTTP_BARRED,
		    "set up libcurl: %s", curl_easy_strerror(code));
	(void)curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, detail);
	if (t->tls_hooks != NULL)
		t->tls_hooks->begin(t->tls_hooks->ctx, "TLS");
	code = curl_easy_perform(t->curl);
	if (t->tls_hooks != NULL)
		t->tls_hooks->end(t->tls_hooks->ctx, NULL);
	(void)curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, NULL);
	if (code != CURLE_OK)
		rc = failed(t, code, detail, request, &intake, err);
	else
		rc = sg_intake_end(&intake, err);
	if (rc == SG_OK)
		rc = sg_headers_read(t->curl, reply, err);
	if (rc == SG_OK)
		rc = check_coding(t, request, reply, err);
	reply->sunk_bytes = intake.bytes;
	curl_easy_reset(t->curl); /* it points to headers that go away */
	if (rc != SG_OK)
		return rc;
	*out_reply = reply;
	reply = NULL; /* now the caller's */
	return SG_OK;
}

static void
sleep_ms(void *ctx, int64_t duration_ms)
{
	struct timespec left = sg_clock_timespec(duration_ms);

	(void)ctx;
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

static int64_t
mono_ms(void *ctx)
{
	(void)ctx;
	return sg_clock_mono_ms();
}

static void
close_transport(void *ctx)
{
	struct transport *t = ctx;

	curl_easy_cleanup(t->curl);
	curl_global_cleanup();
	free(t->user_agent);
	sg_trust_clear(&t->trust);
	free(t);
}

static enum sg_rc
fill_transport(struct transport *t, const struct sg_transport_opts *opts,
    struct sg_err *err)
{
	enum sg_rc rc;

	t->tls_hooks = opts->tls_key != NULL ? opts->tls_hooks : NULL;
	t->connect_timeout_ms = opts->connect_timeout_ms > 0
				    ? opts->connect_timeout_ms
				    : SG_TRANSPORT_CONNECT_MS;
	t->curl = curl_easy_init();
	if (t->curl == NULL)
		return sg_fail(err, SG_E_INTERNAL, "start libcurl");
	rc = sg_str_copy(opts->user_agent != NULL ? opts->user_agent : "signet",
	    &t->user_agent, err);
	if (rc == SG_OK)
		rc = sg_trust_fill(&t->trust, opts, err);
	return rc;
}

enum sg_rc
sg_transport_open(const struct sg_transport_opts *opts,
    struct sg_http **out_http, struct sg_err *err)
{
	static const struct sg_transport_opts defaults = {0};
	static const struct sg_http_ops ops = {
	    .perform = perform,
	    .sleep_ms = sleep_ms,
	    .mono_ms = mono_ms,
	    .close = close_transport,
	};
	struct transport *t;
	enum sg_rc rc;

	if (opts == NULL)
		opts = &defaults;
	rc = sg_curl_lazy_load(err);
	if (rc != SG_OK)
		return rc;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return sg_fail_nomem(err);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(t);
		return sg_fail(err, SG_E_INTERNAL, "start libcurl");
	}
	rc = fill_transport(t, opts, err);
	if (rc == SG_OK)
		rc = sg_http_new(&ops, t, &opts->http, out_http, err);
	if (rc != SG_OK)
		close_transport(t);
	return rc;
}
