/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_UAT_CONFIG_H
#define SG_CLIENT_UAT_UAT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_json;

/** A UAT configuration as the service shows it. NULL means not told. */
struct sg_uat_config {
	char *config_id; /* the handle in paths; never the member "id" */
	char *tenant_id;
	char *name;
	char *issuer;
	char *public_key_active; /* PEM in force */
	char *jwks_uri;
	char *username_claim;
	struct sg_list resource_ids;
	struct sg_list scopes;
	bool enabled; /* true unless the service says false */
	char *raw;    /* the JSON object as it came, compact */
};

/** Configurations in the service's order. */
struct sg_uat_configs {
	struct sg_uat_config **items;
	size_t count;
};

/**
 * Read one configuration.
 *
 * Members may be missing or null. The key is publicKeyActive, else publicKey.
 * The handle is configId, else the configId inside of "id", be that an object
 * or the text "UatConfigurationId{tenantId=…, configId=…}".
 *
 * @param out_config  Free with sg_uat_config_free().
 * @return SG_OK; SG_E_REFUSED when @p json is no object; SG_E_NOMEM.
 */
enum sg_rc sg_uat_config_read(const struct sg_json *json,
    struct sg_uat_config **out_config, struct sg_err *err) SG_WARN_UNUSED;

void sg_uat_config_free(struct sg_uat_config **config);

/* Where a list of them stands, if it stands where one would look for it. */
#define SG_UAT_CONFIGS_MEMBER "uatConfigurations"

/**
 * Read a list that stands in one answer: see sg_page_list().
 *
 * @param out_configs  Free with sg_uat_configs_free().
 * @return SG_OK; SG_E_REFUSED when there is no list or an element is no
 *         object; SG_E_NOMEM.
 */
enum sg_rc sg_uat_configs_read(const struct sg_json *json,
    struct sg_uat_configs **out_configs, struct sg_err *err) SG_WARN_UNUSED;

/** Read a list whose elements were had already. As sg_uat_configs_read(). */
enum sg_rc sg_uat_configs_from(const struct sg_json *const *items, size_t count,
    struct sg_uat_configs **out_configs, struct sg_err *err) SG_WARN_UNUSED;

/**
 * The one configuration with this id or, failing that, this name.
 *
 * @param out_config  Borrowed from @p configs.
 * @return SG_OK; SG_E_REFUSED with 404 in err->native when there is none, as
 *         the service answers to an unknown id; SG_E_USAGE when several have
 *         that name, listing their ids.
 */
enum sg_rc sg_uat_configs_find(const struct sg_uat_configs *configs,
    const char *id_or_name, const struct sg_uat_config **out_config,
    struct sg_err *err) SG_WARN_UNUSED;

void sg_uat_configs_free(struct sg_uat_configs **configs);

#ifdef __cplusplus
}
#endif

#endif
