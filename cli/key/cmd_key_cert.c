/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/key/keys.h"
#include "cli/uat/stopped.h"
#include "pkcs11/key.h"
#include "signer/cert.h"
#include "signer/signer.h"

#define PEM_MAX (64 * 1024)

/* What is no number is out of the range that sg_cert_check() knows. */
static int64_t
parse_days(const char *text)
{
	char *end = NULL;
	long days;

	if (text == NULL)
		return 0;
	errno = 0;
	days = strtol(text, &end, 10);
	if (errno != 0 || *end != '\0' || text[0] < '1' || text[0] > '9')
		return -1;
	return days;
}

/* What the command line alone gets wrong is told before a PIN is spent. */
static enum sg_rc
open_for(struct app *app, struct sg_cert_spec *spec, struct sg_err *err)
{
	enum sg_rc rc;

	spec->subject = app_value(app, OPT_SUBJECT);
	spec->dns = &app->args.lists[OPT_DNS];
	spec->days = parse_days(app_value(app, OPT_DAYS));
	rc = sg_cert_check(spec, err);
	if (rc == SG_OK)
		rc = stopped_check(app, err);
	return rc == SG_OK ? keys_open_named(app, err) : rc;
}

static enum sg_rc
give(struct app *app, const char *member, const struct sg_buf *pem,
    struct sg_err *err)
{
	enum sg_rc rc;

	if (app_output(app) != NULL) {
		rc = sg_file_replace(
		    app_output(app), pem->data, pem->len, 0644, err);
		if (rc != SG_OK)
			return rc;
	}
	if (!app_json(app)) {
		if (app_output(app) == NULL)
			sg_buf_add(app->out, pem->data, pem->len);
		return sg_buf_check(app->out, "the output", err);
	}
	app_json_begin(app);
	sg_jsonw_str(&app->json, "uri", sg_key_info(app->key)->uri);
	sg_jsonw_str(
	    &app->json, "thumbprint", sg_signer_thumbprint(app->signer));
	if (app_output(app) != NULL)
		sg_jsonw_str(&app->json, "output", app_output(app));
	else
		sg_jsonw_str(&app->json, member, sg_buf_str(pem));
	return app_json_end(app, err);
}

enum sg_rc
cmd_key_csr(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) pem = sg_buf_new(PEM_MAX);
	struct sg_cert_spec spec = {0};
	enum sg_rc rc;

	rc = open_for(app, &spec, err);
	if (rc == SG_OK)
		rc = sg_cert_request(app->signer, &spec, pem, err);
	if (rc != SG_OK)
		return rc;
	return give(app, "request", pem, err);
}

enum sg_rc
cmd_key_cert(struct app *app, struct sg_err *err)
{
	SG_AUTO(sg_buf) pem = sg_buf_new(PEM_MAX);
	struct sg_cert_spec spec = {0};
	enum sg_rc rc;

	rc = open_for(app, &spec, err);
	if (rc == SG_OK)
		rc = sg_cert_self_signed(
		    app->signer, &spec, app->clock, pem, err);
	if (rc != SG_OK)
		return rc;
	return give(app, "certificate", pem, err);
}
