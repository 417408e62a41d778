/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_UAT_UAT_DOOR_H
#define SG_CLI_UAT_UAT_DOOR_H

#include "base/attr.h"
#include "base/err.h"
#include "cli/cloud/services.h"
#include "client/uat/uat.h"

#ifdef __cplusplus
extern "C" {
#endif

struct app;
struct sg_buf;
struct sg_lock;

/** A door to Cloud Manager and the configurations behind it. Zero it. */
struct uat_door {
	struct service service;
	struct sg_uat uat;
	struct sg_uat_preview preview; /* in use with --dry-run */
	struct sg_buf *lock_path;      /* taken for each change, or */
	struct sg_lock *lock;	       /* held as long as it is open */
};

/** Open it to read; nothing is sent yet. uat_door_close() it in any case. */
enum sg_rc uat_door_open(
    struct app *app, struct uat_door *door, struct sg_err *err) SG_WARN_UNUSED;

/** Open it to make a change, or, with --dry-run, to show one. */
enum sg_rc uat_door_open_to_change(
    struct app *app, struct uat_door *door, struct sg_err *err) SG_WARN_UNUSED;

/** Open it to make changes that must not wait: for two seconds at most another
 * that makes some is waited for, then it is told that it is not kept out. */
enum sg_rc uat_door_open_at_once(
    struct app *app, struct uat_door *door, struct sg_err *err) SG_WARN_UNUSED;

/** Give what --dry-run did not send as the product. */
enum sg_rc uat_door_show_preview(struct app *app, const struct uat_door *door,
    struct sg_err *err) SG_WARN_UNUSED;

void uat_door_close(struct uat_door *door);

#define AUTO_UAT_DOOR __attribute__((cleanup(uat_door_close))) struct uat_door

#ifdef __cplusplus
}
#endif

#endif
