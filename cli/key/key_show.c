/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key/key_show.h"

#include <stdio.h>

#include "base/buf.h"
#include "cli/app.h"
#include "pkcs11/key.h"
#include "pkcs11/policy.h"
#include "signer/key_json.h"
#include "signer/rsa.h"

enum sg_rc
key_show_thumbprint(const struct sg_key_info *key,
    char out_text[SG_THUMBPRINT_SIZE], struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = NULL;
	struct sg_err unusable = {0};
	enum sg_rc rc;

	out_text[0] = '\0';
	rc = sg_rsa_new(key->rsa.n, key->rsa.n_len, key->rsa.e, key->rsa.e_len,
	    &rsa, &unusable);
	if (rc == SG_E_INVALID)
		return SG_OK;
	if (rc != SG_OK)
		return sg_fail(err, rc, "%s", unusable.text);
	return sg_jwk_thumbprint(rsa, out_text, err);
}

static const char *
fact_text(enum sg_fact fact)
{
	static const char *const texts[] = {
	    [SG_FACT_UNKNOWN] = "unknown",
	    [SG_FACT_NO] = "false",
	    [SG_FACT_YES] = "true",
	};

	return texts[fact];
}

enum sg_rc
key_show_members(struct app *app, const struct sg_key_info *key,
    const char *thumbprint, struct sg_err *err)
{
	enum sg_rc rc;

	rc = sg_key_json_name(&app->json, key, err);
	if (rc != SG_OK)
		return rc;
	if (thumbprint != NULL)
		sg_jsonw_str(&app->json, "thumbprint",
		    thumbprint[0] != '\0' ? thumbprint : NULL);
	return sg_key_json_answers(&app->json, key, err);
}

enum sg_rc
key_show_lines(struct app *app, const struct sg_key_info *key,
    const char *thumbprint, struct sg_err *err)
{
	SG_AUTO(sg_buf) id = sg_buf_new(1024);
	char type[32];
	enum sg_rc rc;
	size_t i;

	sg_hex_encode(id, key->id, key->id_len);
	(void)snprintf(type, sizeof(type), "%s %u", key->type, key->bits);
	app_field(app, "uri", key->uri);
	app_field(app, "label", key->label);
	app_field(app, "id", sg_buf_str(id));
	app_field(app, "type", type);
	if (thumbprint[0] != '\0')
		app_field(app, "thumbprint", thumbprint);
	for (i = 0; i < SG_KEY_FACT_COUNT; i++)
		sg_buf_addf(app->out, "%-23s %s\n",
		    sg_key_fact_name((enum sg_key_fact)i),
		    fact_text(key->facts[i]));
	if (key->mechanisms_unreadable)
		sg_buf_addf(
		    app->out, "%-23s unreadable\n", "CKA_ALLOWED_MECHANISMS");
	for (i = 0; i < key->mechanism_count; i++) {
		sg_buf_addf(
		    app->out, "%-23s ", i == 0 ? "CKA_ALLOWED_MECHANISMS" : "");
		sg_policy_add_mechanism(app->out, key->mechanisms[i]);
		sg_buf_add_byte(app->out, '\n');
	}
	rc = sg_buf_check(id, "a key id", err);
	if (rc != SG_OK)
		return rc;
	return sg_buf_check(app->out, "the output", err);
}

void
key_show_policy(struct app *app, const struct sg_key_info *key)
{
	size_t i;

	for (i = 0; i < sg_policy_row_count; i++) {
		const struct sg_policy_row *row = &sg_policy_rows[i];
		enum sg_verdict verdict = sg_policy_verdict(row, key);

		sg_buf_addf(app->out, "%-8s %-12s %-24s ",
		    sg_policy_verdict_text(verdict),
		    sg_policy_rule_name(row->rule), sg_policy_attribute(row));
		sg_policy_add_answer(app->out, row, key);
		if (verdict == SG_VERDICT_FAIL)
			sg_buf_addf(
			    app->out, "; must be %s", sg_policy_wanted(row));
		sg_buf_add_byte(app->out, '\n');
	}
}
