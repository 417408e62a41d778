/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_keys.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/key/key_show.h"
#include "cli/key/keys.h"
#include "cli/rotate/rotate.h"
#include "cli/rotate/rotate_begin.h"
#include "cli/rotate/rotate_journal.h"
#include "cli/rotate/rotate_settings.h"
#include "cli/uat/known.h"
#include "cli/uat/uat_door.h"
#include "client/rotation/rotation.h"
#include "client/rotation/rotation_names.h"
#include "client/uat/uat_copy.h"
#include "pkcs11/key.h"
#include "pkcs11/keydel.h"
#include "pkcs11/keygen.h"
#include "pkcs11/uri.h"
#include "signer/rsa.h"
#include "signer/signer.h"

#define PEM_MAX (64 * 1024)

/* A key as its token tells of it. */
struct seen {
	char *uri;
	char thumbprint[SG_THUMBPRINT_SIZE];
};

static void
seen_clear(struct seen *seen)
{
	sg_str_free(&seen->uri);
}

#define AUTO_SEEN __attribute__((cleanup(seen_clear))) struct seen

static enum sg_rc
replace(char **member, const char *text, struct sg_err *err)
{
	sg_str_free(member);
	return sg_str_copy(text, member, err);
}

/* The new key by its id alone, which nothing else has. */
static enum sg_rc
new_key_uri(
    const struct sg_rotation *r, struct sg_uri **out_uri, struct sg_err *err)
{
	SG_AUTO(sg_buf) by_id = sg_buf_new(1024);
	SG_AUTO_STR text = NULL;
	const char *hex = r->new_id;
	enum sg_rc rc;

	sg_buf_add_str(by_id, "pkcs11:id=");
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2)
		sg_buf_addf(by_id, "%%%.2s", hex);
	rc = sg_buf_check(by_id, "a PKCS#11 URI", err);
	if (rc == SG_OK)
		rc = sg_uri_rename(r->old_uri, sg_buf_str(by_id), &text, err);
	return rc == SG_OK ? sg_uri_parse(text, out_uri, err) : rc;
}

static enum sg_rc
take_note(void *ctx, const struct sg_key_info *key, struct sg_err *err)
{
	struct seen *seen = ctx;
	enum sg_rc rc;

	rc = key_show_thumbprint(key, seen->thumbprint, err);
	return rc == SG_OK ? sg_str_copy(key->uri, &seen->uri, err) : rc;
}

/* The uri stays NULL when the key is not there. */
static enum sg_rc
look_for(
    struct rotate *rotate, bool new_key, struct seen *seen, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_uri) uri = NULL;
	struct sg_err absent = {0};
	enum sg_rc rc;

	rc = keys_open_token(rotate->app, true, err);
	if (rc == SG_OK)
		rc = new_key ? new_key_uri(r, &uri, err)
			     : sg_uri_parse(r->old_uri, &uri, err);
	if (rc != SG_OK)
		return rc;
	rc = sg_key_describe(rotate->app->token, uri, take_note, seen, &absent);
	return rc == SG_E_NOT_FOUND ? SG_OK : sg_fail_again(err, rc, &absent);
}

enum sg_rc
rotate_keys_look(
    struct rotate *rotate, bool new_key, bool *out_there, struct sg_err *err)
{
	AUTO_SEEN seen = {0};
	enum sg_rc rc;

	rc = look_for(rotate, new_key, &seen, err);
	*out_there = seen.uri != NULL;
	return rc;
}

static enum sg_rc
generate(struct rotate *rotate, char **out_uri, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_buf) id = sg_buf_new(1024);
	struct sg_keygen_opts opts = {
	    .label = r->new_label,
	    .bits = (unsigned int)r->bits,
	    .clock = rotate->app->clock,
	};
	enum sg_rc rc;

	rc = sg_hex_decode(id, r->new_id, err);
	if (rc == SG_OK)
		rc = sg_buf_check(id, "the id of the new key", err);
	if (rc != SG_OK)
		return rc;
	opts.id = id->data;
	opts.id_len = id->len;
	return keys_generate(rotate->app, &opts, out_uri, err);
}

/* Cut off, a generation may have left a public key with the id. */
static enum sg_rc
generate_once_more(struct rotate *rotate, char **out_uri, struct sg_err *err)
{
	struct sg_err taken = {0};
	enum sg_rc rc;

	rc = generate(rotate, out_uri, &taken);
	if (rc != SG_E_AMBIGUOUS)
		return sg_fail_again(err, rc, &taken);
	app_hint(rotate->app, "the new key gets another id: %s", taken.text);
	rc = rotate_choose_again(rotate, err);
	if (rc == SG_OK)
		rc = rotate_journal_save(rotate, rotate->rotation, err);
	return rc == SG_OK ? generate(rotate, out_uri, err) : rc;
}

static enum sg_rc
record_names(struct sg_rotation *r, struct sg_err *err)
{
	enum sg_rc rc = SG_OK;

	if (r->new_name == NULL && r->config_name != NULL)
		rc = sg_rotation_name(r->config_name, r->old_thumbprint,
		    r->new_thumbprint, &r->new_name, err);
	if (rc == SG_OK && r->new_issuer == NULL)
		rc = sg_rotation_issuer(r->old_issuer, r->old_thumbprint,
		    r->new_thumbprint, &r->new_issuer, err);
	return rc;
}

/* The public key is that of the signer, which has had it proven. */
static enum sg_rc
record_key(struct rotate *rotate, const char *uri, struct sg_err *err)
{
	SG_AUTO(sg_buf) pem = sg_buf_new(PEM_MAX);
	struct sg_rotation *r = rotate->rotation;
	struct app *app = rotate->app;
	enum sg_rc rc;

	rc = replace(&r->new_uri, uri, err);
	sg_str_free(&r->new_setting);
	if (rc == SG_OK)
		rc = sg_uri_rename(r->old_setting, uri, &r->new_setting, err);
	if (rc == SG_OK)
		rc = keys_change(app, r->new_setting, err);
	if (rc == SG_OK)
		rc = keys_open_signer(app, err);
	if (rc == SG_OK)
		rc = sg_rsa_to_pem(sg_signer_public(app->signer), pem, err);
	if (rc == SG_OK)
		rc = sg_buf_check(pem, "the public key", err);
	if (rc == SG_OK)
		rc = replace(&r->new_pem, sg_buf_str(pem), err);
	if (rc == SG_OK)
		rc = replace(
		    &r->new_thumbprint, sg_signer_thumbprint(app->signer), err);
	return rc == SG_OK ? record_names(r, err) : rc;
}

enum sg_rc
rotate_keys_make(struct rotate *rotate, struct sg_err *err)
{
	AUTO_SEEN seen = {0};
	enum sg_rc rc;

	rc = look_for(rotate, true, &seen, err);
	if (rc == SG_OK && seen.uri == NULL)
		rc = generate_once_more(rotate, &seen.uri, err);
	return rc == SG_OK ? record_key(rotate, seen.uri, err) : rc;
}

static void
say_kept(struct rotate *rotate, const char *carrier)
{
	app_hint(rotate->app,
	    "the old key stays in the token, since another UAT configuration "
	    "carries it%s%s: %s",
	    carrier != NULL ? ", " : "", carrier != NULL ? carrier : "",
	    rotate->rotation->old_uri);
}

/* Does this one carry the old key? A list may leave the key out. */
static enum sg_rc
carries(const struct sg_uat *uat, const struct sg_uat_config *config,
    const char *thumbprint, bool *out_carries, struct sg_err *err)
{
	SG_AUTO(sg_uat_config) whole = NULL;
	char shown[SG_THUMBPRINT_SIZE];
	enum sg_rc rc;

	if (config->public_key_active == NULL && config->jwks_uri == NULL &&
	    config->config_id != NULL) {
		rc = sg_uat_get(uat, config->config_id, &whole, err);
		if (rc != SG_OK)
			return rc;
		config = whole;
	}
	rc = sg_uat_config_thumbprint(config, shown, err);
	/* With a jwksUri, what is published there counts. */
	*out_carries =
	    config->jwks_uri == NULL && strcmp(shown, thumbprint) == 0;
	return rc;
}

/* In this tenant, enabled or not: the service knows. */
static enum sg_rc
is_listed(struct rotate *rotate, bool *out_carried, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_uat_configs) configs = NULL;
	AUTO_UAT_DOOR door = {0};
	enum sg_rc rc;
	size_t i;

	rc = uat_door_open(rotate->app, &door, err);
	if (rc == SG_OK)
		rc = sg_uat_list(&door.uat, &configs, err);
	for (i = 0; rc == SG_OK && !*out_carried && i < configs->count; i++) {
		const struct sg_uat_config *config = configs->items[i];

		rc = carries(
		    &door.uat, config, r->old_thumbprint, out_carried, err);
		if (rc == SG_OK && *out_carried)
			say_kept(rotate, config->name != NULL
					     ? config->name
					     : config->config_id);
	}
	return rc;
}

/* In another tenant, say: what was seen here before. */
static enum sg_rc
is_carried(struct rotate *rotate, bool *out_carried, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	SG_AUTO(sg_json) carriers = NULL;
	enum sg_rc rc;

	rc = known_carriers(rotate->app, r->old_thumbprint, &carriers, err);
	if (rc != SG_OK)
		return rc;
	*out_carried = carriers != NULL;
	if (!*out_carried)
		return is_listed(rotate, out_carried, err);
	say_kept(rotate, NULL);
	return SG_OK;
}

static enum sg_rc
delete_key(struct rotate *rotate, const char *text, struct sg_err *err)
{
	SG_AUTO(sg_uri) uri = NULL;
	bool public_stays = false;
	enum sg_rc rc;

	rc = sg_uri_parse(text, &uri, err);
	if (rc == SG_OK)
		rc = sg_key_delete(rotate->app->token, uri, &public_stays, err);
	return rc;
}

enum sg_rc
rotate_keys_drop(struct rotate *rotate, bool new_key, struct sg_err *err)
{
	const struct sg_rotation *r = rotate->rotation;
	const char *thumbprint =
	    new_key ? r->new_thumbprint : r->old_thumbprint;
	AUTO_SEEN seen = {0};
	bool carried = false;
	enum sg_rc rc;

	/* not the one that is to go: its handles are let go of */
	rc = rotate_settings_use(rotate, !new_key, err);
	if (rc == SG_OK && !new_key)
		rc = is_carried(rotate, &carried, err);
	if (rc == SG_OK && !carried)
		rc = look_for(rotate, new_key, &seen, err);
	if (rc != SG_OK || seen.uri == NULL)
		return rc;
	if (thumbprint != NULL && strcmp(seen.thumbprint, thumbprint) != 0)
		return sg_fail(err, SG_E_POLICY,
		    "another key is where the %s one was, and was not "
		    "deleted: %s",
		    new_key ? "new" : "old", seen.uri);
	return delete_key(rotate, seen.uri, err);
}
