/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight_parts.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "client/session/tableau.h"
#include "client/uat/uat_config.h"
#include "pkcs11/key.h"
#include "pkcs11/policy.h"
#include "signer/jwt.h"

#define NAMES_MAX 1024

const char *
sg_preflight_handle(const struct sg_uat_config *config)
{
	if (config->config_id != NULL)
		return config->config_id;
	return config->name != NULL ? config->name : "ID";
}

void
sg_preflight_no_config(struct sg_points *points, const char *name)
{
	sg_points_add(points, name, SG_RESULT_UNKNOWN,
	    "there is no configuration to compare it with");
	sg_points_fix(points, "see the point configuration");
}

bool
sg_preflight_means_site(const struct sg_preflight *facts)
{
	return facts->site.value != NULL || facts->site.problem != NULL;
}

bool
sg_preflight_means_tcm(const struct sg_preflight *facts)
{
	size_t i;

	for (i = 0; i < facts->scopes->count; i++)
		if (sg_text_starts(facts->scopes->items[i], "tableau:tcm_"))
			return true;
	return !sg_preflight_means_site(facts);
}

/* What another try, or another place, might well answer otherwise. */
static bool
is_passing_trouble(enum sg_rc rc)
{
	switch (rc) {
	case SG_E_NETWORK:
	case SG_E_TIMEOUT:
	case SG_E_NOMEM:
	case SG_E_IO:
	case SG_E_PIN_MISSING:
	case SG_E_PIN_WITHHELD:
		return true;
	default:
		return false;
	}
}

static enum sg_result
result_of(enum sg_rc rc)
{
	if (rc == SG_OK)
		return SG_RESULT_PASS;
	return is_passing_trouble(rc) ? SG_RESULT_UNKNOWN : SG_RESULT_FAIL;
}

static void
judge_key(const struct sg_preflight *facts, struct sg_points *points)
{
	if (facts->key_err->rc == SG_OK) {
		sg_points_add(points, "key", SG_RESULT_PASS, "%s, %u bits",
		    facts->key_info->uri, facts->key_info->bits);
		return;
	}
	sg_points_add(points, "key", result_of(facts->key_err->rc), "%s",
	    facts->key_err->text);
	sg_points_fix(points, "see what there is: signet token list, and "
			      "signet key list");
}

static void
add_rules(struct sg_buf *names, unsigned int rules)
{
	size_t i;

	for (i = 0; i < SG_RULE_COUNT; i++)
		if ((rules & SG_RULE_BIT(i)) != 0)
			sg_buf_addf(names, "%s%s", names->len > 0 ? ", " : "",
			    sg_policy_rule_name((enum sg_rule)i));
}

static void
judge_policy(const struct sg_preflight *facts, struct sg_points *points)
{
	SG_AUTO(sg_buf) names = sg_buf_new(NAMES_MAX);
	unsigned int broken;

	if (facts->key_info == NULL || names == NULL)
		return;
	broken = sg_policy_broken(facts->key_info);
	add_rules(names, broken);
	if (broken == 0) {
		sg_points_add(points, "policy", SG_RESULT_PASS,
		    "the key keeps every rule");
	} else if ((broken & ~facts->allowed) == 0) {
		sg_points_add(points, "policy", SG_RESULT_PASS,
		    "the key breaks what was allowed: %s", sg_buf_str(names));
	} else {
		sg_points_add(points, "policy", SG_RESULT_FAIL,
		    "the key breaks the policy: %s", sg_buf_str(names));
		sg_points_fix(points,
		    "see signet key audit; make a key that keeps it: signet "
		    "key generate");
	}
}

static void
judge_configuration(const struct sg_preflight *facts, struct sg_points *points)
{
	const struct sg_uat_config *config = facts->config;
	const struct sg_err *err = facts->config_err;

	if (config != NULL) {
		sg_points_add(points, "configuration", SG_RESULT_PASS,
		    "%s (%s)", config->name != NULL ? config->name : "no name",
		    config->config_id != NULL ? config->config_id : "no id");
		return;
	}
	if (err->rc == SG_E_REFUSED && err->native == 404) {
		sg_points_add(
		    points, "configuration", SG_RESULT_FAIL, "%s", err->text);
		sg_points_fix(points,
		    "see what there is: signet uat list; or make it: signet "
		    "uat create");
		return;
	}
	sg_points_add(
	    points, "configuration", SG_RESULT_UNKNOWN, "%s", err->text);
	sg_points_fix(points,
	    "read it with a personal access token "
	    "(CLOUD_MANAGER_PAT_SECRET_FILE), or name a saved one: "
	    "--config-file");
}

static void
judge_enabled(const struct sg_preflight *facts, struct sg_points *points)
{
	if (facts->config == NULL)
		return;
	if (facts->config->enabled) {
		sg_points_add(
		    points, "enabled", SG_RESULT_PASS, "it is enabled");
		return;
	}
	sg_points_add(points, "enabled", SG_RESULT_FAIL, "it is disabled");
	sg_points_fix(
	    points, "signet uat enable %s", sg_preflight_handle(facts->config));
}

/* Told, and no fault: a rotation has two of one issuer for a while. */
static void
judge_same_issuer(const struct sg_preflight *facts, struct sg_points *points)
{
	SG_AUTO(sg_buf) names = sg_buf_new(NAMES_MAX);
	size_t count = 0;
	size_t i;

	if (facts->configs == NULL || facts->config == NULL ||
	    facts->config->issuer == NULL)
		return;
	for (i = 0; i < facts->configs->count; i++) {
		const struct sg_uat_config *c = facts->configs->items[i];

		if (!c->enabled || c->issuer == NULL ||
		    strcmp(c->issuer, facts->config->issuer) != 0)
			continue;
		sg_buf_addf(names, "%s%s", count++ > 0 ? ", " : "",
		    sg_preflight_handle(c));
	}
	if (count > 1)
		sg_points_add(points, "same-issuer", SG_RESULT_WARN,
		    "%zu enabled configurations have this issuer, and which of "
		    "them judges a JWT is not established: %s",
		    count, sg_buf_str(names));
}

/* One JWT was made, as every sign-in makes one. What is wrong with a setting is
 * told by the setting's own point. */
static void
judge_jwt(const struct sg_preflight *facts, bool told, struct sg_points *points)
{
	if (facts->jwt_err->rc == SG_OK) {
		sg_points_add(points, "jwt", SG_RESULT_PASS,
		    "signed and verified; %zu of %d bytes", facts->jwt_len,
		    SG_JWT_MAX);
		return;
	}
	if (told)
		return;
	sg_points_add(points, "jwt", result_of(facts->jwt_err->rc), "%s",
	    facts->jwt_err->text);
	sg_points_fix(points, "try it alone: signet jwt sign");
}

static void
judge_clock(const struct sg_preflight *facts, struct sg_points *points)
{
	int64_t ahead_s = facts->ahead_s;
	bool is_off = ahead_s - facts->backdate_s > SG_PREFLIGHT_AHEAD_S ||
		      ahead_s < -SG_PREFLIGHT_BEHIND_S;

	if (!facts->server_time_known) {
		sg_points_add(points, "clock", SG_RESULT_UNKNOWN,
		    "no service told its time");
		sg_points_fix(points, "run this where a service answers");
	} else if (!is_off) {
		sg_points_add(points, "clock", SG_RESULT_PASS,
		    "%lld s %s the service's",
		    (long long)(ahead_s < 0 ? -ahead_s : ahead_s),
		    ahead_s < 0 ? "behind" : "ahead of");
	} else {
		sg_points_add(points, "clock", SG_RESULT_FAIL,
		    ahead_s > 0 ? "%lld s ahead of the service's: iat lies in "
				  "the future there"
				: "%lld s behind the service's: a JWT is old "
				  "before it arrives",
		    (long long)(ahead_s < 0 ? -ahead_s : ahead_s));
		sg_points_fix(points,
		    ahead_s > 0 ? "set this host's clock right, or date JWTs "
				  "back: --backdate"
				: "set this host's clock right");
	}
}

static void
judge_version(const struct sg_preflight *facts, struct sg_points *points)
{
	if (!sg_preflight_means_site(facts))
		return;
	if (facts->version_err == NULL) {
		sg_points_add(points, "api-version", SG_RESULT_UNKNOWN,
		    "the pod was not asked");
		sg_points_fix(points, "run this again without --config-file");
	} else if (facts->version_err->rc == SG_OK) {
		sg_points_add(points, "api-version", SG_RESULT_PASS, "%s",
		    facts->version);
	} else {
		sg_points_add(points, "api-version",
		    result_of(facts->version_err->rc), "%s",
		    facts->version_err->text);
		sg_points_fix(points,
		    "set TABLEAU_CLOUD_POD_URL to the pod of the site, which "
		    "must speak %d.%d or later",
		    SG_TABLEAU_MAJOR_MIN, SG_TABLEAU_MINOR_MIN);
	}
}

static void
judge_sign_in(const struct sg_preflight *facts, const struct sg_err *outcome,
    const char *name, struct sg_points *points)
{
	bool refused;

	if (outcome == NULL)
		return;
	if (outcome->rc == SG_OK) {
		sg_points_add(points, name, SG_RESULT_PASS,
		    "the JWT was taken, and the session signed out again");
		return;
	}
	/* Another tenant or site than the configured one may answer, too. */
	refused = outcome->rc == SG_E_REFUSED || outcome->rc == SG_E_SESSION ||
		  (outcome->rc == SG_E_POLICY && facts->jwt_err->rc == SG_OK);
	sg_points_add(points, name,
	    refused ? SG_RESULT_FAIL : SG_RESULT_UNKNOWN, "%s", outcome->text);
	sg_points_fix(points,
	    "mend what else fails; if nothing does, look at the user's rights "
	    "and at what only Tableau knows");
}

void
sg_preflight_judge(const struct sg_preflight *facts, struct sg_points *points)
{
	bool told;

	judge_key(facts, points);
	judge_policy(facts, points);
	judge_configuration(facts, points);
	judge_enabled(facts, points);
	sg_preflight_claims_judge(facts, points);
	sg_preflight_scopes_judge(facts, points);
	told = sg_points_tally(points, SG_RESULT_FAIL) > 0 ||
	       facts->key_err->rc != SG_OK;
	judge_jwt(facts, told, points);
	sg_preflight_resources_judge(facts, points);
	sg_preflight_keys_judge(facts, points);
	judge_same_issuer(facts, points);
	judge_clock(facts, points);
	judge_version(facts, points);
	judge_sign_in(facts, facts->tcm_err, "sign-in-tcm", points);
	judge_sign_in(facts, facts->site_err, "sign-in-site", points);
}
