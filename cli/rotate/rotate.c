/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate.h"

#include "base/buf.h"
#include "base/file.h"
#include "client/rotation/rotation.h"

void
rotate_clear(struct rotate *rotate)
{
	sg_rotation_free(&rotate->rotation);
	sg_lock_free(&rotate->lock);
	sg_buf_free(&rotate->journal);
}
