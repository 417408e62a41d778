/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_UAT_SPEC_H
#define SG_CLIENT_UAT_UAT_SPEC_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_buf;
struct sg_json;
struct sg_list;

/* Largest request body of a configuration. */
#define SG_UAT_SPEC_MAX (1024 * 1024)

/** A configuration to be made. All borrowed. */
struct sg_uat_spec {
	const char *name;
	const char *issuer;
	const char *public_key_pem; /* SubjectPublicKeyInfo; this or jwks_uri */
	const char *jwks_uri;	    /* https */
	const char *username_claim;
	const struct sg_list *resource_ids; /* UUIDs of tenant and sites */
	const struct sg_list *scopes;	    /* NULL or empty sends none */
	bool enabled;
};

/** A change: only what is not NULL is changed. Valid when zeroed. Borrowed. */
struct sg_uat_change {
	const char *name;
	const char *issuer;
	const char *public_key_pem; /* drops the jwksUri */
	const char *jwks_uri;	    /* drops the public key */
	const char *username_claim;
	const struct sg_list *resource_ids;
	const struct sg_list *scopes; /* an empty list sends an empty list */
	const bool *enabled;
};

/**
 * Write the body of a create, after checking what the service would refuse.
 *
 * @param out_body  Free with sg_buf_free().
 * @return SG_OK; SG_E_USAGE for a missing name, issuer or claim, an id that
 *         is no UUID, none or both of key and jwks_uri, what is no public key
 *         in PEM, or text that is no UTF-8; SG_E_CONFIG for a jwks_uri that
 *         is no https URL; SG_E_POLICY for a private key; SG_E_NOMEM.
 */
enum sg_rc sg_uat_spec_body(const struct sg_uat_spec *spec,
    struct sg_buf **out_body, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Write the body of an update: what the service has, with the changes.
 *
 * A PUT replaces everything, so members that we do not know are sent back.
 * The service's own (id, configId, tenantId, publicKeyActive) are not. The
 * key in force goes out as publicKey, unless there is a jwksUri: never both.
 *
 * @param current   The configuration as the service returned it.
 * @param out_body  Free with sg_buf_free().
 * @return As sg_uat_spec_body(); SG_E_USAGE also when the service showed
 *         neither key nor jwksUri and the change names none.
 */
enum sg_rc sg_uat_change_body(const struct sg_uat_change *change,
    const struct sg_json *current, struct sg_buf **out_body, struct sg_err *err)
    SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
