/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_UAT_UAT_H
#define SG_CLIENT_UAT_UAT_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/uat/uat_config.h"
#include "client/uat/uat_spec.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_api;
struct sg_buf;

/* How long a change waits for another process that makes one. */
#define SG_UAT_LOCK_MS 120000

/** A change that was shown instead of sent. Valid when zeroed. */
struct sg_uat_preview {
	char *method; /* NULL: there was nothing to be sent */
	char *url;    /* as in sg_uat.configs_url */
	char *body;   /* JSON; NULL: none */
};

void sg_uat_preview_clear(struct sg_uat_preview *preview);

/**
 * The UAT configurations of a tenant. All borrowed.
 *
 * Where a function takes @p id_or_name, a UUID is an id and costs no listing;
 * anything else is looked up with sg_uat_configs_find() and its errors.
 * Every function also returns the errors of sg_api_call().
 *
 * With a preview, what would change something is put there and not sent;
 * then the function succeeds and leaves its outputs as they were. Reads are
 * sent all the same.
 */
struct sg_uat {
	struct sg_api *api;	 /* to TCM */
	const char *configs_url; /* NULL means /uat-configurations */
	/** Held while a change is made, so that two of this host do not undo
	 * each other; NULL holds none. Its folder must be there. */
	const char *lock_path;
	struct sg_uat_preview *preview;
};

/**
 * Make a configuration. Sent once, never repeated.
 *
 * When the answer is lost (none, a 5xx, or one without a configuration), it is
 * looked for by name, key and issuer, a few times. Found as it was asked for,
 * it has been made.
 *
 * @param out_config  As the service shows it. Free with sg_uat_config_free().
 * @return SG_OK; the errors of sg_uat_spec_body() before anything is sent;
 *         SG_E_REFUSED with 409 in err->native, telling what exists, when the
 *         service says that there is one; when the answer was lost and
 *         nothing is found, the error of the loss, which says so.
 */
enum sg_rc sg_uat_create(const struct sg_uat *uat,
    const struct sg_uat_spec *spec, struct sg_uat_config **out_config,
    struct sg_err *err) SG_WARN_UNUSED;

/**
 * Have a configuration: the one that is there, or a new one.
 *
 * @param out_made    Whether it was made.
 * @param out_config  Free with sg_uat_config_free().
 * @return SG_OK; SG_E_REFUSED with 409 in err->native when one of this name
 *         differs, naming in what; SG_E_USAGE when several have the name; the
 *         errors of sg_uat_create().
 */
enum sg_rc sg_uat_ensure(const struct sg_uat *uat,
    const struct sg_uat_spec *spec, bool *out_made,
    struct sg_uat_config **out_config, struct sg_err *err) SG_WARN_UNUSED;

/** All configurations, of every page: see sg_paging_read(). Free with
 * sg_uat_configs_free(). */
enum sg_rc sg_uat_list(const struct sg_uat *uat,
    struct sg_uat_configs **out_configs, struct sg_err *err) SG_WARN_UNUSED;

/** One configuration. Free with sg_uat_config_free(). */
enum sg_rc sg_uat_get(const struct sg_uat *uat, const char *id_or_name,
    struct sg_uat_config **out_config, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Change what is named and nothing else: fetch, merge, put the whole. Members
 * that we do not know go back as they were shown last.
 *
 * Two of one host with one lock_path take turns. Two hosts that update at once
 * can undo each other where there is no entity tag: then there is no condition
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
