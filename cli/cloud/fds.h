/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLI_CLOUD_FDS_H
#define SG_CLI_CLOUD_FDS_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Open descriptors, as they were at one time. Valid when zeroed. */
struct fds {
	int *items;
	size_t count;
};

/** Note which descriptors are open. SG_OK, SG_E_NOMEM, or SG_E_IO without
 * /proc. Release with fds_clear(). */
enum sg_rc fds_note(struct fds *fds, struct sg_err *err) SG_WARN_UNUSED;

/** Is no longer one that was open. */
void fds_forget(struct fds *fds, int fd);

/**
 * Let no program that is run inherit a descriptor that was not noted: sockets
 * and devices that libraries and modules opened, and do not always mark.
 */
enum sg_rc fds_keep_only(const struct fds *fds, struct sg_err *err)
    SG_WARN_UNUSED;

void fds_clear(struct fds *fds);

#ifdef __cplusplus
}
#endif

#endif
