/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_H
#define SG_CLIENT_UAT_H

#include "base/attr.h"
#include "base/err.h"
#include "client/uat_config.h"
#include "client/uat_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_api;

/**
 * The UAT configurations of a tenant. All borrowed.
 *
 * Where a function takes @p id_or_name, a UUID is an id and costs no listing;
 * anything else is looked up with sg_uat_configs_find() and its errors.
 * Every function also returns the errors of sg_api_call().
 */
struct sg_uat {
	struct sg_api *api;	 /* to TCM */
	const char *configs_url; /* NULL means /uat-configurations */
};

/**
 * Make a configuration. Sent once, never repeated.
 *
 * When the answer is lost, the configuration may exist all the same; the
 * error says so and how to look.
 *
 * @param out_config  As the service shows it; what we sent, without
 *                    config_id, when it answers with no body. Free with
 *                    sg_uat_config_free().
 * @return SG_OK; the errors of sg_uat_spec_body() before anything is sent.
 */
enum sg_rc sg_uat_create(const struct sg_uat *uat,
    const struct sg_uat_spec *spec, struct sg_uat_config **out_config,
    struct sg_err *err) SG_WARN_UNUSED;

/** All configurations. Free with sg_uat_configs_free(). */
enum sg_rc sg_uat_list(const struct sg_uat *uat,
    struct sg_uat_configs **out_configs, struct sg_err *err) SG_WARN_UNUSED;

/** One configuration. Free with sg_uat_config_free(). */
enum sg_rc sg_uat_get(const struct sg_uat *uat, const char *id_or_name,
    struct sg_uat_config **out_config, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Change what is named and nothing else: fetch, merge, put the whole.
 *
 * Two that update at once can undo each other: the service has no condition
 * for a PUT.
 *
 * @param out_config  As the service shows it; what we sent when it answers
 *                    with no body. Free with sg_uat_config_free().
 * @return SG_OK; the errors of sg_uat_change_body() before the PUT.
 */
enum sg_rc sg_uat_update(const struct sg_uat *uat, const char *id_or_name,
    const struct sg_uat_change *change, struct sg_uat_config **out_config,
    struct sg_err *err) SG_WARN_UNUSED;

/** Delete a configuration; its JWTs stop working. */
enum sg_rc sg_uat_delete(const struct sg_uat *uat, const char *id_or_name,
    struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
