/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SG_CLIENT_REPLY_REPLY_H
#define SG_CLIENT_REPLY_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sg_http_reply;
struct sg_json;
struct sg_secret;

/* Room for a service's error code with its NUL. */
#define SG_REPLY_CODE_SIZE 64

/** What a request was for: chooses the advice in an error. */
enum sg_reply_of {
	SG_REPLY_OF_CALL,	   /* with a session that may have ended */
	SG_REPLY_OF_CALL_ALIVE,	   /* with a JWT's, which has not ended */
	SG_REPLY_OF_PAT_LOGIN,	   /* sign-in to TCM with a PAT */
	SG_REPLY_OF_TCM_LOGIN,	   /* sign-in to TCM with a JWT */
	SG_REPLY_OF_TABLEAU_LOGIN, /* sign-in to a Tableau site with a JWT */
	SG_REPLY_OF_VERSION,	   /* of a pod, asked without credentials */
};

/** Is the status one of 200 to 299? */
bool sg_reply_is_success(const struct sg_http_reply *reply);

/**
 * The service's own error code, such as "401002"; "" when it gives none.
 *
 * What would not fit is cut.
 */
void sg_reply_error_code(
    const struct sg_http_reply *reply, char out_code[SG_REPLY_CODE_SIZE]);

/**
 * Turn an answer that is no success into an error.
 *
 * The text holds the HTTP status, the service's own words and code, in
 * whichever shape they came (both services' JSON, XML, an HTML page, plain
 * text, nothing), and what to do next where that is known. Bounded, one line.
 *
 * @param sent   The secret that the request carried, which the text must not
 *               give away; NULL for none.
 * @param of     What the request was for.
 * @param now_s  Our clock, to be compared with the server's when a sign-in is
 *               refused; 0 compares nothing.
 * @param what   What we were doing, e.g. "sign in to Tableau Cloud Manager".
 * @return SG_E_SESSION for 401, else SG_E_REFUSED; the HTTP status in
 *         err->native. Of a sign-in with a JWT SG_E_SESSION means that the
 *         service itself refuses the JWT: 401 or 403, in a shape of its own;
 *         what may be a proxy's (a page, plain text, nothing) is SG_E_REFUSED.
 */
enum sg_rc sg_reply_refused(const struct sg_http_reply *reply,
    const struct sg_secret *sent, enum sg_reply_of of, int64_t now_s,
    const char *what, struct sg_err *err);

/**
 * A request that was to change something failed so: can it be that the service
 * did it all the same?
 *
 * It can when the request had left and its answer was lost, when something
 * broke on the way or in the middle of the work (5xx, but not 501: there is no
 * such method), and when the answer is a success (2xx) that could not be read.
 *
 * @param native  Of the error: enum sg_http_fault, or the HTTP status.
 */
bool sg_reply_in_doubt(enum sg_rc rc, long native);

/**
 * Read the JSON body of a successful answer.
 *
 * @param what      What we were doing.
 * @param out_json  Set on success only. Free with sg_json_free().
 * @return SG_OK; SG_E_REFUSED when the body is not JSON, with the HTTP status
 *         in err->native; SG_E_NOMEM.
 */
enum sg_rc sg_reply_json(const struct sg_http_reply *reply, const char *what,
    struct sg_json **out_json, struct sg_err *err) SG_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif
