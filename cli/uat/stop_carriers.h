/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_STOP_CARRIERS_H
#define SG_CLI_UAT_STOP_CARRIERS_H

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "signer/jwk.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_uat;
struct sg_uat_configs;

/**
 * The UAT configurations that take the JWTs of the key that is stopped. Set
 * app and uat, zero the rest; clear it.
 */
struct stop_carriers {
	struct app *app;	  /* borrowed */
	const struct sg_uat *uat; /* borrowed */
	struct sg_list ids;	  /* what was found, each once */

	char thumbprint[SG_THUMBPRINT_SIZE]; /* "": the key is not known */
	const char *issuer;		     /* of the settings, or NULL */
	struct sg_uat_configs *configs;	     /* as listed, or NULL */
};

/**
 * Find those that show it: the key, or, where they show none, the issuer of
 * the settings; those that are known to carry the key, listed or not; and, if
 * one of them is of a rotation that is not finished, all of that one, since
 * its keys are in one token.
 *
 * Which key it is tells the token; without it the configurations, listed or
 * known, with the issuer of the settings, if they show one key; where they show
 * none, what is known of this tenant, if that is one key.
 *
 * @return SG_OK; SG_E_USAGE when there are several keys, and then there are no
 *         ids; the errors of sg_uat_list(), and then there are those that are
 *         known.
 */
enum sg_rc stop_carriers_find(
    struct stop_carriers *carriers, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Find those, too, that are enabled and whose jwksUri publishes the key: each
 * set is fetched. After stop_carriers_find().
 *
 * @return SG_OK; the first failure, after all were looked at.
 */
enum sg_rc stop_carriers_look(
    struct stop_carriers *carriers, struct sg_err *err) SG_WARN_UNUSED;

/** Was it among what the service listed? */
bool stop_carriers_listed(
    const struct stop_carriers *carriers, const char *config_id);

void stop_carriers_clear(struct stop_carriers *carriers);

#ifdef __cplusplus
}
#endif

#endif
