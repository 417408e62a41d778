/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_PREFLIGHT_FACTS_H
#define SG_CLI_UAT_PREFLIGHT_FACTS_H

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "cli/conf.h"
#include "client/check/jwks_check.h"
#include "client/check/preflight.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_uat_config;
struct sg_uat_configs;

/** The facts of a preflight, and what they borrow. Zero it; clear it. */
struct preflight_facts {
	struct sg_preflight facts;
	struct sg_list scopes;
	struct sg_uat_configs *configs;
	struct sg_uat_config *config; /* one that was had by itself */
	struct sg_json *claims;
	char *answering_tenant;
	char *site_id;
	char *version;
	struct sg_jwks_report jwks;
	/* what came of each; facts points here */
	struct sg_err settings[CONF_COUNT];
	struct sg_err key_err;
	struct sg_err jwt_err;
	struct sg_err config_err;
	struct sg_err version_err;
	struct sg_err tcm_err;
	struct sg_err site_err;
};

/**
 * Learn what can be learnt of the key, the settings, the configuration that
 * the command names, and the services.
 *
 * What cannot be had is a fact like any other.
 *
 * @return SG_OK; SG_E_USAGE for an ambiguous name, options that exclude each
 *         other, or a --config-file that holds no configuration; SG_E_IO when
 *         that cannot be read; SG_E_NOMEM.
 */
enum sg_rc preflight_facts_gather(struct app *app, struct preflight_facts *out,
    struct sg_err *err) SG_WARN_UNUSED;

void preflight_facts_clear(struct preflight_facts *facts);

#ifdef __cplusplus
}
#endif

#endif
