/* SPDX-License-Identifier: Apache-2.0 */
#include "client/reply/reply.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/http/http.h"
#include "client/http/url.h"
#include "client/reply/echo.h"
#include "client/reply/words.h"

#define TEXT_MAX 2048

/* Clocks that differ by less are no reason to refuse a JWT. */
#define SKEW_S 60

bool
sg_reply_is_success(const struct sg_http_reply *reply)
{
	return reply->status >= 200 && reply->status <= 299;
}

void
sg_reply_error_code(
    const struct sg_http_reply *reply, char out_code[SG_REPLY_CODE_SIZE])
{
	struct sg_words words;

	sg_words_read(reply, NULL, &words);
	(void)snprintf(out_code, SG_REPLY_CODE_SIZE, "%s", words.code);
	sg_words_clear(&words);
}

#define OF(kind)   (1U << (kind))
#define ANY	   (~0U)
#define JWT_LOGINS (OF(SG_REPLY_OF_TCM_LOGIN) | OF(SG_REPLY_OF_TABLEAU_LOGIN))

#define POD_OR_PROXY \
	"check TABLEAU_CLOUD_POD_URL, and whether a proxy is in between"

/* The first row that fits speaks. Status 0 and code NULL fit all. */
static const struct {
	unsigned int of;
	int status;
	const char *code;
	const char *advice;
} advices[] = {
    {OF(SG_REPLY_OF_PAT_LOGIN), 401, NULL,
	"a PAT made in Tableau Cloud Manager is needed, not one of a site; "
	"check that it is whole and has not expired"},
    {OF(SG_REPLY_OF_PAT_LOGIN), 403, NULL,
	"a PAT made in Tableau Cloud Manager is needed, not one of a site; "
	"check that it is whole, has not expired and is a cloud "
	"administrator's"},
    {OF(SG_REPLY_OF_TCM_LOGIN), 401, NULL,
	"issuer, key, tenant, user and scopes of the JWT must match a UAT "
	"configuration that is enabled and lists the tenant, and the user "
	"must be a cloud administrator; see which does not: signet uat check"},
    {OF(SG_REPLY_OF_TABLEAU_LOGIN), 401, NULL,
	"issuer, key, tenant, user and scopes of the JWT must match a UAT "
	"configuration that is enabled and lists the site; see which does "
	"not: signet uat check"},
    {JWT_LOGINS, 403, NULL, "the user of the JWT may not sign in here"},
    {OF(SG_REPLY_OF_TABLEAU_LOGIN), 404, NULL,
	"check TABLEAU_CLOUD_POD_URL and TABLEAU_CLOUD_SITE_ID"},
    {OF(SG_REPLY_OF_VERSION), 401, NULL, POD_OR_PROXY},
    {OF(SG_REPLY_OF_VERSION), 403, NULL, POD_OR_PROXY},
    {OF(SG_REPLY_OF_VERSION), 404, NULL, POD_OR_PROXY},
    {OF(SG_REPLY_OF_CALL_ALIVE), 401, NULL,
	"the session has not ended, so its JWT lacks the scope for this, or the "
	"method takes no JWT; add the scope to SIGNET_SCOPES and to the UAT "
	"configuration"},
    {OF(SG_REPLY_OF_CALL), 401, NULL,
	"the session ended or lacks the scope for this; sign in again"},
    {OF(SG_REPLY_OF_CALL) | OF(SG_REPLY_OF_CALL_ALIVE), 403, NULL,
	"the user may not do this, or the scope for it is missing"},
    {ANY, 400, "400000", "the service could not read the request"},
    {ANY, 405, "405000",
	"the URL must name the pod, such as "
	"https://10ay.online.tableau.com"},
    {ANY, 429, NULL, "too many requests; wait a minute and try again"},
    {ANY, 500, NULL, "the fault is the service's; try again later"},
    {ANY, 502, NULL, "the fault is the service's; try again later"},
    {ANY, 503, NULL, "the service is busy or down; try again later"},
    {ANY, 504, NULL, "the service did not answer in time; try again later"},
};

static const char *
advice_for(int status, const char *code, enum sg_reply_of of)
{
	size_t i;

	for (i = 0; i < SG_COUNT(advices); i++) {
		if ((advices[i].of & OF(of)) == 0 ||
		    advices[i].status != status)
			continue;
		if (advices[i].code == NULL ||
		    strcmp(advices[i].code, code) == 0)
			return advices[i].advice;
	}
	return NULL;
}

/* Does the service say itself when to come again? RFC 9110 §10.2.3. */
static bool
is_put_off(const struct sg_http_reply *reply)
{
	return reply->retry_after_s > 0 &&
	       (reply->status == 429 || reply->status == 503);
}

static void
add_redirect(struct sg_buf *out, const struct sg_http_reply *reply,
    const struct sg_secret *sent)
{
	SG_AUTO(sg_buf) shown = NULL;

	if (reply->status < 300 || reply->status > 399)
		return;
	shown = sg_buf_new(SG_HTTP_HEADERS_MAX);
	sg_url_add_shown(shown, reply->location);
	sg_buf_add_str(out, "; it points to ");
	sg_echo_strike(out, sg_buf_str(shown), strlen(sg_buf_str(shown)), sent);
	sg_buf_add_str(
	    out, ", and redirects are not followed; set the right URL instead");
}

/* A JWT is refused when the clock that dated it is wrong. RFC 7519 §4.1.4. */
static void
add_skew(struct sg_buf *out, const struct sg_http_reply *reply,
    enum sg_reply_of of, int64_t now_s)
{
	int64_t ahead_s = now_s - reply->date_s;

	if ((OF(of) & JWT_LOGINS) == 0 || reply->status != 401 ||
	    reply->date_s == 0 || now_s == 0)
		return;
	if (ahead_s > SKEW_S)
		sg_buf_addf(out,
		    "; this host's clock is %lld s ahead of the server's: "
		    "set it right",
		    (long long)ahead_s);
	else if (ahead_s < -SKEW_S)
		sg_buf_addf(out,
		    "; this host's clock is %lld s behind the server's: set "
		    "it right",
		    (long long)-ahead_s);
}

static void
describe(struct sg_buf *out, const struct sg_words *words, int status)
{
	bool has_text = words->text != NULL && words->text->len > 0;

	if (words->is_html)
		sg_buf_add_str(out, "an HTML page came back");
	else if (has_text)
		sg_buf_add_str(out, "the service says");
	else
		sg_buf_add_str(out, "refused without a reason");
	if (has_text)
		sg_buf_addf(out, " \"%s\"", sg_buf_str(words->text));
	sg_buf_addf(out, " (HTTP %d", status);
	if (words->code[0] != '\0')
		sg_buf_addf(out, ", code %s", words->code);
	sg_buf_add_byte(out, ')');
}

/* What a proxy answers to a sign-in says nothing of the JWT. */
static enum sg_rc
class_of(int status, enum sg_reply_of of, const struct sg_words *words)
{
	if ((OF(of) & JWT_LOGINS) == 0)
		return status == 401 ? SG_E_SESSION : SG_E_REFUSED;
	return (status == 401 || status == 403) && words->is_own ? SG_E_SESSION
								 : SG_E_REFUSED;
}

enum sg_rc
sg_reply_refused(const struct sg_http_reply *reply,
    const struct sg_secret *sent, enum sg_reply_of of, int64_t now_s,
    const char *what, struct sg_err *err)
{
	SG_AUTO(sg_buf) out = sg_buf_new(TEXT_MAX);
	struct sg_words words;
	const char *advice;
	enum sg_rc rc;

	sg_words_read(reply, sent, &words);
	rc = class_of(reply->status, of, &words);
	describe(out, &words, reply->status);
	add_redirect(out, reply, sent);
	advice = advice_for(reply->status, words.code, of);
	if (is_put_off(reply))
		sg_buf_addf(out, "; it asks to try again in %lld s",
		    (long long)reply->retry_after_s);
	else if (advice != NULL)
		sg_buf_addf(out, "; %s", advice);
	add_skew(out, reply, of, now_s);
	sg_words_clear(&words);
	if (out == NULL || out->len == 0) /* no memory for words */
		return sg_fail_native(err, rc, reply->status,
		    "%s: refused (HTTP %d)", what, reply->status);
	return sg_fail_native(
	    err, rc, reply->status, "%s: %s", what, sg_buf_str(out));
}

bool
sg_reply_in_doubt(enum sg_rc rc, long native)
{
	if (rc == SG_E_NETWORK || rc == SG_E_TIMEOUT)
		return native != SG_HTTP_NOT_SENT && native != SG_HTTP_BARRED;
	return rc == SG_E_REFUSED &&
	       (native / 100 == 2 || (native / 100 == 5 && native != 501));
}

enum sg_rc
sg_reply_json(const struct sg_http_reply *reply, const char *what,
    struct sg_json **out_json, struct sg_err *err)
{
	const char *body = sg_buf_str(reply->body);
	struct sg_err fault = {0};
	enum sg_rc rc;

	if (reply->body->len == 0)
		return sg_fail_native(err, SG_E_REFUSED, reply->status,
		    "%s: the service answered with an empty body (HTTP %d)",
		    what, reply->status);
	rc = sg_json_parse(body, reply->body->len, out_json, &fault);
	if (rc == SG_OK || rc == SG_E_NOMEM)
		return rc == SG_OK ? rc : sg_fail_nomem(err);
	if (sg_words_is_html(reply))
		return sg_fail_native(err, SG_E_REFUSED, reply->status,
		    "%s: the service answered with an HTML page (HTTP %d); "
		    "check the URL and the proxy",
		    what, reply->status);
	return sg_fail_native(err, SG_E_REFUSED, reply->status,
	    "%s: the service's answer is %s (HTTP %d)", what, fault.text,
	    reply->status);
}
