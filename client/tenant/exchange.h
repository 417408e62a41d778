/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_TENANT_EXCHANGE_H
#define SG_CLIENT_TENANT_EXCHANGE_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_api;
struct sg_api_request;
struct sg_json;

/**
 * Make a call and read the JSON object that answers it.
 *
 * @param what      What we are doing, for the error.
 * @param out_json  Free with sg_json_free(). NULL after a success without a
 *                  body: what a method that changes something answers is not
 *                  established.
 * @return SG_OK; as sg_api_call(); SG_E_REFUSED when the answer is no object.
 */
enum sg_rc sg_exchange(struct sg_api *api, const struct sg_api_request *request,
    const char *what, struct sg_json **out_json, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
