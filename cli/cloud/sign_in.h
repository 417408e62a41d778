/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_SIGN_IN_H
#define SG_CLI_CLOUD_SIGN_IN_H

#include "base/attr.h"
#include "base/err.h"
#include "client/session/session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;

/** A site of a pod. Borrowed. */
struct sign_in_site {
	const char *pod_url;
	const char *content_url;
	const char *id; /* UUID that must answer; NULL accepts any */
};

/*
 * Sign in, whatever is in the session cache, and put nothing there: read the
 * PAT or mint a JWT as the configuration and the command line say, and send
 * it. services_tcm_http() comes first, or services_http() for a site. The
 * session is to be freed with sg_session_free().
 */

/** The configured site, or the one of --site. */
enum sg_rc sign_in_find_site(struct app *app, struct sign_in_site *out_site,
    struct sg_err *err) SG_WARN_UNUSED;

/** To Tableau Cloud Manager. */
enum sg_rc sign_in_tcm(struct app *app, enum sg_session_kind kind,
    struct sg_session **out_session, struct sg_err *err) SG_WARN_UNUSED;

/** The same, whichever tenant answers: for a look at what is wrong. */
enum sg_rc sign_in_any_tenant(struct app *app, enum sg_session_kind kind,
    struct sg_session **out_session, struct sg_err *err) SG_WARN_UNUSED;

/**
 * With what to sign in to Cloud Manager: as --pat or --jwt says, else with
 * what is wanted rather, where it is configured, else with the other.
 *
 * @param rather  A JWT; the PAT where it is the JWTs that may be at fault.
 * @return SG_OK; SG_E_USAGE when both options are given.
 */
enum sg_rc sign_in_kind(const struct app *app, enum sg_session_kind rather,
    enum sg_session_kind *out_kind, struct sg_err *err) SG_WARN_UNUSED;

/** Sign out of a session that is kept nowhere, and free it. Takes NULL. What
 * was asked for is done all the same: a failure is a hint. */
void sign_in_end(struct app *app, struct sg_session **session);

/** To a Tableau site, after asking its pod for the version. */
enum sg_rc sign_in_tableau(struct app *app, const struct sign_in_site *site,
    struct sg_session **out_session, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
