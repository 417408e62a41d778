/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_HTTP_INTAKE_H
#define SG_CLIENT_HTTP_INTAKE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/http/http.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/**
 * Takes the body of one answer from libcurl: into memory, up to a bound, or
 * the body of a success into a sink. Of headers, which libcurl keeps, it takes
 * no more than http.h says. Fill in the first part, zero the rest.
 */
struct sg_intake {
	CURL *curl;			 /* borrowed */
	const struct sg_http_sink *sink; /* borrowed; NULL: into memory */
	struct sg_buf *body;		 /* borrowed */

	size_t header_bytes;
	size_t header_lines;
	bool headers_too_large; /* which made libcurl stop */
	bool has_begun;		/* the sink's body */
	int64_t bytes;		/* that the sink took */
	struct sg_err err;	/* of the sink, which made libcurl stop */
};

/** Let libcurl hand the answer over, within the limits of http.h. */
CURLcode sg_intake_set(struct sg_intake *intake, int64_t timeout_ms);

/** After a success without a body, tell the sink of an empty one. */
enum sg_rc sg_intake_end(struct sg_intake *intake, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
