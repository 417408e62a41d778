/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/claims.h"

#include <string.h>

#include "base/buf.h"
#include "base/jsonw.h"
#include "signer/scope.h"

/* Claims that signet sets, or that would stand in for one of them. */
static const char *const reserved[] = {
    "iss", "iat", "exp", "nbf", "jti", "scp", "scope", SG_CLAIM_TENANT};

static const char *
username_claim(const struct sg_claims *claims)
{
	return claims->username_claim != NULL ? claims->username_claim
					      : "email";
}

static int64_t
lifetime_s(const struct sg_claims *claims)
{
	return claims->lifetime_s != 0 ? claims->lifetime_s
				       : SG_LIFETIME_DEFAULT_S;
}

static bool
is_reserved(const char *name)
{
	size_t i;

	for (i = 0; i < SG_COUNT(reserved); i++)
		if (strcmp(name, reserved[i]) == 0)
			return true;
	return false;
}

static bool
is_blank(const char *text)
{
	return text == NULL || text[0] == '\0';
}

static bool
is_one_word(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= 0x20 || *text == 0x7f)
			return false;
	return true;
}

/* RFC 3986 §3.1 */
static bool
has_scheme(const char *uri)
{
	size_t len = strspn(uri, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return len > 0 && uri[len] == ':' && uri[len + 1] != '\0' &&
	       is_one_word(uri);
}

static enum sg_rc
check_identity(const struct sg_claims *claims, struct sg_err *err)
{
	if (is_blank(claims->issuer))
		return sg_fail(err, SG_E_CONFIG,
		    "no issuer; set SIGNET_ISSUER to the issuer of the UAT "
		    "configuration");
	if (!has_scheme(claims->issuer))
		return sg_fail(err, SG_E_CONFIG,
		    "the issuer \"%s\" must be a URI with its scheme, such as "
		    "https://signet.example.com",
		    claims->issuer);
	if (is_blank(claims->tenant_id))
		return sg_fail(err, SG_E_CONFIG,
		    "no tenant; set CLOUD_MANAGER_TENANT_ID to its UUID");
	if (!sg_text_is_uuid(claims->tenant_id))
		return sg_fail(err, SG_E_CONFIG,
		    "CLOUD_MANAGER_TENANT_ID \"%s\" is not a UUID",
		    claims->tenant_id);
	if (is_blank(claims->username))
		return sg_fail(err, SG_E_CONFIG,
		    "no user; set TABLEAU_CLOUD_USERNAME to the user that the "
		    "JWT is to name");
	if (username_claim(claims)[0] == '\0' ||
	    !is_one_word(username_claim(claims)) ||
	    is_reserved(username_claim(claims)))
		return sg_fail(err, SG_E_CONFIG,
		    "SIGNET_USERNAME_CLAIM cannot be \"%s\"",
		    username_claim(claims));
	return SG_OK;
}

static enum sg_rc
check_scopes(const struct sg_claims *claims, struct sg_err *err)
{
	enum sg_rc rc;
	size_t i;

	if (claims->scopes == NULL || claims->scopes->count == 0)
		return sg_fail(err, SG_E_USAGE,
		    "no scope; name at least one with --scope or "
		    "SIGNET_SCOPES");
	for (i = 0; i < claims->scopes->count; i++) {
		rc = sg_scope_check(claims->scopes->items[i], err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

static enum sg_rc
check_extra(const struct sg_claims *claims, size_t i, struct sg_err *err)
{
	const char *name = claims->extra[i].name;
	size_t k;

	if (name[0] == '\0')
		return sg_fail(
		    err, SG_E_USAGE, "a claim needs a name before its '='");
	if (is_reserved(name) || strcmp(name, username_claim(claims)) == 0)
		return sg_fail(err, SG_E_USAGE,
		    "the claim \"%s\" is set by signet and cannot be given",
		    name);
	for (k = 0; k < i; k++)
		if (strcmp(claims->extra[k].name, name) == 0)
			return sg_fail(err, SG_E_USAGE,
			    "the claim \"%s\" is given twice", name);
	return SG_OK;
}

/* From iat to exp is the life that a service counts. */
static enum sg_rc
check_backdate(const struct sg_claims *claims, struct sg_err *err)
{
	if (claims->backdate_s < 0 || claims->backdate_s > SG_BACKDATE_MAX_S)
		return sg_fail(err, SG_E_USAGE,
		    "a JWT is dated back by 0 s to %d s", SG_BACKDATE_MAX_S);
	if (lifetime_s(claims) + claims->backdate_s > SG_LIFETIME_MAX_S)
		return sg_fail(err, SG_E_USAGE,
		    "dated back by %d s the JWT would live for more than %d "
		    "minutes; lower its lifetime",
		    (int)claims->backdate_s, SG_LIFETIME_MAX_S / 60);
	return SG_OK;
}

enum sg_rc
sg_claims_check(const struct sg_claims *claims, struct sg_err *err)
{
	enum sg_rc rc;
	size_t i;

	rc = check_identity(claims, err);
	if (rc == SG_OK)
		rc = check_scopes(claims, err);
	if (rc != SG_OK)
		return rc;
	if (lifetime_s(claims) < SG_LIFETIME_MIN_S ||
	    lifetime_s(claims) > SG_LIFETIME_MAX_S)
		return sg_fail(err, SG_E_USAGE,
		    "the lifetime of a JWT is %d s to %d minutes",
		    SG_LIFETIME_MIN_S, SG_LIFETIME_MAX_S / 60);
	rc = check_backdate(claims, err);
	if (rc != SG_OK)
		return rc;
	for (i = 0; i < claims->extra_count; i++) {
		rc = check_extra(claims, i, err);
		if (rc != SG_OK)
			return rc;
	}
	return SG_OK;
}

static bool
seen_before(const struct sg_list *scopes, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (strcmp(scopes->items[k], scopes->items[i]) == 0)
			return true;
	return false;
}

size_t
sg_claims_scope_count(const struct sg_claims *claims)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < claims->scopes->count; i++)
		if (!seen_before(claims->scopes, i))
			count++;
	return count;
}

static void
write_scopes(
    struct sg_jsonw *w, const struct sg_list *scopes, size_t scope_count)
{
	size_t written = 0;
	size_t i;

	sg_jsonw_array(w, "scp");
	for (i = 0; i < scopes->count && written < scope_count; i++) {
		if (seen_before(scopes, i))
			continue;
		sg_jsonw_str(w, NULL, scopes->items[i]);
		written++;
	}
	sg_jsonw_array_end(w);
}

enum sg_rc
sg_claims_write(const struct sg_claims *claims, const struct sg_clock *clock,
    size_t scope_count, struct sg_buf *out, struct sg_err *err)
{
	struct sg_jsonw w = {.out = out};
	int64_t now_s = clock->now_s(clock->ctx);
	char jti[SG_UUID_SIZE];
	enum sg_rc rc;
	size_t i;

	rc = sg_clock_uuid4(clock, jti, err);
	if (rc != SG_OK)
		return rc;
	sg_jsonw_object(&w, NULL);
	sg_jsonw_str(&w, "iss", claims->issuer);
	sg_jsonw_int(&w, "iat", now_s - claims->backdate_s);
	if (claims->backdate_s > 0)
		sg_jsonw_int(&w, "nbf", now_s - claims->backdate_s);
	sg_jsonw_int(&w, "exp", now_s + lifetime_s(claims));
	sg_jsonw_str(&w, "jti", jti);
	sg_jsonw_str(&w, SG_CLAIM_TENANT, claims->tenant_id);
	sg_jsonw_str(&w, username_claim(claims), claims->username);
	write_scopes(&w, claims->scopes, scope_count);
	for (i = 0; i < claims->extra_count; i++) {
		const struct sg_extra_claim *extra = &claims->extra[i];

		if (extra->json != NULL)
			sg_jsonw_value(&w, extra->name, extra->json);
		else
			sg_jsonw_str(&w, extra->name, extra->text);
	}
	sg_jsonw_object_end(&w);
	return sg_jsonw_check(&w, "the claim set", err);
}
