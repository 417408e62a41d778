/* SPDX-License-Identifier: Apache-2.0 */
#include "client/rotation/rotation.h"

/* Both ways of both modes; SG_ROTATION_DONE ends each. On the way back, what
 * stands before SWITCH_BACK undoes what came after the switch. */
static const enum sg_rotation_step ways[2][2][SG_ROTATION_STEPS_MAX] = {
    [SG_ROTATION_BY_KEY] =
	{
	    {SG_ROTATION_GENERATE, SG_ROTATION_CONFIGURE, SG_ROTATION_TRY,
		SG_ROTATION_SWITCH, SG_ROTATION_WAIT, SG_ROTATION_DISABLE,
		SG_ROTATION_DELETE, SG_ROTATION_DROP_OLD, SG_ROTATION_DONE},
	    {SG_ROTATION_ENABLE, SG_ROTATION_TRY_OLD, SG_ROTATION_SWITCH_BACK,
		SG_ROTATION_WAIT, SG_ROTATION_UNCONFIGURE, SG_ROTATION_DROP_NEW,
		SG_ROTATION_DONE},
	},
    [SG_ROTATION_BY_JWKS] =
	{
	    {SG_ROTATION_GENERATE, SG_ROTATION_PUBLISH, SG_ROTATION_CHECK,
		SG_ROTATION_TRY, SG_ROTATION_SWITCH, SG_ROTATION_WAIT,
		SG_ROTATION_RETIRE, SG_ROTATION_DROP_OLD, SG_ROTATION_DONE},
	    {SG_ROTATION_PUBLISH, SG_ROTATION_CHECK, SG_ROTATION_TRY_OLD,
		SG_ROTATION_SWITCH_BACK, SG_ROTATION_WAIT,
		SG_ROTATION_UNPUBLISH, SG_ROTATION_DROP_NEW, SG_ROTATION_DONE},
	},
};

static bool
is_wanted(const struct sg_rotation *r, enum sg_rotation_step step)
{
	if (step == SG_ROTATION_DROP_OLD)
		return r->drop_old;
	return step != SG_ROTATION_DROP_NEW || !r->keep_new;
}

size_t
sg_rotation_way(const struct sg_rotation *rotation,
    enum sg_rotation_step out_steps[SG_ROTATION_STEPS_MAX])
{
	const enum sg_rotation_step *way =
	    ways[rotation->mode][rotation->back ? 1 : 0];
	size_t count = 0;

	for (; *way != SG_ROTATION_DONE; way++)
		if (is_wanted(rotation, *way))
			out_steps[count++] = *way;
	return count;
}

/* Also from a step that is not wanted any more. */
static enum sg_rotation_step
step_after(const struct sg_rotation *r, enum sg_rotation_step step)
{
	const enum sg_rotation_step *way = ways[r->mode][r->back ? 1 : 0];

	while (*way != step && *way != SG_ROTATION_DONE)
		way++;
	if (*way != SG_ROTATION_DONE)
		way++;
	while (*way != SG_ROTATION_DONE && !is_wanted(r, *way))
		way++;
	return *way;
}

/* When the wait after the switch is over; 0 without one. A clock that was put
 * back does not prolong it. */
static int64_t
wait_ends(const struct sg_rotation *r, int64_t now_s)
{
	if (r->switched_s == 0)
		return 0;
	if (r->switched_s > now_s)
		return now_s + r->wait_s;
	return r->switched_s + r->wait_s;
}

/* Settings may change from here on: the wait counts from now, and once more
 * from when they are known to have changed. */
static enum sg_rc
begin_step(struct sg_rotation *r, const struct sg_rotation_ops *ops,
    struct sg_err *err)
{
	if (r->in_step)
		return SG_OK;
	r->in_step = true;
	r->published |=
	    r->step == SG_ROTATION_PUBLISH || r->step == SG_ROTATION_CONFIGURE;
	if (r->step == SG_ROTATION_SWITCH)
		r->switched_s = ops->now_s(ops->ctx);
	return ops->save(ops->ctx, r, err);
}

static enum sg_rc
end_step(struct sg_rotation *r, const struct sg_rotation_ops *ops,
    struct sg_err *err)
{
	bool is_switch =
	    r->step == SG_ROTATION_SWITCH || r->step == SG_ROTATION_SWITCH_BACK;

	if (is_switch && r->switched_s != 0)
		r->switched_s = ops->now_s(ops->ctx);
	r->step = step_after(r, r->step);
	r->in_step = false;
	return ops->save(ops->ctx, r, err);
}

static enum sg_rc
take_step(struct sg_rotation *r, const struct sg_rotation_ops *ops,
    struct sg_err *err)
{
	int64_t until_s;
	enum sg_rc rc;

	rc = begin_step(r, ops, err);
	if (rc != SG_OK)
		return rc;
	if (r->step == SG_ROTATION_WAIT) {
		until_s = wait_ends(r, ops->now_s(ops->ctx));
		rc = ops->wait(ops->ctx, until_s, err);
	} else {
		rc = ops->take(ops->ctx, r, r->step, err);
	}
	if (rc != SG_OK)
		return rc;
	return end_step(r, ops, err);
}

enum sg_rc
sg_rotation_run(struct sg_rotation *rotation, const struct sg_rotation_ops *ops,
    struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	while (rc == SG_OK && rotation->step != SG_ROTATION_DONE)
		rc = is_wanted(rotation, rotation->step)
			 ? take_step(rotation, ops, err)
			 : end_step(rotation, ops, err);
	return rc;
}

/* Before the keys are tried, there may be no other key than the old one. */
static enum sg_rc
is_too_late(const struct sg_rotation *r, const struct sg_rotation_ops *ops,
    bool *out_late, struct sg_err *err)
{
	*out_late = false;
	if (r->step < SG_ROTATION_TRY)
		return SG_OK;
	return ops->old_is_lost(ops->ctx, r, out_late, err);
}

/* Where the way back begins: nothing of the new key may go before the old one
 * is seen to sign in; but a key alone is of no use to anybody. */
static enum sg_rotation_step
first_back(const struct sg_rotation *r)
{
	if (r->switched_s != 0)
		return ways[r->mode][1][0];
	return r->step == SG_ROTATION_GENERATE ? SG_ROTATION_SWITCH_BACK
					       : SG_ROTATION_TRY_OLD;
}

enum sg_rc
sg_rotation_turn_back(struct sg_rotation *rotation,
    const struct sg_rotation_ops *ops, struct sg_err *err)
{
	bool late = false;
	enum sg_rc rc;

	if (rotation->back)
		return SG_OK;
	rc = is_too_late(rotation, ops, &late, err);
	if (rc != SG_OK)
		return rc;
	if (late)
		return sg_fail(err, SG_E_POLICY,
		    "it is too late to go back: the old key signs in no more; "
		    "finish with: signet uat rotate --resume; then rotate "
		    "again, or make a configuration for another key");
	rotation->step = first_back(rotation);
	rotation->back = true;
	rotation->in_step = false;
	return ops->save(ops->ctx, rotation, err);
}

/* Has the way back begun to take away what the new key signs in with? */
static bool
new_is_going(const struct sg_rotation *r)
{
	if (r->step == SG_ROTATION_UNCONFIGURE ||
	    r->step == SG_ROTATION_UNPUBLISH)
		return r->in_step;
	return r->step == SG_ROTATION_DROP_NEW || r->step == SG_ROTATION_DONE;
}

enum sg_rc
sg_rotation_turn_forward(struct sg_rotation *rotation,
    const struct sg_rotation_ops *ops, struct sg_err *err)
{
	bool lost = false;
	enum sg_rc rc = SG_OK;

	if (!rotation->back)
		return SG_OK;
	if (!new_is_going(rotation))
		rc = ops->old_is_lost(ops->ctx, rotation, &lost, err);
	if (rc != SG_OK)
		return rc;
	if (!lost)
		return sg_fail(err, SG_E_POLICY,
		    "the rotation is on its way back; finish that with: "
		    "signet uat rotate --rollback");
	rotation->back = false;
	rotation->in_step = false;
	rotation->step = SG_ROTATION_TRY;
	return ops->save(ops->ctx, rotation, err);
}
