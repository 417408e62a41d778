/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_UAT_INTERNAL_H
#define SG_CLIENT_UAT_UAT_INTERNAL_H

/* What uat.c, uat_copy.c, uat_create.c and uat_update.c share. */
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/uat/uat.h"

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

/** What a look for a configuration saw. */
enum sg_uat_seen {
	SG_UAT_SEEN_NOTHING,
	SG_UAT_SEEN_IT,
	SG_UAT_SEEN_LIKE_IT, /* but not quite, or more than one */
};

/** A configuration to make, and how to know it again. All borrowed. */
struct sg_uat_post {
	const char *what; /* what we are doing, for the errors */
	const struct sg_buf *body;
	/** Is it among these? Sets @p out_place where it is. */
	enum sg_uat_seen (*find)(const void *ctx,
	    const struct sg_uat_configs *configs, size_t *out_place);
	/** Append which of these have its name, and in what they differ;
	 * nothing where none has. */
	void (*describe)(const void *ctx, const struct sg_uat_configs *configs,
	    struct sg_buf *out);
	const void *ctx;
};

/**
 * Make a configuration: sent once and, when the answer is lost, looked for.
 * The caller has a session already, so that its failure leaves no doubt.
 *
 * @param out_config  As for sg_uat_create(), whose errors these are.
 */
enum sg_rc sg_uat_make(const struct sg_uat *uat, const struct sg_uat_post *post,
    struct sg_uat_config **out_config, struct sg_err *err) SG_WARN_UNUSED;

/** Wait before look number @p look, the first being 0. */
void sg_uat_pause(const struct sg_uat *uat, unsigned int look);

/** Keep other processes of this host out; nothing without a lock_path. */
enum sg_rc sg_uat_lock(const struct sg_uat *uat, struct sg_lock **out_lock,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
