/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/curl_lazy.h"
#include "client/http/headers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/text.h"
#include "client/http/http.h"

/* Of several headers of this name one, or NULL; valid until the next request.
 */
static const char *
nth_header(CURL *curl, const char *name, size_t n)
{
	struct curl_header *header = NULL;

	if (curl_easy_header(curl, name, n, CURLH_HEADER, -1, &header) !=
	    CURLHE_OK)
		return NULL;
	return header->value;
}

static const char *
header_of(CURL *curl, const char *name)
{
	return nth_header(curl, name, 0);
}

/* Several headers of one name are one list, no longer than they were apart.
 * RFC 9110 §5.3. */
static enum sg_rc
copy_list(CURL *curl, const char *name, char **out_value, struct sg_err *err)
{
	SG_AUTO(sg_buf) joined = sg_buf_new(SG_HTTP_HEADERS_MAX);
	const char *value;
	enum sg_rc rc;
	size_t n;

	for (n = 0; (value = nth_header(curl, name, n)) != NULL; n++)
		sg_buf_addf(joined, "%s%s", n > 0 ? ", " : "", value);
	rc = sg_buf_check(joined, "a header of the answer", err);
	if (rc != SG_OK || n == 0)
		return rc;
	return sg_str_copy(sg_buf_str(joined), out_value, err);
}

/* RFC 9111 §5.1; what is no number counts as absent. */
static int64_t
age_of(CURL *curl)
{
	const char *text = header_of(curl, "Age");
	size_t digits = text != NULL ? strspn(text, "0123456789") : 0;

	if (digits == 0 || digits > 10 || text[digits] != '\0')
		return 0;
	return strtoll(text, NULL, 10);
}

/*
 * A number of seconds, or a date, which is compared with the Date of the answer
 * since this host's clock may be wrong. RFC 9110 §10.2.3. What is neither
 * counts as absent.
 */
static int64_t
retry_after_of(CURL *curl, int64_t date_s)
{
	const char *text = header_of(curl, "Retry-After");
	size_t digits = text != NULL ? strspn(text, "0123456789") : 0;
	int64_t at_s;

	if (text == NULL)
		return 0;
	if (digits > 0 && text[digits] == '\0')
		return digits < 10 ? strtoll(text, NULL, 10) : INT32_MAX;
	at_s = (int64_t)curl_getdate(text, NULL);
	if (date_s == 0)
		date_s = (int64_t)time(NULL);
	return at_s > date_s ? at_s - date_s : 0;
}

static enum sg_rc
copy_header(CURL *curl, const char *name, char **out_value, struct sg_err *err)
{
	const char *value = header_of(curl, name);

	if (value == NULL)
		return SG_OK;
	*out_value = strdup(value);
	return *out_value != NULL ? SG_OK : sg_fail_nomem(err);
}

enum sg_rc
sg_headers_read(CURL *curl, struct sg_http_reply *reply, struct sg_err *err)
{
	const char *date = header_of(curl, "Date");
	long status = 0;
	time_t date_s;
	enum sg_rc rc;

	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	date_s = date != NULL ? curl_getdate(date, NULL) : -1;
	reply->date_s = date_s > 0 ? date_s : 0;
	reply->retry_after_s = retry_after_of(curl, reply->date_s);
	reply->age_s = age_of(curl);
	rc = copy_header(curl, "Content-Type", &reply->content_type, err);
	if (rc == SG_OK)
		rc = copy_header(curl, "Location", &reply->location, err);
	if (rc == SG_OK)
		rc = copy_header(curl, "ETag", &reply->etag, err);
	if (rc == SG_OK)
		rc = copy_list(
		    curl, "Cache-Control", &reply->cache_control, err);
	return rc;
}

bool
sg_headers_is_coded(CURL *curl)
{
	const char *coding = header_of(curl, "Content-Encoding");

	return coding != NULL && strcasecmp(coding, "identity") != 0;
}
