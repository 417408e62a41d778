/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/cloud/services.h"
#include "cli/cmd.h"
#include "cli/key/key_set.h"
#include "cli/key/keys.h"
#include "cli/mint.h"
#include "cli/points_show.h"
#include "cli/uat/uat_input.h"
#include "client/check/jwks_check.h"
#include "client/http/url.h"
#include "signer/jwk.h"
#include "signer/rsa.h"
#include "signer/signer.h"

#define NAMES_MAX 1024

static enum sg_rc
thumbprint_of_file(
    struct app *app, char out_text[SG_THUMBPRINT_SIZE], struct sg_err *err)
{
	SG_AUTO(sg_buf) pem = NULL;
	SG_AUTO(sg_rsa) rsa = NULL;
	enum sg_rc rc;

	rc = uat_input_pem(app, &pem, err);
	if (rc == SG_OK)
		rc = sg_rsa_from_pem(sg_buf_str(pem), pem->len, &rsa, err);
	if (rc == SG_OK)
		rc = sg_jwk_thumbprint(rsa, out_text, err);
	return rc;
}

/* The key that is to be there; none where none is configured. */
static enum sg_rc
find_wanted(struct app *app, char thumbprint[SG_THUMBPRINT_SIZE],
    bool *out_has_key, struct sg_err *err)
{
	enum sg_rc rc;

	*out_has_key = true;
	if (app_given(app, OPT_PUBLIC_KEY))
		return thumbprint_of_file(app, thumbprint, err);
	if (conf_origin_of(app->conf, CONF_KEY) == CONF_NOWHERE) {
		*out_has_key = false;
		app_hint(app,
		    "no key is configured to look for; set SIGNET_KEY or name "
		    "--public-key");
		return SG_OK;
	}
	rc = keys_open_signer(app, err);
	if (rc == SG_OK)
		memcpy(thumbprint, sg_signer_thumbprint(app->signer),
		    SG_THUMBPRINT_SIZE);
	return rc;
}

static enum sg_rc
show(struct app *app, const char *url, const struct sg_jwks_report *report,
    struct sg_err *err)
{
	SG_AUTO(sg_buf) shown = sg_buf_new(NAMES_MAX);

	if (!app_json(app)) {
		points_show(app, &report->points);
		return sg_buf_check(app->out, "the output", err);
	}
	sg_url_add_shown(shown, url);
	app_json_begin(app);
	sg_jsonw_str(&app->json, "url", sg_buf_str(shown));
	points_show(app, &report->points);
	return app_json_end(app, err);
}

/* The verdict: no answer is the network's fault, all else the set's. */
static enum sg_rc
judge(const char *url, const struct sg_jwks_report *report, struct sg_err *err)
{
	SG_AUTO(sg_buf) shown = sg_buf_new(NAMES_MAX);
	SG_AUTO(sg_buf) failed = sg_buf_new(NAMES_MAX);

	if (sg_points_tally(&report->points, SG_RESULT_FAIL) == 0)
		return SG_OK;
	sg_url_add_shown(shown, url);
	if (report->answer != SG_OK)
		return sg_fail(err, report->answer,
		    "the JWK Set at %s cannot be had", sg_buf_str(shown));
	sg_points_add_names(&report->points, SG_RESULT_FAIL, failed);
	return sg_fail(err, SG_E_INVALID, "the JWK Set at %s fails at: %s",
	    sg_buf_str(shown), sg_buf_str(failed));
}

static enum sg_rc
look(struct app *app, const char *url, const struct sg_jwks_want *want,
    size_t count, struct sg_jwks_report *report, struct sg_err *err)
{
	enum sg_rc rc;

	rc = services_http(app, err);
	if (rc == SG_OK)
		rc = sg_jwks_check(app->http, url, want, count,
		    app->clock->now_s(app->clock->ctx), report, err);
	if (rc == SG_OK)
		rc = show(app, url, report, err);
	if (rc != SG_OK)
		return rc;
	app->out_stands = true;
	return judge(url, report, err);
}

enum sg_rc
cmd_jwks_check(struct app *app, struct sg_err *err)
{
	const char *url = app->args.operands[0];
	struct sg_jwks_report report = {0};
	char thumbprint[SG_THUMBPRINT_SIZE];
	struct sg_jwks_want want = {.thumbprint = thumbprint};
	bool has_key = false;
	enum sg_rc rc;

	rc = sg_url_check(url, "the URL", err);
	if (rc != SG_OK)
		return rc == SG_E_CONFIG ? sg_recast(err, SG_E_USAGE) : rc;
	rc = find_wanted(app, thumbprint, &has_key, err);
	if (rc == SG_OK && has_key)
		rc = mint_kid(app, thumbprint, &want.kid, err);
	if (rc == SG_OK)
		rc = look(app, url, &want, has_key ? 1 : 0, &report, err);
	sg_jwks_report_clear(&report);
	return rc;
}
