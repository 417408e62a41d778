/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_HTTP_URL_H
#define SG_CLIENT_HTTP_URL_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;

/*
 * URLs are taken apart by libcurl, which also connects to them, so that the
 * host that was checked is the host that is asked.
 */

/**
 * Is this an https URL that signet can use?
 *
 * Refused: another scheme, a user or password, a fragment, no host, white
 * space and control characters.
 *
 * @param name  What the error calls it, e.g. "CLOUD_MANAGER_URL".
 * @return SG_OK or SG_E_CONFIG.
 */
enum sg_rc sg_url_check(const char *url, const char *name, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Scheme, host and port of a URL, such as https://host or https://host:8443.
 *
 * Lower case; the port is left out when it is 443.
 *
 * @param out_origin  Free with sg_str_free().
 * @return SG_OK, SG_E_CONFIG as sg_url_check(), or SG_E_NOMEM.
 */
enum sg_rc sg_url_origin(const char *url, char **out_origin, struct sg_err *err)
    SG_WARN_UNUSED;

/** Do both have the same scheme, host and port? False if either is no URL. */
bool sg_url_same_origin(const char *a, const char *b);

/**
 * Put a path, with its query if it has one, behind a URL that has no query.
 *
 * Exactly one slash joins them. The result has the origin of @p base.
 *
 * @param out_url  Free with sg_str_free().
 * @return SG_OK; SG_E_USAGE for a path that no URL can hold; SG_E_CONFIG for
 *         a malformed @p base; SG_E_NOMEM.
 */
enum sg_rc sg_url_join(const char *base, const char *path, char **out_url,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * The part of a service's URL in front of /api/; all of it, without slashes
 * at its end, when there is no /api/ in its path.
 *
 * @param url       Checked before with sg_url_check().
 * @param out_base  Free with sg_str_free().
 * @return SG_OK or SG_E_NOMEM.
 */
enum sg_rc sg_url_api_base(const char *url, char **out_base, struct sg_err *err)
    SG_WARN_UNUSED;

/** Append one path segment, percent-encoded. RFC 3986 §2.1 and §3.3. */
void sg_url_add_segment(struct sg_buf *buf, const char *segment);

/**
 * Append the URL as it may be shown: no query, no fragment, no userinfo.
 *
 * What is no URL is shown as "(not a URL)".
 */
void sg_url_add_shown(struct sg_buf *buf, const char *url);

/**
 * Where may a sign-in that @p pod_url redirected go?
 *
 * Only to https, the same port, and the pod's own host; from one pod of
 * Tableau Cloud (*.online.tableau.com) also to another.
 *
 * @param from_url  The URL that answered; a relative @p location is resolved
 *                  against it.
 * @param location  The answer's Location; may be NULL.
 * @param out_url   Free with sg_str_free().
 * @return SG_OK; SG_E_POLICY, which names the host that was refused;
 *         SG_E_NOMEM.
 */
enum sg_rc sg_url_redirect(const char *pod_url, const char *from_url,
    const char *location, char **out_url, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
