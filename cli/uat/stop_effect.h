/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_STOP_EFFECT_H
#define SG_CLI_UAT_STOP_EFFECT_H

#include "base/err.h"
#include "client/session/session.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;

/** What a sign-in after a stop shows of it. */
enum stop_effect {
	STOP_EFFECT_SHOWN,   /* the service itself refused the JWT */
	STOP_EFFECT_NONE,    /* it signs in; it was signed out again */
	STOP_EFFECT_UNKNOWN, /* no answer, or one that says nothing of it */
};

/**
 * Sign in with a JWT that must be refused, at Cloud Manager or at the
 * configured site; a few times, since a change may take its time at the
 * service.
 *
 * @param answer  Empty before. What was answered, or why nothing was; an
 *                answer that says nothing is SG_E_NETWORK.
 */
enum stop_effect stop_effect(
    struct app *app, enum sg_service service, struct sg_err *answer);

#ifdef __cplusplus
}
#endif

#endif
