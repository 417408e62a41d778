/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/jwks_check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "client/check/jwks_answer.h"
#include "client/http/http.h"
#include "signer/jwk.h"
#include "signer/jwks.h"
#include "signer/rsa.h"

/* All points, in their order, for what could not be looked at. */
static const char *const names[] = {"answer", "status", "type", "cache", "size",
    "form", "public", "keys", "kids", "key", "kid"};

enum sg_rc
sg_jwks_fetch(struct sg_http *http, const char *url,
    struct sg_http_reply **out_reply, struct sg_err *err)
{
	const struct sg_http_request request = {
	    .method = "GET",
	    .url = url,
	    .accept = "application/jwk-set+json, application/json",
	    .max_reply = SG_JWKS_TEXT_MAX,
	};

	return sg_http_send(http, &request, out_reply, err);
}

/* What comes after the point that was added last. */
static void
add_unknown(struct sg_points *points, const char *why)
{
	const char *last =
	    points->count > 0 ? points->items[points->count - 1].name : NULL;
	bool is_after = false;
	size_t i;

	for (i = 0; last != NULL && i < SG_COUNT(names); i++) {
		if (is_after)
			sg_points_add(
			    points, names[i], SG_RESULT_UNKNOWN, "%s", why);
		else
			is_after = strcmp(names[i], last) == 0;
	}
}

static enum sg_rc
check_form(struct sg_points *points, const struct sg_buf *text,
    struct sg_json **out_json, struct sg_err *err)
{
	struct sg_err fault = {0};
	SG_AUTO(sg_json) json = NULL;
	const struct sg_json *keys;
	const char *wrong = NULL;
	enum sg_rc rc;

	rc = sg_json_parse(text->data, text->len, &json, &fault);
	if (rc == SG_E_NOMEM)
		return sg_fail_again(err, rc, &fault);
	keys = sg_json_get(json, "keys");
	if (rc != SG_OK)
		wrong = fault.text;
	else if (!sg_json_is_array(keys))
		wrong = "it has no array \"keys\"";
	else if (sg_json_count(keys) == 0)
		wrong = "it holds no key";
	if (wrong != NULL) {
		sg_points_add(points, "form", SG_RESULT_FAIL,
		    "not a usable JWK Set: %s", wrong);
		sg_points_fix(points, "publish what signet jwks build writes");
		return SG_OK;
	}
	sg_points_add(points, "form", SG_RESULT_PASS, "a JWK Set; keys: %zu",
	    sg_json_count(keys));
	*out_json = json;
	json = NULL; /* now the caller's */
	return SG_OK;
}

static void
check_public(struct sg_points *points, const struct sg_json *keys)
{
	size_t i;

	for (i = 0; i < sg_json_count(keys); i++) {
		if (!sg_jwk_is_private(sg_json_at(keys, i)))
			continue;
		sg_points_add(points, "public", SG_RESULT_FAIL,
		    "key %zu is published with its private members", i + 1);
		sg_points_fix(points,
		    "anybody can sign with it: take it down, and put another "
		    "key in its place everywhere");
		return;
	}
	sg_points_add(points, "public", SG_RESULT_PASS, "no private member");
}

/* Can it be used for RS256, by a reader that is not strict? */
static enum sg_rc
check_usable(const struct sg_json *jwk, struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = NULL;
	enum sg_rc rc;

	rc = sg_jwk_check_use(jwk, err);
	return rc == SG_OK ? sg_jwk_read_numbers(jwk, &rsa, err) : rc;
}

/* A flaw that is overlooked by many is told where nothing worse is. */
static void
tell_flaws(struct sg_points *points, const struct sg_json *keys)
{
	const char *flaw = NULL;
	size_t i;

	for (i = 0; flaw == NULL && i < sg_json_count(keys); i++)
		flaw = sg_jwk_flaw(sg_json_at(keys, i));
	if (flaw == NULL) {
		sg_points_add(
		    points, "keys", SG_RESULT_PASS, "all are usable for RS256");
		return;
	}
	sg_points_add(points, "keys", SG_RESULT_WARN,
	    "readers that are strict refuse key %zu: %s", i, flaw);
	sg_points_fix(points, "publish what signet jwks build writes");
}

static enum sg_rc
check_keys(
    struct sg_points *points, const struct sg_json *keys, struct sg_err *err)
{
	struct sg_err first = {0};
	size_t unusable = 0;
	size_t first_at = 0;
	size_t i;

	for (i = 0; i < sg_json_count(keys); i++) {
		struct sg_err fault = {0};
		enum sg_rc rc;

		rc = check_usable(sg_json_at(keys, i), &fault);
		if (rc == SG_E_NOMEM)
			return sg_fail_again(err, rc, &fault);
		if (rc == SG_OK)
			continue;
		if (unusable++ == 0) {
			first = fault;
			first_at = i + 1;
		}
	}
	if (unusable == 0) {
		tell_flaws(points, keys);
		return SG_OK;
	}
	sg_points_add(points, "keys", SG_RESULT_WARN,
	    "not usable for RS256: %zu of %zu; key %zu: %s", unusable,
	    sg_json_count(keys), first_at, first.text);
	sg_points_fix(points, "see that Tableau needs none of these");
	return SG_OK;
}

static int
compare_kids(const void *a, const void *b)
{
	const char *const *one = a;
	const char *const *other = b;

	return strcmp(*one, *other);
}

static void
free_kids(const char ***kids)
{
	free(*kids);
}

static enum sg_rc
check_kids(
    struct sg_points *points, const struct sg_json *keys, struct sg_err *err)
{
	size_t total = sg_json_count(keys);
	__attribute__((cleanup(free_kids))) const char **kids =
	    calloc(total + 1, sizeof(*kids));
	size_t count = 0;
	size_t i;

	if (kids == NULL)
		return sg_fail_nomem(err);
	for (i = 0; i < total; i++) {
		kids[count] = sg_json_get_text(sg_json_at(keys, i), "kid");
		count += kids[count] != NULL ? 1 : 0;
	}
	qsort(kids, count, sizeof(*kids), compare_kids);
	for (i = 1; i < count; i++) {
		if (strcmp(kids[i - 1], kids[i]) != 0)
			continue;
		sg_points_add(points, "kids", SG_RESULT_FAIL,
		    "the kid \"%s\" stands there more than once", kids[i]);
		sg_points_fix(points, "give each key a kid of its own");
		return SG_OK;
	}
	sg_points_add(points, "kids",
	    count == total ? SG_RESULT_PASS : SG_RESULT_WARN,
	    count == total ? "no kid stands there twice"
			   : "there are keys without a kid");
	if (count < total)
		sg_points_fix(points, "give each key a kid of its own");
	return SG_OK;
}

static enum sg_rc
has_thumbprint(const struct sg_json *jwk, const char *thumbprint, bool *out_has,
    struct sg_err *err)
{
	SG_AUTO(sg_rsa) rsa = NULL;
	struct sg_err fault = {0};
	char its[SG_THUMBPRINT_SIZE];
	enum sg_rc rc;

	*out_has = false;
	rc = sg_jwk_read_numbers(jwk, &rsa, &fault);
	if (rc == SG_E_INVALID)
		return SG_OK; /* no key that could be ours */
	if (rc != SG_OK)
		return sg_fail_again(err, rc, &fault);
	rc = sg_jwk_thumbprint(rsa, its, err);
	*out_has = rc == SG_OK && strcmp(its, thumbprint) == 0;
	return rc;
}

/* The wanted key; under the wanted kid, if it is there under several. */
static enum sg_rc
find_wanted(const struct sg_json *keys, const struct sg_jwks_want *want,
    const struct sg_json **out_jwk, struct sg_err *err)
{
	const char *kid;
	bool has = false;
	enum sg_rc rc;
	size_t i;

	for (i = 0; i < sg_json_count(keys); i++) {
		const struct sg_json *jwk = sg_json_at(keys, i);

		rc = has_thumbprint(jwk, want->thumbprint, &has, err);
		if (rc != SG_OK)
			return rc;
		kid = sg_json_get_text(jwk, "kid");
		if (has &&
		    (*out_jwk == NULL || (kid != NULL && want->kid != NULL &&
					     strcmp(kid, want->kid) == 0)))
			*out_jwk = jwk;
	}
	return SG_OK;
}

enum sg_rc
sg_jwks_holds(struct sg_http *http, const char *url, const char *thumbprint,
    bool *out_holds, struct sg_err *err)
{
	const struct sg_jwks_want want = {.thumbprint = thumbprint};
	SG_AUTO(sg_http_reply) reply = NULL;
	SG_AUTO(sg_json) json = NULL;
	const struct sg_json *jwk = NULL;
	const struct sg_json *keys;
	enum sg_rc rc;

	rc = sg_jwks_fetch(http, url, &reply, err);
	if (rc != SG_OK)
		return rc;
	if (reply->status == 200 &&
	    sg_json_parse(reply->body->data, reply->body->len, &json, NULL) ==
		SG_E_NOMEM)
		return sg_fail_nomem(err);
	keys = sg_json_get(json, "keys");
	if (!sg_json_is_array(keys))
		return sg_fail_native(err, SG_E_NETWORK, reply->status,
		    "%s shows no JWK Set (HTTP %d)", url, reply->status);
	rc = find_wanted(keys, &want, &jwk, err);
	if (rc == SG_OK)
		*out_holds = jwk != NULL;
	return rc;
}

/* What is wrong with the wanted key, which is there. */
static void
check_found(struct sg_points *points, const struct sg_jwks_want *want,
    const struct sg_json *jwk, int64_t now_s)
{
	const char *flaw = sg_jwk_flaw(jwk);
	struct sg_err fault = {0};
	char when[SG_TIME_SIZE];
	int64_t retire_at_s = 0;

	if (sg_jwk_check_use(jwk, &fault) != SG_OK) {
		sg_points_add(points, "key", SG_RESULT_FAIL, "%s: %s",
		    want->thumbprint, fault.text);
		sg_points_fix(points, "publish what signet jwks build writes");
		return;
	}
	if (flaw != NULL) {
		sg_points_add(points, "key", SG_RESULT_WARN,
		    "%s is there, but %s; readers that are strict refuse it",
		    want->thumbprint, flaw);
		sg_points_fix(points, "publish what signet jwks build writes");
		return;
	}
	if (!sg_json_int(sg_json_get(jwk, "exp"), &retire_at_s) ||
	    retire_at_s > now_s) {
		sg_points_add(points, "key", SG_RESULT_PASS, "%s is there",
		    want->thumbprint);
		return;
	}
	sg_time_format(retire_at_s, when);
	sg_points_add(points, "key", SG_RESULT_WARN,
	    "%s is there, retired (exp) since %s", want->thumbprint,
	    when[0] != '\0' ? when : "before the year 0");
	sg_points_fix(points, "sign with another key, or publish it anew");
}

static void
check_kid(struct sg_points *points, const struct sg_jwks_want *want,
    const struct sg_json *jwk)
{
	const char *kid = sg_json_get_text(jwk, "kid");

	if (want->kid == NULL) {
		sg_points_add(points, "kid", SG_RESULT_FAIL,
		    "the JWTs name no kid, so that no key can be picked");
		sg_points_fix(points, "set SIGNET_KID to thumbprint");
	} else if (jwk == NULL) {
		sg_points_add(
		    points, "kid", SG_RESULT_UNKNOWN, "the key is not there");
	} else if (kid == NULL || strcmp(kid, want->kid) != 0) {
		sg_points_add(points, "kid", SG_RESULT_FAIL,
		    "the key's kid is \"%s\", that of the JWTs \"%s\"",
		    kid != NULL ? kid : "", want->kid);
		sg_points_fix(points,
		    "set SIGNET_KID to the published kid, or publish the key "
		    "under that of the JWTs");
	} else {
		sg_points_add(points, "kid", SG_RESULT_PASS, "\"%s\"", kid);
	}
}

static enum sg_rc
check_wanted(struct sg_points *points, const struct sg_json *keys,
    const struct sg_jwks_want *want, int64_t now_s, struct sg_err *err)
{
	const struct sg_json *jwk = NULL;
	enum sg_rc rc;

	rc = find_wanted(keys, want, &jwk, err);
	if (rc != SG_OK)
		return rc;
	if (jwk != NULL) {
		check_found(points, want, jwk, now_s);
	} else {
		sg_points_add(points, "key", SG_RESULT_FAIL, "%s is not there",
		    want->thumbprint);
		sg_points_fix(points,
		    "publish it: signet jwks build; a cache may still show an "
		    "older set");
	}
	check_kid(points, want, jwk);
	return SG_OK;
}

static enum sg_rc
check_set(struct sg_points *points, const struct sg_json *keys,
    const struct sg_jwks_want *wants, size_t count, int64_t now_s,
    struct sg_err *err)
{
	enum sg_rc rc;
	size_t i;

	check_public(points, keys);
	rc = check_keys(points, keys, err);
	if (rc == SG_OK)
		rc = check_kids(points, keys, err);
	if (rc != SG_OK)
		return rc;
	if (count == 0)
		add_unknown(points, "no key was named");
	for (i = 0; rc == SG_OK && i < count; i++)
		rc = check_wanted(points, keys, &wants[i], now_s, err);
	return rc;
}

static enum sg_rc
check_reply(struct sg_jwks_report *report, struct sg_http_reply *reply,
    int64_t took_ms, const struct sg_jwks_want *wants, size_t count,
    int64_t now_s, struct sg_err *err)
{
	struct sg_points *points = &report->points;
	SG_AUTO(sg_json) json = NULL;
	enum sg_rc rc;

	report->max_age_s = sg_jwks_max_age(reply->cache_control);
	if (!sg_jwks_check_answer(reply, took_ms, points)) {
		add_unknown(points, "there is no set to look at");
		return SG_OK;
	}
	rc = check_form(points, reply->body, &json, err);
	if (rc != SG_OK)
		return rc;
	if (json == NULL) {
		add_unknown(points, "there is no set to look at");
		return SG_OK;
	}
	report->text = reply->body;
	reply->body = NULL; /* now the report's */
	return check_set(
	    points, sg_json_get(json, "keys"), wants, count, now_s, err);
}

enum sg_rc
sg_jwks_check(struct sg_http *http, const char *url,
    const struct sg_jwks_want *wants, size_t count, int64_t now_s,
    struct sg_jwks_report *report, struct sg_err *err)
{
	SG_AUTO(sg_http_reply) reply = NULL;
	int64_t begun_ms = sg_clock_mono_ms();
	struct sg_err fault = {0};
	int64_t took_ms;
	enum sg_rc rc;

	report->max_age_s = -1;
	rc = sg_jwks_fetch(http, url, &reply, &fault);
	took_ms = sg_clock_mono_ms() - begun_ms;
	report->answer = rc;
	if (rc == SG_E_NETWORK || rc == SG_E_TIMEOUT) {
		sg_points_add(&report->points, "answer", SG_RESULT_FAIL, "%s",
		    fault.text);
		add_unknown(&report->points, "there was no answer");
		rc = SG_OK;
	} else if (rc != SG_OK) {
		return sg_fail_again(err, rc, &fault);
	} else {
		rc = check_reply(
		    report, reply, took_ms, wants, count, now_s, err);
	}
	return rc == SG_OK ? sg_points_check(&report->points, err) : rc;
}

void
sg_jwks_report_clear(struct sg_jwks_report *report)
{
	sg_points_clear(&report->points);
	sg_buf_free(&report->text);
	memset(report, 0, sizeof(*report));
}
