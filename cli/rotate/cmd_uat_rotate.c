/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/key/keys.h"
#include "cli/rotate/rotate.h"
#include "cli/rotate/rotate_begin.h"
#include "cli/rotate/rotate_journal.h"
#include "cli/rotate/rotate_settings.h"
#include "cli/rotate/rotate_show.h"
#include "cli/rotate/rotate_steps.h"
#include "cli/rotate/rotate_targets.h"
#include "cli/uat/stopped.h"

static const int endings[] = {SIGINT, SIGTERM, SIGHUP};

/* Nothing is lost by an end in the middle, and who ends it is told so. */
static void
tell_and_end(int number)
{
	static const char text[] =
	    "signet: interrupted; the rotation stands where it was: go on with "
	    "signet uat rotate --resume, or back with --rollback\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(128 + number);
	(void)raise(number); /* the handler is reset to the default */
}

static void
watch_for_endings(void)
{
	const struct sigaction tell = {
	    .sa_handler = tell_and_end,
	    .sa_flags = (int)(SA_RESETHAND | SA_NODEFER),
	};
	struct sigaction was;
	size_t i;

	for (i = 0; i < SG_COUNT(endings); i++)
		if (sigaction(endings[i], NULL, &was) == 0 &&
		    was.sa_handler != SIG_IGN)
			(void)sigaction(endings[i], &tell, NULL);
}

static enum sg_rc
save(void *ctx, const struct sg_rotation *rotation, struct sg_err *err)
{
	return rotate_journal_save(ctx, rotation, err);
}

static int64_t
now_s(void *ctx)
{
	const struct rotate *rotate = ctx;

	return rotate->app->clock->now_s(rotate->app->clock->ctx);
}

static enum sg_rc
wait_until(void *ctx, int64_t until_s, struct sg_err *err)
{
	struct rotate *rotate = ctx;
	int64_t left_s = until_s - now_s(rotate);
	int64_t end_ms = sg_clock_mono_ms() + left_s * 1000;

	(void)err;
	if (left_s > 0)
		rotate_show_step(rotate, rotate->rotation, SG_ROTATION_WAIT);
	while (sg_clock_mono_ms() < end_ms)
		rotate_pause(0);
	return SG_OK;
}

static enum sg_rc
check_usage(const struct app *app, struct sg_err *err)
{
	static const enum opt modes[] = {OPT_PLAN, OPT_RESUME, OPT_ROLLBACK};
	static const enum opt of_new[] = {
	    OPT_LABEL, OPT_BITS, OPT_NAME, OPT_ISSUER, OPT_CANARY_SITE};
	size_t count = 0;
	size_t i;

	for (i = 0; i < SG_COUNT(modes); i++)
		count += app_given(app, modes[i]) ? 1 : 0;
	if (count > 1)
		return sg_fail(err, SG_E_USAGE,
		    "--plan, --resume and --rollback exclude each other");
	if (!app_given(app, OPT_RESUME) && !app_given(app, OPT_ROLLBACK))
		return SG_OK;
	for (i = 0; i < SG_COUNT(of_new); i++)
		if (app_given(app, of_new[i]))
			return sg_fail(err, SG_E_USAGE,
			    "--%s was decided when the rotation began",
			    opt_rows[of_new[i]].name);
	return SG_OK;
}

static enum sg_rc
refuse_second(const struct sg_rotation *r, struct sg_err *err)
{
	return sg_fail(err, SG_E_POLICY,
	    "a rotation of \"%s\" is not finished: go on with signet uat "
	    "rotate --resume, or back with --rollback; see where it stands "
	    "with --plan",
	    r->config_name != NULL ? r->config_name : r->config_id);
}

/* The configuration may have been named in other words than its record has. */
static enum sg_rc
check_no_other(const struct rotate *rotate, struct sg_err *err)
{
	struct rotate other = {.app = rotate->app};
	enum sg_rc rc;

	rc = rotate_journal_find(&other, rotate->rotation->config_id, err);
	if (rc == SG_OK && other.rotation != NULL)
		rc = refuse_second(other.rotation, err);
	rotate_clear(&other);
	return rc;
}

/* A new rotation is on record before anything of it is made. */
static enum sg_rc
begin(struct rotate *rotate, const char *named, struct sg_err *err)
{
	enum sg_rc rc;

	rc = rotate_begin(rotate, named, err);
	if (rc != SG_OK || app_given(rotate->app, OPT_PLAN))
		return rc;
	rc = check_no_other(rotate, err);
	if (rc == SG_OK)
		rc = rotate_targets_settle(rotate, err);
	if (rc != SG_OK)
		return rc;
	return rotate_journal_save(rotate, rotate->rotation, err);
}

static enum sg_rc
take_up(struct rotate *rotate, struct sg_err *err)
{
	enum sg_rc rc;

	if (rotate->rotation == NULL)
		return sg_fail(err, SG_E_POLICY,
		    "there is no rotation that is not finished");
	rc = rotate_settings_check(rotate, err);
	if (rc == SG_OK)
		rc = rotate_take_options(rotate, err);
	if (rc == SG_OK)
		rc = keys_open_token(rotate->app, true, err);
	return rc;
}

static enum sg_rc
find_or_begin(struct rotate *rotate, struct sg_err *err)
{
	const struct app *app = rotate->app;
	const char *named =
	    app->args.operand_count > 0 ? app->args.operands[0] : NULL;
	enum sg_rc rc;

	rc = rotate_journal_find(rotate, named, err);
	if (rc != SG_OK)
		return rc;
	if (app_given(app, OPT_RESUME) || app_given(app, OPT_ROLLBACK))
		return take_up(rotate, err);
	if (rotate->rotation == NULL)
		return begin(rotate, named, err);
	if (app_given(app, OPT_PLAN))
		return SG_OK;
	return refuse_second(rotate->rotation, err);
}

static enum sg_rc
run_steps(struct rotate *rotate, struct sg_err *err)
{
	const struct sg_rotation_ops ops = {
	    .ctx = rotate,
	    .take = rotate_steps_take,
	    .save = save,
	    .old_is_lost = rotate_steps_old_is_lost,
	    .now_s = now_s,
	    .wait = wait_until,
	};
	enum sg_rc rc = SG_OK;

	watch_for_endings();
	if (app_given(rotate->app, OPT_ROLLBACK))
		rc = sg_rotation_turn_back(rotate->rotation, &ops, err);
	else if (app_given(rotate->app, OPT_RESUME))
		rc = sg_rotation_turn_forward(rotate->rotation, &ops, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_rotation_run(rotate->rotation, &ops, err);
	if (rc == SG_OK)
		return rotate_journal_remove(rotate, err);
	app_hint(rotate->app, "%s",
	    rotate->rotation->back
		? "the way back is not finished: go on with signet uat rotate "
		  "--rollback"
		: "the rotation is not finished: go on with signet uat rotate "
		  "--resume, or back with --rollback");
	return rc;
}

static enum sg_rc
rotate_it(struct rotate *rotate, struct sg_err *err)
{
	bool is_plan = app_given(rotate->app, OPT_PLAN);
	enum sg_rc rc;

	rc = check_usage(rotate->app, err);
	if (rc == SG_OK)
		rc = rotate_settings_read(rotate, err);
	if (rc == SG_OK && !is_plan)
		rc = stopped_check(rotate->app, err);
	if (rc == SG_OK && !is_plan)
		rc = rotate_journal_lock(rotate, err);
	if (rc == SG_OK)
		rc = find_or_begin(rotate, err);
	if (rc != SG_OK)
		return rc;
	if (is_plan)
		return rotate_show_plan(rotate, err);
	rc = run_steps(rotate, err);
	return rc == SG_OK ? rotate_show_end(rotate, err) : rc;
}

enum sg_rc
cmd_uat_rotate(struct app *app, struct sg_err *err)
{
	static const enum conf borrowed[] = {CONF_KEY, CONF_ISSUER, CONF_KID};
	struct rotate rotate = {.app = app};
	enum sg_rc rc;
	size_t i;

	rc = rotate_it(&rotate, err);
	for (i = 0; i < SG_COUNT(borrowed); i++)
		conf_override(app->conf, borrowed[i], NULL);
	rotate_clear(&rotate);
	return rc;
}
