/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_SIGNER_CLAIMS_H
#define SG_SIGNER_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_json;

#define SG_CLAIM_TENANT "https://tableau.com/tenantId"

/* Lifetime of a JWT in seconds: least, most, and when none is named. */
#define SG_LIFETIME_MIN_S     1
#define SG_LIFETIME_MAX_S     600
#define SG_LIFETIME_DEFAULT_S 300

/* Furthest that the issue of a JWT is dated back, in seconds. */
#define SG_BACKDATE_MAX_S 60

/** A claim beyond those of a UAT. */
struct sg_extra_claim {
	const char *name;
	const char *text;	    /* a string; else */
	const struct sg_json *json; /* any value; borrowed */
};

/** What a UAT JWT is to say. Borrowed. Source: Tableau UAT, 2025-12. */
struct sg_claims {
	const char *issuer;
	const char *tenant_id;	    /* UUID of the Cloud Manager tenant */
	const char *username_claim; /* NULL: "email" */
	const char *username;
	const struct sg_list *scopes; /* duplicates are dropped */
	int64_t lifetime_s;	      /* 0: SG_LIFETIME_DEFAULT_S */
	int64_t backdate_s; /* iat lies so long ago, and nbf is iat; 0: iat is
			     * now, and there is no nbf */
	const struct sg_extra_claim *extra;
	size_t extra_count;
};

/**
 * Check everything that can be known to be wrong before a token is asked.
 *
 * @return SG_OK; SG_E_CONFIG for a missing or malformed issuer, tenant or
 *         user; SG_E_USAGE for scopes, lifetime and extra claims, among them
 *         one that would override a claim that signet sets.
 */
enum sg_rc sg_claims_check(const struct sg_claims *claims, struct sg_err *err)
    SG_WARN_UNUSED;

/**
 * Write the claim set as JSON: iss, iat, nbf if dated back, exp, jti, tenant,
 * user, scp, others. exp is counted from now, dated back or not.
 *
 * @param clock        Gives iat and the random jti (a UUIDv4).
 * @param scope_count  How many of the distinct scopes to write; SIZE_MAX: all.
 */
enum sg_rc sg_claims_write(const struct sg_claims *claims,
    const struct sg_clock *clock, size_t scope_count, struct sg_buf *out,
    struct sg_err *err) SG_WARN_UNUSED;

/** How many of the scopes are distinct. */
size_t sg_claims_scope_count(const struct sg_claims *claims);

#ifdef __cplusplus
}
#endif

#endif
