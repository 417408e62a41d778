/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CONF_H
#define SG_CLI_CONF_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Every setting; conf_names[] in conf.c says what each is called. */
enum conf {
	CONF_TENANT_ID,
	CONF_PAT_NAME,
	CONF_PAT_SECRET,
	CONF_PAT_SECRET_FILE,
	CONF_TCM_URL,
	CONF_PAT_LOGIN_URL,
	CONF_JWT_LOGIN_URL,
	CONF_UAT_CONFIGS_URL,
	CONF_POD_URL,
	CONF_SITE_ID,
	CONF_SITE_LUID,
	CONF_USERNAME,
	CONF_KEY,
	CONF_MODULE,
	CONF_MODULE_ARGS,
	CONF_MODULES_ALLOW,
	CONF_PIN_SOURCE,
	CONF_BACKEND,
	CONF_ALLOW,
	CONF_ISSUER,
	CONF_SCOPES,
	CONF_USERNAME_CLAIM,
	CONF_KID,
	CONF_JWT_LIFETIME,
	CONF_JWT_BACKDATE,
	CONF_TIMEOUT,
	CONF_CA_FILE,
	CONF_CLIENT_CERT,
	CONF_CLIENT_KEY,
	CONF_REVOKE_METHOD,
	CONF_REVOKE_PATH,
	CONF_REVOKE_BODY,
	CONF_STATE_DIR,
	CONF_CACHE_DIR,
	CONF_COUNT,
};

/** Where a value came from: what it may do depends on that. */
enum conf_origin {
	CONF_NOWHERE,
	CONF_COMMAND_LINE,
	CONF_ENVIRONMENT,
	CONF_FILE,	 /* named, or in the user's or the system's place */
	CONF_LOCAL_FILE, /* ./.env; see conf_trust.h for what it may not do */
};

struct conf_set;

/**
 * Find and read the configuration: the environment, then the first file of
 * --config or $SIGNET_CONFIG, ./.env, $XDG_CONFIG_HOME/signet/config.env and
 * /etc/signet/config.env.
 *
 * @param path  Of --config; NULL when it was not given.
 * @return SG_OK, also without any file; SG_E_CONFIG for a file that is absent
 *         though named, malformed, or not to be trusted.
 */
enum sg_rc conf_load(const char *path, struct conf_set **out_conf,
    struct sg_err *err) SG_WARN_UNUSED;

/** Let the command line decide a setting. Borrowed. */
void conf_override(struct conf_set *conf, enum conf name, const char *value);

/**
 * The value of a setting.
 *
 * @param out_value  NULL when it is set nowhere, or empty. Borrowed.
 * @return SG_OK; SG_E_CONFIG when it still is the placeholder of an example.
 */
enum sg_rc conf_get(const struct conf_set *conf, enum conf name,
    const char **out_value, struct sg_err *err) SG_WARN_UNUSED;

/** conf_get() where a missing value is SG_E_CONFIG that names it. */
enum sg_rc conf_need(const struct conf_set *conf, enum conf name,
    const char **out_value, struct sg_err *err) SG_WARN_UNUSED;

/** As if the command line had not decided it, with its origin. */
enum sg_rc conf_get_beneath(const struct conf_set *conf, enum conf name,
    const char **out_value, enum conf_origin *out_origin, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Name where a malformed value came from. What did not come from the command
 * line is a fault of the configuration: SG_E_USAGE becomes SG_E_CONFIG.
 *
 * @param option  The option that stands in for the setting, as "--timeout".
 * @return The code that it has become; SG_OK stays SG_OK.
 */
enum sg_rc conf_blame(const struct conf_set *conf, enum conf name,
    const char *option, enum sg_rc rc, struct sg_err *err);

/** Where the value came from. */
enum conf_origin conf_origin_of(const struct conf_set *conf, enum conf name);

/** What the setting is called, such as "SIGNET_KEY". */
const char *conf_name(enum conf name);

/** What it is called where its value stands: its name, or its alias. */
const char *conf_written_name(const struct conf_set *conf, enum conf name);

/** The file that was read; NULL when there was none. */
const char *conf_path(const struct conf_set *conf);

void conf_set_free(struct conf_set **conf);

#ifdef __cplusplus
}
#endif

#endif
