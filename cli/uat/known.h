/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_KNOWN_H
#define SG_CLI_UAT_KNOWN_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_json;
struct sg_uat_config;
struct sg_uat_configs;

/*
 * Which UAT configurations carry which key, as far as this user has seen: one
 * file in SIGNET_STATE_DIR, so that a key in use is not deleted and that its
 * evidence can name its configuration, without a network. What cannot be
 * remembered is told as a hint and does not fail the command that saw it.
 */

/** The service showed a configuration; its key, if any, is remembered. What is
 * known of it stays where it shows none. */
void known_saw(struct app *app, const struct sg_uat_config *config);

/** The same of several; of none when they are more than anybody has. What is
 * not among them may be on another page. */
void known_saw_all(struct app *app, const struct sg_uat_configs *configs);

/** The configuration with this id or name is gone. */
void known_deleted(struct app *app, const char *id_or_name);

/**
 * The configurations that carry a key.
 *
 * @param thumbprint   NULL for all that are known.
 * @param out_configs  An array of objects with tenantId, configId, name,
 *                     issuer, enabled and thumbprint; NULL when there is none.
 *                     Free with sg_json_free().
 * @return SG_OK; SG_E_CONFIG without a place for state, or when what is there
 *         cannot be read.
 */
enum sg_rc known_carriers(struct app *app, const char *thumbprint,
    struct sg_json **out_configs, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
