/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_ROTATE_ROTATE_H
#define SG_CLI_ROTATE_ROTATE_H

#include "cli/conf.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_buf;
struct sg_lock;
struct sg_rotation;

/** One run of uat rotate: what its files share. Valid when zeroed. */
struct rotate {
	struct app *app;
	struct sg_rotation *rotation;
	struct sg_lock *lock;
	struct sg_buf *journal; /* the path of its file */

	/* The settings as this run found them, before any step. Borrowed. */
	const char *key;
	const char *issuer;
	const char *kid; /* NULL: the thumbprint */
	enum conf_origin key_origin;
	enum conf_origin issuer_origin;
	enum conf_origin kid_origin;
};

/** Release what it owns; the app is left. */
void rotate_clear(struct rotate *rotate);

#ifdef __cplusplus
}
#endif

#endif
