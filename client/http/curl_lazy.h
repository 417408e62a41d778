/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_HTTP_CURL_LAZY_H
#define SG_CLIENT_HTTP_CURL_LAZY_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Load libcurl, if that was not done yet.
 *
 * signet is not linked with it: loading it and some thirty libraries behind it
 * takes longer than a signature, and most runs speak to no service. The
 * functions of <curl/curl.h> that signet uses are defined in curl_lazy.c and
 * load it when they are called.
 *
 * @return SG_OK; SG_E_NETWORK when it is not installed.
 * Any thread.
 */
enum sg_rc sg_curl_lazy_load(struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
