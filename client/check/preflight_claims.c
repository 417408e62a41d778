/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/preflight_parts.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/text.h"
#include "client/uat/uat_config.h"
#include "signer/claims.h"

#define DEFAULT_CLAIM "email"

/* A setting that is unusable by itself; true when that was told. */
static bool
judge_setting(const struct sg_preflight_text *text, const char *name,
    const char *setting, struct sg_points *points)
{
	if (text->problem == NULL && text->value != NULL)
		return false;
	if (text->problem != NULL)
		sg_points_add(
		    points, name, SG_RESULT_FAIL, "%s", text->problem);
	else
		sg_points_add(
		    points, name, SG_RESULT_FAIL, "%s is not set", setting);
	sg_points_fix(points, "set %s", setting);
	return true;
}

/* What the JWT holds under the name that the configuration looks for; NULL
 * where that is not known, or not there. */
static const struct sg_json *
claim_of_user(const struct sg_preflight *facts)
{
	if (facts->config == NULL || facts->config->username_claim == NULL)
		return NULL;
	return sg_json_get(facts->claims, facts->config->username_claim);
}

/* Whether there is such a user only a sign-in can show. */
static void
judge_user(const struct sg_preflight *facts, struct sg_points *points)
{
	const char *named = sg_json_text(claim_of_user(facts));
	bool was_tried = facts->tcm_err != NULL || facts->site_err != NULL;

	if (judge_setting(
		&facts->username, "user", "TABLEAU_CLOUD_USERNAME", points))
		return;
	sg_points_add(points, "user", SG_RESULT_PASS, "named: %s%s",
	    named != NULL ? named : facts->username.value,
	    was_tried ? ""
		      : "; whether the service knows the user shows only "
			"--online");
}

/* The longest life that Tableau takes is not established. */
static void
judge_lifetime(const struct sg_preflight *facts, struct sg_points *points)
{
	if (facts->lifetime.problem == NULL) {
		if (facts->lifetime.value != NULL)
			sg_points_add(points, "lifetime", SG_RESULT_PASS, "%s",
			    facts->lifetime.value);
		else
			sg_points_add(points, "lifetime", SG_RESULT_PASS,
			    "%d s", SG_LIFETIME_DEFAULT_S);
		return;
	}
	sg_points_add(
	    points, "lifetime", SG_RESULT_FAIL, "%s", facts->lifetime.problem);
	sg_points_fix(points, "set SIGNET_JWT_LIFETIME to 1s to %dm",
	    SG_LIFETIME_MAX_S / 60);
}

static bool
has_blank_end(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && (strchr(" \t\r\n", text[0]) != NULL ||
			      strchr(" \t\r\n", text[len - 1]) != NULL);
}

/* Where two issuers part, as far as that has a name. */
static const char *
difference(const char *ours, const char *theirs)
{
	size_t ours_len = strlen(ours);
	size_t theirs_len = strlen(theirs);
	const char *ours_rest = strstr(ours, "://");
	const char *theirs_rest = strstr(theirs, "://");

	if (has_blank_end(ours) || has_blank_end(theirs))
		return "there is a blank around one of them";
	if (strcasecmp(ours, theirs) == 0)
		return "they differ in upper and lower case";
	if (ours_len + 1 == theirs_len && theirs[ours_len] == '/' &&
	    strncmp(ours, theirs, ours_len) == 0)
		return "the configuration's has a slash at its end";
	if (theirs_len + 1 == ours_len && ours[theirs_len] == '/' &&
	    strncmp(ours, theirs, theirs_len) == 0)
		return "the JWT's has a slash at its end";
	if (ours_rest == NULL)
		ours_rest = ours;
	if (theirs_rest == NULL)
		theirs_rest = theirs;
	if (strcmp(ours_rest + (ours_rest != ours ? 3 : 0),
		theirs_rest + (theirs_rest != theirs ? 3 : 0)) == 0)
		return "they differ in the scheme in front";
	return "they must be the same, letter by letter";
}

static void
judge_issuer(const struct sg_preflight *facts, struct sg_points *points)
{
	const char *ours = facts->issuer.value;
	const char *theirs;

	if (judge_setting(&facts->issuer, "issuer", "SIGNET_ISSUER", points))
		return;
	if (facts->config == NULL) {
		sg_preflight_no_config(points, "issuer");
		return;
	}
	theirs = facts->config->issuer != NULL ? facts->config->issuer : "";
	if (strcmp(ours, theirs) == 0) {
		sg_points_add(points, "issuer", SG_RESULT_PASS, "%s", ours);
		return;
	}
	sg_points_add(points, "issuer", SG_RESULT_FAIL,
	    "the JWT says \"%s\", the configuration \"%s\": %s", ours, theirs,
	    difference(ours, theirs));
	sg_points_fix(points,
	    "set SIGNET_ISSUER to the configuration's, or: signet uat update "
	    "%s --issuer ...",
	    sg_preflight_handle(facts->config));
}

/* The other tenant that somebody speaks of; NULL when there is none. */
static const char *
other_tenant(const struct sg_preflight *facts, const char **out_who)
{
	const char *ours = facts->tenant_id.value;

	*out_who = "configuration";
	if (facts->config != NULL && facts->config->tenant_id != NULL &&
	    strcmp(facts->config->tenant_id, ours) != 0)
		return facts->config->tenant_id;
	*out_who = "session that read the configuration";
	if (facts->answering_tenant != NULL &&
	    strcmp(facts->answering_tenant, ours) != 0)
		return facts->answering_tenant;
	return NULL;
}

static void
judge_tenant(const struct sg_preflight *facts, struct sg_points *points)
{
	const char *ours = facts->tenant_id.value;
	const char *other;
	const char *who;

	if (judge_setting(
		&facts->tenant_id, "tenant", "CLOUD_MANAGER_TENANT_ID", points))
		return;
	other = other_tenant(facts, &who);
	if (!sg_text_is_uuid(ours)) {
		sg_points_add(points, "tenant", SG_RESULT_FAIL,
		    "CLOUD_MANAGER_TENANT_ID \"%s\" is not a UUID", ours);
		sg_points_fix(points, "set it to the tenant's id");
	} else if (other != NULL) {
		sg_points_add(points, "tenant", SG_RESULT_FAIL,
		    "the JWT names the tenant %s, but the %s is of %s", ours,
		    who, other);
		sg_points_fix(
		    points, "set CLOUD_MANAGER_TENANT_ID to %s", other);
	} else if (facts->answering_tenant == NULL &&
		   (facts->config == NULL ||
		       facts->config->tenant_id == NULL)) {
		sg_points_add(points, "tenant", SG_RESULT_UNKNOWN,
		    "nobody told which tenant the configuration is of");
		sg_points_fix(points, "see the point configuration");
	} else {
		sg_points_add(points, "tenant", SG_RESULT_PASS, "%s", ours);
	}
}

static bool
has_text(const char *text)
{
	return text != NULL && *text != '\0';
}

static void
judge_username_claim(const struct sg_preflight *facts, struct sg_points *points)
{
	const char *ours = facts->username_claim.value;
	const char *theirs;

	if (facts->username_claim.problem != NULL) {
		(void)judge_setting(&facts->username_claim, "username-claim",
		    "SIGNET_USERNAME_CLAIM", points);
		return;
	}
	if (facts->config == NULL) {
		sg_preflight_no_config(points, "username-claim");
		return;
	}
	if (ours == NULL)
		ours = DEFAULT_CLAIM;
	theirs = facts->config->username_claim;
	if (theirs != NULL &&
	    (strcmp(ours, theirs) == 0 ||
		has_text(sg_json_text(claim_of_user(facts))))) {
		sg_points_add(
		    points, "username-claim", SG_RESULT_PASS, "%s", theirs);
		return;
	}
	if (claim_of_user(facts) != NULL) {
		sg_points_add(points, "username-claim", SG_RESULT_UNKNOWN,
		    "the JWT has \"%s\", where the configuration looks, but no "
		    "text in it, and whether that is taken is not established",
		    theirs);
		sg_points_fix(points, "name the user there as text");
		return;
	}
	sg_points_add(points, "username-claim", SG_RESULT_FAIL,
	    "the JWT names the user in \"%s\", the configuration looks in "
	    "\"%s\"",
	    ours, theirs != NULL ? theirs : "");
	sg_points_fix(points,
	    "set SIGNET_USERNAME_CLAIM to the configuration's, or: signet uat "
	    "update %s --username-claim %s",
	    sg_preflight_handle(facts->config), ours);
}

void
sg_preflight_claims_judge(
    const struct sg_preflight *facts, struct sg_points *points)
{
	judge_user(facts, points);
	judge_lifetime(facts, points);
	judge_issuer(facts, points);
	judge_tenant(facts, points);
	judge_username_claim(facts, points);
}
