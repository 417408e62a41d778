/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/url.h"

#include <ctype.h>
#include <curl/curl.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "client/http/curl_lazy.h"

/* Where the pods of Tableau Cloud are. */
#define CLOUD_DOMAIN ".online.tableau.com"

#define URL_MAX	     (64 * 1024)

static void
free_url(CURLU **url)
{
	curl_url_cleanup(*url);
	*url = NULL;
}

static void
free_part(char **part)
{
	curl_free(*part);
	*part = NULL;
}

#define AUTO_URL  __attribute__((cleanup(free_url))) CURLU *
#define AUTO_PART __attribute__((cleanup(free_part))) char *

/* A white space or control character may end a header or hide a host. */
static bool
has_odd_bytes(const char *url)
{
	for (; *url != '\0'; url++)
		if (*url <= 0x20 || *url >= 0x7f)
			return true;
	return false;
}

static bool
has_part(CURLU *url, CURLUPart part)
{
	AUTO_PART text = NULL;

	return curl_url_get(url, part, &text, 0) == CURLUE_OK;
}

static bool
is_https(CURLU *url)
{
	AUTO_PART scheme = NULL;

	return curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	       strcmp(scheme, "https") == 0;
}

/* What is wrong with a URL, in words; NULL when nothing is. */
static const char *
fault_of(const char *text, CURLU *url)
{
	CURLUcode rc;

	if (text == NULL || *text == '\0')
		return "is empty";
	if (has_odd_bytes(text))
		return "holds a space or a character that is not ASCII";
	rc = curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
	if (rc != CURLUE_OK)
		return "is not a URL; write https://HOST";
	if (!is_https(url))
		return "does not start with https://; use https";
	if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
		return "holds a user name or password; leave it out";
	if (has_part(url, CURLUPART_FRAGMENT))
		return "has a fragment (#); leave it out";
	return NULL;
}

/* Parse and check; errors are told with the code that the caller wants. */
static enum sg_rc
take_apart(const char *text, const char *name, enum sg_rc code, CURLU **out_url,
    struct sg_err *err)
{
	AUTO_URL url = NULL;
	SG_AUTO(sg_buf) shown = NULL;
	const char *fault;
	enum sg_rc rc;

	rc = sg_curl_lazy_load(err);
	if (rc != SG_OK)
		return rc;
	url = curl_url();
	if (url == NULL)
		return sg_fail_nomem(err);
	fault = fault_of(text, url);
	if (fault != NULL) {
		shown = sg_buf_new(URL_MAX);
		sg_url_add_shown(shown, text);
		return sg_fail(
		    err, code, "%s %s: %s", name, fault, sg_buf_str(shown));
	}
	*out_url = url;
	url = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_url_check(const char *url, const char *name, struct sg_err *err)
{
	AUTO_URL parts = NULL;

	return take_apart(url, name, SG_E_CONFIG, &parts, err);
}

/* Host names are compared in lower case. RFC 3986 §6.2.2.1. */
static char *
host_of(CURLU *url)
{
	AUTO_PART host = NULL;
	char *copy;
	char *p;

	if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return NULL;
	copy = strdup(host);
	for (p = copy; p != NULL && *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

enum sg_rc
sg_url_origin(const char *url, char **out_origin, struct sg_err *err)
{
	AUTO_URL parts = NULL;
	AUTO_PART port = NULL;
	SG_AUTO_STR host = NULL;
	char *origin = NULL;
	enum sg_rc rc;

	rc = take_apart(url, "the URL", SG_E_CONFIG, &parts, err);
	if (rc != SG_OK)
		return rc;
	host = host_of(parts);
	if (host == NULL || curl_url_get(parts, CURLUPART_PORT, &port,
				CURLU_DEFAULT_PORT) != CURLUE_OK)
		return sg_fail_nomem(err);
	if (asprintf(&origin, "https://%s%s%s", host,
		strcmp(port, "443") != 0 ? ":" : "",
		strcmp(port, "443") != 0 ? port : "") < 0)
		return sg_fail_nomem(err);
	*out_origin = origin;
	return SG_OK;
}

bool
sg_url_same_origin(const char *a, const char *b)
{
	SG_AUTO_STR origin_a = NULL;
	SG_AUTO_STR origin_b = NULL;

	return sg_url_origin(a, &origin_a, NULL) == SG_OK &&
	       sg_url_origin(b, &origin_b, NULL) == SG_OK &&
	       strcmp(origin_a, origin_b) == 0;
}

static size_t
len_without_slashes(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '/')
		len--;
	return len;
}

enum sg_rc
sg_url_join(
    const char *base, const char *path, char **out_url, struct sg_err *err)
{
	AUTO_URL parts = NULL;
	AUTO_URL joined = NULL;
	SG_AUTO_STR url = NULL;
	enum sg_rc rc;

	rc = take_apart(base, "the URL", SG_E_CONFIG, &parts, err);
	if (rc != SG_OK)
		return rc;
	if (has_part(parts, CURLUPART_QUERY))
		return sg_fail(
		    err, SG_E_CONFIG, "the URL has a query (?); leave it out");
	if (asprintf(&url, "%.*s/%s", (int)len_without_slashes(base), base,
		path + strspn(path, "/")) < 0) {
		url = NULL; /* undefined after a failure */
		return sg_fail_nomem(err);
	}
	rc = take_apart(url, "the path", SG_E_USAGE, &joined, err);
	if (rc != SG_OK)
		return rc;
	*out_url = url;
	url = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_url_api_base(const char *url, char **out_base, struct sg_err *err)
{
	/* A host may be called "api": look behind it. */
	const char *host = strstr(url, "://");
	const char *api = host != NULL ? strstr(host + 3, "/api/") : NULL;
	size_t len = api != NULL ? (size_t)(api - url) : strlen(url);
	char *base;

	base = strndup(url, len);
	if (base == NULL)
		return sg_fail_nomem(err);
	base[len_without_slashes(base)] = '\0';
	if (api == NULL && sg_text_ends(base, "/api") &&
	    !sg_text_ends(base, "//api"))
		base[strlen(base) - strlen("/api")] = '\0';
	*out_base = base;
	return SG_OK;
}

void
sg_url_add_segment(struct sg_buf *buf, const char *segment)
{
	for (; *segment != '\0'; segment++) {
		unsigned char c = (unsigned char)*segment;

		/* RFC 3986 §2.3; isalnum() would ask the locale. */
		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || strchr("-._~", c) != NULL)
			sg_buf_add_byte(buf, c);
		else
			sg_buf_addf(buf, "%%%02X", (unsigned int)c);
	}
}

void
sg_url_add_shown(struct sg_buf *buf, const char *url)
{
	static const CURLUPart hidden[] = {
	    CURLUPART_USER,
	    CURLUPART_PASSWORD,
	    CURLUPART_OPTIONS,
	    CURLUPART_QUERY,
	    CURLUPART_FRAGMENT,
	};
	AUTO_URL parts = curl_url();
	AUTO_PART shown = NULL;
	size_t i;

	if (parts == NULL || url == NULL || has_odd_bytes(url) ||
	    curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) !=
		CURLUE_OK) {
		sg_buf_add_str(buf, "(not a URL)");
		return;
	}
	for (i = 0; i < SG_COUNT(hidden); i++)
		(void)curl_url_set(parts, hidden[i], NULL, 0);
	if (curl_url_get(parts, CURLUPART_URL, &shown, 0) == CURLUE_OK)
		sg_buf_add_str(buf, shown);
}

/* Equal, or both pods of Tableau Cloud: which other domains belong together,
 * and which are everybody's (co.uk), a name does not tell. */
static bool
host_is_allowed(const char *pod, const char *host)
{
	return strcmp(pod, host) == 0 || (sg_text_ends(pod, CLOUD_DOMAIN) &&
					     sg_text_ends(host, CLOUD_DOMAIN));
}

static bool
same_port(CURLU *a, CURLU *b)
{
	AUTO_PART port_a = NULL;
	AUTO_PART port_b = NULL;

	return curl_url_get(a, CURLUPART_PORT, &port_a, CURLU_DEFAULT_PORT) ==
		   CURLUE_OK &&
	       curl_url_get(b, CURLUPART_PORT, &port_b, CURLU_DEFAULT_PORT) ==
		   CURLUE_OK &&
	       strcmp(port_a, port_b) == 0;
}

static enum sg_rc
check_target(CURLU *pod, CURLU *target, struct sg_err *err)
{
	SG_AUTO_STR pod_host = host_of(pod);
	SG_AUTO_STR host = host_of(target);

	if (pod_host == NULL || host == NULL)
		return sg_fail_nomem(err);
	if (!host_is_allowed(pod_host, host) || !same_port(pod, target))
		return sg_fail(err, SG_E_POLICY,
		    "redirected to %s, which is neither the pod %s nor another "
		    "pod of Tableau Cloud, or is on another port; nothing was sent there; set "
		    "TABLEAU_CLOUD_POD_URL if the pod has moved",
		    host, pod_host);
	return SG_OK;
}

enum sg_rc
sg_url_redirect(const char *pod_url, const char *from_url, const char *location,
    char **out_url, struct sg_err *err)
{
	AUTO_URL pod = NULL;
	AUTO_URL from = NULL;
	AUTO_URL target = NULL;
	AUTO_PART resolved = NULL;
	char *copy;
	enum sg_rc rc;

	rc = take_apart(pod_url, "the pod", SG_E_POLICY, &pod, err);
	if (rc == SG_OK)
		rc = take_apart(from_url, "the pod", SG_E_POLICY, &from, err);
	if (rc != SG_OK)
		return rc;
	/* Setting a URL on one that is there resolves it against that. */
	if (location == NULL || *location == '\0' || has_odd_bytes(location) ||
	    curl_url_set(from, CURLUPART_URL, location,
		CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
	    curl_url_get(from, CURLUPART_URL, &resolved, 0) != CURLUE_OK)
		return sg_fail(err, SG_E_POLICY,
		    "redirected to nowhere: the Location is absent or "
		    "malformed");
	rc = take_apart(
	    resolved, "the redirect's target", SG_E_POLICY, &target, err);
	if (rc == SG_OK)
		rc = check_target(pod, target, err);
	if (rc != SG_OK)
		return rc;
	copy = strdup(resolved);
	if (copy == NULL)
		return sg_fail_nomem(err);
	*out_url = copy;
	return SG_OK;
}
