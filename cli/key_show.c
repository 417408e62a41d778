/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key_show.h"

#include <stdio.h>

#include "base/buf.h"
#include "cli/app.h"
#include "pkcs11/key.h"
#include "pkcs11/policy.h"
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

static void
write_facts(struct app *app, const struct sg_key_info *key)
{
	size_t i;

	sg_jsonw_object(&app->json, "attributes");
	for (i = 0; i < SG_KEY_FACT_COUNT; i++) {
		const char *name = sg_key_fact_name((enum sg_key_fact)i);

		if (key->facts[i] == SG_FACT_UNKNOWN)
			sg_jsonw_str(&app->json, name, NULL);
		else
			sg_jsonw_bool(
			    &app->json, name, key->facts[i] == SG_FACT_YES);
	}
	sg_jsonw_object_end(&app->json);
}

static enum sg_rc
write_mechanisms(
    struct app *app, const struct sg_key_info *key, struct sg_err *err)
{
	SG_AUTO(sg_buf) name = sg_buf_new(64);
	size_t i;

	if (!key->mechanisms_told) {
		sg_jsonw_str(&app->json, "allowedMechanisms", NULL);
		return sg_buf_check(name, "a mechanism", err);
	}
	sg_jsonw_array(&app->json, "allowedMechanisms");
	for (i = 0; i < key->mechanism_count; i++) {
		sg_buf_reset(name);
		sg_policy_add_mechanism(name, key->mechanisms[i]);
		sg_jsonw_str(&app->json, NULL, sg_buf_str(name));
	}
	sg_jsonw_array_end(&app->json);
	return sg_buf_check(name, "a mechanism", err);
}

enum sg_rc
key_show_members(struct app *app, const struct sg_key_info *key,
    const char *thumbprint, struct sg_err *err)
{
	SG_AUTO(sg_buf) id = sg_buf_new(1024);
	enum sg_rc rc;

	sg_hex_encode(id, key->id, key->id_len);
	rc = sg_buf_check(id, "a key id", err);
	if (rc != SG_OK)
		return rc;
	sg_jsonw_str(&app->json, "uri", key->uri);
	sg_jsonw_str(&app->json, "label", key->label);
	sg_jsonw_str(&app->json, "id", sg_buf_str(id));
	sg_jsonw_str(&app->json, "type", key->type);
	sg_jsonw_int(&app->json, "bits", (int64_t)key->bits);
	if (thumbprint != NULL)
		sg_jsonw_str(&app->json, "thumbprint",
		    thumbprint[0] != '\0' ? thumbprint : NULL);
	write_facts(app, key);
	return write_mechanisms(app, key, err);
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
