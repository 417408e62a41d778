/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key/key_set.h"

#include <string.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/key/keys.h"
#include "signer/jwks.h"
#include "signer/signer.h"

static bool
is_named(const struct app *app)
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

static enum sg_rc
add_keys(struct app *app, struct sg_jwks *set, struct sg_err *err)
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

static const char *
file_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "stdin" : path;
}

static enum sg_rc
merge_files(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	const struct sg_list *files = &app->args.lists[OPT_MERGE];
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < files->count; i++) {
		SG_AUTO(sg_buf) text = NULL;

		rc = app_read_input(
		    files->items[i], "--merge", SG_JWKS_TEXT_MAX, &text, err);
		if (rc == SG_OK)
			rc = sg_jwks_merge(set, text->data, text->len, err);
		if (rc != SG_OK)
			return sg_context(
			    err, rc, "merge %s", file_name(files->items[i]));
	}
	return SG_OK;
}

/* An RFC 3339 time, +DURATION from now, or never. */
static enum sg_rc
parse_time(
    struct app *app, const char *text, int64_t *out_s, struct sg_err *err)
{
	int64_t time_s = 0;
	enum sg_rc rc;

	if (strcmp(text, "never") == 0) {
		*out_s = 0;
		return SG_OK;
	}
	if (text[0] == '+') {
		rc = sg_duration_parse(text + 1, &time_s, err);
		time_s += app->clock->now_s(app->clock->ctx);
	} else {
		rc = sg_time_parse(text, &time_s, err);
	}
	if (rc == SG_OK && time_s <= 0)
		rc = sg_fail(err, SG_E_USAGE, "the time is before 1970");
	if (rc == SG_OK)
		*out_s = time_s;
	return rc == SG_E_INVALID ? sg_recast(err, SG_E_USAGE) : rc;
}

/* The last '=' parts them: a kid may hold one, a time does not. */
static enum sg_rc
retire(
    struct app *app, struct sg_jwks *set, const char *text, struct sg_err *err)
{
	SG_AUTO(sg_buf) name = sg_buf_new(4096);
	const char *equals = strrchr(text, '=');
	int64_t at_s = 0;
	enum sg_rc rc;

	if (equals == NULL || equals == text)
		return sg_fail(err, SG_E_USAGE,
		    "\"%s\" must have the form KEY=TIME", text);
	sg_buf_add(name, text, (size_t)(equals - text));
	rc = sg_buf_check(name, "a kid", err);
	if (rc == SG_OK)
		rc = parse_time(app, equals + 1, &at_s, err);
	if (rc != SG_OK)
		return rc;
	return sg_jwks_retire(set, sg_buf_str(name), at_s, err);
}

static enum sg_rc
retire_keys(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	const struct sg_list *given = &app->args.lists[OPT_RETIRE];
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < given->count; i++)
		rc = retire(app, set, given->items[i], err);
	return rc == SG_OK ? rc : sg_context(err, rc, "read --retire");
}

enum sg_rc
key_set_drop_retired(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	int64_t now_s = app->clock->now_s(app->clock->ctx);
	size_t i;

	for (i = 0; i < sg_jwks_count(set); i++) {
		const struct sg_jwks_key *key = sg_jwks_at(set, i);

		if (key->retire_at_s != 0 && key->retire_at_s <= now_s)
			app_hint(
			    app, "left out, its time is over: %s", key->kid);
	}
	sg_jwks_drop_retired(set, now_s);
	if (sg_jwks_count(set) > 0)
		return SG_OK;
	return sg_fail(err, SG_E_INVALID,
	    "no key is left to publish, and with an empty set nobody signs "
	    "in; name a key, or --retire KEY=never");
}

enum sg_rc
key_set_collect(struct app *app, struct sg_jwks *set, struct sg_err *err)
{
	enum sg_rc rc;

	rc = merge_files(app, set, err); /* before a PIN is spent */
	if (rc == SG_OK && (is_named(app) || !app_given(app, OPT_MERGE)))
		rc = add_keys(app, set, err);
	if (rc == SG_OK)
		rc = retire_keys(app, set, err);
	return rc == SG_OK ? key_set_drop_retired(app, set, err) : rc;
}
