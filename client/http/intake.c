/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http/intake.h"

#include "base/buf.h"

/* The body of a refusal is for the error, and never the product. */
static bool
is_for_sink(const struct sg_intake *intake)
{
	long status = 0;

	if (intake->sink == NULL)
		return false;
	(void)curl_easy_getinfo(intake->curl, CURLINFO_RESPONSE_CODE, &status);
	return status >= 200 && status <= 299;
}

static enum sg_rc
begin(struct sg_intake *intake, struct sg_err *err)
{
	curl_off_t total = -1;

	if (intake->has_begun)
		return SG_OK;
	intake->has_begun = true;
	if (curl_easy_getinfo(intake->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
		&total) != CURLE_OK)
		total = -1;
	return intake->sink->begin(intake->sink->ctx, total, err);
}

/* Returning less than was given makes libcurl stop. */
static size_t
take(char *data, size_t size, size_t count, void *ctx)
{
	struct sg_intake *intake = ctx;
	struct sg_buf *body = intake->body;
	size_t len = size * count;
	enum sg_rc rc;

	if (!is_for_sink(intake)) {
		sg_buf_add(body, data, len);
		return body->too_large || body->out_of_memory ? 0 : len;
	}
	rc = begin(intake, &intake->err);
	if (rc == SG_OK)
		rc = intake->sink->take(
		    intake->sink->ctx, data, len, &intake->err);
	if (rc != SG_OK)
		return 0;
	intake->bytes += (int64_t)len;
	return len;
}

/* libcurl's own bound leaves out what comes behind the body. */
static size_t
count_header(char *data, size_t size, size_t count, void *ctx)
{
	struct sg_intake *intake = ctx;
	size_t len = size * count;

	(void)data;
	intake->header_bytes += len;
	intake->header_lines++;
	intake->headers_too_large =
	    intake->header_bytes > SG_HTTP_HEADERS_MAX ||
	    intake->header_lines > SG_HTTP_HEADERS_MAX_LINES;
	return intake->headers_too_large ? 0 : len;
}

static CURLcode
set_limits(const struct sg_intake *intake, int64_t timeout_ms)
{
	CURL *curl = intake->curl;
	CURLcode rc;

	if (intake->sink == NULL)
		return curl_easy_setopt(
		    curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	rc = curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)SG_HTTP_SINK_MS);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT,
		    (long)SG_HTTP_SLOWEST_BYTES_S);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
		    (long)((timeout_ms + 999) / 1000));
	return rc;
}

CURLcode
sg_intake_set(struct sg_intake *intake, int64_t timeout_ms)
{
	CURLcode rc;

	rc = set_limits(intake, timeout_ms);
	if (rc == CURLE_OK)
		rc =
		    curl_easy_setopt(intake->curl, CURLOPT_WRITEFUNCTION, take);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(intake->curl, CURLOPT_WRITEDATA, intake);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(
		    intake->curl, CURLOPT_HEADERFUNCTION, count_header);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(intake->curl, CURLOPT_HEADERDATA, intake);
	return rc;
}

enum sg_rc
sg_intake_end(struct sg_intake *intake, struct sg_err *err)
{
	return is_for_sink(intake) ? begin(intake, err) : SG_OK;
}
