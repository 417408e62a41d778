/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/key/key_show.h"
#include "cli/key/keys.h"
#include "cli/uat/known.h"
#include "cli/uat/stopped.h"
#include "pkcs11/policy.h"
#include "pkcs11/token.h"
#include "signer/evidence.h"
#include "signer/rsa.h"
#include "signer/signer.h"

#define KEY_FILE_MAX (1024 * 1024)

static enum sg_rc
make(struct app *app, struct sg_buf *bundle, struct sg_err *err)
{
	struct sg_evidence_about about = {
	    .version = SG_VERSION,
	    .now_s = app->clock->now_s(app->clock->ctx),
	};
	SG_AUTO(sg_json) configs = NULL;
	enum sg_rc rc;

	rc = stopped_check(app, err);
	if (rc == SG_OK)
		rc = keys_open_named(app, err);
	if (rc == SG_OK)
		rc = known_carriers(
		    app, sg_signer_thumbprint(app->signer), &configs, err);
	if (rc != SG_OK)
		return rc;
	about.token = sg_token_info(app->token);
	about.configs = configs;
	return sg_evidence_make(app->signer, &about, bundle, err);
}

static enum sg_rc
give(struct app *app, const struct sg_buf *bundle, struct sg_err *err)
{
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	if (app_output(app) != NULL) {
		rc = sg_file_replace(
		    app_output(app), bundle->data, bundle->len, 0644, err);
		if (rc != SG_OK || !app_json(app))
			return rc;
	}
	if (!app_json(app)) {
		sg_buf_add(app->out, bundle->data, bundle->len);
		return sg_buf_check(app->out, "the output", err);
	}
	rc = sg_json_parse(bundle->data, bundle->len, &json, err);
	if (rc != SG_OK)
		return rc;
	app_json_begin(app);
	sg_jsonw_str(
	    &app->json, "thumbprint", sg_signer_thumbprint(app->signer));
	if (app_output(app) != NULL)
		sg_jsonw_str(&app->json, "output", app_output(app));
	else
		sg_jsonw_value(&app->json, "evidence", json);
	return app_json_end(app, err);
}

/* Is this key one of the JWK Set's? */
static enum sg_rc
find_in_set(
    const struct sg_json *set, const char *thumbprint, struct sg_err *err)
{
	const struct sg_json *keys = sg_json_get(set, "keys");
	enum sg_rc rc;
	size_t i;

	if (!sg_json_is_array(keys))
		return sg_fail(err, SG_E_INVALID, "it is no JWK Set");
	for (i = 0; i < sg_json_count(keys); i++) {
		SG_AUTO(sg_rsa) rsa = NULL;
		char other[SG_THUMBPRINT_SIZE];

		if (sg_jwk_read(sg_json_at(keys, i), &rsa, NULL) != SG_OK)
			continue; /* of another kind */
		rc = sg_jwk_thumbprint(rsa, other, err);
		if (rc != SG_OK)
			return rc;
		if (strcmp(other, thumbprint) == 0)
			return SG_OK;
	}
	return sg_fail(err, SG_E_INVALID,
	    "the evidence is of a key that is not in it: %s", thumbprint);
}

static enum sg_rc
compare_pem(
    const struct sg_buf *pem, const char *thumbprint, struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = NULL;
	char other[SG_THUMBPRINT_SIZE];
	enum sg_rc rc;

	rc = sg_rsa_from_pem(sg_buf_str(pem), pem->len, &rsa, err);
	if (rc == SG_OK)
		rc = sg_jwk_thumbprint(rsa, other, err);
	if (rc == SG_OK && strcmp(other, thumbprint) != 0)
		rc = sg_fail(err, SG_E_INVALID,
		    "the evidence is of another key: %s", thumbprint);
	return rc;
}

static enum sg_rc
check_expected(struct app *app, const char *thumbprint, struct sg_err *err)
{
	bool is_set = app_given(app, OPT_JWKS);
	const char *path = app_value(app, is_set ? OPT_JWKS : OPT_PUBLIC_KEY);
	SG_AUTO(sg_buf) text = NULL;
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	if (path == NULL)
		return SG_OK;
	rc = app_read_input(path, "the key", KEY_FILE_MAX, &text, err);
	if (rc != SG_OK)
		return rc;
	if (is_set) {
		rc = sg_json_parse(text->data, text->len, &json, err);
		if (rc == SG_OK)
			rc = find_in_set(json, thumbprint, err);
	} else {
		rc = compare_pem(text, thumbprint, err);
	}
	return sg_context(err, rc, "compare with %s", path);
}

static void
print_said(struct app *app, const struct sg_evidence *evidence)
{
	static const char *const of_token[] = {
	    "label", "serial", "model", "manufacturer", "firmware"};
	const struct sg_json *payload = evidence->payload;
	const struct sg_json *token = sg_json_get(payload, "token");
	const struct sg_json *configs =
	    sg_json_get(payload, "uatConfigurations");
	size_t i;

	app_field(app, "thumbprint", evidence->thumbprint);
	app_field(app, "time", sg_json_get_text(payload, "time"));
	app_field(
	    app, "key", sg_json_get_text(sg_json_get(payload, "key"), "uri"));
	for (i = 0; i < SG_COUNT(of_token); i++)
		app_field(
		    app, of_token[i], sg_json_get_text(token, of_token[i]));
	for (i = 0; i < sg_json_count(configs); i++)
		app_field(app, "UAT",
		    sg_json_get_text(sg_json_at(configs, i), "name"));
	key_show_policy(app, &evidence->key);
}

static enum sg_rc
print_evidence(struct app *app, const struct sg_evidence *evidence,
    bool is_expected, struct sg_err *err)
{
	static const char *const alone =
	    "consistent in itself: whoever made it had this key; name the key "
	    "that you expect with --public-key or --jwks";
	static const char *const expected = "signed by the expected key";

	if (!app_json(app)) {
		print_said(app, evidence);
		app_field(app, "proves", is_expected ? expected : alone);
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_bool(&app->json, "verified", true);
	sg_jsonw_bool(&app->json, "isExpectedKey", is_expected);
	sg_jsonw_bool(
	    &app->json, "keepsPolicy", sg_policy_broken(&evidence->key) == 0);
	sg_jsonw_str(&app->json, "thumbprint", evidence->thumbprint);
	sg_jsonw_value(&app->json, "says", evidence->payload);
	return app_json_end(app, err);
}

static enum sg_rc
verify(struct app *app, struct sg_err *err)
{
	bool is_expected =
	    app_given(app, OPT_JWKS) || app_given(app, OPT_PUBLIC_KEY);
	SG_AUTO(sg_evidence) evidence = NULL;
	SG_AUTO(sg_buf) text = NULL;
	enum sg_rc rc;

	rc = app_read_input(app_value(app, OPT_VERIFY), "the evidence",
	    SG_EVIDENCE_MAX, &text, err);
	if (rc == SG_OK)
		rc = sg_evidence_read(text->data, text->len, &evidence, err);
	if (rc == SG_OK)
		rc = check_expected(app, evidence->thumbprint, err);
	if (rc == SG_OK)
		rc = print_evidence(app, evidence, is_expected, err);
	if (rc != SG_OK)
		return rc;
	if (sg_policy_broken(&evidence->key) == 0)
		return SG_OK;
	app->out_stands = true;
	return sg_fail(err, SG_E_POLICY,
	    "the evidence is good, and tells of a key that breaks the policy");
}

static enum sg_rc
check_options(const struct app *app, struct sg_err *err)
{
	if (app_given(app, OPT_JWKS) && app_given(app, OPT_PUBLIC_KEY))
		return sg_fail(err, SG_E_USAGE,
		    "--jwks and --public-key exclude each other");
	if (app_given(app, OPT_VERIFY) &&
	    (app->args.operand_count > 0 || app_given(app, OPT_OUTPUT)))
		return sg_fail(err, SG_E_USAGE,
		    "--verify takes neither a key's URI nor --output");
	if (app_given(app, OPT_VERIFY) && app_given(app, OPT_KEY))
		return sg_fail(err, SG_E_USAGE,
		    "--verify asks no token, so it takes no --key; name the "
		    "key that you expect with --public-key or --jwks");
	if (!app_given(app, OPT_VERIFY) &&
	    (app_given(app, OPT_JWKS) || app_given(app, OPT_PUBLIC_KEY)))
		return sg_fail(err, SG_E_USAGE,
		    "--jwks and --public-key go with --verify");
	return SG_OK;
}

enum sg_rc
cmd_key_evidence(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) bundle = sg_buf_new(SG_EVIDENCE_MAX);
	enum sg_rc rc;

	rc = check_options(app, err);
	if (rc != SG_OK)
		return rc;
	if (app_given(app, OPT_VERIFY))
		return verify(app, err);
	rc = make(app, bundle, err);
	if (rc != SG_OK)
		return rc;
	return give(app, bundle, err);
}
