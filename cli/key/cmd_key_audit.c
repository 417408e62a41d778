/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/key/key_show.h"
#include "cli/key/keys.h"
#include "pkcs11/key.h"
#include "pkcs11/policy.h"
#include "signer/key_json.h"

#define NAMES_MAX 1024

static enum sg_rc
print_verdict(
    struct app *app, const struct sg_key_info *key, struct sg_err *err)
{
	enum sg_rc rc;

	if (!app_json(app)) {
		app_field(app, "uri", key->uri);
		key_show_policy(app, key);
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_str(&app->json, "uri", key->uri);
	rc = sg_key_json_policy(&app->json, key, err);
	return rc == SG_OK ? app_json_end(app, err) : rc;
}

/* Whatever --allow says: what is allowed is broken all the same. */
static enum sg_rc
tell_broken(const struct sg_key_info *key, struct sg_err *err)
{
	unsigned int broken = sg_policy_broken(key);
	SG_AUTO(sg_buf) names = sg_buf_new(NAMES_MAX);
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
