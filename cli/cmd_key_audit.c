/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/keys.h"
#include "pkcs11/key.h"
#include "pkcs11/policy.h"

#define ANSWER_MAX 8192

static enum sg_rc
print_row(struct app *app, const struct sg_policy_row *row,
    const struct sg_key_info *key, struct sg_err *err)
{
	enum sg_verdict verdict = sg_policy_verdict(row, key);

	(void)err;
	sg_buf_addf(app->out, "%-8s %-12s %-24s ",
	    sg_policy_verdict_text(verdict), sg_policy_rule_name(row->rule),
	    sg_policy_attribute(row));
	sg_policy_add_answer(app->out, row, key);
	if (verdict == SG_VERDICT_FAIL)
		sg_buf_addf(app->out, "; must be %s", sg_policy_wanted(row));
	sg_buf_add_byte(app->out, '\n');
	return SG_OK;
}

static enum sg_rc
write_row(struct app *app, const struct sg_policy_row *row,
    const struct sg_key_info *key, struct sg_err *err)
{
	SG_AUTO(sg_buf) answer = sg_buf_new(ANSWER_MAX);
	enum sg_verdict verdict = sg_policy_verdict(row, key);
	struct sg_jsonw *w = &app->json;

	sg_policy_add_answer(answer, row, key);
	sg_jsonw_object(w, NULL);
	sg_jsonw_str(w, "rule", sg_policy_rule_name(row->rule));
	sg_jsonw_str(w, "text", sg_policy_rule_text(row->rule));
	sg_jsonw_str(w, "attribute", sg_policy_attribute(row));
	sg_jsonw_str(w, "wanted", sg_policy_wanted(row));
	sg_jsonw_str(w, "answer", sg_buf_str(answer));
	sg_jsonw_str(w, "verdict", sg_policy_verdict_text(verdict));
	sg_jsonw_object_end(w);
	return sg_buf_check(answer, "an answer", err);
}

static enum sg_rc
print_verdict(
    struct app *app, const struct sg_key_info *key, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;
	size_t i;

	if (!app_json(app))
		app_field(app, "uri", key->uri);
	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_str(&app->json, "uri", key->uri);
		sg_jsonw_bool(
		    &app->json, "keepsPolicy", sg_policy_broken(key) == 0);
		sg_jsonw_array(&app->json, "policy");
	}
	for (i = 0; rc == SG_OK && i < sg_policy_row_count; i++)
		rc = app_json(app)
			 ? write_row(app, &sg_policy_rows[i], key, err)
			 : print_row(app, &sg_policy_rows[i], key, err);
	if (rc != SG_OK || !app_json(app))
		return rc;
	sg_jsonw_array_end(&app->json);
	return app_json_end(app, err);
}

/* Whatever --allow says: what is allowed is broken all the same. */
static enum sg_rc
tell_broken(const struct sg_key_info *key, struct sg_err *err)
{
	unsigned int broken = sg_policy_broken(key);
	SG_AUTO(sg_buf) names = sg_buf_new(ANSWER_MAX);
	enum sg_rc rc;
	size_t i;

	for (i = 0; names != NULL && i < SG_RULE_COUNT; i++)
		if ((broken & SG_RULE_BIT(i)) != 0)
			sg_buf_addf(names, "%s%s", names->len > 0 ? ", " : "",
			    sg_policy_rule_name((enum sg_rule)i));
	rc = sg_buf_check(names, "the rules", err);
	if (rc != SG_OK || broken == 0)
		return rc;
	return sg_fail(err, SG_E_POLICY, "the key breaks the policy: %s",
	    sg_buf_str(names));
}

static enum sg_rc
audit(void *ctx, const struct sg_key_info *key, struct sg_err *err)
{
	struct app *app = ctx;
	enum sg_rc rc;

	rc = print_verdict(app, key, err);
	if (rc == SG_OK)
		rc = sg_buf_check(app->out, "the output", err);
	if (rc != SG_OK)
		return rc;
	app->out_stands = true;
	return tell_broken(key, err);
}

enum sg_rc
cmd_key_audit(struct app *app, struct sg_err *err)
{
	return keys_describe(app, false, audit, app, err);
}
