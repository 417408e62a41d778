/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_drift.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/rotate/rotate.h"
#include "cli/uat/uat_door.h"
#include "client/rotation/rotation.h"
#include "client/uat/uat_copy.h"
#include "client/uat/uat_diff.h"

#define TEXT_MAX  1024
#define NOT_FOUND 404

/* What the new configuration has from the old one; their names, keys and
 * issuers differ anyway. */
#define COPIED_PARTS \
	(SG_UAT_PART_CLAIM | SG_UAT_PART_RESOURCES | SG_UAT_PART_SCOPES)

static unsigned int
copied_parts_that_differ(
    const struct sg_uat_config *was, const struct sg_uat_config *is)
{
	const struct sg_uat_spec spec = {
	    .username_claim = was->username_claim,
	    .resource_ids = &was->resource_ids,
	    .scopes = &was->scopes,
	};

	return sg_uat_diff(&spec, is) & COPIED_PARTS;
}

static enum sg_rc
read_copied(const struct sg_rotation *r, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	rc = sg_json_parse(r->copied, strlen(r->copied), &json, err);
	if (rc == SG_OK)
		rc = sg_uat_config_read(json, out_config, err);
	return sg_context(err, rc, "read what was copied, in the journal");
}

/* It may be somebody else's by now. */
static enum sg_rc
check_owner(const struct sg_rotation *r, const struct sg_uat_config *old,
    struct sg_err *err)
{
	char shown[SG_THUMBPRINT_SIZE];
	bool same_issuer =
	    old->issuer == NULL || strcmp(old->issuer, r->old_issuer) == 0;
	enum sg_rc rc;

	rc = sg_uat_config_thumbprint(old, shown, err);
	if (rc != SG_OK)
		return rc;
	/* What the service does not show is not judged. */
	if (same_issuer && old->jwks_uri == NULL &&
	    (old->public_key_active == NULL ||
		strcmp(shown, r->old_thumbprint) == 0))
		return SG_OK;
	return sg_fail(err, SG_E_POLICY,
	    "the old configuration %s has another %s than when this began, so "
	    "it stays; give it back what it had and finish with --resume, or "
	    "delete it with signet uat delete if nobody needs it",
	    r->config_id, same_issuer ? "key" : "issuer");
}

static enum sg_rc
check_copied(const struct sg_rotation *r, const struct sg_uat_config *old,
    const struct sg_uat_config *new, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) copied = NULL;
	SG_AUTO(sg_buf) names = sg_buf_new(TEXT_MAX);
	unsigned int parts = copied_parts_that_differ(old, new);
	enum sg_rc rc;

	if (parts == 0 || r->copied == NULL)
		return SG_OK;
	rc = read_copied(r, &copied, err);
	if (rc != SG_OK)
		return rc;
	parts &= copied_parts_that_differ(copied, old);
	if (parts == 0)
		return SG_OK;
	sg_uat_diff_add(parts, names);
	rc = sg_buf_check(names, "what differs", err);
	if (rc != SG_OK)
		return rc;
	return sg_fail(err, SG_E_POLICY,
	    "the old configuration %s was changed since the new one was made "
	    "like it (%s), and that would be lost; change %s likewise with "
	    "signet uat update, then: signet uat rotate --resume",
	    r->config_id, sg_buf_str(names), r->new_config_id);
}

/* The output stays NULL where there is none. */
static enum sg_rc
get(const struct uat_door *door, const char *id,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = sg_uat_get(&door->uat, id, out_config, &fault);
	if (rc == SG_E_REFUSED && fault.native == NOT_FOUND)
		return SG_OK;
	return sg_fail_again(err, rc, &fault);
}

enum sg_rc
rotate_drift_check(struct rotate *rotate, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_uat_config) old = NULL;
	SG_AUTO(sg_uat_config) new = NULL;
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;

	rc = uat_door_open(rotate->app, &door, err);
	if (rc == SG_OK)
		rc = get(&door, r->config_id, &old, err);
	if (rc != SG_OK || old == NULL)
		return rc;
	rc = check_owner(r, old, err);
	if (rc == SG_OK && r->new_config_id != NULL)
		rc = get(&door, r->new_config_id, &new, err);
	return rc == SG_OK && new != NULL ? check_copied(r, old, new, err) : rc;
}
