/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat/uat_match.h"

#include <string.h>

#include "base/buf.h"
#include "client/uat/uat_diff.h"
#include "signer/rsa.h"

#define KEY_MAX	       (64 * 1024)
#define CANDIDATES_MAX 1024

bool
sg_uat_match_key(const struct sg_uat_config *config, const struct sg_rsa *rsa)
{
	SG_AUTO(sg_buf) pem = sg_buf_new(KEY_MAX);

	if (config->public_key_active == NULL || rsa == NULL ||
	    sg_rsa_to_pem(rsa, pem, NULL) != SG_OK)
		return false;
	return sg_uat_diff_same_key(sg_buf_str(pem), config->public_key_active);
}

/* What a candidate must have. */
struct wanted {
	bool enabled;
	const char *issuer;	  /* NULL: any */
	const struct sg_rsa *rsa; /* NULL: any */
};

static bool
fits(const struct sg_uat_config *config, const struct wanted *wanted)
{
	if (wanted->enabled && !config->enabled)
		return false;
	if (wanted->issuer != NULL &&
	    (config->issuer == NULL ||
		strcmp(config->issuer, wanted->issuer) != 0))
		return false;
	return wanted->rsa == NULL || sg_uat_match_key(config, wanted->rsa);
}

static size_t
count_fitting(const struct sg_uat_configs *configs, const struct wanted *wanted,
    const struct sg_uat_config **out_last)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < configs->count; i++) {
		if (!fits(configs->items[i], wanted))
			continue;
		*out_last = configs->items[i];
		count++;
	}
	return count;
}

static enum sg_rc
fail_several(const struct sg_uat_configs *configs, const struct wanted *wanted,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) list = sg_buf_new(CANDIDATES_MAX);
	size_t i;

	for (i = 0; list != NULL && i < configs->count; i++) {
		const struct sg_uat_config *c = configs->items[i];

		if (!fits(c, wanted))
			continue;
		sg_buf_addf(list, "%s%s (%s)", list->len > 0 ? ", " : "",
		    c->config_id != NULL ? c->config_id : "no id",
		    c->name != NULL ? c->name : "no name");
	}
	return sg_fail(err, SG_E_USAGE,
	    "several UAT configurations fit; name one of them: %s",
	    sg_buf_str(list));
}

enum sg_rc
sg_uat_match_choose(const struct sg_uat_configs *configs, const char *issuer,
    const struct sg_rsa *rsa, const struct sg_uat_config **out_config,
    struct sg_err *err)
{
	const struct wanted by[] = {
	    {true, issuer, NULL},
	    {true, NULL, rsa},
	    {false, issuer, NULL},
	    {false, NULL, rsa},
	    {false, NULL, NULL},
	};
	const struct sg_uat_config *found = NULL;
	struct wanted both;
	size_t count;
	size_t i;

	for (i = 0; i < SG_COUNT(by); i++) {
		/* Not known: nothing can be picked by it. */
		if (by[i].issuer == NULL && by[i].rsa == NULL &&
		    i + 1 < SG_COUNT(by))
			continue;
		count = count_fitting(configs, &by[i], &found);
		if (count == 0)
			continue;
		both = by[i];
		both.rsa = rsa;
		if (count > 1 && rsa != NULL)
			count = count_fitting(configs, &both, &found);
		if (count != 1)
			return fail_several(configs, &by[i], err);
		*out_config = found;
		return SG_OK;
	}
	return sg_fail_native(err, SG_E_REFUSED, 404,
	    "there is no UAT configuration; make one: signet uat create");
}
