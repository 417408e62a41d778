/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_SESSION_TCM_H
#define SG_CLIENT_SESSION_TCM_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_clock;
struct sg_http;
struct sg_secret;
struct sg_session;

/* The host of every tenant, used when none is configured. */
#define SG_TCM_URL "https://cloudmanager.tableau.com"

/** URLs as configured. Valid when zeroed: NULL is worked out of the others. */
struct sg_tcm_urls {
	const char *url; /* of the host, with or without /api/v1 */
	const char *pat_login_url;
	const char *jwt_login_url;
	const char *uat_configs_url;
};

/** Where each thing is. Owns its strings; none is NULL. */
struct sg_tcm_endpoints {
	char *base_url; /* of authenticated calls, without the API's path */
	char *pat_login_url;
	char *jwt_login_url;
	char *uat_configs_url;
};

/**
 * Work out the endpoints.
 *
 * The base is the origin of uat_configs_url if that is given, else url, else
 * the origin of jwt_login_url, else SG_TCM_URL; what is missing is derived
 * from url, or from the base.
 *
 * @param out_endpoints  Free with sg_tcm_endpoints_free().
 * @return SG_OK; SG_E_CONFIG, naming the variable that is no https URL;
 *         SG_E_NOMEM.
 */
enum sg_rc sg_tcm_endpoints_new(const struct sg_tcm_urls *urls,
    struct sg_tcm_endpoints **out_endpoints, struct sg_err *err) SG_WARN_UNUSED;

void sg_tcm_endpoints_free(struct sg_tcm_endpoints **endpoints);

/** What a sign-in needs. All borrowed. */
struct sg_tcm {
	struct sg_http *http;
	const struct sg_clock *clock;
	const struct sg_tcm_endpoints *endpoints;
	const char *tenant_id; /* that must answer; NULL accepts any */
};

/**
 * Sign in to Tableau Cloud Manager with a personal access token. Sent once.
 *
 * @param pat          The PAT's secret, without its name.
 * @param out_session  Set on success only. Free with sg_session_free().
 * @return SG_OK; SG_E_SESSION or SG_E_REFUSED with the HTTP status in
 *         err->native; SG_E_POLICY when another tenant answers, and then it
 *         has been signed out again; SG_E_NETWORK, SG_E_TIMEOUT, SG_E_CONFIG,
 *         SG_E_NOMEM.
 */
enum sg_rc sg_tcm_login_pat(const struct sg_tcm *tcm,
    const struct sg_secret *pat, struct sg_session **out_session,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * sg_tcm_login_pat() with a JWT that the token signed.
 *
 * SG_E_SESSION where the service itself refuses it, in its own words.
 */
enum sg_rc sg_tcm_login_jwt(const struct sg_tcm *tcm,
    const struct sg_secret *jwt, struct sg_session **out_session,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Sign out. Best effort: whether TCM has a sign-out is not established.
 *
 * A session that had already ended counts as signed out.
 *
 * @param out_unsupported  May be NULL; set to whether the service has no
 *                         sign-out, and the session ends by itself.
 * @return SG_OK, also when there is no sign-out; SG_E_REFUSED, SG_E_NETWORK
 *         and the like when it failed.
 */
enum sg_rc sg_tcm_logout(struct sg_http *http, const struct sg_session *session,
    bool *out_unsupported, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
