/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_STOP_DISABLE_H
#define SG_CLI_UAT_STOP_DISABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;

/** JWTs, as far as they are told apart here. */
struct stop_jwt {
	char *issuer;
	char *claim;	  /* which names the user */
	char *thumbprint; /* of their key; "": not known */
};

struct stop_jwts {
	struct stop_jwt *items; /* each is there once */
	size_t count;
};

/** What came of it. Zero it; clear it. */
struct stop_disabled {
	size_t count;		 /* of the configurations that were disabled */
	struct stop_jwts taken;	 /* by these, with the key that they showed */
	struct stop_jwts refuse; /* which must be refused now */
	struct sg_err failure;	 /* the first; the rest was done */
};

/**
 * Disable the configurations that the command names, or else those that take
 * the JWTs of the key, and write what came of each to the product. The JWTs
 * that must be refused are those of the settings, and of each that was
 * disabled.
 *
 * @param keep_nothing  No session is kept, not even one that was bought with a
 *                      JWT.
 */
void stop_disable(
    struct app *app, bool keep_nothing, struct stop_disabled *out);

/**
 * Did one that was disabled take the JWTs of this issuer and key, as far as it
 * shows? Else no refusal of such a JWT comes from the stop.
 */
bool stop_disabled_takes(const struct stop_disabled *disabled,
    const char *issuer, const char *thumbprint);

void stop_disabled_clear(struct stop_disabled *disabled);

#ifdef __cplusplus
}
#endif

#endif
