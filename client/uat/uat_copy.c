/* SPDX-License-Identifier: Apache-2.0 */
#include "client/uat/uat_copy.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "client/uat/uat_internal.h"
#include "signer/rsa.h"

#define COPY "make the second UAT configuration"

static enum sg_rc
pem_thumbprint(
    const char *pem, char out_text[SG_THUMBPRINT_SIZE], struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = NULL;

	out_text[0] = '\0';
	if (pem == NULL ||
	    sg_rsa_from_pem(pem, strlen(pem), &rsa, NULL) != SG_OK)
		return SG_OK;
	return sg_jwk_thumbprint(rsa, out_text, err);
}

enum sg_rc
sg_uat_config_thumbprint(const struct sg_uat_config *config,
    char out_text[SG_THUMBPRINT_SIZE], struct sg_err *err)
{
	return pem_thumbprint(config->public_key_active, out_text, err);
}

/* By what a copy is known again: its name and its key. */
struct wanted {
	const char *name;
	const char *thumbprint;
};

static bool
has_name(const struct sg_uat_config *config, const struct wanted *wanted)
{
	return config->name != NULL && strcmp(config->name, wanted->name) == 0;
}

static bool
is_wanted(const struct sg_uat_config *config, const struct wanted *wanted)
{
	char shown[SG_THUMBPRINT_SIZE];

	return has_name(config, wanted) &&
	       sg_uat_config_thumbprint(config, shown, NULL) == SG_OK &&
	       strcmp(shown, wanted->thumbprint) == 0;
}

/* The one of this name that shows this key; else whether another has it. */
static enum sg_uat_seen
find(const void *ctx, const struct sg_uat_configs *configs, size_t *out_place)
{
	enum sg_uat_seen seen = SG_UAT_SEEN_NOTHING;
	size_t i;

	for (i = 0; i < configs->count; i++) {
		if (is_wanted(configs->items[i], ctx)) {
			*out_place = i;
			return SG_UAT_SEEN_IT;
		}
		if (has_name(configs->items[i], ctx))
			seen = SG_UAT_SEEN_LIKE_IT;
	}
	return seen;
}

static void
describe(
    const void *ctx, const struct sg_uat_configs *configs, struct sg_buf *out)
{
	const struct wanted *wanted = ctx;
	size_t i;

	for (i = 0; i < configs->count; i++) {
		const struct sg_uat_config *config = configs->items[i];

		if (!has_name(config, wanted))
			continue;
		sg_buf_addf(out, "%s%s has the name \"%s\" and %s key",
		    out->len > 0 ? "; " : "",
		    config->config_id != NULL ? config->config_id
					      : "one without id",
		    wanted->name,
		    is_wanted(config, wanted) ? "the" : "another");
	}
}

static enum sg_rc
look(const struct sg_uat *uat, const struct wanted *wanted,
    struct sg_uat_config **out_config, enum sg_uat_seen *out_seen,
    struct sg_err *err)
{
	SG_AUTO(sg_uat_configs) configs = NULL;
	const struct sg_uat_config *config;
	size_t place = 0;
	enum sg_rc rc;

	rc = sg_uat_list(uat, &configs, err);
	if (rc != SG_OK)
		return rc;
	*out_seen = find(wanted, configs, &place);
	if (*out_seen != SG_UAT_SEEN_IT)
		return SG_OK;
	config = configs->items[place];
	return sg_uat_get(uat,
	    config->config_id != NULL ? config->config_id : wanted->name,
	    out_config, err);
}

enum sg_rc
sg_uat_find_copy(const struct sg_uat *uat, const char *name,
    const char *thumbprint, bool may_be_late, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	const struct wanted wanted = {name, thumbprint};
	unsigned int looks = may_be_late ? SG_UAT_LOOKS : 1;
	enum sg_uat_seen seen = SG_UAT_SEEN_NOTHING;
	enum sg_rc rc = SG_OK;
	unsigned int i;

	for (i = 0; rc == SG_OK && i < looks && seen != SG_UAT_SEEN_IT; i++) {
		sg_uat_pause(uat, i);
		rc = look(uat, &wanted, out_config, &seen, err);
	}
	return rc;
}

static enum sg_rc
make_body(const struct sg_uat *uat, const char *id,
    const struct sg_uat_change *change, struct sg_buf **out_body,
    struct sg_err *err)
{
	SG_AUTO(sg_json) current = NULL;
	enum sg_rc rc;

	rc = sg_uat_fetch(uat, id, &current, NULL, err);
	if (rc != SG_OK)
		return rc;
	if (!sg_json_is_object(current))
		return sg_fail(err, SG_E_REFUSED,
		    COPY ": what it is to be like is no UAT configuration");
	return sg_uat_change_body(change, current, out_body, err);
}

/* What goes on needs its id, and what is known of it its key: an answer may
 * leave them out. So may it be that an earlier, lost request was late. */
static enum sg_rc
look_if_needed(const struct sg_uat *uat, const struct wanted *wanted,
    struct sg_uat_config **config, const struct sg_err *sent,
    struct sg_err *err)
{
	enum sg_uat_seen seen;
	struct sg_err fault = {0};
	enum sg_rc rc;

	if (sent->rc == SG_OK && (*config)->config_id != NULL &&
	    is_wanted(*config, wanted))
		return SG_OK;
	if (sent->rc != SG_OK && sent->native != 409)
		return sg_fail_again(err, sent->rc, sent);
	sg_uat_config_free(config);
	rc = look(uat, wanted, config, &seen, &fault);
	if (*config != NULL)
		return SG_OK;
	if (sent->rc != SG_OK)
		return sg_fail_again(err, sent->rc, sent);
	if (rc != SG_OK)
		return sg_fail_again(err, rc, &fault);
	return sg_fail(err, SG_E_REFUSED,
	    COPY ": the service took it, and does not list it");
}

static enum sg_rc
make_copy(const struct sg_uat *uat, const char *id,
    const struct sg_uat_change *change, const struct wanted *wanted,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	SG_AUTO(sg_buf) body = NULL;
	struct sg_uat_post post = {
	    .what = COPY,
	    .find = find,
	    .describe = describe,
	    .ctx = wanted,
	};
	struct sg_err sent = {0};
	enum sg_rc rc;

	rc = make_body(uat, id, change, &body, err);
	if (rc != SG_OK)
		return rc;
	post.body = body;
	rc = sg_uat_make(uat, &post, &config, &sent);
	if (rc == SG_OK && uat->preview != NULL)
		return SG_OK;
	rc = look_if_needed(uat, wanted, &config, &sent, err);
	if (rc != SG_OK)
		return rc;
	*out_config = config;
	config = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_uat_copy(const struct sg_uat *uat, const char *id,
    const struct sg_uat_change *change, struct sg_uat_config **out_config,
    struct sg_err *err)
{
	SG_AUTO(sg_lock) lock = NULL;
	char thumbprint[SG_THUMBPRINT_SIZE];
	const struct wanted wanted = {change->name, thumbprint};
	enum sg_uat_seen seen = SG_UAT_SEEN_NOTHING;
	enum sg_rc rc;

	rc = pem_thumbprint(change->public_key_pem, thumbprint, err);
	if (rc == SG_OK)
		rc = sg_uat_lock(uat, &lock, err);
	if (rc == SG_OK)
		rc = look(uat, &wanted, out_config, &seen, err);
	if (rc != SG_OK || seen == SG_UAT_SEEN_IT)
		return rc;
	if (seen == SG_UAT_SEEN_LIKE_IT)
		return sg_fail(err, SG_E_POLICY,
		    "there is a UAT configuration \"%s\" with another key; "
		    "delete it, or choose another name with --name",
		    change->name);
	return make_copy(uat, id, change, &wanted, out_config, err);
}
