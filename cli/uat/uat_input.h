/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_UAT_INPUT_H
#define SG_CLI_UAT_UAT_INPUT_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_buf;
struct sg_list;

/* What the commands that make and change configurations take in. */

/**
 * The public key of --public-key as PEM, else the token's.
 *
 * @param out_pem  Free with sg_buf_free().
 * @return SG_OK; SG_E_USAGE for a file that holds none; SG_E_POLICY for one
 *         that holds a private key; the errors of keys_open_signer().
 */
enum sg_rc uat_input_pem(struct app *app, struct sg_buf **out_pem,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * The resources of --resource, else the configured tenant and site, where they
 * are set.
 *
 * @param resources  To be cleared by the caller even when this fails.
 * @return SG_OK; SG_E_USAGE when there is none.
 */
enum sg_rc uat_input_resources(struct app *app, struct sg_list *resources,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
