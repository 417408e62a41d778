/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_TENANT_USERS_H
#define SG_CLIENT_TENANT_USERS_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_api;
struct sg_buf;
struct sg_json;
struct sg_paging;

/** What a user is added for, and how that user signs in. */
struct sg_user_link {
	const char *id;	  /* linkID */
	const char *role; /* linkRole, such as LINK_ADMIN */
	const char *idp;  /* OpenID or TabIDWithMFA */
};

/**
 * List a tenant's users: GET /api/v1/tenants/{tenantId}/users, scope
 * tcm_users:read, to its end.
 *
 * @param tenant_id  NULL means the session's, as sg_tenant_id().
 * @param out_users  Free with sg_paging_free().
 * @return SG_OK; as sg_paging_read() and sg_tenant_id().
 */
enum sg_rc sg_users_list(struct sg_api *api, const char *tenant_id,
    struct sg_paging **out_users, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Write the body that adds a user with one link, and no more members.
 *
 * @param out_body  JSON. Free with sg_buf_free().
 */
enum sg_rc sg_users_body(const struct sg_user_link *link,
    struct sg_buf **out_body, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Add a user: POST /api/v1/tenants/{tenantId}/users, scope tcm_users:create.
 * Sent once, never repeated.
 *
 * @param body      JSON, sent as it is.
 * @param out_user  As sg_exchange(). Free with sg_json_free().
 * @return SG_OK; as sg_exchange() and sg_tenant_id(). Where the user may have
 *         been added all the same, the error says so.
 */
enum sg_rc sg_users_add(struct sg_api *api, const char *tenant_id,
    const struct sg_buf *body, struct sg_json **out_user, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
