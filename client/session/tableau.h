/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_SESSION_TABLEAU_H
#define SG_CLIENT_SESSION_TABLEAU_H

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_clock;
struct sg_http;
struct sg_secret;
struct sg_session;

/* The first version of the REST API that takes Unified Access Tokens. */
#define SG_TABLEAU_MAJOR_MIN 3
#define SG_TABLEAU_MINOR_MIN 27

/* Redirects that a sign-in follows within the pod's own domain. */
#define SG_TABLEAU_HOPS_MAX 2

/** What a sign-in needs. All borrowed. */
struct sg_tableau {
	struct sg_http *http;
	const struct sg_clock *clock;
	const char *pod_url; /* such as https://10ay.online.tableau.com */
	const char *site;    /* content URL of the site */
	const char *site_id; /* UUID that must answer; NULL accepts any */
};

/**
 * Ask the pod which version of the REST API it speaks.
 *
 * @param out_version  Such as "3.27". Free with sg_str_free().
 * @return SG_OK; SG_E_REFUSED when the answer is no version, or one below
 *         3.27, with the HTTP status in err->native; SG_E_NETWORK and the
 *         like; SG_E_CONFIG for a malformed pod URL; SG_E_NOMEM.
 */
enum sg_rc sg_tableau_version(const struct sg_tableau *tableau,
    char **out_version, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Sign in to a Tableau site with a JWT that the token signed.
 *
 * Sent once to the pod, and once more for each redirect within the pod's own
 * domain (sg_url_redirect()), at most SG_TABLEAU_HOPS_MAX.
 *
 * @param version      From sg_tableau_version(); NULL asks first.
 * @param out_session  Set on success only. Free with sg_session_free().
 * @return SG_OK; SG_E_SESSION or SG_E_REFUSED with the HTTP status in
 *         err->native; SG_E_POLICY when redirected elsewhere, or when another
 *         site answers, and then it has been signed out again; SG_E_NETWORK,
 *         SG_E_TIMEOUT, SG_E_CONFIG, SG_E_NOMEM.
 */
enum sg_rc sg_tableau_login(const struct sg_tableau *tableau,
    const char *version, const struct sg_secret *jwt,
    struct sg_session **out_session, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Sign out. A session that had already ended counts as signed out.
 *
 * @return SG_OK; SG_E_REFUSED, SG_E_NETWORK and the like when it failed.
 */
enum sg_rc sg_tableau_logout(struct sg_http *http,
    const struct sg_session *session, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
