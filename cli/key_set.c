/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key_set.h"

#include <string.h>

#include "cli/app.h"
#include "cli/keys.h"
#include "signer/jwks.h"
#include "signer/signer.h"

bool
key_set_is_named(const struct app *app)
{
	return app->args.operand_count > 0 ||
	       conf_origin_of(app->conf, CONF_KEY) != CONF_NOWHERE;
}

/* A set names every key, also one whose JWTs do not: "none" is theirs. */
static enum sg_rc
set_kid(struct app *app, const char **out_kid, struct sg_err *err)
{
	const char *kid = NULL;
	enum sg_rc rc;

	rc = conf_get(app->conf, CONF_KID, &kid, err);
	if (rc != SG_OK || kid == NULL || strcmp(kid, "thumbprint") == 0 ||
	    strcmp(kid, "none") == 0)
		return rc;
	if (app->args.operand_count > 1)
		return conf_blame(app->conf, CONF_KID, "--kid",
		    sg_fail(err, SG_E_USAGE,
			"\"%s\" can be the kid of one key only; say --kid "
			"thumbprint, or build one set a key and --merge them",
			kid),
		    err);
	*out_kid = kid;
	return SG_OK;
}

static enum sg_rc
add_open_key(
    struct app *app, struct sg_jwks *set, const char *kid, struct sg_err *err)
{
	return sg_jwks_add(set, sg_signer_public(app->signer), kid, 0, err);
}

enum sg_rc
key_set_add(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	const char *kid = NULL;
	enum sg_rc rc;
	size_t i;

	rc = set_kid(app, &kid, err);
	if (rc == SG_OK && app->args.operand_count == 0) {
		rc = keys_open_signer(app, err);
		return rc == SG_OK ? add_open_key(app, set, kid, err) : rc;
	}
	for (i = 0; rc == SG_OK && i < app->args.operand_count; i++) {
		rc = keys_open_another(app, app->args.operands[i], err);
		if (rc == SG_OK)
			rc = add_open_key(app, set, kid, err);
	}
	return rc;
}
