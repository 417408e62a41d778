/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_STOP_DISABLE_H
#define SG_CLI_UAT_STOP_DISABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;

/** What came of it. Zero it; clear it. */
struct stop_disabled {
	size_t count;		/* of the configurations that were disabled */
	struct sg_list issuers; /* of the JWTs that must be refused, and */
	struct sg_list claims;	/* which claim of them names the user */
	struct sg_list takers;	/* issuer of each that was disabled, and */
	struct sg_list keys;	/* the thumbprint it showed; "": none */
	struct sg_err failure;	/* the first; the rest was done */
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
