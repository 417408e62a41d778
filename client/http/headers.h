/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_HTTP_HEADERS_H
#define SG_CLIENT_HTTP_HEADERS_H

/* What libcurl has of an answer's head; no other layer includes it. */
#include <curl/curl.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_http_reply;

/**
 * Copy the status and the headers that signet knows into a reply. What is
 * malformed counts as absent.
 *
 * @param curl  After a transfer, and before it is used again.
 * @return SG_OK or SG_E_NOMEM.
 */
enum sg_rc sg_headers_read(
    CURL *curl, struct sg_http_reply *reply, struct sg_err *err) SG_WARN_UNUSED;

/** Is the body in a Content-Encoding? RFC 9110 §8.4. */
bool sg_headers_is_coded(CURL *curl);

#ifdef __cplusplus
}
#endif

#endif
