/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "client/http/http.h"
#include "client/reply/reply.h"
#include "client/session/api.h"
#include "client/uat/uat.h"
#include "client/uat/uat_diff.h"
#include "client/uat/uat_internal.h"

#define CREATE	 "create the UAT configuration"
#define TEXT_MAX 2048

/* What makes one that we find ours, though the rest may differ. */
#define OURS (SG_UAT_PART_NAME | SG_UAT_PART_KEY | SG_UAT_PART_ISSUER)

static const char *
shown_id(const struct sg_uat_config *config)
{
	return config->config_id != NULL ? config->config_id : "one without id";
}

/* Take one out of the list; the rest goes away with it. */
static struct sg_uat_config *
take(struct sg_uat_configs *configs, size_t i)
{
	struct sg_uat_config *config = configs->items[i];

	configs->items[i] = NULL;
	return config;
}

/* How many have none of these differences; the last of them, and its place. */
static size_t
count_like(const struct sg_uat_configs *configs, const struct sg_uat_spec *spec,
    unsigned int parts, size_t *out_place)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < configs->count; i++) {
		if ((sg_uat_diff(spec, configs->items[i]) & parts) != 0)
			continue;
		*out_place = i;
		count++;
	}
	return count;
}

static void
describe_one(struct sg_buf *out, const struct sg_uat_spec *spec,
    const struct sg_uat_config *config)
{
	unsigned int parts = sg_uat_diff(spec, config);

	sg_buf_addf(
	    out, "%s has the name \"%s\"", shown_id(config), spec->name);
	if (parts == 0) {
		sg_buf_add_str(out, " and is what was asked for");
		return;
	}
	sg_buf_add_str(out, " and differs in: ");
	sg_uat_diff_add(parts, out);
}

/* Those of its name, and in what they differ. */
static void
describe(
    const void *ctx, const struct sg_uat_configs *configs, struct sg_buf *out)
{
	const struct sg_uat_spec *spec = ctx;
	const char *before = "";
	size_t i;

	for (i = 0; i < configs->count; i++) {
		if (sg_uat_diff(spec, configs->items[i]) & SG_UAT_PART_NAME)
			continue;
		sg_buf_add_str(out, before);
		describe_one(out, spec, configs->items[i]);
		before = "; ";
	}
}

static enum sg_uat_seen
find_made(
    const void *ctx, const struct sg_uat_configs *configs, size_t *out_place)
{
	const struct sg_uat_spec *spec = ctx;

	if (count_like(configs, spec, ~0U, out_place) == 1)
		return SG_UAT_SEEN_IT;
	return count_like(configs, spec, OURS, out_place) > 0
		   ? SG_UAT_SEEN_LIKE_IT
		   : SG_UAT_SEEN_NOTHING;
}

/* --- make one, whatever it is -------------------------------------------- */

static enum sg_rc
look_once(const struct sg_uat *uat, const struct sg_uat_post *post,
    enum sg_uat_seen *out_seen, struct sg_uat_config **out_config,
    struct sg_buf *told)
{
	SG_AUTO(sg_uat_configs) configs = NULL;
	size_t place = 0;
	enum sg_rc rc;

	rc = sg_uat_list(uat, &configs, NULL);
	if (rc != SG_OK)
		return rc;
	*out_seen = post->find(post->ctx, configs, &place);
	if (*out_seen == SG_UAT_SEEN_IT)
		*out_config = take(configs, place);
	if (*out_seen == SG_UAT_SEEN_LIKE_IT)
		post->describe(post->ctx, configs, told);
	return SG_OK;
}

/*
 * The answer was lost: the configuration may have been made, or may be about
 * to. It is never sent again, but looked for.
 */
static enum sg_rc
find_again(const struct sg_uat *uat, const struct sg_uat_post *post,
    struct sg_uat_config **out_config, const struct sg_err *lost,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) told = sg_buf_new(TEXT_MAX);
	enum sg_uat_seen seen = SG_UAT_SEEN_NOTHING;
	unsigned int look;
	enum sg_rc rc = SG_OK;

	for (look = 0; look < SG_UAT_LOOKS && seen == SG_UAT_SEEN_NOTHING;
	     look++) {
		sg_uat_pause(uat, look);
		rc = look_once(uat, post, &seen, out_config, told);
		if (rc != SG_OK)
			break;
	}
	if (rc == SG_OK && seen == SG_UAT_SEEN_IT)
		return SG_OK;
	if (rc != SG_OK)
		return sg_fail_native(err, lost->rc, lost->native,
		    "%s; it may exist all the same, and could not be looked "
		    "for: run signet uat list before you try again",
		    lost->text);
	if (seen == SG_UAT_SEEN_LIKE_IT)
		return sg_fail_native(err, lost->rc, lost->native,
		    "%s; this may be it: %s; see signet uat list", lost->text,
		    sg_buf_str(told));
	return sg_fail_native(err, lost->rc, lost->native,
	    "%s; it was looked for and is not there; run signet uat list once "
	    "more before you try again",
	    lost->text);
}

/* The service says that it exists: then what does? */
static enum sg_rc
say_what_exists(const struct sg_uat *uat, const struct sg_uat_post *post,
    const struct sg_err *refusal, struct sg_err *err)
{
	SG_AUTO(sg_uat_configs) configs = NULL;
	SG_AUTO(sg_buf) told = sg_buf_new(TEXT_MAX);

	if (sg_uat_list(uat, &configs, NULL) != SG_OK)
		return sg_fail_again(err, refusal->rc, refusal);
	post->describe(post->ctx, configs, told);
	if (told == NULL || told->len == 0)
		return sg_fail_again(err, refusal->rc, refusal);
	return sg_fail_native(err, refusal->rc, refusal->native,
	    "%s; %s; take another --name, or see signet uat update",
	    refusal->text, sg_buf_str(told));
}

static enum sg_rc
read_answer(const struct sg_uat_post *post, const struct sg_http_reply *reply,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	rc = sg_reply_json(reply, post->what, &json, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_uat_config_read(json, &config, err);
	if (rc != SG_OK)
		return sg_context(err, rc, "%s", post->what);
	if (config->config_id == NULL)
		return sg_fail_native(err, SG_E_REFUSED, reply->status,
		    "%s: the answer shows no configId (HTTP %d)", post->what,
		    reply->status);
	*out_config = config;
	config = NULL; /* now the caller's */
	return SG_OK;
}

enum sg_rc
sg_uat_make(const struct sg_uat *uat, const struct sg_uat_post *post,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	const struct sg_api_request request = {
	    .method = "POST",
	    .path = sg_uat_all(uat),
	    .body = post->body->data,
	    .body_len = post->body->len,
	};
	struct sg_err fault = {0};
	enum sg_rc rc;

	rc = sg_uat_send(uat, &request, post->what, &reply, &fault);
	if (rc == SG_OK && reply == NULL)
		return SG_OK; /* a preview */
	if (rc == SG_OK) {
		rc = read_answer(post, reply, out_config, &fault);
		if (rc != SG_OK) /* it is there; only its description is not */
			return find_again(uat, post, out_config, &fault, err);
	}
	if (sg_reply_in_doubt(rc, fault.native))
		return find_again(uat, post, out_config, &fault, err);
	if (rc == SG_E_REFUSED && fault.native == 409)
		return say_what_exists(uat, post, &fault, err);
	return sg_fail_again(err, rc, &fault);
}

/* --- make one by what it shall be ---------------------------------------- */

enum sg_rc
sg_uat_create(const struct sg_uat *uat, const struct sg_uat_spec *spec,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_buf) body = NULL;
	struct sg_uat_post post = {
	    .what = CREATE,
	    .find = find_made,
	    .describe = describe,
	    .ctx = spec,
	};
	enum sg_rc rc;

	rc = sg_uat_spec_body(spec, &body, err);
	/* First, so that its failure leaves no doubt. */
	if (rc == SG_OK && uat->preview == NULL)
		rc = sg_api_session(uat->api, NULL, err);
	if (rc != SG_OK)
		return rc;
	post.body = body;
	return sg_uat_make(uat, &post, out_config, err);
}

/* The one of this name, if any: NULL, or it, or why it will not do. */
static enum sg_rc
find_present(const struct sg_uat *uat, const struct sg_uat_spec *spec,
    struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_uat_configs) configs = NULL;
	SG_AUTO(sg_buf) told = sg_buf_new(TEXT_MAX);
	size_t place = 0;
	size_t named;
	enum sg_rc rc;

	rc = sg_uat_list(uat, &configs, err);
	if (rc != SG_OK)
		return rc;
	named = count_like(configs, spec, SG_UAT_PART_NAME, &place);
	if (named == 0)
		return SG_OK;
	if (named == 1 && sg_uat_diff(spec, configs->items[place]) == 0) {
		*out_config = take(configs, place);
		return SG_OK;
	}
	describe(spec, configs, told);
	rc = sg_buf_check(told, "what is there", err);
	if (rc != SG_OK)
		return rc;
	if (named > 1)
		return sg_fail(err, SG_E_USAGE,
		    CREATE ": nothing was made, since several have this "
			   "name: %s",
		    sg_buf_str(told));
	return sg_fail_native(err, SG_E_REFUSED, 409,
	    CREATE ": nothing was made: %s; take another --name, or see "
		   "signet uat update",
	    sg_buf_str(told));
}

enum sg_rc
sg_uat_ensure(const struct sg_uat *uat, const struct sg_uat_spec *spec,
    bool *out_made, struct sg_uat_config **out_config, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) config = NULL;
	SG_AUTO(sg_buf) body = NULL;
	SG_AUTO(sg_lock) lock = NULL;
	struct sg_err fault = {0};
	bool made = false;
	enum sg_rc rc;

	rc = sg_uat_spec_body(spec, &body, err); /* before anything is sent */
	if (rc == SG_OK)
		rc = sg_uat_lock(uat, &lock, err);
	if (rc == SG_OK)
		rc = find_present(uat, spec, &config, err);
	if (rc != SG_OK)
		return rc;
	if (config == NULL) {
		made = true;
		rc = sg_uat_create(uat, spec, &config, &fault);
	}
	/* Made by another host since we looked. */
	if (rc == SG_E_REFUSED && fault.native == 409) {
		made = false;
		rc = find_present(uat, spec, &config, err);
		if (rc == SG_OK && config == NULL)
			rc = sg_fail_again(err, fault.rc, &fault);
	} else if (rc != SG_OK) {
		return sg_fail_again(err, rc, &fault);
	}
	if (rc != SG_OK)
		return rc;
	*out_made = made;
	*out_config = config;
	config = NULL; /* now the caller's */
	return SG_OK;
}
