/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_UAT_REVOKE_H
#define SG_CLIENT_UAT_UAT_REVOKE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_uat;

/*
 * How a JWT is revoked is not established: that there are scopes for it and
 * that it goes by jti is all that is known. So method, path and body are the
 * caller's, and these are a guess by the form of the other methods.
 */
#define SG_UAT_REVOKE_METHOD "POST"
#define SG_UAT_REVOKE_PATH   "/uat-revocations"
#define SG_UAT_REVOKE_BODY   "{\"jti\":\"{jti}\"}"

/* A body of this sends none. */
#define SG_UAT_REVOKE_NO_BODY "none"

/** A JWT to be revoked. All borrowed. */
struct sg_uat_revocation {
	const char *method; /* NULL: as above; upper case */
	const char *path;   /* NULL: as above; as in struct sg_api_request */
	const char *body;   /* NULL: as above; a JSON text */
	/* What {jti}, {tenantId}, {configId} and {exp} stand for in path and
	 * body: percent-encoded in the one, JSON-escaped in the other. */
	const char *jti;
	const char *tenant_id; /* NULL: not known */
	const char *config_id; /* NULL: not known */
	int64_t exp_s;	       /* 0: not known */
};

/**
 * Revoke a JWT by its jti. Sent once.
 *
 * A session that the JWT has bought already may well live on: whether it ends
 * is not established either.
 *
 * @param out_status  The HTTP status of the success; left with a preview.
 * @return SG_OK; SG_E_USAGE when there is no jti or what a template asks for
 *         is not known; SG_E_CONFIG for a template that gives no path or no
 *         JSON; the errors of sg_api_call(), with what to set where the
 *         service does not know the path (404, 405, 501) or the body (400,
 *         415, 422).
 */
enum sg_rc sg_uat_revoke(const struct sg_uat *uat,
    const struct sg_uat_revocation *revocation, int *out_status,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
