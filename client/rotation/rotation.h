/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_ROTATION_ROTATION_H
#define SG_CLIENT_ROTATION_ROTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "client/rotation/rotation_record.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A rotation takes a UAT configuration from one signing key to the next, so
 * that at every moment some key signs in. It is a list of steps; where it
 * stands is saved before and after each, so that it can be killed anywhere and
 * be finished or turned back. Here are the steps, their order and the record
 * of it; what each step does is the caller's, behind sg_rotation_ops.
 */

/** What the steps are done with. */
struct sg_rotation_ops {
	void *ctx;
	/** Take one step; all but SG_ROTATION_WAIT come here. */
	enum sg_rc (*take)(void *ctx, struct sg_rotation *rotation,
	    enum sg_rotation_step step, struct sg_err *err);
	/** Keep the record, so that it survives a power cut. */
	enum sg_rc (*save)(
	    void *ctx, const struct sg_rotation *rotation, struct sg_err *err);
	/** Can the old key never sign in again, whatever is done here? Asked
	 * before a rotation is turned round. */
	enum sg_rc (*old_is_lost)(void *ctx, const struct sg_rotation *rotation,
	    bool *out_lost, struct sg_err *err);
	int64_t (*now_s)(void *ctx);
	/** Return at this time, in seconds since 1970; 0 when there is nothing
	 * to wait for. */
	enum sg_rc (*wait)(void *ctx, int64_t until_s, struct sg_err *err);
};

/**
 * The steps of the way that it is on, in their order, without
 * SG_ROTATION_DONE.
 *
 * @return How many: at most SG_ROTATION_STEPS_MAX.
 */
size_t sg_rotation_way(const struct sg_rotation *rotation,
    enum sg_rotation_step out_steps[SG_ROTATION_STEPS_MAX]);

/**
 * Take the steps from where it stands to the end of its way.
 *
 * @return SG_OK, and then it stands at SG_ROTATION_DONE; what a step or a save
 *         returned, and then it can be run or turned back again.
 */
enum sg_rc sg_rotation_run(struct sg_rotation *rotation,
    const struct sg_rotation_ops *ops, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Put it on the way back to the old key; one that is on it stays where it is.
 *
 * @return SG_OK; SG_E_POLICY when the old key cannot sign in any more, while
 *         the new one may, and then nothing has changed; what the calls
 *         returned.
 */
enum sg_rc sg_rotation_turn_back(struct sg_rotation *rotation,
    const struct sg_rotation_ops *ops, struct sg_err *err) SG_WARN_UNUSED;

/**
 * Take it off the way back, where that leads to a key that is lost; the keys
 * are then tried again. One that is not on it stays where it is.
 *
 * @return SG_OK; SG_E_POLICY when the old key is not lost, or something of the
 *         new one was taken away, and then nothing has changed; what the calls
 *         returned.
 */
enum sg_rc sg_rotation_turn_forward(struct sg_rotation *rotation,
    const struct sg_rotation_ops *ops, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
