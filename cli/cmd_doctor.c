/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/key/allow.h"
#include "cli/key/keys.h"
#include "cli/uat/stopped.h"
#include "pkcs11/policy.h"
#include "pkcs11/probe.h"
#include "pkcs11/token.h"
#include "signer/rsa.h"

#define TEXT_SIZE 96

static const char *
fact_text(enum sg_fact fact)
{
	static const char *const texts[] = {
	    [SG_FACT_UNKNOWN] = "unknown",
	    [SG_FACT_NO] = "no",
	    [SG_FACT_YES] = "yes",
	};

	return texts[fact];
}

static void
add_line(struct app *app, const char *name, const char *value)
{
	sg_buf_addf(app->out, "%-22s ", name);
	app_text(app, value);
	sg_buf_add_byte(app->out, '\n');
}

static void
print_limit(struct app *app, const char *name, int64_t limit)
{
	char text[TEXT_SIZE];

	(void)snprintf(text, sizeof(text), "%" PRId64, limit);
	if (limit <= 0)
		add_line(app, name, limit == 0 ? "no limit" : "not told");
	else
		add_line(app, name, text);
}

static void
print_time(struct app *app, const char *name, int64_t time_us)
{
	char text[TEXT_SIZE];

	if (time_us < 0) {
		add_line(app, name, "not measured");
		return;
	}
	(void)snprintf(text, sizeof(text), "%" PRId64 ".%03d ms",
	    time_us / 1000, (int)(time_us % 1000));
	add_line(app, name, text);
}

static void
print_mechanisms(struct app *app, const struct sg_probe *probe)
{
	size_t i;

	for (i = 0; i < probe->mechanism_count; i++) {
		const struct sg_probe_mechanism *m = &probe->mechanisms[i];

		sg_buf_addf(app->out, "%-22s ", i == 0 ? "mechanisms" : "");
		sg_policy_add_mechanism(app->out, m->type);
		sg_buf_addf(app->out, " %lu to %lu%s%s%s\n", m->min_bits,
		    m->max_bits, m->signs ? ", signs" : "",
		    m->generates ? ", generates" : "",
		    m->is_listed ? "" : ", not listed");
	}
}

static void
print_quirks(struct app *app, const struct sg_probe *probe)
{
	size_t i;

	for (i = 0; i < SG_QUIRK_COUNT; i++) {
		if (!probe->quirks[i])
			continue;
		sg_buf_addf(app->out, "%-22s %s: %s; %s\n", "quirk",
		    sg_quirk_name((enum sg_quirk)i),
		    sg_quirk_text((enum sg_quirk)i),
		    sg_quirk_answer((enum sg_quirk)i));
	}
}

static enum sg_rc
print_probe(struct app *app, const struct sg_probe *probe, struct sg_err *err)
{
	const struct sg_token_info *token = sg_token_info(app->token);

	add_line(app, "module", token->module);
	add_line(app, "library", probe->description);
	add_line(app, "manufacturer", probe->manufacturer);
	add_line(app, "library version", probe->library_version);
	add_line(app, "PKCS#11 version", probe->cryptoki_version);
	add_line(app, "token", token->uri);
	print_mechanisms(app, probe);
	print_limit(app, "sessions", probe->max_sessions);
	print_limit(app, "writable sessions", probe->max_rw_sessions);
	add_line(
	    app, "login", probe->login_required ? "required" : "not needed");
	add_line(app, "second login", probe->second_login.text);
	add_line(app, "login is shared", fact_text(probe->login_is_shared));
	add_line(app, "last session logs out",
	    fact_text(probe->last_session_logs_out));
	add_line(app, "handle in a child", probe->handle_in_child.text);
	add_line(app, "start in a child", probe->init_in_child.text);
	if (probe->key_uri[0] != '\0')
		add_line(app, "key", probe->key_uri);
	if (probe->key_problem[0] != '\0')
		add_line(app, "not signed", probe->key_problem);
	print_time(app, "find a key", probe->find_us);
	print_time(app, "sign", probe->sign_us);
	add_line(app, "CKM_SHA256_RSA_PKCS", probe->sha256_rsa_pkcs.text);
	add_line(app, "CKM_RSA_PKCS", probe->rsa_pkcs.text);
	add_line(app, "mechanisms agree", fact_text(probe->mechanisms_agree));
	add_line(app, "signatures verify", fact_text(probe->verifies));
	print_quirks(app, probe);
	return sg_buf_check(app->out, "the output", err);
}

static void
write_fact(struct sg_jsonw *w, const char *name, enum sg_fact fact)
{
	if (fact == SG_FACT_UNKNOWN)
		sg_jsonw_str(w, name, NULL);
	else
		sg_jsonw_bool(w, name, fact == SG_FACT_YES);
}

/* null for what the token does not tell; 0 is no limit. */
static void
write_number(struct sg_jsonw *w, const char *name, int64_t number)
{
	if (number < 0)
		sg_jsonw_str(w, name, NULL);
	else
		sg_jsonw_int(w, name, number);
}

static enum sg_rc
write_mechanisms(
    struct sg_jsonw *w, const struct sg_probe *probe, struct sg_err *err)
{
	SG_AUTO(sg_buf) name = sg_buf_new(TEXT_SIZE);
	size_t i;

	sg_jsonw_array(w, "mechanisms");
	for (i = 0; i < probe->mechanism_count; i++) {
		const struct sg_probe_mechanism *m = &probe->mechanisms[i];

		sg_buf_reset(name);
		sg_policy_add_mechanism(name, m->type);
		sg_jsonw_object(w, NULL);
		sg_jsonw_str(w, "name", sg_buf_str(name));
		sg_jsonw_bool(w, "listed", m->is_listed);
		sg_jsonw_bool(w, "described", m->is_described);
		sg_jsonw_bool(w, "signs", m->signs);
		sg_jsonw_bool(w, "generates", m->generates);
		sg_jsonw_int(w, "minSize", (int64_t)m->min_bits);
		sg_jsonw_int(w, "maxSize", (int64_t)m->max_bits);
		sg_jsonw_object_end(w);
	}
	sg_jsonw_array_end(w);
	return sg_buf_check(name, "a mechanism", err);
}

static void
write_quirks(struct sg_jsonw *w, const struct sg_probe *probe)
{
	size_t i;

	sg_jsonw_array(w, "quirks");
	for (i = 0; i < SG_QUIRK_COUNT; i++) {
		if (!probe->quirks[i])
			continue;
		sg_jsonw_object(w, NULL);
		sg_jsonw_str(w, "name", sg_quirk_name((enum sg_quirk)i));
		sg_jsonw_str(w, "text", sg_quirk_text((enum sg_quirk)i));
		sg_jsonw_str(w, "answer", sg_quirk_answer((enum sg_quirk)i));
		sg_jsonw_object_end(w);
	}
	sg_jsonw_array_end(w);
}

static void
write_behaviour(struct sg_jsonw *w, const struct sg_probe *probe)
{
	write_number(w, "maxSessions", probe->max_sessions);
	write_number(w, "maxWritableSessions", probe->max_rw_sessions);
	sg_jsonw_bool(w, "loginRequired", probe->login_required);
	sg_jsonw_str(w, "secondLogin", probe->second_login.text);
	write_fact(w, "loginIsShared", probe->login_is_shared);
	write_fact(w, "lastSessionLogsOut", probe->last_session_logs_out);
	sg_jsonw_str(w, "handleInChild", probe->handle_in_child.text);
	sg_jsonw_str(w, "startInChild", probe->init_in_child.text);
	sg_jsonw_str(
	    w, "key", probe->key_uri[0] != '\0' ? probe->key_uri : NULL);
	sg_jsonw_str(w, "notSigned",
	    probe->key_problem[0] != '\0' ? probe->key_problem : NULL);
	write_number(w, "findMicroseconds", probe->find_us);
	write_number(w, "signMicroseconds", probe->sign_us);
	sg_jsonw_str(w, "signSha256RsaPkcs", probe->sha256_rsa_pkcs.text);
	sg_jsonw_str(w, "signRsaPkcs", probe->rsa_pkcs.text);
	write_fact(w, "mechanismsAgree", probe->mechanisms_agree);
	write_fact(w, "signaturesVerify", probe->verifies);
}

static enum sg_rc
write_probe(struct app *app, const struct sg_probe *probe, struct sg_err *err)
{
	const struct sg_token_info *token = sg_token_info(app->token);
	struct sg_jsonw *w = &app->json;
	enum sg_rc rc;

	app_json_begin(app);
	sg_jsonw_str(w, "module", token->module);
	sg_jsonw_str(w, "library", probe->description);
	sg_jsonw_str(w, "manufacturer", probe->manufacturer);
	sg_jsonw_str(w, "libraryVersion", probe->library_version);
	sg_jsonw_str(w, "pkcs11Version", probe->cryptoki_version);
	sg_jsonw_str(w, "token", token->uri);
	rc = write_mechanisms(w, probe, err);
	if (rc != SG_OK)
		return rc;
	write_behaviour(w, probe);
	write_quirks(w, probe);
	return app_json_end(app, err);
}

static bool
verify(const struct sg_key_info *key, const void *msg, size_t len,
    const struct sg_buf *sig)
{
	SG_AUTO(sg_rsa) rsa = NULL;

	return sg_rsa_new(key->rsa.n, key->rsa.n_len, key->rsa.e,
		   key->rsa.e_len, &rsa, NULL) == SG_OK &&
	       sg_rsa_verify(rsa, msg, len, sig->data, sig->len, NULL) == SG_OK;
}

enum sg_rc
cmd_doctor(struct app *app, struct sg_err *err)
{
	struct sg_probe probe = {0};
	unsigned int allowed = 0;
	enum sg_rc rc;

	if (!app_given(app, OPT_MODULE))
		return sg_fail(err, SG_E_USAGE,
		    "say what to look at: signet doctor --module");
	rc = stopped_check(app, err);
	if (rc == SG_OK)
		rc = allow_read(app, &allowed, err);
	if (rc == SG_OK)
		rc = keys_open_token(app, false, err);
	if (rc == SG_OK)
		rc = sg_probe_run(
		    app->token, app->key_uri, allowed, verify, &probe, err);
	if (rc != SG_OK)
		return rc;
	rc = app_json(app) ? write_probe(app, &probe, err)
			   : print_probe(app, &probe, err);
	if (rc != SG_OK || probe.verifies != SG_FACT_NO)
		return rc;
	app->out_stands = true;
	return sg_fail(
	    err, SG_E_TOKEN, "the token makes signatures that do not verify");
}
