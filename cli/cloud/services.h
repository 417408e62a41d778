/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_SERVICES_H
#define SG_CLI_CLOUD_SERVICES_H

#include "base/attr.h"
#include "base/err.h"
#include "cli/cloud/fingerprint.h"
#include "client/session/api.h"
#include "client/session/cache.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_http;

/** A door to a service, and what it borrows. Zero it; services_end() it. */
struct service {
	struct app *app;
	struct sg_api api;
	struct sg_identity identity;
	char claims[FINGERPRINT_SIZE]; /* identity.claims points here */
};

/** Open the network; once a run. */
enum sg_rc services_http(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** services_http() for who shows no client certificate to anybody. */
enum sg_rc services_bare_http(struct app *app, struct sg_err *err)
    SG_WARN_UNUSED;

/** Open the session cache; NULL in app->cache with --no-cache. */
enum sg_rc services_cache(struct app *app, struct sg_err *err) SG_WARN_UNUSED;

/** services_http(), after working out where Cloud Manager's things are. */
enum sg_rc services_tcm_http(struct app *app, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Set up the door to Tableau Cloud Manager; nothing is sent yet.
 *
 * Without --pat and --jwt: a session that is in the cache, a JWT's first;
 * else a new one, with a JWT where a key is configured, else with the PAT.
 */
enum sg_rc services_tcm(struct app *app, struct service *service,
    struct sg_err *err) SG_WARN_UNUSED;

/** Set up the door to the Tableau REST API; nothing is sent yet. */
enum sg_rc services_tableau(struct app *app, struct service *service,
    struct sg_err *err) SG_WARN_UNUSED;

void services_end(struct service *service);

void services_close(struct app *app);

#ifdef __cplusplus
}
#endif

#endif
