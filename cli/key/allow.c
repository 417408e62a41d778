/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key/allow.h"

#include "cli/app.h"
#include "cli/conf_trust.h"
#include "pkcs11/policy.h"

static enum sg_rc
add_words(const char *text, unsigned int *rules, struct sg_err *err)
{
	struct sg_list words = {0};
	enum sg_rc rc;
	size_t i;

	rc = sg_list_add_words(&words, text, err);
	for (i = 0; rc == SG_OK && i < words.count; i++)
		rc = sg_policy_allow(words.items[i], rules, err);
	sg_list_clear(&words);
	return rc;
}

static enum sg_rc
read_setting(struct app *app, unsigned int *rules, struct sg_err *err)
{
	const char *text = NULL;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_ALLOW, &text, err);
	if (rc != SG_OK || text == NULL)
		return rc;
	rc = conf_trust_allow(app->conf, err);
	if (rc != SG_OK)
		return rc;
	return conf_blame(
	    app->conf, CONF_ALLOW, "--allow", add_words(text, rules, err), err);
}

static enum sg_rc
read_options(const struct app *app, unsigned int *rules, struct sg_err *err)
{
	const struct sg_list *given = &app->args.lists[OPT_ALLOW];
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < given->count; i++)
		rc = add_words(given->items[i], rules, err);
	return rc;
}

enum sg_rc
allow_check(const struct app *app, struct sg_err *err)
{
	unsigned int rules = 0;

	return read_options(app, &rules, err);
}

enum sg_rc
allow_read(struct app *app, unsigned int *out_rules, struct sg_err *err)
{
	unsigned int rules = 0;
	enum sg_rc rc;

	rc = read_options(app, &rules, err);
	if (rc == SG_OK && !app_given(app, OPT_ALLOW))
		rc = read_setting(app, &rules, err);
	if (rc != SG_OK)
		return rc;
	*out_rules = rules;
	return SG_OK;
}

void
allow_tell(
    const struct app *app, const struct sg_key_info *key, unsigned int rules)
{
	unsigned int broken = rules & sg_policy_broken(key);
	size_t i;

	for (i = 0; i < SG_RULE_COUNT; i++)
		if ((broken & SG_RULE_BIT(i)) != 0)
			app_hint(app,
			    "the key breaks the rule \"%s\" of the policy, "
			    "which is allowed",
			    sg_policy_rule_name((enum sg_rule)i));
}

void
allow_apply(const struct app *app, struct sg_key *key, unsigned int rules)
{
	sg_key_allow(key, rules);
	allow_tell(app, sg_key_info(key), rules);
}
