/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_SESSION_METHOD_SCOPE_H
#define SG_CLIENT_SESSION_METHOD_SCOPE_H

#include "client/session/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The scope that a session born of a JWT needs for a call, where that is
 * established: the access scopes of the Cloud Manager reference, and those of
 * the Tableau REST API that connected apps share.
 *
 * @param method  In upper case.
 * @param path    As in struct sg_api_request: with or without origin, /api/
 *                and version, and query.
 * @return Static text; NULL when it is not known, or when none is needed.
 */
const char *sg_method_scope(
    enum sg_service service, const char *method, const char *path);

#ifdef __cplusplus
}
#endif

#endif
