/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cloud/fingerprint.h"

#include <string.h>

#include "base/buf.h"
#include "cli/app.h"

#define TEXT_MAX (1024 * 1024)
#define FILE_MAX (64 * 1024)

static enum sg_rc
add_settings(struct app *app, struct sg_buf *text, struct sg_err *err)
{
	static const enum conf names[] = {
	    CONF_ISSUER, CONF_USERNAME_CLAIM, CONF_KID, CONF_SITE_LUID};
	const char *value = NULL;
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < SG_COUNT(names); i++) {
		rc = conf_get(app->conf, names[i], &value, err);
		if (rc != SG_OK)
			return rc;
		sg_buf_add_counted(text, value);
	}
	return SG_OK;
}

static enum sg_rc
add_file(struct app *app, struct sg_buf *text, struct sg_err *err)
{
	const char *path = app_value(app, OPT_CLAIMS);
	SG_AUTO(sg_buf) claims = NULL;
	enum sg_rc rc;

	if (path == NULL)
		return SG_OK;
	if (strcmp(path, "-") == 0)
		return sg_fail(err, SG_E_USAGE,
		    "--claims must name a file here, not stdin");
	rc = app_read_input(path, "--claims", FILE_MAX, &claims, err);
	if (rc == SG_OK)
		sg_buf_add_counted(text, sg_buf_str(claims));
	return rc;
}

static enum sg_rc
digest_of(const struct sg_buf *text, char out_hex[FINGERPRINT_SIZE],
    struct sg_err *err)
{
	SG_AUTO(sg_buf) hex = sg_buf_new(FINGERPRINT_SIZE);
	uint8_t digest[SG_SHA256_SIZE];
	enum sg_rc rc;

	rc = sg_buf_check(text, "what a session is made with", err);
	if (rc != SG_OK)
		return rc;
	sg_sha256(text->data, text->len, digest);
	sg_hex_encode(hex, digest, sizeof(digest));
	rc = sg_buf_check(hex, "a fingerprint", err);
	if (rc == SG_OK)
		memcpy(out_hex, hex->data, FINGERPRINT_SIZE);
	return rc;
}

enum sg_rc
fingerprint_claims(
    struct app *app, char out_hex[FINGERPRINT_SIZE], struct sg_err *err)
{
	const struct sg_list *given = &app->args.lists[OPT_CLAIM];
	SG_AUTO(sg_buf) text = sg_buf_new(TEXT_MAX);
	enum sg_rc rc;
	size_t i;

	rc = add_settings(app, text, err);
	for (i = 0; i < given->count; i++)
		sg_buf_add_counted(text, given->items[i]);
	if (rc == SG_OK)
		rc = add_file(app, text, err);
	if (rc != SG_OK)
		return rc;
	return digest_of(text, out_hex, err);
}

enum sg_rc
fingerprint_pat(
    struct app *app, char out_hex[FINGERPRINT_SIZE], struct sg_err *err)
{
	static const enum conf names[] = {
	    CONF_PAT_SECRET, CONF_PAT_SECRET_FILE};
	SG_AUTO(sg_buf) text = sg_buf_new(TEXT_MAX);
	enum conf_origin origin;
	const char *value = NULL;
	size_t i;

	/* A placeholder is told when the PAT is used, not before. */
	for (i = 0; i < SG_COUNT(names); i++) {
		value = NULL;
		if (conf_get_beneath(
			app->conf, names[i], &value, &origin, NULL) != SG_OK)
			value = NULL;
		sg_buf_add_counted(text, value);
	}
	return digest_of(text, out_hex, err);
}
