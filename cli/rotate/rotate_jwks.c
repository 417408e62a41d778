/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_jwks.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/app.h"
#include "cli/cloud/services.h"
#include "cli/key/keys.h"
#include "cli/rotate/rotate.h"
#include "cli/rotate/rotate_settings.h"
#include "cli/rotate/rotate_targets.h"
#include "client/check/jwks_check.h"
#include "client/http/http.h"
#include "client/rotation/rotation.h"
#include "signer/jwks.h"
#include "signer/published.h"
#include "signer/rsa.h"
#include "signer/signer.h"

static enum sg_rc
fetch_set(struct rotate *rotate, struct sg_published *set, struct sg_err *err)
{
	const char *url = rotate->rotation->jwks_uri;
	SG_AUTO(sg_http_reply) reply = NULL;
	enum sg_rc rc;

	rc = services_http(rotate->app, err);
	if (rc == SG_OK)
		rc = sg_jwks_fetch(rotate->app->http, url, &reply, err);
	if (rc == SG_OK && reply->status != 200)
		rc = sg_fail_native(err, SG_E_REFUSED, reply->status,
		    "the answer is HTTP %d", reply->status);
	if (rc == SG_OK)
		rc = sg_published_merge(
		    set, reply->body->data, reply->body->len, err);
	return sg_context(err, rc, "fetch the published key set from %s", url);
}

/* What stands in the file is what is published next, by this host or another:
 * what is published now may be an older one. An empty file is none. */
static enum sg_rc
read_set(const char *path, struct sg_published *set, struct sg_err *err)
{
	SG_AUTO(sg_buf) text = NULL;
	struct stat st;
	enum sg_rc rc;

	if (path == NULL || (stat(path, &st) != 0 && errno == ENOENT))
		return SG_OK;
	rc =
	    sg_file_read(path, SG_FILE_ANY, SG_JWKS_TEXT_MAX, NULL, &text, err);
	if (rc == SG_OK && text->len > 0)
		rc = sg_published_merge(set, text->data, text->len, err);
	return sg_context(
	    err, rc, "read %s, which the key set is to be written to", path);
}

enum sg_rc
rotate_jwks_look(struct rotate *rotate, struct sg_err *err)
{
	SG_AUTO(sg_published) set = sg_published_new();
	enum sg_rc rc;

	if (set == NULL)
		return sg_fail_nomem(err);
	rc = read_set(rotate->rotation->jwks_output, set, err);
	return rc == SG_OK ? fetch_set(rotate, set, err) : rc;
}

static bool
is_as_told(const struct rotate *rotate, const struct sg_published *set,
    struct rotate_set wanted)
{
	const struct sg_rotation *r = rotate->rotation;
	bool has_new = r->new_thumbprint != NULL &&
		       sg_published_has(set, r->new_thumbprint);

	return sg_published_has(set, r->old_thumbprint) == wanted.old_key &&
	       has_new == wanted.new_key;
}

/* The old key's numbers come from the token, the new one's from the record. */
static enum sg_rc
add_key(struct rotate *rotate, struct sg_published *set, bool new_key,
    struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_rsa) rsa = NULL;
	enum sg_rc rc;

	if (sg_published_has(
		set, new_key ? r->new_thumbprint : r->old_thumbprint))
		return SG_OK;
	if (new_key) {
		rc = sg_rsa_from_pem(r->new_pem, strlen(r->new_pem), &rsa, err);
		return rc == SG_OK ? sg_published_add(set, rsa, err) : rc;
	}
	rc = rotate_settings_use(rotate, false, err);
	if (rc == SG_OK)
		rc = keys_open_signer(rotate->app, err);
	if (rc != SG_OK)
		return rc;
	return sg_published_add(
	    set, sg_signer_public(rotate->app->signer), err);
}

static enum sg_rc
change_set(struct rotate *rotate, struct sg_published *set,
    struct rotate_set wanted, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	enum sg_rc rc = SG_OK;

	if (wanted.old_key)
		rc = add_key(rotate, set, false, err);
	else
		sg_published_remove(set, r->old_thumbprint);
	if (rc == SG_OK && wanted.new_key)
		rc = add_key(rotate, set, true, err);
	else if (rc == SG_OK && r->new_thumbprint != NULL)
		sg_published_remove(set, r->new_thumbprint);
	return rc;
}

/* What is asked for has to be there before it can go on. */
static enum sg_rc
ask_to_publish(
    struct rotate *rotate, const struct sg_buf *text, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	struct app *app = rotate->app;
	enum sg_rc rc;

	if (app_json(app)) {
		app_json_begin(app);
		sg_jsonw_str(&app->json, "jwksUri", r->jwks_uri);
		sg_jsonw_str(&app->json, "publish", sg_buf_str(text));
		rc = app_json_end(app, err);
		if (rc != SG_OK)
			return rc;
	} else {
		sg_buf_add(app->out, text->data, text->len);
	}
	app->out_stands = true;
	return sg_fail(err, SG_E_CONFIG,
	    "publish the key set that stands on stdout at %s, and then run: "
	    "signet uat rotate %s; or name a file for it with --jwks-output",
	    r->jwks_uri, r->back ? "--rollback" : "--resume");
}

enum sg_rc
rotate_jwks_publish(
    struct rotate *rotate, struct rotate_set wanted, struct sg_err *err)
{
	SG_AUTO(sg_published) set = sg_published_new();
	SG_AUTO(sg_buf) text = sg_buf_new(SG_JWKS_TEXT_MAX);
	const char *path = rotate->rotation->jwks_output;
	enum sg_rc rc;

	if (set == NULL)
		return sg_fail_nomem(err);
	rc = read_set(path, set, err);
	if (rc == SG_OK)
		rc = fetch_set(rotate, set, err);
	if (rc != SG_OK)
		return rc;
	/* A file may hold what an earlier run wrote, to be published yet. */
	if (path == NULL && is_as_told(rotate, set, wanted))
		return SG_OK;
	rc = change_set(rotate, set, wanted, err);
	if (rc == SG_OK)
		rc = sg_published_write(set, text, err);
	if (rc != SG_OK)
		return rc;
	if (path == NULL)
		return ask_to_publish(rotate, text, err);
	return sg_file_replace(path, text->data, text->len, 0644, err);
}

enum sg_rc
rotate_jwks_check(
    struct rotate *rotate, struct rotate_set wanted, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	int64_t end_ms = sg_clock_mono_ms() + r->publish_s * 1000;
	unsigned int looks = 0;
	struct sg_err fault;
	enum sg_rc rc;

	for (;;) {
		SG_AUTO(sg_published) set = sg_published_new();

		memset(&fault, 0, sizeof(fault));
		if (set == NULL)
			return sg_fail_nomem(err);
		rc = fetch_set(rotate, set, &fault);
		if (rc == SG_OK && is_as_told(rotate, set, wanted))
			return SG_OK;
		if (sg_clock_mono_ms() >= end_ms)
			break;
		rotate_pause(looks++);
	}
	if (rc != SG_OK)
		return sg_fail_again(err, rc, &fault);
	return sg_fail(err, SG_E_TIMEOUT,
	    "what is published at %s does not have the keys that it should "
	    "after %lld s; see that it is published, and that no cache keeps "
	    "an old one",
	    r->jwks_uri, (long long)r->publish_s);
}
