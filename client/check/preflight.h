/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_CHECK_PREFLIGHT_H
#define SG_CLIENT_CHECK_PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "client/check/points.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_json;
struct sg_key_info;
struct sg_list;
struct sg_rsa;
struct sg_uat_config;
struct sg_uat_configs;

/*
 * Would a JWT be taken? The facts are gathered elsewhere; here they are held
 * against each other, without a network, a token or a clock.
 *
 * An outcome is the error object of what was tried: SG_OK in rc when it went
 * well, NULL when it was not tried because it does not apply.
 */

/* How far a clock may be behind the service's, in seconds, and how far ahead a
 * JWT's iat may be of it. */
#define SG_PREFLIGHT_BEHIND_S 60
#define SG_PREFLIGHT_AHEAD_S  5

/** A setting: its value, or why it cannot be used. Both NULL: not set. */
struct sg_preflight_text {
	const char *value;
	const char *problem;
};

/** What is known. All borrowed. Valid when zeroed, but key_err and jwt_err. */
struct sg_preflight {
	/* the key, and what came of opening it and of making a JWT */
	const struct sg_err *key_err;
	const struct sg_key_info *key_info; /* NULL: not had */
	const struct sg_rsa *key;	    /* NULL: not had */
	unsigned int allowed;	      /* rules that it may break: policy.h */
	const struct sg_err *jwt_err; /* of making one JWT */
	size_t jwt_len;		      /* bytes of its compact form */
	const char *kid;	      /* in its header; NULL: none */
	const struct sg_json *claims; /* that it holds; NULL: not had */
	int64_t backdate_s;	      /* its iat is so long before it is made */

	/* what a JWT is to say */
	struct sg_preflight_text issuer;
	struct sg_preflight_text tenant_id;
	struct sg_preflight_text username_claim; /* not set: email */
	struct sg_preflight_text username;
	struct sg_preflight_text lifetime;
	struct sg_preflight_text scope_setting; /* only its problem is read */
	const struct sg_list *scopes;		/* as given, unchecked */

	/* the site that is meant; neither: none is */
	struct sg_preflight_text site;	  /* content URL */
	struct sg_preflight_text site_id; /* LUID */

	/* the configuration */
	const struct sg_err *config_err;      /* of reading and finding it */
	const struct sg_uat_config *config;   /* NULL: not had */
	const struct sg_uat_configs *configs; /* all; NULL: not had */
	const char *answering_tenant; /* of the session that read it; or NULL */

	/* what the services told */
	const struct sg_points *jwks;	  /* of jwks_check.h; NULL: not had */
	const struct sg_err *version_err; /* of asking the pod */
	const char *version;
	bool server_time_known;
	int64_t ahead_s; /* our clock, against the service's; may be < 0 */

	/* a sign-in with a fresh JWT; NULL: not asked for */
	const struct sg_err *tcm_err;
	const struct sg_err *site_err;
};

/** Is a sign-in to Cloud Manager meant? So it is when a scope is one of its
 * own, and when no site is configured. */
bool sg_preflight_means_tcm(const struct sg_preflight *facts);

/** Is the site's API meant? */
bool sg_preflight_means_site(const struct sg_preflight *facts);

/**
 * Judge the facts, point by point. What does not apply is left out.
 *
 * @param points  Appended to.
 * Source: Tableau UAT, 2025-12, and what was seen since: the fact sheet's §4.3,
 * §5 and §6.1.
 */
void sg_preflight_judge(
    const struct sg_preflight *facts, struct sg_points *points);

#ifdef __cplusplus
}
#endif

#endif
