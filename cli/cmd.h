/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CMD_H
#define SG_CLI_CMD_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;

/* One function per row of commands[]; the product goes to app->out. */
enum sg_rc cmd_token_list(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_key_generate(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_key_list(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_key_show(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_key_export(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_key_audit(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_key_delete(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_key_evidence(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_key_csr(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_key_cert(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_doctor(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_jwt_sign(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_jwt_inspect(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_jwt_verify(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_jwks_build(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_jwks_check(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_jwks_serve(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_create(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_list(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_get(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_check(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_update(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_enable(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_disable(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_delete(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_stop(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_revoke(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_uat_rotate(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_login_tcm(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_login_tableau(struct app *app, struct sg_err *err)
    SG_WARN_UNUSED;
enum sg_rc cmd_logout(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_status(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_api_tcm(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_api_tableau(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_api_download(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_exec(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_tenant_get(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_site_list(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_user_list(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_user_add(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_oidc_get(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_oidc_set(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_version(struct app *app, struct sg_err *err) SG_WARN_UNUSED;
enum sg_rc cmd_help(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
