/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CONF_TRUST_H
#define SG_CLI_CONF_TRUST_H

#include "base/attr.h"
#include "base/err.h"
#include "cli/conf.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What ./.env may not do. It is read in whatever folder signet is run in, so it
 * arrives with any checkout, and is not the user's word. It may say which key,
 * site and service; it may not have code loaded or run, keys allowed, folders
 * moved, or secrets sent that it does not bring itself. Each of these asks
 * where a value came from, and has no objection to any other place: it is
 * SG_OK then, and where ./.env may not, SG_E_CONFIG, which says what to do.
 *
 * Files as such are judged where they are read, by conf_load().
 */

/**
 * May this PKCS#11 module be loaded? From ./.env only if it lies in what the
 * allow-list names: /usr/lib*, /usr/local/lib*, /opt, each line of
 * /etc/signet/modules.allow and SIGNET_MODULES_ALLOW of the environment.
 *
 * @param path  Without a '/' it is left to the loader, which looks in its own
 *              folders.
 */
enum sg_rc conf_trust_module(enum conf_origin origin, const char *path,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * May this PIN source be read? Not from ./.env if it runs a command.
 *
 * @param source   NULL is none.
 * @param setting  That which is to be set elsewhere.
 */
enum sg_rc conf_trust_pin_source(enum conf_origin origin, enum conf setting,
    const char *source, struct sg_err *err) SG_WARN_UNUSED;

/** May SIGNET_ALLOW loosen the policy for keys? Not from ./.env. */
enum sg_rc conf_trust_allow(const struct conf_set *conf, struct sg_err *err)
    SG_WARN_UNUSED;

/** May this setting move a folder that is written to? Not from ./.env. */
enum sg_rc conf_trust_folder(const struct conf_set *conf, enum conf setting,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * May this file be read and sent as a secret? One that ./.env names must lie
 * in the folder of ./.env or below: a checkout that also names the service
 * could otherwise have any file of the user sent there.
 */
enum sg_rc conf_trust_secret_file(enum conf_origin origin, const char *path,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * May a PAT be sent to Cloud Manager's configured URLs? One that ./.env does
 * not bring itself goes from there to Tableau's own hosts alone.
 *
 * @param pat_origin  Where the PAT came from.
 * @return Also SG_E_CONFIG for a malformed URL of ./.env.
 */
enum sg_rc conf_trust_service(const struct conf_set *conf,
    enum conf_origin pat_origin, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
