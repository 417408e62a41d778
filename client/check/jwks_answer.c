/* SPDX-License-Identifier: Apache-2.0 */
#include "client/check/jwks_answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "client/check/jwks_check.h"
#include "client/check/points.h"
#include "client/http/http.h"
#include "client/http/url.h"

#define SHOWN_MAX 1024

static bool
check_status(struct sg_points *points, const struct sg_http_reply *reply)
{
	SG_AUTO(sg_buf) shown = sg_buf_new(SHOWN_MAX);

	if (reply->status == 200) {
		sg_points_add(points, "status", SG_RESULT_PASS, "200");
		return true;
	}
	if (reply->status < 300 || reply->status > 399) {
		sg_points_add(
		    points, "status", SG_RESULT_FAIL, "%d", reply->status);
		sg_points_fix(points, "it must be 200, for anybody who asks");
		return false;
	}
	if (reply->location != NULL)
		sg_url_add_shown(shown, reply->location);
	sg_points_add(points, "status", SG_RESULT_FAIL, "%d, a redirect%s%s",
	    reply->status, reply->location != NULL ? " to " : "",
	    sg_buf_str(shown));
	sg_points_fix(points,
	    "name the URL that gives the set itself; whether a "
	    "redirect is followed is the service's choice");
	return false;
}

/* RFC 9110 §8.3.1: parameters may follow. */
static bool
is_type(const char *text, const char *type)
{
	size_t len = strlen(type);

	return strncasecmp(text, type, len) == 0 &&
	       strchr(" \t;", text[len]) != NULL;
}

static void
check_type(struct sg_points *points, const struct sg_http_reply *reply)
{
	const char *type = reply->content_type;
	bool good =
	    type != NULL && (is_type(type, "application/json") ||
				is_type(type, "application/jwk-set+json"));

	sg_points_add(points, "type", good ? SG_RESULT_PASS : SG_RESULT_FAIL,
	    "%.*s", SHOWN_MAX, type != NULL ? type : "no Content-Type");
	if (!good)
		sg_points_fix(points,
		    "let the server say application/jwk-set+json or "
		    "application/json");
}

/* A directive, and its number where it has one. RFC 9111 §5.2. */
static const char *
directive(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list != '\0') {
		list += strspn(list, " \t,");
		if (strncasecmp(list, name, len) == 0 &&
		    strchr(" \t,=", list[len]) != NULL)
			return list + len;
		list += strcspn(list, ",");
	}
	return NULL;
}

static int64_t
seconds_of(const char *list, const char *name)
{
	const char *text = directive(list, name);
	size_t digits;

	if (text == NULL || *text != '=')
		return -1;
	text++;
	if (*text == '"')
		text++;
	digits = strspn(text, "0123456789");
	if (digits == 0)
		return -1;
	return digits > 10 ? INT32_MAX : strtoll(text, NULL, 10);
}

int64_t
sg_jwks_max_age(const char *cache_control)
{
	int64_t own_s;
	int64_t shared_s;

	if (cache_control == NULL)
		return -1;
	if (directive(cache_control, "no-store") != NULL ||
	    directive(cache_control, "no-cache") != NULL)
		return 0;
	own_s = seconds_of(cache_control, "max-age");
	shared_s = seconds_of(cache_control, "s-maxage");
	return own_s > shared_s ? own_s : shared_s;
}

static void
check_cache(struct sg_points *points, const struct sg_http_reply *reply)
{
	const char *said = reply->cache_control;
	int64_t age_s = sg_jwks_max_age(said);
	bool good = age_s >= 0 && age_s <= SG_JWKS_MAX_AGE_S;

	sg_points_add(points, "cache", good ? SG_RESULT_PASS : SG_RESULT_WARN,
	    "%.*s; Age %lld; %.*s", SHOWN_MAX,
	    said != NULL ? said : "no Cache-Control", (long long)reply->age_s,
	    SHOWN_MAX, reply->etag != NULL ? reply->etag : "no ETag");
	if (age_s < 0)
		sg_points_fix(points,
		    "send Cache-Control: max-age=300, or caches keep the set "
		    "as long as they like");
	else if (!good)
		sg_points_fix(points,
		    "lower max-age: a new key is not seen, and an old one not "
		    "gone, for up to %lld minutes",
		    (long long)(age_s / 60));
}

/* Neither how long Tableau waits nor how much it reads is established. */
static void
check_size(struct sg_points *points, size_t len)
{
	bool good = len <= SG_JWKS_COMMON_MAX;

	sg_points_add(points, "size", good ? SG_RESULT_PASS : SG_RESULT_UNKNOWN,
	    "%zu bytes", len);
	if (!good)
		sg_points_fix(points,
		    "some readers take %d bytes at most: drop keys that are "
		    "out of use",
		    SG_JWKS_COMMON_MAX);
}

static void
check_time(struct sg_points *points, int64_t took_ms)
{
	if (took_ms <= SG_JWKS_SLOW_MS) {
		sg_points_add(
		    points, "answer", SG_RESULT_PASS, "over trusted TLS");
		return;
	}
	sg_points_add(points, "answer", SG_RESULT_UNKNOWN,
	    "over trusted TLS, but not before %lld ms", (long long)took_ms);
	sg_points_fix(
	    points, "readers do not wait for long: let it answer at once");
}

bool
sg_jwks_check_answer(const struct sg_http_reply *reply, int64_t took_ms,
    struct sg_points *points)
{
	check_time(points, took_ms);
	if (!check_status(points, reply))
		return false;
	check_type(points, reply);
	check_cache(points, reply);
	check_size(points, reply->body->len);
	return true;
}
