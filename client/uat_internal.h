/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_INTERNAL_H
#define SG_CLIENT_UAT_INTERNAL_H

/* What uat.c, uat_create.c and uat_update.c share. */
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/uat.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_api_request;
struct sg_buf;
struct sg_http_reply;
struct sg_json;
struct sg_lock;

/* Most looks for what a lost answer may have told of. */
#define SG_UAT_LOOKS 3

/** The path of all configurations, borrowed. */
const char *sg_uat_all(const struct sg_uat *uat);

/** The path of one. Free with sg_buf_free(). */
enum sg_rc sg_uat_path(const struct sg_uat *uat, const char *id,
    struct sg_buf **out_path, struct sg_err *err) SG_WARN_UNUSED;

/** The handle of what the caller named. Free with sg_str_free(). */
enum sg_rc sg_uat_resolve(const struct sg_uat *uat, const char *id_or_name,
    char **out_id, struct sg_err *err) SG_WARN_UNUSED;

/**
 * One configuration, as it came.
 *
 * @param out_etag  May be NULL; set when the service gives a strong one. Free
 * with sg_str_free().
 */
enum sg_rc sg_uat_fetch(const struct sg_uat *uat, const char *id,
    struct sg_json **out_json, char **out_etag, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Send what changes something; or, with uat->preview, only show it.
 *
 * @param out_reply  NULL when it was only shown.
 */
enum sg_rc sg_uat_send(const struct sg_uat *uat,
    const struct sg_api_request *request, const char *what,
    struct sg_http_reply **out_reply, struct sg_err *err) SG_WARN_UNUSED;

/** Can it be that the service did what it did not tell us of? */
bool sg_uat_in_doubt(enum sg_rc rc, long native);

/** Wait before look number @p look, the first being 0. */
void sg_uat_pause(const struct sg_uat *uat, unsigned int look);

/** Keep other processes of this host out; nothing without a lock_path. */
enum sg_rc sg_uat_lock(const struct sg_uat *uat, struct sg_lock **out_lock,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
